//! Background jobs as the graph shows them.

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use domain::JobsEvent;
use domain::access::Permission;
use domain::kernel::JobId;
use entities::kernel::jobs::{self, Job as Row};
use entities::kernel::outbox::Sent;
use entities::kernel::{Change, Tx};
use futures_util::{FutureExt, Stream, StreamExt};

use crate::platform::files::{FileOfJob, MadeFile};
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::{Outcome, Refusal, messages, outbox};
use crate::{edge, payload, refuse};

/// Where a job stands (состояние задания).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum JobState {
    /// Waits for its turn or for its next try.
    Queued,
    /// Runs.
    Running,
    /// Did its work.
    Done,
    /// Gave up after its last try.
    Failed,
    /// Somebody stopped it.
    Cancelled,
}

impl JobState {
    fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    fn from_code(code: &str) -> Self {
        [Self::Queued, Self::Running, Self::Done, Self::Cancelled]
            .into_iter()
            .find(|state| state.code() == code)
            .unwrap_or(Self::Failed)
    }
}

/// A piece of background work (фоновое задание).
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Job {
    /// Node id.
    pub id: Gid<JobId>,
    /// What it does: `billing.run`, `imports.commit` …
    pub kind: String,
    /// Where it stands (состояние).
    pub state: JobState,
    /// Steps done (сделано).
    pub done: i32,
    /// Steps in all; 0 when not known yet (всего).
    pub total: i32,
    /// What it is at.
    pub message: Option<String>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Tries so far (попыток).
    pub attempts: i32,
    /// Who started it (кто поставил).
    pub created_by: String,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

#[ComplexObject]
impl Job {
    /// What it does, in words (название).
    async fn name(&self, cx: &Context<'_>) -> String {
        messages::text(cx.language(), &format!("job.{}", self.kind), &[])
    }

    /// The file it made, once it is ready; only for whoever asked for it (готовый файл).
    async fn file(&self, cx: &Context<'_>) -> Result<Option<MadeFile>> {
        let file = cx.loader().load_one(FileOfJob(self.id.0)).await?;
        let label = &cx.actor()?.label;
        Ok(file.filter(|file| file.made_for == *label).and_then(MadeFile::of))
    }
}

impl From<Row> for Job {
    fn from(row: Row) -> Self {
        let count = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
        Self {
            id: Gid(JobId(row.id)),
            state: JobState::from_code(&row.state),
            kind: row.kind,
            done: count(row.done),
            total: count(row.total),
            message: row.message,
            error: row.error,
            attempts: row.attempts,
            created_by: row.created_by,
            created_at: row.created_at,
            finished_at: row.finished_at,
        }
    }
}

edge!(
    /// A job by id.
    JobById(JobId) => Row, |app, ids| async {
        let rows = jobs::by_ids(&app.db, ids.into_iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (JobId(row.id), row)).collect())
    }
);

payload! {
    /// The answer to an act on a job.
    JobPayload {
        /// The job after the act.
        job: Job
    }
}

/// A job to stop.
#[derive(InputObject)]
pub struct JobCancelInput {
    /// Node id of the job.
    pub id: Gid<JobId>,
}

/// A job to try again.
#[derive(InputObject)]
pub struct JobRetryInput {
    /// Node id of the job.
    pub id: Gid<JobId>,
}

#[derive(Default)]
pub struct JobQuery;

#[Object]
impl JobQuery {
    /// Background jobs, newest first (фоновые задания).
    #[graphql(guard = "can(Permission::JobRead)")]
    async fn jobs(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<JobState>,
        #[graphql(desc = "Rows of the page, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to start after.")] after: Option<String>,
    ) -> Result<Conn<Job>> {
        let had_after = after.is_some();
        let state = state.map(|state| state.code().to_owned());
        let slice = jobs::list(cx.db(), state, page_of(first, after)?).await?;
        Ok(connection(slice, had_after, |row| row.id, Job::from))
    }

    /// One job (фоновое задание).
    #[graphql(guard = "can(Permission::JobRead)")]
    async fn job(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<JobId>,
    ) -> Result<Option<Job>> {
        Ok(Some(jobs::find(cx.db(), id.0.0).await?.ok_or_else(ApiError::not_found)?.into()))
    }
}

#[derive(Default)]
pub struct JobMutation;

#[Object]
impl JobMutation {
    /// Stops a job: a waiting one at once, a running one at its next step (остановка задания).
    #[graphql(guard = "can(Permission::JobControl)")]
    async fn job_cancel(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: JobCancelInput,
    ) -> Result<JobPayload> {
        let done = cx.write(|tx| cancel_job(tx, input.id.0).boxed()).await?;
        Ok(JobPayload::of(done, cx.language()))
    }

    /// Puts a failed or stopped job back into the queue (повтор задания).
    #[graphql(guard = "can(Permission::JobControl)")]
    async fn job_retry(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: JobRetryInput,
    ) -> Result<JobPayload> {
        let done = cx.write(|tx| retry_job(tx, input.id.0).boxed()).await?;
        Ok(JobPayload::of(done, cx.language()))
    }
}

async fn cancel_job(tx: &mut Tx, id: JobId) -> Outcome<Row> {
    if jobs::is_lasting(tx, id.0).await? {
        refuse!(Refusal::new("JOB_LASTS").at("id"));
    }
    if !jobs::cancel(tx, id.0).await? {
        refuse!(Refusal::new("JOB_OVER").at("id"));
    }
    let Some(job) = jobs::find(tx, id.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    tx.audit(Change::new("job", id, "cancelled"));
    tx.emit(JobsEvent::Cancelled { job: id });
    Ok(Ok(job))
}

async fn retry_job(tx: &mut Tx, id: JobId) -> Outcome<Row> {
    if !jobs::retry(tx, id.0).await? {
        refuse!(Refusal::new("JOB_NOT_OVER").at("id"));
    }
    let Some(job) = jobs::find(tx, id.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    tx.audit(Change::new("job", id, "retried"));
    tx.emit(JobsEvent::Queued { job: id });
    Ok(Ok(job))
}

#[derive(Default)]
pub struct JobSubscription;

#[Subscription]
impl JobSubscription {
    /// A job as it goes on: its state now, then at every step, until it ends (ход задания).
    #[graphql(guard = "can(Permission::JobRead)")]
    async fn job_progress(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<JobId>,
    ) -> Result<impl Stream<Item = Job>> {
        let app = cx.app().clone();
        let wanted = move |fact: &Sent| fact.topic == "jobs" && fact.event["fact"]["job"] == id.0.0;
        let facts = outbox::follow(&app, wanted).await?;
        let first = jobs::find(&app.db, id.0.0).await?.ok_or_else(ApiError::not_found)?;
        Ok(async_stream::stream! {
            let mut job = Job::from(first);
            let mut facts = std::pin::pin!(facts);
            loop {
                let over = !matches!(job.state, JobState::Queued | JobState::Running);
                yield job.clone();
                if over || facts.next().await.is_none() {
                    return;
                }
                match jobs::find(&app.db, id.0.0).await {
                    Ok(Some(row)) => job = row.into(),
                    _ => return,
                }
            }
        })
    }
}
