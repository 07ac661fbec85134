//! Payments as background work: links to pay on, reconciliation.

use std::sync::Arc;

use domain::access::Actor;
use domain::kernel::*;
use domain::payments::{LineState, MatchState};
use entities::kernel::jobs::{self, Job};
use entities::kernel::{Broken, Tx};
use entities::payments::{link, registry, statement};
use serde::{Deserialize, Serialize};

use super::ops::{self, Deciding, Step};
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::jobs::{Behalf, Handle, Work};

pub const LINKS: &str = "payments.links";
pub const MATCH_REGISTRY: &str = "payments.registry";
pub const MATCH_STATEMENT: &str = "payments.statement";
pub const WATCH: &str = "payments.watch";

/// Which registry: to be compared, or its rows to be decided on.
#[derive(Serialize, Deserialize)]
pub struct RegistryArgs {
    pub registry: RegistryId,
    pub behalf: Behalf,
    pub deciding: Option<Deciding<MatchState>>,
}

/// The same of a statement.
#[derive(Serialize, Deserialize)]
pub struct StatementArgs {
    pub statement: StatementId,
    pub behalf: Behalf,
    pub deciding: Option<Deciding<LineState>>,
}

/// Decisions on the rows of a file, step by step.
struct Steps<'a> {
    /// The line that the next step goes on after; none where nothing is left.
    from: Option<i32>,
    decided: i64,
    handle: &'a Handle,
}

impl<'a> Steps<'a> {
    fn of(handle: &'a Handle) -> Self {
        Self { from: Some(i32::MIN), decided: 0, handle }
    }

    /// Keeps what a step did, if anything; a refusal ends the work.
    async fn take(&mut self, tx: Tx, step: Result<Step, Refusal>) -> anyhow::Result<()> {
        let step = step.map_err(|refusal| anyhow::anyhow!("{}", refusal.code))?;
        if step.decided == 0 {
            tx.rollback().await?
        } else {
            tx.commit().await?
        }
        self.decided += step.decided as i64;
        self.from = step.last;
        self.handle.progress(self.decided, 0, None).await
    }

    async fn end(self) -> anyhow::Result<()> {
        self.handle.progress(self.decided, self.decided, None).await
    }
}

/// Compares a registry, or decides on its rows: each step one transaction, so that a killed one goes on with what is left.
pub struct Registries;

#[async_trait::async_trait]
impl Work for Registries {
    fn kind(&self) -> &'static str {
        MATCH_REGISTRY
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: RegistryArgs = serde_json::from_value(job.args.clone())?;
        let Some(deciding) = args.deciding else {
            let done = ops::run_match(app, args.behalf.actor(), args.registry).await;
            return failed(app, job, done, |tx, error| Box::pin(registry::fail(tx, args.registry, error)))
                .await;
        };
        let mut steps = Steps::of(handle);
        while let Some(from) = steps.from {
            let mut tx = Tx::begin(&app.db, args.behalf.actor()).await?;
            let step = ops::decide_rows(&mut tx, args.registry, &deciding, from, &app.clock).await?;
            steps.take(tx, step).await?;
        }
        steps.end().await
    }
}

/// The same of statements.
pub struct Statements;

#[async_trait::async_trait]
impl Work for Statements {
    fn kind(&self) -> &'static str {
        MATCH_STATEMENT
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: StatementArgs = serde_json::from_value(job.args.clone())?;
        let Some(deciding) = args.deciding else {
            let done = ops::run_match_statement(app, args.behalf.actor(), args.statement).await;
            return failed(app, job, done, |tx, error| Box::pin(statement::fail(tx, args.statement, error)))
                .await;
        };
        let mut steps = Steps::of(handle);
        while let Some(from) = steps.from {
            let mut tx = Tx::begin(&app.db, args.behalf.actor()).await?;
            let step = ops::decide_lines(&mut tx, args.statement, &deciding, from, &app.clock).await?;
            steps.take(tx, step).await?;
        }
        steps.end().await
    }
}

/// The last attempt that breaks leaves the file failed: it may come again.
async fn failed(
    app: &App,
    job: &Job,
    done: Result<(), Broken>,
    fail: impl for<'t> FnOnce(&'t Tx, &'t str) -> futures_util::future::BoxFuture<'t, Result<u64, Broken>>,
) -> anyhow::Result<()> {
    if let Err(error) = &done
        && job.attempts >= job.max_attempts
    {
        let tx = Tx::begin(&app.db, Actor::system("worker")).await?;
        fail(&tx, &error.to_string()).await?;
        tx.commit_silently("the job tells that it failed").await?;
    }
    Ok(done?)
}

#[derive(Serialize, Deserialize)]
pub struct WatchArgs {}

/// Looks for files that are due and did not come; then waits ten minutes for the next look.
pub struct Watch;

#[async_trait::async_trait]
impl Work for Watch {
    fn kind(&self) -> &'static str {
        WATCH
    }

    async fn run(&self, app: &Arc<App>, _job: &Job, handle: &Handle) -> anyhow::Result<()> {
        ops::watch(app).await?;
        handle.progress(1, 1, None).await
    }
}

/// For which link somebody looks; for any where none is named.
#[derive(Serialize, Deserialize)]
pub struct LinkArgs {
    #[serde(default)]
    pub link: Option<i64>,
}

/// Asks the provider what became of links that are due; comes again as long as its own is open, however many others look.
pub struct Links;

#[async_trait::async_trait]
impl Work for Links {
    fn kind(&self) -> &'static str {
        LINKS
    }

    async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
        let args: LinkArgs = serde_json::from_value(job.args.clone())?;
        ops::watch_links(app).await?;
        if let Some(next) = link::next_check(&app.db, args.link).await? {
            let seconds = i32::try_from(((next - app.clock.now()).num_seconds() + 1).clamp(5, 3_600))?;
            let mut tx = Tx::begin(&app.db, Actor::system("links")).await?;
            jobs::enqueue_later(&mut tx, LINKS, &args, &format!("after {}", job.id), seconds).await?;
            tx.commit_silently("the next look").await?;
        }
        handle.progress(1, 1, None).await
    }
}
