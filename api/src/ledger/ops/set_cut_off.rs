//! Moves a day of closing a month.

use chrono::NaiveDate;
use domain::LedgerEvent;
use domain::kernel::{Period, Sector};
use domain::ledger::{CutOffStep, PeriodStatus, in_order};
use entities::kernel::{Change, Result, Tx};
use entities::ledger::period::PeriodRow;
use entities::ledger::{calendar, cut_off};
use entities::tariffs;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// The days of a month: what was set by hand, else what the setting says. None without the setting.
pub async fn cut_offs(
    db: &impl ConnectionTrait,
    month: Period,
    sector: Sector,
    clock: &Clock,
) -> Result<Option<Vec<(CutOffStep, NaiveDate, Option<cut_off::Set>)>>> {
    let book = tariffs::book_of(db, month, clock.now()).await?;
    let Ok(usual) = book.methods.cut_offs(sector, month.first_day()) else { return Ok(None) };
    let workdays = calendar::workdays(db, month.first_day(), month.next().last_day()).await?;
    let mut by_hand = cut_off::of_month(db, month, sector).await?;
    let day = |step: &CutOffStep| {
        let own = by_hand.iter().position(|set| set.step == *step).map(|at| by_hand.swap_remove(at));
        (
            *step,
            own.as_ref().map_or_else(|| usual.value.due_on(*step, month, &workdays), |set| set.due_on),
            own,
        )
    };
    Ok(Some(CutOffStep::ALL.iter().map(day).collect()))
}

/// With a reason; the steps keep their order.
pub async fn set_cut_off(
    tx: &mut Tx,
    (month, sector): (Period, Sector),
    step: CutOffStep,
    due_on: NaiveDate,
    reason: &str,
    clock: &Clock,
) -> Outcome<PeriodRow> {
    if reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    let Some(row) = super::lock(tx, month, sector).await? else { refuse!("NO_SUCH_PERIOD") };
    if row.status() == PeriodStatus::Closed {
        refuse!("CUT_OFF_CLOSED");
    }
    let Some(mut days) = cut_offs(tx, month, sector, clock).await? else {
        refuse!(Refusal::new("MISSING_SETTING").with("code", domain::tariffs::setting::CUT_OFFS))
    };
    let Some(own) = days.iter_mut().find(|(one, ..)| *one == step) else { refuse!("NO_SUCH_PERIOD") };
    let before = std::mem::replace(&mut own.1, due_on);
    if !in_order(&days.iter().map(|(_, day, _)| *day).collect::<Vec<_>>()) {
        refuse!(Refusal::new("CUT_OFF_ORDER").at("dueOn"));
    }
    cut_off::set(tx, month, sector, step, due_on, reason.trim()).await?;
    tx.audit(Change::bulk(
        "period",
        "cut_off_set",
        json!({ "period": month, "sector": sector, "step": step, "from": before, "to": due_on, "reason": reason.trim() }),
    ));
    tx.emit(LedgerEvent::CutOffSet { period: month, sector });
    Ok(Ok(row))
}
