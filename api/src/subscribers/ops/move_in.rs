use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::SubscribersEvent;
use domain::kernel::{DocumentId, Period};
use domain::subscribers::AccountStatus;
use entities::kernel::{Change, Tx, bitemporal};
use entities::subscribers::account::{self, POINTS};
use entities::subscribers::holder::{self, HOLDERS};
use entities::subscribers::party;
use entities::subscribers::residency::RESIDENCIES;
use serde_json::json;

use super::{end_access, keep_party, open_day, particulars, residents, unchanged};
use crate::app::App;
use crate::contracts::ops::{begin_with_holder, end_with_holder};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::inputs::AccountMoveInInput;
use crate::{allow, refuse};

/// Gives an account a new holder from a day on. The holder before keeps his days and his debt, his contract and his
/// cabinet end; a closed account is open again with the points that it had.
pub async fn move_in(tx: &mut Tx, app: Arc<App>, input: AccountMoveInInput) -> Outcome<account::Model> {
    let before = allow!(unchanged(tx, input.id.0, input.expected_version).await?);
    let day = input.date.0;
    if day > app.clock.today() {
        refuse!(Refusal::new("DAY_AHEAD").at("date"));
    }
    if day < before.opened_on || before.closed_on.is_some_and(|closed| day < closed) {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("date"));
    }
    // The final bill has closed the month for this number: no run charges it any more.
    if before.final_upto.is_some_and(|upto| Period::of(day).first_day() < upto) {
        refuse!(Refusal::new("FINAL_BILL_THIS_MONTH").at("date").with("number", &before.number));
    }
    // A month has one run of days of a number, from when it is held to when it is not.
    if before.closed_on.is_some_and(|closed| closed < day && Period::of(closed) == Period::of(day)) {
        refuse!(Refusal::new("CLOSED_THIS_MONTH").at("date").with("number", &before.number));
    }
    let particulars = allow!(particulars(&input.holder));
    let count = match input.residents {
        Some(count) => Some(allow!(residents(count))),
        None => None,
    };
    allow!(open_day(tx, Some(before.sector), day, "date").await?);
    if holder::last(tx, before.id).await?.is_some_and(|last| last.from >= day) {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("date"));
    }

    let comes = keep_party(tx, &app.vault, particulars).await?;
    let (by, at) = (tx.actor().label.clone(), bitemporal::moment(tx).await?);
    let document: Option<i64> = input.document_id.map(|id| id.0.0);
    HOLDERS.end(tx, [before.id.0.into()], day, at).await?;
    let said =
        [before.id.0.into(), comes.id.0.into(), by.clone().into(), document.into(), None::<NaiveDate>.into()];
    allow!(unless(HOLDERS.record(tx, said, day, None, at).await, &[])?);
    if let Some(count) = count {
        let source = input.residents_source.map_or("document", |source| source.code());
        RESIDENCIES.end(tx, [before.id.0.into()], day, at).await?;
        let said = [before.id.0.into(), count.into(), source.into(), by.clone().into(), document.into()];
        RESIDENCIES.record(tx, said, day, None, at).await?;
    }
    if let Some(closed) = before.closed_on {
        let last_day = closed.pred_opt().unwrap_or(closed);
        for point in account::points_on(tx, before.id, last_day).await? {
            let said = [before.id.0.into(), point.0.into(), by.clone().into(), document.into()];
            let taken = &[("_excl", "POINT_TAKEN", None), ("house_in_bulk", "HOUSE_IN_BULK", None)];
            allow!(unless(POINTS.record(tx, said, day, None, at).await, taken)?);
        }
    }
    let changed = account::Model { status: AccountStatus::Active, closed_on: None, ..before.clone() };
    let after = account::update(tx, &changed).await?;
    let on = input.document_id.map(|id| id.0);
    allow!(contract_follows(tx, &after, &comes, input.contract_number, (day, on), at).await?);
    end_access(tx, after.id).await?;
    let moved = json!({ "date": day, "holder": comes.id, "residents": count });
    tx.audit(Change::new("account", after.id, "moved_in").before(&before).after(moved).document(document));
    tx.emit(SubscribersEvent::MovedIn { account: after.id });
    Ok(Ok(after))
}

/// The contract with the holder before ends, the one with whoever comes begins.
pub(super) async fn contract_follows(
    tx: &mut Tx,
    account: &account::Model,
    comes: &party::Model,
    number: Option<String>,
    (day, document): (NaiveDate, Option<DocumentId>),
    at: DateTime<Utc>,
) -> Outcome<()> {
    end_with_holder(tx, account.id, day, document, at).await?;
    begin_with_holder(tx, account, comes, number, day, document, at).await
}
