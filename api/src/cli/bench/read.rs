//! `aiscra bench read`: an account with its twelve bills, asked over HTTP of a real server, against pgbench running the same
//! statements prepared. Processor time is read from /proc: of the server process and of the database's backends.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::city;
use super::http::Connection;
use crate::app::App;

/// How much, how long.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city, each with a year of bills
    #[arg(long, default_value_t = 2_000)]
    accounts: u64,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 4)]
    connections: u64,
    /// The same statements for pgbench
    #[arg(long, default_value = "tests/load/account_with_bills.sql")]
    pgbench_file: PathBuf,
    /// The program pgbench
    #[arg(long, default_value = "pgbench")]
    pgbench: PathBuf,
}

const QUERY: &str = "query($number: String!) { account(number: $number) { id number status balance
    bills(first: 12) { nodes { id period opening charged paid closing dueOn } } } }";

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.accounts, 12).await?;
    let numbers = Arc::new(entities::bench::account_numbers(&app.db).await?);
    ensure!(!numbers.is_empty(), "no account of the city has twelve bills");
    let length = Duration::from_secs(args.seconds);

    let api = by_api(&app, numbers, args.connections, length).await?;
    println!(
        "API      {:7.0} reads/s  latency median {:.2} ms, 99 % {:.2} ms  CPU a read: server {:.3} ms, PostgreSQL {:.3} ms",
        api.per_second, api.median_ms, api.late_ms, api.server_ms, api.database_ms
    );
    let Some(direct) = by_pgbench(&app, &args, length).await? else {
        println!("pgbench was not found: only the API was measured");
        return Ok(());
    };
    println!(
        "pgbench  {:7.0} reads/s  latency mean {:.2} ms  CPU a read: PostgreSQL {:.3} ms",
        direct.per_second, direct.median_ms, direct.database_ms
    );
    println!(
        "ratio    CPU of server and PostgreSQL together {:.2}, latency {:.2}",
        (api.server_ms + api.database_ms) / direct.database_ms,
        api.median_ms / direct.median_ms
    );
    Ok(())
}

/// One side of the comparison; times are of one read.
#[derive(Debug, Default)]
struct Figures {
    per_second: f64,
    median_ms: f64,
    late_ms: f64,
    server_ms: f64,
    database_ms: f64,
}

async fn by_api(
    app: &App,
    numbers: Arc<Vec<String>>,
    connections: u64,
    length: Duration,
) -> anyhow::Result<Figures> {
    let (mut server, address) = serve(app).await?;
    let pid = server.id().context("the server ended at once")?;
    let measured = async {
        let token = Arc::new(sign_in(&address).await?);
        let ask = |time: Duration| load(&address, &token, &numbers, connections, time);
        ask(Duration::from_secs(2)).await?;
        let (server_before, mut backends) = (cpu(pid), Backends::default());
        let begun = Instant::now();
        backends.look(app).await?;
        let mut times = ask(length).await?;
        backends.look(app).await?;
        let (took, server_used) = (begun.elapsed(), cpu(pid) - server_before);
        ensure!(!times.is_empty(), "nothing was answered");
        times.sort();
        let reads = times.len() as f64;
        Ok(Figures {
            per_second: reads / took.as_secs_f64(),
            median_ms: ms(times[times.len() / 2]),
            late_ms: ms(times[times.len() * 99 / 100]),
            server_ms: ms(server_used) / reads,
            database_ms: ms(backends.used()) / reads,
        })
    }
    .await;
    server.start_kill()?;
    server.wait().await?;
    measured
}

/// This program, serving the city on a free port.
async fn serve(app: &App) -> anyhow::Result<(Child, String)> {
    let free = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = free.local_addr()?.to_string();
    drop(free);
    let child = Command::new(std::env::current_exe()?)
        .args(["serve", "--listen", &address])
        .env("DATABASE_URL", &app.config.database_url)
        .env_remove("AISCRA_DATABASE_URL")
        .env_remove("REDIS_URL")
        .env_remove("AISCRA_REDIS_URL")
        .env("AISCRA_DEMO", "true")
        .env("AISCRA_BUSINESS_DATE", "2026-03-26")
        .env("AISCRA_LOG", "warn")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    for _ in 0..200 {
        if Connection::open(&address).await.is_ok() {
            return Ok((child, address));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("the server does not answer on {address}");
}

async fn sign_in(address: &str) -> anyhow::Result<String> {
    let body = json!({
        "query": "mutation($login: String!, $password: String!) {
            sessionOpen(input: { login: $login, password: $password }) { session { accessToken } errors { code } } }",
        "variables": { "login": "auditor", "password": crate::access::demo::PASSWORD },
    });
    let answer = Connection::open(address).await?.post(None, &body.to_string()).await?;
    let answer: Value = serde_json::from_str(&answer)?;
    let token = answer.pointer("/data/sessionOpen/session/accessToken").and_then(Value::as_str);
    token.map(str::to_owned).with_context(|| format!("no session: {answer}"))
}

/// Asks over all connections until the time is up; how long each read took.
async fn load(
    address: &str,
    token: &Arc<String>,
    numbers: &Arc<Vec<String>>,
    connections: u64,
    length: Duration,
) -> anyhow::Result<Vec<Duration>> {
    let next = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(address).await?;
        let (token, numbers, next) = (token.clone(), numbers.clone(), next.clone());
        tasks.push(tokio::spawn(async move {
            let (mut times, until) = (Vec::new(), Instant::now() + length);
            while Instant::now() < until {
                // A step that shares no divisor with the list's length walks through all of it without order.
                let at = next.fetch_add(7_919, Ordering::Relaxed) as usize % numbers.len();
                let body = json!({ "query": QUERY, "variables": { "number": numbers[at] } }).to_string();
                let begun = Instant::now();
                let answer = connection.post(Some(&token), &body).await?;
                times.push(begun.elapsed());
                ensure!(
                    answer.matches("\"closing\"").count() == 12,
                    "not an account with twelve bills: {answer}"
                );
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

async fn by_pgbench(app: &App, args: &Args, length: Duration) -> anyhow::Result<Option<Figures>> {
    let (first, last) = entities::bench::account_ids(&app.db).await?;
    let child = Command::new(&args.pgbench)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=1"])
        .arg(format!("--client={}", args.connections))
        .arg(format!("--time={}", length.as_secs()))
        .arg(format!("--define=first={first}"))
        .arg(format!("--define=last={last}"))
        .arg(format!("--file={}", args.pgbench_file.display()))
        .arg(&app.config.database_url)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Its backends end with it: their time is looked at until they are gone.
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
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let figure = |label: &str| -> anyhow::Result<f64> {
        let line =
            text.lines().find_map(|line| line.strip_prefix(label)).with_context(|| format!("no {label}"))?;
        line.split_whitespace()
            .find_map(|word| word.parse().ok())
            .with_context(|| format!("no number: {line}"))
    };
    let reads = figure("number of transactions actually processed:")?;
    Ok(Some(Figures {
        per_second: figure("tps =")?,
        median_ms: figure("latency average =")?,
        database_ms: ms(backends.used()) / reads,
        ..Figures::default()
    }))
}

/// Processor time of the database's backends between the first and the last look at each.
#[derive(Default)]
struct Backends {
    seen: HashMap<i32, (Duration, Duration)>,
}

impl Backends {
    async fn look(&mut self, app: &App) -> anyhow::Result<()> {
        for pid in entities::bench::backends(&app.db).await? {
            let now = cpu(pid.unsigned_abs());
            self.seen.entry(pid).or_insert((now, now)).1 = now;
        }
        Ok(())
    }

    fn used(&self) -> Duration {
        self.seen.values().map(|(first, last)| last.saturating_sub(*first)).sum()
    }
}

/// User and system time of a process, in the kernel's hundredths of a second; zero where it can't be read.
fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold blanks.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
