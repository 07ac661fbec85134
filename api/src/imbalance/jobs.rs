//! A look at the houses of a month as background work.

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::Period;
use entities::kernel::jobs::Job;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::ops::{Purpose, reckon_houses};
use crate::app::App;
use crate::platform::jobs::{Handle, Work};

pub const LOOK: &str = "imbalance.look";

/// How often watchers hear of progress.
const TICK: Duration = Duration::from_millis(300);

#[derive(Serialize, Deserialize)]
pub struct LookArgs {
    pub period: Period,
}

/// Reckons the houses of a month from what is known now; stopped or killed it leaves what was shown before.
pub struct Look;

#[async_trait::async_trait]
impl Work for Look {
    fn kind(&self) -> &'static str {
        LOOK
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: LookArgs = serde_json::from_value(job.args.clone())?;
        let (tell, heard) = watch::channel((0, 0));
        let on_progress = |done, total| {
            tell.send_replace((done, total));
        };
        let look = reckon_houses(app, Purpose::Look, args.period, app.clock.now(), &on_progress);
        let telling = async {
            loop {
                tokio::time::sleep(TICK).await;
                let (done, total) = *heard.borrow();
                handle.progress(done, total, None).await?;
            }
        };
        let result: anyhow::Result<()> = tokio::select! {
            result = look => result.map(drop).map_err(Into::into),
            stopped = telling => stopped,
        };
        result?;
        let (done, total) = *heard.borrow();
        handle.progress(done, total, None).await
    }
}
