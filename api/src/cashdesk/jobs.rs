//! Cash desks as background work.

use std::sync::Arc;

use domain::access::Actor;
use entities::kernel::Tx;
use entities::kernel::jobs::{self, Job};
use serde::{Deserialize, Serialize};

use super::ops::fiscal;
use crate::app::App;
use crate::platform::jobs::{Handle, Work};

pub const FISCAL: &str = "cashdesk.fiscal";

#[derive(Serialize, Deserialize)]
pub struct FiscalArgs {
    pub cashbox: String,
}

/// Works the queue of one cash register off; comes again while something is left in it.
pub struct Fiscal;

#[async_trait::async_trait]
impl Work for Fiscal {
    fn kind(&self) -> &'static str {
        FISCAL
    }

    async fn run(&self, app: &Arc<App>, job: &Job, _handle: &Handle) -> anyhow::Result<()> {
        let args: FiscalArgs = serde_json::from_value(job.args.clone())?;
        if let Some(seconds) = fiscal::work_off(app, &args.cashbox).await? {
            let mut tx = Tx::begin(&app.db, Actor::system("fiscal")).await?;
            let seconds = i32::try_from(seconds.clamp(1, 3_600))?;
            // One look for each moment, however many documents wait for it.
            let at =
                (app.clock.now() + chrono::Duration::seconds(i64::from(seconds))).format("%Y-%m-%dT%H:%M:%S");
            let key = format!("{} {at}", args.cashbox);
            jobs::enqueue_later(&mut tx, FISCAL, &args, &key, seconds).await?;
            tx.commit_silently("the next look").await?;
        }
        Ok(())
    }
}
