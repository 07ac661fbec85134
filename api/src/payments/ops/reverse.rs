//! Reverses payments, one or a whole file: their settlements are taken back, the sums are owed again, both rows stay.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::{LedgerAccount, post_payment, reverse};
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
    let by = allow!(take_back(tx, std::slice::from_ref(&old), document, today).await?)[0];
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
    allow!(take_back(tx, &standing, None, today).await?);
    write::release_keys(tx, &standing.iter().map(|one| one.id).collect::<Vec<_>>()).await?;
    let sum: Money = standing.iter().map(|one| Money::from_tiyn(one.amount)).sum();
    tx.audit(Change::bulk(
        "payment",
        "reverse",
        serde_json::json!({ "batch": file, "count": standing.len(), "sum": sum }),
    ));
    Ok(Ok(standing.len()))
}

/// Mirrors payments in the months open today; the reversals in the order of the payments. A few statements, however many.
async fn take_back(
    tx: &mut Tx,
    payments: &[Payment],
    document: Option<DocumentId>,
    today: NaiveDate,
) -> Outcome<Vec<PaymentId>> {
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
    let parts = settled.values().flatten().map(|part| (part.account_id, part.open_item_id));
    let parts: BTreeSet<(i64, i64)> = parts.collect();
    let mut items: HashMap<i64, item::Item> =
        item::by_ids(tx, parts.into_iter().collect()).await?.into_iter().map(|row| (row.id, row)).collect();
    let made: Vec<_> = payments.iter().map(|one| (AccountId(one.account_id), one.id)).collect();
    let advances = item::by_sources(tx, "payment", &made).await?;
    if advances.values().any(|advance| advance.settled != 0) {
        refuse!("ADVANCE_USED");
    }

    let ids: Vec<PaymentId> =
        write::reserve_ids(tx, payments.len()).await?.into_iter().map(PaymentId).collect();
    let (mut rows, mut back, mut entries, mut totals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (old, &id) in payments.iter().zip(&ids) {
        let (account, amount, sector) =
            (AccountId(old.account_id), Money::from_tiyn(old.amount), sector(old)?);
        let month = months[&sector];
        let settle = |item, amount| Settlement {
            account,
            item,
            period: month,
            amount,
            source: "payment_reversal",
            source_id: id.0,
        };
        let mut covered = Vec::new();
        for part in settled.remove(&old.id).unwrap_or_default() {
            let row = items
                .get_mut(&part.open_item_id)
                .ok_or_else(|| Broken::RecordNotFound("open item".into()))?;
            let service = row.service.as_deref().and_then(Service::from_code);
            let (Some(service), Some(component)) = (service, Component::from_code(&row.component)) else {
                continue;
            };
            row.settled -= part.amount;
            if row.settled < 0 {
                refuse!(Refusal::new("PAYMENT_REALLOCATED").with("payment", old.id));
            }
            covered.push((service, component, Money::from_tiyn(part.amount)));
            back.push(settle(OpenItemId(part.open_item_id), Money::from_tiyn(-part.amount)));
        }
        let advance = advances.get(&old.id);
        let ahead = advance.map_or(Money::ZERO, |advance| Money::from_tiyn(-advance.amount));
        if let Some(advance) = advance {
            back.push(settle(OpenItemId(advance.id), -ahead));
        }
        let clearing =
            if old.channel == "cash" { LedgerAccount::CashClearing } else { LedgerAccount::BankClearing };
        let at = Posting {
            period: month,
            sector,
            account,
            posted_on: today,
            source: "payment_reversal",
            source_id: id.0,
        };
        entries.extend(
            reverse(&post_payment(account, clearing, &covered, ahead)).into_iter().map(|entry| (at, entry)),
        );
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
    }
    write::payments(tx, &rows).await?;
    write::settlements(tx, &back).await?;
    write::entries(tx, &entries).await?;
    write::add_totals(tx, "payment", &totals).await?;
    Ok(Ok(ids))
}

fn sector(payment: &Payment) -> Result<Sector, Broken> {
    Sector::from_code(&payment.sector).ok_or_else(|| Broken::Custom(format!("sector {}", payment.sector)))
}
