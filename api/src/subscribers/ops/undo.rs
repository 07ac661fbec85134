//! Accounts that an act closed or opened, when that act is taken back as a whole.

use chrono::{DateTime, Utc};
use domain::SubscribersEvent;
use domain::kernel::*;
use domain::subscribers::AccountStatus;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::subscribers::account::{self, POINTS};
use entities::subscribers::holder::HOLDERS;
use entities::subscribers::owner::OWNERS;
use entities::subscribers::residency::RESIDENCIES;

use super::end_access;
use crate::contracts::ops::{end_with_holder, go_on_with_holder};

/// Opens an account again as if nobody had moved out at a moment of recording: holder, residents, points and contract go on.
/// Whoever was signed in signs in anew. The caller has seen that nothing was recorded of it since.
pub async fn live_on(
    tx: &mut Tx,
    before: &account::Model,
    moment: DateTime<Utc>,
    document: DocumentId,
) -> Result<account::Model, Broken> {
    let at = bitemporal::moment(tx).await?;
    for register in [HOLDERS, RESIDENCIES, POINTS] {
        register.take_back(tx, [before.id.0.into()], moment, at).await?;
    }
    go_on_with_holder(tx, before.id, moment, at).await?;
    let open = account::Model { status: AccountStatus::Active, closed_on: None, ..before.clone() };
    let after = account::update(tx, &open).await?;
    let change = Change::new("account", after.id, "lives_on").before(before).after(&after);
    tx.audit(change.document(Some(document.0)));
    tx.emit(SubscribersEvent::AccountChanged { account: after.id });
    Ok(after)
}

/// An account that was opened in vain never was: closed on the day that it was opened, without holder, residents, points, contract.
pub async fn annul(
    tx: &mut Tx,
    before: &account::Model,
    document: DocumentId,
) -> Result<account::Model, Broken> {
    let (at, day) = (bitemporal::moment(tx).await?, before.opened_on);
    for register in [HOLDERS, RESIDENCIES, POINTS, OWNERS] {
        register.end(tx, [before.id.0.into()], day, at).await?;
    }
    end_with_holder(tx, before.id, day, Some(document), at).await?;
    end_access(tx, before.id).await?;
    let closed = account::Model { status: AccountStatus::Closed, closed_on: Some(day), ..before.clone() };
    let after = account::update(tx, &closed).await?;
    let change = Change::new("account", after.id, "annulled").before(before).after(&after);
    tx.audit(change.document(Some(document.0)));
    tx.emit(SubscribersEvent::MovedOut { account: after.id });
    Ok(after)
}
