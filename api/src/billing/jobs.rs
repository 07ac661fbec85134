//! The run as background work.

use std::sync::Arc;
use std::time::Duration;

use domain::BillingEvent;
use domain::access::Actor;
use domain::kernel::RunId;
use entities::billing::run;
use entities::kernel::Tx;
use entities::kernel::jobs::Job;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::ops;
use crate::app::App;
use crate::platform::jobs::{Handle, Work};

pub const RUN_CYCLE: &str = "billing.run_cycle";

/// How often watchers hear of progress.
const TICK: Duration = Duration::from_millis(300);

#[derive(Serialize, Deserialize)]
pub struct RunArgs {
    pub run: i64,
}

/// Brings a started run to `posted`; killed and taken again, it goes on where it stood.
pub struct RunCycle;

#[async_trait::async_trait]
impl Work for RunCycle {
    fn kind(&self) -> &'static str {
        RUN_CYCLE
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: RunArgs = serde_json::from_value(job.args.clone())?;
        let id = RunId(args.run);
        let (tell, heard) = watch::channel((0, 0));
        let on_progress = |done, total| {
            tell.send_replace((done, total));
        };
        let cycle = ops::run_cycle(app, id, &on_progress);
        tokio::pin!(cycle);
        let mut shown = (-1, -1);
        loop {
            tokio::select! {
                result = &mut cycle => {
                    if let Err(error) = &result {
                        ops::show_error(&app.db, id, &error.to_string()).await?;
                    }
                    let run = result?;
                    handle.progress(run.accounts_done, run.accounts, None).await?;
                    return Ok(());
                }
                () = tokio::time::sleep(TICK) => {
                    let now = *heard.borrow();
                    if now != shown {
                        shown = now;
                        advance(app, id, now.0, now.1).await?;
                        handle.progress(now.0, now.1, None).await?;
                    }
                }
            }
        }
    }
}

async fn advance(app: &App, id: RunId, done: i64, total: i64) -> anyhow::Result<()> {
    let mut tx = Tx::begin(&app.db, Actor::system("worker")).await?;
    run::advance(&tx, id, done).await?;
    tx.emit(BillingEvent::RunAdvanced { run: id, done, total });
    tx.commit().await?;
    Ok(())
}
