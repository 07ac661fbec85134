//! `aiscra bench killed`: a run whose worker, and whose database, are killed (SIGKILL) again and again. It must come to the hash of
//! the run that nobody disturbed, and to the same rows in all six tables.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use domain::access::Actor;
use domain::kernel::{RunId, Sector};
use entities::bench;
use entities::billing::run::{self, Run};
use entities::kernel::{Tx, jobs};
use rand::Rng;
use tokio::process::{Child, Command};

use super::{begin, city, current};
use crate::app::App;
use crate::billing::jobs::{RUN_CYCLE, RunArgs};
use crate::billing::ops::{run_now, start_run};
use crate::platform::jobs::run_once;

/// How much, how often.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city
    #[arg(long, default_value_t = 20_000)]
    accounts: u64,
    /// Workers that are killed; whole runs are made until there were so many
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Times that the database is killed; 0 leaves it alone
    #[arg(long, default_value_t = 50)]
    database_kills: u32,
    /// The data directory of a database that serves nothing but this; without it only --database-kills 0 is possible
    #[arg(long, requires = "revive")]
    database: Option<PathBuf>,
    /// The command that brings the database up again
    #[arg(long)]
    revive: Option<String>,
    /// Work on the queue of a measured city until it is empty; the measurement starts itself like this
    #[arg(long, hide = true)]
    work: bool,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.accounts, 0).await?;
    if args.work {
        let works = crate::wiring::jobs::works();
        while run_once(&app, &works, "bench").await? {}
        return Ok(());
    }
    ensure!(
        args.database_kills == 0 || args.database.is_some(),
        "to kill the database say where it is (--database, --revive), or say --database-kills 0"
    );
    let mut victims = Victims::new(args);
    for sector in [Sector::Multi, Sector::Private].into_iter().cycle() {
        let begun = Instant::now();
        let whole = run_now(&app, current(), sector, None).await?;
        let whole = whole.map_err(|refusal| anyhow!("the run was refused: {refusal:?}"))?;
        let undisturbed = begun.elapsed();
        keep_and_forget(&app, &whole).await?;

        let started = start(&app, sector).await?;
        let (mut workers, mut databases) = (0, 0);
        loop {
            let mut worker = victims.worker(&app)?;
            // A worker needs its start, then dies anywhere in what a whole run would take.
            let life = rand::rng()
                .random_range(Duration::from_millis(30)..undisturbed.max(Duration::from_millis(60)));
            if tokio::time::timeout(life, worker.wait()).await.is_err() {
                if victims.database_is_next() {
                    victims.kill_database().await?;
                    databases += 1;
                    // The worker meets a database that is gone, and may not outlive it in any state but a failed one.
                    worker.wait().await?;
                } else {
                    worker.kill().await?;
                    victims.workers += 1;
                    workers += 1;
                }
            }
            if posted(&app, &started).await?.is_some() {
                break;
            }
            pick_up(&app, started.id).await?;
        }
        let done = posted(&app, &started).await?.context("a posted run")?;
        ensure!(done.hash == whole.hash, "{sector}: {:?} instead of {:?}", done.hash, whole.hash);
        let tx = begin(&app).await?;
        let differences = bench::differences(&tx, &done).await?;
        ensure!(differences.is_empty(), "{sector}: the two differ: {differences:?}");
        bench::forget(&tx, &done).await?;
        tx.commit_silently("a database of measurements").await?;
        println!(
            "{sector}: {} lines of {} accounts, the same hash and every row equal after {workers} killed workers and {databases} killed \
             databases",
            done.lines, done.accounts
        );
        if victims.enough() {
            break;
        }
    }
    println!(
        "{} workers were killed, {} were asked for; {} databases, {} were asked for",
        victims.workers, victims.args.kills, victims.databases, victims.args.database_kills
    );
    Ok(())
}

async fn keep_and_forget(app: &Arc<App>, whole: &Run) -> anyhow::Result<()> {
    let tx = begin(app).await?;
    bench::keep(&tx, whole).await?;
    bench::forget(&tx, whole).await?;
    tx.commit_silently("a database of measurements").await?;
    Ok(())
}

async fn start(app: &Arc<App>, sector: Sector) -> anyhow::Result<Run> {
    let mut tx = Tx::begin(&app.db, Actor::system("bench")).await?;
    let run = start_run(&mut tx, current(), sector, None, &app.clock).await?;
    let run = run.map_err(|refusal| anyhow!("the run was refused: {refusal:?}"))?;
    jobs::enqueue(&mut tx, RUN_CYCLE, &RunArgs { run: run.id }, Some(&run.id.to_string())).await?;
    tx.commit().await?;
    Ok(run)
}

async fn posted(app: &Arc<App>, started: &Run) -> anyhow::Result<Option<Run>> {
    let found = run::find(&app.db, RunId(started.id)).await?.context("the run")?;
    Ok((found.state == "posted").then_some(found))
}

/// What a minute of silence, or the person who looks after a failed job, would do.
async fn pick_up(app: &Arc<App>, run: i64) -> anyhow::Result<()> {
    bench::orphan_job(&app.db, RUN_CYCLE, &run.to_string()).await?;
    Ok(())
}

struct Victims {
    args: Args,
    workers: u32,
    databases: u32,
}

impl Victims {
    fn new(args: Args) -> Self {
        Self { args, workers: 0, databases: 0 }
    }

    fn enough(&self) -> bool {
        self.workers >= self.args.kills && self.databases >= self.args.database_kills
    }

    /// They take turns, in the proportion that was asked for.
    fn database_is_next(&self) -> bool {
        let (kills, databases) = (self.args.kills.max(1), self.args.database_kills);
        databases > self.databases && self.databases * kills <= self.workers * databases
    }

    fn worker(&self, app: &App) -> anyhow::Result<Child> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["bench", "killed", "--work", "--accounts", &self.args.accounts.to_string()])
            .env("DATABASE_URL", &app.config.database_url)
            .env("AISCRA_DEMO", "true")
            .env("AISCRA_LOG", "off")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        Ok(command.spawn()?)
    }

    /// The postmaster and every process of it, at once, and up again.
    async fn kill_database(&mut self) -> anyhow::Result<()> {
        let directory = self.args.database.as_deref().context("--database")?;
        let file = tokio::fs::read_to_string(directory.join("postmaster.pid")).await?;
        let postmaster = file.lines().next().context("a process id")?.to_owned();
        let children = Command::new("pgrep").args(["-P", &postmaster]).output().await?;
        let children = String::from_utf8(children.stdout)?;
        let killed = Command::new("kill")
            .arg("-9")
            .arg(&postmaster)
            .args(children.split_whitespace())
            .status()
            .await?;
        ensure!(killed.success(), "the database could not be killed");
        // Until its parent has buried it, it looks alive to whoever would start it anew.
        let trace = PathBuf::from(format!("/proc/{postmaster}"));
        while trace.exists() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let revive = self.args.revive.as_deref().context("--revive")?;
        let up = Command::new("sh").args(["-c", revive]).stdout(Stdio::null()).status().await?;
        ensure!(up.success(), "the database did not come up again");
        self.databases += 1;
        Ok(())
    }
}
