use domain::ContractsEvent;
use domain::kernel::ContractId;
use entities::contracts::contract::{self, CONTRACTS, Contract};
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::subscribers::{account, holder};

use crate::contracts::inputs::ContractSignInput;
use crate::platform::graphql::Date;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::ops::open_day;
use crate::{allow, refuse};

/// Records a contract with the holder of an account.
pub async fn sign(tx: &mut Tx, input: ContractSignInput) -> Outcome<Contract> {
    let number = input.number.trim().to_owned();
    if number.is_empty() || number.chars().count() > 60 {
        refuse!(Refusal::new("NUMBER_WRONG").at("number"));
    }
    let Some(account) = account::lock(tx, input.account_id.0).await? else { refuse!("NO_SUCH_ACCOUNT") };
    let (from, to) = (input.from.0, input.to.and_then(Date::after));
    if to.is_some_and(|to| to <= from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    allow!(open_day(tx, Some(account.sector), from, "from").await?);
    let Some(holder) = holder::on(tx, from, vec![account.id]).await?.pop() else {
        refuse!(Refusal::new("NO_HOLDER").at("from"));
    };

    let at = bitemporal::moment(tx).await?;
    let said = [
        number.into(),
        input.kind.code().into(),
        account.id.0.into(),
        holder.party_id.0.into(),
        input.signed_on.0.into(),
        tx.actor().label.clone().into(),
        input.document_id.map(|id| id.0.0).into(),
    ];
    let id = allow!(unless(
        CONTRACTS.record(tx, said, from, to, at).await,
        &[
            ("contract_number", "CONTRACT_NUMBER_TAKEN", Some("number")),
            ("_excl", "CONTRACT_OVERLAPS", Some("from")),
        ],
    )?);
    let id = ContractId(id);
    let contract = contract::find(tx, tx.scope(), id).await?.ok_or(Broken::RecordNotInserted)?;
    let document = input.document_id.map(|id| id.0.0);
    tx.audit(Change::new("contract", id, "signed").after(&contract).document(document));
    tx.emit(ContractsEvent::Signed { contract: id });
    Ok(Ok(contract))
}
