use std::sync::Arc;

use domain::MetersEvent;
use domain::meters::{difference, register_capacity};
use domain::readings::Channel;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::meters::meter::{self, INSTALLATIONS, Meter};
use entities::meters::model;
use entities::readings::{ActReading, act_reading, last_of_points};

use super::place;
use crate::app::App;
use crate::meters::inputs::MeterRemoveInput;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Takes a meter away from its point at a day, with what its register shows at the end. The average stands for it while it is off
/// for repair or verification.
pub async fn remove(tx: &mut Tx, app: Arc<App>, input: MeterRemoveInput) -> Outcome<Meter> {
    let day = input.removed_on.0;
    if day > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("removedOn"));
    }
    let Some(seen) = meter::find(tx, tx.scope(), input.meter_id.0).await? else { refuse!("NO_SUCH_METER") };
    let Some(point) = seen.point_id else { refuse!("METER_NOT_INSTALLED") };
    let place = allow!(place(tx, point, day).await?);
    meter::touch(tx, seen.id).await?;
    let before = meter::by_ids(tx, vec![seen.id]).await?.pop().ok_or(Broken::RecordNotUpdated)?;
    let Some(installed_on) = before.installed_on.filter(|_| before.removed_on.is_none()) else {
        refuse!("METER_NOT_INSTALLED");
    };
    if day <= installed_on {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("removedOn"));
    }
    allow!(place.takes(tx, day, "removedOn", input.document_id.map(|id| id.0)).await?);

    let model = model::by_ids(tx, vec![before.model_id]).await?.remove(0);
    let digits = u8::try_from(model.digits).unwrap_or(9);
    let capacity = register_capacity(digits);
    if input.value.liters() < 0 || input.value >= capacity {
        refuse!(Refusal::new("READING_TOO_LARGE").at("value"));
    }
    let last = last_of_points(tx, vec![point]).await?.pop().filter(|r| r.meter_id == Some(before.id));
    if let Some(last) = &last {
        if last.taken_on > day {
            refuse!(Refusal::new("DATE_TOO_EARLY").at("removedOn"));
        }
        // A register that passed its end shows less and has counted little; one that counted half of itself went back.
        let counted = difference(last.liters, input.value, digits);
        if input.value < last.liters && counted.liters() > capacity.liters() / 2 {
            refuse!(Refusal::new("READING_BACKWARDS").at("value").with("last", last.liters));
        }
    }

    let at = bitemporal::moment(tx).await?;
    INSTALLATIONS.end(tx, [before.id.0.into()], day, at).await?;
    let document = input.document_id.map(|id| id.0.0);
    allow!(unless(meter::removed(tx, before.id, input.reason, document, at).await, &[])?);
    let reading = ActReading {
        account: place.account.as_ref().map(|account| account.id),
        point,
        meter: before.id,
        day,
        value: input.value,
        channel: Channel::Operator,
        last: true,
        consumption: last.map(|last| difference(last.liters, input.value, digits)),
    };
    act_reading(tx, reading).await?;

    let after = meter::by_ids(tx, vec![before.id]).await?.pop().ok_or(Broken::RecordNotUpdated)?;
    let shown = serde_json::json!({ "meter": &after, "value": input.value });
    tx.audit(Change::new("meter", before.id, "removed").before(&before).after(shown).document(document));
    tx.emit(MetersEvent::Removed { meter: before.id, point });
    Ok(Ok(after))
}
