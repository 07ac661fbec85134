//! Takes due jobs and runs them, shows their life, ends them.

use std::sync::Arc;
use std::time::Duration;

use domain::JobsEvent;
use domain::access::Actor;
use domain::kernel::JobId;
use entities::kernel::Tx;
use entities::kernel::jobs::{self, Job};

use super::Work;
use crate::app::App;

/// Pause between looks at an empty queue; a NOTIFY of the outbox ends it early.
const IDLE: Duration = Duration::from_millis(500);

/// The running job's line to the outside.
pub struct Handle {
    app: Arc<App>,
    pub job: JobId,
}

/// Somebody asked the job to stop.
#[derive(Debug, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

impl Handle {
    /// Shows progress and life, wakes the watchers; fails with [`Cancelled`] when somebody asked to stop.
    pub async fn progress(&self, done: i64, total: i64, message: Option<&str>) -> anyhow::Result<()> {
        let mut tx = Tx::begin(&self.app.db, Actor::system("worker")).await?;
        let cancel = jobs::beat(&tx, self.job.0, done, total, message).await?;
        tx.emit(JobsEvent::Advanced { job: self.job, done, total });
        tx.commit().await?;
        if cancel { Err(Cancelled.into()) } else { Ok(()) }
    }
}

/// Runs due jobs until told to stop.
pub async fn run_forever(
    app: Arc<App>,
    works: Arc<Vec<Box<dyn Work>>>,
    stop: tokio_util::sync::CancellationToken,
) {
    let name = format!("{}-{}", std::process::id(), uuid::Uuid::new_v4().simple());
    while !stop.is_cancelled() {
        match run_once(&app, &works, &name).await {
            Ok(true) => {}
            Ok(false) => {
                tokio::select! { () = tokio::time::sleep(IDLE) => {}, () = stop.cancelled() => {} }
            }
            Err(error) => {
                tracing::error!(error = %error, "the queue cannot be read");
                tokio::time::sleep(IDLE * 4).await;
            }
        }
    }
}

/// Takes and runs one job; `false` when none is due.
pub async fn run_once(app: &Arc<App>, works: &[Box<dyn Work>], worker: &str) -> anyhow::Result<bool> {
    let kinds: Vec<String> = works.iter().map(|work| work.kind().to_owned()).collect();
    let Some(job) = jobs::take(&app.db, worker, &kinds).await? else { return Ok(false) };
    let work = works.iter().find(|work| work.kind() == job.kind).expect("only known kinds are taken");
    let handle = Handle { app: app.clone(), job: JobId(job.id) };

    // Beside the work, never instead of it: the heartbeat may wait for a row that the work holds.
    let beating = async {
        loop {
            tokio::time::sleep(Duration::from_secs(10)).await;
            alive(app, job.id).await?;
        }
    };
    let result = tokio::select! {
        result = work.run(app, &job, &handle) => result,
        broken = beating => return broken,
    };
    end(app, &job, result).await?;
    Ok(true)
}

/// A job that shows no progress for long is still alive while its worker is.
async fn alive(app: &App, job: i64) -> anyhow::Result<()> {
    entities::kernel::jobs::touch(&app.db, job).await?;
    Ok(())
}

async fn end(app: &App, job: &Job, result: anyhow::Result<()>) -> anyhow::Result<()> {
    let cancelled = result.as_ref().is_err_and(|error| error.is::<Cancelled>());
    let error = result.as_ref().err().map(|error| format!("{error:#}"));
    if let Some(error) = error.as_deref().filter(|_| !cancelled) {
        tracing::error!(job = job.id, kind = job.kind, error, "a job failed");
    }
    let mut tx = Tx::begin(&app.db, Actor::system("worker")).await?;
    let state = jobs::finish(&tx, job, error.as_deref().map_or(Ok(()), Err), cancelled).await?;
    let id = JobId(job.id);
    tx.emit(match state.as_str() {
        "done" => JobsEvent::Finished { job: id },
        "cancelled" => JobsEvent::Cancelled { job: id },
        _ => JobsEvent::Failed { job: id },
    });
    tx.commit().await?;
    Ok(())
}
