use std::sync::Arc;

use domain::meters::RemovalReason;
use entities::kernel::Tx;
use entities::meters::meter::{self, Meter};

use super::{install, remove};
use crate::app::App;
use crate::meters::inputs::{MeterInstallInput, MeterRemoveInput, MeterReplaceInput};
use crate::platform::graphql::Gid;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// One meter for another on one day; the new one is the answer.
pub async fn replace(tx: &mut Tx, app: Arc<App>, input: MeterReplaceInput) -> Outcome<Meter> {
    let eve = input.removed_on.0.pred_opt().unwrap_or(input.removed_on.0);
    let Some(old) = meter::at_points(tx, eve, vec![input.point_id.0]).await?.pop() else {
        refuse!(Refusal::new("POINT_WITHOUT_METER").at("pointId"));
    };
    let removal = MeterRemoveInput {
        meter_id: Gid(old.id),
        removed_on: input.removed_on,
        value: input.final_value,
        reason: RemovalReason::Replaced,
        document_id: input.document_id,
    };
    if let Err(refusal) = remove(tx, app.clone(), removal).await? {
        let field = match refusal.field {
            Some("value") => Some("finalValue"),
            field => field,
        };
        return Ok(Err(Refusal { field, ..refusal }));
    }
    let installation = MeterInstallInput {
        point_id: input.point_id,
        model_id: input.model_id,
        serial: input.serial,
        installed_on: input.removed_on,
        value: input.value,
        verified_until: input.verified_until,
        seal: input.seal,
        document_id: input.document_id,
    };
    Ok(Ok(allow!(install(tx, app, installation).await?)))
}
