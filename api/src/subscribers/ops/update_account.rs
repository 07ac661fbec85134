use chrono::NaiveDate;
use domain::kernel::{ConsumerGroup, Sector};
use entities::kernel::Tx;
use entities::subscribers::account;

use super::{set_group, unchanged};
use crate::platform::graphql::Date;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::{AccountUpdateInput, ConsumerGroupSetInput};
use crate::{allow, refuse};

/// Changes what an account is charged as from today on: kept for callers who knew no other way.
pub async fn update_account(
    tx: &mut Tx,
    input: AccountUpdateInput,
    today: NaiveDate,
) -> Outcome<account::Model> {
    let before = allow!(unchanged(tx, input.id.0, input.expected_version).await?);
    if before.sector != Sector::Legal && input.consumer_group != ConsumerGroup::Population {
        refuse!(Refusal::new("GROUP_OF_SECTOR").at("consumerGroup"));
    }
    let Some(document_id) = input.document_id else {
        refuse!(Refusal::new("GROUP_WANTS_DOCUMENT").at("documentId"));
    };
    let input = ConsumerGroupSetInput {
        account_id: input.id,
        expected_version: input.expected_version,
        consumer_group: input.consumer_group,
        from: Date(today),
        document_id,
    };
    set_group(tx, input, today).await
}
