//! Measures the main jobs against the limits of the database, each on a private database of its own.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::NaiveDate;
use clap::Subcommand;
use domain::access::Actor;
use domain::kernel::{Period, Sector};
use entities::kernel::Tx;
use tokio::process::Command;

use crate::app::App;
use crate::billing::ops::{issue_run, run_now};
use crate::config::Config;
use crate::seed::{self, Wish};

mod bills;
mod figures;
mod http;
mod killed;
mod list;
mod memory;
mod pay;
mod pgbench;
mod picture;
mod read;
mod readings;
mod run;
mod scenario;
mod server;
mod sockets;

/// Keys of measurements lie beside those of the product.
const REDIS_PREFIX: &str = "aiscra_bench";

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A billing run of the whole city against one SQL statement that does the same
    Run(run::Args),
    /// A run whose worker and database are killed again and again against one that nobody disturbed
    Killed(killed::Args),
    /// What if: the city under another price and under another norm against the run's own reckoning, and one account at a time
    Scenario(scenario::Args),
    /// A month's bills on paper: one file, and a package with a file per district
    Bills(bills::Args),
    /// An account with twelve bills through the API against the same SQL through pgbench
    Read(read::Args),
    /// A page of twenty accounts through the API against one statement through pgbench
    List(list::Args),
    /// The cached picture of the city over HTTP against redis-benchmark
    Picture(picture::Args),
    /// A fact until a thousand sockets have it against a bare Node `ws` broadcast
    Sockets(sockets::Args),
    /// Payments of a channel over HTTP against the same statements through pgbench; a bank's file against rows one by one
    Pay(pay::Args),
    /// 250 readings in one call against one INSERT … SELECT
    Readings(readings::Args),
    /// Fill the city of a measurement; those that tell memory start themselves like this first
    #[command(hide = true)]
    Fill(Fill),
}

#[derive(Debug, clap::Args)]
struct Fill {
    #[arg(long)]
    accounts: u64,
    #[arg(long)]
    months: u32,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    match args.what {
        What::Run(args) => run::run(args).await,
        What::Killed(args) => killed::run(args).await,
        What::Scenario(args) => scenario::run(args).await,
        What::Bills(args) => bills::run(args).await,
        What::Read(args) => read::run(args).await,
        What::List(args) => list::run(args).await,
        What::Picture(args) => picture::run(args).await,
        What::Sockets(args) => sockets::run(args).await,
        What::Pay(args) => pay::run(args).await,
        What::Readings(args) => readings::run(args).await,
        What::Fill(args) => city(args.accounts, args.months).await.map(drop),
    }
}

/// The month that every measured city lives in.
fn current() -> Period {
    Period::new(2026, 3).expect("a month")
}

/// A city in a database of its own beside the configured one; built once, used again by the next measurement.
async fn city(accounts: u64, months: u32) -> anyhow::Result<Arc<App>> {
    let name = format!("aiscra_bench_{accounts}_{months}");
    let configured = Config::load()?.database_url;
    entities::bench::create_database(&configured, &name).await?;
    let app = connect(&configured, &name).await?;
    super::migrate::bring_up(&app.db).await?;
    seed::run(&app, Wish { accounts, months, current: current() }).await?;
    Ok(app)
}

/// The same city, filled by a process of its own where it is not there yet: what a million accounts leave in the memory of whoever
/// made them would be taken for what this process holds idle, and hide what the measured work adds.
async fn city_apart(accounts: u64, months: u32) -> anyhow::Result<Arc<App>> {
    let filled = Command::new(std::env::current_exe()?)
        .args(["bench", "fill", "--accounts", &accounts.to_string(), "--months", &months.to_string()])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await?;
    ensure!(filled.success(), "the city could not be filled");
    city(accounts, months).await
}

/// The same city, a copy of its own, with the bills of its month: everybody owes something.
async fn billed_city(accounts: u64) -> anyhow::Result<Arc<App>> {
    drop(city(accounts, 0).await?);
    let (from, name) = (format!("aiscra_bench_{accounts}_0"), format!("aiscra_bench_{accounts}_billed"));
    let configured = Config::load()?.database_url;
    let made = entities::bench::copy_database(&configured, &from, &name).await?;
    let app = connect(&configured, &name).await?;
    super::migrate::bring_up(&app.db).await?;
    if made {
        let begun = Instant::now();
        for &sector in Sector::ALL {
            let run = run_now(&app, current(), sector, None).await?;
            let run = run.map_err(|refusal| anyhow::anyhow!("the run was refused: {refusal:?}"))?;
            let mut tx = begin(&app).await?;
            let issued = issue_run(&mut tx, run.run_id(), &app.clock).await?;
            issued.map_err(|refusal| anyhow::anyhow!("the bills were not issued: {refusal:?}"))?;
            tx.commit().await?;
        }
        eprintln!("the month was run in {:.1} s", begun.elapsed().as_secs_f64());
        entities::bench::tidy(&app.db).await?;
    }
    Ok(app)
}

/// The program on a database beside the configured one.
async fn connect(configured: &str, name: &str) -> anyhow::Result<Arc<App>> {
    let mut config = Config::load()?;
    config.database_url = beside(configured, name).context("the address has no database")?;
    config.redis_url = None;
    config.demo = true;
    config.business_date = NaiveDate::from_ymd_opt(2026, 3, 26);
    eprintln!("database {name}");
    App::connect(config).await
}

/// The same server, another database.
fn beside(url: &str, name: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let (place, params) = rest.split_once('?').map_or((rest, None), |(place, params)| (place, Some(params)));
    let host = place.split('/').next()?;
    let params = params.map(|params| format!("?{params}")).unwrap_or_default();
    Some(format!("{scheme}://{host}/{name}{params}"))
}

/// A transaction of the measurement itself.
async fn begin(app: &App) -> anyhow::Result<Tx> {
    Ok(Tx::begin(&app.db, Actor::system("bench")).await?)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
