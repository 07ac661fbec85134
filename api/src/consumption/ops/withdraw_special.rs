use domain::ConsumptionEvent;
use entities::consumption::special::{self, SpecialRow};
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account;

use crate::consumption::inputs::SpecialWithdrawInput;
use crate::platform::Outcome;
use crate::refuse;

/// Takes a case back that no bill has charged; one that was charged, two people take back.
pub async fn withdraw_special(tx: &mut Tx, input: SpecialWithdrawInput) -> Outcome<SpecialRow> {
    let Some(known) = special::find(tx, input.id.0).await? else { refuse!("NO_SUCH_SPECIAL") };
    if account::lock(tx, known.account_id).await?.is_none() {
        refuse!("NO_SUCH_SPECIAL");
    }
    if special::charged_upto(tx, &known).await?.is_some() {
        refuse!("SPECIAL_CHARGED");
    }
    let at = bitemporal::moment(tx).await?;
    if special::forget(tx, known.id, at).await? == 0 {
        refuse!("CONFLICT");
    }
    let document = Some(input.document_id.0.0);
    tx.audit(Change::new("special", known.id, "withdraw").before(&known).document(document));
    tx.emit(ConsumptionEvent::SpecialRecorded { special: known.id, account: known.account_id });
    Ok(Ok(known))
}
