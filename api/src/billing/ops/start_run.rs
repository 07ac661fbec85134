//! Starts the run of a month and sector; a second start joins the first.

use chrono::{DateTime, Utc};
use domain::BillingEvent;
use domain::billing::due_date;
use domain::kernel::{Period, Sector};
use domain::ledger::PeriodStatus;
use entities::billing::run::{self, Run};
use entities::kernel::{Change, Tx};
use entities::ledger::{item, period};
use entities::tariffs;

use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Accounts are cut into so many transactions unless the caller says otherwise; the result is the same for any number.
pub const DEFAULT_SHARDS: i32 = 16;

pub async fn start_run(
    tx: &mut Tx,
    month: Period,
    sector: Sector,
    shards: Option<i32>,
    known_at: DateTime<Utc>,
) -> Outcome<Run> {
    if let Some(live) = run::live(tx, month, sector).await? {
        return Ok(Ok(live));
    }
    let Some(open) = period::open_for(tx, month, sector).await? else { refuse!("PERIOD_NOT_OPEN") };
    if let Some(earlier) = period::find(tx, month.prev(), sector).await?
        && earlier.status() != PeriodStatus::Closed
    {
        refuse!(Refusal::new("EARLIER_PERIOD_OPEN").with("period", month.prev()));
    }
    // A rule nobody answers for must not make money.
    let unconfirmed = tariffs::unconfirmed(tx, month.first_day(), month.next().first_day()).await?;
    if !unconfirmed.is_empty() {
        refuse!(Refusal::new("SETTINGS_UNCONFIRMED").with("codes", unconfirmed.join(", ")));
    }
    let book = tariffs::book(tx, month.first_day(), month.next().first_day(), known_at).await?;
    let due_day = allow!(
        book.methods
            .due_day(month.first_day())
            .map_err(|e| Refusal::new("MISSING_SETTING").with("code", e.code))
    );
    let due_on = due_date(month, due_day.value);

    let shards = shards.unwrap_or(DEFAULT_SHARDS).clamp(1, 1024);
    let Some(run) = run::create(tx, open.period, sector, due_on, known_at, shards).await? else {
        // Somebody else was faster by a moment.
        let Some(live) = run::live(tx, month, sector).await? else { refuse!("CONFLICT") };
        return Ok(Ok(live));
    };
    item::hold(tx, "run", run.id).await?;
    tx.audit(
        Change::new("run", run.id, "start").after(serde_json::json!({ "period": month, "sector": sector })),
    );
    tx.emit(BillingEvent::RunStarted { run: run.run_id() });
    Ok(Ok(run))
}
