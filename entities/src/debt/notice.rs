//! Notices of disconnection: whom to warn, who was warned, what became of it.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::debt::NoticeState;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{CLAIMED, DISPUTED, PAYABLE};
use crate::kernel::{Page, Result, ScopeArgs, Slice, Tx, sql};

/// Whom to warn: the terms of the settings, and which part of the city.
#[derive(Debug, Clone)]
pub struct Terms {
    pub day: NaiveDate,
    /// From so many unpaid months on.
    pub months: u32,
    pub least: Money,
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
}

/// An account to be warned.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Candidate {
    pub account_id: i64,
    pub number: String,
    pub sector: String,
    pub district_id: i64,
    /// Overdue and not resting, in tiyn.
    pub debt: i64,
    pub months: i64,
}

/// What of item `o` somebody may be warned of or disconnected for: what is claimed or disputed takes no part.
fn due() -> String {
    format!("greatest(0, o.amount - o.settled - {CLAIMED} - coalesce({DISPUTED}, 0))")
}

/// Overdue sums that are neither disputed nor claimed, and the months they are of; accounts with a live notice or a kept plan are left
/// out. `$1..$3` scope, `$4` day, `$5` months, `$6` least, `$7` sector, `$8` district.
fn candidates_sql() -> String {
    let due = due();
    format!(
        "SELECT d.* FROM (
             SELECT a.id AS account_id, a.number, a.sector, a.district_id, count(DISTINCT o.origin) AS months,
                    sum({due})::bigint AS debt
             FROM ledger.open_item o JOIN subscribers.account a ON a.id = o.account_id
             WHERE {} AND o.amount > 0 AND o.amount <> o.settled AND o.due_on < $4 AND o.component IN ('charge', 'imbalance')
               AND {due} > 0 AND {PAYABLE} AND ($7::text IS NULL OR a.sector = $7) AND ($8::bigint IS NULL OR a.district_id = $8)
               AND NOT EXISTS (SELECT FROM debt.notice n WHERE n.account_id = a.id AND n.state IN ('warned', 'disconnected'))
               AND NOT EXISTS (SELECT FROM debt.plan p WHERE p.account_id = a.id AND p.state = 'active')
             GROUP BY a.id) d
         WHERE d.months >= $5 AND d.debt > 0 AND d.debt >= $6",
        ScopeArgs::WHERE
    )
}

fn args(scope: &Scope, terms: &Terms) -> Vec<sea_orm::Value> {
    let mut args: Vec<sea_orm::Value> = ScopeArgs::from(scope).values().into();
    args.extend([
        terms.day.into(),
        i64::from(terms.months).into(),
        terms.least.tiyn().into(),
        terms.sector.map(|s| s.code().to_owned()).into(),
        terms.district.map(|d| d.0).into(),
    ]);
    args
}

/// Largest debts first.
pub async fn candidates(
    db: &impl ConnectionTrait,
    scope: &Scope,
    terms: &Terms,
    page: Page<(i64, i64)>,
) -> Result<Slice<Candidate>> {
    let (debt, id) = page.after.unzip();
    let mut args = args(scope, terms);
    args.extend([debt.into(), id.into(), page.limit().into()]);
    let rows = sql::all(
        db,
        &format!(
            "SELECT * FROM ({}) c WHERE $9::bigint IS NULL OR (c.debt, c.account_id) < ($9, $10)
             ORDER BY c.debt DESC, c.account_id DESC LIMIT $11",
            candidates_sql()
        ),
        args,
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// How many there are and what they owe together, in tiyn.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Totals {
    pub accounts: i64,
    pub debt: i64,
}

pub async fn totals(db: &impl ConnectionTrait, scope: &Scope, terms: &Terms) -> Result<Totals> {
    let found = sql::one(
        db,
        &format!(
            "SELECT count(*) AS accounts, coalesce(sum(c.debt), 0)::bigint AS debt FROM ({}) c",
            candidates_sql()
        ),
        args(scope, terms),
    )
    .await?;
    Ok(found.unwrap_or(Totals { accounts: 0, debt: 0 }))
}

/// A warning to be kept, with its words.
#[derive(Debug, Clone)]
pub struct NewNotice {
    pub account: i64,
    pub sector: String,
    pub debt: i64,
    pub months: i64,
    pub text_kk: String,
    pub text_ru: String,
}

/// Keeps warnings; an account that has a live one is passed over. How many were kept.
pub async fn issue(tx: &Tx, today: NaiveDate, deadline: NaiveDate, rows: &[NewNotice]) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO debt.notice (account_id, sector, debt, months, issued_on, deadline, text_kk, text_ru, issued_by, state_on)
         SELECT n.account_id, n.sector, n.debt, n.months, $1, $2, n.kk, n.ru, $3, $1
         FROM unnest($4::bigint[], $5::text[], $6::bigint[], $7::int[], $8::text[], $9::text[]) AS n (account_id, sector, debt, months, kk, ru)
         ON CONFLICT (account_id) WHERE state IN ('warned', 'disconnected') DO NOTHING",
        [
            today.into(),
            deadline.into(),
            tx.actor().label.clone().into(),
            rows.iter().map(|row| row.account).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.sector.clone()).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.debt).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.months as i32).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.text_kk.clone()).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.text_ru.clone()).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Notice {
    pub id: i64,
    pub account_id: i64,
    pub sector: String,
    pub state: String,
    pub debt: i64,
    pub months: i32,
    pub issued_on: NaiveDate,
    pub deadline: NaiveDate,
    pub text_kk: String,
    pub text_ru: String,
    pub delivery: String,
    pub issued_by: String,
    pub state_on: NaiveDate,
    pub act_id: Option<i64>,
    pub disconnected_on: Option<NaiveDate>,
    pub reconnected_on: Option<NaiveDate>,
    pub fee: Option<i64>,
    /// What is still overdue today and neither claimed nor disputed, in tiyn.
    pub overdue: i64,
}

/// `$4` is the day.
fn columns() -> String {
    let due = due();
    format!(
        "n.id, n.account_id, n.sector, n.state, n.debt, n.months, n.issued_on, n.deadline, n.text_kk, n.text_ru, n.delivery, n.issued_by,
         n.state_on, n.act_id, n.disconnected_on, n.reconnected_on, n.fee,
         coalesce((SELECT sum({due}) FROM ledger.open_item o
                   WHERE o.account_id = n.account_id AND o.amount > 0 AND o.amount <> o.settled AND o.due_on < $4 AND {PAYABLE}
                     AND o.component IN ('charge', 'imbalance')), 0)::bigint AS overdue"
    )
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: NoticeId,
    day: NaiveDate,
) -> Result<Option<Notice>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!(
            "SELECT {} FROM debt.notice n JOIN subscribers.account a ON a.id = n.account_id WHERE {} AND n.id = $5",
            columns(),
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, day.into(), id.0.into()],
    )
    .await
}

/// Locks a notice for an act on it.
pub async fn lock(tx: &Tx, id: NoticeId) -> Result<u64> {
    sql::run(tx, "SELECT FROM debt.notice WHERE id = $1 FOR UPDATE", [id.0.into()]).await
}

/// Where a warning stands in the list: its day, its debt, its id.
pub type Key = (NaiveDate, i64, i64);

/// Which notices: a state, a part of the city, and only those whose deadline is over.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<NoticeState>,
    pub due: bool,
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
    pub account: Option<AccountId>,
}

/// The last day's first, of one day the largest debts first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    day: NaiveDate,
    filter: &Filter,
    page: Page<Key>,
) -> Result<Slice<Notice>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let (issued_on, debt, id) =
        page.after.map_or((None, None, None), |(on, debt, id)| (Some(on), Some(debt), Some(id)));
    let rows = sql::all(
        db,
        &format!(
            "SELECT {} FROM debt.notice n JOIN subscribers.account a ON a.id = n.account_id
             WHERE {} AND ($5::text IS NULL OR n.state = $5) AND (NOT $6 OR n.deadline < $4) AND ($7::text IS NULL OR n.sector = $7)
               AND ($8::bigint IS NULL OR a.district_id = $8) AND ($9::bigint IS NULL OR n.account_id = $9)
               AND ($10::date IS NULL OR (n.issued_on, n.debt, n.id) < ($10, $11, $12))
             ORDER BY n.issued_on DESC, n.debt DESC, n.id DESC LIMIT $13",
            columns(),
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            day.into(),
            filter.state.map(|s| s.code().to_owned()).into(),
            filter.due.into(),
            filter.sector.map(|s| s.code().to_owned()).into(),
            filter.district.map(|id| id.0).into(),
            filter.account.map(|id| id.0).into(),
            issued_on.into(),
            debt.into(),
            id.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Accounts with a warning whose deadline runs.
pub async fn warned(db: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<Vec<AccountId>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: AccountId,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT DISTINCT account_id FROM debt.notice WHERE account_id = ANY ($1) AND state = 'warned'",
        [accounts.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

/// Ends the warnings of those who have paid, pay by instalments, dispute all of it or are asked by a court; how many went on.
pub async fn settle(tx: &Tx, today: NaiveDate) -> Result<u64> {
    sql::run(
        tx,
        &format!(
            "UPDATE debt.notice n SET state = s.state, state_on = $1
             FROM (
                 SELECT w.id, CASE
                     WHEN EXISTS (SELECT FROM debt.plan p WHERE p.account_id = w.account_id AND p.state = 'active') THEN 'plan'
                     WHEN o.rest <= 0 THEN 'paid'
                     WHEN o.claimed > 0 AND o.rest <= o.claimed + o.disputed THEN 'claimed'
                     WHEN o.rest <= o.disputed THEN 'disputed' END AS state
                 FROM debt.notice w
                 CROSS JOIN LATERAL (
                     -- A dispute of a debt that nobody warned of ends no warning.
                     SELECT coalesce(sum(o.amount - o.settled), 0) AS rest, coalesce(sum({CLAIMED}), 0) AS claimed,
                            coalesce(sum(least(coalesce({DISPUTED}, 0), o.amount - o.settled)), 0) AS disputed
                     FROM ledger.open_item o
                     WHERE o.account_id = w.account_id AND o.amount > 0 AND o.amount <> o.settled AND o.due_on < w.issued_on
                       AND o.component IN ('charge', 'imbalance') AND {PAYABLE}
                       -- Older than the warning and taken over since: nobody warned of it here.
                       AND (o.source <> 'transfer' OR w.issued_on > (
                           SELECT min(e.posted_on) FROM ledger.entry e
                           WHERE e.account_id = o.account_id AND e.source = o.source AND e.source_id = o.source_id))) o
                 WHERE w.state = 'warned') s
             WHERE n.id = s.id AND s.state IS NOT NULL"
        ),
        [today.into()],
    )
    .await
}

/// Moves one notice on.
pub async fn set_state(
    tx: &Tx,
    id: NoticeId,
    state: NoticeState,
    today: NaiveDate,
    act: Option<DocumentId>,
    on: Option<NaiveDate>,
    fee: Option<Money>,
) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.notice SET state = $2, state_on = $3, act_id = coalesce($4, act_id),
             disconnected_on = CASE WHEN $2 = 'disconnected' THEN $5 ELSE disconnected_on END,
             reconnected_on = CASE WHEN $2 = 'reconnected' THEN $5 ELSE reconnected_on END, fee = coalesce($6, fee)
         WHERE id = $1",
        [
            id.0.into(),
            state.code().into(),
            today.into(),
            act.map(|id| id.0).into(),
            on.into(),
            fee.map(Money::tiyn).into(),
        ],
    )
    .await
    .map(drop)
}

/// Keeps which special cases the disconnection began.
pub async fn cut_off(tx: &Tx, id: NoticeId, cases: &[SpecialId]) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.notice SET cut_off = $2 WHERE id = $1",
        [id.0.into(), cases.iter().map(|case| case.0).collect::<Vec<_>>().into()],
    )
    .await
    .map(drop)
}

/// The special cases that the disconnection began.
pub async fn cases(tx: &Tx, id: NoticeId) -> Result<Vec<SpecialId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: SpecialId,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT c.id FROM debt.notice n CROSS JOIN LATERAL unnest(n.cut_off) c (id) WHERE n.id = $1 ORDER BY c.id",
        [id.0.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
