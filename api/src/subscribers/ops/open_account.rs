use std::sync::Arc;

use domain::SubscribersEvent;
use domain::kernel::*;
use entities::kernel::{Change, Tx, bitemporal};
use entities::premises::{building, point, premise};
use entities::subscribers::account::{self, NewAccount, POINTS};
use entities::subscribers::holder::HOLDERS;
use entities::subscribers::residency::RESIDENCIES;

use super::{keep_party, open_day, particulars, residents};
use crate::app::App;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::AccountOpenInput;
use crate::{allow, refuse};

/// Opens an account on a premise: holder, residents and points from its first day on.
pub async fn open_account(tx: &mut Tx, app: Arc<App>, input: AccountOpenInput) -> Outcome<account::Model> {
    let number = input.number.trim().to_owned();
    if number.is_empty()
        || number.len() > 40
        || number.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        refuse!(Refusal::new("NUMBER_WRONG").at("number"));
    }
    let day = input.opened_on.0;
    if day > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("openedOn"));
    }
    if input.sector != Sector::Legal && input.consumer_group != ConsumerGroup::Population {
        refuse!(Refusal::new("GROUP_OF_SECTOR").at("consumerGroup"));
    }
    let particulars = allow!(particulars(&input.holder));
    let count = match input.residents {
        Some(count) => Some(allow!(residents(count))),
        None if input.sector == Sector::Legal => None,
        None => refuse!(Refusal::new("RESIDENTS_WRONG").at("residents")),
    };
    allow!(open_day(tx, Some(input.sector), day, "openedOn").await?);

    let Some(premise) = premise::find(tx, tx.scope(), input.premise_id.0).await? else {
        refuse!(Refusal::new("NO_SUCH_PREMISE").at("premiseId"));
    };
    let building = building::by_ids(tx, vec![premise.building_id]).await?.remove(0);
    let new = NewAccount {
        number,
        sector: input.sector,
        consumer_group: input.consumer_group,
        district: building.district_id,
        building: building.id,
        premise: premise.id,
        opened_on: day,
    };
    let account = allow!(unless(
        account::insert(tx, new).await,
        &[("account_number_key", "ACCOUNT_NUMBER_TAKEN", Some("number"))],
    )?);
    if !account.in_scope(tx.scope()) {
        refuse!(Refusal::new("OUT_OF_SCOPE").at("sector"));
    }

    let of_premise: Vec<PointId> =
        point::of_premises(tx, day, vec![premise.id]).await?.into_iter().map(|p| p.id).collect();
    let points = match input.point_ids {
        Some(ids) => ids.into_iter().map(|id| id.0).collect(),
        None => of_premise.clone(),
    };
    if points.iter().any(|id| !of_premise.contains(id)) {
        refuse!(Refusal::new("POINT_ELSEWHERE").at("pointIds"));
    }

    let holder = keep_party(tx, &app.vault, particulars).await?;
    let (by, at) = (tx.actor().label.clone(), bitemporal::moment(tx).await?);
    let no_document = || None::<i64>.into();
    HOLDERS
        .record(
            tx,
            [
                account.id.0.into(),
                holder.id.0.into(),
                by.clone().into(),
                no_document(),
                None::<chrono::NaiveDate>.into(),
            ],
            day,
            None,
            at,
        )
        .await?;
    if let Some(count) = count {
        let source = input.residents_source.map_or("document", |source| source.code());
        let said = [account.id.0.into(), count.into(), source.into(), by.clone().into(), no_document()];
        RESIDENCIES.record(tx, said, day, None, at).await?;
    }
    for point in points {
        let said = [account.id.0.into(), point.0.into(), by.clone().into(), no_document()];
        allow!(unless(
            POINTS.record(tx, said, day, None, at).await,
            &[
                ("_excl", "POINT_TAKEN", Some("pointIds")),
                ("house_in_bulk", "HOUSE_IN_BULK", Some("premiseId")),
            ],
        )?);
    }
    tx.audit(Change::new("account", account.id, "opened").after(&account));
    tx.emit(SubscribersEvent::AccountOpened { account: account.id });
    Ok(Ok(account))
}
