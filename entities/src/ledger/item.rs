//! Open items: what is owed, by service, component and month; advances are items of a negative amount.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::kernel::*;
use domain::ledger::HeldBy;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Item {
    pub id: i64,
    pub account_id: i64,
    pub service: Option<String>,
    pub component: String,
    pub origin: NaiveDate,
    pub due_on: NaiveDate,
    pub amount: i64,
    pub settled: i64,
    /// Of an advance that covers nothing but what an earmark names.
    pub earmark_id: Option<i64>,
}

const COLUMNS: &str =
    "o.id, o.account_id, o.service, o.component, o.origin, o.due_on, o.amount, o.settled, o.earmark_id";

/// Items of runs not issued yet are not payable.
const PAYABLE: &str =
    "NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)";

/// Before any item there is.
const ALWAYS: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day");

/// What an account owes at this moment. Sums are in tiyn.
#[derive(Debug, Clone, Copy, Default, FromQueryResult)]
pub struct Balance {
    pub account_id: i64,
    /// Positive when the subscriber owes.
    pub balance: i64,
    pub owed: i64,
    pub advance: i64,
    pub due_on: Option<NaiveDate>,
}

/// One statement for any number of accounts; an account without items has no row.
/// With a day, only items of its month and later count: the debt follows the person who made it.
pub async fn balances(
    db: &impl ConnectionTrait,
    accounts: &[(AccountId, Option<NaiveDate>)],
) -> Result<Vec<Balance>> {
    let (keys, values) = match accounts {
        // As in `sql::keys`: one key is a value, so that its plan is made once.
        [(id, since)] => ("(VALUES ($1::bigint, $2::date))", [id.0.into(), since.unwrap_or(ALWAYS).into()]),
        many => (
            "unnest($1::bigint[], $2::date[])",
            [
                many.iter().map(|(id, _)| id.0).collect::<Vec<_>>().into(),
                many.iter().map(|(_, since)| since.unwrap_or(ALWAYS)).collect::<Vec<_>>().into(),
            ],
        ),
    };
    sql::all(
        db,
        &format!(
            "SELECT o.account_id, sum(o.amount - o.settled)::bigint AS balance,
                    coalesce(sum(o.amount - o.settled) FILTER (WHERE o.amount > 0), 0)::bigint AS owed,
                    coalesce(-sum(o.amount - o.settled) FILTER (WHERE o.amount < 0), 0)::bigint AS advance,
                    min(o.due_on) FILTER (WHERE o.amount > o.settled) AS due_on
             FROM {keys} AS k (id, since)
             JOIN ledger.open_item o ON o.account_id = k.id AND o.amount <> o.settled
                  AND o.origin >= date_trunc('month', k.since::timestamp)::date
             WHERE {PAYABLE} GROUP BY o.account_id"
        ),
        values,
    )
    .await
}

/// What is still open, in tiyn, of all that was owed at the end of a month, for any number of accounts and months in one statement.
/// With a day, only items of its month and later count, as in [`balances`].
pub async fn left(
    db: &impl ConnectionTrait,
    asked: &[(AccountId, Period, Option<NaiveDate>)],
) -> Result<HashMap<(AccountId, Period), i64>> {
    #[derive(FromQueryResult)]
    struct Left {
        account_id: i64,
        month: NaiveDate,
        rest: i64,
    }
    let rows: Vec<Left> = sql::all(
        db,
        &format!(
            "SELECT k.id AS account_id, k.month, sum(o.amount - o.settled)::bigint AS rest
             FROM unnest($1::bigint[], $2::date[], $3::date[]) AS k (id, month, since)
             JOIN ledger.open_item o ON o.account_id = k.id AND o.amount <> o.settled AND o.amount > 0 AND o.origin <= k.month
                  AND o.origin >= date_trunc('month', k.since::timestamp)::date
             WHERE {PAYABLE} GROUP BY k.id, k.month"
        ),
        [
            asked.iter().map(|(id, ..)| id.0).collect::<Vec<_>>().into(),
            asked.iter().map(|(_, month, _)| month.first_day()).collect::<Vec<_>>().into(),
            asked.iter().map(|(.., since)| since.unwrap_or(ALWAYS)).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    Ok(rows.into_iter().map(|row| ((AccountId(row.account_id), Period::of(row.month)), row.rest)).collect())
}

/// Items not settled yet, oldest first.
pub async fn open_of(
    db: &Db,
    account: AccountId,
    since: Option<NaiveDate>,
    page: Page,
) -> Result<Slice<Item>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM ledger.open_item o
             WHERE o.account_id = $1 AND o.amount <> o.settled AND {PAYABLE} AND ($2::bigint IS NULL OR o.id > $2)
               AND ($4::date IS NULL OR o.origin >= date_trunc('month', $4::timestamp)::date)
             ORDER BY o.id LIMIT $3"
        ),
        [account.0.into(), page.after.into(), page.limit().into(), since.into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<(i64, i64)>) -> Result<Vec<Item>> {
    let (accounts, items): (Vec<i64>, Vec<i64>) = ids.into_iter().unzip();
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM unnest($1::bigint[], $2::bigint[]) AS k (account_id, id)
             JOIN ledger.open_item o ON o.account_id = k.account_id AND o.id = k.id"
        ),
        [accounts.into(), items.into()],
    )
    .await
}

/// Payable items of accounts under a lock, oldest first within an account: what a payment is allocated over.
pub async fn lock_payable(tx: &Tx, accounts: &[i64]) -> Result<Vec<Item>> {
    sql::all(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM ledger.open_item o
             WHERE o.account_id = ANY ($1) AND o.amount <> o.settled AND {PAYABLE}
             ORDER BY o.account_id, o.id FOR UPDATE OF o"
        ),
        [accounts.to_vec().into()],
    )
    .await
}

/// What acts above keep of items of the accounts, as claims: such a part stays on its account.
pub async fn bound(tx: &Tx, accounts: &[i64]) -> Result<HashMap<(i64, i64), i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
        open_item_id: i64,
        amount: i64,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT b.account_id, b.open_item_id, sum(b.amount)::bigint AS amount FROM ledger.bond b
         WHERE b.account_id = ANY ($1) GROUP BY 1, 2",
        [accounts.to_vec().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| ((row.account_id, row.open_item_id), row.amount)).collect())
}

/// What holds an item on its account.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Held {
    pub held_by: HeldBy,
    /// The number of the dispute, the plan.
    pub held_id: i64,
    /// Number of the account.
    pub number: String,
    pub origin: NaiveDate,
}

/// The first thing that holds what is owed on accounts for a service, component and month; a credit lessens all that is owed for
/// the same, so one held item holds them all.
pub async fn held(
    tx: &Tx,
    owed: impl IntoIterator<Item = (AccountId, &str, &str, NaiveDate)>,
) -> Result<Option<Held>> {
    let (mut accounts, mut services, mut components, mut origins) = (vec![], vec![], vec![], vec![]);
    for (account, service, component, origin) in owed {
        accounts.push(account.0);
        services.push(service.to_owned());
        components.push(component.to_owned());
        origins.push(origin);
    }
    sql::one(
        tx,
        "SELECT h.held_by, h.held_id, a.number, o.origin
         FROM unnest($1::bigint[], $2::text[], $3::text[], $4::date[]) AS k (account_id, service, component, origin)
         JOIN ledger.open_item o ON o.account_id = k.account_id AND o.amount <> o.settled
              AND (o.service, o.component, o.origin) = (k.service, k.component, k.origin)
         JOIN ledger.held_item h ON h.account_id = o.account_id AND h.open_item_id = o.id
         JOIN subscribers.account a ON a.id = o.account_id
         ORDER BY o.account_id, o.origin, h.held_by, h.held_id LIMIT 1",
        [accounts.into(), services.into(), components.into(), origins.into()],
    )
    .await
}

/// Accounts of the run that paid ahead and now owe.
pub async fn accounts_with_advance(tx: &Tx, run: RunId) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT DISTINCT a.account_id FROM ledger.open_item a
         WHERE a.amount < 0 AND a.amount <> a.settled
           AND EXISTS (SELECT FROM ledger.open_item o WHERE o.account_id = a.account_id AND o.source = 'run' AND o.source_id = $1)
         ORDER BY 1",
        [run.0.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

/// Which of the accounts have paid ahead, in the order of their ids.
pub async fn with_advance(tx: &Tx, accounts: Vec<i64>) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT DISTINCT account_id FROM ledger.open_item
         WHERE account_id = ANY ($1) AND amount < 0 AND amount <> settled ORDER BY 1",
        [accounts.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.account_id).collect())
}

/// Marks a source as not payable yet, or payable from now on.
pub async fn hold(tx: &Tx, source: &str, id: i64) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO ledger.hold (source, source_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        [source.into(), id.into()],
    )
    .await
}

pub async fn release(tx: &Tx, source: &str, id: i64) -> Result<u64> {
    sql::run(tx, "DELETE FROM ledger.hold WHERE source = $1 AND source_id = $2", [source.into(), id.into()])
        .await
}

/// Locks every item of an account until the end of the transaction.
pub async fn lock_all(tx: &Tx, account: AccountId) -> Result<u64> {
    sql::run(
        tx,
        "SELECT FROM ledger.open_item o WHERE o.account_id = $1 ORDER BY o.id FOR UPDATE",
        [account.0.into()],
    )
    .await
}

/// The same of many accounts, in one order for everybody.
pub async fn lock_all_of(tx: &Tx, accounts: &[i64]) -> Result<u64> {
    sql::run(
        tx,
        "SELECT FROM ledger.open_item o WHERE o.account_id = ANY ($1) ORDER BY o.account_id, o.id FOR UPDATE",
        [accounts.to_vec().into()],
    )
    .await
}

/// The items that sources of one kind made for their accounts, by the source: the advances of payments.
pub async fn by_sources(
    db: &impl ConnectionTrait,
    source: &str,
    of: &[(AccountId, i64)],
) -> Result<HashMap<i64, Vec<Item>>> {
    #[derive(FromQueryResult)]
    struct Row {
        source_id: i64,
        #[sea_orm(nested)]
        item: Item,
    }
    let rows: Vec<Row> = sql::all(
        db,
        &format!(
            "SELECT o.source_id, {COLUMNS} FROM unnest($2::bigint[], $3::bigint[]) AS k (account_id, source_id)
             JOIN ledger.open_item o ON o.account_id = k.account_id AND o.source = $1 AND o.source_id = k.source_id
             ORDER BY o.id"
        ),
        [
            source.into(),
            of.iter().map(|(account, _)| account.0).collect::<Vec<_>>().into(),
            of.iter().map(|(_, id)| *id).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    let mut found: HashMap<i64, Vec<Item>> = HashMap::new();
    for row in rows {
        found.entry(row.source_id).or_default().push(row.item);
    }
    Ok(found)
}

/// The item that a source made for an account: the advance of a payment.
pub async fn by_source(
    db: &impl ConnectionTrait,
    account: AccountId,
    source: &str,
    source_id: i64,
) -> Result<Option<Item>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM ledger.open_item o WHERE o.account_id = $1 AND o.source = $2 AND o.source_id = $3"
        ),
        [account.0.into(), source.into(), source_id.into()],
    )
    .await
}
