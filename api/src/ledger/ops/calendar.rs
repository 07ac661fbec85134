//! The calendar of working days, and the days of payment that follow from it.

use chrono::NaiveDate;
use domain::LedgerEvent;
use domain::billing::due_date;
use domain::kernel::{CalendarDayKind, DocumentId, Period};
use domain::tariffs::{DueShift, MethodBook, MissingSetting};
use entities::kernel::{Change, Result, Tx};
use entities::ledger::calendar::{self, CalendarDay};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::platform::clock::Clock;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// The day by which what is posted in a month has to be paid, by the settings of a day: where they say so, a day off gives way to the
/// next working one.
pub async fn due_on(
    db: &impl ConnectionTrait,
    methods: &MethodBook,
    month: Period,
    day: NaiveDate,
) -> Result<std::result::Result<NaiveDate, MissingSetting>> {
    let (due_day, shift) = match (methods.due_day(day), methods.due_shift(day)) {
        (Ok(due_day), Ok(shift)) => (due_day.value, shift.value),
        (Err(missing), _) | (_, Err(missing)) => return Ok(Err(missing)),
    };
    let due = due_date(month, due_day);
    Ok(Ok(match shift {
        DueShift::AsIs => due,
        DueShift::NextWorking => calendar::workdays(db, due, due).await?.on_or_after(due),
    }))
}

/// What is to become of a day of the calendar.
#[derive(Debug, Clone)]
pub struct NewDay {
    pub day: NaiveDate,
    /// Nothing: it is what its weekday says.
    pub kind: Option<CalendarDayKind>,
    pub name: String,
    pub source: String,
    pub document: DocumentId,
}

/// Records a day off or a working one on the act that says so. Days that are past stay: bills and deadlines stand on them.
pub async fn set_calendar_day(
    tx: &mut Tx,
    new: NewDay,
    clock: &Clock,
) -> Outcome<(NaiveDate, Option<CalendarDay>)> {
    if new.day <= clock.today() {
        refuse!(Refusal::new("PAST_DAY").at("day"));
    }
    for (text, field) in [(&new.name, "name"), (&new.source, "source")] {
        if new.kind.is_some() && text.trim().is_empty() {
            refuse!(Refusal::new("EMPTY").at(field));
        }
    }
    if entities::archive::find(tx, new.document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let before = calendar::between(tx, new.day, new.day).await?.pop();
    match new.kind {
        Some(kind) => {
            let (name, source) = (new.name.trim(), new.source.trim());
            let kept = calendar::set(tx, new.day, kind, name, source, new.document).await;
            allow!(unless(kept, &[])?);
        }
        None if before.is_none() => {
            tx.nothing_new("the day is what its weekday says");
            return Ok(Ok((new.day, None)));
        }
        None => {
            calendar::drop(tx, new.day).await?;
        }
    }
    let after = calendar::between(tx, new.day, new.day).await?.pop();
    let said = json!({ "day": new.day, "before": before, "after": after });
    tx.audit(Change::bulk("calendar", "calendar_day", said).document(Some(new.document.0)));
    tx.emit(LedgerEvent::CalendarSet { day: new.day });
    Ok(Ok((new.day, after)))
}
