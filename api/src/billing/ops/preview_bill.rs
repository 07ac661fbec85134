//! What an account would be charged if the month were run now. The same facts, the same rule, kept nowhere.

use chrono::{DateTime, Utc};
use domain::billing::{ChargeError, Explanation, explain};
use domain::kernel::{AccountId, Period, Sector};
use entities::billing::input;
use entities::kernel::{Db, Result};
use entities::tariffs;

/// `None` when the account is not active in the month.
pub async fn preview_bill(
    db: &Db,
    account: AccountId,
    sector: Sector,
    month: Period,
    known_at: DateTime<Utc>,
) -> Result<Option<Result<Explanation, ChargeError>>> {
    let inputs = input::preview(db, month, sector, known_at, &[account]).await?;
    let Some(inputs) = inputs.first() else { return Ok(None) };
    let book = tariffs::book_of(db, month, known_at).await?;
    Ok(Some(explain(inputs, &book)))
}
