use domain::DebtEvent;
use domain::access::Scope;
use domain::kernel::*;
use entities::debt::penalty::{self, Moratorium, NewMoratorium};
use entities::kernel::{Broken, Change, Tx};
use entities::subscribers::account;

use super::sees_all_of;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Records days without penalty, on a document. The next accrual takes back what was accrued for them.
pub async fn record_moratorium(tx: &mut Tx, new: NewMoratorium) -> Outcome<Moratorium> {
    if new.reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if new.to.is_some_and(|to| to <= new.from) {
        refuse!(Refusal::new("DATES_WRONG").at("to"));
    }
    let scope = tx.scope().clone();
    match new.account {
        Some(id) if account::find(tx, &scope, id).await?.is_none() => refuse!("NOT_FOUND"),
        Some(_) => {}
        None if scope != Scope::City && !new.sector.is_some_and(|sector| sees_all_of(&scope, sector)) => {
            refuse!(Refusal::new("NOT_FOUND").at("sector"))
        }
        None => {}
    }
    let id = allow!(unless(penalty::record_moratorium(tx, &new).await, &[])?);
    let row = penalty::moratorium(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("moratorium", id, "recorded").after(&row).document(Some(new.document.0)));
    tx.emit(DebtEvent::MoratoriumChanged { moratorium: id });
    Ok(Ok(row))
}

/// Takes a moratorium out of force for all of its days, on a document.
pub async fn withdraw_moratorium(tx: &mut Tx, id: MoratoriumId, document: DocumentId) -> Outcome<Moratorium> {
    let Some(before) = penalty::moratorium(tx, id).await? else { refuse!("NOT_FOUND") };
    let scope = tx.scope().clone();
    let sector = before.sector.as_deref().and_then(Sector::from_code);
    let mine = match before.account_id {
        Some(account) => account::find(tx, &scope, AccountId(account)).await?.is_some(),
        None => scope == Scope::City || sector.is_some_and(|sector| sees_all_of(&scope, sector)),
    };
    if !mine {
        refuse!("NOT_FOUND");
    }
    if !penalty::withdraw_moratorium(tx, id).await? {
        refuse!("MORATORIUM_WITHDRAWN");
    }
    let row = penalty::moratorium(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(
        Change::new("moratorium", id, "withdrawn").before(&before).after(&row).document(Some(document.0)),
    );
    tx.emit(DebtEvent::MoratoriumChanged { moratorium: id });
    Ok(Ok(row))
}
