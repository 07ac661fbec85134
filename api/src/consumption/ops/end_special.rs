use domain::ConsumptionEvent;
use entities::consumption::special::{self, SpecialRow};
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account;

use crate::consumption::inputs::SpecialEndInput;
use crate::platform::graphql::Date;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Ends a case on a day that no bill has charged beyond.
pub async fn end_special(tx: &mut Tx, input: SpecialEndInput) -> Outcome<SpecialRow> {
    let Some(known) = special::find(tx, input.id.0).await? else { refuse!("NO_SUCH_SPECIAL") };
    if account::lock(tx, known.account_id).await?.is_none() {
        refuse!("NO_SUCH_SPECIAL");
    }
    let Some(before) = special::find(tx, input.id.0).await? else { refuse!("CONFLICT") };
    let Some(to) = Date::after(input.on) else { refuse!(Refusal::new("DATES_WRONG").at("on")) };
    if before.to == Some(to) {
        tx.nothing_new("ended on that day already");
        return Ok(Ok(before));
    }
    let charged = special::charged_upto(tx, &before).await?;
    if to <= before.from || before.to.is_some_and(|known| known < to) || charged.is_some_and(|day| day > to) {
        refuse!(Refusal::new("DATES_WRONG").at("on"));
    }
    let at = bitemporal::moment(tx).await?;
    special::end(tx, before.id, to, at).await?;
    let after = SpecialRow { to: Some(to), ..before.clone() };
    tx.audit(
        Change::new("special", after.id, "end")
            .before(&before)
            .after(&after)
            .document(Some(input.document_id.0.0)),
    );
    tx.emit(ConsumptionEvent::SpecialRecorded { special: after.id, account: after.account_id });
    Ok(Ok(after))
}
