//! A batch as background work.

use std::sync::Arc;

use domain::kernel::AmendmentId;
use entities::amendments::batch;
use entities::kernel::jobs::Job;
use serde::{Deserialize, Serialize};

use super::ops;
use crate::app::App;
use crate::platform::jobs::{Behalf, Handle, Progress, Stopped, Work};

pub const AMENDMENT: &str = "amendments.work";

#[derive(Serialize, Deserialize)]
pub struct AmendmentArgs {
    pub amendment: i64,
    pub behalf: Behalf,
}

/// Reckons, saves or takes back a batch, as its state says.
pub struct WorkAmendment;

#[async_trait::async_trait]
impl Work for WorkAmendment {
    fn kind(&self) -> &'static str {
        AMENDMENT
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: AmendmentArgs = serde_json::from_value(job.args.clone())?;
        let (id, actor) = (AmendmentId(args.amendment), args.behalf.actor());
        let progress = Progress::default();
        let work = ops::work(app, id, &actor);
        let done = handle.beside(&progress, Stopped::AtOnce, work, |_, _| async { Ok(()) }).await?;
        if let Err(error) = &done {
            batch::show_error(&app.db, id, &error.to_string(), None).await?;
        }
        Ok(done?)
    }
}
