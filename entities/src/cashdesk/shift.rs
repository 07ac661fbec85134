//! Shifts of desks.

use chrono::{DateTime, NaiveDate, Utc};
use domain::cashdesk::{CashOperationKind, Turnover};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value as Json;

use super::Desks;
use crate::kernel::{Broken, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct Shift {
    pub id: i64,
    pub desk_id: i64,
    pub number: i32,
    pub cashier: String,
    pub opened_on: NaiveDate,
    pub opened_at: DateTime<Utc>,
    pub opening: i64,
    pub closed_on: Option<NaiveDate>,
    pub closed_at: Option<DateTime<Utc>>,
    pub closed_by: Option<String>,
    pub count_id: Option<i64>,
    pub reason: Option<String>,
    pub z: Option<Json>,
}

impl Shift {
    pub fn shift_id(&self) -> ShiftId {
        ShiftId(self.id)
    }

    pub fn desk(&self) -> DeskId {
        DeskId(self.desk_id)
    }

    pub fn is_closed(&self) -> bool {
        self.closed_at.is_some()
    }

    /// Z, once it is closed.
    pub fn z(&self) -> Result<Option<Turnover>> {
        self.z
            .clone()
            .map(serde_json::from_value)
            .transpose()
            .map_err(|error| Broken::Json(format!("z of shift {}: {error}", self.id)))
    }
}

const COLUMNS: &str = "s.id, s.desk_id, s.number, s.cashier, s.opened_on, s.opened_at, s.opening, s.closed_on, s.closed_at, \
     s.closed_by, s.count_id, s.reason, s.z";

pub async fn visible_to(db: &impl ConnectionTrait, desks: &Desks, id: ShiftId) -> Result<Option<Shift>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.shift s JOIN cashdesk.desk d ON d.id = s.desk_id WHERE {} AND s.id = $2",
        Desks::WHERE
    );
    sql::one(db, &sql, [desks.value(), id.0.into()]).await
}

/// Under a lock: whoever moves money in it is alone.
pub async fn lock(tx: &Tx, id: ShiftId) -> Result<Option<Shift>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.shift s WHERE s.id = $1 FOR UPDATE");
    sql::one(tx, &sql, [id.0.into()]).await
}

/// The open shift of a desk, under a lock.
pub async fn lock_open(tx: &Tx, desk: DeskId) -> Result<Option<Shift>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.shift s WHERE s.desk_id = $1 AND s.closed_at IS NULL FOR UPDATE"
    );
    sql::one(tx, &sql, [desk.0.into()]).await
}

/// Open shifts of desks; one each at most.
pub async fn open_of(db: &impl ConnectionTrait, desks: Vec<i64>) -> Result<Vec<Shift>> {
    let sql =
        format!("SELECT {COLUMNS} FROM cashdesk.shift s WHERE s.desk_id = ANY ($1) AND s.closed_at IS NULL");
    sql::all(db, &sql, [desks.into()]).await
}

/// Whoever sits down does so alone: the same cashier at another desk waits, and sees that the shift is open.
pub async fn sit_down(tx: &Tx, cashier: &str) -> Result<()> {
    let sql = "SELECT pg_advisory_xact_lock(hashtext('cashdesk.cashier'), hashtext($1))";
    sql::run(tx, sql, [cashier.into()]).await.map(drop)
}

/// The open shift of a cashier, at whatever desk.
pub async fn open_by(db: &impl ConnectionTrait, cashier: &str) -> Result<Option<Shift>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.shift s WHERE s.cashier = $1 AND s.closed_at IS NULL");
    sql::one(db, &sql, [cashier.into()]).await
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Shift>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM cashdesk.shift s WHERE s.id = ANY ($1)"), [ids.into()]).await
}

/// Which shifts are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub desk: Option<DeskId>,
    pub cashier: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// Newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    desks: &Desks,
    filter: Filter,
    page: Page,
) -> Result<Slice<Shift>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM cashdesk.shift s JOIN cashdesk.desk d ON d.id = s.desk_id
             WHERE {} AND ($2::bigint IS NULL OR s.desk_id = $2) AND ($3::text IS NULL OR s.cashier = $3)
               AND ($4::date IS NULL OR s.opened_on >= $4) AND ($5::date IS NULL OR s.opened_on <= $5)
               AND ($6::bigint IS NULL OR s.id < $6)
             ORDER BY s.id DESC LIMIT $7",
            Desks::WHERE
        ),
        [
            desks.value(),
            filter.desk.map(|id| id.0).into(),
            filter.cashier.into(),
            filter.from.into(),
            filter.to.into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// What the last shift of a desk left in its drawer. The desk is locked by the caller.
pub async fn left_in_drawer(tx: &Tx, desk: DeskId) -> Result<Money> {
    let left: Option<i64> = sql::scalar(
        tx,
        "SELECT (l.opening + (SELECT coalesce(sum(o.cash), 0) FROM cashdesk.operation o WHERE o.shift_id = l.id))::bigint
         FROM cashdesk.shift l WHERE l.desk_id = $1 ORDER BY l.number DESC LIMIT 1",
        [desk.0.into()],
    )
    .await?;
    Ok(Money::from_tiyn(left.unwrap_or_default()))
}

/// Opens the next shift of a desk with what the one before left in the drawer. The desk is locked by the caller.
pub async fn open(tx: &Tx, desk: DeskId, day: NaiveDate) -> Result<Shift> {
    let opening = left_in_drawer(tx, desk).await?;
    let sql = format!(
        "INSERT INTO cashdesk.shift AS s (desk_id, number, cashier, opened_on, opening)
         SELECT $1, coalesce(max(b.number), 0) + 1, $2, $3, $4 FROM cashdesk.shift b WHERE b.desk_id = $1
         RETURNING {COLUMNS}"
    );
    let values = [desk.0.into(), tx.actor().label.clone().into(), day.into(), opening.tiyn().into()];
    sql::one(tx, &sql, values).await?.ok_or(Broken::RecordNotInserted)
}

/// What a shift is closed with.
#[derive(Debug, Clone)]
pub struct Closed {
    pub day: NaiveDate,
    pub count: CashCountId,
    pub reason: Option<String>,
    pub z: Turnover,
}

pub async fn close(tx: &Tx, id: ShiftId, closed: Closed) -> Result<Shift> {
    let sql = format!(
        "UPDATE cashdesk.shift s SET closed_on = $2, closed_at = clock_timestamp(), closed_by = $3, count_id = $4, reason = $5, z = $6
         WHERE s.id = $1 RETURNING {COLUMNS}"
    );
    let z = serde_json::to_value(closed.z).expect("plain data");
    let values = [
        id.0.into(),
        closed.day.into(),
        tx.actor().label.clone().into(),
        closed.count.0.into(),
        closed.reason.into(),
        z.into(),
    ];
    sql::one(tx, &sql, values).await?.ok_or(Broken::RecordNotUpdated)
}

/// What went through shifts so far, by shift.
pub async fn turnovers(db: &impl ConnectionTrait, shifts: &[Shift]) -> Result<Vec<(ShiftId, Turnover)>> {
    #[derive(FromQueryResult)]
    struct Row {
        shift_id: i64,
        kind: CashOperationKind,
        count: i64,
        cash: i64,
        card: i64,
    }
    let ids: Vec<i64> = shifts.iter().map(|shift| shift.id).collect();
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT o.shift_id, o.kind, count(*) AS count, sum(o.cash)::bigint AS cash, sum(o.card)::bigint AS card
         FROM cashdesk.operation o WHERE o.shift_id = ANY ($1) GROUP BY o.shift_id, o.kind",
        [ids.into()],
    )
    .await?;
    let mut found: Vec<(ShiftId, Turnover)> = shifts
        .iter()
        .map(|shift| (shift.shift_id(), Turnover::begin(Money::from_tiyn(shift.opening))))
        .collect();
    for row in rows {
        if let Some((_, turnover)) = found.iter_mut().find(|(id, _)| id.0 == row.shift_id) {
            let (cash, card) = (Money::from_tiyn(row.cash), Money::from_tiyn(row.card));
            turnover.take_many(row.kind, row.count, cash, card);
        }
    }
    Ok(found)
}

/// What went through one shift so far.
pub async fn turnover(db: &impl ConnectionTrait, shift: &Shift) -> Result<Turnover> {
    let found = turnovers(db, std::slice::from_ref(shift)).await?;
    Ok(found.into_iter().next().map(|(_, turnover)| turnover).unwrap_or_default())
}
