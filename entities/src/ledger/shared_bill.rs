//! What a shared-bill centre prints for us: each account and service with what is payable now.

use domain::access::Scope;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Page, Result, ScopeArgs, Slice, sql};

/// Tiyn of an account and service. The three parts add up to what is due.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Charged {
    pub account_id: i64,
    pub number: String,
    pub service: String,
    /// Of the months before.
    pub before: i64,
    /// Of the month: charges, shares of imbalance, one-off charges.
    pub charged: i64,
    /// Penalty and costs, whatever their month.
    pub penalty: i64,
    pub due: i64,
}

/// Accounts of a sector that owe something, in the order of their ids; `page.first` counts accounts.
pub async fn charges(
    db: &impl ConnectionTrait,
    scope: &Scope,
    period: Period,
    sector: Sector,
    page: Page,
) -> Result<Slice<Charged>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows: Vec<Charged> = sql::all(
        db,
        &format!(
            "WITH page AS MATERIALIZED (
                 SELECT a.id, a.number FROM subscribers.account a
                 WHERE {} AND a.sector = $4 AND ($5::bigint IS NULL OR a.id > $5)
                   AND EXISTS (SELECT FROM ledger.open_item o WHERE o.account_id = a.id AND o.amount > o.settled AND {PAYABLE})
                 ORDER BY a.id LIMIT $6)
             SELECT a.id AS account_id, a.number, o.service,
                    coalesce(sum(o.amount - o.settled) FILTER (WHERE o.component NOT IN ('penalty', 'cost') AND o.origin < $7), 0)::bigint AS before,
                    coalesce(sum(o.amount - o.settled) FILTER (WHERE o.component NOT IN ('penalty', 'cost') AND o.origin >= $7), 0)::bigint AS charged,
                    coalesce(sum(o.amount - o.settled) FILTER (WHERE o.component IN ('penalty', 'cost')), 0)::bigint AS penalty,
                    sum(o.amount - o.settled)::bigint AS due
             FROM page a JOIN ledger.open_item o ON o.account_id = a.id AND o.amount > o.settled AND {PAYABLE}
             GROUP BY 1, 2, 3 ORDER BY 1, 3",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            sector.code().into(),
            page.after.into(),
            page.limit().into(),
            period.first_day().into(),
        ],
    )
    .await?;
    // One account too many tells that there are more.
    let mut seen: Vec<i64> = rows.iter().map(|row| row.account_id).collect();
    seen.dedup();
    let has_next = seen.len() as u64 > page.first;
    let beyond = if has_next { seen.last().copied() } else { None };
    let rows = rows.into_iter().filter(|row| Some(row.account_id) != beyond).collect();
    Ok(Slice { rows, has_next })
}

/// Items of runs not issued yet are not payable.
const PAYABLE: &str =
    "NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)";
