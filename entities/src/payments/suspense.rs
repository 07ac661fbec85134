//! Money whose account is not known.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::payments::{SuspenseAge, SuspenseReason, SuspenseState};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Suspense {
    pub id: i64,
    pub channel: String,
    pub external_id: String,
    pub agent_id: Option<i64>,
    pub amount: i64,
    pub paid_at: Option<DateTime<Utc>>,
    pub paid_on: NaiveDate,
    pub received_on: NaiveDate,
    pub reason: SuspenseReason,
    pub state: SuspenseState,
    pub sector: Sector,
    pub account_raw: Option<String>,
    pub payer: Option<String>,
    pub purpose: Option<String>,
    pub details: Option<Vec<u8>>,
    pub subject: Option<Vec<u8>>,
    pub target: Option<String>,
    pub registry_id: Option<i64>,
    pub statement_id: Option<i64>,
    pub line: Option<i32>,
    pub parent_id: Option<i64>,
    pub owner_id: Option<i64>,
    /// Login of the owner.
    pub owner: Option<String>,
    pub due_on: NaiveDate,
    pub note: Option<String>,
    pub payment_id: Option<i64>,
    pub document_id: Option<i64>,
    pub proposed_by: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub version: i32,
}

impl Suspense {
    pub fn amount(&self) -> Money {
        Money::from_tiyn(self.amount)
    }
}

const COLUMNS: &str = "s.id, s.channel, s.external_id, s.agent_id, s.amount, s.paid_at, s.paid_on, s.received_on, s.reason, s.state, \
     s.sector, s.account_raw, s.payer, s.purpose, s.details, s.subject, s.target, s.registry_id, s.statement_id, s.line, s.parent_id, s.owner_id, \
     (SELECT o.login FROM access.staff o WHERE o.id = s.owner_id) AS owner, s.due_on, s.note, s.payment_id, s.document_id, s.proposed_by, s.decided_by, s.decided_at, s.version";

pub async fn find(db: &impl ConnectionTrait, id: SuspenseId) -> Result<Option<Suspense>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM payments.suspense s WHERE s.id = $1"), [id.0.into()]).await
}

pub async fn lock(tx: &Tx, ids: &[i64]) -> Result<Vec<Suspense>> {
    sql::all(
        tx,
        &format!("SELECT {COLUMNS} FROM payments.suspense s WHERE s.id = ANY ($1) ORDER BY s.id FOR UPDATE"),
        [ids.to_vec().into()],
    )
    .await
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<SuspenseState>,
    pub channel: Option<String>,
    pub age: Option<SuspenseAge>,
    pub owner: Option<UserId>,
    pub overdue: bool,
    /// Account as typed, payer, purpose.
    pub search: Option<String>,
}

/// Those that are to be worked off first, first.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &Filter,
    today: NaiveDate,
    page: Page<(NaiveDate, i64)>,
) -> Result<Slice<Suspense>> {
    let (after_day, after_id) = page.after.unzip();
    let (least, most) = days(filter.age);
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.suspense s
             WHERE ($1::text IS NULL OR s.state = $1) AND ($2::text IS NULL OR s.channel = $2)
               AND ($3::int IS NULL OR $5::date - s.received_on >= $3) AND ($4::int IS NULL OR $5::date - s.received_on <= $4)
               AND ($6::bigint IS NULL OR s.owner_id = $6)
               AND (NOT $7 OR (s.due_on < $5 AND s.state IN ('open', 'returning')))
               AND ($8::text IS NULL OR platform.fold(concat_ws(' ', s.account_raw, s.payer, s.purpose, s.external_id)) LIKE '%' || platform.fold($8) || '%')
               AND ($9::date IS NULL OR (s.due_on, s.id) > ($9, $10))
             ORDER BY s.due_on, s.id LIMIT $11"
        ),
        [
            filter.state.map(SuspenseState::code).into(),
            filter.channel.clone().into(),
            least.into(),
            most.into(),
            today.into(),
            filter.owner.map(|id| id.0).into(),
            filter.overdue.into(),
            filter.search.clone().into(),
            after_day.into(),
            after_id.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// The first and the last day of a bucket.
fn days(age: Option<SuspenseAge>) -> (Option<i32>, Option<i32>) {
    let Some(age) = age else { return (None, None) };
    let at = SuspenseAge::ALL.iter().position(|one| *one == age).unwrap_or_default();
    let least =
        at.checked_sub(1).and_then(|before| SuspenseAge::ALL[before].upto()).map(|upto| upto as i32 + 1);
    (least, age.upto().map(|upto| upto as i32))
}

/// What is open, by age: count and tiyn, and of that what is overdue.
#[derive(Debug, Clone, Copy, Default, FromQueryResult)]
pub struct Aged {
    pub bucket: i32,
    pub count: i64,
    pub amount: i64,
    pub overdue: i64,
}

/// One row per bucket that has something, by its place in `SuspenseAge::ALL`.
pub async fn ageing(db: &impl ConnectionTrait, today: NaiveDate) -> Result<Vec<Aged>> {
    let bounds: Vec<i32> =
        SuspenseAge::ALL.iter().filter_map(|age| age.upto()).map(|upto| upto as i32).collect();
    sql::all(
        db,
        "SELECT (SELECT count(*)::int FROM unnest($2::int[]) AS b (upto) WHERE $1::date - s.received_on > b.upto) AS bucket,
                count(*) AS count, sum(s.amount)::bigint AS amount,
                coalesce(sum(s.amount) FILTER (WHERE s.due_on < $1), 0)::bigint AS overdue
         FROM payments.suspense s WHERE s.state IN ('open', 'returning') GROUP BY 1 ORDER BY 1",
        [today.into(), bounds.into()],
    )
    .await
}

/// Its parts, in the order they were made.
pub async fn parts(db: &impl ConnectionTrait, parents: Vec<i64>) -> Result<Vec<Suspense>> {
    sql::all(
        db,
        &format!("SELECT {COLUMNS} FROM payments.suspense s WHERE s.parent_id = ANY ($1) ORDER BY s.id"),
        [parents.into()],
    )
    .await
}

/// Money to be kept without an account.
#[derive(Debug, Clone)]
pub struct NewSuspense {
    pub channel: String,
    pub external_id: String,
    pub agent: Option<i64>,
    pub amount: Money,
    pub paid_at: Option<DateTime<Utc>>,
    pub paid_on: NaiveDate,
    pub received_on: NaiveDate,
    pub reason: SuspenseReason,
    pub sector: Sector,
    pub account_raw: Option<String>,
    pub payer: Option<String>,
    pub purpose: Option<String>,
    pub details: Option<Vec<u8>>,
    pub subject: Option<Vec<u8>>,
    pub target: Option<String>,
    pub registry: Option<RegistryId>,
    pub statement: Option<StatementId>,
    pub line: Option<i32>,
    pub parent: Option<SuspenseId>,
    pub owner: Option<UserId>,
    pub due_on: NaiveDate,
}

/// Keeps them as a set; their numbers in the same order.
pub async fn insert(tx: &mut Tx, new: &[NewSuspense]) -> Result<Vec<SuspenseId>> {
    let ids = super::write::reserve(tx, "payments.suspense_id_seq", new.len()).await?;
    let mut rows = Rows::default();
    for (one, id) in new.iter().zip(&ids) {
        rows.row(22)
            .i64(*id)
            .text(&one.channel)
            .text(&one.external_id)
            .i64_or_null(one.agent)
            .i64(one.amount.tiyn());
        match one.paid_at {
            Some(at) => rows.timestamp(at),
            None => rows.null(),
        };
        rows.date(one.paid_on)
            .date(one.received_on)
            .text(one.reason.code())
            .text(one.sector.code())
            .text_or_null(one.account_raw.as_deref())
            .text_or_null(one.payer.as_deref())
            .text_or_null(one.purpose.as_deref());
        for bytes in [&one.details, &one.subject] {
            match bytes {
                Some(bytes) => rows.bytes(bytes),
                None => rows.null(),
            };
        }
        rows.text_or_null(one.target.as_deref())
            .i64_or_null(one.registry.map(|id| id.0))
            .i64_or_null(one.statement.map(|id| id.0))
            .i32_or_null(one.line)
            .i64_or_null(one.parent.map(|id| id.0))
            .i64_or_null(one.owner.map(|id| id.0))
            .date(one.due_on);
    }
    copy_in(
        tx.pg(),
        "COPY payments.suspense (id, channel, external_id, agent_id, amount, paid_at, paid_on, received_on, reason, sector, account_raw, \
         payer, purpose, details, subject, target, registry_id, statement_id, line, parent_id, owner_id, due_on) \
         FROM STDIN WITH (FORMAT binary)",
        rows,
    )
    .await?;
    Ok(ids.into_iter().map(SuspenseId).collect())
}

/// Which of the keys hold money already, as a payment or without an account: nothing is put there twice. One whose payment was taken
/// back holds none.
pub async fn held(tx: &Tx, channel: &str, external_ids: Vec<String>) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        external_id: String,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT external_id FROM payments.suspense WHERE channel = $1 AND external_id = ANY ($2) AND state <> 'split'
         UNION SELECT k.external_id FROM payments.payment_key k WHERE k.channel = $1 AND k.external_id = ANY ($2)
           AND NOT EXISTS (SELECT FROM payments.payment r WHERE r.reverses = k.payment_id)",
        [channel.into(), external_ids.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.external_id).collect())
}

/// Takes the number of money that goes back or is divided, for ever: who brings it again is told so. False where a payment has it that
/// was not taken back.
pub async fn take_key(tx: &Tx, row: &Suspense) -> Result<bool> {
    let taken = sql::run(
        tx,
        "INSERT INTO payments.payment_key AS k (channel, external_id, suspense_id, input_hash) VALUES ($1, $2, $3, ''::bytea)
         ON CONFLICT (channel, external_id) DO UPDATE SET payment_id = NULL, suspense_id = excluded.suspense_id
             WHERE EXISTS (SELECT FROM payments.payment r WHERE r.reverses = k.payment_id)",
        [row.channel.clone().into(), row.external_id.clone().into(), row.id.into()],
    )
    .await?;
    Ok(taken > 0)
}

/// Whether a payment of another sum has its number.
pub async fn is_other_money(tx: &Tx, row: &Suspense) -> Result<bool> {
    let other: Option<bool> = sql::scalar(
        tx,
        "SELECT p.amount <> $3 FROM payments.payment_key k JOIN payments.payment p ON p.id = k.payment_id
         WHERE k.channel = $1 AND k.external_id = $2",
        [row.channel.clone().into(), row.external_id.clone().into(), row.amount.into()],
    )
    .await?;
    Ok(other == Some(true))
}

/// What became of it.
#[derive(Debug, Clone, Default)]
pub struct Worked {
    pub payment: Option<PaymentId>,
    pub document: Option<DocumentId>,
    pub note: Option<String>,
    /// Another person decides what this one proposed.
    pub proposes: bool,
    /// The business day that it goes back on.
    pub returned_on: Option<NaiveDate>,
}

pub async fn work(tx: &Tx, id: SuspenseId, state: SuspenseState, worked: &Worked) -> Result<u64> {
    let by = tx.actor().label.clone();
    let (proposed, decided) = if worked.proposes { (Some(by), None) } else { (None, Some(by)) };
    sql::run(
        tx,
        "UPDATE payments.suspense SET state = $2, payment_id = coalesce($3, payment_id), document_id = coalesce($4, document_id),
                note = coalesce($5, note), proposed_by = CASE WHEN $2 = 'open' THEN NULL ELSE coalesce($6, proposed_by) END,
                decided_by = $7, decided_at = CASE WHEN $7::text IS NOT NULL THEN now() END, returned_on = $8, version = version + 1
         WHERE id = $1",
        [
            id.0.into(),
            state.code().into(),
            worked.payment.map(|id| id.0).into(),
            worked.document.map(|id| id.0).into(),
            worked.note.clone().into(),
            proposed.into(),
            decided.into(),
            worked.returned_on.into(),
        ],
    )
    .await
}

/// Gives them to a person until a day; how many were open.
pub async fn assign(tx: &Tx, ids: Vec<i64>, owner: UserId, due_on: Option<NaiveDate>) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.suspense SET owner_id = $2, due_on = coalesce($3, due_on), version = version + 1
         WHERE id = ANY ($1) AND state IN ('open', 'returning')",
        [ids.into(), owner.0.into(), due_on.into()],
    )
    .await
}
