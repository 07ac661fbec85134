use domain::TariffsEvent;
use entities::kernel::{Broken, Change, Tx};
use entities::tariffs::setting::{self, Setting};

use super::{ending, reason_of};
use crate::platform::Outcome;
use crate::tariffs::inputs::SettingDeclineInput;
use crate::{allow, refuse};

/// Ends a proposed value that is not to be: declined by who could confirm it, taken back by who proposed it.
pub async fn decline_setting(tx: &mut Tx, input: SettingDeclineInput) -> Outcome<Setting> {
    setting::lock(tx).await?;
    let id = input.id.0;
    let Some(proposed) = setting::find(tx, id).await? else { refuse!("NO_SUCH_SETTING") };
    if proposed.confirmed_by.is_some() {
        refuse!("SETTING_CONFIRMED");
    }
    match &proposed.declined_by {
        Some(by) if *by == tx.actor().label => {
            tx.nothing_new("the caller ended it already");
            return Ok(Ok(proposed));
        }
        Some(_) => refuse!("TARIFF_DECIDED"),
        None => {}
    }
    let reason = reason_of(input.reason);
    let state = allow!(ending(tx.actor(), &proposed.proposed_by, reason.as_deref()));
    setting::decline(tx, id, reason).await?;
    let ended = setting::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    let document = ended.document_id.map(|document| document.0);
    tx.audit(Change::new("setting", id, state.code()).before(&proposed).after(&ended).document(document));
    tx.emit(TariffsEvent::SettingDeclined { setting: id });
    Ok(Ok(ended))
}
