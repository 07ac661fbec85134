//! Collection as background work.

use std::sync::Arc;

use domain::debt::AccrualState;
use domain::kernel::*;
use entities::debt::accrual;
use entities::kernel::Tx;
use entities::kernel::jobs::Job;
use serde::{Deserialize, Serialize};

use super::ops;
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::jobs::{Behalf, Handle, Progress, Stopped, Work};

pub const PENALTY: &str = "debt.penalty";
pub const NOTICES: &str = "debt.notices";
pub const WATCH: &str = "debt.watch";

#[derive(Serialize, Deserialize)]
pub struct PenaltyArgs {
    pub accrual: i64,
    pub behalf: Behalf,
}

/// Reckons, posts or takes back penalty, as the state of the accrual says.
pub struct Penalty;

#[async_trait::async_trait]
impl Work for Penalty {
    fn kind(&self) -> &'static str {
        PENALTY
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: PenaltyArgs = serde_json::from_value(job.args.clone())?;
        let (id, actor) = (AccrualId(args.accrual), args.behalf.actor());
        let Some(row) = accrual::find(&app.db, id).await? else { anyhow::bail!("accrual {id}") };
        let progress = Progress::default();
        let go_on = |done, total| {
            progress.say(done, total);
        };
        let work = async {
            match row.state() {
                AccrualState::Reckoning => ops::run_reckon(app, id, go_on).await.map(Ok),
                AccrualState::Posting => ops::run_post(app, &actor, id, go_on).await,
                AccrualState::Reversing => ops::run_reverse(app, &actor, id, go_on).await,
                _ => Ok(Ok(())),
            }
        };
        let done = handle.beside(&progress, Stopped::AtOnce, work, |_, _| async { Ok(()) }).await?;
        let said = match &done {
            Ok(Ok(())) => None,
            Ok(Err(refusal)) => Some(refusal.code.to_owned()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(said) = &said {
            accrual::fail(&app.db, id, said).await?;
        }
        refused(done?)
    }
}

fn refused(done: Result<(), Refusal>) -> anyhow::Result<()> {
    done.map_err(|refusal| anyhow::anyhow!("{}", refusal.code))
}

#[derive(Serialize, Deserialize)]
pub struct NoticesArgs {
    pub behalf: Behalf,
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
}

/// Warns everybody whom the settings of today want warned, a few thousand accounts in a transaction.
pub struct Notices;

#[async_trait::async_trait]
impl Work for Notices {
    fn kind(&self) -> &'static str {
        NOTICES
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: NoticesArgs = serde_json::from_value(job.args.clone())?;
        let actor = args.behalf.actor();
        let (today, now) = (app.clock.today(), app.clock.now());
        let mut done = 0;
        loop {
            let mut tx = Tx::begin(&app.db, actor.clone()).await?;
            let terms = ops::notice_terms(&tx, args.sector, args.district, today, now).await?;
            let (terms, deadline) = terms.map_err(|refusal| anyhow::anyhow!("{}", refusal.code))?;
            let kept = ops::issue_page(&mut tx, &terms, deadline).await?;
            tx.commit().await?;
            match kept {
                Ok(0) => break,
                Ok(kept) => done += kept as i64,
                Err(refusal) => return refused(Err(refusal)),
            }
            handle.progress(done, 0, None).await?;
        }
        handle.progress(done, done, None).await
    }
}

#[derive(Serialize, Deserialize)]
pub struct WatchArgs {}

/// Ends warnings, breaks plans or keeps them after all, gives what campaigns promised or takes it back; then waits an hour for the next look.
pub struct Watch;

#[async_trait::async_trait]
impl Work for Watch {
    fn kind(&self) -> &'static str {
        WATCH
    }

    async fn run(&self, app: &Arc<App>, _job: &Job, handle: &Handle) -> anyhow::Result<()> {
        refused(ops::watch(app).await?)?;
        handle.progress(1, 1, None).await
    }
}
