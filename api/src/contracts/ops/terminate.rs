use domain::ContractsEvent;
use entities::contracts::contract::{self, Contract};
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::subscribers::account;

use crate::contracts::inputs::ContractTerminateInput;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::ops::open_day;
use crate::{allow, refuse};

/// Ends a contract after a day. Its id stays; what was known of it before stays readable.
pub async fn terminate(tx: &mut Tx, input: ContractTerminateInput) -> Outcome<Contract> {
    let id = input.id.0;
    let Some(seen) = contract::find(tx, tx.scope(), id).await? else { refuse!("NO_SUCH_CONTRACT") };
    let Some(account) = account::lock(tx, seen.account_id).await? else { refuse!("NO_SUCH_CONTRACT") };
    let before = contract::find(tx, tx.scope(), id).await?.ok_or(Broken::RecordNotUpdated)?;
    if before.version != input.expected_version {
        refuse!("CONFLICT");
    }
    let Some(day) = input.on.after() else { refuse!(Refusal::new("DATES_WRONG").at("on")) };
    if day <= before.from {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("on"));
    }
    if before.to.is_some_and(|to| day > to) {
        refuse!(Refusal::new("CONTRACT_ENDED").at("on"));
    }
    allow!(open_day(tx, Some(account.sector), day, "on").await?);

    let at = bitemporal::moment(tx).await?;
    let document = input.document_id.map(|id| id.0);
    allow!(unless(contract::end(tx, id, Some(day), document, at).await, &[])?);
    let after = contract::find(tx, tx.scope(), id).await?.ok_or(Broken::RecordNotUpdated)?;
    let change = Change::new("contract", id, "terminated").before(&before).after(&after);
    tx.audit(change.document(document.map(|d| d.0)));
    tx.emit(ContractsEvent::Terminated { contract: id });
    Ok(Ok(after))
}
