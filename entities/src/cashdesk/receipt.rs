//! Fiscal documents and their queue: one by one per cash register.

use chrono::{DateTime, Utc};
use domain::cashdesk::{FiscalKind, FiscalState};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value as Json;

use super::Desks;
use crate::kernel::{Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct Receipt {
    pub id: i64,
    pub desk_id: i64,
    pub shift_id: i64,
    pub operation_id: Option<i64>,
    pub provider: String,
    pub cashbox: String,
    pub kind: FiscalKind,
    pub external_number: String,
    pub content: Json,
    pub state: FiscalState,
    pub attempts: i32,
    pub next_at: DateTime<Utc>,
    pub after_z: bool,
    pub error_code: Option<i32>,
    pub error: Option<String>,
    pub check_number: Option<String>,
    pub registration_number: Option<String>,
    pub registered: Option<String>,
    pub fiscal_shift: Option<i64>,
    pub ticket_url: Option<String>,
    pub answer: Option<Json>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
}

impl Receipt {
    pub fn receipt_id(&self) -> FiscalReceiptId {
        FiscalReceiptId(self.id)
    }
}

const COLUMNS: &str = "r.id, r.desk_id, r.shift_id, r.operation_id, r.provider, r.cashbox, r.kind, r.external_number, r.content, r.state, \
     r.attempts, r.next_at, r.after_z, r.error_code, r.error, r.check_number, r.registration_number, r.registered, r.fiscal_shift, \
     r.ticket_url, r.answer, r.created_at, r.finished_at";

/// A document to be registered.
#[derive(Debug, Clone)]
pub struct NewReceipt {
    pub desk: DeskId,
    pub shift: ShiftId,
    pub operation: Option<CashOperationId>,
    pub provider: &'static str,
    pub cashbox: String,
    pub kind: FiscalKind,
    pub external_number: String,
    pub content: Json,
}

/// Keeps it before anybody is called.
pub async fn insert(tx: &Tx, new: NewReceipt) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO cashdesk.receipt (desk_id, shift_id, operation_id, provider, cashbox, kind, external_number, content)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            new.desk.0.into(),
            new.shift.0.into(),
            new.operation.map(|id| id.0).into(),
            new.provider.into(),
            new.cashbox.into(),
            new.kind.code().into(),
            new.external_number.into(),
            new.content.into(),
        ],
    )
    .await
    .map(drop)
}

pub async fn find(db: &impl ConnectionTrait, id: FiscalReceiptId) -> Result<Option<Receipt>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM cashdesk.receipt r WHERE r.id = $1"), [id.0.into()]).await
}

pub async fn visible_to(
    db: &impl ConnectionTrait,
    desks: &Desks,
    id: FiscalReceiptId,
) -> Result<Option<Receipt>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.receipt r JOIN cashdesk.desk d ON d.id = r.desk_id WHERE {} AND r.id = $2",
        Desks::WHERE
    );
    sql::one(db, &sql, [desks.value(), id.0.into()]).await
}

/// Of operations; one each at most.
pub async fn of_operations(db: &impl ConnectionTrait, operations: Vec<i64>) -> Result<Vec<Receipt>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.receipt r WHERE r.operation_id = ANY ($1)");
    sql::all(db, &sql, [operations.into()]).await
}

/// The one of an operation, locked: nobody sends it meanwhile, or it has been sent.
pub async fn lock_of(tx: &Tx, operation: CashOperationId) -> Result<Option<Receipt>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.receipt r WHERE r.operation_id = $1 FOR UPDATE");
    sql::one(tx, &sql, [operation.0.into()]).await
}

/// Z of shifts; one each at most.
pub async fn z_of(db: &impl ConnectionTrait, shifts: Vec<i64>) -> Result<Vec<Receipt>> {
    let sql =
        format!("SELECT {COLUMNS} FROM cashdesk.receipt r WHERE r.kind = 'z' AND r.shift_id = ANY ($1)");
    sql::all(db, &sql, [shifts.into()]).await
}

/// Newest first; those that somebody must look at when `open` is asked for.
pub async fn list(
    db: &impl ConnectionTrait,
    desks: &Desks,
    desk: Option<DeskId>,
    open: bool,
    page: Page,
) -> Result<Slice<Receipt>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM cashdesk.receipt r JOIN cashdesk.desk d ON d.id = r.desk_id
             WHERE {} AND ($2::bigint IS NULL OR r.desk_id = $2) AND (NOT $3 OR r.state IN ('waiting', 'asking', 'refused'))
               AND ($4::bigint IS NULL OR r.id < $4)
             ORDER BY r.id DESC LIMIT $5",
            Desks::WHERE
        ),
        [
            desks.value(),
            desk.map(|id| id.0).into(),
            open.into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// How the queues of desks stand.
#[derive(Debug, Clone, Default, PartialEq, FromQueryResult)]
pub struct Queue {
    pub desk_id: i64,
    /// Waiting or asked for.
    pub waiting: i64,
    pub refused: i64,
    /// Since when the oldest one waits.
    pub since: Option<DateTime<Utc>>,
    /// The register wants its shift closed.
    pub wants_z: bool,
    /// The last answer of the register was given without a line to the tax service.
    pub autonomous: bool,
}

pub async fn queues(db: &impl ConnectionTrait, desks: Vec<i64>) -> Result<Vec<Queue>> {
    sql::all(
        db,
        "SELECT r.desk_id, count(*) FILTER (WHERE r.state IN ('waiting', 'asking')) AS waiting,
                count(*) FILTER (WHERE r.state = 'refused') AS refused,
                min(r.created_at) FILTER (WHERE r.state IN ('waiting', 'asking')) AS since,
                coalesce(bool_or(r.after_z) FILTER (WHERE r.state = 'waiting'), false) AS wants_z,
                coalesce((SELECT l.state = 'offline' FROM cashdesk.receipt l
                          WHERE l.desk_id = r.desk_id AND l.state IN ('done', 'offline') ORDER BY l.id DESC LIMIT 1), false) AS autonomous
         FROM cashdesk.receipt r WHERE r.desk_id = ANY ($1) GROUP BY r.desk_id",
        [desks.into()],
    )
    .await
}

/// Registers with something to do.
pub async fn busy_cashboxes(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        cashbox: String,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT DISTINCT cashbox FROM cashdesk.receipt WHERE state IN ('waiting', 'asking') ORDER BY 1",
        [],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.cashbox).collect())
}

/// One register is worked off by one worker at a time: holds it for so many seconds, and as many again for whoever holds it already;
/// false while it is another's. No transaction stays open during calls, so a register that is away keeps no connection.
pub async fn hold_cashbox(
    db: &impl ConnectionTrait,
    cashbox: &str,
    holder: &str,
    seconds: u32,
) -> Result<bool> {
    let touched = sql::run(
        db,
        "INSERT INTO cashdesk.register_lease AS l (cashbox, holder, until)
         VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
         ON CONFLICT (cashbox) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE l.holder = excluded.holder OR l.until < clock_timestamp()",
        [cashbox.into(), holder.into(), f64::from(seconds).into()],
    )
    .await?;
    Ok(touched == 1)
}

/// The register is free for the next one.
pub async fn release_cashbox(db: &impl ConnectionTrait, cashbox: &str, holder: &str) -> Result<()> {
    let sql = "DELETE FROM cashdesk.register_lease WHERE cashbox = $1 AND holder = $2";
    sql::run(db, sql, [cashbox.into(), holder.into()]).await.map(drop)
}

/// The next one of a register: the oldest, or the Z that it waits for.
pub async fn head(db: &impl ConnectionTrait, cashbox: &str) -> Result<Option<Receipt>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.receipt r WHERE r.cashbox = $1 AND r.state IN ('waiting', 'asking')
         ORDER BY r.after_z, r.id LIMIT 1"
    );
    let head: Option<Receipt> = sql::one(db, &sql, [cashbox.into()]).await?;
    let Some(head) = head else { return Ok(None) };
    let blocked: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM cashdesk.receipt WHERE cashbox = $1 AND state = 'waiting' AND after_z)",
        [cashbox.into()],
    )
    .await?;
    // While the register wants its shift closed, only Z goes through.
    if blocked.unwrap_or_default() && head.kind != FiscalKind::Z {
        let sql = format!(
            "SELECT {COLUMNS} FROM cashdesk.receipt r
             WHERE r.cashbox = $1 AND r.state IN ('waiting', 'asking') AND r.kind = 'z' ORDER BY r.id LIMIT 1"
        );
        return sql::one(db, &sql, [cashbox.into()]).await;
    }
    Ok(Some(head))
}

/// It is about to be sent: from now on nobody knows whether it was, until somebody says so. False when it is not open any more.
pub async fn sending(db: &impl ConnectionTrait, id: FiscalReceiptId) -> Result<bool> {
    let touched = sql::run(
        db,
        "UPDATE cashdesk.receipt SET state = 'asking', attempts = attempts + 1, next_at = clock_timestamp() + interval '30 seconds'
         WHERE id = $1 AND state IN ('waiting', 'asking')",
        [id.0.into()],
    )
    .await?;
    Ok(touched == 1)
}

/// What a call came to.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub state: FiscalState,
    pub pause: u32,
    pub after_z: bool,
    pub error_code: Option<i32>,
    pub error: Option<String>,
    pub check_number: Option<String>,
    pub registration_number: Option<String>,
    pub registered: Option<String>,
    pub fiscal_shift: Option<i64>,
    pub ticket_url: Option<String>,
    pub answer: Option<Json>,
}

/// Keeps it; false when the document became final meanwhile: whoever was slower has nothing to add.
pub async fn heard(tx: &Tx, id: FiscalReceiptId, outcome: Outcome) -> Result<bool> {
    let touched = sql::run(
        tx,
        "UPDATE cashdesk.receipt SET state = $2, next_at = clock_timestamp() + make_interval(secs => $3), after_z = $4,
             error_code = $5, error = $6, check_number = coalesce($7, check_number), registration_number = coalesce($8, registration_number),
             registered = coalesce($9, registered), fiscal_shift = coalesce($10, fiscal_shift), ticket_url = coalesce($11, ticket_url),
             answer = coalesce($12, answer),
             finished_at = CASE WHEN $2 IN ('done', 'offline', 'refused') THEN clock_timestamp() END
         WHERE id = $1 AND state IN ('waiting', 'asking')",
        [
            id.0.into(),
            outcome.state.code().into(),
            f64::from(outcome.pause).into(),
            outcome.after_z.into(),
            outcome.error_code.into(),
            outcome.error.into(),
            outcome.check_number.into(),
            outcome.registration_number.into(),
            outcome.registered.into(),
            outcome.fiscal_shift.into(),
            outcome.ticket_url.into(),
            outcome.answer.into(),
        ],
    )
    .await?;
    Ok(touched == 1)
}

/// Z went through: what had waited for it may be sent again.
pub async fn unblock(tx: &Tx, cashbox: &str) -> Result<()> {
    sql::run(
        tx,
        "UPDATE cashdesk.receipt SET after_z = false, next_at = clock_timestamp() WHERE cashbox = $1 AND state = 'waiting' AND after_z",
        [cashbox.into()],
    )
    .await
    .map(drop)
}

/// A sale was undone before its receipt was registered: nobody sends it any more.
pub async fn cancel(tx: &Tx, id: FiscalReceiptId) -> Result<()> {
    sql::run(
        tx,
        "UPDATE cashdesk.receipt SET state = 'cancelled', finished_at = clock_timestamp() WHERE id = $1",
        [id.0.into()],
    )
    .await
    .map(drop)
}

/// Somebody mended what it was refused for: it waits again, with the number that it has. False when it was not refused.
pub async fn again(tx: &Tx, id: FiscalReceiptId) -> Result<bool> {
    let touched = sql::run(
        tx,
        "UPDATE cashdesk.receipt SET state = 'waiting', next_at = clock_timestamp(), finished_at = NULL
         WHERE id = $1 AND state = 'refused'",
        [id.0.into()],
    )
    .await?;
    Ok(touched == 1)
}

/// Due at once instead of after its pause.
pub async fn hasten(tx: &Tx, id: FiscalReceiptId) -> Result<()> {
    sql::run(
        tx,
        "UPDATE cashdesk.receipt SET next_at = clock_timestamp() WHERE id = $1 AND state IN ('waiting', 'asking')",
        [id.0.into()],
    )
    .await
    .map(drop)
}

/// The register's own number of its shift, as it was last heard of before a document.
pub async fn last_fiscal_shift(
    db: &impl ConnectionTrait,
    cashbox: &str,
    before: FiscalReceiptId,
) -> Result<Option<i64>> {
    let shift: Option<Option<i64>> = sql::scalar(
        db,
        "SELECT fiscal_shift FROM cashdesk.receipt WHERE cashbox = $1 AND id < $2 AND fiscal_shift IS NOT NULL
         ORDER BY id DESC LIMIT 1",
        [cashbox.into(), before.0.into()],
    )
    .await?;
    Ok(shift.flatten())
}
