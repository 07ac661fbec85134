//! Points that an account takes and gives back while it goes on. A point is one account's at a time; its own days are charged as those of
//! a point taken over or given away are.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::kernel::*;
use domain::meters::{difference, register_capacity};
use domain::subscribers::{AccountStatus, may_take};
use domain::{ReadingsEvent, SubscribersEvent};
use entities::billing::{final_bill, run};
use entities::consumption::sharing;
use entities::contracts::volume::VOLUMES;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::meters::{meter, model};
use entities::premises::{building, point};
use entities::readings;
use entities::subscribers::account::{self, POINT, POINTS};
use entities::subscribers::holder;
use serde_json::json;

use super::final_bill::{Leaving, begin_at, closing_readings};
use crate::app::App;
use crate::billing::points::{AccountPointExcludeInput, AccountPointIncludeInput};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::ops::open_day;
use crate::{allow, refuse};

/// Charges a free point to an account from a day on.
pub async fn include_point(
    tx: &mut Tx,
    app: &Arc<App>,
    input: AccountPointIncludeInput,
) -> Outcome<account::Model> {
    let (id, day, document) = (input.point_id.0, input.from.0, input.document_id.0);
    let Some(account) = account::lock(tx, input.account_id.0).await? else {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"));
    };
    if account.status == AccountStatus::Closed {
        refuse!("ACCOUNT_CLOSED");
    }
    if day > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("from"));
    }
    if day < account.opened_on || holder::last(tx, account.id).await?.is_some_and(|last| last.from > day) {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("from"));
    }
    allow!(open_day(tx, Some(account.sector), day, "from").await?);

    point::lock(tx, id).await?;
    let Some(place) = point::by_ids(tx, day, vec![id]).await?.pop() else {
        refuse!(Refusal::new("NO_SUCH_POINT").at("pointId"));
    };
    if !building::visible(tx, tx.scope(), place.building_id).await? {
        refuse!(Refusal::new("NO_SUCH_POINT").at("pointId"));
    }
    if !may_take(account.sector, place.building_id == account.building_id, place.premise_id.is_none()) {
        refuse!(Refusal::new("POINT_OF_ANOTHER_HOUSE").at("pointId"));
    }
    // Flats are charged by meters of their own: a house is paid for as one only where they are excused.
    if place.premise_id.is_none() && building::lived_in(tx, place.building_id).await? {
        refuse!(Refusal::new("POINT_OF_WHOLE_HOUSE").at("pointId"));
    }
    if let Some(payer) = account::paying_for(tx, id, day).await? {
        let code = if payer.id == account.id { "POINT_INCLUDED" } else { "POINT_TAKEN" };
        refuse!(Refusal::new(code).at("pointId"));
    }
    // A month has one run of days of a point at an account, as it has of the account itself.
    let gave_back = account::gave_back(tx, account.id, id).await?;
    if gave_back.is_some_and(|ended| ended < day && Period::of(ended) == Period::of(day)) {
        refuse!(Refusal::new("POINT_LEFT_THIS_MONTH").at("from"));
    }

    let metered = final_bill::metered(tx, &[id], day).await?;
    let left = final_bill::left_at(tx, &[id], day).await?;
    let at = bitemporal::moment(tx).await?;
    let by = tx.actor().label.clone();
    let said = [account.id.0.into(), id.0.into(), by.into(), document.0.into()];
    allow!(unless(
        POINTS.record(tx, said, day, None, at).await,
        &[("_excl", "POINT_TAKEN", Some("pointId")), ("house_in_bulk", "HOUSE_IN_BULK", Some("pointId"))],
    )?);
    match input.value {
        Some(value) => {
            let begins = allow!(opening(tx, id, day, value).await?);
            begin_at(tx, account.id, &[begins]).await?;
        }
        // Taken again on the day that it was given back, it goes on from where it was billed up to.
        None if gave_back == Some(day) => {}
        None if !left.is_empty() => begin_at(tx, account.id, &left).await?,
        None if !metered.is_empty() && !input.unread => {
            refuse!(Refusal::new("OPENING_READING_MISSING").at("value"));
        }
        None => {}
    }
    told(tx, account.id, "point_included", json!({ "point": id, "from": day }), document);
    Ok(Ok(account))
}

/// What the meter of a point begins at on a day; it is no less than what was read there before.
async fn opening(tx: &Tx, id: PointId, day: NaiveDate, value: Volume) -> Outcome<final_bill::Left> {
    let Some(meter) = meter::at_points(tx, day, vec![id]).await?.pop() else {
        refuse!(Refusal::new("POINT_WITHOUT_METER").at("value"));
    };
    let model = model::by_ids(tx, vec![meter.model_id]).await?.remove(0);
    let digits = u8::try_from(model.digits).unwrap_or(9);
    let capacity = register_capacity(digits);
    if value.liters() < 0 || value >= capacity {
        refuse!(Refusal::new("READING_TOO_LARGE").at("value"));
    }
    let last = readings::last_of_points(tx, vec![id]).await?.pop();
    if let Some(last) = last.filter(|last| last.meter_id == Some(meter.id)) {
        if last.taken_on > day {
            refuse!(Refusal::new("DATE_TOO_EARLY").at("from"));
        }
        // A register that passed its end shows less and has counted little; one that counted half of itself went back.
        let counted = difference(last.liters, value, digits);
        if value < last.liters && counted.liters() > capacity.liters() / 2 {
            refuse!(Refusal::new("READING_BACKWARDS").at("value").with("last", last.liters));
        }
    }
    Ok(Ok(final_bill::Left { point_id: id, meter_id: meter.id, taken_on: day, liters: value }))
}

/// Ends that an account pays for a point: with its closing reading, and with what was agreed for it. Excluded on its own first day it was
/// never the account's.
pub async fn exclude_point(
    tx: &mut Tx,
    app: &Arc<App>,
    input: AccountPointExcludeInput,
) -> Outcome<account::Model> {
    let (id, day, document) = (input.point_id.0, input.date.0, input.document_id.0);
    let today = app.clock.today();
    let scope = tx.scope().clone();
    let Some(seen) = account::find(tx, &scope, input.account_id.0).await? else {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"));
    };
    run::beside(tx, &[seen.sector]).await?;
    let Some(account) = account::lock(tx, seen.id).await? else {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"));
    };
    if account.status == AccountStatus::Closed {
        refuse!("ACCOUNT_CLOSED");
    }
    if day > today {
        refuse!(Refusal::new("DAY_AHEAD").at("date"));
    }
    allow!(open_day(tx, Some(account.sector), day, "date").await?);
    let last_day = day.pred_opt().unwrap_or(day);
    let (before, then) =
        (account::points_on(tx, account.id, last_day).await?, account::points_on(tx, account.id, day).await?);
    let held = before.contains(&id);
    if !held && !then.contains(&id) {
        refuse!(Refusal::new("POINT_NOT_INCLUDED").at("pointId"));
    }
    // The flats of a house that it pays for are excused: they would go on to be, and nobody would pay.
    let place = point::by_ids(tx, day, vec![id]).await?.pop().filter(|place| place.premise_id.is_none());
    if let Some(inlet) = place
        && building::paid_by(tx, account.id, Some(inlet.building_id), day).await?
    {
        refuse!(Refusal::new("ACCOUNT_PAYS_HOUSE").at("date"));
    }
    // Whoever has none left moves out instead.
    if then.iter().all(|other| *other == id) {
        refuse!(Refusal::new("POINT_LAST").at("pointId"));
    }
    if sharing::shares(tx, id, day).await? {
        refuse!(Refusal::new("POINT_SHARES_METER").at("pointId"));
    }
    let month = Period::of(if held { last_day } else { day });
    // Its facts were taken with the point in: it is issued or reversed first. What was issued, a correction reckons anew.
    if run::live(tx, month, account.sector).await?.is_some_and(|run| run.state != "issued") {
        refuse!(Refusal::new("RUN_IN_THE_WAY").at("date").with("period", month));
    }

    if held {
        // A reading of a closed month would count for the next one, in which the account no longer has the point.
        if input.value.is_some() {
            allow!(open_day(tx, Some(account.sector), last_day, "date").await?);
        }
        let leaving = Leaving {
            account: account.id,
            version: account.version,
            day,
            document,
            readings: input.value.into_iter().map(|value| (id, value)).collect(),
            unread: input.unread,
            seen: input.doubtful_seen,
        };
        let closing = closing_readings(tx, &leaving, &[id], last_day, today).await?;
        allow!(closing.map_err(|refusal| refusal.at("value")));
    } else {
        never_begun(tx, account.id, id, day, document).await?;
    }
    let at = bitemporal::moment(tx).await?;
    let agreed = VOLUMES.end(tx, [id.0.into()], day, at).await?;
    POINT.end(tx, [account.id.0.into(), id.0.into()], day, at).await?;
    let after = json!({ "point": id, "upto": day, "agreedVolumesEnded": agreed });
    told(tx, account.id, "point_excluded", after, document);
    Ok(Ok(account))
}

/// The reading that a point began with at an account counts no more.
async fn never_begun(
    tx: &mut Tx,
    account: AccountId,
    id: PointId,
    day: NaiveDate,
    document: DocumentId,
) -> Result<(), Broken> {
    for began in day.pred_opt().into_iter().chain([day]) {
        for (reading, account) in readings::unbegin(tx, &[account], &[id], began, "excluded").await? {
            tx.audit(Change::new("reading", reading, "withdraw").document(Some(document.0)));
            tx.emit(ReadingsEvent::Withdrawn { reading, account });
        }
    }
    Ok(())
}

fn told(
    tx: &mut Tx,
    account: AccountId,
    action: &'static str,
    after: serde_json::Value,
    document: DocumentId,
) {
    tx.audit(Change::new("account", account, action).after(after).document(Some(document.0)));
    tx.emit(SubscribersEvent::AccountChanged { account });
}
