//! Records payments: key, allocation, ledger and totals in the caller's transaction. One or fifty thousand, the same few
//! statements.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::PaymentsEvent;
use domain::access::Principal;
use domain::kernel::*;
use domain::ledger::{Clearing, LedgerAccount, post_payment};
use domain::payments::{
    AllocationPolicy, Bringer, IntakeRefusal, PaymentChannel, PaymentTarget, may_take as intake,
};
use domain::tariffs::MissingSetting;
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::{item, period};
use entities::payments::channel;
use entities::payments::write::{self, KnownKey, NewItem, NewKey, Posting, Settlement};
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
    /// How it came ([`PaymentChannel`]), or the code of an agent's channel.
    pub channel: String,
    /// With the channel the key of the payment, for ever.
    pub external_id: String,
    pub amount: Money,
    /// The payer's date.
    pub paid_on: NaiveDate,
    pub import_batch: Option<ImportBatchId>,
    /// The payer's moment, where the channel says it.
    pub paid_at: Option<DateTime<Utc>>,
    /// What it is for, where its payer, a court or an agreement says so.
    pub target: Option<PaymentTarget>,
}

/// What became of one payment of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    New(PaymentId),
    /// The same payment came before.
    Replayed(PaymentId),
    /// The same payment came before and was taken back: its money is somewhere else by now.
    TakenBack(PaymentId),
    /// The key was used before with another account, sum or date.
    KeyConflict(PaymentId),
    /// The key is that of money without an account, which went back to who sent it or was divided.
    Gone,
    /// The key is that of money without an account, which is not worked off yet: it is recorded from there.
    Held,
}

impl Recorded {
    /// The payment that holds the key.
    pub fn payment(self) -> Option<PaymentId> {
        match self {
            Self::New(id) | Self::Replayed(id) | Self::TakenBack(id) | Self::KeyConflict(id) => Some(id),
            Self::Gone | Self::Held => None,
        }
    }
}

/// One payment that a program brings, or somebody by hand; a key conflict is a refusal.
pub async fn record(
    tx: &mut Tx,
    payment: NewPayment,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<PaymentId> {
    let account = payment.account;
    let bringer = brought(tx, &payment.channel, Bringer::Staff);
    allow!(taken_by(tx, bringer, std::slice::from_ref(&payment), today, known_at).await?);
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
        Recorded::TakenBack(_) => refuse!(Refusal::new("PAYMENT_TAKEN_BACK").at("externalId")),
        Recorded::Gone => refuse!(Refusal::new("PAYMENT_SENT_BACK").at("externalId")),
        Recorded::Held => refuse!(Refusal::new("PAYMENT_IN_SUSPENSE").at("externalId")),
    }
}

/// Money taken at a cash desk in an open shift: cash and cards of today, within the limits. All or nothing.
pub async fn record_of_shift(
    tx: &mut Tx,
    payments: &[NewPayment],
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Vec<Recorded>> {
    allow!(taken_by(tx, Bringer::Shift, payments, today, known_at).await?);
    record_many(tx, payments, known_at).await
}

/// Who brings a payment: a person is a cashier in a shift, or typed in what no shift holds.
fn brought(tx: &Tx, channel: &str, by_hand: Bringer) -> Bringer {
    match tx.actor().principal {
        Principal::User(_) if PaymentChannel::from_code(channel).is_some() => by_hand,
        // Whoever brings what an agent took brings it on the agent's paper.
        _ => Bringer::Program,
    }
}

/// Whether a payment could be taken now, by a person over the counter; nothing is taken.
pub(super) async fn could_take(
    tx: &Tx,
    payment: &NewPayment,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<()> {
    let bringer = brought(tx, &payment.channel, Bringer::Shift);
    taken_by(tx, bringer, std::slice::from_ref(payment), today, known_at).await
}

/// Whether payments may come in from whoever brings them, by the limits that hold today.
async fn taken_by(
    tx: &Tx,
    bringer: Bringer,
    payments: &[NewPayment],
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<()> {
    let missing = |missing: MissingSetting| Refusal::new("MISSING_SETTING").with("code", missing.code);
    let methods = tariffs::book(tx, today, today.succ_opt().unwrap_or(today), known_at).await?.methods;
    let limit = allow!(methods.max_amount(today).map_err(missing)).value;
    let taken = payments.iter().try_for_each(|one| {
        let how = PaymentChannel::from_code(&one.channel).unwrap_or(PaymentChannel::Registry);
        intake(bringer, how, one.amount, limit, one.paid_on, today)
    });
    Ok(taken.map_err(|refusal| match refusal {
        IntakeRefusal::SumTooLarge { limit } => {
            Refusal::new("SUM_TOO_LARGE").at("amount").with("limit", limit.to_decimal())
        }
        IntakeRefusal::NeedsShift => Refusal::new("CASH_NEEDS_SHIFT").at("channel"),
        IntakeRefusal::DeskChannel => Refusal::new("DESK_TAKES_CASH").at("channel"),
        IntakeRefusal::DeskDay { today } => Refusal::new("CASH_OTHER_DAY").at("paidOn").with("day", today),
    }))
}

/// All or nothing: the answers are in the order of the payments.
pub async fn record_many(
    tx: &mut Tx,
    payments: &[NewPayment],
    known_at: DateTime<Utc>,
) -> Outcome<Vec<Recorded>> {
    record_from(tx, payments, None, known_at).await
}

/// The same of money without an account that is being worked off, under the key that it holds.
pub(super) async fn record_from(
    tx: &mut Tx,
    payments: &[NewPayment],
    held: Option<SuspenseId>,
    known_at: DateTime<Utc>,
) -> Outcome<Vec<Recorded>> {
    if payments.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    if payments.iter().any(|payment| !payment.amount.is_positive()) {
        refuse!(Refusal::new("AMOUNT_NOT_POSITIVE").at("amount"));
    }

    // What came before is answered, not done again.
    let keys: Vec<(String, String)> =
        payments.iter().map(|one| (one.channel.clone(), one.external_id.clone())).collect();
    let hashes: Vec<Vec<u8>> =
        payments.iter().map(|one| input_hash(one.account, one.amount, one.paid_on)).collect();
    let mut holders: HashMap<(String, String), KnownKey> = by_key(write::known_keys(tx, &keys, held).await?);
    let wanted = unheld(&keys, &holders);
    if wanted.is_empty() {
        tx.nothing_new("every payment was known");
        return Ok(Ok(answers(&keys, &hashes, &holders, &HashMap::new())));
    }

    let new: Vec<&NewPayment> = wanted.iter().map(|&at| &payments[at]).collect();
    let mut periods: HashMap<(Sector, Period), Period> = HashMap::new();
    for payment in &new {
        let key = (payment.sector, Period::of(payment.paid_on));
        if let Entry::Vacant(free) = periods.entry(key) {
            let Some(open) = period::posting_period(tx, payment.paid_on, payment.sector).await? else {
                refuse!("NO_OPEN_PERIOD");
            };
            free.insert(open.period);
        }
    }
    // Each by the policy of its payer's day.
    let days: BTreeSet<NaiveDate> = new.iter().map(|payment| payment.paid_on).collect();
    let (first, last) = days.first().zip(days.last()).expect("not empty");
    let book = tariffs::book(tx, *first, last.succ_opt().unwrap_or(*last), known_at).await?;
    let mut policies: HashMap<(Sector, NaiveDate), &AllocationPolicy> = HashMap::new();
    for payment in &new {
        match book.methods.allocation(payment.sector, payment.paid_on) {
            Ok(setting) => policies.insert((payment.sector, payment.paid_on), &setting.value),
            Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
        };
    }

    let codes = new.iter().filter(|payment| PaymentChannel::from_code(&payment.channel).is_none());
    let codes: BTreeSet<String> = codes.map(|payment| payment.channel.clone()).collect();
    let agents = match codes.is_empty() {
        true => HashMap::new(),
        false => channel::agents_of(tx, codes.into_iter().collect()).await?,
    };

    let accounts: Vec<i64> =
        new.iter().map(|payment| payment.account.0).collect::<BTreeSet<_>>().into_iter().collect();
    let payable = item::lock_payable(tx, &accounts).await?;
    // Keys last, as a payment of a channel takes its locks: month, items, number. What somebody took meanwhile came before.
    let ids = write::reserve_ids(tx, wanted.len()).await?;
    let taking: Vec<NewKey> =
        wanted.iter().zip(ids).map(|(&at, id)| new_key(&keys[at], id, &hashes[at])).collect();
    holders.extend(by_key(write::take_keys(tx, &taking).await?));
    let mut made: HashMap<usize, PaymentId> = HashMap::new();
    let mut fresh: Vec<(&NewPayment, PaymentId)> = Vec::with_capacity(taking.len());
    for (&at, key) in wanted.iter().zip(&taking) {
        if !holders.contains_key(&key.key) {
            made.insert(at, key.payment);
            fresh.push((&payments[at], key.payment));
        }
    }
    let answers = answers(&keys, &hashes, &holders, &made);
    if fresh.is_empty() {
        tx.nothing_new("every payment was known by then");
        return Ok(Ok(answers));
    }
    let mut owed = Owed::of(tx, payable).await?;
    let aimed: Vec<_> = fresh.iter().map(|(payment, _)| (payment.account, payment.target)).collect();
    allow!(owed.aim(tx, &aimed).await?);
    let mut rows = Vec::with_capacity(fresh.len());
    let mut settlements = Vec::new();
    let mut advances = Vec::new();
    let mut entries = Vec::new();
    let mut totals = Vec::with_capacity(fresh.len());
    for &(payment, id) in &fresh {
        let month = periods[&(payment.sector, Period::of(payment.paid_on))];
        let policy = policies[&(payment.sector, payment.paid_on)];
        let (parts, advance) = owed.cover(payment.account, payment.amount, policy, payment.target);
        let at = Posting {
            period: month,
            sector: payment.sector,
            account: payment.account,
            posted_on: payment.paid_on,
            source: "payment",
            source_id: id.0,
        };
        let agent = agents.get(&payment.channel).copied().map(AgentId);
        let clearing = clearing(&payment.channel, agent);
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
            agent,
            import_batch: payment.import_batch,
            reverses: None,
            document: None,
            target: payment.target.map(|target| target.to_string()),
            paid_at: payment.paid_at,
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
            earmark: match payment.target {
                Some(PaymentTarget::Earmark(id)) => Some(id),
                _ => None,
            },
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

/// The places of payments whose key nobody holds; of a key that is twice in the batch the first one.
fn unheld(keys: &[(String, String)], holders: &HashMap<(String, String), KnownKey>) -> Vec<usize> {
    let mut seen = HashSet::new();
    let first = |at: &usize| !holders.contains_key(&keys[*at]) && seen.insert(&keys[*at]);
    (0..keys.len()).filter(first).collect()
}

fn new_key(key: &(String, String), id: i64, hash: &[u8]) -> NewKey {
    NewKey { key: key.clone(), payment: PaymentId(id), input_hash: hash.to_vec() }
}

/// Keys by what they are.
fn by_key(known: Vec<KnownKey>) -> HashMap<(String, String), KnownKey> {
    known.into_iter().map(|one| ((one.channel.clone(), one.external_id.clone()), one)).collect()
}

/// What each payment is told: those made, by their places, are new; others hear of whoever holds their key.
fn answers(
    keys: &[(String, String)],
    hashes: &[Vec<u8>],
    holders: &HashMap<(String, String), KnownKey>,
    made: &HashMap<usize, PaymentId>,
) -> Vec<Recorded> {
    // Of a key that is twice in the batch the place that holds it.
    let first: HashMap<&(String, String), usize> = made.keys().map(|&at| (&keys[at], at)).collect();
    let told = |at: usize| match (made.get(&at), holders.get(&keys[at])) {
        (Some(id), _) => Recorded::New(*id),
        (None, Some(holder)) => match holder.payment_id.map(PaymentId) {
            None if holder.held => Recorded::Held,
            None => Recorded::Gone,
            Some(id) if holder.input_hash != hashes[at] => Recorded::KeyConflict(id),
            Some(id) if holder.reversed => Recorded::TakenBack(id),
            Some(id) => Recorded::Replayed(id),
        },
        (None, None) => {
            let holder = first[&keys[at]];
            let id = made[&holder];
            if hashes[holder] == hashes[at] { Recorded::Replayed(id) } else { Recorded::KeyConflict(id) }
        }
    };
    (0..keys.len()).map(told).collect()
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
            hash.update(input_hash(payment.account, payment.amount, payment.paid_on));
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

/// What a key stands for: whoever uses it for something else is refused.
pub(super) fn input_hash(account: AccountId, amount: Money, paid_on: NaiveDate) -> Vec<u8> {
    Sha256::digest(format!("{account}|{amount}|{paid_on}")).to_vec()
}

/// Through what money of a channel comes: the agent's sub-account, else the desk or the bank.
pub(super) fn clearing(channel: &str, agent: Option<AgentId>) -> Clearing {
    match (agent, channel) {
        (Some(agent), _) => Clearing::agent(agent),
        (None, "cash") => LedgerAccount::CashClearing.into(),
        (None, _) => LedgerAccount::BankClearing.into(),
    }
}
