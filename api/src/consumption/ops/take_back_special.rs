use chrono::NaiveDate;
use domain::ConsumptionEvent;
use domain::kernel::{DocumentId, SpecialId};
use entities::consumption::special::{self, SpecialRow};
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account::{self, Model};

use crate::platform::graphql::Date;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Takes back a case that bills may have charged: all of it, or the days after one. What was billed stands; a recalculation of its months
/// finds the difference, and the bills of open months are made anew. The account, the case before and after; none after it is gone.
pub async fn take_back_special(
    tx: &mut Tx,
    id: SpecialId,
    on: Option<NaiveDate>,
    document: DocumentId,
) -> Outcome<(Model, SpecialRow, Option<SpecialRow>)> {
    let Some(known) = special::find(tx, id).await? else { refuse!("NO_SUCH_SPECIAL") };
    let Some(owner) = account::lock(tx, known.account_id).await? else { refuse!("NO_SUCH_SPECIAL") };
    let Some(before) = special::find(tx, id).await? else { refuse!("CONFLICT") };
    let at = bitemporal::moment(tx).await?;
    let Some(on) = on else {
        if special::forget(tx, id, at).await? == 0 {
            refuse!("CONFLICT");
        }
        tx.audit(Change::new("special", id, "withdraw").before(&before).document(Some(document.0)));
        tx.emit(ConsumptionEvent::SpecialRecorded { special: id, account: owner.id });
        return Ok(Ok((owner, before, None)));
    };
    // It is only shortened: its first day stays.
    let to =
        Date::after(Date(on)).filter(|to| *to > before.from && before.to.is_none_or(|known| *to < known));
    let Some(to) = to else { refuse!(Refusal::new("DATES_WRONG").at("on")) };
    let after = SpecialRow { to: Some(to), ..before.clone() };
    special::end(tx, &after, at).await?;
    tx.audit(Change::new("special", id, "end").before(&before).after(&after).document(Some(document.0)));
    tx.emit(ConsumptionEvent::SpecialRecorded { special: id, account: owner.id });
    Ok(Ok((owner, before, Some(after))))
}
