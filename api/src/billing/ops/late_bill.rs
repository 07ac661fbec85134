//! Charges accounts that came after the bills of their month were issued: a run of them alone, issued at once. The run of the month is
//! not touched; without this their month could never be closed.

use std::sync::Arc;

use domain::BillingEvent;
use domain::kernel::*;
use entities::billing::input;
use entities::billing::run::{self, Run};
use entities::kernel::{Change, Tx, bitemporal};
use serde_json::json;

use super::obstacles;
use super::run_cycle::charge_and_issue;
use crate::app::App;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// So many are charged by one act, for it is one transaction; whoever is left stays in the list of the condition.
const AT_ONCE: i64 = 5_000;

/// Bills active accounts of the month that have no bill of it, `only` some of them. They bear no share of what the houses' meters showed
/// above the flats: that was shared out by the run of the month. One that the registers do not let be charged stops the act, for what is
/// issued is never taken back.
pub async fn make_late_bills(
    tx: &mut Tx,
    app: &Arc<App>,
    (month, sector): (Period, Sector),
    only: Option<Vec<AccountId>>,
) -> Outcome<Run> {
    if !tx.scope().has_sector(sector) {
        refuse!("NO_SUCH_PERIOD");
    }
    run::alone(tx, &[sector]).await?;
    let live = run::live(tx, month, sector).await?;
    if live.is_none_or(|run| run.state != "issued") {
        refuse!(Refusal::new("RUN_NOT_ISSUED").at("period").with("period", month));
    }
    let accounts = run::unbilled(tx, month, sector, only.as_deref(), AT_ONCE).await?;
    if accounts.is_empty() {
        refuse!("NOBODY_LATE");
    }
    let known_at = bitemporal::moment(tx).await?;
    let due_on = match obstacles(tx, month, sector, known_at, app.clock.today()).await? {
        Ok(due_on) => due_on,
        Err(mut obstacles) => refuse!(obstacles.swap_remove(0)),
    };
    let run = run::create_late(tx, month, sector, due_on, known_at, 1).await?;
    input::snapshot_late(tx, month, sector, run.run_id(), known_at, &accounts).await?;
    let run = allow!(charge_and_issue(tx, app, &run, "LATE_BILL_NOT_CHARGED").await?);
    tx.audit(Change::new("run", run.id, "issue").after(json!({
        "late": true, "period": month, "sector": sector, "accounts": run.accounts, "gross": Money::from_tiyn(run.gross),
    })));
    tx.emit(BillingEvent::RunIssued { run: run.run_id() });
    Ok(Ok(run))
}
