use domain::TariffsEvent;
use domain::kernel::TariffId;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::tariffs::setting;
use entities::tariffs::version::{self, NORMS, Norm};

use super::dated;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::tariffs::inputs::NormRecordInput;
use crate::{allow, refuse};

/// Records a norm for some days; what was in force on them before ends or gives way, and stays readable as it was known.
pub async fn record_norm(tx: &mut Tx, input: NormRecordInput) -> Outcome<Norm> {
    if !(0..=1_000_000).contains(&input.volume.liters()) {
        refuse!(Refusal::new("VOLUME_WRONG").at("volume"));
    }
    let (from, to) = allow!(dated(tx, input.from, input.to, &input.source).await?);
    setting::lock(tx).await?;
    let at = bitemporal::moment(tx).await?;
    NORMS.make_room(tx, [input.amenity.code().into(), input.service.code().into()], from, to, at).await?;
    let said = [
        input.amenity.code().into(),
        input.service.code().into(),
        input.volume.liters().into(),
        input.source.trim().into(),
        input.document_id.0.0.into(),
        false.into(),
        tx.actor().label.clone().into(),
    ];
    let id = TariffId(allow!(unless(NORMS.record(tx, said, from, to, at).await, &[])?));
    let norm = version::norm(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("norm", id, "recorded").after(&norm).document(Some(input.document_id.0.0)));
    tx.emit(TariffsEvent::TariffRecorded { tariff: id });
    Ok(Ok(norm))
}
