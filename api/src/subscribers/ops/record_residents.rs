use domain::SubscribersEvent;
use domain::kernel::ResidencyId;
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::residency::{self, RESIDENCIES, Residency};

use super::{answer, locked, open_day_or_paper, residents};
use crate::platform::graphql::Date;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::ResidentsRecordInput;
use crate::{allow, refuse};

/// Records how many people are registered on some days; what was known of these days before stays readable as it was.
pub async fn record_residents(tx: &mut Tx, input: ResidentsRecordInput) -> Outcome<Residency> {
    let account = allow!(locked(tx, input.account_id.0).await?);
    let count = allow!(residents(input.residents));
    let (from, to) = (input.from.0, input.to.and_then(Date::after));
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    if from < account.opened_on {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("from"));
    }
    if account.closed_on.is_some_and(|closed| to.is_none_or(|to| to > closed)) {
        refuse!("ACCOUNT_CLOSED");
    }
    // Late registration reaches back into closed months.
    let paper = input.document_id.map(|id| id.0);
    allow!(open_day_or_paper(tx, Some(account.sector), from, "from", paper).await?);

    let at = bitemporal::moment(tx).await?;
    let before = residency::between(tx, account.id, from, to).await?;
    RESIDENCIES.make_room(tx, [account.id.0.into()], from, to, at).await?;
    let document: Option<i64> = input.document_id.map(|id| id.0.0);
    let by = tx.actor().label.clone();
    let said = [account.id.0.into(), count.into(), input.source.code().into(), by.into(), document.into()];
    let id = allow!(unless(RESIDENCIES.record(tx, said, from, to, at).await, &[])?);
    let recorded = allow!(answer(residency::find(tx, ResidencyId(id)).await).await?);
    let change = Change::new("residency", id, "recorded").before(&before).after(&recorded).document(document);
    tx.audit(change);
    tx.emit(SubscribersEvent::ResidentsChanged { account: account.id });
    Ok(Ok(recorded))
}
