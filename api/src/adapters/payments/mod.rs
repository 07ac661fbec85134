//! Channels of money. Every provider turns its dialect into [`Incoming`] and gives it to the one operation that records
//! payments; the answer goes back in the provider's own words.

use chrono::NaiveDate;
use domain::kernel::Money;

/// A payment as any channel states it.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The channel's code; with `external_id` the key of the payment for ever.
    pub channel: String,
    pub external_id: String,
    pub account_number: String,
    pub amount: Money,
    /// The payer's date: the debtor is discharged on it.
    pub paid_on: NaiveDate,
}
