//! The year behind the city: month after month is opened, run, issued, paid and closed by the operations of the office.

use std::sync::Arc;

use anyhow::bail;
use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::kernel::{AccountId, Component, Money, Period, Sector, Service};
use domain::ledger::PeriodStatus;
use domain::payments::PaymentChannel;
use entities::kernel::Tx;
use entities::ledger::period;
use entities::seed::{self as tables, Owing};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{done, step};
use crate::app::App;
use crate::payments::ops::{NewPayment, OpeningBalance, open_balances, record_many};
use crate::{billing, ledger};

/// Accounts whose money is recorded in one transaction.
const PAGE: i64 = 5_000;
/// Accounts of one shard of a run.
const SHARD: u64 = 5_000;
/// Another number, another year of payments.
const SEED: u64 = 25_2025;

/// Opens the first month of every sector.
pub async fn begin(app: &Arc<App>, first: Period) -> anyhow::Result<()> {
    for &sector in Sector::ALL {
        let mut tx = step(app).await?;
        if period::find(&tx, first, sector).await?.is_none() {
            done(ledger::ops::open_period(&mut tx, first, sector, app.clock.today()).await?)?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Debts and advances of the time before, a page of accounts after the given one; answers the last account of the page.
pub async fn take_over(tx: &mut Tx, first: Period, after: i64) -> anyhow::Result<Option<i64>> {
    let accounts = tables::accounts(tx, after, PAGE).await?;
    let Some(last) = accounts.last().map(|account| account.id) else { return Ok(None) };
    let balances: Vec<OpeningBalance> = accounts.iter().filter_map(taken_over).collect();
    done(open_balances(tx, &balances, first.first_day(), last).await?)?;
    Ok(Some(last))
}

/// One account in nine brings something along.
fn taken_over(account: &tables::AccountRow) -> Option<OpeningBalance> {
    let mut rng = fortune(account.id, 0);
    let tenge = match rng.random_range(0..100) {
        0..8 => rng.random_range(900..24_000),
        8..11 => -rng.random_range(200..6_000),
        _ => return None,
    };
    let tiyn = tenge * 100 + rng.random_range(0..100);
    let sector = Sector::from_code(&account.sector)?;
    Some(OpeningBalance {
        account: AccountId(account.id),
        sector,
        service: Service::Water,
        component: Component::Charge,
        origin: None,
        amount: Money::from_tiyn(tiyn),
    })
}

/// A month from its runs to its close, sector by sector; every step finds what an interrupted seed has done.
pub async fn bill(app: &Arc<App>, month: Period, accounts: u64) -> anyhow::Result<()> {
    let shards = i32::try_from(accounts / SHARD + 1).unwrap_or(i32::MAX);
    for &sector in Sector::ALL {
        let open = period::find(&app.db, month, sector).await?;
        if open.is_some_and(|row| row.status() == PeriodStatus::Closed) {
            continue;
        }
        let run = done(billing::ops::run_now(app, month, sector, Some(shards)).await?)?;
        let mut tx = step(app).await?;
        let run = done(billing::ops::issue_run(&mut tx, run.run_id(), &app.clock).await?)?;
        tx.commit().await?;
        if run.failures > 0 {
            bail!("{} accounts could not be charged in {month}", run.failures);
        }
        let mut tx = step(app).await?;
        done(ledger::ops::close_period(&mut tx, month, sector).await?)?;
        tx.commit().await?;
    }
    Ok(())
}

/// What people pay in a month for the bills before it, up to a day: a page of accounts after the given one; answers the last
/// account of the page.
pub async fn payments(
    tx: &mut Tx,
    month: Period,
    until: NaiveDate,
    after: i64,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<i64>> {
    let owing = tables::owing(tx, after, PAGE).await?;
    let Some(last) = owing.last().map(|owing| owing.account_id) else { return Ok(None) };
    let payments: Vec<NewPayment> =
        owing.iter().filter_map(|owing| payment(owing, month)).filter(|p| p.paid_on <= until).collect();
    if !payments.is_empty() {
        done(record_many(tx, &payments, now).await?)?;
    }
    Ok(Some(last))
}

/// What the account's people do this month: most pay their bill, some forget a month, some pay ahead, one in eight is a
/// debtor who pays seldom and little.
fn payment(owing: &Owing, month: Period) -> Option<NewPayment> {
    let habit = fortune(owing.account_id, 1).random_range(0..100);
    let mut rng = fortune(owing.account_id, (month.year() * 12) as u64 + u64::from(month.month()));
    let owed = owing.owed;
    let tiyn = match habit {
        0..72 => (!rng.random_bool(0.04)).then_some(owed),
        72..80 => Some((owed / 50_000 + 1) * 50_000),
        80..88 => rng.random_bool(0.6).then(|| owed * rng.random_range(40..=100) / 100),
        _ => rng.random_bool(0.12).then(|| owed * rng.random_range(10..=50) / 100),
    }?;
    let (channel, prefix) = match rng.random_range(0..100) {
        0..62 => (PaymentChannel::Online, "on"),
        62..80 => (PaymentChannel::Registry, "rg"),
        80..92 => (PaymentChannel::Bank, "bk"),
        _ => (PaymentChannel::Cash, "cs"),
    };
    let day = if rng.random_bool(0.9) { rng.random_range(2..25) } else { rng.random_range(25..28) };
    let month_code = month.first_day().format("%y%m");
    (tiyn > 0).then(|| NewPayment {
        account: AccountId(owing.account_id),
        sector: Sector::from_code(&owing.sector).unwrap_or(Sector::Multi),
        channel: channel.code().to_owned(),
        external_id: format!("{prefix}{month_code}{:08}", owing.account_id),
        amount: Money::from_tiyn(tiyn),
        paid_on: month.first_day() + Days::new(day),
        import_batch: None,
        paid_at: None,
        target: None,
    })
}

/// An account's luck in one matter, the same in every run of the seed.
fn fortune(account: i64, matter: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64((account.unsigned_abs() << 20) ^ (matter << 4) ^ SEED)
}
