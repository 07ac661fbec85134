//! `aiscra bench scenario`: the city under another price against the run's own reckoning (its preview reads the same facts by the
//! same rule and writes as little), and one account at a time, by the operations that the office calls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use domain::billing::ScenarioChange;
use domain::kernel::{AccountId, ConsumerGroup, Sector, Service};
use entities::billing::scenario::New;
use rust_decimal::Decimal;

use super::{begin, city, current, median, memory};
use crate::app::App;
use crate::billing::ops::{create_scenario, preview_bill, preview_city, run_scenario, start_preview};

/// How much, how often.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Accounts of the city
    #[arg(long, default_value_t = 100_000)]
    accounts: u64,
    /// Times that each of the two is measured
    #[arg(long, default_value_t = 3)]
    repeats: u32,
    /// Accounts that are previewed one by one
    #[arg(long, default_value_t = 500)]
    singles: usize,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let app = city(args.accounts, 0).await?;
    let idle = memory::now_mib();
    let (mut scenarios, mut previews) = (Vec::new(), Vec::new());
    for _ in 0..args.repeats {
        previews.push(preview(&app).await?);
        memory::forget_peak();
        scenarios.push(scenario(&app).await?);
        println!("the scenario held {} MiB beyond idle", memory::peak_mib().saturating_sub(idle));
    }
    let (scenario, preview) = (median(scenarios).as_secs_f64(), median(previews).as_secs_f64());
    println!(
        "median: the city under another price {scenario:.2} s, the run's reckoning {preview:.2} s, ratio {:.2}",
        scenario / preview
    );

    let mut singles = Vec::new();
    for (account, sector) in entities::bench::some_accounts(&app.db, args.singles).await? {
        let begun = Instant::now();
        let found = preview_bill(&app.db, AccountId(account), sector, current(), app.clock.now()).await?;
        found.context("an account of the month")??;
        singles.push(begun.elapsed());
    }
    singles.sort();
    let late = singles.get(singles.len() * 95 / 100).copied().unwrap_or_default();
    println!(
        "preview of one account, explained: median {:.2} ms, 95 of 100 within {:.2} ms",
        median(singles).as_secs_f64() * 1e3,
        late.as_secs_f64() * 1e3
    );
    Ok(())
}

async fn preview(app: &Arc<App>) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    for &sector in Sector::ALL {
        let mut tx = begin(app).await?;
        let row = start_preview(&mut tx, current(), sector, app.clock.now()).await?;
        let row = row.map_err(|refusal| anyhow!("the preview was refused: {refusal:?}"))?;
        tx.commit_silently("a database of measurements").await?;
        preview_city(app, row.preview_id(), |_| true).await?.context("a preview")?;
    }
    Ok(begun.elapsed())
}

async fn scenario(app: &Arc<App>) -> anyhow::Result<Duration> {
    let mut tx = begin(app).await?;
    let new = New {
        name: "A tenge more".to_owned(),
        note: String::new(),
        period: current(),
        sectors: Sector::ALL.to_vec(),
        changes: vec![ScenarioChange::Price {
            service: Service::Water,
            group: ConsumerGroup::Population,
            from: current().first_day(),
            net: Decimal::from(67),
        }],
        keeps_accounts: false,
    };
    let row = create_scenario(&mut tx, new, app.clock.now()).await?;
    let row = row.map_err(|refusal| anyhow!("the scenario was refused: {refusal:?}"))?;
    tx.commit_silently("a database of measurements").await?;
    let begun = Instant::now();
    let done = run_scenario(app, row.id, |_| true).await?.context("a scenario")?;
    ensure!(done.hash_before != done.hash_after, "a tenge more made no difference");
    Ok(begun.elapsed())
}
