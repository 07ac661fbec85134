//! Claims: what is claimed of which account, step by step, with what it costs and what was paid since.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::debt::{
    ClaimCostKind, ClaimKind, ClaimStanding, ClaimState, ClaimStep, ClaimedPart, InterruptionKind, OpenDebt,
};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{CLAIMED, DISPUTED, INTERRUPTED, PAYABLE};
use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

/// What bonds of a claim are named by.
const SOURCE: &str = "claim";

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Claim {
    pub id: i64,
    pub account_id: i64,
    pub party_id: i64,
    pub sector: String,
    pub kind: ClaimKind,
    pub state: ClaimState,
    pub document_id: i64,
    /// Claimed without costs, in tiyn as the sums below.
    pub amount: i64,
    pub penalty_up_to: Option<NaiveDate>,
    pub prepared_on: NaiveDate,
    pub filed_on: Option<NaiveDate>,
    pub ended_on: Option<NaiveDate>,
    pub stops_penalty: Option<bool>,
    pub prepared_by: String,
    /// Still owed of what is claimed.
    pub rest: i64,
    /// Costs that stand, and what is still owed of them.
    pub costs: i64,
    pub costs_rest: i64,
    /// Of the newest step that stands, and of the newest that names it.
    pub state_on: NaiveDate,
    pub authority: Option<String>,
    pub number: Option<String>,
}

/// What was settled of an item since it was claimed is paid towards it.
const COLUMNS: &str = "c.id, c.account_id, c.party_id, a.sector, c.kind, c.state, c.document_id, c.amount, c.penalty_up_to, c.prepared_on, \
     c.filed_on, c.ended_on, c.stops_penalty, c.prepared_by, \
     (SELECT coalesce(sum(least(i.amount, o.amount - o.settled)), 0)::bigint FROM debt.claim_item i \
      JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id WHERE i.claim_id = c.id) AS rest, \
     cost.sum AS costs, cost.rest AS costs_rest, step.on_day AS state_on, step.authority, step.number";

const PARTS: &str = "CROSS JOIN LATERAL ( \
         SELECT coalesce(sum(k.amount), 0)::bigint AS sum, coalesce(sum(o.amount - o.settled), 0)::bigint AS rest \
         FROM debt.claim_cost k \
         LEFT JOIN ledger.open_item o ON o.account_id = k.account_id AND o.source = 'cost' AND o.source_id = k.id AND o.amount > 0 \
         WHERE k.claim_id = c.id AND k.reversed_at IS NULL) cost \
     CROSS JOIN LATERAL ( \
         SELECT (array_agg(s.on_day ORDER BY s.id DESC))[1] AS on_day, \
                (array_agg(s.authority ORDER BY s.id DESC) FILTER (WHERE s.authority IS NOT NULL))[1] AS authority, \
                (array_agg(s.number ORDER BY s.id DESC) FILTER (WHERE s.number IS NOT NULL))[1] AS number \
         FROM debt.claim_step s WHERE s.claim_id = c.id AND s.taken_back_at IS NULL) step";

pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: ClaimId) -> Result<Option<Claim>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let sql = format!(
        "SELECT {COLUMNS} FROM debt.claim c JOIN subscribers.account a ON a.id = c.account_id {PARTS} WHERE {} AND c.id = $4",
        ScopeArgs::WHERE
    );
    sql::one(db, &sql, [sectors, districts, accounts, id.0.into()]).await
}

/// One act on a claim at a time.
pub async fn lock(tx: &Tx, id: ClaimId) -> Result<u64> {
    sql::run(tx, "SELECT FROM debt.claim WHERE id = $1 FOR UPDATE", [id.0.into()]).await
}

/// Which claims.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Filter {
    pub kind: Option<ClaimKind>,
    pub state: Option<ClaimState>,
    /// Only those that are not over.
    pub live: bool,
    pub sector: Option<Sector>,
    pub account: Option<AccountId>,
}

/// Newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &Filter,
    page: Page,
) -> Result<Slice<Claim>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.claim c JOIN subscribers.account a ON a.id = c.account_id {PARTS}
             WHERE {} AND ($4::text IS NULL OR c.kind = $4) AND ($5::text IS NULL OR c.state = $5) AND (NOT $6 OR c.ended_on IS NULL)
               AND ($7::text IS NULL OR a.sector = $7) AND ($8::bigint IS NULL OR c.account_id = $8) AND ($9::bigint IS NULL OR c.id < $9)
             ORDER BY c.id DESC LIMIT $10",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            filter.kind.map(|k| k.code().to_owned()).into(),
            filter.state.map(|s| s.code().to_owned()).into(),
            filter.live.into(),
            filter.sector.map(|s| s.code().to_owned()).into(),
            filter.account.map(|id| id.0).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// An item that something is owed of, with what stands in the way of a claim and until when it can be claimed.
#[derive(Debug, Clone)]
pub struct Debt {
    pub debt: OpenDebt,
    pub interruptions: Vec<NaiveDate>,
}

/// Of an account, oldest month first.
pub async fn debts(db: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Debt>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        service: String,
        component: String,
        origin: NaiveDate,
        due_on: NaiveDate,
        rest: i64,
        disputed: i64,
        in_plan: bool,
        claimed: i64,
        reckoned: bool,
        interruptions: Vec<NaiveDate>,
    }
    let rows: Vec<Row> = sql::all(
        db,
        &format!(
            "SELECT o.id, o.service, o.component, o.origin, o.due_on, o.amount - o.settled AS rest,
                    coalesce({DISPUTED}, 0)::bigint AS disputed, {CLAIMED} AS claimed,
                    EXISTS (SELECT FROM debt.plan_item i JOIN debt.plan p ON p.id = i.plan_id AND p.state = 'active'
                            WHERE i.account_id = o.account_id AND i.open_item_id = o.id) AS in_plan,
                    o.component = 'penalty' AND o.source = 'penalty' AS reckoned,
                    {INTERRUPTED} AS interruptions
             FROM ledger.open_item o
             WHERE o.account_id = $1 AND o.amount > 0 AND o.amount <> o.settled AND o.service IS NOT NULL AND {PAYABLE}
             ORDER BY o.origin, o.id"
        ),
        [account.0.into()],
    )
    .await?;
    rows.into_iter()
        .map(|row| {
            let unknown = || Broken::Custom(format!("open item {} has unknown codes", row.id));
            let debt = OpenDebt {
                id: OpenItemId(row.id),
                service: Service::from_code(&row.service).ok_or_else(unknown)?,
                component: Component::from_code(&row.component).ok_or_else(unknown)?,
                origin: Period::of(row.origin),
                due_on: row.due_on,
                rest: Money::from_tiyn(row.rest),
                disputed: Money::from_tiyn(row.disputed),
                in_plan: row.in_plan,
                claimed: Money::from_tiyn(row.claimed),
                reckoned: row.reckoned,
            };
            Ok(Debt { debt, interruptions: row.interruptions })
        })
        .collect()
}

/// Penalty of some items of an account as it was accrued by the acts that reckoned no later day, by service and month of delay.
pub async fn accrued(
    db: &impl ConnectionTrait,
    account: AccountId,
    items: &[OpenItemId],
    up_to: NaiveDate,
) -> Result<Vec<(Service, Period, Money)>> {
    #[derive(FromQueryResult)]
    struct Row {
        service: String,
        month: NaiveDate,
        amount: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT n.service, n.month, sum(n.amount)::bigint AS amount
         FROM debt.penalty n JOIN debt.accrual c ON c.id = n.accrual_id AND c.state NOT IN ('reversed', 'dropped') AND c.up_to <= $3
         WHERE n.account_id = $1 AND n.open_item_id = ANY ($2) GROUP BY 1, 2 ORDER BY 2, 1",
        [account.0.into(), items.iter().map(|id| id.0).collect::<Vec<_>>().into(), up_to.into()],
    )
    .await?;
    let row = |row: Row| {
        Some((Service::from_code(&row.service)?, Period::of(row.month), Money::from_tiyn(row.amount)))
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

/// A claim to be kept, prepared.
#[derive(Debug, Clone)]
pub struct NewClaim {
    pub account: AccountId,
    pub debtor: PartyId,
    pub kind: ClaimKind,
    pub document: DocumentId,
    pub note: Option<String>,
    pub penalty_up_to: Option<NaiveDate>,
    pub on: NaiveDate,
}

/// Keeps a claim with its sums, binds them, and records its first step.
pub async fn prepare(tx: &Tx, new: &NewClaim, parts: &[ClaimedPart]) -> Result<ClaimId> {
    let amount: Money = parts.iter().map(|part| part.1).sum();
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.claim (account_id, party_id, kind, state, document_id, amount, penalty_up_to, prepared_on, prepared_by)
         VALUES ($1, $2, $3, 'prepared', $4, $5, $6, $7, $8) RETURNING id",
        [
            new.account.0.into(),
            new.debtor.0.into(),
            new.kind.code().into(),
            new.document.0.into(),
            amount.tiyn().into(),
            new.penalty_up_to.into(),
            new.on.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    let id = ClaimId(id.ok_or(Broken::RecordNotInserted)?);
    sql::run(
        tx,
        "INSERT INTO debt.claim_item (claim_id, account_id, open_item_id, amount) SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[])",
        [
            id.0.into(),
            new.account.0.into(),
            parts.iter().map(|part| part.0.0).collect::<Vec<_>>().into(),
            parts.iter().map(|part| part.1.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    bind(tx, id).await?;
    let step = NewStep {
        state: ClaimState::Prepared,
        on: new.on,
        document: Some(new.document),
        authority: None,
        number: None,
        note: new.note.clone(),
        amount: None,
    };
    record(tx, id, &step).await?;
    Ok(id)
}

/// Binds what is still owed of a claim, costs included.
pub async fn bind(tx: &Tx, id: ClaimId) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO ledger.bond (account_id, open_item_id, source, source_id, amount)
         SELECT x.account_id, x.open_item_id, $2, $1, least(x.amount, o.amount - o.settled)
         FROM (
             SELECT i.account_id, i.open_item_id, i.amount FROM debt.claim_item i WHERE i.claim_id = $1
             UNION ALL
             SELECT k.account_id, o.id, k.amount FROM debt.claim_cost k
             JOIN ledger.open_item o ON o.account_id = k.account_id AND o.source = 'cost' AND o.source_id = k.id AND o.amount > 0
             WHERE k.claim_id = $1 AND k.reversed_at IS NULL) x
         JOIN ledger.open_item o ON o.account_id = x.account_id AND o.id = x.open_item_id AND o.amount > o.settled
         ON CONFLICT DO NOTHING",
        [id.0.into(), SOURCE.into()],
    )
    .await
    .map(drop)
}

/// Sets the sums of a claim free.
pub async fn release(tx: &Tx, id: ClaimId) -> Result<()> {
    sql::run(tx, "DELETE FROM ledger.bond WHERE source = $2 AND source_id = $1", [id.0.into(), SOURCE.into()])
        .await
        .map(drop)
}

/// A step to be recorded; one without a document came by itself.
#[derive(Debug, Clone)]
pub struct NewStep {
    pub state: ClaimState,
    pub on: NaiveDate,
    pub document: Option<DocumentId>,
    pub authority: Option<String>,
    pub number: Option<String>,
    pub note: Option<String>,
    pub amount: Option<Money>,
}

pub async fn record(tx: &Tx, id: ClaimId, step: &NewStep) -> Result<i64> {
    let step: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.claim_step (claim_id, state, on_day, document_id, authority, number, note, amount, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        [
            id.0.into(),
            step.state.code().into(),
            step.on.into(),
            step.document.map(|id| id.0).into(),
            step.authority.clone().into(),
            step.number.clone().into(),
            step.note.clone().into(),
            step.amount.map(Money::tiyn).into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    step.ok_or(Broken::RecordNotInserted)
}

/// Takes a step back, and what it interrupted of the time of limitation.
pub async fn take_back(tx: &Tx, step: i64, document: DocumentId) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.claim_step SET taken_back_by = $2, taken_back_at = now(), taken_back_document_id = $3 WHERE id = $1",
        [step.into(), tx.actor().label.clone().into(), document.0.into()],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE debt.interruption SET withdrawn_at = now() WHERE claim_step_id = $1 AND withdrawn_at IS NULL",
        [step.into()],
    )
    .await
    .map(drop)
}

/// Where a claim stands now; the setting is that of the day on which it was filed first.
pub async fn stand(
    tx: &Tx,
    id: ClaimId,
    standing: &ClaimStanding,
    stops_penalty: Option<bool>,
) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.claim SET state = $2, filed_on = $3, ended_on = $4, stops_penalty = $5, changed_at = now() WHERE id = $1",
        [
            id.0.into(),
            standing.state.code().into(),
            standing.filed_on.into(),
            standing.ended_on.into(),
            stops_penalty.into(),
        ],
    )
    .await
    .map(drop)
}

/// Who owed when it was filed.
pub async fn set_debtor(tx: &Tx, id: ClaimId, debtor: PartyId) -> Result<()> {
    sql::run(tx, "UPDATE debt.claim SET party_id = $2 WHERE id = $1", [id.0.into(), debtor.0.into()])
        .await
        .map(drop)
}

/// The time of limitation of each claimed item begins anew on the day of a step.
pub async fn interrupt(tx: &Tx, id: ClaimId, step: i64, on: NaiveDate, document: DocumentId) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO debt.interruption (account_id, open_item_id, kind, on_day, document_id, recorded_by, claim_step_id)
         SELECT i.account_id, i.open_item_id, $3, $4, $5, $6, $2 FROM debt.claim_item i WHERE i.claim_id = $1 ORDER BY i.open_item_id",
        [
            id.0.into(),
            step.into(),
            InterruptionKind::Claim.code().into(),
            on.into(),
            document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// A claimed part of an item.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Item {
    pub claim_id: i64,
    pub open_item_id: i64,
    pub service: String,
    pub component: String,
    pub origin: NaiveDate,
    pub due_on: NaiveDate,
    pub amount: i64,
    /// Still owed of it.
    pub rest: i64,
    pub interruptions: Vec<NaiveDate>,
}

/// Of some claims, oldest month first.
pub async fn items(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Item>> {
    sql::all(
        db,
        &format!(
            "SELECT i.claim_id, i.open_item_id, o.service, o.component, o.origin, o.due_on, i.amount,
                    least(i.amount, o.amount - o.settled) AS rest, {INTERRUPTED} AS interruptions
             FROM debt.claim_item i JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id
             WHERE i.claim_id = ANY ($1) ORDER BY i.claim_id, o.origin, o.id"
        ),
        [ids.into()],
    )
    .await
}

/// What is still owed of a claim, costs first, then by month: what money that is meant for it may cover, and nothing else.
pub async fn open_items(db: &impl ConnectionTrait, id: ClaimId) -> Result<Vec<ClaimedPart>> {
    #[derive(FromQueryResult)]
    struct Row {
        open_item_id: i64,
        rest: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT b.open_item_id, least(b.amount, o.amount - o.settled) AS rest
         FROM ledger.bond b JOIN ledger.open_item o ON o.account_id = b.account_id AND o.id = b.open_item_id AND o.amount > o.settled
         WHERE b.source = $2 AND b.source_id = $1 ORDER BY o.component <> 'cost', o.origin, o.id",
        [id.0.into(), SOURCE.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (OpenItemId(row.open_item_id), Money::from_tiyn(row.rest))).collect())
}

/// A step with everything that is known of it.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Step {
    pub id: i64,
    pub claim_id: i64,
    pub state: ClaimState,
    pub on_day: NaiveDate,
    pub document_id: Option<i64>,
    pub authority: Option<String>,
    pub number: Option<String>,
    pub note: Option<String>,
    pub amount: Option<i64>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub taken_back_by: Option<String>,
    pub taken_back_at: Option<DateTime<Utc>>,
    pub taken_back_document_id: Option<i64>,
}

/// Of some claims in their order, with those that were taken back.
pub async fn steps(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Step>> {
    sql::all(
        db,
        "SELECT id, claim_id, state, on_day, document_id, authority, number, note, amount, recorded_by, recorded_at,
                taken_back_by, taken_back_at, taken_back_document_id
         FROM debt.claim_step WHERE claim_id = ANY ($1) ORDER BY claim_id, id",
        [ids.into()],
    )
    .await
}

/// The steps that stand, as the rule sees them.
pub fn standing(steps: &[Step]) -> Vec<ClaimStep> {
    let stand = steps.iter().filter(|step| step.taken_back_at.is_none());
    stand.map(|step| ClaimStep { state: step.state, on: step.on_day }).collect()
}

/// A cost of a claim.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Cost {
    pub id: i64,
    pub claim_id: i64,
    pub account_id: i64,
    pub kind: ClaimCostKind,
    pub on_day: NaiveDate,
    pub amount: i64,
    pub period: NaiveDate,
    pub due_on: NaiveDate,
    pub document_id: i64,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub reversed_by: Option<String>,
    pub reversed_at: Option<DateTime<Utc>>,
    pub open_item_id: Option<i64>,
    /// Still owed of it.
    pub rest: i64,
}

const COST: &str = "k.id, k.claim_id, k.account_id, k.kind, k.on_day, k.amount, k.period, k.due_on, k.document_id, k.recorded_by, \
     k.recorded_at, k.reversed_by, k.reversed_at, o.id AS open_item_id, coalesce(o.amount - o.settled, 0) AS rest \
     FROM debt.claim_cost k \
     LEFT JOIN ledger.open_item o ON o.account_id = k.account_id AND o.source = 'cost' AND o.source_id = k.id AND o.amount > 0";

/// Of some claims in the order they were charged, with those that were taken back.
pub async fn costs(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Cost>> {
    sql::all(
        db,
        &format!("SELECT {COST} WHERE k.claim_id = ANY ($1) ORDER BY k.claim_id, k.id"),
        [ids.into()],
    )
    .await
}

pub async fn cost(db: &impl ConnectionTrait, id: ClaimCostId) -> Result<Option<Cost>> {
    sql::one(db, &format!("SELECT {COST} WHERE k.id = $1"), [id.0.into()]).await
}

/// A cost of the kind that the same document charged already.
pub async fn same_cost(
    tx: &Tx,
    claim: ClaimId,
    kind: ClaimCostKind,
    document: DocumentId,
) -> Result<Option<Cost>> {
    sql::one(
        tx,
        &format!(
            "SELECT {COST}
             WHERE k.claim_id = $1 AND k.kind = $2 AND k.document_id = $3 AND k.reversed_at IS NULL"
        ),
        [claim.0.into(), kind.code().into(), document.0.into()],
    )
    .await
}

/// A cost to be charged.
#[derive(Debug, Clone)]
pub struct NewCost {
    pub claim: ClaimId,
    pub account: AccountId,
    pub kind: ClaimCostKind,
    pub on: NaiveDate,
    pub amount: Money,
    pub period: Period,
    pub due_on: NaiveDate,
    pub document: DocumentId,
}

pub async fn charge(tx: &Tx, new: &NewCost) -> Result<ClaimCostId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.claim_cost (claim_id, account_id, kind, on_day, amount, period, due_on, document_id, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        [
            new.claim.0.into(),
            new.account.0.into(),
            new.kind.code().into(),
            new.on.into(),
            new.amount.tiyn().into(),
            new.period.first_day().into(),
            new.due_on.into(),
            new.document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    id.map(ClaimCostId).ok_or(Broken::RecordNotInserted)
}

/// False when it was taken back before.
pub async fn reverse_cost(tx: &Tx, id: ClaimCostId, document: DocumentId) -> Result<bool> {
    let done = sql::run(
        tx,
        "UPDATE debt.claim_cost SET reversed_by = $2, reversed_at = now(), reversal_document_id = $3
         WHERE id = $1 AND reversed_at IS NULL",
        [id.0.into(), tx.actor().label.clone().into(), document.0.into()],
    )
    .await?;
    Ok(done > 0)
}

/// What lessened claimed sums since they were claimed: by day and by what did it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Settled {
    pub claim_id: i64,
    pub on: NaiveDate,
    pub source: String,
    pub amount: i64,
}

/// Of some claims, newest first; two hundred of each at most.
pub async fn settled(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Settled>> {
    sql::all(
        db,
        "SELECT c.id AS claim_id, x.on, x.source, x.amount
         FROM debt.claim c
         CROSS JOIN LATERAL (
             SELECT s.valid_on AS on, s.source, s.source_id, sum(s.amount)::bigint AS amount
             FROM (
                 SELECT i.open_item_id FROM debt.claim_item i WHERE i.claim_id = c.id
                 UNION
                 SELECT o.id FROM debt.claim_cost k
                 JOIN ledger.open_item o ON o.account_id = k.account_id AND o.source = 'cost' AND o.source_id = k.id AND o.amount > 0
                 WHERE k.claim_id = c.id AND k.reversed_at IS NULL) i
             JOIN ledger.settlement s ON s.account_id = c.account_id AND s.open_item_id = i.open_item_id
                  AND s.recorded_at >= (SELECT min(p.recorded_at) FROM debt.claim_step p WHERE p.claim_id = c.id)
             GROUP BY s.valid_on, s.source, s.source_id HAVING sum(s.amount) <> 0
             ORDER BY s.valid_on DESC, s.source, s.source_id LIMIT 200) x
         WHERE c.id = ANY ($1) ORDER BY c.id, x.on DESC, x.source, x.source_id",
        [ids.into()],
    )
    .await
}

/// A claim that is not over and of which nothing is owed any more.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Closed {
    pub id: i64,
    pub account_id: i64,
    pub state: ClaimState,
    pub last_on: NaiveDate,
    /// Tiyn that orders of write-off gave up of it.
    pub given_up: i64,
}

/// Those that money or an order has brought to their end.
pub async fn without_debt(tx: &Tx) -> Result<Vec<Closed>> {
    sql::all(
        tx,
        "SELECT c.id, c.account_id, c.state,
                (SELECT max(s.on_day) FROM debt.claim_step s WHERE s.claim_id = c.id AND s.taken_back_at IS NULL) AS last_on,
                coalesce((SELECT sum(s.amount) FROM debt.claim_item i
                          JOIN ledger.settlement s ON s.account_id = i.account_id AND s.open_item_id = i.open_item_id
                               AND s.source = 'write_off'
                          WHERE i.claim_id = c.id), 0)::bigint AS given_up
         FROM debt.claim c
         WHERE c.ended_on IS NULL
           AND NOT EXISTS (
               SELECT FROM debt.claim_item i JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id
               WHERE i.claim_id = c.id AND o.amount > o.settled)
           AND NOT EXISTS (
               SELECT FROM debt.claim_cost k
               JOIN ledger.open_item o ON o.account_id = k.account_id AND o.source = 'cost' AND o.source_id = k.id
               WHERE k.claim_id = c.id AND k.reversed_at IS NULL AND o.amount > 0 AND o.amount > o.settled)
         ORDER BY c.id FOR UPDATE OF c",
        [],
    )
    .await
}

/// Items that a claim which is not hopeless has a part of: nobody gives them up meanwhile.
pub async fn held(tx: &Tx, items: &[(AccountId, OpenItemId)]) -> Result<i64> {
    let found: Option<i64> = sql::scalar(
        tx,
        "SELECT count(*) FROM unnest($1::bigint[], $2::bigint[]) AS k (account_id, id)
         JOIN ledger.bond b ON b.account_id = k.account_id AND b.open_item_id = k.id AND b.source = $3
         JOIN debt.claim c ON c.id = b.source_id AND c.state <> ALL ($4::text[])",
        [
            items.iter().map(|item| item.0.0).collect::<Vec<_>>().into(),
            items.iter().map(|item| item.1.0).collect::<Vec<_>>().into(),
            SOURCE.into(),
            ClaimState::ALL
                .iter()
                .filter(|state| state.is_hopeless())
                .map(|state| state.code().to_owned())
                .collect::<Vec<_>>()
                .into(),
        ],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// Whom a claim may be prepared against.
#[derive(Debug, Clone)]
pub struct Terms {
    pub day: NaiveDate,
    /// More days of delay than so many.
    pub days: u32,
    pub least: Money,
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
}

/// An account with debts that are old and free enough to be claimed.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Candidate {
    pub account_id: i64,
    pub number: String,
    pub sector: String,
    pub district_id: i64,
    /// Tiyn of debts older than asked for, without what is disputed or claimed.
    pub owed: i64,
    pub months: i64,
    pub oldest: NaiveDate,
}

/// Largest debts first; accounts that pay by instalments are left out.
pub async fn candidates(
    db: &impl ConnectionTrait,
    scope: &Scope,
    terms: &Terms,
    page: Page<(i64, i64)>,
) -> Result<Slice<Candidate>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let (owed, id) = page.after.unzip();
    let rows = sql::all(
        db,
        &format!(
            "SELECT * FROM (
                 SELECT a.id AS account_id, a.number, a.sector, a.district_id, count(DISTINCT o.origin) AS months, min(o.due_on) AS oldest,
                        sum(o.amount - o.settled - {CLAIMED})::bigint AS owed
                 FROM ledger.open_item o JOIN subscribers.account a ON a.id = o.account_id
                 WHERE {} AND o.amount > 0 AND o.amount <> o.settled AND o.component IN ('charge', 'imbalance') AND {PAYABLE}
                   AND o.due_on < $4::date - $5::int AND ($6::text IS NULL OR a.sector = $6) AND ($7::bigint IS NULL OR a.district_id = $7)
                   AND o.amount - o.settled > {CLAIMED} AND {DISPUTED} IS NULL
                   AND NOT EXISTS (SELECT FROM debt.plan p WHERE p.account_id = a.id AND p.state = 'active')
                 GROUP BY a.id) d
             WHERE d.owed >= $8 AND ($9::bigint IS NULL OR (d.owed, d.account_id) < ($9, $10))
             ORDER BY d.owed DESC, d.account_id DESC LIMIT $11",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            terms.day.into(),
            (terms.days as i32).into(),
            terms.sector.map(|s| s.code().to_owned()).into(),
            terms.district.map(|d| d.0).into(),
            terms.least.tiyn().into(),
            owed.into(),
            id.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
