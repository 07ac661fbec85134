//! `aiscra bench scenario`: the city under another price, and under another norm, which reckons every house anew, against the run's own
//! reckoning (its preview reads the same facts by the same rule, houses and accounts, and writes as little), and one account at a time,
//! by the operations that the office calls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use domain::billing::ScenarioChange;
use domain::kernel::{AccountId, ConsumerGroup, Sector, Service, Volume};
use domain::tariffs::Amenity;
use entities::billing::scenario::New;
use rust_decimal::Decimal;

use super::{begin, city_apart, current, median, memory};
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
    let app = city_apart(args.accounts, 0).await?;
    let idle = memory::now_mib();
    let (mut prices, mut norms, mut previews) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.repeats {
        previews.push(preview(&app).await?);
        for (name, change, times) in
            [("another price", price(), &mut prices), ("another norm", norm(), &mut norms)]
        {
            memory::forget_peak();
            times.push(scenario(&app, name, change).await?);
            let beyond = memory::peak_mib().saturating_sub(idle);
            println!("the city under {name} held {beyond} MiB beyond idle ({idle} MiB)");
        }
    }
    let preview = median(previews).as_secs_f64();
    println!("median: the run's own reckoning, houses and accounts, {preview:.2} s");
    for (name, twice, times) in [
        ("another price", "every account is reckoned twice", prices),
        ("another norm", "every account and every house is reckoned twice", norms),
    ] {
        let scenario = median(times).as_secs_f64();
        println!(
            "median: the city under {name} {scenario:.2} s, ratio {:.2} beside 2.00: {twice}",
            scenario / preview
        );
    }

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

/// A tenge more for water: the houses stay as they are.
fn price() -> ScenarioChange {
    ScenarioChange::Price {
        service: Service::Water,
        group: ConsumerGroup::Population,
        from: current().first_day(),
        net: Decimal::from(67),
    }
}

/// A cubic metre more where nothing measures: what flats account for is another, and so is the difference of each house.
fn norm() -> ScenarioChange {
    ScenarioChange::Norm {
        amenity: Amenity::Household,
        service: Service::Water,
        from: current().first_day(),
        volume: Volume::from_liters(16_000),
    }
}

async fn scenario(app: &Arc<App>, name: &str, change: ScenarioChange) -> anyhow::Result<Duration> {
    let mut tx = begin(app).await?;
    let new = New {
        name: name.to_owned(),
        note: String::new(),
        period: current(),
        sectors: Sector::ALL.to_vec(),
        changes: vec![change],
        keeps_accounts: false,
    };
    let row = create_scenario(&mut tx, new, app.clock.now()).await?;
    let row = row.map_err(|refusal| anyhow!("the scenario was refused: {refusal:?}"))?;
    tx.commit_silently("a database of measurements").await?;
    let begun = Instant::now();
    let done = run_scenario(app, row.id, |_| true).await?.context("a scenario")?;
    ensure!(done.hash_before != done.hash_after, "{name} made no difference");
    Ok(begun.elapsed())
}
