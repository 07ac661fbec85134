use domain::ConsumptionEvent;
use entities::consumption::special;
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account::Model;
use serde_json::json;

use super::payer_at;
use crate::consumption::inputs::PlotSetInput;
use crate::platform::graphql::Date;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Records the area that is watered from a point; what was known of these days before stays readable as it was. It rests on a document,
/// so days of closed months are recorded too: what was billed stands, and a correction reckons it anew.
pub async fn set_plot(tx: &mut Tx, input: PlotSetInput) -> Outcome<Model> {
    let (point, from, to) = (input.point_id.0, input.from.0, input.to.and_then(Date::after));
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    let wrong = || Refusal::new("AREA_WRONG").at("squareMeters");
    let area = match input.square_meters {
        Some(meters) if !(1..=1_000_000).contains(&meters) => refuse!(wrong()),
        // Kept in 0.01 m².
        Some(meters) => Some(meters * 100),
        None => None,
    };
    let account = allow!(payer_at(tx, point, from).await?);
    let at = bitemporal::moment(tx).await?;
    allow!(unless(special::set_plot(tx, point, area, (from, to), input.document_id.0, at).await, &[])?);
    let said = json!({ "point": point, "square_meters": input.square_meters, "from": from, "to": to });
    tx.audit(Change::new("account", account.id, "plot").after(said).document(Some(input.document_id.0.0)));
    tx.emit(ConsumptionEvent::PlotSet { point, account: account.id });
    Ok(Ok(account))
}
