//! `aiscra bench picture`: the cached picture of the city over HTTP, with sign-in, budget and rights of every request, against
//! redis-benchmark reading the same bytes from the same Redis.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::json;
use tokio::process::Command;

use super::figures::Figures;
use super::server::{Question, Server};
use super::{REDIS_PREFIX, city};
use crate::config::Config;
use crate::platform::cache;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city, each with a year of bills
    #[arg(long, default_value_t = 2_000)]
    accounts: u64,
    /// Seconds of each measurement of the API
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often each side is measured; they take turns
    #[arg(long, default_value_t = 3)]
    repeats: u32,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 4)]
    connections: u64,
    /// Requests of each measurement of Redis
    #[arg(long, default_value_t = 100_000)]
    requests: u64,
    /// The program redis-benchmark
    #[arg(long, default_value = "redis-benchmark")]
    redis_benchmark: PathBuf,
}

/// What the office's picture and the wall ask for.
const QUERY: &str = "query($period: Period) { cityPicture(period: $period) { period today
    sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected }
    parts { district { id name { kk ru en } } sector
        sums { charged paid owed overdue advance readingsAccepted readingsDoubtful readingsRejected } }
    months { period charged paid } ages { months owed } } }";
const KEY: &str = "picture";

pub async fn run(args: Args) -> anyhow::Result<()> {
    let config = Config::load()?;
    let url = config.redis_url.clone().filter(|url| !url.is_empty());
    let url = url.context("this measures Redis: name one in REDIS_URL")?;
    let app = city(args.accounts, 12).await?;
    let server = Server::start(&app, "auditor", Some(&url)).await?;
    let variables = json!({ "period": super::current().to_string() });
    let picture = server.ask(QUERY, &variables).await?;
    ensure!(right(&picture), "no picture: {picture}");

    let bus = cache::connect(&Config { redis_prefix: Some(REDIS_PREFIX.into()), ..config }).await?;
    bus.set(KEY, &picture, 3_600).await?;
    let question = Question::new(QUERY, vec![variables], right);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..args.repeats {
        let length = Duration::from_secs(args.seconds);
        ours.push(server.measure(&app, &question, args.connections, length).await?);
        bare.push(by_redis(&args, &url).await?);
    }
    let (api, redis) = (Figures::median(ours), Figures::median(bare));
    println!(
        "API    {:8.0}/s  latency median {:.2} ms, 99 % {:.2} ms  CPU each: server {:.3} ms, PostgreSQL {:.3} ms  {} bytes",
        api.per_second,
        api.typical_ms,
        api.late_ms,
        api.server_ms,
        api.database_ms,
        picture.len()
    );
    println!(
        "Redis  {:8.0}/s  latency median {:.2} ms, 99 % {:.2} ms  GET of the same bytes",
        redis.per_second, redis.typical_ms, redis.late_ms
    );
    println!(
        "ratio  requests a second 1 : {:.1}, latency {:.1}",
        redis.per_second / api.per_second,
        api.typical_ms / redis.typical_ms
    );
    Ok(())
}

fn right(answer: &str) -> bool {
    answer.contains("\"ages\":[") && !answer.contains("\"errors\"")
}

async fn by_redis(args: &Args, url: &str) -> anyhow::Result<Figures> {
    let mut command = Command::new(&args.redis_benchmark);
    match url.strip_prefix("redis+unix://") {
        Some(path) => command.arg("-s").arg(path.split('?').next().unwrap_or(path)),
        None => command.arg("-u").arg(url),
    };
    let output = command
        .args(["-c", &args.connections.to_string(), "-n", &args.requests.to_string(), "--csv"])
        .args(["GET", &format!("{REDIS_PREFIX}:{KEY}")])
        .stdin(Stdio::null())
        .output()
        .await
        .context("redis-benchmark comes with Redis; name it with --redis-benchmark")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // "test","rps","avg_latency_ms","min","p50","p95","p99","max"
    let line = text.lines().rev().find(|line| line.starts_with('"')).with_context(|| text.clone())?;
    let cells: Vec<f64> =
        line.rsplit(',').map(|cell| cell.trim_matches('"').parse().unwrap_or(f64::NAN)).take(7).collect();
    ensure!(cells.len() == 7 && cells.iter().all(|cell| cell.is_finite()), "not understood: {text}");
    Ok(Figures { per_second: cells[6], typical_ms: cells[3], late_ms: cells[1], ..Figures::default() })
}
