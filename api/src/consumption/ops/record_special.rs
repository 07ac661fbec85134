//! Records what happened at a point. A full capacity may reach back into closed months: it is charged in the month that is open,
//! less what those months billed. Everything else of closed months is a recalculation.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ConsumptionEvent;
use domain::consumption::{SpecialKind, capacity_span, capacity_until};
use domain::kernel::{Sector, SpecialId};
use entities::consumption::special::{self, SpecialRow};
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account;

use super::cap;
use crate::consumption::inputs::SpecialRecordInput;
use crate::platform::graphql::Date;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

pub async fn record_special(
    tx: &mut Tx,
    input: SpecialRecordInput,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<SpecialRow> {
    let Some(account) = account::lock(tx, input.account_id.0).await? else {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"))
    };
    let (kind, capacity) = (input.kind, input.kind.is_capacity());
    let to = input.to.and_then(Date::after);
    let mut from = input.from.0;
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    if kind == SpecialKind::Tampering {
        // It is charged up to the day on which it was found: an act says which.
        match input.to {
            None => refuse!(Refusal::new("SPECIAL_FOUND_ON").at("to")),
            Some(Date(found)) if found > today => refuse!(Refusal::new("FUTURE_DAY").at("to")),
            Some(_) => {}
        }
    }
    if kind == SpecialKind::Stopped && account.sector == Sector::Legal {
        refuse!(Refusal::new("STOPPED_LEGAL").at("kind"));
    }
    let mut charged_until = None;
    if capacity {
        // The cap counts back from the end; while it goes on, back from today and on from the first day.
        let day = to.and_then(|to| to.pred_opt()).unwrap_or(today);
        let months = allow!(cap(tx, kind, day, known_at).await?);
        let known = input.start_known.unwrap_or(false);
        from = capacity_span(from, to.unwrap_or(today), months, known).0;
        if to.is_none() {
            charged_until = capacity_until(from, months, known);
        }
    }
    // It rests on a document, so days of closed months are recorded too: what was billed stands, and a correction reckons it anew.
    let people = input.people.unwrap_or_default();
    if (kind == SpecialKind::Absence) != (people > 0) || !(0..=99).contains(&people) {
        refuse!(Refusal::new("RESIDENTS_WRONG").at("people"));
    }
    let diameter = input.diameter_mm.unwrap_or_default();
    if capacity != (diameter > 0) || !(0..=2_000).contains(&diameter) {
        refuse!(Refusal::new("DIAMETER_WRONG").at("diameterMm"));
    }
    let point = input.point_id.map(|id| id.0);
    if (capacity || kind == SpecialKind::NoAccess) && point.is_none() {
        refuse!(Refusal::new("NO_SUCH_POINT").at("pointId"));
    }
    if let Some(point) = point
        && !account::points_on(tx, account.id, from.max(account.opened_on)).await?.contains(&point)
    {
        refuse!(Refusal::new("POINT_ELSEWHERE").at("pointId"));
    }

    let mut row = SpecialRow {
        id: SpecialId(0),
        account_id: account.id,
        point_id: point,
        kind: kind.code().to_owned(),
        from,
        to,
        people,
        diameter_mm: diameter,
        last_check_on: capacity.then_some(input.from.0),
        charged_until,
        document_id: input.document_id.0,
        recorded_by: tx.actor().label.clone(),
    };
    if let Some(known) = special::same(tx, &row).await? {
        tx.nothing_new("the same case was recorded before");
        return Ok(Ok(known));
    }
    let at = bitemporal::moment(tx).await?;
    row.id = allow!(unless(
        special::record(tx, &row, at).await,
        &[
            ("special_document_id_fkey", "NO_SUCH_DOCUMENT", Some("documentId")),
            ("special_point_id_valid_recorded_excl", "SPECIAL_OVERLAPS", Some("from")),
        ]
    )?);
    tx.audit(Change::new("special", row.id, "record").after(&row).document(Some(row.document_id.0)));
    tx.emit(ConsumptionEvent::SpecialRecorded { special: row.id, account: account.id });
    Ok(Ok(row))
}
