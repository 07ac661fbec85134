//! Reverses payments, one or a whole file: their settlements are taken back, the sums are owed again, both rows stay.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::{post_offset, post_payment, reverse};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item::{self, Item};
use entities::ledger::period;
use entities::payments::payment::{self, Payment};
use entities::payments::write::{self, Posting, Settlement};
use entities::payments::{refund, transfer};

use super::record::clearing;
use super::unapply::{Ahead, Applications};
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
    let old = allow!(standing(tx, id).await?);
    let by = allow!(all(allow!(take_back(tx, std::slice::from_ref(&old), document, today).await?)))[0];
    tx.audit(
        Change::new("payment", id, "reverse")
            .after(serde_json::json!({ "by": by, "reason": reason.trim() }))
            .document(document.map(|d| d.0)),
    );
    let (account, amount) = (AccountId(old.account_id), Money::from_tiyn(old.amount));
    tx.emit(PaymentsEvent::Reversed { payment: id, account, amount });
    let scope = tx.scope().clone();
    let Some(old) = payment::visible_to(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    Ok(Ok(old))
}

/// A payment of the scope that may still be taken back, under a lock.
async fn standing(tx: &Tx, id: PaymentId) -> Outcome<Payment> {
    payment::lock(tx, &[id.0]).await?;
    let Some(old) = payment::visible_to(tx, tx.scope(), id).await? else { refuse!("NOT_FOUND") };
    if old.reversed {
        refuse!("PAYMENT_REVERSED");
    }
    if old.reverses.is_some() {
        refuse!("PAYMENT_IS_REVERSAL");
    }
    if old.at_desk {
        refuse!(Stays::OfDesk);
    }
    allow!(not_refunded(tx, id).await?);
    Ok(Ok(old))
}

/// What taking a payment back does.
pub struct Reversal {
    /// The month it is posted in.
    pub period: Period,
    /// What is owed again: settled by the payment, and by its advance since.
    pub parts: Vec<(Item, Money)>,
    /// What was ahead and is so no longer.
    pub advance: Money,
    /// What the account owes then.
    pub balance: Money,
}

/// Takes a payment back in a transaction that the caller rolls back, and says what became of it.
pub async fn preview_reversal(tx: &mut Tx, id: PaymentId, today: NaiveDate) -> Outcome<Reversal> {
    let old = allow!(standing(tx, id).await?);
    let account = AccountId(old.account_id);
    let made = [(account, old.id)];
    let applied = allow!(Applications::read(tx, "payment", &made).await?.take(old.id));
    let unused = |advance: &Ahead| Money::from_tiyn(advance.item.settled - advance.item.amount);
    let ahead: Money = applied.advances.iter().map(unused).sum();
    allow!(all(allow!(take_back(tx, std::slice::from_ref(&old), None, today).await?)));
    let Some(open) = period::posting_period(tx, today, sector(&old)?).await? else {
        refuse!("NO_OPEN_PERIOD")
    };
    let mut again: BTreeMap<i64, i64> = BTreeMap::new();
    for part in applied.own.iter().chain(applied.advances.iter().flat_map(|advance| &advance.offsets)) {
        *again.entry(part.open_item_id).or_default() += part.amount;
    }
    let keys = again.keys().map(|item| (old.account_id, *item)).collect();
    let parts = item::by_ids(tx, keys).await?.into_iter();
    let mut parts: Vec<_> =
        parts.filter_map(|item| again.get(&item.id).map(|sum| (item, Money::from_tiyn(*sum)))).collect();
    parts.sort_by_key(|(item, _)| (item.origin, item.id));
    let balance = item::balances(tx, &[(account, None)]).await?.pop();
    let balance = Money::from_tiyn(balance.map_or(0, |row| row.balance));
    Ok(Ok(Reversal { period: open.period, parts, advance: ahead, balance }))
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
    /// It was taken over the counter: the cash desk gives the money back, so that its drawer and books know.
    OfDesk,
    /// It stands on another account now.
    Moved(PaymentId),
    /// Money of it went back to its payer, or is about to.
    Refunded(PaymentId),
}

/// Whether no refund holds a payment where it is. Called when it is locked: whoever gives money of it back waits.
pub(super) async fn not_refunded(tx: &Tx, id: PaymentId) -> Result<Result<(), Stays>, Broken> {
    let held = refund::holding(tx, vec![id.0]).await?;
    Ok(if held.is_empty() { Ok(()) } else { Err(Stays::Refunded(id)) })
}

impl From<Stays> for Refusal {
    fn from(stays: Stays) -> Self {
        match stays {
            Stays::Reallocated(payment) => {
                Self::new("PAYMENT_REALLOCATED").with("payment", payment.to_string())
            }
            Stays::AdvanceUsed => Self::new("ADVANCE_USED"),
            Stays::OfDesk => Self::new("PAYMENT_OF_DESK"),
            Stays::Moved(payment) => Self::new("PAYMENT_MOVED").with("payment", payment.to_string()),
            Stays::Refunded(payment) => Self::new("PAYMENT_REFUNDED").with("payment", payment.to_string()),
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
    mirror(tx, payments, document, today, false).await
}

/// The same by a cash desk, of its own payments: the money goes back over the counter.
pub async fn take_back_of_desk(
    tx: &mut Tx,
    payments: &[Payment],
    today: NaiveDate,
) -> Outcome<Vec<Result<PaymentId, Stays>>> {
    mirror(tx, payments, None, today, true).await
}

async fn mirror(
    tx: &mut Tx,
    payments: &[Payment],
    document: Option<DocumentId>,
    today: NaiveDate,
    by_desk: bool,
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

    let made: Vec<_> = payments.iter().map(|one| (AccountId(one.account_id), one.id)).collect();
    let mut applications = Applications::read(tx, "payment", &made).await?;
    let moved = transfer::moved(tx, payments.iter().map(|one| one.id).collect()).await?;
    let refunded = refund::holding(tx, payments.iter().map(|one| one.id).collect()).await?;
    let ids: Vec<PaymentId> =
        write::reserve_ids(tx, payments.len()).await?.into_iter().map(PaymentId).collect();
    let (mut rows, mut back, mut entries, mut totals) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut done = Vec::with_capacity(payments.len());
    for (old, &id) in payments.iter().zip(&ids) {
        if old.at_desk && !by_desk {
            done.push(Err(Stays::OfDesk));
            continue;
        }
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
        let taken = if moved.contains(&old.id) {
            Err(Stays::Moved(PaymentId(old.id)))
        } else if refunded.contains(&old.id) {
            Err(Stays::Refunded(PaymentId(old.id)))
        } else {
            applications.take(old.id)
        };
        let applied = match taken {
            Ok(applied) => applied,
            Err(stays) => {
                done.push(Err(stays));
                continue;
            }
        };
        let at = Posting {
            period: month,
            sector,
            account,
            posted_on: today,
            source: "payment_reversal",
            source_id: id.0,
        };
        back.extend(applied.own.iter().map(|p| own(p.open_item_id, Money::from_tiyn(-p.amount))));
        let mut ahead = Money::ZERO;
        for advance in &applied.advances {
            let undo =
                |item, amount| settle("advance", advance.item.id, OpenItemId(item), Money::from_tiyn(amount));
            back.extend(advance.offsets.iter().map(|part| undo(part.open_item_id, -part.amount)));
            if advance.used != 0 {
                back.push(undo(advance.item.id, -advance.used));
            }
            let at = Posting { source: "advance", source_id: advance.item.id, ..at };
            let moved = reverse(&post_offset(account, &applications.covered(&advance.offsets)));
            entries.extend(moved.into_iter().map(|entry| (at, entry)));
            let left = advance.left();
            if !left.is_zero() {
                back.push(own(advance.item.id, -left));
            }
            ahead += left;
        }
        let agent = old.agent_id.map(AgentId);
        let clearing = clearing(&old.channel, agent);
        let mirrored = reverse(&post_payment(account, clearing, &applications.covered(&applied.own), ahead));
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
            agent,
            import_batch: None,
            reverses: Some(PaymentId(old.id)),
            document,
            target: None,
            paid_at: None,
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
