//! Starts the run of a month and sector; a second start joins the first.

use chrono::{DateTime, NaiveDate, Utc};
use domain::BillingEvent;
use domain::kernel::{Period, Sector};
use domain::ledger::{PeriodStatus, has_begun};
use entities::billing::run::{self, Run};
use entities::billing::{correction, input};
use entities::imbalance::reckoning;
use entities::kernel::{Change, Result, Tx};
use entities::ledger::{item, period};
use entities::tariffs;
use entities::tariffs::proposal::{self, AnyVersion, Proposal};
use sea_orm::ConnectionTrait;

use crate::ledger::ops::due_on;
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Accounts are cut into transactions of so many unless the caller says otherwise; the result is the same for any number. Two
/// shards are held at a time, so this and not the size of the city decides how much memory a run takes.
const ACCOUNTS_OF_SHARD: i64 = 5_000;
/// A small city is cut all the same: progress is seen, and a run that was killed loses little.
const SHARDS_AT_LEAST: i64 = 16;
const SHARDS_AT_MOST: i64 = 1_024;

pub async fn start_run(
    tx: &mut Tx,
    month: Period,
    sector: Sector,
    shards: Option<i32>,
    clock: &Clock,
) -> Outcome<Run> {
    if !tx.scope().has_sector(sector) {
        refuse!("NO_SUCH_PERIOD");
    }
    // Legal entities stand on the run of the flats.
    let sectors = if sector == Sector::Legal { vec![Sector::Multi, Sector::Legal] } else { vec![sector] };
    run::alone(tx, &sectors).await?;
    // Only now: whoever was waited for has written facts that the run must know.
    let known_at = clock.now();
    if let Some(live) = run::live(tx, month, sector).await? {
        tx.nothing_new("joined a run that was there");
        return Ok(Ok(live));
    }
    let due_on = match obstacles(tx, month, sector, known_at, clock.today()).await? {
        Ok(due_on) => due_on,
        Err(mut obstacles) => refuse!(obstacles.swap_remove(0)),
    };
    // Under a lock until the end of this transaction: the month cannot be closed meanwhile.
    let Some(open) = period::open_for(tx, month, sector).await? else { refuse!("PERIOD_NOT_OPEN") };

    let accounts = input::count(tx, month, sector).await?;
    let by_size = (accounts / ACCOUNTS_OF_SHARD).max(SHARDS_AT_LEAST);
    let shards = shards.map_or(by_size, i64::from).clamp(1, SHARDS_AT_MOST) as i32;
    let Some(run) = run::create(tx, open.period, sector, due_on, known_at, shards).await? else {
        // Somebody else was faster by a moment.
        let Some(live) = run::live(tx, month, sector).await? else { refuse!("CONFLICT") };
        tx.nothing_new("joined a run that was there");
        return Ok(Ok(live));
    };
    item::hold(tx, "run", run.id).await?;
    tx.audit(
        Change::new("run", run.id, "start").after(serde_json::json!({ "period": month, "sector": sector })),
    );
    tx.emit(BillingEvent::RunStarted { run: run.run_id() });
    Ok(Ok(run))
}

/// The day by which bills would be due, or what stands against them.
type Obstacles = std::result::Result<NaiveDate, Vec<Refusal>>;

/// The day by which the bills would be due, or everything that stands against a run of the month.
pub async fn obstacles(
    db: &impl ConnectionTrait,
    month: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Obstacles> {
    let mut found = Vec::new();
    // Legal entities on the lists of condominiums bear what the run of the flats shares out.
    if sector == Sector::Legal && reckoning::has_members(db, month, known_at).await? {
        let flats = run::live(db, month, Sector::Multi).await?;
        if !flats.is_some_and(|run| matches!(run.state.as_str(), "posted" | "issued")) {
            found.push(Refusal::new("RUN_FLATS_FIRST").with("period", month));
        }
    }
    Ok(match obstacles_alone(db, month, sector, known_at, today).await? {
        Ok(due_on) if found.is_empty() => Ok(due_on),
        Ok(_) => Err(found),
        Err(mut others) => {
            others.extend(found);
            Err(others)
        }
    })
}

/// The same of a bill that bears no share of a house and waits for no other run.
pub async fn obstacles_alone(
    db: &impl ConnectionTrait,
    month: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
    today: NaiveDate,
) -> Result<Obstacles> {
    let mut found = Vec::new();
    if !has_begun(month, today) {
        found.push(Refusal::new("PERIOD_NOT_BEGUN").at("period").with("period", month));
    }
    let open = period::find(db, month, sector).await?;
    if open.is_none_or(|row| !row.status().is_writable()) {
        found.push(Refusal::new("PERIOD_NOT_OPEN"));
    }
    let earlier = period::find(db, month.prev(), sector).await?;
    if earlier.is_some_and(|row| row.status() != PeriodStatus::Closed) {
        found.push(Refusal::new("EARLIER_PERIOD_OPEN").with("period", month.prev()));
    }
    // The chain of months that the run would stand on is being rewritten.
    if correction::at_work(db, sector).await? {
        found.push(Refusal::new("CORRECTION_AT_WORK"));
    }
    // A rule nobody answers for must not make money.
    let unconfirmed = tariffs::unconfirmed(db, month.first_day(), month.next().first_day()).await?;
    if !unconfirmed.is_empty() {
        found.push(Refusal::new("SETTINGS_UNCONFIRMED").with("codes", unconfirmed.join(", ")));
    }
    // A price that waits for a second person and touches the month must not be missed in silence: it is confirmed or declined
    // first. Later ones wait without harm.
    for waiting in proposal::waiting(db, month.first_day(), month.next().first_day()).await? {
        found.push(waits(&waiting));
    }
    let book = tariffs::book(db, month.first_day(), month.next().first_day(), known_at).await?;
    let due = due_on(db, &book.methods, month, month.first_day()).await?;
    if let Err(missing) = &due {
        found.push(Refusal::new("MISSING_SETTING").with("code", missing.code));
    }
    Ok(match due {
        Ok(due_on) if found.is_empty() => Ok(due_on),
        _ => Err(found),
    })
}

fn waits(proposal: &Proposal) -> Refusal {
    let (code, value) = match &proposal.version {
        AnyVersion::Price(price) => ("PRICE_WAITS", price.net.normalize().to_string()),
        AnyVersion::Vat(vat) => ("VAT_WAITS", vat.rate.normalize().to_string()),
        AnyVersion::Norm(norm) => ("NORM_WAITS", norm.liters.to_string()),
        AnyVersion::Bands(_) => ("BANDS_WAIT", String::new()),
    };
    let basis = proposal.version.basis();
    Refusal::new(code)
        .with("value", value)
        .with("from", basis.from)
        .with("source", &basis.source)
        .with("by", &proposal.proposed_by)
}
