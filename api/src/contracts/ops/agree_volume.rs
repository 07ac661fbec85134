use chrono::NaiveDate;
use domain::ContractsEvent;
use domain::kernel::Period;
use entities::contracts::contract::{self, Contract};
use entities::contracts::volume::{self, VOLUMES};
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account;

use crate::contracts::inputs::VolumeAgreeInput;
use crate::platform::graphql::Date;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Records what is agreed for a point in some months of its contract; nothing agreed is a statement too. What was known of these
/// days before stays readable as it was. It rests on a document, so days of closed months are recorded too: what was billed stands, and a
/// correction reckons it anew.
pub async fn agree_volume(tx: &mut Tx, input: VolumeAgreeInput) -> Outcome<Contract> {
    let id = input.contract_id.0;
    let Some(contract) = contract::find(tx, tx.scope(), id).await? else { refuse!("NO_SUCH_CONTRACT") };
    let Some(account) = account::lock(tx, contract.account_id).await? else { refuse!("NO_SUCH_CONTRACT") };
    let (from, to) = (input.from.0, input.to.and_then(Date::after).or(contract.to));
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    if from < contract.from || contract.to.is_some_and(|end| to.is_none_or(|to| to > end)) {
        refuse!(Refusal::new("OUTSIDE_CONTRACT").at("from"));
    }
    // A month has one agreed volume: it is told per full month, and days of it go by their share.
    let whole = |day: NaiveDate| day == Period::of(day).first_day();
    if !(whole(from) || from == contract.from) || to.is_some_and(|to| !whole(to) && Some(to) != contract.to) {
        refuse!(Refusal::new("VOLUME_OF_WHOLE_MONTHS").at("from"));
    }
    let liters = input.volume.map(|volume| volume.liters());
    if liters.is_some_and(|liters| !(0..=10_000_000_000).contains(&liters)) {
        refuse!(Refusal::new("VOLUME_WRONG").at("volume"));
    }
    let source = input.source.trim();
    if source.is_empty() {
        refuse!(Refusal::new("SOURCE_MISSING").at("source"));
    }
    if !account::points_on(tx, account.id, from).await?.contains(&input.point_id.0) {
        refuse!(Refusal::new("POINT_ELSEWHERE").at("pointId"));
    }

    let at = bitemporal::moment(tx).await?;
    let before = volume::of_contracts(tx, vec![id]).await?;
    VOLUMES.make_room(tx, [input.point_id.0.0.into()], from, to, at).await?;
    let document = input.document_id.0.0;
    if let Some(liters) = liters {
        let said = [
            id.0.into(),
            input.point_id.0.0.into(),
            liters.into(),
            source.into(),
            document.into(),
            tx.actor().label.clone().into(),
        ];
        allow!(unless(VOLUMES.record(tx, said, from, to, at).await, &[])?);
    }
    let after = volume::of_contracts(tx, vec![id]).await?;
    let shown =
        |rows: &[(_, volume::AgreedVolume)]| rows.iter().map(|(_, row)| row.clone()).collect::<Vec<_>>();
    let change = Change::new("contract", id, "volume_agreed").before(shown(&before)).after(shown(&after));
    tx.audit(change.document(Some(document)));
    tx.emit(ContractsEvent::VolumeAgreed { contract: id, point: input.point_id.0 });
    Ok(Ok(contract))
}
