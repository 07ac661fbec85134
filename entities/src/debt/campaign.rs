//! Campaigns: terms, forecast, who takes part and what was given.

use chrono::NaiveDate;
use domain::debt::CampaignState;
use domain::kernel::*;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{CLAIMED, PAYABLE, PAYERS_DAY};
use crate::kernel::{Broken, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Campaign {
    pub id: i64,
    pub name_kk: String,
    pub name_ru: String,
    pub sectors: Vec<String>,
    pub groups: Vec<String>,
    pub debt_from: NaiveDate,
    pub debt_to: NaiveDate,
    pub starts_on: NaiveDate,
    pub pay_by: NaiveDate,
    pub percent: Decimal,
    pub by_application: bool,
    pub document_id: i64,
    pub state: String,
    pub proposed_by: String,
    pub decided_by: Option<String>,
}

const COLUMNS: &str = "c.id, c.name_kk, c.name_ru, c.sectors, c.groups, c.debt_from, c.debt_to, c.starts_on, c.pay_by, c.percent, \
     c.by_application, c.document_id, c.state, c.proposed_by, c.decided_by";

/// The terms of a campaign.
#[derive(Debug, Clone)]
pub struct Terms {
    pub name_kk: String,
    pub name_ru: String,
    pub sectors: Vec<Sector>,
    pub groups: Vec<ConsumerGroup>,
    pub debt_from: Period,
    pub debt_to: Period,
    pub starts_on: NaiveDate,
    pub pay_by: NaiveDate,
    pub percent: Decimal,
    pub by_application: bool,
    pub document: DocumentId,
}

pub async fn find(db: &impl ConnectionTrait, id: CampaignId) -> Result<Option<Campaign>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM debt.campaign c WHERE c.id = $1"), [id.0.into()]).await
}

pub async fn lock(tx: &Tx, id: CampaignId) -> Result<Option<Campaign>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM debt.campaign c WHERE c.id = $1 FOR UPDATE"), [id.0.into()])
        .await
}

/// Newest first.
pub async fn list(db: &impl ConnectionTrait, page: Page) -> Result<Slice<Campaign>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.campaign c WHERE ($1::bigint IS NULL OR c.id < $1) ORDER BY c.id DESC LIMIT $2"
        ),
        [page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Those that are going on.
pub async fn started(db: &impl ConnectionTrait) -> Result<Vec<Campaign>> {
    sql::all(
        db,
        &format!("SELECT {COLUMNS} FROM debt.campaign c WHERE c.state = 'started' ORDER BY c.id"),
        [],
    )
    .await
}

/// Those that have given something up, going on or over.
pub async fn that_gave(db: &impl ConnectionTrait) -> Result<Vec<Campaign>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.campaign c WHERE c.state IN ('started', 'ended')
               AND EXISTS (SELECT FROM debt.campaign_account m WHERE m.campaign_id = c.id AND m.given_on IS NOT NULL)
             ORDER BY c.id"
        ),
        [],
    )
    .await
}

pub async fn propose(tx: &Tx, terms: &Terms) -> Result<CampaignId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.campaign (name_kk, name_ru, sectors, groups, debt_from, debt_to, starts_on, pay_by, percent, by_application,
             document_id, proposed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        [
            terms.name_kk.clone().into(),
            terms.name_ru.clone().into(),
            terms.sectors.iter().map(|s| s.code().to_owned()).collect::<Vec<_>>().into(),
            terms.groups.iter().map(|g| g.code().to_owned()).collect::<Vec<_>>().into(),
            terms.debt_from.first_day().into(),
            terms.debt_to.first_day().into(),
            terms.starts_on.into(),
            terms.pay_by.into(),
            terms.percent.into(),
            terms.by_application.into(),
            terms.document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    id.map(CampaignId).ok_or(Broken::RecordNotInserted)
}

pub async fn set_state(tx: &Tx, id: CampaignId, state: CampaignState) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.campaign SET state = $2, decided_by = CASE WHEN $2 = 'ended' THEN decided_by ELSE $3 END,
             decided_at = CASE WHEN $2 = 'ended' THEN decided_at ELSE now() END WHERE id = $1",
        [id.0.into(), state.code().into(), tx.actor().label.clone().into()],
    )
    .await
    .map(drop)
}

/// One row per debt and penalty that accounts of a campaign owe, without what is claimed. `$1` campaign, `$2` day.
fn owed() -> String {
    format!(
        "SELECT a.id AS account_id, a.district_id, a.sector, o.id AS open_item_id, o.component = 'penalty' AS penalty,
                o.amount - o.settled - {CLAIMED} AS rest, {} AS covered
         FROM debt.campaign c
         JOIN subscribers.account a ON (c.sectors = '{{}}' OR a.sector = ANY (c.sectors))
              AND (c.groups = '{{}}' OR a.consumer_group = ANY (c.groups))
         JOIN ledger.open_item o ON o.account_id = a.id AND o.amount > 0 AND o.amount <> o.settled
              AND (o.component = 'penalty' OR o.component IN ('charge', 'imbalance') AND o.origin BETWEEN c.debt_from AND c.debt_to AND o.due_on < $2)
         WHERE c.id = $1 AND {PAYABLE}",
        covered()
    )
}

/// What of item `o` counts as paid in campaign `c`: money by the payer's date until the last day, with its reversals, and of a debt what
/// was taken off it, for that was never owed. What was written off or moved to somebody else was not paid.
fn covered() -> String {
    format!(
        "(SELECT coalesce(sum(s.amount), 0)::bigint FROM ledger.settlement s
          WHERE s.account_id = o.account_id AND s.open_item_id = o.id AND CASE s.source
              {PAYERS_DAY}
              WHEN 'correction' THEN CASE WHEN o.component <> 'penalty' THEN '-infinity'::date END
              WHEN 'one_off' THEN CASE WHEN o.component <> 'penalty' THEN '-infinity'::date END
          END <= c.pay_by)"
    )
}

/// One row per account that may take part: it owes of the campaign's months and has penalty, of rows `item` as [`owed`] says them.
const MEMBERS: &str =
    "SELECT account_id, district_id, sector, sum(rest) FILTER (WHERE NOT penalty)::bigint AS debt,
            sum(rest) FILTER (WHERE penalty)::bigint AS penalty
     FROM item GROUP BY 1, 2, 3
     HAVING sum(rest) FILTER (WHERE NOT penalty) > 0 AND sum(rest) FILTER (WHERE penalty) > 0";

/// What is at stake, by district and sector.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Stake {
    pub district_id: i64,
    pub sector: String,
    pub accounts: i64,
    pub debt: i64,
    pub penalty: i64,
}

/// Before it starts: nothing is kept.
pub async fn forecast(db: &impl ConnectionTrait, id: CampaignId, day: NaiveDate) -> Result<Vec<Stake>> {
    sql::all(
        db,
        &format!(
            "WITH item AS ({})
             SELECT district_id, sector, count(*) AS accounts, sum(debt)::bigint AS debt, sum(penalty)::bigint AS penalty
             FROM ({MEMBERS}) m GROUP BY 1, 2 ORDER BY 1, 2",
            owed()
        ),
        [id.0.into(), day.into()],
    )
    .await
}

/// Keeps who takes part with what they owe on the day, item by item; how many.
pub async fn enrol(tx: &Tx, id: CampaignId, day: NaiveDate) -> Result<i64> {
    let accounts: Option<i64> = sql::scalar(
        tx,
        &format!(
            "WITH item AS MATERIALIZED ({}),
             member AS (
                 INSERT INTO debt.campaign_account (campaign_id, account_id, district_id, sector, debt, penalty)
                 SELECT $1, account_id, district_id, sector, debt, penalty FROM ({MEMBERS}) m RETURNING account_id),
             named AS (
                 INSERT INTO debt.campaign_item (campaign_id, account_id, open_item_id, amount, covered)
                 SELECT $1, i.account_id, i.open_item_id, i.rest, i.covered FROM item i JOIN member USING (account_id) WHERE i.rest > 0)
             SELECT count(*) FROM member",
            owed()
        ),
        [id.0.into(), day.into()],
    )
    .await?;
    Ok(accounts.unwrap_or_default())
}

/// What became of it so far, by district and sector.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Outcome {
    pub district_id: i64,
    pub sector: String,
    pub accounts: i64,
    pub debt: i64,
    pub penalty: i64,
    pub applied: i64,
    pub fulfilled: i64,
    pub given: i64,
}

pub async fn outcome(db: &impl ConnectionTrait, id: CampaignId) -> Result<Vec<Outcome>> {
    sql::all(
        db,
        "SELECT district_id, sector, count(*) AS accounts, sum(debt)::bigint AS debt, sum(penalty)::bigint AS penalty,
                count(applied_on) AS applied, count(given_on) AS fulfilled, coalesce(sum(given), 0)::bigint AS given
         FROM debt.campaign_account WHERE campaign_id = $1 GROUP BY 1, 2 ORDER BY 1, 2",
        [id.0.into()],
    )
    .await
}

/// An account that takes part.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Member {
    pub campaign_id: i64,
    pub account_id: i64,
    pub sector: String,
    pub debt: i64,
    pub penalty: i64,
    pub applied_on: Option<NaiveDate>,
    pub given: Option<i64>,
    pub given_on: Option<NaiveDate>,
}

const MEMBER: &str =
    "m.campaign_id, m.account_id, m.sector, m.debt, m.penalty, m.applied_on, m.given, m.given_on";

/// Of an account, newest campaign first.
pub async fn of_account(db: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Member>> {
    sql::all(
        db,
        &format!("SELECT {MEMBER} FROM debt.campaign_account m WHERE m.account_id = $1 ORDER BY m.campaign_id DESC LIMIT 20"),
        [account.0.into()],
    )
    .await
}

pub async fn member(db: &impl ConnectionTrait, id: CampaignId, account: AccountId) -> Result<Option<Member>> {
    sql::one(
        db,
        &format!(
            "SELECT {MEMBER} FROM debt.campaign_account m WHERE m.campaign_id = $1 AND m.account_id = $2"
        ),
        [id.0.into(), account.0.into()],
    )
    .await
}

/// Records an application; false when there was one or the account takes no part.
pub async fn apply(tx: &Tx, id: CampaignId, account: AccountId, today: NaiveDate) -> Result<bool> {
    let done = sql::run(
        tx,
        "UPDATE debt.campaign_account SET applied_on = $3 WHERE campaign_id = $1 AND account_id = $2 AND applied_on IS NULL",
        [id.0.into(), account.0.into(), today.into()],
    )
    .await?;
    Ok(done > 0)
}

/// An account that takes part, with what it paid of what the campaign named.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Waiting {
    pub account_id: i64,
    pub sector: String,
    pub debt: i64,
    pub penalty: i64,
    /// Of the debts and the penalty named at the start, by the payer's date until the last day of the campaign.
    pub paid: i64,
    /// What is owed now: penalty, and debt of the campaign's months, without what is claimed.
    pub owed: i64,
}

/// Accounts after the given one, a number of them at a time, that have paid anything of what the campaign named.
pub async fn waiting(tx: &Tx, id: CampaignId, after: i64, limit: i64) -> Result<Vec<Waiting>> {
    let who = "m.given_on IS NULL AND (NOT c.by_application OR m.applied_on IS NOT NULL) AND p.paid > 0";
    members(tx, who, id, after, limit).await
}

/// The same of accounts that were given something, where money went back since of what the campaign named.
pub async fn in_doubt(tx: &Tx, id: CampaignId, after: i64, limit: i64) -> Result<Vec<Waiting>> {
    let who = "m.given_on IS NOT NULL AND EXISTS (
                   SELECT FROM debt.campaign_item i
                   JOIN ledger.settlement s ON s.account_id = i.account_id AND s.open_item_id = i.open_item_id
                   WHERE i.campaign_id = m.campaign_id AND i.account_id = m.account_id AND s.amount < 0 AND s.source <> 'write_off')";
    members(tx, who, id, after, limit).await
}

async fn members(tx: &Tx, who: &str, id: CampaignId, after: i64, limit: i64) -> Result<Vec<Waiting>> {
    sql::all(
        tx,
        &format!(
            "SELECT m.account_id, m.sector, m.debt, m.penalty, coalesce(p.paid, 0)::bigint AS paid, coalesce(d.owed, 0)::bigint AS owed
             FROM debt.campaign c
             JOIN debt.campaign_account m ON m.campaign_id = c.id
             CROSS JOIN LATERAL (
                 -- More than was named of one debt does not make up for another.
                 SELECT sum(least(i.amount, {} - i.covered))::bigint AS paid
                 FROM debt.campaign_item i
                 JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id
                 WHERE i.campaign_id = c.id AND i.account_id = m.account_id) p
             LEFT JOIN LATERAL (
                 SELECT sum(o.amount - o.settled - {CLAIMED}) AS owed FROM ledger.open_item o
                 WHERE o.account_id = m.account_id AND o.amount > 0 AND o.amount <> o.settled AND {PAYABLE}
                   AND (o.component = 'penalty' OR o.component IN ('charge', 'imbalance') AND o.origin BETWEEN c.debt_from AND c.debt_to)) d ON true
             WHERE c.id = $1 AND m.account_id > $2 AND {who}
             ORDER BY m.account_id LIMIT $3",
            covered()
        ),
        [id.0.into(), after.into(), limit.into()],
    )
    .await
}

/// Keeps what was given; what was given before keeps its day.
pub async fn give(tx: &Tx, id: CampaignId, given: &[(AccountId, Money)], today: NaiveDate) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.campaign_account m SET given = g.amount, given_on = $2
         FROM unnest($3::bigint[], $4::bigint[]) AS g (account_id, amount)
         WHERE m.campaign_id = $1 AND m.account_id = g.account_id AND m.given_on IS NULL",
        [
            id.0.into(),
            today.into(),
            given.iter().map(|one| one.0.0).collect::<Vec<_>>().into(),
            given.iter().map(|one| one.1.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await
    .map(drop)
}

/// Marks that nothing was given to these accounts; those that had been given something, each once, whoever else asks.
pub async fn take_back(tx: &Tx, id: CampaignId, accounts: &[i64]) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "UPDATE debt.campaign_account SET given = NULL, given_on = NULL
         WHERE campaign_id = $1 AND account_id = ANY ($2) AND given_on IS NOT NULL RETURNING account_id",
        [id.0.into(), accounts.to_vec().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

/// What of an item a campaign has written off.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Given {
    pub account_id: i64,
    pub sector: String,
    pub open_item_id: i64,
    pub service: String,
    pub component: String,
    /// In tiyn, less what was taken back before.
    pub amount: i64,
}

/// What stands written off of these accounts: postings of a campaign have its number on the other side of zero.
pub async fn given(tx: &Tx, id: CampaignId, accounts: &[i64]) -> Result<Vec<Given>> {
    sql::all(
        tx,
        "SELECT o.account_id, m.sector, o.id AS open_item_id, o.service, o.component, sum(s.amount)::bigint AS amount
         FROM debt.campaign_account m
         JOIN ledger.settlement s ON s.source = 'write_off' AND s.source_id = -m.campaign_id AND s.account_id = m.account_id
         JOIN ledger.open_item o ON o.account_id = s.account_id AND o.id = s.open_item_id AND o.service IS NOT NULL
         WHERE m.campaign_id = $1 AND m.account_id = ANY ($2)
         GROUP BY o.account_id, m.sector, o.id, o.service, o.component HAVING sum(s.amount) > 0
         ORDER BY o.account_id, o.id",
        [id.0.into(), accounts.to_vec().into()],
    )
    .await
}
