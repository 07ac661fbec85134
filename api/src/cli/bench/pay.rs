//! `aiscra bench pay`: payments of a channel over HTTP of a real server, against pgbench running the same two statements: the one that
//! reads everything under locks and the one that writes everything. Then a file of many rows against the same rows one by one.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::kernel::*;
use rand::{Rng, SeedableRng};
use tokio::process::Command;

use super::figures::{Backends, Figures, cpu, ms};
use super::http::Connection;
use super::server::Server;
use super::{begin, billed_city, median};
use crate::app::App;
use crate::payments::ops::{NewPayment, record_many};

/// The demo's channel of the published format.
const CHANNEL: &str = "terminal";

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u64,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// How often each side is measured; they take turns
    #[arg(long, default_value_t = 3)]
    repeats: u32,
    /// Connections that pay at the same time
    #[arg(long, default_value_t = 20)]
    connections: u64,
    /// Rows of the file
    #[arg(long, default_value_t = 50_000)]
    rows: usize,
    /// The program pgbench
    #[arg(long, default_value = "pgbench")]
    pgbench: PathBuf,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = billed_city(args.accounts).await?;
    // Money is acknowledged when it is in the log.
    entities::bench::acknowledge_written(&app.db).await?;
    let accounts = entities::bench::payable(&app.db).await?;
    ensure!(!accounts.is_empty(), "the city has no account that takes payments");
    let server = Server::start(&app, "auditor", None).await?;
    let length = Duration::from_secs(args.seconds);
    let numbers = Arc::new(accounts.iter().map(|(_, number, _)| number.clone()).collect::<Vec<_>>());
    let bounds = (accounts[0].0, accounts[accounts.len() - 1].0);
    let next = Arc::new(AtomicU64::new(0));
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), entities::bench::pay_script(CHANNEL))?;

    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    let load = async |length: Duration| {
        let (address, numbers, next) = (server.address.clone(), numbers.clone(), next.clone());
        let connections = args.connections;
        tokio::task::spawn_blocking(move || load(&address, &numbers, &next, connections, length)).await?
    };
    load(Duration::from_secs(2)).await?;
    caught_up(&app).await?;
    for _ in 0..args.repeats {
        let last = entities::bench::last_payment(&app.db).await?;
        let (pid, mut backends) = (server.pid()?, Backends::default());
        backends.look(&app).await?;
        let (spent, begun) = (cpu(pid), Instant::now());
        let times = load(length).await?;
        let took = begun.elapsed();
        backends.look(&app).await?;
        ours.push(figures(times, took, ms(cpu(pid) - spent), ms(backends.used()))?);
        caught_up(&app).await?;
        wrote("pay over HTTP", &app, last).await?;
        let last = entities::bench::last_payment(&app.db).await?;
        plain.push(by_pgbench(&app, &args, bounds, script.path(), length).await?);
        caught_up(&app).await?;
        wrote("pgbench", &app, last).await?;
    }
    let (api, direct) = (Figures::median(ours), Figures::median(plain));
    for (name, one) in [("pay over HTTP", api), ("pgbench", direct)] {
        println!(
            "{name:13} {:7.0}/s  median {:.2} ms, 99 % {:.2} ms  CPU each: server {:.3} ms, PostgreSQL {:.3} ms",
            one.per_second, one.typical_ms, one.late_ms, one.server_ms, one.database_ms
        );
    }
    println!(
        "ratio: throughput {:.2}, 99 % {:.2}, {} connections, {} accounts",
        api.per_second / direct.per_second,
        api.late_ms / direct.late_ms,
        args.connections,
        args.accounts
    );
    drop(server);
    file(&app, &args, &accounts).await
}

/// Both sides have the same work: the rows that their payments wrote.
async fn wrote(name: &str, app: &App, last: i64) -> anyhow::Result<()> {
    let rows = entities::bench::rows_of_payments(&app.db, last).await?.context("no payment was written")?;
    eprintln!(
        "{name:13} {} payments, each wrote {:.2} settlements, {:.2} entries, {:.2} advances",
        rows.payments, rows.settlements, rows.entries, rows.advances
    );
    Ok(())
}

/// What one side leaves to be numbered and sealed is no burden of the other, and both plan by what is there.
async fn caught_up(app: &App) -> anyhow::Result<()> {
    while !entities::kernel::outbox::is_done(&app.db).await? {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    entities::bench::know_payments(&app.db).await.context("statistics")
}

fn figures(mut times: Vec<Duration>, took: Duration, server: f64, database: f64) -> anyhow::Result<Figures> {
    ensure!(!times.is_empty(), "nothing was answered");
    times.sort();
    let count = times.len() as f64;
    Ok(Figures {
        per_second: count / took.as_secs_f64(),
        typical_ms: ms(times[times.len() / 2]),
        late_ms: ms(times[times.len() * 99 / 100]),
        server_ms: server / count,
        database_ms: database / count,
    })
}

/// Pays for a while over several kept connections, on one thread as pgbench does; how long each answer took.
#[tokio::main(flavor = "current_thread")]
async fn load(
    address: &str,
    numbers: &Arc<Vec<String>>,
    next: &Arc<AtomicU64>,
    connections: u64,
    length: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let mut tasks = Vec::new();
    for lane in 0..connections {
        let mut connection = Connection::open(address).await?;
        let (numbers, next) = (numbers.clone(), next.clone());
        let first = next.load(Ordering::Relaxed);
        let begun = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_millis();
        tasks.push(tokio::spawn(async move {
            let mut random = rand::rngs::StdRng::seed_from_u64(first + lane);
            let (mut times, until) = (Vec::new(), Instant::now() + length);
            while Instant::now() < until {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let account = &numbers[random.random_range(0..numbers.len())];
                let amount = Money::from_tiyn(random.random_range(100..=100_000));
                let path = format!(
                    "/pay/{CHANNEL}?command=pay&txn_id={begun}{n:07}&txn_date=20260326120000&account={account}&sum={amount}"
                );
                let begun = Instant::now();
                let answer = connection.get(&path).await?;
                times.push(begun.elapsed());
                ensure!(answer.contains("<result>0</result>"), "not taken: {answer}");
            }
            anyhow::Ok(times)
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await??);
    }
    Ok(all)
}

async fn by_pgbench(
    app: &App,
    args: &Args,
    (first, last): (i64, i64),
    script: &Path,
    length: Duration,
) -> anyhow::Result<Figures> {
    let logs = tempfile::tempdir()?;
    let child = Command::new(&args.pgbench)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--log"])
        .arg(format!("--log-prefix={}", logs.path().join("pay").display()))
        .arg(format!("--client={}", args.connections))
        .arg(format!("--time={}", length.as_secs()))
        .arg(format!("--define=first={first}"))
        .arg(format!("--define=last={last}"))
        .arg(format!("--file={}", script.display()))
        .arg(&app.config.database_url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("pgbench")?;
    let mut backends = Backends::default();
    let output = child.wait_with_output();
    tokio::pin!(output);
    let output = loop {
        tokio::select! {
            done = &mut output => break done?,
            () = tokio::time::sleep(Duration::from_millis(100)) => backends.look(app).await?,
        }
    };
    ensure!(output.status.success(), "pgbench failed");
    // client, transaction, microseconds, …
    let mut times = Vec::new();
    for entry in std::fs::read_dir(logs.path())? {
        for line in std::fs::read_to_string(entry?.path())?.lines() {
            let micros = line.split(' ').nth(2).and_then(|word| word.parse().ok());
            times.push(Duration::from_micros(micros.with_context(|| format!("no time: {line}"))?));
        }
    }
    figures(times, length, 0.0, ms(backends.used()))
}

/// A file of payments in one transaction, and rows of the same kind each in its own.
async fn file(app: &Arc<App>, args: &Args, accounts: &[(i64, String, Sector)]) -> anyhow::Result<()> {
    let mut random = rand::rngs::StdRng::seed_from_u64(7);
    let begun = app.clock.now().timestamp_millis();
    let mut payments = |count: usize, kind: &str| -> Vec<NewPayment> {
        (0..count)
            .map(|n| {
                let (id, _, sector) = &accounts[random.random_range(0..accounts.len())];
                NewPayment {
                    account: AccountId(*id),
                    sector: *sector,
                    channel: CHANNEL.into(),
                    external_id: format!("{kind}-{begun}-{n}"),
                    amount: Money::from_tiyn(random.random_range(100..=100_000)),
                    paid_on: app.clock.today(),
                    paid_at: None,
                    import_batch: None,
                    target: None,
                }
            })
            .collect()
    };
    let take = async |payments: &[NewPayment]| -> anyhow::Result<Duration> {
        let begun = Instant::now();
        let mut tx = begin(app).await?;
        let done = record_many(&mut tx, payments, app.clock.now()).await?;
        done.map_err(|refusal| anyhow::anyhow!("refused: {refusal:?}"))?;
        tx.commit_silently("a database of measurements").await?;
        Ok(begun.elapsed())
    };
    let single = payments(2_000, "one");
    let mut one = Duration::ZERO;
    for payment in &single {
        one += take(std::slice::from_ref(payment)).await?;
    }
    let one = one.as_secs_f64() / single.len() as f64;
    let mut files = Vec::new();
    for turn in 0..args.repeats {
        files.push(take(&payments(args.rows, &format!("file{turn}"))).await?);
    }
    let row = median(files).as_secs_f64() / args.rows as f64;
    println!(
        "a file of {} rows: {:.3} ms a row; one by one {:.3} ms: {:.1} times as fast",
        args.rows,
        row * 1_000.0,
        one * 1_000.0,
        one / row
    );
    Ok(())
}
