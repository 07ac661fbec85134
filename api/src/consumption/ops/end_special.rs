use chrono::{DateTime, Utc};
use domain::ConsumptionEvent;
use domain::consumption::{SpecialKind, capacity_span};
use entities::consumption::special::{self, SpecialRow};
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account;

use super::cap;
use crate::consumption::inputs::SpecialEndInput;
use crate::platform::graphql::Date;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Ends a case on a day that no bill has charged beyond. A capped capacity that no bill has charged yet reaches back from its end; one
/// that was charged has its first day, and its cap ends it.
pub async fn end_special(
    tx: &mut Tx,
    input: SpecialEndInput,
    known_at: DateTime<Utc>,
) -> Outcome<SpecialRow> {
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
    if before.to.is_some_and(|known| known < to) {
        refuse!(Refusal::new("DATES_WRONG").at("on"));
    }
    let charged = special::charged_upto(tx, &before).await?;
    if charged.is_some_and(|day| day > to) {
        refuse!(Refusal::new("SPECIAL_CHARGED").at("on"));
    }
    let mut after = SpecialRow { to: Some(to), ..before.clone() };
    if let (None, Some(_), Some(kind), Some(checked)) =
        (charged, before.charged_until, SpecialKind::from_code(&before.kind), before.last_check_on)
    {
        let months = allow!(cap(tx, kind, input.on.0, known_at).await?);
        (after.from, after.charged_until) = (capacity_span(checked, to, months, false).0, None);
    }
    if to <= after.from {
        refuse!(Refusal::new("DATES_WRONG").at("on"));
    }
    let at = bitemporal::moment(tx).await?;
    allow!(unless(
        special::end(tx, &after, at).await,
        &[("special_point_id_valid_recorded_excl", "SPECIAL_OVERLAPS", Some("on"))]
    )?);
    tx.audit(
        Change::new("special", after.id, "end")
            .before(&before)
            .after(&after)
            .document(Some(input.document_id.0.0)),
    );
    tx.emit(ConsumptionEvent::SpecialRecorded { special: after.id, account: after.account_id });
    Ok(Ok(after))
}
