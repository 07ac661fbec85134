use std::sync::Arc;

use chrono::NaiveDate;
use domain::MetersEvent;
use domain::kernel::DocumentId;
use domain::meters::{VerificationResult, next_verification};
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::meters::meter::{self, Meter};
use entities::meters::model;

use crate::app::App;
use crate::meters::inputs::MeterVerifyInput;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Records a verification: the meter counts again until the interval has passed. One that was found unfit counts no more from that day
/// on.
pub async fn verify(tx: &mut Tx, app: Arc<App>, input: MeterVerifyInput) -> Outcome<Meter> {
    let on = input.verified_on.0;
    if on > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("verifiedOn"));
    }
    let Some(before) = meter::find(tx, tx.scope(), input.meter_id.0).await? else { refuse!("NO_SUCH_METER") };
    meter::touch(tx, before.id).await?;
    if input.result == Some(VerificationResult::Unfit) {
        if input.valid_until.is_some() {
            refuse!(Refusal::new("VERIFICATION_WRONG").at("validUntil"));
        }
        return unfit(tx, before, on, input.document_id.map(|id| id.0)).await;
    }
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

async fn unfit(tx: &mut Tx, before: Meter, on: NaiveDate, document: Option<DocumentId>) -> Outcome<Meter> {
    if meter::verified_since(tx, before.id, on).await? {
        refuse!(Refusal::new("VERIFIED_SINCE").at("verifiedOn"));
    }
    let at = bitemporal::moment(tx).await?;
    if allow!(unless(meter::unfit(tx, before.id, on, document, at).await, &[])?) == 0 {
        refuse!(Refusal::new("NOT_VERIFIED_THEN").at("verifiedOn"));
    }
    let after = meter::by_ids(tx, vec![before.id]).await?.pop().ok_or(Broken::RecordNotUpdated)?;
    let change = Change::new("meter", before.id, "found_unfit").before(&before).after(&after);
    tx.audit(change.document(document.map(|id| id.0)));
    tx.emit(MetersEvent::Verified { meter: before.id });
    Ok(Ok(after))
}
