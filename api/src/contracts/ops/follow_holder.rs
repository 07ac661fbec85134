//! A contract is with the holder of an account: it ends when he leaves and begins when the next one comes.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ContractsEvent;
use domain::contracts::ContractKind;
use domain::kernel::*;
use domain::subscribers::PartyKind;
use entities::contracts::contract::{self, CONTRACTS};
use entities::contracts::volume::VOLUMES_OF_CONTRACT;
use entities::kernel::{Broken, Change, Tx};
use entities::subscribers::{account, party};
use serde_json::json;

use crate::platform::Outcome;
use crate::platform::refusal::unless;
use crate::{allow, refuse};

/// Ends what was agreed with who leaves, volumes too, at the first day without him. What was to begin later is void.
pub async fn end_with_holder(
    tx: &mut Tx,
    account: AccountId,
    day: NaiveDate,
    document: Option<DocumentId>,
    at: DateTime<Utc>,
) -> Result<(), Broken> {
    for before in contract::from_day(tx, account, day).await? {
        VOLUMES_OF_CONTRACT.end(tx, [before.id.0.into()], day, at).await?;
        if before.from < day {
            contract::end(tx, before.id, Some(day), document, at).await?;
        } else {
            contract::void(tx, before.id, at).await?;
        }
        let change = Change::new("contract", before.id, "terminated").before(&before);
        tx.audit(change.document(document.map(|id| id.0)));
        tx.emit(ContractsEvent::Terminated { contract: before.id });
    }
    Ok(())
}

/// What was ended with a holder at a moment of recording goes on as if it had not been, volumes too.
pub async fn go_on_with_holder(
    tx: &mut Tx,
    account: AccountId,
    moment: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<(), Broken> {
    for ended in contract::ended_at(tx, account, moment).await? {
        contract::end(tx, ended.id, ended.to, ended.document_id, at).await?;
        VOLUMES_OF_CONTRACT.take_back(tx, [ended.id.0.into()], moment, at).await?;
        tx.audit(Change::new("contract", ended.id, "continued").after(json!({ "to": ended.to })));
        tx.emit(ContractsEvent::Signed { contract: ended.id });
    }
    contract::unvoid(tx, account, moment, at).await?;
    Ok(())
}

/// A person joins the public contract by using the service, under a number of its own unless one is given; an organisation
/// signs one, so it begins here only when its number is given.
pub async fn begin_with_holder(
    tx: &mut Tx,
    account: &account::Model,
    holder: &party::Model,
    number: Option<String>,
    day: NaiveDate,
    document: Option<DocumentId>,
    at: DateTime<Utc>,
) -> Outcome<()> {
    let given = number.map(|number| number.trim().to_owned()).filter(|number| !number.is_empty());
    let (number, kind) = match (holder.kind, given) {
        (PartyKind::Person, given) => {
            let own = format!("{}-{}", account.number, day.format("%Y%m%d"));
            (given.unwrap_or(own), ContractKind::Public)
        }
        (PartyKind::Organisation, Some(number)) => (number, ContractKind::Individual),
        (PartyKind::Organisation, None) => return Ok(Ok(())),
    };
    if number.chars().count() > 60 {
        refuse!(crate::platform::Refusal::new("NUMBER_WRONG").at("contractNumber"));
    }
    let said = [
        number.into(),
        kind.code().into(),
        account.id.0.into(),
        holder.id.0.into(),
        day.into(),
        tx.actor().label.clone().into(),
        document.map(|id| id.0).into(),
    ];
    let id = allow!(unless(
        CONTRACTS.record(tx, said, day, None, at).await,
        &[("contract_number", "CONTRACT_NUMBER_TAKEN", Some("contractNumber"))],
    )?);
    let id = ContractId(id);
    let signed = contract::find(tx, tx.scope(), id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("contract", id, "signed").after(&signed).document(document.map(|id| id.0)));
    tx.emit(ContractsEvent::Signed { contract: id });
    Ok(Ok(()))
}
