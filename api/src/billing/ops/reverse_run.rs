//! Takes a posted run back as a whole; impossible once anything of it was issued. One that never came to its end, because its work
//! failed, is given up the same way: the month is free for a new one.

use chrono::NaiveDate;
use domain::BillingEvent;
use domain::kernel::{DocumentId, RunId, Sector};
use entities::billing::run::{self, Run};
use entities::imbalance::reckoning;
use entities::kernel::{Change, Tx};
use entities::ledger::period;

use crate::billing::jobs::RUN_CYCLE;
use crate::platform::Outcome;
use crate::refuse;

pub async fn reverse_run(
    tx: &mut Tx,
    id: RunId,
    document: Option<DocumentId>,
    today: NaiveDate,
) -> Outcome<Run> {
    let seen = run::find(tx, id).await?.filter(|run| tx.scope().has_sector(run.sector()));
    let Some(seen) = seen else { refuse!("NOT_FOUND") };
    run::alone(tx, &[seen.sector()]).await?;
    // Asked before the row is locked, for a worker holds it as long as the facts are taken, and once more when nobody can take it up again.
    if is_unfinished(&seen) && run::at_work(tx, id, RUN_CYCLE).await? {
        refuse!("RUN_AT_WORK");
    }
    let Some(run) = run::lock(tx, id).await? else { refuse!("NOT_FOUND") };
    match run.state.as_str() {
        "posted" | "snapshot" | "running" => {}
        "reversed" | "failed" => {
            tx.nothing_new("reversed already");
            return Ok(Ok(run));
        }
        _ => refuse!("RUN_ISSUED"),
    }
    let unfinished = is_unfinished(&run);
    if unfinished && run::at_work(tx, id, RUN_CYCLE).await? {
        refuse!("RUN_AT_WORK");
    }
    if period::open_for(tx, run.period(), run.sector()).await?.is_none() {
        refuse!("PERIOD_NOT_OPEN");
    }
    if run.sector() == Sector::Multi && reckoning::legal_bears(tx, run.period()).await? {
        refuse!("RUN_LEGAL_BEARS");
    }
    let action = if unfinished { "give_up" } else { "reverse" };
    match unfinished {
        true => run::give_up(tx, &run, today).await?,
        false => run::reverse(tx, &run, today).await?,
    }
    tx.audit(
        Change::new("run", id, action)
            .before(serde_json::json!({
                "state": run.state, "gross": run.gross, "hash": run.hash, "accounts": run.accounts_done, "error": run.error,
            }))
            .document(document.map(|d| d.0)),
    );
    tx.emit(BillingEvent::RunReversed { run: id });
    let Some(run) = run::find(tx, id).await? else { refuse!("NOT_FOUND") };
    Ok(Ok(run))
}

fn is_unfinished(run: &Run) -> bool {
    matches!(run.state.as_str(), "snapshot" | "running")
}
