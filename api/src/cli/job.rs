//! Shows, cancels and retries background jobs from the command line.

use anyhow::bail;
use domain::JobsEvent;
use domain::access::Actor;
use domain::kernel::JobId;
use entities::kernel::{Page, Tx, jobs};

use crate::app::App;
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, clap::Subcommand)]
enum Act {
    /// The newest jobs
    List {
        /// queued, running, done, failed or cancelled
        #[arg(long)]
        state: Option<String>,
        #[arg(long, default_value_t = 20)]
        first: i32,
    },
    /// A waiting job ends at once, a running one at its next step
    Cancel { id: i64 },
    /// A failed or cancelled job waits again
    Retry { id: i64 },
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = App::connect(Config::load()?).await?;
    match args.act {
        Act::List { state, first } => {
            for job in jobs::list(&app.db, state, Page::new(Some(first), None)).await?.rows {
                let error = job.error.as_deref().unwrap_or_default();
                println!(
                    "{:>8}  {:<9}  {:<24}  {}/{}  tries {}  {error}",
                    job.id, job.state, job.kind, job.done, job.total, job.attempts
                );
            }
        }
        Act::Cancel { id } => act(&app, id, true).await?,
        Act::Retry { id } => act(&app, id, false).await?,
    }
    Ok(())
}

async fn act(app: &App, id: i64, cancel: bool) -> anyhow::Result<()> {
    let mut tx = Tx::begin(&app.db, Actor::system("command line")).await?;
    let job = JobId(id);
    let done = if cancel { jobs::cancel(&tx, id).await? } else { jobs::retry(&tx, id).await? };
    if !done {
        bail!("job {id} is not in a state that allows this");
    }
    tx.emit(if cancel { JobsEvent::Cancelled { job } } else { JobsEvent::Queued { job } });
    tx.commit().await?;
    Ok(())
}
