//! Limitation: what interrupted it, and debts whose time runs out.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::debt::InterruptionKind;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::{INTERRUPTED, PAYABLE};
use crate::kernel::{Broken, Db, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Interruption {
    pub account_id: i64,
    pub open_item_id: Option<i64>,
    pub kind: String,
    pub on_day: NaiveDate,
    pub document_id: i64,
    pub recorded_by: String,
}

pub async fn interrupt(
    tx: &Tx,
    account: AccountId,
    item: Option<OpenItemId>,
    kind: InterruptionKind,
    on_day: NaiveDate,
    document: DocumentId,
) -> Result<i64> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.interruption (account_id, open_item_id, kind, on_day, document_id, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        [
            account.0.into(),
            item.map(|id| id.0).into(),
            kind.code().into(),
            on_day.into(),
            document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    id.ok_or(Broken::RecordNotInserted)
}

/// Of an account, newest first.
pub async fn of_account(db: &impl ConnectionTrait, account: AccountId) -> Result<Vec<Interruption>> {
    sql::all(
        db,
        "SELECT account_id, open_item_id, kind, on_day, document_id, recorded_by FROM debt.interruption
         WHERE account_id = $1 AND withdrawn_at IS NULL ORDER BY on_day DESC, id DESC LIMIT 100",
        [account.0.into()],
    )
    .await
}

/// An item with what interrupted its time.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Running {
    pub id: i64,
    pub account_id: i64,
    pub service: Option<String>,
    pub component: String,
    pub origin: NaiveDate,
    pub due_on: NaiveDate,
    pub rest: i64,
    pub interruptions: Vec<NaiveDate>,
}

/// Open items due before a day, oldest first: the rule says which of them run out, by the interruptions of each.
pub async fn due_before(
    db: &Db,
    scope: &Scope,
    day: NaiveDate,
    sector: Option<Sector>,
    page: Page<(NaiveDate, i64)>,
) -> Result<Slice<Running>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let (due, id) = page.after.unzip();
    let rows = sql::all(
        db,
        &format!(
            "SELECT o.id, o.account_id, o.service, o.component, o.origin, o.due_on, o.amount - o.settled AS rest,
                    {INTERRUPTED} AS interruptions
             FROM ledger.open_item o JOIN subscribers.account a ON a.id = o.account_id
             WHERE {} AND o.amount > 0 AND o.amount <> o.settled AND {PAYABLE} AND o.due_on < $4
               AND ($5::text IS NULL OR a.sector = $5)
               AND ($6::date IS NULL OR (o.due_on, o.id) > ($6, $7))
             ORDER BY o.due_on, o.id LIMIT $8",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            day.into(),
            sector.map(|s| s.code().to_owned()).into(),
            due.into(),
            id.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
