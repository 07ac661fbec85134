//! What a payment would do, by the rule that would do it; nothing is kept.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use entities::kernel::{Broken, Tx};
use entities::ledger::item::{self, Item};
use entities::ledger::period;
use entities::tariffs;

use super::NewPayment;
use super::allocate::Owed;
use super::record::could_take;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What a payment would settle and what would be left of it.
pub struct Preview {
    /// The month it would be posted in.
    pub period: Period,
    pub parts: Vec<(Item, Money)>,
    pub advance: Money,
    /// What the account would owe then.
    pub balance: Money,
}

pub async fn preview_payment(
    tx: &Tx,
    payment: &NewPayment,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Preview> {
    if !payment.amount.is_positive() {
        refuse!(Refusal::new("AMOUNT_NOT_POSITIVE").at("amount"));
    }
    allow!(could_take(tx, payment, today, known_at).await?);
    let Some(open) = period::posting_period(tx, payment.paid_on, payment.sector).await? else {
        refuse!("NO_OPEN_PERIOD");
    };
    let day = payment.paid_on;
    let book = tariffs::book(tx, day, day.succ_opt().unwrap_or(day), known_at).await?;
    let policy = match book.methods.allocation(payment.sector, day) {
        Ok(setting) => &setting.value,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    let rows = item::lock_payable(tx, &[payment.account.0]).await?;
    let balance: Money = rows.iter().map(|row| Money::from_tiyn(row.amount - row.settled)).sum();
    let mut owed = Owed::of(tx, rows.clone()).await?;
    allow!(owed.aim(tx, &[(payment.account, payment.target)]).await?);
    let (parts, advance) = owed.cover(payment.account, payment.amount, policy, payment.target);
    let parts = parts
        .into_iter()
        .map(|part| {
            let row = rows.iter().find(|row| row.id == part.item.0).cloned();
            Ok((row.ok_or_else(|| Broken::RecordNotFound("open item".into()))?, part.amount))
        })
        .collect::<Result<_, Broken>>()?;
    Ok(Ok(Preview { period: open.period, parts, advance, balance: balance - payment.amount }))
}
