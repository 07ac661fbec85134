//! Write-off of hopeless debts: an order on a document, two people; the sums stay off-balance and may come back.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::DebtEvent;
use domain::debt::WriteOffState;
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::debt::claim;
use entities::debt::write_off::{self, WriteOff};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item;
use entities::subscribers::account;
use serde_json::json;

use crate::payments::ops::{Adjustment, adjust};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Items in one order.
const MOST: usize = 1_000;

/// Proposes to give up what is still owed of items. Nothing is posted until a second person agrees.
pub async fn propose_write_off(
    tx: &mut Tx,
    items: &[(AccountId, OpenItemId)],
    reason: &str,
    document: DocumentId,
) -> Outcome<WriteOff> {
    if reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if items.is_empty() || items.len() > MOST {
        refuse!(Refusal::new("WRITE_OFF_ITEMS").at("items").with("most", MOST));
    }
    let scope = tx.scope().clone();
    let accounts: BTreeSet<AccountId> = items.iter().map(|item| item.0).collect();
    let found = account::by_ids(tx, accounts.iter().copied().collect()).await?;
    if found.len() != accounts.len() || found.iter().any(|row| !row.in_scope(&scope)) {
        refuse!("NOT_FOUND");
    }
    let accounts: Vec<i64> = accounts.iter().map(|id| id.0).collect();
    let owed: HashMap<(i64, i64), Money> = item::lock_payable(tx, &accounts)
        .await?
        .into_iter()
        .filter(|row| row.amount > 0 && row.service.is_some())
        .map(|row| ((row.account_id, row.id), Money::from_tiyn(row.amount - row.settled)))
        .collect();
    let chosen: BTreeSet<(AccountId, OpenItemId)> = items.iter().copied().collect();
    let mut rows = Vec::with_capacity(chosen.len());
    for (account, item) in chosen {
        let Some(rest) = owed.get(&(account.0, item.0)) else {
            refuse!(Refusal::new("NOTHING_OWED").at("items"))
        };
        rows.push((account, item, *rest));
    }
    let named: Vec<_> = rows.iter().map(|row| (row.0, row.1)).collect();
    if claim::held(tx, &named).await? > 0 {
        refuse!(Refusal::new("CLAIM_HOLDS").at("items"));
    }
    let id = allow!(unless(write_off::propose(tx, document, reason.trim(), &rows).await, &[])?);
    let row = write_off::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("write_off", id, "proposed").after(&row).document(Some(document.0)));
    tx.emit(DebtEvent::WriteOffChanged { write_off: id });
    Ok(Ok(row))
}

/// Agrees to an order, which posts it, or declines it. Never by who proposed it.
pub async fn decide_write_off(
    tx: &mut Tx,
    id: WriteOffId,
    agreed: bool,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<WriteOff> {
    let scope = tx.scope().clone();
    let Some(before) = write_off::lock(tx, id).await? else { refuse!("NOT_FOUND") };
    if write_off::items(tx, &scope, id).await?.len() as i64 != write_off::count(tx, id).await? {
        refuse!("NOT_FOUND");
    }
    if before.state != WriteOffState::Proposed.code() {
        refuse!("WRITE_OFF_DECIDED");
    }
    if before.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    if agreed {
        allow!(give_up(tx, id, today, known_at).await?);
        write_off::keep_off_balance(tx, id, today).await?;
    }
    let state = if agreed { WriteOffState::Posted } else { WriteOffState::Declined };
    write_off::decide(tx, id, state).await?;
    let row = write_off::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    let action = if agreed { "posted" } else { "declined" };
    tx.audit(
        Change::new("write_off", id, action).before(&before).after(&row).document(Some(row.document_id)),
    );
    tx.emit(DebtEvent::WriteOffChanged { write_off: id });
    Ok(Ok(row))
}

async fn give_up(tx: &mut Tx, id: WriteOffId, today: NaiveDate, known_at: DateTime<Utc>) -> Outcome<()> {
    let scope = tx.scope().clone();
    // Locked before they are read: nobody pays between the look and the posting.
    let accounts: BTreeSet<i64> =
        write_off::items(tx, &scope, id).await?.iter().map(|item| item.account_id).collect();
    item::lock_all_of(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
    let rows = write_off::items(tx, &scope, id).await?;
    let named: Vec<_> =
        rows.iter().map(|row| (AccountId(row.account_id), OpenItemId(row.open_item_id))).collect();
    if claim::held(tx, &named).await? > 0 {
        refuse!("CLAIM_HOLDS");
    }
    let mut credits = Vec::new();
    for item in rows {
        if item.rest < item.amount {
            refuse!("WRITE_OFF_CHANGED");
        }
        credits.push(allow!(adjustment(
            item.account_id,
            &item.sector,
            (item.service.as_deref(), &item.component),
            (item.origin, item.due_on),
            -item.amount,
        )));
    }
    adjust(tx, AdjustmentSource::WriteOff, id.0, &credits, today, known_at).await.map(|done| done.map(drop))
}

fn adjustment(
    account: i64,
    sector: &str,
    (service, component): (Option<&str>, &str),
    (origin, due_on): (NaiveDate, NaiveDate),
    tiyn: i64,
) -> Result<Adjustment, Refusal> {
    let unknown = || Refusal::new("NOTHING_OWED");
    Ok(Adjustment {
        account: AccountId(account),
        sector: Sector::from_code(sector).ok_or_else(unknown)?,
        service: service.and_then(Service::from_code).ok_or_else(unknown)?,
        component: Component::from_code(component).ok_or_else(unknown)?,
        origin: Period::of(origin),
        due_on,
        net: Money::from_tiyn(tiyn),
        vat: Money::ZERO,
    })
}

/// What an order gave up of an account is owed again, on a document: the debtor was found, or paid a part.
pub async fn revive(
    tx: &mut Tx,
    id: WriteOffId,
    account: AccountId,
    document: DocumentId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<WriteOff> {
    let scope = tx.scope().clone();
    let Some(owner) = account::find(tx, &scope, account).await? else { refuse!("NOT_FOUND") };
    let Some(order) = write_off::lock(tx, id).await? else { refuse!("NOT_FOUND") };
    let revived = allow!(unless(write_off::revive(tx, id, account, document, today).await, &[])?);
    if revived.is_empty() {
        refuse!("NOTHING_OFF_BALANCE");
    }
    let mut again = Vec::with_capacity(revived.len());
    for row in &revived {
        let of = (Some(row.service.as_str()), row.component.as_str());
        let sector = owner.sector.code();
        again.push(allow!(adjustment(account.0, sector, of, (row.origin, row.due_on), row.amount)));
    }
    allow!(adjust(tx, AdjustmentSource::WriteOff, id.0, &again, today, known_at).await?);
    let sum: Money = revived.iter().map(|row| Money::from_tiyn(row.amount)).sum();
    tx.audit(
        Change::new("write_off", id, "revived")
            .after(json!({ "account": account, "sum": sum }))
            .document(Some(document.0)),
    );
    tx.emit(DebtEvent::Revived { account });
    Ok(Ok(order))
}
