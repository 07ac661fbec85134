use domain::TariffsEvent;
use domain::kernel::TariffId;
use domain::tariffs::ProposalState;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::tariffs::proposal::{self, Proposal};
use entities::tariffs::setting;
use serde_json::json;

use super::{ending, reason_of};
use crate::platform::{Outcome, Refusal};
use crate::tariffs::inputs::TariffDeclineInput;
use crate::{allow, refuse};

/// What the caller found: something to decide, or what the caller decided just so before.
enum Found {
    Waiting(Proposal),
    Done(Proposal),
}

async fn found(tx: &mut Tx, id: TariffId, wanted: &[ProposalState]) -> Outcome<Found> {
    setting::lock(tx).await?;
    let Some(proposal) = proposal::find(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    let own = proposal.decided_by.as_deref() == Some(&tx.actor().label);
    match proposal.state {
        ProposalState::Proposed => Ok(Ok(Found::Waiting(proposal))),
        state if own && wanted.contains(&state) => {
            tx.nothing_new("the caller decided just so already");
            Ok(Ok(Found::Done(proposal)))
        }
        _ => refuse!("TARIFF_DECIDED"),
    }
}

/// Confirms what somebody else proposed: from now on it decides money on its days, and what was in force on them gives way. Months that
/// are closed stay as they were billed until they are recalculated.
pub async fn confirm_tariff(tx: &mut Tx, id: TariffId) -> Outcome<Proposal> {
    let waiting = match allow!(found(tx, id, &[ProposalState::Confirmed]).await?) {
        Found::Waiting(proposal) => proposal,
        Found::Done(proposal) => return Ok(Ok(proposal)),
    };
    if waiting.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    let basis = waiting.version.basis();
    let gives_way: Vec<_> =
        proposal::replaced(tx, vec![id.0]).await?.into_iter().map(|(_, old)| old).collect();
    let at = bitemporal::moment(tx).await?;
    proposal::confirm(tx, &waiting, at).await?;
    let confirmed = proposal::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    let document = basis.document_id.map(|document| document.0);
    tx.audit(
        Change::new(waiting.version.name(), id, "confirmed")
            .before(json!({ "gives_way": gives_way }))
            .after(&confirmed)
            .document(document),
    );
    tx.emit(TariffsEvent::TariffRecorded { tariff: id });
    Ok(Ok(confirmed))
}

/// Ends a proposal that is not to be: declined by who could confirm it, taken back by who proposed it.
pub async fn decline_tariff(tx: &mut Tx, input: TariffDeclineInput) -> Outcome<Proposal> {
    let id = input.id.0;
    let waiting = match allow!(found(tx, id, &[ProposalState::Declined, ProposalState::Withdrawn]).await?) {
        Found::Waiting(proposal) => proposal,
        Found::Done(proposal) => return Ok(Ok(proposal)),
    };
    let reason = reason_of(input.reason);
    let state = allow!(ending(tx.actor(), &waiting.proposed_by, reason.as_deref()));
    let at = bitemporal::moment(tx).await?;
    proposal::decide(tx, id, state, reason, at).await?;
    let ended = proposal::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    let document = ended.version.basis().document_id.map(|document| document.0);
    tx.audit(
        Change::new(ended.version.name(), id, state.code()).before(&waiting).after(&ended).document(document),
    );
    tx.emit(TariffsEvent::TariffDeclined { tariff: id });
    Ok(Ok(ended))
}
