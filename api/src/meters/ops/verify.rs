use std::sync::Arc;

use domain::MetersEvent;
use domain::meters::next_verification;
use entities::kernel::{Broken, Change, Tx};
use entities::meters::meter::{self, Meter};
use entities::meters::model;

use crate::app::App;
use crate::meters::inputs::MeterVerifyInput;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Records a verification: the meter counts again until the interval has passed.
pub async fn verify(tx: &mut Tx, app: Arc<App>, input: MeterVerifyInput) -> Outcome<Meter> {
    let on = input.verified_on.0;
    if on > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("verifiedOn"));
    }
    let Some(before) = meter::find(tx, tx.scope(), input.meter_id.0).await? else { refuse!("NO_SUCH_METER") };
    meter::touch(tx, before.id).await?;
    let model = model::by_ids(tx, vec![before.model_id]).await?.remove(0);
    let months = if before.hot { model.interval_hot_months } else { model.interval_cold_months };
    let until = match input.valid_until {
        Some(day) => day.0,
        None => next_verification(on, u32::try_from(months).unwrap_or(0)),
    };
    if until <= on {
        refuse!(Refusal::new("VERIFICATION_WRONG").at("validUntil"));
    }
    let document = input.document_id.map(|id| id.0);
    allow!(unless(meter::verified(tx, before.id, on, until, document).await, &[])?);
    let after = meter::by_ids(tx, vec![before.id]).await?.pop().ok_or(Broken::RecordNotUpdated)?;
    let change = Change::new("meter", before.id, "verified").before(&before).after(&after);
    tx.audit(change.document(document.map(|d| d.0)));
    tx.emit(MetersEvent::Verified { meter: before.id });
    Ok(Ok(after))
}
