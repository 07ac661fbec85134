use domain::ContractsEvent;
use domain::kernel::{Period, Sector, Service, Volume};
use entities::contracts::contract::{self, Contract};
use entities::contracts::limit::{self, LIMITS};
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account;

use crate::contracts::inputs::LimitSetInput;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// The largest limit that is no slip of the pen: ten million m³.
const MOST: Volume = Volume::from_liters(10_000_000_000);

/// Records how much the points of a legal entity may use in whole months; no limit is a statement too. What was known of these
/// months before stays readable as it was. It rests on a document, so closed months are recorded too: what was billed stands, and a
/// correction reckons it anew.
pub async fn set_limit(tx: &mut Tx, input: LimitSetInput) -> Outcome<Contract> {
    let id = input.contract_id.0;
    let Some(contract) = contract::find(tx, tx.scope(), id).await? else { refuse!("NO_SUCH_CONTRACT") };
    let Some(account) = account::lock(tx, contract.account_id).await? else { refuse!("NO_SUCH_CONTRACT") };
    if account.sector != Sector::Legal {
        refuse!("LIMIT_OF_LEGAL_ONLY");
    }
    let from = input.from.first_day();
    let to = input.to.map(|to| to.next().first_day()).or(contract.to);
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    // A contract that begins or ends in the middle of a month has its limit for all of it.
    let last = contract.to.and_then(|end| end.pred_opt()).map(Period::of);
    if input.from < Period::of(contract.from) || last.is_some_and(|last| input.to.is_some_and(|to| to > last))
    {
        refuse!(Refusal::new("OUTSIDE_CONTRACT").at("from"));
    }
    let (monthly, yearly) = (input.monthly, input.yearly);
    for (volume, at) in [(monthly, "monthly"), (yearly, "yearly")] {
        if volume.is_some_and(|volume| !(Volume::ZERO..=MOST).contains(&volume)) {
            refuse!(Refusal::new("VOLUME_WRONG").at(at));
        }
    }
    if !matches!(input.service, Service::Water | Service::SewerageCold | Service::SewerageHot) {
        refuse!(Refusal::new("LIMIT_OF_NO_SERVICE").at("service"));
    }
    let source = input.source.trim();
    if source.is_empty() {
        refuse!(Refusal::new("SOURCE_MISSING").at("source"));
    }
    let day = from.max(contract.from);
    let points = account::points_on(tx, account.id, day).await?;
    let (point, premise) = (input.point_id.map(|id| id.0), input.premise_id.map(|id| id.0));
    if point.is_some() && premise.is_some() {
        refuse!(Refusal::new("LIMIT_OF_ONE").at("pointId"));
    }
    if point.is_some_and(|point| !points.contains(&point)) {
        refuse!(Refusal::new("POINT_ELSEWHERE").at("pointId"));
    }
    if let Some(premise) = premise
        && !limit::objects_of(tx, &points).await?.contains(&premise)
    {
        refuse!(Refusal::new("POINT_ELSEWHERE").at("premiseId"));
    }

    let at = bitemporal::moment(tx).await?;
    let before = limit::of_contracts(tx, vec![id]).await?;
    let key = [
        id.0.into(),
        premise.map(|id| id.0).into(),
        point.map(|id| id.0).into(),
        input.service.code().into(),
    ];
    LIMITS.make_room(tx, key.clone(), from, to, at).await?;
    let document = input.document_id.0.0;
    if monthly.is_some() || yearly.is_some() {
        let said = [
            monthly.map(Volume::liters).into(),
            yearly.map(Volume::liters).into(),
            source.into(),
            document.into(),
            tx.actor().label.clone().into(),
        ];
        let said: Vec<sea_orm::Value> = key.into_iter().chain(said).collect();
        allow!(unless(LIMITS.record(tx, said, from, to, at).await, &[])?);
    }
    let after = limit::of_contracts(tx, vec![id]).await?;
    let shown =
        |rows: &[(_, limit::ContractLimit)]| rows.iter().map(|(_, row)| row.clone()).collect::<Vec<_>>();
    let change = Change::new("contract", id, "limit_set").before(shown(&before)).after(shown(&after));
    tx.audit(change.document(Some(document)));
    tx.emit(ContractsEvent::LimitSet { contract: id });
    Ok(Ok(contract))
}
