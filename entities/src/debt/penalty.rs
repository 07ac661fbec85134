//! Penalty by item and month: out to the rule as a stream, back as a set.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::debt::{Move, OverdueItem, Parked, Span};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::PAYABLE;
use crate::kernel::copy::copy_out;
use crate::kernel::{Broken, Result, Tx, sql};

/// An item on its way to the rule.
#[derive(Debug, Clone)]
pub struct Case {
    pub account: AccountId,
    pub group: ConsumerGroup,
    pub id: OpenItemId,
    pub service: Service,
    pub item: OverdueItem,
    /// What stands in the books of it, by month.
    pub accrued: Vec<(Period, Money)>,
}

/// Which items an accrual looks at: what is owed, and what was settled since the one before or is disputed, paid by instalments, claimed
/// or recalculated anew, for what was paid before is not settled by that. Everything put in is a number, a date or a word of a closed list.
fn candidate(sector: Sector, until: NaiveDate, since: NaiveDate, known_at: DateTime<Utc>) -> String {
    format!(
        "o.sector = '{sector}' AND o.component IN ('charge', 'imbalance') AND o.amount > 0 AND o.service IS NOT NULL
         AND o.due_on < '{until}' AND {PAYABLE}
         AND (o.amount <> o.settled
              OR EXISTS (SELECT FROM ledger.settlement t WHERE t.account_id = o.account_id AND t.open_item_id = o.id
                           AND t.period >= '{since}')
              OR EXISTS (SELECT FROM debt.dispute t WHERE t.account_id = o.account_id AND t.open_item_id = o.id
                           AND t.changed_at > '{known_at}')
              OR EXISTS (SELECT FROM debt.plan_item t JOIN debt.plan n ON n.id = t.plan_id
                         WHERE t.account_id = o.account_id AND t.open_item_id = o.id AND n.changed_at > '{known_at}')
              OR EXISTS (SELECT FROM debt.claim_item t JOIN debt.claim n ON n.id = t.claim_id
                         WHERE t.account_id = o.account_id AND t.open_item_id = o.id AND n.changed_at > '{known_at}')
              OR EXISTS (SELECT FROM billing.correction_line t JOIN billing.correction n ON n.id = t.correction_id
                         WHERE t.account_id = o.account_id AND t.service = o.service AND t.component = o.component
                           AND t.period = o.origin AND (n.stage_period >= '{since}' OR n.reversed_at > '{known_at}')))",
        known_at = known_at.to_rfc3339()
    )
}

/// What an accrual looks at, as the literals of its statements.
#[derive(Debug, Clone)]
pub struct Look {
    pub sector: Sector,
    /// First day that is not reckoned.
    pub until: NaiveDate,
    pub touched_since: NaiveDate,
    /// When the accrual before looked.
    pub before: DateTime<Utc>,
}

impl Look {
    fn candidate(&self) -> String {
        candidate(self.sector, self.until, self.touched_since, self.before)
    }
}

/// When the newest accrual that stands looked; the beginning of time without one.
pub async fn last_look(db: &impl ConnectionTrait, sector: Sector) -> Result<DateTime<Utc>> {
    let at: Option<Option<DateTime<Utc>>> = sql::scalar(
        db,
        "SELECT max(known_at) FROM debt.accrual WHERE sector = $1 AND state = 'posted'",
        [sector.code().into()],
    )
    .await?;
    Ok(at.flatten().unwrap_or(DateTime::UNIX_EPOCH))
}

/// Accounts with items to look at, in the order of their ids.
pub async fn accounts(db: &impl ConnectionTrait, look: &Look) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        &format!(
            "SELECT DISTINCT o.account_id FROM ledger.open_item o WHERE {} ORDER BY 1",
            look.candidate()
        ),
        [],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

/// Items of the accounts `first..=last`, by account.
pub async fn cases(
    tx: &mut Tx,
    look: &Look,
    (first, last): (i64, i64),
    mut each: impl FnMut(Case) -> Result<()> + Send,
) -> Result<u64> {
    let never_owed = never_owed(tx, (first, last)).await?;
    let select = include_str!("sql/items.sql")
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("{first}", &first.to_string())
        .replace("{last}", &last.to_string())
        .replace("{candidate}", &look.candidate());
    copy_out(tx.pg(), &format!("COPY ({select}) TO STDOUT WITH (FORMAT binary)"), |row| {
        let account = AccountId(row.i64());
        let unknown = |what: &str| Broken::Custom(format!("item of account {account}: unknown {what}"));
        let group = ConsumerGroup::from_code(row.text()).ok_or_else(|| unknown("group"))?;
        let id = OpenItemId(row.i64());
        let service = Service::from_code(row.text()).ok_or_else(|| unknown("service"))?;
        let (due, amount, not_before) = (row.date(), Money::from_tiyn(row.i64()), row.date_or_null());
        let days = row.date_array();
        let moves = days
            .into_iter()
            .zip(row.i64_array())
            .filter_map(|(day, sum)| Some(Move { day: day?, amount: Money::from_tiyn(sum?) }));
        let mut moves: Vec<Move> = moves.collect();
        moves.extend(never_owed.get(&(account, id)).into_iter().flatten());
        let (froms, tos) = (row.date_array(), row.date_array());
        let parked = froms.into_iter().zip(tos).zip(row.i64_array()).filter_map(|((from, to), sum)| {
            Some(Parked { span: Span { from: from?, to }, amount: Money::from_tiyn(sum?) })
        });
        let parked = parked.collect();
        let months = row.date_array();
        let accrued = months
            .into_iter()
            .zip(row.i64_array())
            .filter_map(|(month, sum)| Some((Period::of(month?), Money::from_tiyn(sum?))));
        let accrued = accrued.collect();
        let item = OverdueItem { amount, due, not_before, moves, parked, suspended: Vec::new() };
        each(Case { account, group, id, service, item, accrued })
    })
    .await
}

/// What of items of the accounts `first..=last` was never owed: off from the due day, and back on the day of the act that said so, for
/// from then on its settlements tell.
async fn never_owed(
    tx: &Tx,
    (first, last): (i64, i64),
) -> Result<HashMap<(AccountId, OpenItemId), Vec<Move>>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
        id: i64,
        due_on: NaiveDate,
        day: NaiveDate,
        amount: i64,
    }
    let rows: Vec<Row> =
        sql::all(tx, include_str!("sql/never_owed.sql"), [first.into(), last.into()]).await?;
    let mut found: HashMap<_, Vec<Move>> = HashMap::new();
    for row in rows {
        let amount = Money::from_tiyn(row.amount);
        let off = Move { day: row.due_on, amount };
        let back = Move { day: row.day, amount: -amount };
        found.entry((AccountId(row.account_id), OpenItemId(row.id))).or_default().extend([off, back]);
    }
    Ok(found)
}

/// What an accrual changed of an item's month.
#[derive(Debug, Clone)]
pub struct Changed {
    pub account: AccountId,
    pub item: OpenItemId,
    pub month: Period,
    pub service: Service,
    pub amount: Money,
    pub total: Money,
    pub slices: Json,
}

/// Keeps the changes; what the same accrual changed of them before is added up.
pub async fn keep(tx: &Tx, accrual: AccrualId, period: Period, rows: &[Changed]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    sql::run(
        tx,
        "INSERT INTO debt.penalty (account_id, period, open_item_id, month, accrual_id, service, amount, total, slices)
         SELECT account_id, $2, open_item_id, month, $1, service, amount, total, slices::jsonb
         FROM unnest($3::bigint[], $4::bigint[], $5::date[], $6::text[], $7::bigint[], $8::bigint[], $9::text[])
             AS n (account_id, open_item_id, month, service, amount, total, slices)
         ON CONFLICT (account_id, open_item_id, month, accrual_id, period) DO UPDATE
             SET amount = penalty.amount + excluded.amount, total = excluded.total, slices = excluded.slices",
        [
            accrual.0.into(),
            period.first_day().into(),
            rows.iter().map(|row| row.account.0).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.item.0).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.month.first_day()).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.service.code().to_owned()).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.amount.tiyn()).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.total.tiyn()).collect::<Vec<_>>().into(),
            rows.iter().map(|row| row.slices.to_string()).collect::<Vec<_>>().into(),
        ],
    )
    .await
    .map(drop)
}

/// What an accrual posted for accounts `after` the given one: by account, service and month, a number of accounts at a time.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Posted {
    pub account_id: i64,
    pub service: String,
    pub month: NaiveDate,
    pub amount: i64,
}

pub async fn posted_by(
    db: &impl ConnectionTrait,
    accrual: AccrualId,
    after: i64,
    accounts: i64,
) -> Result<Vec<Posted>> {
    sql::all(
        db,
        "SELECT account_id, service, month, sum(amount)::bigint AS amount FROM debt.penalty
         WHERE accrual_id = $1 AND account_id IN (
             SELECT DISTINCT account_id FROM debt.penalty WHERE accrual_id = $1 AND account_id > $2 ORDER BY 1 LIMIT $3)
         GROUP BY 1, 2, 3 HAVING sum(amount) <> 0 ORDER BY 1, 3, 2",
        [accrual.0.into(), after.into(), accounts.into()],
    )
    .await
}

/// Penalty of an item's month as it stands, with what it was reckoned from.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Standing {
    pub account_id: i64,
    pub open_item_id: i64,
    pub month: NaiveDate,
    pub service: String,
    pub origin: NaiveDate,
    pub due_on: NaiveDate,
    pub amount: i64,
    pub slices: Json,
}

/// Of an account, newest month first; only of items of a month from `since` on.
pub async fn standing(
    db: &impl ConnectionTrait,
    account: AccountId,
    since: Option<NaiveDate>,
) -> Result<Vec<Standing>> {
    sql::all(
        db,
        "SELECT n.account_id, n.open_item_id, n.month, n.service, o.origin, o.due_on, sum(n.amount)::bigint AS amount,
                (array_agg(n.slices ORDER BY n.accrual_id DESC))[1] AS slices
         FROM debt.penalty n
         JOIN debt.accrual c ON c.id = n.accrual_id AND c.state NOT IN ('reversed', 'dropped')
         JOIN ledger.open_item o ON o.account_id = n.account_id AND o.id = n.open_item_id
         WHERE n.account_id = $1 AND ($2::date IS NULL OR o.origin >= date_trunc('month', $2::timestamp)::date)
         GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n.amount) <> 0
         ORDER BY n.month DESC, o.origin DESC, n.service LIMIT 500",
        [account.0.into(), since.into()],
    )
    .await
}

/// A moratorium of the register.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Moratorium {
    pub id: i64,
    pub sector: Option<String>,
    pub consumer_group: Option<String>,
    pub account_id: Option<i64>,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub reason: String,
    pub document_id: i64,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub withdrawn_by: Option<String>,
}

impl Moratorium {
    pub fn covers(&self, account: AccountId, sector: Sector, group: ConsumerGroup) -> bool {
        self.sector.as_deref().is_none_or(|code| code == sector.code())
            && self.consumer_group.as_deref().is_none_or(|code| code == group.code())
            && self.account_id.is_none_or(|id| id == account.0)
    }

    pub fn span(&self) -> Span {
        Span { from: self.from, to: self.to }
    }
}

const MORATORIUM: &str = "id, sector, consumer_group, account_id, lower(valid) AS from, upper(valid) AS to, reason, document_id, \
     recorded_by, recorded_at, withdrawn_by";

/// Those in force, newest first; with `all` the withdrawn ones too.
pub async fn moratoria(db: &impl ConnectionTrait, all: bool) -> Result<Vec<Moratorium>> {
    sql::all(
        db,
        &format!(
            "SELECT {MORATORIUM} FROM debt.moratorium WHERE $1 OR withdrawn_at IS NULL ORDER BY id DESC"
        ),
        [all.into()],
    )
    .await
}

pub async fn moratorium(db: &impl ConnectionTrait, id: MoratoriumId) -> Result<Option<Moratorium>> {
    sql::one(db, &format!("SELECT {MORATORIUM} FROM debt.moratorium WHERE id = $1"), [id.0.into()]).await
}

/// The days on which penalty rests on single accounts, of those that reach to a day or beyond it.
pub async fn rests_of(
    db: &impl ConnectionTrait,
    accounts: &[AccountId],
    day: NaiveDate,
) -> Result<Vec<Moratorium>> {
    sql::all(
        db,
        &format!(
            "SELECT {MORATORIUM} FROM debt.moratorium
             WHERE account_id = ANY ($1) AND withdrawn_at IS NULL AND valid && daterange($2, NULL) ORDER BY id"
        ),
        [accounts.iter().map(|id| id.0).collect::<Vec<_>>().into(), day.into()],
    )
    .await
}

/// A moratorium to be recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewMoratorium {
    pub sector: Option<Sector>,
    pub group: Option<ConsumerGroup>,
    pub account: Option<AccountId>,
    pub from: NaiveDate,
    /// First day after.
    pub to: Option<NaiveDate>,
    pub reason: String,
    pub document: DocumentId,
}

pub async fn record_moratorium(tx: &Tx, new: &NewMoratorium) -> Result<MoratoriumId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.moratorium (sector, consumer_group, account_id, valid, reason, document_id, recorded_by)
         VALUES ($1, $2, $3, daterange($4, $5), $6, $7, $8) RETURNING id",
        [
            new.sector.map(|s| s.code().to_owned()).into(),
            new.group.map(|g| g.code().to_owned()).into(),
            new.account.map(|id| id.0).into(),
            new.from.into(),
            new.to.into(),
            new.reason.clone().into(),
            new.document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    id.map(MoratoriumId).ok_or(Broken::RecordNotInserted)
}

/// False when it was withdrawn before.
pub async fn withdraw_moratorium(tx: &Tx, id: MoratoriumId) -> Result<bool> {
    let done = sql::run(
        tx,
        "UPDATE debt.moratorium SET withdrawn_by = $2, withdrawn_at = now() WHERE id = $1 AND withdrawn_at IS NULL",
        [id.0.into(), tx.actor().label.clone().into()],
    )
    .await?;
    Ok(done > 0)
}
