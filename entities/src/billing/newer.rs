//! Facts that a run has not seen: what came, was decided or was corrected between its look at the registers and the issue.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::run::Run;
use crate::kernel::{Page, Result, Slice, sql};

const FACTS: &str = include_str!("sql/newer_facts.sql");

/// The facts of one kind about one account; account 0 is about every account of the sector.
#[derive(Debug, Clone, FromQueryResult)]
pub struct NewerFact {
    pub account_id: i64,
    pub kind: String,
    /// The latest of them; none where nothing keeps the moment.
    pub at: Option<DateTime<Utc>>,
}

/// How many accounts have such facts, a change of prices or methods counted as one.
pub async fn count(db: &impl ConnectionTrait, run: &Run) -> Result<i64> {
    let sql = format!("SELECT count(DISTINCT account_id) FROM ({FACTS}) f");
    Ok(sql::scalar(db, &sql, values(run)).await?.unwrap_or_default())
}

/// A page of them by account and kind.
pub async fn list(
    db: &impl ConnectionTrait,
    run: &Run,
    page: Page<(i64, String)>,
) -> Result<Slice<NewerFact>> {
    let sql = format!(
        "SELECT account_id, kind, max(at) AS at FROM ({FACTS}) f
         WHERE $5::bigint IS NULL OR (account_id, kind) > ($5, $6)
         GROUP BY account_id, kind ORDER BY account_id, kind LIMIT $7"
    );
    let (account, kind) = page.after.clone().unzip();
    let [a, b, c, d] = values(run);
    let rows = sql::all(db, &sql, [a, b, c, d, account.into(), kind.into(), page.limit().into()]).await?;
    Ok(Slice::of(rows, page.first))
}

fn values(run: &Run) -> [sea_orm::Value; 4] {
    [run.id.into(), run.period.into(), run.sector.clone().into(), run.known_at.into()]
}
