//! Disputed sums.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::debt::{AtRate, DisputeState};
use domain::kernel::*;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Dispute {
    pub id: i64,
    pub account_id: i64,
    pub open_item_id: i64,
    pub amount: i64,
    pub reason: String,
    pub state: String,
    pub opened_on: NaiveDate,
    pub answer_by: NaiveDate,
    pub opened_by: String,
    pub decided_on: Option<NaiveDate>,
    pub decided_by: Option<String>,
    pub decision: Option<String>,
    pub document_id: Option<i64>,
}

const COLUMNS: &str = "d.id, d.account_id, d.open_item_id, d.amount, d.reason, d.state, d.opened_on, d.answer_by, d.opened_by, \
     d.decided_on, d.decided_by, d.decision, d.document_id";

pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: DisputeId) -> Result<Option<Dispute>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let sql = format!(
        "SELECT {COLUMNS} FROM debt.dispute d JOIN subscribers.account a ON a.id = d.account_id WHERE {} AND d.id = $4",
        ScopeArgs::WHERE
    );
    sql::one(db, &sql, [sectors, districts, accounts, id.0.into()]).await
}

/// `None` when the item has an open dispute already.
pub async fn open(
    tx: &Tx,
    (account, item): (AccountId, OpenItemId),
    amount: Money,
    reason: &str,
    opened_on: NaiveDate,
    answer_by: NaiveDate,
) -> Result<Option<DisputeId>> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.dispute (account_id, open_item_id, amount, reason, opened_on, answer_by, opened_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (account_id, open_item_id) WHERE state = 'open' DO NOTHING RETURNING id",
        [
            account.0.into(),
            item.0.into(),
            amount.tiyn().into(),
            reason.into(),
            opened_on.into(),
            answer_by.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    Ok(id.map(DisputeId))
}

/// Ends an open one; false when it is decided already.
pub async fn decide(
    tx: &Tx,
    id: DisputeId,
    state: DisputeState,
    decision: &str,
    document: DocumentId,
    today: NaiveDate,
) -> Result<bool> {
    let done = sql::run(
        tx,
        "UPDATE debt.dispute SET state = $2, decision = $3, document_id = $4, decided_on = $5, decided_by = $6, changed_at = now()
         WHERE id = $1 AND state = 'open'",
        [
            id.0.into(),
            state.code().into(),
            decision.into(),
            document.0.into(),
            today.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    match done {
        0 | 1 => Ok(done == 1),
        _ => Err(Broken::RecordNotUpdated),
    }
}

/// Open ones by their deadline, then decided ones by day; the key is the id.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<DisputeState>,
    account: Option<AccountId>,
    page: Page,
) -> Result<Slice<Dispute>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.dispute d JOIN subscribers.account a ON a.id = d.account_id
             WHERE {} AND ($4::text IS NULL OR d.state = $4) AND ($5::bigint IS NULL OR d.account_id = $5)
               AND ($6::bigint IS NULL OR d.id < $6)
             ORDER BY d.id DESC LIMIT $7",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            state.map(|s| s.code().to_owned()).into(),
            account.map(|id| id.0).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// What the bill of a month charged for a service and component at each rate of VAT, as corrections left it; nothing where the sum
/// is not of a bill.
pub async fn charged_at(
    db: &impl ConnectionTrait,
    account: AccountId,
    origin: Period,
    service: Service,
    component: Component,
) -> Result<Vec<AtRate>> {
    #[derive(FromQueryResult)]
    struct Row {
        vat_rate: i32,
        net: i64,
        vat: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT vat_rate, sum(net)::bigint AS net, sum(vat)::bigint AS vat
         FROM (
             SELECT l.vat_rate, l.net, l.vat
             FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id AND r.state = 'issued'
             WHERE l.account_id = $1 AND l.period = $2 AND l.service = $3 AND l.component = $4
             UNION ALL
             SELECT l.vat_rate, s.sign * l.net, s.sign * l.vat
             FROM billing.correction_line l
             JOIN billing.correction_account a
               ON a.correction_id = l.correction_id AND a.account_id = l.account_id AND a.outcome = 'posted'
             CROSS JOIN LATERAL (SELECT CASE l.side WHEN 'plus' THEN 1 ELSE -1 END AS sign) s
             WHERE l.account_id = $1 AND l.period = $2 AND l.service = $3 AND l.component = $4
         ) lines
         GROUP BY vat_rate HAVING sum(net) > 0 AND sum(vat) >= 0 ORDER BY vat_rate",
        [account.0.into(), origin.first_day().into(), service.code().into(), component.code().into()],
    )
    .await?;
    let at = |row: Row| AtRate {
        rate: Decimal::new(row.vat_rate.into(), 4),
        net: Money::from_tiyn(row.net),
        vat: Money::from_tiyn(row.vat),
    };
    Ok(rows.into_iter().map(at).collect())
}
