use domain::TariffsEvent;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::tariffs::setting::{self, Setting};

use super::still_open;
use crate::platform::Outcome;
use crate::tariffs::inputs::SettingConfirmInput;
use crate::{allow, refuse};

/// Confirms what somebody else proposed: from now on it decides money on its days, and what was confirmed for them gives way.
pub async fn confirm_setting(tx: &mut Tx, input: SettingConfirmInput) -> Outcome<Setting> {
    setting::lock(tx).await?;
    let id = input.id.0;
    let Some(proposed) = setting::find(tx, id).await? else { refuse!("NO_SUCH_SETTING") };
    if proposed.confirmed_by.as_deref() == Some(&tx.actor().label) {
        tx.nothing_new("the caller confirmed it already");
        return Ok(Ok(proposed));
    }
    if proposed.confirmed_by.is_some() {
        refuse!("SETTING_CONFIRMED");
    }
    if proposed.declined_by.is_some() {
        refuse!("TARIFF_DECIDED");
    }
    if proposed.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    allow!(still_open(tx, proposed.from).await?);
    let at = bitemporal::moment(tx).await?;
    setting::confirm(tx, &proposed, at).await?;
    let confirmed = setting::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    let document = confirmed.document_id.map(|d| d.0);
    tx.audit(Change::new("setting", id, "confirmed").before(&proposed).after(&confirmed).document(document));
    tx.emit(TariffsEvent::SettingConfirmed { setting: id });
    Ok(Ok(confirmed))
}
