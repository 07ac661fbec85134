//! What of the limits of a legal entity was used, by the bills that were issued.

use chrono::NaiveDate;
use domain::kernel::{AccountId, ContractId};
use sea_orm::FromQueryResult;

use crate::kernel::{Db, Result, sql};

/// A month of a limit of an account; a limit that nothing was issued under has one row without a month.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct LimitMonth {
    pub contract_id: ContractId,
    pub premise_id: Option<i64>,
    pub point_id: Option<i64>,
    pub service: String,
    /// As the last version of the year says.
    pub month_liters: Option<i64>,
    pub year_liters: Option<i64>,
    pub period: Option<NaiveDate>,
    pub liters: i64,
    /// Of them above the limit.
    pub above: i64,
}

/// The limits of an account's contracts in force on a day of the year, each with what was issued under any of its versions.
pub async fn of_year(db: &Db, account: AccountId, year: i32) -> Result<Vec<LimitMonth>> {
    sql::all(
        db,
        "WITH term AS (SELECT make_date($2, 1, 1) AS first, make_date($2 + 1, 1, 1) AS next),
         known AS (
             SELECT DISTINCT ON (l.contract_id, l.premise_id, l.point_id, l.service)
                    l.contract_id, l.premise_id, l.point_id, l.service, l.month_liters, l.year_liters
             FROM contracts.consumption_limit l JOIN contracts.contract c ON c.id = l.contract_id CROSS JOIN term t
             WHERE c.account_id = $1 AND upper_inf(l.recorded) AND l.valid && daterange(t.first, t.next)
             ORDER BY l.contract_id, l.premise_id, l.point_id, l.service, lower(l.valid) DESC
         ),
         used AS (
             SELECT o.contract_id, o.premise_id, o.point_id, o.service, h.period, sum(h.liters)::bigint AS liters,
                    coalesce(sum(h.liters) FILTER (WHERE h.basis = 'over_limit'), 0)::bigint AS above
             FROM billing.charge_line h
             JOIN billing.run r ON r.id = h.run_id AND r.state = 'issued'
             JOIN contracts.consumption_limit o ON o.id = h.limit_id
             CROSS JOIN term t
             WHERE h.account_id = $1 AND h.period >= t.first AND h.period < t.next
             GROUP BY o.contract_id, o.premise_id, o.point_id, o.service, h.period
         )
         SELECT k.contract_id, k.premise_id, k.point_id, k.service, k.month_liters, k.year_liters, u.period, coalesce(u.liters, 0) AS liters,
                coalesce(u.above, 0) AS above
         FROM known k LEFT JOIN used u ON u.contract_id = k.contract_id AND u.service = k.service
             AND u.premise_id IS NOT DISTINCT FROM k.premise_id AND u.point_id IS NOT DISTINCT FROM k.point_id
         ORDER BY k.contract_id, k.premise_id NULLS FIRST, k.point_id NULLS FIRST, k.service DESC, u.period",
        [account.0.into(), year.into()],
    )
    .await
}
