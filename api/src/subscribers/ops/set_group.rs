use chrono::NaiveDate;
use domain::SubscribersEvent;
use domain::kernel::*;
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account;
use entities::subscribers::group::{self, GROUPS};
use serde_json::json;

use super::unchanged;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::ConsumerGroupSetInput;
use crate::{allow, refuse};

/// Gives an account another group of consumers from a day on, on a document; what was recorded of later days gives way. Bills that
/// stand stay as they are, also those of closed months: a correction reckons them anew.
pub async fn set_group(
    tx: &mut Tx,
    input: ConsumerGroupSetInput,
    today: NaiveDate,
) -> Outcome<account::Model> {
    let before = allow!(unchanged(tx, input.account_id.0, input.expected_version).await?);
    let (to, from) = (input.consumer_group, input.from.0);
    if before.sector != Sector::Legal && to != ConsumerGroup::Population {
        refuse!(Refusal::new("GROUP_OF_SECTOR").at("consumerGroup"));
    }
    if from < before.opened_on {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("from"));
    }
    if from > today {
        refuse!(Refusal::new("DAY_AHEAD").at("from"));
    }
    if before.closed_on.is_some_and(|closed| from >= closed) {
        refuse!("ACCOUNT_CLOSED");
    }
    let document = input.document_id.0;
    let by = tx.actor().label.clone();
    group::begin(tx, before.id, before.consumer_group, before.opened_on, &by).await?;
    let known = group::of_accounts(tx, &[before.id]).await?;
    let at = bitemporal::moment(tx).await?;
    GROUPS.end(tx, [before.id.0.into()], from, at).await?;
    let said = [before.id.0.into(), to.code().into(), by.into(), document.0.into()];
    allow!(unless(GROUPS.record(tx, said, from, None, at).await, &[])?);
    let after = account::update(tx, &account::Model { consumer_group: to, ..before.clone() }).await?;
    let was = known.iter().rev().find(|days| days.from <= from).map(|days| days.consumer_group);
    tx.audit(
        Change::new("account", after.id, "changed")
            .before(json!({ "consumer_group": was.unwrap_or(before.consumer_group) }))
            .after(json!({ "consumer_group": to, "from": from }))
            .document(Some(document.0)),
    );
    tx.emit(SubscribersEvent::AccountChanged { account: after.id });
    Ok(Ok(after))
}
