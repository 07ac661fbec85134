//! Allocates a payment anew: what it covered is owed again and it covers what it is for, as new rows under its own number.

use std::collections::{BTreeMap, HashMap};

use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::post_offset;
use domain::payments::PaymentTarget;
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item;
use entities::ledger::period::{self, OpenPeriod};
use entities::payments::payment::{self, Payment};
use entities::payments::reallocation::{self, NewReallocation, Reallocation};
use entities::payments::transfer;
use entities::payments::write::{self, NewItem, Posting, Settlement};
use entities::tariffs;

use super::allocate::{Owed, Part, covered};
use super::reverse::not_refunded;
use super::unapply::{Applications, Applied};
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What is to be allocated anew.
#[derive(Debug, Clone)]
pub struct Reallocating {
    pub payment: PaymentId,
    /// None is by the policy.
    pub target: Option<PaymentTarget>,
    pub document: DocumentId,
    pub reason: String,
}

/// The whole of the payment, what its advance has covered since included. Refused where nothing would change.
pub async fn reallocate(tx: &mut Tx, asked: Reallocating, clock: &Clock) -> Outcome<Reallocation> {
    if asked.reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if entities::archive::find(tx, asked.document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let (payment, open) = allow!(standing(tx, asked.payment, clock).await?);
    let (account, amount) = (AccountId(payment.account_id), Money::from_tiyn(payment.amount));
    let mut applications = Applications::read(tx, "payment", &[(account, payment.id)]).await?;
    let applied = allow!(applications.take(payment.id));
    let before = coverage(&applied);
    let at = posting(&payment, open, "payment", payment.id);
    let apart = applications.apart(&applied, at, payment.paid_on);
    write::settlements(tx, &apart.settlements).await?;
    write::entries(tx, &apart.entries).await?;

    let parts = allow!(cover(tx, at, payment.paid_on, amount, asked.target, clock).await?);
    let after = parts.iter().fold(BTreeMap::new(), |mut sums: BTreeMap<i64, i64>, part| {
        *sums.entry(part.item.0).or_default() += part.amount.tiyn();
        sums
    });
    let moved: i64 = after.iter().map(|(item, sum)| (sum - before.get(item).unwrap_or(&0)).max(0)).sum();
    let freed: i64 = before.iter().map(|(item, sum)| (sum - after.get(item).unwrap_or(&0)).max(0)).sum();
    if moved.max(freed) == 0 {
        refuse!("NOTHING_TO_REALLOCATE");
    }
    let target = asked.target.map(|target| target.to_string());
    reallocation::retarget(tx, asked.payment, target.clone()).await?;
    let new = NewReallocation {
        payment: asked.payment,
        target,
        moved: Money::from_tiyn(moved.max(freed)),
        document: asked.document,
        reason: asked.reason.trim().to_owned(),
    };
    let done = reallocation::insert(tx, &new).await?;
    tx.audit(
        Change::new("payment", asked.payment, "reallocate")
            .before(serde_json::json!({ "covers": before }))
            .after(serde_json::json!({ "covers": after, "reason": new.reason, "target": new.target }))
            .document(Some(asked.document.0)),
    );
    tx.emit(PaymentsEvent::Reallocated { payment: asked.payment, account });
    Ok(Ok(done))
}

/// The payment under a lock, if it stands and is where it was credited, and the month that acts on it are posted in.
pub(super) async fn standing(tx: &mut Tx, id: PaymentId, clock: &Clock) -> Outcome<(Payment, OpenPeriod)> {
    let scope = tx.scope().clone();
    payment::lock(tx, &[id.0]).await?;
    let Some(found) = payment::visible_to(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    if found.reversed {
        refuse!("PAYMENT_REVERSED");
    }
    if found.reverses.is_some() {
        refuse!("PAYMENT_IS_REVERSAL");
    }
    if !transfer::moved(tx, vec![id.0]).await?.is_empty() {
        refuse!(Refusal::new("PAYMENT_MOVED").with("payment", id.to_string()));
    }
    allow!(not_refunded(tx, id).await?);
    let sector =
        Sector::from_code(&found.sector).ok_or_else(|| Broken::Custom(format!("sector {}", found.sector)))?;
    let Some(open) = period::posting_period(tx, clock.today(), sector).await? else {
        refuse!("NO_OPEN_PERIOD")
    };
    Ok(Ok((found, open)))
}

/// Where rows of an act on a payment belong: into the open month, on the payer's day.
pub(super) fn posting(payment: &Payment, open: OpenPeriod, source: &'static str, id: i64) -> Posting {
    Posting {
        period: open.period,
        sector: open.sector,
        account: AccountId(payment.account_id),
        posted_on: payment.paid_on,
        source,
        source_id: id,
    }
}

/// Covers what an account owes with a credit that stands in the ledger as paid ahead: settlements, entries, and an advance of what is
/// left, all of one source.
pub(super) async fn cover(
    tx: &mut Tx,
    at: Posting,
    valid_on: chrono::NaiveDate,
    amount: Money,
    target: Option<PaymentTarget>,
    clock: &Clock,
) -> Outcome<Vec<Part>> {
    let next = valid_on.succ_opt().unwrap_or(valid_on);
    let book = tariffs::book(tx, valid_on, next, clock.now()).await?;
    let policy = match book.methods.allocation(at.sector, valid_on) {
        Ok(setting) => &setting.value,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    let mut owed = Owed::of(tx, item::lock_payable(tx, &[at.account.0]).await?).await?;
    allow!(owed.aim(tx, &[(at.account, target)]).await?);
    let (parts, left) = owed.cover(at.account, amount, policy, target);
    let settle = |part: &Part| Settlement {
        account: at.account,
        item: part.item,
        period: at.period,
        valid_on,
        amount: part.amount,
        source: at.source,
        source_id: at.source_id,
    };
    write::settlements(tx, &parts.iter().map(settle).collect::<Vec<_>>()).await?;
    let entries = post_offset(at.account, &covered(&parts)).into_iter().map(|entry| (at, entry));
    write::entries(tx, &entries.collect::<Vec<_>>()).await?;
    if left.is_positive() {
        let id = write::reserve_item_ids(tx, 1).await?;
        let advance = NewItem {
            id: OpenItemId(id[0]),
            account: at.account,
            sector: at.sector,
            service: None,
            component: "advance",
            origin: at.period,
            due_on: valid_on,
            amount: -left,
            source: at.source,
            source_id: at.source_id,
            earmark: match target {
                Some(PaymentTarget::Earmark(id)) => Some(id),
                _ => None,
            },
        };
        write::items(tx, &[advance]).await?;
    }
    Ok(Ok(parts))
}

/// Tiyn of each item that a payment and what is left of it cover.
fn coverage(applied: &Applied) -> BTreeMap<i64, i64> {
    let parts = applied.own.iter().chain(applied.advances.iter().flat_map(|ahead| &ahead.offsets));
    let sums = parts.fold(HashMap::new(), |mut sums: HashMap<i64, i64>, part| {
        *sums.entry(part.open_item_id).or_default() += part.amount;
        sums
    });
    sums.into_iter().collect()
}
