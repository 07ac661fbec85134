//! `aiscra bench bills`: a month's bills on paper, by the job that the office starts.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, anyhow, ensure};
use domain::access::Actor;
use domain::kernel::{BillId, JobId, Sector};
use entities::billing::paper;
use entities::kernel::{Tx, file, jobs};

use super::{city, current, median};
use crate::app::App;
use crate::billing::http::print;
use crate::billing::print::{BillPackaging, BillsRenderInput, start_print};
use crate::platform::jobs::run_once;

/// How much.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city; about five of eight live in flats and have a bill to print
    #[arg(long, default_value_t = 16_000)]
    accounts: u64,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.accounts, 1).await?;
    let month = current().prev();
    let system = Actor::system("bench");
    let bills = paper::to_print(&app.db, &system.scope, month, Sector::Multi, None).await?;
    ensure!(!bills.is_empty(), "the city has no bills of {month}");

    let mut singles = Vec::new();
    for bill in bills.iter().step_by((bills.len() / 50).max(1)) {
        let began = Instant::now();
        print(&app, &system, BillId(bill.id)).await?.map_err(|refusal| anyhow!(refusal.code))?;
        singles.push(began.elapsed());
    }
    println!(
        "one bill: {:.0} ms, the median of {}",
        median(singles.clone()).as_secs_f64() * 1e3,
        singles.len()
    );

    for packaging in [BillPackaging::OneFile, BillPackaging::PerDistrict] {
        let began = Instant::now();
        let bytes = printed(&app, packaging).await?;
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{packaging:?}: {} bills in {seconds:.1} s, {:.0} a second; {:.1} MB, {:.1} KB a bill; {} at most in memory",
            bills.len(),
            bills.len() as f64 / seconds,
            bytes as f64 / 1e6,
            bytes as f64 / 1e3 / bills.len() as f64,
            peak().unwrap_or_else(|| "unknown".to_owned()),
        );
    }
    Ok(())
}

/// The size of the file.
async fn printed(app: &Arc<App>, packaging: BillPackaging) -> anyhow::Result<i64> {
    let mut tx = Tx::begin(&app.db, Actor::system("bench")).await?;
    let input =
        BillsRenderInput { period: current().prev(), sector: Sector::Multi, districts: None, packaging };
    let job = start_print(&mut tx, app, input).await?.map_err(|refusal| anyhow!(refusal.code))?;
    tx.commit().await?;
    let works = crate::wiring::jobs::works();
    while run_once(app, &works, "bench").await? {}
    let done = jobs::find(&app.db, job.id).await?.context("the job")?;
    ensure!(done.state == "done", "the job is {}: {:?}", done.state, done.error);
    let made = file::of_jobs(&app.db, vec![JobId(job.id)]).await?;
    Ok(made.first().context("the file")?.bytes)
}

/// The most memory that this process has held, as the system counts it.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().to_owned())
}
