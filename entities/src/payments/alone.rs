//! What a person gave back without a second one.

use domain::kernel::*;

use crate::kernel::{Result, Tx, sql};

/// Of the month of a business day, to payers and to senders together (`payments.given_alone`).
pub async fn given_alone(tx: &Tx, who: &str, month: Period) -> Result<Money> {
    // Two acts of one person at once would each leave the other out: the second waits for the first to end.
    let alone = "SELECT pg_advisory_xact_lock(hashtext('payments.given_alone'), hashtext($1))";
    sql::run(tx, alone, [who.into()]).await?;
    let sum: Option<i64> = sql::scalar(
        tx,
        "SELECT coalesce(sum(amount), 0)::bigint FROM payments.given_alone WHERE who = $1 AND on_day >= $2 AND on_day < $3",
        [who.into(), month.first_day().into(), month.next().first_day().into()],
    )
    .await?;
    Ok(Money::from_tiyn(sum.unwrap_or_default()))
}
