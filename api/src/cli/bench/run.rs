//! `aiscra bench run`: the month of a city by the program — facts, COPY out, rule, COPY in, posting — and by one set-based
//! SQL statement that fills the same tables with the same rows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};
use domain::kernel::Sector;
use entities::bench::{self, Sums};
use entities::billing::run::Run;

use super::{begin, city, current, median};
use crate::app::App;
use crate::billing::ops::{preview_city, run_now, start_preview, start_run};

/// How much, how often.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city
    #[arg(long, default_value_t = 100_000)]
    accounts: u64,
    /// Times that each of the two is measured
    #[arg(long, default_value_t = 3)]
    repeats: u32,
    /// Transactions that the program cuts a sector's accounts into
    #[arg(long, default_value_t = 16)]
    shards: i32,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.accounts, 0).await?;
    prove(&app, args.shards).await?;

    let (mut programs, mut statements) = (Vec::new(), Vec::new());
    for repeat in 1..=args.repeats {
        // Who goes first finds colder pages: they take turns.
        for program in [repeat % 2 == 1, repeat % 2 == 0] {
            let (took, sums) =
                if program { by_program(&app, args.shards).await? } else { by_sql(&app).await? };
            let who = if program { "program" } else { "SQL" };
            println!(
                "{who:8} {:8.2} s  {} accounts  {} lines  {} tiyn",
                took.as_secs_f64(),
                sums.accounts,
                sums.lines,
                sums.gross
            );
            if program { programs.push((took, sums)) } else { statements.push((took, sums)) }
        }
    }
    let sums = programs[0].1;
    let (previewed, previews) = by_preview(&app).await?;
    ensure!((previews.lines, previews.gross) == (sums.lines, sums.gross), "the preview says something else");
    ensure!(programs.iter().chain(&statements).all(|(_, other)| *other == sums), "the sums differ");
    let [program, sql] =
        [programs, statements].map(|all| median(all.into_iter().map(|(took, _)| took).collect()));
    println!(
        "median: program {:.2} s, one statement {:.2} s, ratio {:.2}; {} lines and {} tiyn equal every time",
        program.as_secs_f64(),
        sql.as_secs_f64(),
        program.as_secs_f64() / sql.as_secs_f64(),
        sums.lines,
        sums.gross,
    );
    println!(
        "preview of the same months: {:.2} s, {:.2} of the run; the program holds {} MiB at most",
        previewed.as_secs_f64(),
        previewed.as_secs_f64() / program.as_secs_f64(),
        peak_mib(),
    );
    Ok(())
}

/// What the run would come to, reckoned without writing it.
async fn by_preview(app: &Arc<App>) -> anyhow::Result<(Duration, Sums)> {
    let begun = Instant::now();
    let mut sums = Sums::default();
    for &sector in Sector::ALL {
        let mut tx = begin(app).await?;
        let row = start_preview(&mut tx, current(), sector, app.clock.now()).await?;
        let row = row.map_err(|refusal| anyhow!("the preview was refused: {refusal:?}"))?;
        tx.commit_silently("a database of measurements").await?;
        let done = preview_city(app, row.preview_id(), |_| true).await?;
        let done = done.ok_or_else(|| anyhow!("the preview was stopped"))?;
        let Sums { lines, net, gross, accounts, excused } = sums;
        sums = Sums {
            lines: lines + done.lines,
            net: net + done.net,
            gross: gross + done.gross,
            accounts: accounts + done.accounts,
            excused: excused + done.excused,
        };
    }
    Ok((begun.elapsed(), sums))
}

/// The most memory this process ever held, as Linux counts it; 0 elsewhere.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = peak.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// Before any time is taken: both fill every table with the same rows.
async fn prove(app: &Arc<App>, shards: i32) -> anyhow::Result<()> {
    for &sector in Sector::ALL {
        let done = program(app, sector, shards).await?;
        let tx = begin(app).await?;
        bench::keep(&tx, &done).await?;
        bench::forget(&tx, &done).await?;
        tx.commit_silently("a database of measurements").await?;

        let (twin, _) = statement(app, sector).await?;
        let tx = begin(app).await?;
        let differences = bench::differences(&tx, &twin).await?;
        ensure!(differences.is_empty(), "{sector}: the two differ: {differences:?}");
        bench::forget(&tx, &twin).await?;
        tx.commit_silently("a database of measurements").await?;
        println!("{sector}: every row of the six tables that a run fills is equal");
    }
    bench::tidy(&app.db).await?;
    Ok(())
}

async fn by_program(app: &Arc<App>, shards: i32) -> anyhow::Result<(Duration, Sums)> {
    let begun = Instant::now();
    let mut runs = Vec::new();
    for &sector in Sector::ALL {
        runs.push(program(app, sector, shards).await?);
    }
    let took = begun.elapsed();
    let sums = runs.iter().map(|run| Sums {
        lines: run.lines,
        net: run.net,
        gross: run.gross,
        accounts: run.accounts,
        excused: run.excused,
    });
    let sums = sums.fold(Sums::default(), add);
    clean(app, &runs).await?;
    Ok((took, sums))
}

async fn by_sql(app: &Arc<App>) -> anyhow::Result<(Duration, Sums)> {
    let begun = Instant::now();
    let (mut runs, mut sums) = (Vec::new(), Sums::default());
    for &sector in Sector::ALL {
        let (run, of_sector) = statement(app, sector).await?;
        runs.push(run);
        sums = add(sums, of_sector);
    }
    let took = begun.elapsed();
    clean(app, &runs).await?;
    Ok((took, sums))
}

async fn program(app: &Arc<App>, sector: Sector, shards: i32) -> anyhow::Result<Run> {
    let run = run_now(app, current(), sector, Some(shards)).await?;
    let run = run.map_err(|refusal| anyhow!("the run was refused: {refusal:?}"))?;
    ensure!(run.failures == 0, "{} accounts could not be charged", run.failures);
    Ok(run)
}

async fn statement(app: &Arc<App>, sector: Sector) -> anyhow::Result<(Run, Sums)> {
    let mut tx = begin(app).await?;
    let run = start_run(&mut tx, current(), sector, Some(1), &app.clock).await?;
    let run = run.map_err(|refusal| anyhow!("the run was refused: {refusal:?}"))?;
    bench::bear_again(&tx, &run).await?;
    let sums = bench::run_in_one_statement(&mut tx, &run, app.clock.today()).await?;
    tx.commit().await?;
    Ok((run, sums))
}

async fn clean(app: &Arc<App>, runs: &[Run]) -> anyhow::Result<()> {
    for run in runs {
        let tx = begin(app).await?;
        bench::forget(&tx, run).await?;
        tx.commit_silently("a database of measurements").await?;
    }
    bench::tidy(&app.db).await?;
    Ok(())
}

fn add(a: Sums, b: Sums) -> Sums {
    Sums {
        lines: a.lines + b.lines,
        net: a.net + b.net,
        gross: a.gross + b.gross,
        accounts: a.accounts + b.accounts,
        excused: a.excused + b.excused,
    }
}
