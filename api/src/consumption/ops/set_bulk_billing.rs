use chrono::NaiveDate;
use domain::ConsumptionEvent;
use domain::kernel::Sector;
use entities::consumption::special;
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account::{self, Model, POINT};
use serde_json::json;

use crate::consumption::inputs::BulkBillingSetInput;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::ops::open_day;
use crate::{allow, refuse};

/// Says who pays for a house, by whole months: its flats, each by itself, or the condominium by one contract. Whoever pays for the
/// house has its inlets for these days and is charged by the house meter; what excuses the flats and what makes somebody pay is one act.
pub async fn set_bulk_billing(tx: &mut Tx, input: BulkBillingSetInput) -> Outcome<Model> {
    let Some(account) = account::lock(tx, input.account_id.0).await? else {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"))
    };
    let days = (input.from.first_day(), input.to.map(|to| to.next().first_day()));
    let (from, to) = days;
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    allow!(open_day(tx, Some(account.sector), from, "from").await?);
    let (building, document) = (account.building_id, input.document_id.0);
    let payer =
        if input.bulk { Some(allow!(payer_of_house(tx, input.payer.as_deref(), from).await?)) } else { None };
    let before = special::payers(tx, building, days).await?;
    if payer.is_some() || !before.is_empty() {
        allow!(open_day(tx, Some(Sector::Legal), from, "from").await?);
    }
    let inlets = special::inlets(tx, building).await?;
    if payer.is_some() {
        if inlets.iter().all(|(_, hot)| *hot) {
            refuse!(Refusal::new("HOUSE_WITHOUT_INLET").at("accountId"));
        }
        // The house meter counts their water too: they would pay for it twice.
        let inside = special::billed_inside(tx, building, days).await?;
        if !inside.is_empty() {
            refuse!(Refusal::new("LEGAL_INSIDE_BULK").at("accountId").with("accounts", inside.join(", ")));
        }
    }

    let at = bitemporal::moment(tx).await?;
    for one in &before {
        for (point, _) in &inlets {
            POINT.make_room(tx, [one.0.into(), point.0.into()], from, to, at).await?;
        }
    }
    let paying = payer.as_ref().map(|payer| payer.id);
    allow!(unless(special::set_bulk(tx, building, paying, days, document, at).await, &[])?);
    if let Some(payer) = &payer {
        special::supply_inlets(tx, building, from, document, at).await?;
        for (point, _) in &inlets {
            let by = tx.actor().label.clone();
            let said = [payer.id.0.into(), point.0.into(), by.into(), document.0.into()];
            allow!(unless(
                POINT.record(tx, said, from, to, at).await,
                &[("_excl", "POINT_TAKEN", Some("payer"))],
            )?);
        }
    }
    let number = payer.as_ref().map(|payer| payer.number.as_str());
    let said = json!({ "building": building, "bulk": input.bulk, "payer": number, "from": from, "to": to });
    tx.audit(
        Change::new("building", building, "bulk_billing").after(said.clone()).document(Some(document.0)),
    );
    for one in before.into_iter().chain(paying) {
        tx.audit(Change::new("account", one, "bulk_billing").after(said.clone()).document(Some(document.0)));
    }
    tx.emit(ConsumptionEvent::BulkBillingSet { building });
    Ok(Ok(account))
}

/// The account of the condominium, open from the first of the days on.
async fn payer_of_house(tx: &Tx, number: Option<&str>, from: NaiveDate) -> Outcome<Model> {
    let Some(number) = number.map(str::trim).filter(|number| !number.is_empty()) else {
        refuse!(Refusal::new("HOUSE_PAYER_MISSING").at("payer"))
    };
    match special::condominium(tx, number).await? {
        Some(row) if row.opened_on <= from && row.closed_on.is_none() => Ok(Ok(row)),
        _ => refuse!(Refusal::new("HOUSE_PAYER_WRONG").at("payer")),
    }
}
