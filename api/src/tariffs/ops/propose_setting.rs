use domain::TariffsEvent;
use domain::kernel::SettingId;
use domain::tariffs::{MethodBook, WrongSetting, setting as codes};
use entities::kernel::{Broken, Change, Tx};
use entities::tariffs::setting::{self, Setting};

use super::{dated, still_open};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::tariffs::inputs::SettingProposeInput;
use crate::{allow, refuse};

/// Proposes a value for some days. It decides nothing until another person confirms it.
pub async fn propose_setting(tx: &mut Tx, input: SettingProposeInput) -> Outcome<Setting> {
    let (code, value) = (input.code.trim(), input.value.trim());
    let tried = MethodBook::default().insert(code, SettingId(0), input.basis.from.0, None, value);
    match tried {
        Ok(()) if codes::RETIRED.contains(&code) => {
            refuse!(Refusal::new("SETTING_UNKNOWN").at("code").with("code", code))
        }
        Ok(()) => {}
        Err(WrongSetting::UnknownCode(code)) => {
            refuse!(Refusal::new("SETTING_UNKNOWN").at("code").with("code", code))
        }
        Err(WrongSetting::Value { code, value }) => {
            refuse!(Refusal::new("SETTING_VALUE").at("value").with("code", code).with("value", value))
        }
    }
    let basis = input.basis;
    let (from, to) = allow!(dated(basis.from, basis.to, &basis.source));
    allow!(still_open(tx, from).await?.map_err(|refusal| refusal.at("from")));
    let document = basis.document_id.0;
    let proposed = setting::propose(tx, code, value, from, to, basis.source.trim(), document).await;
    let id = allow!(unless(proposed, &[])?);
    let setting = setting::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("setting", id, "proposed").after(&setting).document(Some(document.0)));
    tx.emit(TariffsEvent::SettingProposed { setting: id });
    Ok(Ok(setting))
}
