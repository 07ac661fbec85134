use domain::ImbalanceEvent;
use domain::imbalance::DecisionKind;
use domain::kernel::*;
use domain::ledger::PeriodStatus;
use domain::tariffs::ImbalanceMethod;
use entities::imbalance::decision::{self, DecisionRow};
use entities::imbalance::reckoning;
use entities::kernel::{Change, Tx};
use entities::ledger::period;
use entities::premises::building;

use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Characters of a reason.
const LONGEST: usize = 500;

/// What is proposed about a house and month.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub building: BuildingId,
    pub period: Period,
    pub kind: DecisionKind,
    /// Of a distribution.
    pub method: Option<ImbalanceMethod>,
    pub reason: String,
    pub document: DocumentId,
}

/// Decisions come before the run of their month: a run that is there has to be reversed first.
pub(super) async fn undecided_month(tx: &Tx, month: Period) -> Outcome<()> {
    let open = period::find(tx, month, Sector::Multi).await?;
    if open.is_none_or(|row| row.status() == PeriodStatus::Closed) {
        refuse!(Refusal::new("PERIOD_NOT_OPEN").at("period"));
    }
    if reckoning::has_run(tx, month).await? {
        refuse!(Refusal::new("IMBALANCE_MONTH_RUN").at("period"));
    }
    Ok(Ok(()))
}

/// Proposes a decision on an official document; it decides nothing until somebody else confirms it. The same again is the one
/// that waits.
pub async fn propose(tx: &mut Tx, wish: Proposal) -> Outcome<DecisionRow> {
    if !tx.scope().has_sector(Sector::Multi) || !building::visible(tx, tx.scope(), wish.building).await? {
        refuse!(Refusal::new("NOT_FOUND").at("buildingId"));
    }
    let reason = wish.reason.trim();
    if reason.is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if reason.chars().count() > LONGEST {
        refuse!(Refusal::new("IMBALANCE_REASON_LONG").at("reason").with("most", LONGEST));
    }
    if (wish.kind == DecisionKind::Distribute) != wish.method.is_some() {
        refuse!(Refusal::new("IMBALANCE_METHOD_WRONG").at("method"));
    }
    allow!(undecided_month(tx, wish.period).await?);
    let new = decision::New {
        building: wish.building,
        period: wish.period,
        kind: wish.kind,
        method: wish.method,
        reason,
        document: wish.document,
    };
    if let Some(row) = allow!(unless(decision::propose(tx, new).await, &[])?) {
        let change = Change::new("imbalance_decision", row.id, "proposed").after(&row);
        tx.audit(change.document(Some(wish.document.0)));
        tx.emit(ImbalanceEvent::DecisionProposed { decision: row.id, building: row.building_id });
        return Ok(Ok(row));
    }
    let waits = decision::waiting(tx, wish.building, wish.period).await?;
    match waits {
        Some(row)
            if row.proposed_by == tx.actor().label
                && (row.kind, row.method, row.document_id) == (wish.kind, wish.method, wish.document)
                && row.reason == reason =>
        {
            tx.nothing_new("the same proposal waits already");
            Ok(Ok(row))
        }
        _ => refuse!(Refusal::new("IMBALANCE_WAITS").at("buildingId")),
    }
}
