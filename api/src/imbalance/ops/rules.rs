//! What is true of a house beside its readings. Days of closed months do not change any more.

use chrono::NaiveDate;
use domain::ImbalanceEvent;
use domain::kernel::*;
use entities::imbalance::rule;
use entities::kernel::{Change, Tx, bitemporal};
use entities::premises::{building, premise};
use entities::subscribers::account;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::json;

use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

async fn still_open(tx: &Tx, from: NaiveDate) -> Outcome<()> {
    match bitemporal::first_open_day(tx, Some(Sector::Multi)).await? {
        Some(first) if from < first => {
            refuse!(Refusal::new("PERIOD_CLOSED").at("from").with("day", from).with("first", first))
        }
        _ => Ok(Ok(())),
    }
}

/// A house heats its own water, or does not, from a day on.
pub async fn record_heating(
    tx: &mut Tx,
    house: BuildingId,
    own: bool,
    from: NaiveDate,
    document: DocumentId,
) -> Outcome<BuildingId> {
    if !tx.scope().has_sector(Sector::Multi) || !building::visible(tx, tx.scope(), house).await? {
        refuse!(Refusal::new("NOT_FOUND").at("buildingId"));
    }
    allow!(still_open(tx, from).await?);
    let at = bitemporal::moment(tx).await?;
    allow!(unless(rule::record_heating(tx, house, own, document, from, at).await, &[])?);
    let change = Change::new("house", house, "heating").after(json!({ "own": own, "from": from }));
    tx.audit(change.document(Some(document.0)));
    tx.emit(ImbalanceEvent::HouseChanged { building: house });
    Ok(Ok(house))
}

/// An account of a flat bears no share on some days.
pub async fn exclude(
    tx: &mut Tx,
    id: AccountId,
    (from, to): (NaiveDate, Option<NaiveDate>),
    reason: &str,
    document: DocumentId,
) -> Outcome<BuildingId> {
    let Some(row) = account::find(tx, tx.scope(), id).await?.filter(|row| row.sector == Sector::Multi) else {
        refuse!(Refusal::new("NOT_FOUND").at("accountId"))
    };
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    let reason = reason.trim();
    if reason.is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    allow!(still_open(tx, from).await?);
    let at = bitemporal::moment(tx).await?;
    allow!(unless(rule::record_exclusion(tx, id, reason, document, (from, to), at).await, &[])?);
    let change = Change::new("account", id, "excluded_from_house")
        .after(json!({ "from": from, "to": to, "reason": reason }));
    tx.audit(change.document(Some(document.0)));
    tx.emit(ImbalanceEvent::HouseChanged { building: row.building_id });
    Ok(Ok(row.building_id))
}

/// The account bears its share again from a day on.
pub async fn end_exclusion(
    tx: &mut Tx,
    id: AccountId,
    from: NaiveDate,
    document: DocumentId,
) -> Outcome<BuildingId> {
    let Some(row) = account::find(tx, tx.scope(), id).await? else {
        refuse!(Refusal::new("NOT_FOUND").at("accountId"))
    };
    allow!(still_open(tx, from).await?);
    let at = bitemporal::moment(tx).await?;
    if !rule::end_exclusion(tx, id, from, at).await? {
        tx.nothing_new("nothing was excluded from that day on");
        return Ok(Ok(row.building_id));
    }
    if entities::archive::find(tx, document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let change = Change::new("account", id, "included_in_house").after(json!({ "from": from }));
    tx.audit(change.document(Some(document.0)));
    tx.emit(ImbalanceEvent::HouseChanged { building: row.building_id });
    Ok(Ok(row.building_id))
}

/// The useful area of an account's premise, as a document says, in m² with two decimals at most. It counts from the next reckoning of
/// the house on: months that were shared out stand.
pub async fn set_area(
    tx: &mut Tx,
    id: AccountId,
    square_meters: &str,
    document: DocumentId,
) -> Outcome<BuildingId> {
    let Some(row) = account::find(tx, tx.scope(), id).await? else {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"))
    };
    // Kept in 0.01 m².
    let area = Decimal::from_str_exact(square_meters.trim())
        .ok()
        .and_then(|meters| meters.checked_mul(Decimal::ONE_HUNDRED))
        .filter(|area| area.fract().is_zero())
        .and_then(|area| area.to_i32())
        .filter(|area| (100..=100_000_000).contains(area));
    let Some(area) = area else { refuse!(Refusal::new("AREA_WRONG").at("squareMeters")) };
    let Some(premise) = premise::lock(tx, row.premise_id).await? else {
        refuse!(Refusal::new("NO_SUCH_PREMISE").at("accountId"))
    };
    if premise.area_dm2 == Some(area) {
        tx.nothing_new("the area is what was known");
        return Ok(Ok(row.building_id));
    }
    let at = bitemporal::moment(tx).await?;
    allow!(unless(premise::set_area(tx, premise.id, area, document, at).await, &[])?);
    let meters = |area: i32| Decimal::new(area.into(), 2).to_string();
    tx.audit(
        Change::new("account", id, "area")
            .before(json!({ "square_meters": premise.area_dm2.map(meters) }))
            .after(json!({ "square_meters": meters(area) }))
            .document(Some(document.0)),
    );
    tx.emit(ImbalanceEvent::HouseChanged { building: row.building_id });
    Ok(Ok(row.building_id))
}

/// A legal entity stands on the list of its condominium from a day on, and bears a share of the house like its flats; or it does not
/// any more.
pub async fn set_member(
    tx: &mut Tx,
    id: AccountId,
    member: bool,
    from: NaiveDate,
    document: DocumentId,
) -> Outcome<BuildingId> {
    let Some(row) = account::find(tx, tx.scope(), id).await?.filter(|row| row.sector == Sector::Legal) else {
        refuse!(Refusal::new("NOT_FOUND").at("accountId"))
    };
    allow!(still_open(tx, from).await?);
    if entities::archive::find(tx, document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let at = bitemporal::moment(tx).await?;
    if !rule::set_member(tx, id, member, document, from, at).await? {
        tx.nothing_new("it did not stand on the list");
        return Ok(Ok(row.building_id));
    }
    let action = if member { "member_of_house" } else { "no_member_of_house" };
    tx.audit(Change::new("account", id, action).after(json!({ "from": from })).document(Some(document.0)));
    tx.emit(ImbalanceEvent::HouseChanged { building: row.building_id });
    Ok(Ok(row.building_id))
}
