//! Issues the bills of a run: from now on subscribers see them, they are payable, and the run can't be reversed.

use domain::BillingEvent;
use domain::kernel::RunId;
use entities::billing::newer;
use entities::billing::run::{self, Run};
use entities::kernel::{Change, Tx};
use entities::ledger::{item, period};

use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

pub async fn issue_run(tx: &mut Tx, id: RunId, clock: &Clock) -> Outcome<Run> {
    let Some(run) = run::lock(tx, id).await?.filter(|run| tx.scope().has_sector(run.sector())) else {
        refuse!("NOT_FOUND")
    };
    match run.state.as_str() {
        "posted" => {}
        "issued" => {
            tx.nothing_new("issued already");
            return Ok(Ok(run));
        }
        _ => refuse!("RUN_NOT_POSTED"),
    }
    if run.failures > 0 {
        refuse!(Refusal::new("RUN_HAS_FAILURES").with("count", run.failures));
    }
    // Nothing that came after the run's look is passed over in silence: the bills would be wrong from their first day.
    let newer = newer::count(tx, &run).await?;
    if newer > 0 {
        refuse!(Refusal::new("RUN_FACTS_NEWER").with("count", newer));
    }
    let Some(open) = period::open_for(tx, run.period(), run.sector()).await? else {
        refuse!("PERIOD_NOT_OPEN")
    };
    item::release(tx, "run", id.0).await?;
    run::mark_issued(tx, id).await?;
    let ahead = item::accounts_with_advance(tx, id).await?;
    crate::payments::ops::offset_advances(tx, &open, ahead, clock.today(), clock.now()).await?;
    tx.audit(Change::new("run", id, "issue").before(serde_json::json!({ "state": run.state })));
    tx.emit(BillingEvent::RunIssued { run: id });
    let Some(run) = run::find(tx, id).await? else { refuse!("NOT_FOUND") };
    Ok(Ok(run))
}
