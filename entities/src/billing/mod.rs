//! Runs, their inputs, bills and charge lines.

pub mod bill;
pub mod correction;
pub mod division;
pub mod final_bill;
pub mod input;
pub mod limit_use;
mod line;
pub mod newer;
pub mod preview;
pub mod one_off;
pub mod paper;
pub mod recalculate;
pub mod run;
pub mod scenario;
pub mod source;
pub mod write;

/// Accounts that pay twice for days of one meter; whatever the registers say, there should be none.
pub async fn metered_twice(db: &impl sea_orm::ConnectionTrait) -> crate::kernel::Result<i64> {
    let found: Option<i64> =
        crate::kernel::sql::scalar(db, include_str!("sql/metered_twice.sql"), []).await?;
    Ok(found.unwrap_or_default())
}
