//! `aiscra bench run`: the month of a city by the program — facts, COPY out, rule, COPY in, posting — and by one set-based
//! SQL statement that fills the same tables with the same rows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{anyhow, ensure};
use domain::kernel::Sector;
use entities::bench::{self, Sums};
use entities::billing::run::Run;

use super::figures::{cpu, server_cpu};
use super::{begin, city_apart, current, median, memory};
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
    /// Transactions that the program cuts a sector's accounts into; by their number unless it is said
    #[arg(long)]
    shards: Option<i32>,
    /// Only the program, neither proved nor compared: how its time grows with the city
    #[arg(long)]
    alone: bool,
}

/// What the month cost one of the two.
#[derive(Debug, Clone, Copy)]
struct Cost {
    took: Duration,
    /// Processor time of this process and of the whole database server.
    cpu: Duration,
    /// Bytes of the write-ahead log; the server's, so nobody else may write to it meanwhile.
    wal: i64,
    /// MiB that the process held at most above what it held before the first measurement.
    memory: u64,
    sums: Sums,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city_apart(args.accounts, 0).await?;
    let idle = memory::now_mib();
    if !args.alone {
        prove(&app, args.shards).await?;
    }

    let (mut programs, mut statements) = (Vec::new(), Vec::new());
    for repeat in 1..=args.repeats {
        // Who goes first finds colder pages: they take turns.
        for program in [repeat % 2 == 1, repeat % 2 == 0] {
            if args.alone && !program {
                continue;
            }
            let cost = measured(&app, program, args.shards, idle).await?;
            println!(
                "{:8} {:8.2} s  {:8.2} s of CPU  WAL {:7.1} MiB  memory +{} MiB  {} accounts  {} lines  {} tiyn",
                if program { "program" } else { "SQL" },
                cost.took.as_secs_f64(),
                cost.cpu.as_secs_f64(),
                mib(cost.wal),
                cost.memory,
                cost.sums.accounts,
                cost.sums.lines,
                cost.sums.gross
            );
            if program { programs.push(cost) } else { statements.push(cost) }
        }
    }
    let middle = |all: &[Cost], of: fn(&Cost) -> Duration| median(all.iter().map(of).collect()).as_secs_f64();
    if args.alone {
        let (took, cpu) = (middle(&programs, |cost| cost.took), middle(&programs, |cost| cost.cpu));
        println!("median: program {took:.2} s, {cpu:.2} s of CPU");
        return Ok(());
    }
    let sums = programs[0].sums;
    let (previewed, previews) = by_preview(&app).await?;
    ensure!((previews.lines, previews.gross) == (sums.lines, sums.gross), "the preview says something else");
    ensure!(programs.iter().chain(&statements).all(|cost| cost.sums == sums), "the sums differ");
    let least = |all: &[Cost]| mib(all.iter().map(|cost| cost.wal).min().unwrap_or_default());
    let [program, sql] = [&programs, &statements].map(|all| middle(all, |cost| cost.took));
    let [program_cpu, sql_cpu] = [&programs, &statements].map(|all| middle(all, |cost| cost.cpu));
    let [program_wal, sql_wal] = [&programs, &statements].map(|all| least(all));
    println!(
        "median: program {program:.2} s, limit (one statement) {sql:.2} s, ratio {:.2} beside 1.00",
        program / sql
    );
    println!(
        "CPU: program {program_cpu:.2} s, limit (one statement) {sql_cpu:.2} s, ratio {:.2} beside 1.00",
        program_cpu / sql_cpu
    );
    println!(
        "WAL: program {program_wal:.1} MiB, limit (one statement) {sql_wal:.1} MiB, ratio {:.2} beside 1.00",
        program_wal / sql_wal
    );
    println!("{} lines and {} tiyn equal every time", sums.lines, sums.gross);
    println!(
        "preview of the same months: {:.2} s, {:.2} of the run; idle {idle} MiB in a process that filled nothing, at most {} MiB beyond it",
        previewed.as_secs_f64(),
        previewed.as_secs_f64() / program,
        programs.iter().map(|cost| cost.memory).max().unwrap_or_default(),
    );
    Ok(())
}

fn mib(bytes: i64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// The month once, by one of the two, and taken away again.
async fn measured(app: &Arc<App>, program: bool, shards: Option<i32>, idle: u64) -> anyhow::Result<Cost> {
    memory::forget_peak();
    let wal = bench::written_ahead(&app.db).await?;
    let spent = cpu(std::process::id()) + server_cpu(app).await?;
    let begun = Instant::now();
    let (runs, sums) = if program { by_program(app, shards).await? } else { by_sql(app).await? };
    let took = begun.elapsed();
    let cost = Cost {
        took,
        cpu: (cpu(std::process::id()) + server_cpu(app).await?).saturating_sub(spent),
        wal: bench::written_ahead(&app.db).await? - wal,
        memory: memory::peak_mib().saturating_sub(idle),
        sums,
    };
    clean(app, &runs).await?;
    Ok(cost)
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

/// Before any time is taken: both fill every table with the same rows.
async fn prove(app: &Arc<App>, shards: Option<i32>) -> anyhow::Result<()> {
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

async fn by_program(app: &Arc<App>, shards: Option<i32>) -> anyhow::Result<(Vec<Run>, Sums)> {
    let mut runs = Vec::new();
    for &sector in Sector::ALL {
        runs.push(program(app, sector, shards).await?);
    }
    let sums = runs.iter().map(|run| Sums {
        lines: run.lines,
        net: run.net,
        gross: run.gross,
        accounts: run.accounts,
        excused: run.excused,
    });
    let sums = sums.fold(Sums::default(), add);
    Ok((runs, sums))
}

async fn by_sql(app: &Arc<App>) -> anyhow::Result<(Vec<Run>, Sums)> {
    let (mut runs, mut sums) = (Vec::new(), Sums::default());
    for &sector in Sector::ALL {
        let (run, of_sector) = statement(app, sector).await?;
        runs.push(run);
        sums = add(sums, of_sector);
    }
    Ok((runs, sums))
}

async fn program(app: &Arc<App>, sector: Sector, shards: Option<i32>) -> anyhow::Result<Run> {
    let run = run_now(app, current(), sector, shards).await?;
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
