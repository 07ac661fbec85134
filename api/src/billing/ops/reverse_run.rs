//! Takes a posted run back as a whole; impossible once anything of it was issued.

use chrono::NaiveDate;
use domain::BillingEvent;
use domain::kernel::{DocumentId, RunId, Sector};
use entities::billing::run::{self, Run};
use entities::imbalance::reckoning;
use entities::kernel::{Change, Tx};
use entities::ledger::period;

use crate::platform::Outcome;
use crate::refuse;

pub async fn reverse_run(
    tx: &mut Tx,
    id: RunId,
    document: Option<DocumentId>,
    today: NaiveDate,
) -> Outcome<Run> {
    let Some(run) = run::lock(tx, id).await?.filter(|run| tx.scope().has_sector(run.sector())) else {
        refuse!("NOT_FOUND")
    };
    match run.state.as_str() {
        "posted" => {}
        "reversed" => {
            tx.nothing_new("reversed already");
            return Ok(Ok(run));
        }
        "issued" => refuse!("RUN_ISSUED"),
        _ => refuse!("RUN_NOT_POSTED"),
    }
    if period::open_for(tx, run.period(), run.sector()).await?.is_none() {
        refuse!("PERIOD_NOT_OPEN");
    }
    if run.sector() == Sector::Multi && reckoning::legal_bears(tx, run.period()).await? {
        refuse!("RUN_LEGAL_BEARS");
    }
    run::reverse(tx, &run, today).await?;
    tx.audit(
        Change::new("run", id, "reverse")
            .before(serde_json::json!({ "state": run.state, "gross": run.gross, "hash": run.hash }))
            .document(document.map(|d| d.0)),
    );
    tx.emit(BillingEvent::RunReversed { run: id });
    let Some(run) = run::find(tx, id).await? else { refuse!("NOT_FOUND") };
    Ok(Ok(run))
}
