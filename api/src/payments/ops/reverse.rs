//! Reverses payments, one or a whole file: their settlements are taken back, the sums are owed again, both rows stay.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::{LedgerAccount, post_offset, post_payment, reverse};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::{item, period};
use entities::payments::payment::{self, Payment};
use entities::payments::write::{self, Posting, Settlement};

use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

pub async fn reverse_payment(
    tx: &mut Tx,
    id: PaymentId,
    reason: &str,
    document: Option<DocumentId>,
    today: NaiveDate,
) -> Outcome<Payment> {
    if reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    let scope = tx.scope().clone();
    payment::lock(tx, &[id.0]).await?;
    let Some(old) = payment::visible_to(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    if old.reversed {
        refuse!("PAYMENT_REVERSED");
    }
    if old.reverses.is_some() {
        refuse!("PAYMENT_IS_REVERSAL");
    }
    let by = allow!(all(allow!(take_back(tx, std::slice::from_ref(&old), document, today).await?)))[0];
    tx.audit(
        Change::new("payment", id, "reverse")
            .after(serde_json::json!({ "by": by, "reason": reason.trim() }))
            .document(document.map(|d| d.0)),
    );
    let (account, amount) = (AccountId(old.account_id), Money::from_tiyn(old.amount));
    tx.emit(PaymentsEvent::Reversed { payment: id, account, amount });
    let Some(old) = payment::visible_to(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    Ok(Ok(old))
}

/// Reverses what still stands of a file's payments and frees their keys: mended, the file may come again. How many.
pub async fn reverse_file(tx: &mut Tx, file: ImportBatchId, today: NaiveDate) -> Outcome<usize> {
    payment::lock_batch(tx, file).await?;
    let standing = payment::of_batch(tx, file).await?;
    allow!(all(allow!(take_back(tx, &standing, None, today).await?)));
    write::release_keys(tx, &standing.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
    let sum: Money = standing.iter().map(|one| Money::from_tiyn(one.amount)).sum();
    tx.audit(Change::bulk(
        "payment",
        "reverse",
        serde_json::json!({ "batch": file, "count": standing.len(), "sum": sum }),
    ));
    Ok(Ok(standing.len()))
}

/// Why a payment can't be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// What it had settled was settled anew meanwhile.
    Reallocated(PaymentId),
    /// What was left of it went elsewhere than to what its account owes.
    AdvanceUsed,
}

impl From<Stays> for Refusal {
    fn from(stays: Stays) -> Self {
        match stays {
            Stays::Reallocated(payment) => Self::new("PAYMENT_REALLOCATED").with("payment", payment),
            Stays::AdvanceUsed => Self::new("ADVANCE_USED"),
        }
    }
}

/// All of them, or the first that stays.
fn all(done: Vec<Result<PaymentId, Stays>>) -> Result<Vec<PaymentId>, Stays> {
    done.into_iter().collect()
}

/// Mirrors payments in the months open today; the reversals in the order of the payments, or why one stays, of which then nothing is
/// written. What their advances have covered since is owed again. A few statements, however many. They are locked by the caller.
pub async fn take_back(
    tx: &mut Tx,
    payments: &[Payment],
    document: Option<DocumentId>,
    today: NaiveDate,
) -> Outcome<Vec<Result<PaymentId, Stays>>> {
    let mut months = HashMap::new();
    for one in payments {
        let sector = sector(one)?;
        if let std::collections::hash_map::Entry::Vacant(free) = months.entry(sector) {
            let Some(open) = period::posting_period(tx, today, sector).await? else {
                refuse!("NO_OPEN_PERIOD")
            };
            free.insert(open.period);
        }
    }

    // The rows are locked before they are read: a payment of the same account waits.
    let accounts: BTreeSet<i64> = payments.iter().map(|one| one.account_id).collect();
    item::lock_all_of(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
    let mut settled: HashMap<i64, Vec<payment::Settled>> = HashMap::new();
    for part in payment::settled_by(tx, payments.iter().map(|one| one.id).collect()).await? {
        settled.entry(part.payment_id).or_default().push(part);
    }
    let made: Vec<_> = payments.iter().map(|one| (AccountId(one.account_id), one.id)).collect();
    let advances = item::by_sources(tx, "payment", &made).await?;
    let mut offset: HashMap<i64, Vec<payment::Settled>> = HashMap::new();
    for part in payment::offset_by(tx, advances.values().map(|advance| advance.id).collect()).await? {
        offset.entry(part.payment_id).or_default().push(part);
    }
    let parts = settled.values().chain(offset.values()).flatten();
    let parts: BTreeSet<(i64, i64)> = parts.map(|part| (part.account_id, part.open_item_id)).collect();
    let mut items: HashMap<i64, item::Item> =
        item::by_ids(tx, parts.into_iter().collect()).await?.into_iter().map(|row| (row.id, row)).collect();

    let ids: Vec<PaymentId> =
        write::reserve_ids(tx, payments.len()).await?.into_iter().map(PaymentId).collect();
    let (mut rows, mut back, mut entries, mut totals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut done = Vec::with_capacity(payments.len());
    for (old, &id) in payments.iter().zip(&ids) {
        let (account, amount, sector) =
            (AccountId(old.account_id), Money::from_tiyn(old.amount), sector(old)?);
        let month = months[&sector];
        let settle = |source, source_id, item, amount| Settlement {
            account,
            item,
            period: month,
            valid_on: today,
            amount,
            source,
            source_id,
        };
        let own = |item, amount| settle("payment_reversal", id.0, OpenItemId(item), amount);
        let advance = advances.get(&old.id);
        let offsets = advance.and_then(|advance| offset.remove(&advance.id)).unwrap_or_default();
        // What covered items is told apart from what it took off the advance itself.
        let (used, offsets): (Vec<_>, Vec<_>) =
            offsets.into_iter().partition(|part| advance.is_some_and(|one| one.id == part.open_item_id));
        let used: i64 = used.iter().map(|part| part.amount).sum();
        if advance.is_some_and(|one| one.settled != used) {
            done.push(Err(Stays::AdvanceUsed));
            continue;
        }
        let of_payment = settled.remove(&old.id).unwrap_or_default();
        let mut taken: HashMap<i64, i64> = HashMap::new();
        for part in of_payment.iter().chain(&offsets) {
            *taken.entry(part.open_item_id).or_default() += part.amount;
        }
        let enough = |(item, taken): (&i64, &i64)| items.get(item).is_some_and(|row| row.settled >= *taken);
        if !taken.iter().all(enough) {
            done.push(Err(Stays::Reallocated(PaymentId(old.id))));
            continue;
        }
        for (item, taken) in &taken {
            items.entry(*item).and_modify(|row| row.settled -= taken);
        }
        let covered = |parts: &[payment::Settled]| {
            let of_part = |part: &payment::Settled| {
                let row = &items[&part.open_item_id];
                let service = row.service.as_deref().and_then(Service::from_code)?;
                Some((service, Component::from_code(&row.component)?, Money::from_tiyn(part.amount)))
            };
            parts.iter().filter_map(of_part).collect::<Vec<_>>()
        };
        let at = Posting {
            period: month,
            sector,
            account,
            posted_on: today,
            source: "payment_reversal",
            source_id: id.0,
        };
        back.extend(of_payment.iter().map(|p| own(p.open_item_id, Money::from_tiyn(-p.amount))));
        let ahead = advance.map_or(Money::ZERO, |advance| Money::from_tiyn(-advance.amount));
        if let Some(advance) = advance {
            let undo =
                |item, amount| settle("advance", advance.id, OpenItemId(item), Money::from_tiyn(amount));
            back.extend(offsets.iter().map(|part| undo(part.open_item_id, -part.amount)));
            if used != 0 {
                back.push(undo(advance.id, -used));
            }
            let at = Posting { source: "advance", source_id: advance.id, ..at };
            let moved = reverse(&post_offset(account, &covered(&offsets)));
            entries.extend(moved.into_iter().map(|entry| (at, entry)));
            back.push(own(advance.id, -ahead));
        }
        let clearing =
            if old.channel == "cash" { LedgerAccount::CashClearing } else { LedgerAccount::BankClearing };
        let mirrored = reverse(&post_payment(account, clearing, &covered(&of_payment), ahead));
        entries.extend(mirrored.into_iter().map(|entry| (at, entry)));
        totals.push((account, month, sector, amount));
        rows.push(write::NewPayment {
            id,
            account,
            sector,
            period: month,
            channel: old.channel.clone(),
            external_id: format!("reversal of {}", old.id),
            amount,
            paid_on: today,
            import_batch: None,
            reverses: Some(PaymentId(old.id)),
            document,
        });
        done.push(Ok(id));
    }
    write::payments(tx, &rows).await?;
    write::settlements(tx, &back).await?;
    write::entries(tx, &entries).await?;
    write::add_totals(tx, "payment", &totals).await?;
    Ok(Ok(done))
}

fn sector(payment: &Payment) -> Result<Sector, Broken> {
    Sector::from_code(&payment.sector).ok_or_else(|| Broken::Custom(format!("sector {}", payment.sector)))
}
