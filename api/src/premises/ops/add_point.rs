use chrono::NaiveDate;
use domain::PremisesEvent;
use domain::tariffs::Amenity;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::premises::point::{self, MAX_POINTS, Point};
use entities::premises::premise;
use serde_json::json;

use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::premises::inputs::PointAddInput;
use crate::{allow, refuse};

/// Adds an inlet to a premise. Nobody pays for it until an account takes it, on a day of an open month: so its own first day may lie
/// in a closed one.
pub async fn add_point(tx: &mut Tx, input: PointAddInput, today: NaiveDate) -> Outcome<Point> {
    let from = input.from.0;
    if from > today {
        refuse!(Refusal::new("DAY_AHEAD").at("from"));
    }
    if input.amenity == Amenity::Watering {
        refuse!(Refusal::new("AMENITY_WRONG").at("amenity"));
    }
    if input.hot && input.water {
        refuse!(Refusal::new("WATER_OF_ANOTHER").at("water"));
    }
    if !input.water && !input.sewerage {
        refuse!(Refusal::new("POINT_WITHOUT_SERVICE").at("water"));
    }
    let Some(premise) = premise::find(tx, tx.scope(), input.premise_id.0).await? else {
        refuse!(Refusal::new("NO_SUCH_PREMISE").at("premiseId"));
    };
    let known = point::of_premises(tx, from, vec![premise.id]).await?.len();
    if i64::try_from(known).is_ok_and(|known| known >= MAX_POINTS) {
        refuse!(Refusal::new("POINTS_TOO_MANY").at("premiseId").with("most", known));
    }

    let at = bitemporal::moment(tx).await?;
    let id = point::add(tx, &premise, input.hot).await?;
    let (said, document) = ((input.water, input.sewerage, input.amenity), input.document_id.0);
    allow!(unless(
        point::supply(tx, id, said, (from, None), document, at).await,
        &[("point_service_document_id_fkey", "NO_SUCH_DOCUMENT", Some("documentId"))],
    )?);
    let after = json!({ "premise": premise.id, "hot": input.hot, "water": input.water, "sewerage": input.sewerage,
        "amenity": input.amenity, "from": from });
    tx.audit(Change::new("point", id, "added").after(after).document(Some(document.0)));
    tx.emit(PremisesEvent::Changed { building: premise.building_id });
    point::by_ids(tx, from, vec![id]).await?.pop().map(Ok).ok_or(Broken::RecordNotInserted)
}
