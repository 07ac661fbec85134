//! Acts of collection.

mod accrual;
mod campaign;
mod certificate;
mod claim;
mod death;
mod dispute;
mod limitation;
mod moratorium;
mod notice;
mod plan;
mod watch;
mod write_off;

pub use accrual::{drop_accrual, post, reckon, reverse, run_post, run_reckon, run_reverse};
pub use campaign::{apply_for, decide_campaign, end_campaign, give, propose_campaign, take_gift_back};
pub use certificate::{certificate_paper, issue_certificate, withdraw_certificate};
pub use claim::{
    ClaimPreview, Costing, Seen, Wanted, charge_cost, close_claims, prepare_claim, preview_claim,
    reverse_cost, step_claim, take_step_back,
};
pub use death::register_death;
pub use dispute::{decide_dispute, open_dispute};
pub use limitation::{interrupt, runs_out};
pub use moratorium::{record_moratorium, withdraw_moratorium};
pub use notice::{disconnect, issue_page, notice_paper, notice_terms, reconnect, withdraw_notice};
pub use plan::{agree_plan, cancel_plan};
pub use watch::{begin_watch, watch};
pub use write_off::{decide_write_off, propose_write_off, revive};

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::kernel::*;
use domain::tariffs::{MissingSetting, TariffBook};
use entities::kernel::{Result, Tx};
use entities::ledger::item::{self, Item};
use entities::tariffs;

use crate::platform::{Outcome, Refusal};

fn missing(missing: MissingSetting) -> Refusal {
    Refusal::new("MISSING_SETTING").with("code", missing.code)
}

/// The settings of a day as they are known.
async fn settings(tx: &Tx, day: NaiveDate, known_at: DateTime<Utc>) -> Result<TariffBook> {
    tariffs::book(tx, day, day.succ_opt().unwrap_or(day), known_at).await
}

/// The day by which what is posted on a day has to be paid.
async fn due_on(tx: &Tx, book: &TariffBook, posted_in: Period, today: NaiveDate) -> Outcome<NaiveDate> {
    let due = crate::ledger::ops::due_on(tx, &book.methods, posted_in, today).await?;
    Ok(due.map_err(missing))
}

/// What people call an act by that ties money: the number of its paper.
async fn reference(tx: &Tx, document: i64, act: i64) -> Result<String> {
    let paper = entities::archive::find(tx, document).await?;
    let number = paper.map(|paper| paper.number.trim().to_owned()).filter(|number| !number.is_empty());
    Ok(number.unwrap_or_else(|| act.to_string()))
}

/// What is done to a sector as a whole is for those who see all of it.
fn sees_all_of(scope: &Scope, sector: Sector) -> bool {
    match scope {
        Scope::City => true,
        Scope::Part { districts, .. } => districts.is_empty() && scope.has_sector(sector),
        Scope::Own(_) => false,
    }
}

/// One item of an account that something is still owed of, under a lock.
async fn owed_item(tx: &Tx, account: AccountId, id: OpenItemId) -> Result<Option<Item>> {
    let items = item::lock_payable(tx, &[account.0]).await?;
    Ok(items.into_iter().find(|item| item.id == id.0 && item.amount > 0))
}
