use domain::ConsumptionEvent;
use domain::tariffs::Amenity;
use entities::kernel::{Change, Tx, bitemporal};
use entities::premises::point;
use entities::subscribers::account::Model;
use serde_json::json;

use super::payer_at;
use crate::consumption::inputs::SupplySetInput;
use crate::platform::graphql::Date;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Records what a point is supplied with; what was known of these days before stays readable as it was. It rests on a document, so days
/// of closed months are recorded too: what was billed stands, and a correction reckons it anew.
pub async fn set_supply(tx: &mut Tx, input: SupplySetInput) -> Outcome<Model> {
    let (id, from, to) = (input.point_id.0, input.from.0, input.to.and_then(Date::after));
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    if input.amenity == Amenity::Watering {
        refuse!(Refusal::new("AMENITY_WRONG").at("amenity"));
    }
    let account = allow!(payer_at(tx, id, from).await?);
    point::lock(tx, id).await?;
    let Some(before) = point::by_ids(tx, from, vec![id]).await?.pop() else { refuse!("NO_SUCH_POINT") };
    if before.hot && input.water {
        refuse!(Refusal::new("WATER_OF_ANOTHER").at("water"));
    }
    let said = (input.water, input.sewerage, input.amenity);
    if to.is_none() && said == (before.water, before.sewerage, before.amenity) {
        refuse!(Refusal::new("SUPPLY_SAME").at("from"));
    }
    let at = bitemporal::moment(tx).await?;
    let document = input.document_id.0;
    allow!(unless(
        point::supply(tx, id, said, (from, to), document, at).await,
        &[("point_service_document_id_fkey", "NO_SUCH_DOCUMENT", Some("documentId"))],
    )?);
    let told = |(water, sewerage, amenity): (bool, bool, Amenity)| json!({ "water": water, "sewerage": sewerage, "amenity": amenity });
    let mut after = told(said);
    after["point"] = json!(id);
    after["from"] = json!(from);
    after["to"] = json!(to);
    tx.audit(
        Change::new("account", account.id, "supply")
            .before(told((before.water, before.sewerage, before.amenity)))
            .after(after)
            .document(Some(document.0)),
    );
    tx.emit(ConsumptionEvent::SupplySet { point: id, account: account.id });
    Ok(Ok(account))
}
