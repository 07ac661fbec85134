use domain::ImbalanceEvent;
use domain::access::Permission;
use domain::kernel::*;
use domain::tariffs::ProposalState;
use entities::imbalance::decision::{self, DecisionRow};
use entities::kernel::{Broken, Change, Tx};
use entities::premises::building;

use super::propose::undecided_month;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// A decision of the scope that waits, or that the caller ended in just this way before.
async fn found(tx: &mut Tx, id: ImbalanceDecisionId, ends: &[ProposalState]) -> Outcome<DecisionRow> {
    let Some(row) = decision::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if !tx.scope().has_sector(Sector::Multi) || !building::visible(tx, tx.scope(), row.building_id).await? {
        refuse!(Refusal::new("NOT_FOUND").at("id"));
    }
    let own = row.decided_by.as_deref() == Some(&tx.actor().label);
    if row.state != ProposalState::Proposed && !(own && ends.contains(&row.state)) {
        refuse!("TARIFF_DECIDED");
    }
    Ok(Ok(row))
}

/// Confirms what somebody else proposed: from now on it decides the month of the house.
pub async fn confirm(tx: &mut Tx, id: ImbalanceDecisionId) -> Outcome<DecisionRow> {
    let before = allow!(found(tx, id, &[ProposalState::Confirmed]).await?);
    if before.state != ProposalState::Proposed {
        tx.nothing_new("the caller confirmed it already");
        return Ok(Ok(before));
    }
    if before.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    allow!(undecided_month(tx, Period::of(before.period)).await?);
    let after =
        decision::decide(tx, id, ProposalState::Confirmed, None).await?.ok_or(Broken::RecordNotUpdated)?;
    let change = Change::new("imbalance_decision", id, "confirmed").before(&before).after(&after);
    tx.audit(change.document(Some(before.document_id.0)));
    tx.emit(ImbalanceEvent::DecisionConfirmed { decision: id, building: after.building_id });
    Ok(Ok(after))
}

/// Ends a proposal without effect: taken back by who proposed it, declined with a reason by who could confirm it.
pub async fn decline(tx: &mut Tx, id: ImbalanceDecisionId, why: Option<String>) -> Outcome<DecisionRow> {
    let before = allow!(found(tx, id, &[ProposalState::Declined, ProposalState::Withdrawn]).await?);
    if before.state != ProposalState::Proposed {
        tx.nothing_new("the caller ended it already");
        return Ok(Ok(before));
    }
    let why = why.as_deref().map(str::trim).filter(|why| !why.is_empty());
    let (state, action) = if before.proposed_by == tx.actor().label {
        (ProposalState::Withdrawn, "withdrawn")
    } else if !tx.actor().may(Permission::ImbalanceConfirm) {
        refuse!("FORBIDDEN")
    } else if why.is_none() {
        refuse!(Refusal::new("EMPTY").at("reason"))
    } else {
        (ProposalState::Declined, "declined")
    };
    let after = decision::decide(tx, id, state, why).await?.ok_or(Broken::RecordNotUpdated)?;
    let change = Change::new("imbalance_decision", id, action).before(&before).after(&after);
    tx.audit(change.document(Some(before.document_id.0)));
    tx.emit(ImbalanceEvent::DecisionDeclined { decision: id, building: after.building_id });
    Ok(Ok(after))
}
