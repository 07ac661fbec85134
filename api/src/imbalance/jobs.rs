//! A look at the houses of a month as background work.

use std::sync::Arc;

use domain::kernel::Period;
use entities::kernel::jobs::Job;
use serde::{Deserialize, Serialize};

use super::ops::{Purpose, reckon_houses};
use crate::app::App;
use crate::platform::jobs::{Handle, Progress, Stopped, Work};

pub const LOOK: &str = "imbalance.look";

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
        let progress = Progress::default();
        let on_progress = |done, total| {
            progress.say(done, total);
        };
        let look = reckon_houses(app, Purpose::Look, args.period, app.clock.now(), &on_progress);
        handle.beside(&progress, Stopped::AtOnce, look, |_, _| async { Ok(()) }).await??;
        let (done, total) = progress.said();
        handle.progress(done, total, None).await
    }
}
