//! The API against pgbench: the same question as statements that PostgreSQL answers alone.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::process::Command;

use super::figures::{Backends, Figures, ms};
use super::server::{Question, Server};
use crate::app::App;

/// How much, how long.
#[derive(Debug, clap::Args)]
pub struct Turns {
    /// Accounts of the city, each with a year of bills
    #[arg(long, default_value_t = 2_000)]
    pub accounts: u64,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// How often each side is measured; they take turns
    #[arg(long, default_value_t = 3)]
    pub repeats: u32,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 4)]
    pub connections: u64,
    /// The program pgbench
    #[arg(long, default_value = "pgbench")]
    pub pgbench: PathBuf,
}

/// Both sides in turn; a line each and the ratio.
pub async fn compare(app: &App, args: &Turns, question: &Question, statements: &Path) -> anyhow::Result<()> {
    let length = Duration::from_secs(args.seconds);
    let server = Server::start(app, "auditor", None).await?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..args.repeats {
        ours.push(server.measure(app, question, args.connections, length).await?);
        plain.extend(by_pgbench(app, args, statements, length).await?);
    }
    let api = Figures::median(ours);
    println!(
        "API      {:7.0}/s  latency median {:.2} ms, 99 % {:.2} ms  CPU each: server {:.3} ms, PostgreSQL {:.3} ms",
        api.per_second, api.typical_ms, api.late_ms, api.server_ms, api.database_ms
    );
    if plain.is_empty() {
        println!("pgbench was not found: only the API was measured");
        return Ok(());
    }
    let direct = Figures::median(plain);
    println!(
        "pgbench  {:7.0}/s  latency mean {:.2} ms  CPU each: PostgreSQL {:.3} ms",
        direct.per_second, direct.typical_ms, direct.database_ms
    );
    println!(
        "ratio    CPU of server and PostgreSQL together {:.2}, latency {:.2}",
        api.cpu_ms() / direct.cpu_ms(),
        api.typical_ms / direct.typical_ms
    );
    Ok(())
}

/// Nothing when there is no such program here.
async fn by_pgbench(
    app: &App,
    args: &Turns,
    statements: &Path,
    length: Duration,
) -> anyhow::Result<Option<Figures>> {
    let (first, last) = entities::bench::account_ids(&app.db).await?;
    let child = Command::new(&args.pgbench)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=1"])
        .arg(format!("--client={}", args.connections))
        .arg(format!("--time={}", length.as_secs()))
        .arg(format!("--define=first={first}"))
        .arg(format!("--define=last={last}"))
        .arg(format!("--file={}", statements.display()))
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
    let count = figure("number of transactions actually processed:")?;
    Ok(Some(Figures {
        per_second: figure("tps =")?,
        typical_ms: figure("latency average =")?,
        database_ms: ms(backends.used()) / count,
        ..Figures::default()
    }))
}
