use std::sync::Arc;

use chrono::Months;
use domain::MetersEvent;
use domain::meters::register_capacity;
use domain::readings::Channel;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::meters::meter::{self, INSTALLATIONS, Meter};
use entities::meters::model;
use entities::readings::{ActReading, act_reading};

use super::place;
use crate::app::App;
use crate::meters::inputs::MeterInstallInput;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Puts a meter at a point from a day on, with its verification and what its register shows.
pub async fn install(tx: &mut Tx, app: Arc<App>, input: MeterInstallInput) -> Outcome<Meter> {
    let (day, until) = (input.installed_on.0, input.verified_until.0);
    let serial = input.serial.trim();
    if serial.is_empty() || serial.chars().count() > 60 {
        refuse!(Refusal::new("SERIAL_WRONG").at("serial"));
    }
    if day > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("installedOn"));
    }
    if until <= day {
        refuse!(Refusal::new("VERIFICATION_WRONG").at("verifiedUntil"));
    }
    let place = allow!(place(tx, input.point_id.0, day).await?);
    allow!(place.takes(tx, day, "installedOn", input.document_id.map(|id| id.0)).await?);
    let Some(model) = model::by_ids(tx, vec![input.model_id.0]).await?.pop() else {
        refuse!(Refusal::new("NO_SUCH_METER_MODEL").at("modelId"));
    };
    if input.value.liters() < 0 || input.value >= register_capacity(u8::try_from(model.digits).unwrap_or(9)) {
        refuse!(Refusal::new("READING_TOO_LARGE").at("value"));
    }

    let hot = place.point.hot;
    let meter = meter::keep(tx, model.id, serial, hot).await?;
    if meter.hot != hot {
        refuse!(Refusal::new("METER_WATER").at("serial"));
    }
    let at = bitemporal::moment(tx).await?;
    let document = input.document_id.map(|id| id.0);
    let said = [
        meter.id.0.into(),
        place.point.id.0.into(),
        tx.actor().label.clone().into(),
        input.seal.map(|seal| seal.trim().to_owned()).filter(|seal| !seal.is_empty()).into(),
        document.map(|d| d.0).into(),
        None::<String>.into(),
    ];
    allow!(unless(
        INSTALLATIONS.record(tx, said, day, None, at).await,
        &[
            ("installation_meter_id_valid_recorded_excl", "METER_TAKEN", Some("serial")),
            ("installation_point_id_valid_recorded_excl", "POINT_HAS_METER", Some("pointId")),
        ],
    )?);
    // The certificate's day is not told at an installation; the interval counts back from its end.
    let months = if hot { model.interval_hot_months } else { model.interval_cold_months };
    let certified = until - Months::new(u32::try_from(months.max(1)).unwrap_or(1));
    meter::verified(tx, meter.id, certified, until, document).await?;
    let reading = ActReading {
        account: place.account.as_ref().map(|account| account.id),
        point: place.point.id,
        meter: meter.id,
        day,
        value: input.value,
        channel: Channel::Operator,
        last: false,
        consumption: None,
    };
    act_reading(tx, reading).await?;

    let after = meter::by_ids(tx, vec![meter.id]).await?.pop().ok_or(Broken::RecordNotInserted)?;
    let shown = serde_json::json!({ "meter": &after, "value": input.value });
    tx.audit(Change::new("meter", meter.id, "installed").after(shown).document(document.map(|d| d.0)));
    tx.emit(MetersEvent::Installed { meter: meter.id, point: place.point.id });
    Ok(Ok(after))
}
