use domain::SubscribersEvent;
use domain::kernel::*;
use entities::kernel::{Change, Tx};
use entities::subscribers::account;

use super::unchanged;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::AccountUpdateInput;
use crate::{allow, refuse};

/// Changes what an account is charged as; bills that stand stay as they are.
pub async fn update_account(tx: &mut Tx, input: AccountUpdateInput) -> Outcome<account::Model> {
    let before = allow!(unchanged(tx, input.id.0, input.expected_version).await?);
    if before.sector != Sector::Legal && input.consumer_group != ConsumerGroup::Population {
        refuse!(Refusal::new("GROUP_OF_SECTOR").at("consumerGroup"));
    }
    let changed = account::Model { consumer_group: input.consumer_group, ..before.clone() };
    let after = account::update(tx, &changed).await?;
    tx.audit(Change::new("account", after.id, "changed").before(&before).after(&after));
    tx.emit(SubscribersEvent::AccountChanged { account: after.id });
    Ok(Ok(after))
}
