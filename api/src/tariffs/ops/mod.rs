//! One act, one file. Settings are of no sector: a day that any sector has closed is closed for them. Prices, norms, rates and bands that
//! two people set right afterwards hold on closed days too: bills of these months stand until they are recalculated.

mod confirm_setting;
mod decide_tariff;
mod decline_setting;
mod propose_setting;
mod propose_tariff;

use chrono::NaiveDate;
use domain::access::{Actor, Permission};
use domain::tariffs::ProposalState;
use entities::kernel::{Tx, bitemporal};

pub use confirm_setting::confirm_setting;
pub use decide_tariff::{confirm_tariff, decline_tariff};
pub use decline_setting::decline_setting;
pub use propose_setting::propose_setting;
pub use propose_tariff::{propose_bands, propose_norm, propose_price, propose_suspension, propose_vat};

use crate::platform::graphql::Date;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// A setting that was proposed may have been overtaken by a close: how closed months were reckoned does not change any more.
async fn still_open(tx: &Tx, from: NaiveDate) -> Outcome<()> {
    match bitemporal::first_open_day(tx, None).await? {
        Some(first) if from < first => {
            refuse!(Refusal::new("PERIOD_CLOSED").with("day", from).with("first", first))
        }
        _ => Ok(Ok(())),
    }
}

/// Days and source of a version: whole, and with words that say where the value comes from.
fn dated(from: Date, to: Option<Date>, source: &str) -> Result<(NaiveDate, Option<NaiveDate>), Refusal> {
    let (from, to) = (from.0, to.and_then(Date::after));
    if to.is_some_and(|to| to <= from) {
        return Err(Refusal::new("DATES_WRONG").at("to"));
    }
    if source.trim().is_empty() {
        return Err(Refusal::new("SOURCE_MISSING").at("source"));
    }
    Ok((from, to))
}

/// Words of a reason, if there are any.
fn reason_of(said: Option<String>) -> Option<String> {
    said.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty())
}

/// How the end of a proposal is called: who proposed it takes it back, who could confirm it declines it and says why.
fn ending(actor: &Actor, proposed_by: &str, reason: Option<&str>) -> Result<ProposalState, Refusal> {
    if proposed_by == actor.label {
        Ok(ProposalState::Withdrawn)
    } else if !actor.may(Permission::SettingConfirm) {
        Err(Refusal::new("FORBIDDEN"))
    } else if reason.is_none() {
        // Who proposed it has to know what to mend.
        Err(Refusal::new("EMPTY").at("reason"))
    } else {
        Ok(ProposalState::Declined)
    }
}
