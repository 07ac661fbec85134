//! `aiscra bench readings`: 250 readings in one call of the API, each judged, audited and told, against one INSERT … SELECT that
//! writes the same rows and nothing else.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use domain::kernel::{PointId, Volume};
use entities::bench;
use entities::kernel::Tx;
use serde_json::{Value, json};

use super::figures::ms;
use super::server::Server;
use super::{begin, city, current, median};
use crate::app::App;
use crate::platform::graphql::Gid;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city, each with a year of bills
    #[arg(long, default_value_t = 2_000)]
    accounts: u64,
    /// Readings of a call
    #[arg(long, default_value_t = 250)]
    count: i64,
    /// How often each side is measured; they take turns
    #[arg(long, default_value_t = 9)]
    repeats: u32,
}

const CALL: &str = "mutation($input: ReadingSubmitManyInput!) { readingSubmitMany(input: $input) {
    readings { reading { id verdict reasons { code } consumption } errors { code } } errors { code } } }";

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.accounts, 12).await?;
    let points = bench::metered_points(&app.db, args.count).await?;
    ensure!(points.len() as i64 == args.count, "the city has only {} points with a meter", points.len());
    let server = Server::start(&app, "inspector", None).await?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for round in 0..=args.repeats {
        let taken: Vec<(PointId, i64)> =
            points.iter().map(|(point, liters)| (*point, liters + 1_000)).collect();
        let (api, rows) = by_api(&app, &server, &taken).await?;
        let (statement, same) = by_sql(&app, &taken).await?;
        ensure!(rows == same, "the two wrote different rows");
        // The first round warms up.
        if round > 0 {
            ours.push(api);
            plain.push(statement);
        }
    }
    let (api, statement) = (median(ours), median(plain));
    println!("API    {:8.2} ms  {} readings in one call, each with its answer", ms(api), args.count);
    println!("SQL    {:8.2} ms  one INSERT … SELECT of the same rows", ms(statement));
    println!("ratio  {:8.2}", ms(api) / ms(statement));
    Ok(())
}

/// How long it took, and what stood in the table then; nothing stands there afterwards.
async fn by_api(app: &App, server: &Server, taken: &[(PointId, i64)]) -> anyhow::Result<(Duration, String)> {
    let last = bench::last_reading(&app.db).await?;
    let readings: Vec<Value> = taken
        .iter()
        .map(|(point, liters)| {
            let value = Volume::from_liters(*liters).to_string();
            json!({ "pointId": Gid(*point).encode(), "value": value, "channel": "TELEMETRY" })
        })
        .collect();
    let variables = json!({ "input": { "readings": readings } });
    let begun = Instant::now();
    let answer = server.ask(CALL, &variables).await?;
    let took = begun.elapsed();
    let rows = away(app, last).await?;
    let judged = answer.matches("\"verdict\":").count();
    ensure!(judged == taken.len(), "{judged} of {} were taken: {answer}", taken.len());
    Ok((took, rows))
}

async fn by_sql(app: &App, taken: &[(PointId, i64)]) -> anyhow::Result<(Duration, String)> {
    let last = bench::last_reading(&app.db).await?;
    // The business date lies after the cut-off: readings count for the next month.
    let (day, month) = (app.clock.today(), current().next());
    let begun = Instant::now();
    let tx: Tx = begin(app).await?;
    bench::insert_readings(&tx, day, month, taken).await?;
    tx.commit_silently("a database of measurements").await?;
    Ok((begun.elapsed(), away(app, last).await?))
}

/// What was written since, as one word to compare; then it is taken away.
async fn away(app: &App, last: i64) -> anyhow::Result<String> {
    let rows = bench::readings_since(&app.db, last).await?.context("nothing was written")?;
    let tx = begin(app).await?;
    bench::forget_readings(&tx, last).await?;
    tx.commit_silently("a database of measurements").await?;
    Ok(rows)
}
