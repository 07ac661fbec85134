//! One payment of a channel: one statement reads everything that decides it under locks, one writes everything it moves.

use chrono::{DateTime, NaiveDate, Utc};
use domain::Event;
use domain::kernel::*;
use domain::ledger::{Entry, PeriodStatus};
use domain::payments::channel::PaymentNote;
use domain::subscribers::AccountStatus;
use sea_orm::sqlx::postgres::PgRow;
use sea_orm::sqlx::{self, Row};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value as Json;

use crate::kernel::tx::broken;
use crate::kernel::{Broken, Change, Result, Tx, sql};
use crate::ledger::item::Item;

/// The one statement that reads and the one that writes.
pub(crate) const LOOK: &str = include_str!("sql/look.sql");
pub(crate) const TAKE: &str = include_str!("sql/take.sql");

/// The number was used before.
#[derive(Debug, Clone)]
pub struct Known {
    /// None where it was money without an account, which went back or was divided.
    pub payment: Option<PaymentId>,
    pub account: Option<AccountId>,
    pub amount: Money,
    pub paid_at: Option<DateTime<Utc>>,
    pub received_at: DateTime<Utc>,
    /// What the channel was told; none where a file brought the payment.
    pub answer: Option<Vec<u8>>,
    pub cancelled_at: Option<DateTime<Utc>>,
    /// The money went back to who sent it.
    pub sent_back: bool,
    /// What the payer had typed, where a person found the account or looks for it; identification numbers masked.
    pub typed: Option<String>,
    /// It is money without an account that is not worked off yet.
    pub held: Option<SuspenseId>,
    /// A second person decides whether that goes back.
    pub deciding: bool,
}

/// The account that is named.
#[derive(Debug, Clone, Copy)]
pub struct Account {
    pub id: AccountId,
    pub sector: Sector,
    pub closed: bool,
}

/// Everything that decides a payment.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub known: Option<Known>,
    pub account: Option<Account>,
    /// The open month it would be posted in, locked against being closed.
    pub period: Option<Period>,
    /// Its number, where it is new and its account is known.
    pub fresh: Option<PaymentId>,
    /// The same sum came for the account a moment ago.
    pub recent: bool,
    /// Payable items of the account under locks.
    pub items: Vec<Item>,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub channel: &'a str,
    pub number: &'a str,
    pub account: &'a str,
    pub amount: Money,
    pub paid_on: NaiveDate,
    pub recent_minutes: i32,
}

pub async fn look(tx: &mut Tx, wanted: Wanted<'_>) -> Result<Seen> {
    let rows = sqlx::query(LOOK)
        .bind(wanted.channel)
        .bind(wanted.number)
        .bind(wanted.account)
        .bind(Period::of(wanted.paid_on).first_day())
        .bind(wanted.amount.tiyn())
        .bind(wanted.recent_minutes)
        .fetch_all(tx.pg())
        .await
        .map_err(broken)?;
    seen(&rows).map_err(broken)
}

/// By places, as the statement lists them: names would be looked for in each row of each payment. All rows say the same but for the item.
fn seen(rows: &[PgRow]) -> Result<Seen, sqlx::Error> {
    let mut seen = Seen::default();
    let Some(first) = rows.first() else { return Ok(seen) };
    if let (Some(amount), Some(received_at)) = (first.try_get(2)?, first.try_get(4)?) {
        seen.known = Some(Known {
            payment: first.try_get::<Option<i64>, _>(0)?.map(PaymentId),
            account: first.try_get::<Option<i64>, _>(1)?.map(AccountId),
            amount: Money::from_tiyn(amount),
            paid_at: first.try_get(3)?,
            received_at,
            answer: first.try_get(5)?,
            cancelled_at: first.try_get(6)?,
            sent_back: first.try_get::<Option<bool>, _>(7)?.unwrap_or_default(),
            typed: first.try_get(8)?,
            held: first.try_get::<Option<i64>, _>(22)?.map(SuspenseId),
            deciding: first.try_get::<Option<bool>, _>(23)?.unwrap_or_default(),
        });
    }
    if let Some(id) = first.try_get(9)? {
        seen.account = Some(Account {
            id: AccountId(id),
            sector: coded(first, 10, Sector::from_code)?,
            closed: coded(first, 11, AccountStatus::from_code)? == AccountStatus::Closed,
        });
    }
    seen.period = first.try_get::<Option<NaiveDate>, _>(12)?.map(Period::of);
    seen.fresh = first.try_get::<Option<i64>, _>(13)?.map(PaymentId);
    seen.recent = first.try_get::<Option<bool>, _>(14)?.unwrap_or_default();
    let Some(account) = seen.account else { return Ok(seen) };
    for row in rows {
        let Some(id) = row.try_get(15)? else { continue };
        seen.items.push(Item {
            id,
            account_id: account.id.0,
            service: row.try_get(16)?,
            component: row.try_get(17)?,
            origin: row.try_get(18)?,
            due_on: row.try_get(19)?,
            amount: row.try_get(20)?,
            settled: row.try_get(21)?,
            // What is tied is looked at when money is owed anew, not when more comes.
            earmark_id: None,
        });
    }
    Ok(seen)
}

/// A column of codes.
fn coded<T>(row: &PgRow, at: usize, read: fn(&str) -> Option<T>) -> Result<T, sqlx::Error> {
    let code: &str = row.try_get(at)?;
    let unknown = || sqlx::Error::Decode(format!("an unknown code: {code}").into());
    read(code).ok_or_else(unknown)
}

/// A payment ready to be written.
#[derive(Debug, Clone)]
pub struct Taken<'a> {
    pub id: PaymentId,
    pub channel: &'a str,
    pub number: &'a str,
    pub input_hash: Vec<u8>,
    /// What the channel is told.
    pub answer: &'a [u8],
    pub account: AccountId,
    pub sector: Sector,
    pub period: Period,
    pub amount: Money,
    pub paid_on: NaiveDate,
    pub paid_at: Option<DateTime<Utc>>,
    pub agent: AgentId,
    pub notes: &'a [PaymentNote],
    /// What it covers of which item.
    pub parts: &'a [(OpenItemId, Money)],
    pub advance: Money,
    pub entries: &'a [Entry],
}

/// Writes the payment with its trail and its fact; `false` when somebody took the number meanwhile, and nothing was written.
pub async fn write(tx: &mut Tx, taken: &Taken<'_>, change: &Change, event: &Event) -> Result<bool> {
    let told = tx.tells(change, event);
    let codes = |pick: fn(&Entry) -> Option<&'static str>| -> Vec<Option<&'static str>> {
        taken.entries.iter().map(pick).collect()
    };
    let kinds = taken.notes.iter().filter_map(|note| note.incident());
    let id: Option<i64> = sqlx::query_scalar(TAKE)
        .bind(taken.channel)
        .bind(taken.number)
        .bind(taken.id.0)
        .bind(taken.input_hash.as_slice())
        .bind(taken.answer)
        .bind(taken.account.0)
        .bind(taken.sector.code())
        .bind(taken.period.first_day())
        .bind(taken.amount.tiyn())
        .bind(taken.paid_on)
        .bind(told.actor)
        .bind(taken.agent.0)
        .bind(taken.paid_at)
        .bind(taken.notes.iter().map(|note| note.code()).collect::<Vec<_>>())
        .bind(taken.parts.iter().map(|(item, _)| item.0).collect::<Vec<_>>())
        .bind(taken.parts.iter().map(|(_, amount)| amount.tiyn()).collect::<Vec<_>>())
        .bind(taken.advance.tiyn())
        .bind(codes(|entry| Some(entry.debit.code())))
        .bind(codes(|entry| Some(entry.credit.code())))
        .bind(taken.entries.iter().map(|entry| entry.amount.tiyn()).collect::<Vec<_>>())
        .bind(codes(|entry| entry.service.map(Service::code)))
        .bind(codes(|entry| entry.component.map(Component::code)))
        .bind(kinds.map(|kind| kind.code()).collect::<Vec<_>>())
        .bind(told.actor_kind)
        .bind(told.actor_id)
        .bind(told.session)
        .bind(change.entity)
        .bind(change.id)
        .bind(change.action)
        .bind(change.after.as_ref())
        .bind(told.topic)
        .bind(told.name)
        .bind(told.event)
        .fetch_optional(tx.pg())
        .await
        .map_err(broken)?;
    Ok(id.is_some())
}

/// Keeps what a channel was told about a payment that a file had brought before.
pub async fn keep_answer(tx: &Tx, channel: &str, number: &str, answer: &[u8]) -> Result<()> {
    sql::run(
        tx,
        "UPDATE payments.payment_key SET answer = $3 WHERE channel = $1 AND external_id = $2 AND answer IS NULL",
        [channel.into(), number.into(), answer.to_vec().into()],
    )
    .await
    .map(drop)
}

/// A payment of a channel by its number.
#[derive(Debug, Clone)]
pub struct Found {
    pub payment: PaymentId,
    pub amount: Money,
    pub received_at: DateTime<Utc>,
    pub cancelled_at: Option<DateTime<Utc>>,
    /// The office took it back.
    pub reversed: bool,
    /// Its month takes facts.
    pub month_open: bool,
}

#[derive(FromQueryResult)]
struct FoundRow {
    payment_id: i64,
    amount: i64,
    received_at: DateTime<Utc>,
    cancelled_at: Option<DateTime<Utc>>,
    reversed: bool,
    status: Option<String>,
}

const FIND: &str = "SELECT k.payment_id, p.amount, p.received_at, k.cancelled_at, m.status,
        EXISTS (SELECT FROM payments.payment r WHERE r.reverses = p.id) AS reversed
     FROM payments.payment_key k
     JOIN payments.payment p ON p.id = k.payment_id
     LEFT JOIN ledger.period m ON m.period = p.period AND m.sector = p.sector
     WHERE k.channel = $1 AND k.external_id = $2";

impl From<FoundRow> for Found {
    fn from(row: FoundRow) -> Self {
        Self {
            payment: PaymentId(row.payment_id),
            amount: Money::from_tiyn(row.amount),
            received_at: row.received_at,
            cancelled_at: row.cancelled_at,
            reversed: row.reversed,
            month_open: row.status.as_deref() == Some(PeriodStatus::Open.code()),
        }
    }
}

pub async fn find(db: &impl ConnectionTrait, channel: &str, number: &str) -> Result<Option<Found>> {
    let row: Option<FoundRow> = sql::one(db, FIND, [channel.into(), number.into()]).await?;
    Ok(row.map(Into::into))
}

/// Money without an account that has the number: its sum, when it was worked off, and whether it went back to who sent it.
pub async fn held(
    db: &impl ConnectionTrait,
    channel: &str,
    number: &str,
) -> Result<Option<(Money, DateTime<Utc>, bool)>> {
    #[derive(FromQueryResult)]
    struct Row {
        amount: i64,
        decided_at: DateTime<Utc>,
        sent_back: bool,
    }
    let row: Option<Row> = sql::one(
        db,
        "SELECT s.amount, s.decided_at, s.state = 'returned' AS sent_back
         FROM payments.payment_key k JOIN payments.suspense s ON s.id = k.suspense_id
         WHERE k.channel = $1 AND k.external_id = $2",
        [channel.into(), number.into()],
    )
    .await?;
    Ok(row.map(|row| (Money::from_tiyn(row.amount), row.decided_at, row.sent_back)))
}

/// Whether a transaction somewhere brings the payment just now.
pub async fn is_worked_on(db: &impl ConnectionTrait, channel: &str, number: &str) -> Result<bool> {
    let free: Option<bool> = sql::scalar(
        db,
        "SELECT pg_try_advisory_xact_lock(hashtextextended($2, hashtext($1)))",
        [channel.into(), number.into()],
    )
    .await?;
    Ok(free == Some(false))
}

/// Money without an account that is not worked off yet has the number.
pub async fn waits(db: &impl ConnectionTrait, channel: &str, number: &str) -> Result<bool> {
    let waits: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM payments.suspense WHERE channel = $1 AND external_id = $2 AND state IN ('open', 'returning'))",
        [channel.into(), number.into()],
    )
    .await?;
    Ok(waits == Some(true))
}

/// The same, its number locked: who takes it back second sees that it is done.
pub async fn lock(tx: &Tx, channel: &str, number: &str) -> Result<Option<Found>> {
    sql::run(
        tx,
        "SELECT FROM payments.payment_key WHERE channel = $1 AND external_id = $2 FOR UPDATE",
        [channel.into(), number.into()],
    )
    .await?;
    find(tx, channel, number).await
}

/// Marks that the channel itself took the payment back: it is not taken again.
pub async fn mark_cancelled(tx: &Tx, channel: &str, number: &str, at: DateTime<Utc>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE payments.payment_key SET cancelled_at = $3 WHERE channel = $1 AND external_id = $2",
        [channel.into(), number.into(), at.into()],
    )
    .await
    .map(drop)
}

/// What a payer sees of an account.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Shown {
    pub status: AccountStatus,
    pub holder: Option<String>,
    pub person: bool,
    pub street_kk: Option<String>,
    pub street_ru: Option<String>,
    pub house: Option<String>,
    pub premise: Option<String>,
    /// Tiyn: owed when positive.
    pub balance: i64,
    /// Service to tiyn owed.
    pub services: Json,
    /// `[{ "liters": 345000, "on": "2026-02-25" }]`, one for each meter.
    pub readings: Json,
}

/// Reads and nothing else.
pub async fn show(db: &impl ConnectionTrait, account: &str, readings: bool) -> Result<Option<Shown>> {
    sql::one(db, include_str!("sql/show.sql"), [account.into(), readings.into()]).await
}

/// A moment when the database was away, a lock was not given, a connection was not free, two waited for each other: the same may work
/// a little later.
pub fn passes(error: &Broken) -> bool {
    let (Broken::Exec(sea_orm::RuntimeErr::SqlxError(inner))
    | Broken::Query(sea_orm::RuntimeErr::SqlxError(inner))
    | Broken::Conn(sea_orm::RuntimeErr::SqlxError(inner))) = error
    else {
        return matches!(error, Broken::ConnectionAcquire(_));
    };
    match inner.as_database_error().and_then(|error| error.code()) {
        // Connection, insufficient resources, operator's intervention, system, lost races, a lock not given.
        Some(code) => {
            ["08", "53", "57", "58", "40", "55P03", "25006"].iter().any(|class| code.starts_with(class))
        }
        None => true,
    }
}

/// Two waited for each other: at once again.
pub fn raced(error: &Broken) -> bool {
    let (Broken::Exec(sea_orm::RuntimeErr::SqlxError(inner))
    | Broken::Query(sea_orm::RuntimeErr::SqlxError(inner))) = error
    else {
        return false;
    };
    inner.as_database_error().and_then(|error| error.code()).is_some_and(|code| code.starts_with("40"))
}
