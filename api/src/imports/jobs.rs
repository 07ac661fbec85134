//! The three acts on a file as background work, each one transaction: a killed one begins anew and finds nothing half done.

use std::sync::Arc;

use domain::access::{Actor, Permission};
use domain::imports::{ImportKind, ImportState};
use domain::kernel::*;
use entities::imports::{Batch, batch};
use entities::kernel::jobs::Job;
use entities::kernel::{Broken, Tx};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::engine::{self, Progress, Refused};
use crate::app::App;
use crate::platform::jobs::{Behalf, Cancelled, Handle, Work};

pub const CHECK: &str = "imports.check";
pub const COMMIT: &str = "imports.commit";
pub const UNDO: &str = "imports.undo";

/// Which file, and on whose behalf: the worker has no more rights and rows than the person who asked.
#[derive(Serialize, Deserialize)]
pub struct Args {
    batch: ImportBatchId,
    behalf: Behalf,
}

impl Args {
    pub fn new(batch: ImportBatchId, actor: &Actor) -> Self {
        Self { batch, behalf: Behalf::of(actor) }
    }
}

/// What an act does inside of its transaction.
type Act = for<'t> fn(
    &'t Arc<App>,
    &'t mut Tx,
    &'t Batch,
    &'t Handle,
) -> BoxFuture<'t, anyhow::Result<Result<(), Refused>>>;

/// Runs an act on a batch that is in the `during` state; refused or given up, the batch goes `back`.
async fn run(
    app: &Arc<App>,
    job: &Job,
    handle: &Handle,
    during: ImportState,
    back: ImportState,
    act: Act,
) -> anyhow::Result<()> {
    let args: Args = serde_json::from_value(job.args.clone())?;
    let mut tx = Tx::begin(&app.db, args.behalf.actor()).await?;
    let found = batch::lock(&tx, args.batch).await?;
    let batch = found.ok_or_else(|| Broken::RecordNotFound("the batch".into()))?;
    if batch.state != during {
        return Ok(());
    }
    let done = act(app, &mut tx, &batch, handle).await;
    match done {
        Ok(Ok(())) => {
            tx.commit().await?;
            Ok(())
        }
        Ok(Err(refused)) => {
            tx.rollback().await?;
            give_up(app, &batch, back, refused.code, &engine::detail(&refused)).await
        }
        Err(error) => {
            tx.rollback().await?;
            if error.is::<Cancelled>() || job.attempts >= job.max_attempts {
                give_up(app, &batch, back, "IMPORT_BROKEN", "").await?;
            }
            Err(error)
        }
    }
}

/// Nothing was written; the batch shows why.
async fn give_up(
    app: &Arc<App>,
    batch: &Batch,
    back: ImportState,
    code: &str,
    detail: &str,
) -> anyhow::Result<()> {
    let mut tx = Tx::begin(&app.db, Actor::system("worker")).await?;
    batch::refuse(&tx, batch.id, back, code, detail).await?;
    tx.emit(domain::ImportsEvent::Checked { batch: batch.id });
    tx.commit().await?;
    Ok(())
}

macro_rules! work {
    ($(#[$doc:meta])* $name:ident, $kind:ident, $during:ident, $back:ident, $act:expr) => {
        $(#[$doc])*
        pub struct $name;

        #[async_trait::async_trait]
        impl Work for $name {
            fn kind(&self) -> &'static str {
                $kind
            }

            async fn run(&self, app: &Arc<App>, job: &Job, handle: &Handle) -> anyhow::Result<()> {
                run(app, job, handle, ImportState::$during, ImportState::$back, $act).await
            }
        }
    };
}

work!(
    /// The dry run.
    CheckFile, CHECK, Checking, Failed, |app, tx, batch, handle| Box::pin(async move {
        engine::check(app, tx, batch, &Progress::new(app, handle, batch)).await?;
        Ok(Ok(()))
    })
);
work!(
    /// Writes the right rows.
    CommitFile, COMMIT, Committing, Checked, |app, tx, batch, handle| Box::pin(async move {
        engine::commit(app, tx, batch, &Progress::new(app, handle, batch)).await
    })
);
work!(
    /// Takes a file back.
    UndoFile, UNDO, Undoing, Committed, |app, tx, batch, _| Box::pin(async move {
        engine::undo(app, tx, batch).await
    })
);

/// Which right a file's commit needs.
pub const fn right(kind: ImportKind) -> Permission {
    if kind.needs_totals() { Permission::ImportMoney } else { Permission::ImportCommit }
}
