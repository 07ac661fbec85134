use std::sync::Arc;

use domain::SubscribersEvent;
use domain::kernel::Sector;
use domain::subscribers::AccountStatus;
use entities::kernel::{Change, Tx, bitemporal};
use entities::premises::building;
use entities::subscribers::account::{self, POINTS};
use entities::subscribers::holder::{self, HOLDERS};
use entities::subscribers::residency::RESIDENCIES;

use super::{end_access, open_day, unchanged};
use crate::app::App;
use crate::contracts::ops::end_with_holder;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::AccountMoveOutInput;
use crate::{allow, refuse};

/// Closes the account of a legal entity that leaves; the run of the month bills its days. Whoever wants his bill at once leaves with
/// closing readings and a final bill (`billing::ops::make_final_bill`); a household leaves in no other way, so that nobody closes its
/// account with days that were never billed.
pub async fn close_account(
    tx: &mut Tx,
    app: Arc<App>,
    input: AccountMoveOutInput,
) -> Outcome<account::Model> {
    let before = allow!(unchanged(tx, input.id.0, input.expected_version).await?);
    if before.sector != Sector::Legal {
        refuse!("FINAL_BILL_NEEDED");
    }
    move_out(tx, app, input).await
}

/// Ends holder, contract, residents and points of an account at a day, closes it and the cabinet of who leaves. What is owed stays payable.
pub async fn move_out(tx: &mut Tx, app: Arc<App>, input: AccountMoveOutInput) -> Outcome<account::Model> {
    let before = allow!(unchanged(tx, input.id.0, input.expected_version).await?);
    let day = input.date.0;
    if before.status == AccountStatus::Closed {
        refuse!("ACCOUNT_CLOSED");
    }
    if day > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("date"));
    }
    if day <= before.opened_on || holder::last(tx, before.id).await?.is_some_and(|last| last.from >= day) {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("date"));
    }
    allow!(open_day(tx, Some(before.sector), day, "date").await?);
    // The flats of a house that it pays for are excused: they would go on to be, and nobody would pay.
    if building::paid_by(tx, before.id, None, day).await? {
        refuse!(Refusal::new("ACCOUNT_PAYS_HOUSE").at("date"));
    }

    let at = bitemporal::moment(tx).await?;
    for register in [HOLDERS, RESIDENCIES, POINTS] {
        register.end(tx, [before.id.0.into()], day, at).await?;
    }
    let changed = account::Model { status: AccountStatus::Closed, closed_on: Some(day), ..before.clone() };
    let after = account::update(tx, &changed).await?;
    end_with_holder(tx, after.id, day, input.document_id.map(|id| id.0), at).await?;
    end_access(tx, after.id).await?;
    let document = input.document_id.map(|id| id.0.0);
    tx.audit(Change::new("account", after.id, "moved_out").before(&before).after(&after).document(document));
    tx.emit(SubscribersEvent::MovedOut { account: after.id });
    Ok(Ok(after))
}
