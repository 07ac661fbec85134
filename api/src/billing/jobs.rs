//! The run as background work.

use std::sync::Arc;

use domain::BillingEvent;
use domain::access::Actor;
use domain::billing::RunPreviewStatus;
use domain::billing::ScenarioStatus;
use domain::kernel::{CorrectionId, RunId, RunPreviewId, ScenarioId};
use entities::billing::{correction, preview, run, scenario};
use entities::kernel::Tx;
use entities::kernel::jobs::Job;
use serde::{Deserialize, Serialize};

use super::ops;
use crate::app::App;
use crate::platform::jobs::{Cancelled, Handle, Progress, Stopped, Work};

pub const RUN_CYCLE: &str = "billing.run_cycle";
pub const RUN_PREVIEW: &str = "billing.run_preview";
pub const SCENARIO: &str = "billing.scenario";
pub const CORRECTION: &str = "billing.correction";

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
        let progress = Progress::default();
        let on_progress = |done, total| {
            progress.say(done, total);
        };
        let cycle = ops::run_cycle(app, id, &on_progress);
        let tell = |done, total| advance(app, id, done, total);
        let result = handle.beside(&progress, Stopped::AtOnce, cycle, tell).await?;
        if let Err(error) = &result {
            ops::show_error(&app.db, id, &error.to_string()).await?;
        }
        let run = result?;
        handle.progress(run.accounts_done, run.accounts, None).await
    }
}

#[derive(Serialize, Deserialize)]
pub struct PreviewArgs {
    pub preview: i64,
}

/// Reckons a month without writing it; stopped, it ends at the next accounts.
pub struct PreviewCity;

#[async_trait::async_trait]
impl Work for PreviewCity {
    fn kind(&self) -> &'static str {
        RUN_PREVIEW
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: PreviewArgs = serde_json::from_value(job.args.clone())?;
        let id = RunPreviewId(args.preview);
        let total = preview::find(&app.db, id).await?.map_or(0, |row| row.accounts);
        let progress = Progress::default();
        let city = ops::preview_city(app, id, |done| progress.say(done, total));
        let tell = |done, _| async move { Ok(preview::advance(&app.db, id, done).await.map(drop)?) };
        let result = handle.beside(&progress, Stopped::InItsOwnWay, city, tell).await?;
        end_preview(app, id, result, handle).await
    }
}

#[derive(Serialize, Deserialize)]
pub struct ScenarioArgs {
    pub scenario: i64,
}

/// Reckons a month under other tariffs; stopped, it ends at the next accounts.
pub struct ScenarioCity;

#[async_trait::async_trait]
impl Work for ScenarioCity {
    fn kind(&self) -> &'static str {
        SCENARIO
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: ScenarioArgs = serde_json::from_value(job.args.clone())?;
        let id = ScenarioId(args.scenario);
        let progress = Progress::default();
        let city = ops::run_scenario(app, id, |done| progress.say(done, 0));
        let tell = |done, _| async move { Ok(scenario::advance(&app.db, id, done).await.map(drop)?) };
        let result = handle.beside(&progress, Stopped::InItsOwnWay, city, tell).await?;
        match result {
            Ok(Some(done)) => handle.progress(done.accounts, done.accounts, None).await,
            Ok(None) => {
                scenario::give_up(&app.db, id, ScenarioStatus::Cancelled, None).await?;
                Err(Cancelled.into())
            }
            Err(error) => {
                scenario::give_up(&app.db, id, ScenarioStatus::Failed, Some(&error.to_string())).await?;
                Err(error.into())
            }
        }
    }
}

/// The job ends as the preview does, and says so in the preview.
async fn end_preview(
    app: &App,
    id: RunPreviewId,
    result: entities::kernel::Result<Option<preview::RunPreview>>,
    handle: &Handle,
) -> anyhow::Result<()> {
    match result {
        Ok(Some(done)) => handle.progress(done.accounts, done.accounts, None).await,
        Ok(None) => {
            preview::give_up(&app.db, id, RunPreviewStatus::Cancelled.code(), None).await?;
            Err(Cancelled.into())
        }
        Err(error) => {
            let status = RunPreviewStatus::Failed.code();
            preview::give_up(&app.db, id, status, Some(&error.to_string())).await?;
            Err(error.into())
        }
    }
}

#[derive(Serialize, Deserialize)]
pub struct CorrectionArgs {
    pub correction: i64,
}

/// Brings a correction as far as it goes without a person; killed and taken again, it goes on where it stood.
pub struct WorkCorrection;

#[async_trait::async_trait]
impl Work for WorkCorrection {
    fn kind(&self) -> &'static str {
        CORRECTION
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: CorrectionArgs = serde_json::from_value(job.args.clone())?;
        let id = CorrectionId(args.correction);
        let progress = Progress::default();
        let on_progress = |done, total| {
            progress.say(done, total);
        };
        let work = ops::work_correction(app, id, &on_progress);
        let tell = |done, total| async move {
            let mut tx = Tx::begin(&app.db, Actor::system("worker")).await?;
            tx.emit(BillingEvent::CorrectionAdvanced { correction: id, done, total });
            Ok(tx.commit().await?)
        };
        let result = handle.beside(&progress, Stopped::AtOnce, work, tell).await?;
        if let Err(error) = &result {
            correction::show_error(&app.db, id, &error.to_string()).await?;
        }
        let batch = result?;
        handle.progress(batch.accounts, batch.accounts, None).await
    }
}

async fn advance(app: &App, id: RunId, done: i64, total: i64) -> anyhow::Result<()> {
    let mut tx = Tx::begin(&app.db, Actor::system("worker")).await?;
    run::advance(&tx, id, done).await?;
    tx.emit(BillingEvent::RunAdvanced { run: id, done, total });
    tx.commit().await?;
    Ok(())
}
