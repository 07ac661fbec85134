//! Balances that move between accounts: on a document, by one person or two, in pairs, and back as a whole.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::{AdjustmentSource, HeldBy};
use domain::payments::{Open, TransferKind, TransferState, carry_over};
use domain::subscribers::Fraction;
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item::{self, Item};
use entities::payments::transfer::{self, NewTransfer, Part, Transfer};
use entities::payments::{earmark, payment};
use entities::subscribers::account;
use entities::tariffs;

use super::move_payment::{post_move, undo_move};
use super::{Adjustment, adjust};
use crate::platform::clock::Clock;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What is to move.
#[derive(Debug, Clone)]
pub struct Moving {
    pub from: AccountId,
    pub to: AccountId,
    /// Debts by their items; all of them where none are named and no advance is.
    pub items: Vec<OpenItemId>,
    /// Of what is paid ahead.
    pub advance: Option<Money>,
    pub document: DocumentId,
    pub reason: String,
}

/// Moves debts or an advance to another account; above the setting, or where the utility's own people are concerned, it waits for
/// a second person.
pub async fn create_transfer(tx: &mut Tx, moving: Moving, clock: &Clock) -> Outcome<Transfer> {
    if moving.reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if moving.from == moving.to {
        refuse!(Refusal::new("TRANSFER_TO_ITSELF").at("toId"));
    }
    if entities::archive::find(tx, moving.document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let scope = tx.scope().clone();
    for (id, field) in [(moving.from, "fromId"), (moving.to, "toId")] {
        if account::find(tx, &scope, id).await?.is_none() {
            refuse!(Refusal::new("NO_SUCH_ACCOUNT").at(field));
        }
    }
    let (open, _) = payable(tx, moving.from).await?;
    let chosen = allow!(chosen(&open, &moving));
    let whole = [Fraction { numerator: 1, denominator: 1 }];
    let parts = parts_of(&open, &chosen, moving.from, &[moving.to], &whole);
    if parts.is_empty() {
        refuse!("NOTHING_TO_TRANSFER");
    }
    allow!(free(tx, &parts, false).await?);
    let second = allow!(second_person(tx, &parts, clock).await?);
    let waiting = !second.is_empty();
    let new = NewTransfer {
        kind: TransferKind::Balance,
        state: if waiting { TransferState::Waiting } else { TransferState::Posted },
        document: moving.document,
        reason: moving.reason.trim().to_owned(),
        second,
        proposed_by: tx.actor().label.clone(),
        decided_by: None,
    };
    let id = allow!(unless(transfer::insert(tx, &new, &parts).await, &[])?);
    if !waiting {
        allow!(post(tx, id, &parts, false, clock.today(), clock.now()).await?);
    }
    told(tx, id, if waiting { "proposed" } else { "posted" }, moving.document).await.map(Ok)
}

/// Moves everything that is open on an account over to others by shares, within the caller's act that two people stand for.
pub async fn carry(
    tx: &mut Tx,
    from: &[AccountId],
    to: &[(AccountId, Fraction)],
    new: NewTransfer,
    clock: &Clock,
) -> Outcome<Option<Transfer>> {
    let accounts: Vec<AccountId> = to.iter().map(|(id, _)| *id).collect();
    let shares: Vec<Fraction> = to.iter().map(|(_, share)| *share).collect();
    let mut parts = Vec::new();
    for &giving in from {
        let (open, tied) = payable(tx, giving).await?;
        if tied {
            refuse!("ADVANCE_TIED");
        }
        let all: Vec<Open> = open.iter().map(rest).collect();
        parts.extend(parts_of(&open, &all, giving, &accounts, &shares));
    }
    if parts.is_empty() {
        return Ok(Ok(None));
    }
    allow!(free(tx, &parts, false).await?);
    let document = new.document;
    let id = transfer::insert(tx, &new, &parts).await?;
    allow!(post(tx, id, &parts, false, clock.today(), clock.now()).await?);
    told(tx, id, "posted", document).await.map(|row| Ok(Some(row)))
}

/// Agrees to a transfer, which posts it, or declines it; never by who proposed it.
pub async fn decide_transfer(tx: &mut Tx, id: TransferId, agreed: bool, clock: &Clock) -> Outcome<Transfer> {
    let Some(before) = found(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if before.state != TransferState::Waiting {
        refuse!("TRANSFER_DECIDED");
    }
    if before.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    let document = DocumentId(before.document_id);
    if agreed && before.kind == TransferKind::Payment {
        allow!(post_move(tx, &before, clock).await?);
    }
    transfer::decide(tx, id, if agreed { TransferState::Posted } else { TransferState::Declined }).await?;
    if agreed && before.kind != TransferKind::Payment {
        let parts = transfer::parts(tx, id).await?;
        // Locked before they are looked at: nobody pays between the look and the posting.
        let giving: BTreeSet<i64> = parts.iter().map(|part| part.from_account.0).collect();
        item::lock_all_of(tx, &giving.into_iter().collect::<Vec<_>>()).await?;
        if transfer::changed(tx, id).await? > 0 {
            refuse!("TRANSFER_CHANGED");
        }
        allow!(free(tx, &parts, false).await?);
        allow!(post(tx, id, &parts, false, clock.today(), clock.now()).await?);
    }
    told(tx, id, if agreed { "confirmed" } else { "declined" }, document).await.map(Ok)
}

/// Takes a posted transfer back as a whole: the same sums the other way, into the open month.
pub async fn reverse_transfer(
    tx: &mut Tx,
    id: TransferId,
    document: DocumentId,
    clock: &Clock,
) -> Outcome<Transfer> {
    let Some(before) = found(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if before.state != TransferState::Posted {
        refuse!("TRANSFER_DECIDED");
    }
    if before.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    if entities::archive::find(tx, document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    if before.kind == TransferKind::Payment {
        allow!(undo_move(tx, &before, clock).await?);
        transfer::reversed(tx, id, document).await?;
        return told(tx, id, "reversed", document).await.map(Ok);
    }
    return_carried(tx, id, document, clock).await
}

/// Posts the same sums the other way, within the caller's act that two people stand for.
pub async fn return_carried(
    tx: &mut Tx,
    id: TransferId,
    document: DocumentId,
    clock: &Clock,
) -> Outcome<Transfer> {
    let parts = transfer::parts(tx, id).await?;
    let taking: BTreeSet<i64> = parts.iter().map(|part| part.to_account.0).collect();
    item::lock_all_of(tx, &taking.into_iter().collect::<Vec<_>>()).await?;
    allow!(free(tx, &parts, true).await?);
    allow!(post(tx, id, &parts, true, clock.today(), clock.now()).await?);
    transfer::reversed(tx, id, document).await?;
    told(tx, id, "reversed", document).await.map(Ok)
}

/// Under a lock, and only for who reaches all of its accounts.
async fn found(tx: &Tx, id: TransferId) -> Result<Option<Transfer>, Broken> {
    let Some(row) = transfer::lock(tx, id).await? else { return Ok(None) };
    let parts = transfer::parts(tx, id).await?;
    let moved = payment::account_of(tx, row.payment_id.map(PaymentId)).await?;
    let ids: BTreeSet<AccountId> = parts
        .iter()
        .flat_map(|part| [part.from_account, part.to_account])
        .chain(row.to_account.map(AccountId))
        .chain(moved)
        .collect();
    let rows = account::by_ids(tx, ids.into_iter().collect()).await?;
    Ok(rows.iter().all(|account| account.in_scope(tx.scope())).then_some(row))
}

async fn told(
    tx: &mut Tx,
    id: TransferId,
    action: &'static str,
    document: DocumentId,
) -> Result<Transfer, Broken> {
    let row = transfer::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("transfer", id, action).after(&row).document(Some(document.0)));
    tx.emit(PaymentsEvent::TransferChanged { transfer: id });
    Ok(row)
}

/// What is open of an account under a lock, and whether money that is tied to its debts stays behind.
async fn payable(tx: &Tx, account: AccountId) -> Result<(Vec<Item>, bool), Broken> {
    let mut open = item::lock_payable(tx, &[account.0]).await?;
    let tied = earmark::items(tx, open.iter().filter_map(|row| row.earmark_id).collect()).await?;
    let count = open.len();
    open.retain(|row| row.earmark_id.is_none_or(|id| !tied.contains_key(&EarmarkId(id))));
    let stays = open.len() < count;
    Ok((open, stays))
}

fn rest(row: &Item) -> Open {
    Open { id: OpenItemId(row.id), rest: Money::from_tiyn(row.amount - row.settled) }
}

/// What of the open items moves: those named, or all debts; of an advance as much as was said, the oldest first.
fn chosen(open: &[Item], moving: &Moving) -> Result<Vec<Open>, Refusal> {
    let mut chosen: Vec<Open> = Vec::new();
    let owed = || open.iter().filter(|row| row.amount > 0 && row.service.is_some());
    if moving.items.is_empty() && moving.advance.is_none() {
        chosen.extend(owed().map(rest));
    }
    for id in moving.items.iter().collect::<BTreeSet<_>>() {
        let Some(row) = owed().find(|row| row.id == id.0) else {
            return Err(Refusal::new("NOTHING_OWED").at("items"));
        };
        chosen.push(rest(row));
    }
    if let Some(advance) = moving.advance {
        let mut left = advance;
        for row in open.iter().filter(|row| row.amount < 0) {
            let part = left.min(-rest(row).rest);
            if part.is_positive() {
                chosen.push(Open { id: OpenItemId(row.id), rest: -part });
                left -= part;
            }
        }
        if !advance.is_positive() || !left.is_zero() {
            return Err(Refusal::new("ADVANCE_TOO_SMALL").at("advance"));
        }
    }
    Ok(chosen)
}

/// The parts of what is chosen. A debt keeps its service, component, month and due day: neither its age nor its limitation begins anew.
/// From which day whoever takes it over is late is no part of it: that of the posting, up to which the account that gives bears penalty.
fn parts_of(
    open: &[Item],
    chosen: &[Open],
    from: AccountId,
    to: &[AccountId],
    shares: &[Fraction],
) -> Vec<Part> {
    let rows: HashMap<i64, &Item> = open.iter().map(|row| (row.id, row)).collect();
    carry_over(chosen, shares)
        .into_iter()
        .filter_map(|carried| {
            let row = rows.get(&carried.item.0)?;
            Some(Part {
                from_account: from,
                to_account: to[carried.to],
                open_item_id: row.id,
                service: row.service.clone(),
                component: row.component.clone(),
                origin: row.origin,
                due_on: row.due_on,
                amount: carried.amount.tiyn(),
            })
        })
        .collect()
}

/// Whether nothing holds the debts where they are: what is disputed, paid by instalments or claimed stays until that is over. Called when
/// the items are locked; taken back, they leave the account that took them over.
async fn free(tx: &Tx, parts: &[Part], back: bool) -> Outcome<()> {
    let owed = parts.iter().filter_map(|part| {
        let account = if back { part.to_account } else { part.from_account };
        Some((account, part.service.as_deref()?, part.component.as_str(), part.origin))
    });
    let Some(held) = item::held(tx, owed).await? else { return Ok(Ok(())) };
    let refusal = match held.held_by {
        HeldBy::Dispute => Refusal::new("ITEM_DISPUTED"),
        HeldBy::Plan => Refusal::new("ITEM_IN_PLAN"),
        HeldBy::Claim => Refusal::new("ITEM_CLAIMED"),
    };
    let period = Period::of(held.origin);
    refuse!(refusal.with("account", held.number).with("period", period).with("number", held.held_id))
}

/// Why one person is not enough.
async fn second_person(tx: &Tx, parts: &[Part], clock: &Clock) -> Outcome<Vec<String>> {
    let today = clock.today();
    let book = tariffs::book_of(tx, Period::of(today), clock.now()).await?;
    let limit = match book.methods.transfer_alone(today) {
        Ok(limit) => limit.value,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    let accounts: Vec<AccountId> =
        parts.iter().flat_map(|part| [part.from_account, part.to_account]).collect();
    let sum: Money = parts.iter().map(|part| Money::from_tiyn(part.amount.abs())).sum();
    let mut reasons = Vec::new();
    if sum > limit {
        reasons.push("limit".to_owned());
    }
    if transfer::of_staff(tx, &accounts).await? {
        reasons.push("staff".to_owned());
    }
    Ok(Ok(reasons))
}

/// Both sides of every part. An advance has no service: on both accounts it passes through water, which it leaves as it was.
async fn post(
    tx: &mut Tx,
    id: TransferId,
    parts: &[Part],
    back: bool,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<()> {
    let ids: BTreeSet<AccountId> =
        parts.iter().flat_map(|part| [part.from_account, part.to_account]).collect();
    let sectors: HashMap<AccountId, Sector> = account::by_ids(tx, ids.into_iter().collect())
        .await?
        .into_iter()
        .map(|row| (row.id, row.sector))
        .collect();
    let mut rows = Vec::with_capacity(parts.len() * 2);
    for part in parts {
        let unknown = || Broken::Custom(format!("{part:?} is of no known service"));
        let (service, component, origin) = match part.service.as_deref() {
            Some(service) => (
                Service::from_code(service).ok_or_else(unknown)?,
                Component::from_code(&part.component).ok_or_else(unknown)?,
                Period::of(part.origin),
            ),
            None => (Service::Water, Component::Charge, Period::of(today)),
        };
        let amount = Money::from_tiyn(if back { -part.amount } else { part.amount });
        for (account, net) in [(part.from_account, -amount), (part.to_account, amount)] {
            rows.push(Adjustment {
                account,
                sector: *sectors.get(&account).ok_or_else(unknown)?,
                service,
                component,
                origin,
                due_on: part.due_on,
                net,
                vat: Money::ZERO,
            });
        }
    }
    adjust(tx, AdjustmentSource::Transfer, id.0, &rows, today, known_at).await.map(|done| done.map(drop))
}
