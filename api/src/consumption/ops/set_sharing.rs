use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::ConsumptionEvent;
use domain::consumption::parts;
use domain::kernel::{AccountId, PointId, Volume};
use entities::consumption::sharing::{self, Part};
use entities::kernel::{Change, Tx, bitemporal};
use entities::meters::meter;
use entities::premises::point;
use entities::subscribers::account::{self, Model};
use serde_json::json;

use crate::consumption::inputs::SharingSetInput;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What somebody would get of what the meter showed last.
#[derive(Debug, Clone)]
pub struct Shared {
    pub account: Model,
    pub point: PointId,
    pub weight: u64,
    pub volume: Volume,
}

/// What a meter showed between its last two readings, and how it would be shared.
#[derive(Debug, Clone)]
pub struct SharingLook {
    pub volume: Volume,
    pub parts: Vec<Shared>,
}

/// Says who pays for a meter together, by whole months; without parts it is its own account's again. The meter is read once, at
/// its point; everybody begins at what it showed in the month before. It rests on a document, so closed months are recorded too: what
/// was billed stands, and a correction of everybody who shares reckons it anew.
pub async fn set_sharing(tx: &mut Tx, input: SharingSetInput) -> Outcome<Model> {
    let document = input.document_id.0;
    let seen = match look(tx, &input).await? {
        Ok(seen) => seen,
        Err(refusal) => refuse!(refusal),
    };
    let (from, to) = days(&input);
    let meter_point = input.meter_point_id.0;
    let known: BTreeSet<PointId> = sharing::of_meter(tx, meter_point, from).await?.into_iter().collect();
    let newcomer = seen.iter().any(|(_, point, _)| *point != meter_point && !known.contains(point));
    if newcomer && !sharing::is_read(tx, meter_point, input.from.prev().first_day()).await? {
        refuse!(Refusal::new("SHARING_NEEDS_READING").at("from"));
    }
    let Some(main) = account::paying_for(tx, meter_point, from).await? else {
        refuse!(Refusal::new("NO_SUCH_POINT").at("meterPointId"))
    };
    for id in seen.iter().map(|(account, ..)| account.id).collect::<BTreeSet<AccountId>>() {
        account::lock(tx, id).await?;
    }
    let at = bitemporal::moment(tx).await?;
    let shares: Vec<Part> = seen.iter().map(|(account, point, parts)| (*point, account.id, *parts)).collect();
    allow!(unless(
        sharing::set(tx, meter_point, &shares, (from, to), document, at).await,
        &[
            ("sharing_document_id_fkey", "NO_SUCH_DOCUMENT", Some("documentId")),
            ("sharing_point_id_valid_recorded_excl", "SHARING_OVERLAPS", Some("points")),
        ]
    )?);
    let said = json!({ "meterPoint": meter_point, "from": from, "to": to,
        "parts": seen.iter().map(|(account, _, parts)| json!({ "account": account.number, "parts": parts })).collect::<Vec<_>>() });
    tx.audit(Change::new("account", main.id, "sharing").after(said).document(Some(document.0)));
    for (_, account, _) in &shares {
        tx.emit(ConsumptionEvent::SharingSet { point: meter_point, account: *account });
    }
    Ok(Ok(main))
}

/// The same without writing anything: what everybody would get of what the meter showed last.
pub async fn preview_sharing(tx: &Tx, input: &SharingSetInput) -> Outcome<SharingLook> {
    let mut seen = match look(tx, input).await? {
        Ok(seen) => seen,
        Err(refusal) => refuse!(refusal),
    };
    seen.sort_by(|(a, p, _), (b, q, _)| (&a.number, p).cmp(&(&b.number, q)));
    let ids = seen.iter().map(|(account, ..)| account.id).collect();
    let residents = sharing::residents(tx, input.from.last_day(), ids).await?;
    let weight = |(account, _, parts): &(Model, PointId, Option<i32>)| {
        let registered = residents.get(&account.id).copied().unwrap_or_default();
        u64::from(parts.unwrap_or(registered).unsigned_abs())
    };
    let weights: Vec<u64> = seen.iter().map(weight).collect();
    let volume =
        Volume::from_liters(sharing::last_volume(tx, input.meter_point_id.0).await?.unwrap_or_default());
    let each = parts(volume, &weights);
    let parts = seen
        .into_iter()
        .zip(weights)
        .zip(each)
        .map(|(((account, point, _), weight), volume)| Shared { account, point, weight, volume });
    Ok(Ok(SharingLook { volume, parts: parts.collect() }))
}

fn days(input: &SharingSetInput) -> (NaiveDate, Option<NaiveDate>) {
    (input.from.first_day(), input.to.map(|to| to.next().first_day()))
}

/// Who would share, with the account of each point, or why that can't be.
async fn look(tx: &Tx, input: &SharingSetInput) -> Outcome<Vec<(Model, PointId, Option<i32>)>> {
    let (from, to) = days(input);
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    let meter_point = input.meter_point_id.0;
    let mut all: Vec<(Model, PointId, Option<i32>)> = Vec::new();
    for one in &input.points {
        let point = one.point_id.0;
        if all.iter().any(|(_, known, _)| *known == point) {
            refuse!(Refusal::new("SHARING_TWICE").at("points"));
        }
        if input.by_residents != one.parts.is_none()
            || one.parts.is_some_and(|parts| !(1..=1_000_000).contains(&parts))
        {
            refuse!(Refusal::new("SHARING_PARTS").at("points"));
        }
        let account = account::paying_for(tx, point, from).await?.filter(|row| row.in_scope(tx.scope()));
        let Some(account) = account else { refuse!(Refusal::new("NO_SUCH_POINT").at("points")) };
        all.push((account, point, one.parts));
    }
    let own = account::paying_for(tx, meter_point, from).await?.filter(|row| row.in_scope(tx.scope()));
    if own.is_none() {
        refuse!(Refusal::new("NO_SUCH_POINT").at("meterPointId"));
    }
    if all.is_empty() {
        return Ok(Ok(all));
    }
    let ids: Vec<PointId> = all.iter().map(|(_, point, _)| *point).collect();
    if ids.len() < 2 || !ids.contains(&meter_point) {
        refuse!(Refusal::new("SHARING_OF_TWO").at("points"));
    }
    let meters = meter::at_points(tx, from, ids.clone()).await?;
    if !meters.iter().any(|row| row.point_id == Some(meter_point)) {
        refuse!(Refusal::new("NO_METER").at("meterPointId"));
    }
    if meters.iter().any(|row| row.point_id.is_some_and(|at| at != meter_point)) {
        refuse!(Refusal::new("SHARING_HAS_METER").at("points"));
    }
    let hot: BTreeSet<bool> = point::by_ids(tx, from, ids).await?.iter().map(|row| row.hot).collect();
    if hot.len() > 1 {
        refuse!(Refusal::new("SHARING_OF_ONE_WATER").at("points"));
    }
    Ok(Ok(all))
}
