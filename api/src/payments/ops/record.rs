//! Records payments: key, allocation, ledger and totals in the caller's transaction. One or fifty thousand, the same few
//! statements.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::PaymentsEvent;
use domain::access::Principal;
use domain::kernel::*;
use domain::ledger::{LedgerAccount, post_payment};
use domain::payments::{Bringer, IntakeRefusal, PaymentChannel, may_take as intake};
use domain::tariffs::MissingSetting;
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::{item, period};
use entities::payments::write::{self, NewItem, Posting, Settlement};
use entities::tariffs;
use sha2::{Digest, Sha256};

use super::allocate::{Owed, covered};
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// A payment on its way in, its account already found.
#[derive(Debug, Clone)]
pub struct NewPayment {
    pub account: AccountId,
    pub sector: Sector,
    pub channel: String,
    /// With the channel the key of the payment, for ever.
    pub external_id: String,
    pub amount: Money,
    /// The payer's date.
    pub paid_on: NaiveDate,
    pub import_batch: Option<ImportBatchId>,
}

/// What became of one payment of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    New(PaymentId),
    /// The same payment came before.
    Replayed(PaymentId),
    /// The key was used before with another account, sum or date.
    KeyConflict(PaymentId),
}

/// One payment; a key conflict is a refusal.
pub async fn record(
    tx: &mut Tx,
    payment: NewPayment,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<PaymentId> {
    let account = payment.account;
    allow!(may_take(tx, &payment, today, known_at).await?);
    let done = match record_many(tx, &[payment], known_at).await? {
        Ok(done) => done,
        Err(refusal) => return Ok(Err(refusal)),
    };
    match done[0] {
        Recorded::New(id) | Recorded::Replayed(id) => {
            tracing::debug!(%account, payment = %id, "payment recorded");
            Ok(Ok(id))
        }
        Recorded::KeyConflict(_) => refuse!(Refusal::new("PAYMENT_KEY_CONFLICT").at("externalId")),
    }
}

/// Whether this caller may bring this payment: who sits at the desk, and the limits that hold today.
pub(super) async fn may_take(
    tx: &Tx,
    payment: &NewPayment,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<()> {
    let missing = |missing: MissingSetting| Refusal::new("MISSING_SETTING").with("code", missing.code);
    let methods = tariffs::book(tx, today, today.succ_opt().unwrap_or(today), known_at).await?.methods;
    let limit = allow!(methods.max_amount(today).map_err(missing)).value;
    let bringer = match tx.actor().principal {
        Principal::User(_) => {
            Bringer::Desk { back_days: allow!(methods.desk_back_days(today).map_err(missing)).value }
        }
        Principal::Client(_) | Principal::System | Principal::Subscriber(_) => Bringer::Program,
    };
    let channel = PaymentChannel::from_code(&payment.channel)
        .ok_or_else(|| Broken::Custom(format!("channel {}", payment.channel)))?;
    let taken = intake(bringer, channel, payment.amount, limit, payment.paid_on, today);
    Ok(taken.map_err(|refusal| match refusal {
        IntakeRefusal::SumTooLarge { limit } => Refusal::new("SUM_TOO_LARGE")
            .at("amount")
            .with("limit", documents::sentence::number(limit.to_decimal(), 0)),
        IntakeRefusal::DeskChannel => Refusal::new("DESK_TAKES_CASH").at("channel"),
        IntakeRefusal::DeskDay { earliest } => {
            Refusal::new("DESK_DAY_TOO_EARLY").at("paidOn").with("day", earliest)
        }
    }))
}

/// All or nothing: the answers are in the order of the payments.
pub async fn record_many(
    tx: &mut Tx,
    payments: &[NewPayment],
    known_at: DateTime<Utc>,
) -> Outcome<Vec<Recorded>> {
    if payments.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    if payments.iter().any(|payment| !payment.amount.is_positive()) {
        refuse!(Refusal::new("AMOUNT_NOT_POSITIVE").at("amount"));
    }

    // Keys first: what came before is answered, not done again.
    let ids = write::reserve_ids(tx, payments.len()).await?;
    let keys: Vec<_> = payments
        .iter()
        .zip(&ids)
        .map(|(p, id)| (p.channel.clone(), p.external_id.clone(), *id, input_hash(p)))
        .collect();
    let taken: HashMap<(String, String), (i64, bool)> = write::take_keys(tx, &keys)
        .await?
        .into_iter()
        .map(|key| ((key.channel, key.external_id), (key.payment_id, key.same_input)))
        .collect();
    let mut answers = Vec::with_capacity(payments.len());
    let mut fresh: Vec<(&NewPayment, PaymentId)> = Vec::new();
    for (payment, id) in payments.iter().zip(ids) {
        match taken.get(&(payment.channel.clone(), payment.external_id.clone())) {
            // A key twice in one batch: the row that holds it is the one with its id.
            Some(&(holder, _)) if holder == id => {}
            Some(&(holder, true)) => {
                answers.push(Recorded::Replayed(PaymentId(holder)));
                continue;
            }
            Some(&(holder, false)) => {
                answers.push(Recorded::KeyConflict(PaymentId(holder)));
                continue;
            }
            None => {}
        }
        answers.push(Recorded::New(PaymentId(id)));
        fresh.push((payment, PaymentId(id)));
    }
    if fresh.is_empty() {
        tx.nothing_new("every payment was known");
        return Ok(Ok(answers));
    }

    let mut periods: HashMap<(Sector, Period), Period> = HashMap::new();
    for (payment, _) in &fresh {
        let key = (payment.sector, Period::of(payment.paid_on));
        if let Entry::Vacant(free) = periods.entry(key) {
            let Some(open) = period::posting_period(tx, payment.paid_on, payment.sector).await? else {
                refuse!("NO_OPEN_PERIOD");
            };
            free.insert(open.period);
        }
    }
    let today = fresh.iter().map(|(p, _)| p.paid_on).max().expect("not empty");
    let book = tariffs::book(tx, today, today.succ_opt().unwrap_or(today), known_at).await?;
    let order = match book.methods.allocation_order(today) {
        Ok(setting) => setting.value,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };

    let accounts: Vec<i64> =
        fresh.iter().map(|(p, _)| p.account.0).collect::<BTreeSet<_>>().into_iter().collect();
    let mut owed = Owed::new(item::lock_payable(tx, &accounts).await?)?;
    let mut rows = Vec::with_capacity(fresh.len());
    let mut settlements = Vec::new();
    let mut advances = Vec::new();
    let mut entries = Vec::new();
    let mut totals = Vec::with_capacity(fresh.len());
    for &(payment, id) in &fresh {
        let month = periods[&(payment.sector, Period::of(payment.paid_on))];
        let (parts, advance) = owed.cover(payment.account, payment.amount, order);
        let at = Posting {
            period: month,
            sector: payment.sector,
            account: payment.account,
            posted_on: payment.paid_on,
            source: "payment",
            source_id: id.0,
        };
        let clearing = clearing(&payment.channel);
        entries.extend(
            post_payment(payment.account, clearing, &covered(&parts), advance)
                .into_iter()
                .map(|entry| (at, entry)),
        );
        settlements.extend(parts.iter().map(|part| Settlement {
            account: payment.account,
            item: part.item,
            period: month,
            valid_on: payment.paid_on,
            amount: part.amount,
            source: "payment",
            source_id: id.0,
        }));
        if advance.is_positive() {
            advances.push((payment, id, month, advance));
        }
        totals.push((payment.account, month, payment.sector, -payment.amount));
        rows.push(write::NewPayment {
            id,
            account: payment.account,
            sector: payment.sector,
            period: month,
            channel: payment.channel.clone(),
            external_id: payment.external_id.clone(),
            amount: payment.amount,
            paid_on: payment.paid_on,
            import_batch: payment.import_batch,
            reverses: None,
            document: None,
        });
    }
    let item_ids = write::reserve_item_ids(tx, advances.len()).await?;
    let items: Vec<NewItem> = advances
        .into_iter()
        .zip(item_ids)
        .map(|((payment, id, month, advance), item_id)| NewItem {
            id: OpenItemId(item_id),
            account: payment.account,
            sector: payment.sector,
            service: None,
            component: "advance",
            origin: month,
            due_on: payment.paid_on,
            amount: -advance,
            source: "payment",
            source_id: id.0,
        })
        .collect();

    write::payments(tx, &rows).await?;
    write::items(tx, &items).await?;
    write::settlements(tx, &settlements).await?;
    write::entries(tx, &entries).await?;
    write::add_totals(tx, "payment", &totals).await?;
    tell(tx, &fresh)?;
    Ok(Ok(answers))
}

/// A batch tells one fact and leaves one audit row: its count and sum.
fn tell(tx: &mut Tx, fresh: &[(&NewPayment, PaymentId)]) -> Result<(), Broken> {
    if let [(payment, id)] = fresh {
        tx.audit(Change::new("payment", *id, "record").after(serde_json::json!({
            "account": payment.account, "amount": payment.amount, "paidOn": payment.paid_on, "channel": payment.channel,
            "externalId": payment.external_id,
        })));
        tx.emit(PaymentsEvent::Recorded { payment: *id, account: payment.account, amount: payment.amount });
    } else {
        let sum: Money = fresh.iter().map(|(p, _)| p.amount).sum();
        let mut hash = Sha256::new();
        for (payment, _) in fresh {
            hash.update(input_hash(payment));
        }
        tx.audit(Change::bulk(
            "payment",
            "record",
            serde_json::json!({ "count": fresh.len(), "sum": sum, "hash": hex::encode(hash.finalize()) }),
        ));
        tx.emit(PaymentsEvent::Loaded { rows: fresh.len() as i64 });
    }
    Ok(())
}

fn input_hash(payment: &NewPayment) -> Vec<u8> {
    Sha256::digest(format!("{}|{}|{}", payment.account, payment.amount, payment.paid_on)).to_vec()
}

fn clearing(channel: &str) -> LedgerAccount {
    match channel {
        "cash" => LedgerAccount::CashClearing,
        _ => LedgerAccount::BankClearing,
    }
}
