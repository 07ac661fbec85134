//! Money whose account is not known: kept on an account of its own, owned by a person until a day, and worked off — to an account,
//! back to who sent it, or in parts.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::PaymentsEvent;
use domain::access::{Permission, Principal};
use domain::kernel::*;
use domain::ledger::{post_suspense, reverse};
use domain::payments::{
    PaymentTarget, SuspenseReason, SuspenseState, WrongSplit, may_split, suspense_deadline,
};
use entities::access::staff;
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::period;
use entities::payments::alone::given_alone;
use entities::payments::payment;
use entities::payments::suspense::{self, NewSuspense, Suspense, Worked};
use entities::payments::write::{self, Posting};
use entities::subscribers::account;
use entities::tariffs;

use super::record::{clearing, record_from};
use super::{NewPayment, Recorded};
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// The ledger's account number of money that is nobody's.
pub(super) const NOBODY: AccountId = AccountId(0);

/// Money without an account on its way in.
#[derive(Debug, Clone)]
pub struct Unknown {
    pub channel: String,
    pub external_id: String,
    pub agent: Option<AgentId>,
    pub amount: Money,
    pub paid_at: Option<DateTime<Utc>>,
    pub paid_on: NaiveDate,
    pub reason: SuspenseReason,
    pub account_raw: Option<String>,
    pub payer: Option<String>,
    pub purpose: Option<String>,
    /// Sealed.
    pub details: Option<Vec<u8>>,
    pub subject: Option<Vec<u8>>,
    pub target: Option<PaymentTarget>,
    pub registry: Option<RegistryId>,
    pub statement: Option<StatementId>,
    pub line: i32,
}

/// What the settings of a day say of such money.
struct Terms {
    days: u32,
    sector: Sector,
    alone: Money,
}

async fn terms(tx: &Tx, clock: &Clock) -> Outcome<Terms> {
    let today = clock.today();
    let methods = tariffs::book_of(tx, Period::of(today), clock.now()).await?.methods;
    let missing =
        |missing: domain::tariffs::MissingSetting| Refusal::new("MISSING_SETTING").with("code", missing.code);
    Ok(Ok(Terms {
        days: allow!(methods.suspense_days(today).map_err(missing)).value,
        sector: allow!(methods.suspense_sector(today).map_err(missing)).value,
        alone: allow!(methods.refund_alone(today).map_err(missing)).value,
    }))
}

/// Keeps a set of them; what is kept already under its key is passed over. The caller tells and audits.
pub(super) async fn suspend(tx: &mut Tx, rows: Vec<Unknown>, clock: &Clock) -> Outcome<usize> {
    let Some(first) = rows.first() else { return Ok(Ok(0)) };
    let terms = allow!(terms(tx, clock).await?);
    let (today, channel) = (clock.today(), first.channel.clone());
    let held = suspense::held(tx, &channel, rows.iter().map(|row| row.external_id.clone()).collect()).await?;
    let held: BTreeSet<String> = held.into_iter().collect();
    let owner = match tx.actor().principal {
        Principal::User(id) => Some(id),
        _ => None,
    };
    let fresh = rows.into_iter().filter(|row| !held.contains(&row.external_id));
    let new: Vec<NewSuspense> = fresh
        .map(|row| NewSuspense {
            channel: row.channel,
            external_id: row.external_id,
            agent: row.agent.map(|id| id.0),
            amount: row.amount,
            paid_at: row.paid_at,
            paid_on: row.paid_on,
            received_on: today,
            reason: row.reason,
            sector: terms.sector,
            account_raw: row.account_raw,
            payer: row.payer,
            purpose: row.purpose,
            details: row.details,
            subject: row.subject,
            target: row.target.map(|target| target.to_string()),
            registry: row.registry,
            statement: row.statement,
            line: Some(row.line),
            parent: None,
            owner,
            due_on: suspense_deadline(today, terms.days),
        })
        .collect();
    if new.is_empty() {
        return Ok(Ok(0));
    }
    let ids = suspense::insert(tx, &new).await?;
    let moving: Vec<_> = new
        .iter()
        .zip(ids)
        .map(|(row, id)| Moving {
            id,
            sector: row.sector,
            channel: &row.channel,
            agent: row.agent,
            amount: row.amount,
            back: false,
        })
        .collect();
    allow!(post(tx, &moving, today).await?);
    Ok(Ok(new.len()))
}

/// Money on its way onto the account of suspense, or off it.
struct Moving<'a> {
    id: SuspenseId,
    sector: Sector,
    channel: &'a str,
    agent: Option<i64>,
    amount: Money,
    back: bool,
}

impl<'a> Moving<'a> {
    fn off(row: &'a Suspense) -> Self {
        let (id, amount) = (SuspenseId(row.id), row.amount());
        Self { id, sector: row.sector, channel: &row.channel, agent: row.agent_id, amount, back: true }
    }
}

async fn post(tx: &mut Tx, moving: &[Moving<'_>], today: NaiveDate) -> Outcome<()> {
    let (mut months, mut entries) = (HashMap::new(), Vec::new());
    for one in moving {
        let month = match months.get(&one.sector) {
            Some(month) => *month,
            None => {
                let Some(open) = period::posting_period(tx, today, one.sector).await? else {
                    refuse!("NO_OPEN_PERIOD")
                };
                months.insert(one.sector, open.period);
                open.period
            }
        };
        let at = Posting {
            period: month,
            sector: one.sector,
            account: NOBODY,
            posted_on: today,
            source: "suspense",
            source_id: one.id.0,
        };
        let put = post_suspense(clearing(one.channel, one.agent.map(AgentId)), one.amount);
        let put = if one.back { reverse(&put) } else { put };
        entries.extend(put.into_iter().map(|entry| (at, entry)));
    }
    write::entries(tx, &entries).await.map(Ok)
}

/// Records it as a payment of an account under its own key: what came online meanwhile is that payment, and is not credited twice.
pub async fn credit_suspense(
    tx: &mut Tx,
    id: SuspenseId,
    to: AccountId,
    target: Option<PaymentTarget>,
    note: Option<String>,
    clock: &Clock,
) -> Outcome<Suspense> {
    let row = allow!(open(tx, id).await?);
    let scope = tx.scope().clone();
    let Some(account) = account::find(tx, &scope, to).await? else {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"))
    };
    let target = target.or_else(|| row.target.as_deref().and_then(|target| target.parse().ok()));
    let payment = NewPayment {
        account: account.id,
        sector: account.sector,
        channel: row.channel.clone(),
        external_id: row.external_id.clone(),
        amount: row.amount(),
        paid_on: row.paid_on,
        paid_at: row.paid_at,
        import_batch: None,
        target,
    };
    let payment = match allow!(record_from(tx, &[payment], Some(id), clock.now()).await?)[0] {
        Recorded::New(payment) | Recorded::Replayed(payment) => payment,
        // Taken back, it is no payment any more: nothing would hold this money.
        Recorded::TakenBack(_) => refuse!("PAYMENT_TAKEN_BACK"),
        Recorded::KeyConflict(other) => {
            let other = payment::by_ids(tx, vec![other.0]).await?.pop();
            match other.filter(|one| one.account_id == account.id.0 && one.amount == row.amount) {
                Some(one) if one.reversed => refuse!("PAYMENT_TAKEN_BACK"),
                // The channel's day need not be that of its file: the money is the same.
                Some(one) => PaymentId(one.id),
                None => refuse!("PAYMENT_KEY_CONFLICT"),
            }
        }
        Recorded::Gone => refuse!("PAYMENT_SENT_BACK"),
        Recorded::Held => refuse!("SUSPENSE_DECIDED"),
    };
    allow!(post(tx, &[Moving::off(&row)], clock.today()).await?);
    let worked = Worked { payment: Some(payment), note, ..Worked::default() };
    told(tx, &row, SuspenseState::Posted, worked, "posted").await.map(Ok)
}

/// Divides it: the parts go on by themselves under numbers of their own, and that of the whole is taken.
pub async fn split_suspense(tx: &mut Tx, id: SuspenseId, parts: &[Money]) -> Outcome<Vec<Suspense>> {
    let row = allow!(open(tx, id).await?);
    match may_split(row.amount(), parts) {
        Ok(()) => {}
        Err(WrongSplit::Parts) => refuse!(Refusal::new("SPLIT_PARTS").at("parts")),
        Err(WrongSplit::Sum(sum)) => {
            refuse!(Refusal::new("SPLIT_SUM").at("parts").with("sum", sum).with("whole", row.amount()))
        }
    }
    if !takes_key(tx, &row).await? {
        refuse!("SUSPENSE_CREDITED");
    }
    let after = told(tx, &row, SuspenseState::Split, Worked::default(), "split").await?;
    let part = |(n, amount): (usize, &Money)| NewSuspense {
        channel: row.channel.clone(),
        external_id: format!("{}/{}", row.external_id, n + 1),
        agent: row.agent_id,
        amount: *amount,
        paid_at: row.paid_at,
        paid_on: row.paid_on,
        received_on: row.received_on,
        reason: row.reason,
        sector: row.sector,
        account_raw: row.account_raw.clone(),
        payer: row.payer.clone(),
        purpose: row.purpose.clone(),
        details: row.details.clone(),
        subject: row.subject.clone(),
        target: row.target.clone(),
        registry: row.registry_id.map(RegistryId),
        statement: row.statement_id.map(StatementId),
        line: row.line,
        parent: Some(SuspenseId(after.id)),
        owner: row.owner_id.map(UserId),
        due_on: row.due_on,
    };
    let new: Vec<NewSuspense> = parts.iter().enumerate().map(part).collect();
    let ids = suspense::insert(tx, &new).await?;
    // The books know each part by its own number from now on.
    let whole = Moving::off(&row);
    let moving: Vec<_> = std::iter::once(whole)
        .chain(new.iter().zip(&ids).map(|(part, id)| Moving {
            id: *id,
            sector: part.sector,
            channel: &part.channel,
            agent: part.agent,
            amount: part.amount,
            back: false,
        }))
        .collect();
    allow!(post(tx, &moving, row.received_on).await?);
    suspense::parts(tx, vec![id.0]).await.map(Ok)
}

/// Sends it back to who sent it, on a document; above the setting another person decides. What came online meanwhile is a payment and
/// does not go back so, unless it was taken back.
pub async fn return_suspense(
    tx: &mut Tx,
    id: SuspenseId,
    document: DocumentId,
    note: String,
    clock: &Clock,
) -> Outcome<Suspense> {
    let row = allow!(open(tx, id).await?);
    if note.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("note"));
    }
    if entities::archive::find(tx, document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let terms = allow!(terms(tx, clock).await?);
    // By what the same person gave back alone before in the month.
    let (today, who) = (clock.today(), tx.actor().label.clone());
    let already = given_alone(tx, &who, Period::of(today)).await?;
    let waits = already + row.amount() > terms.alone;
    let worked = Worked {
        document: Some(document),
        note: Some(note.trim().to_owned()),
        proposes: waits,
        returned_on: (!waits).then_some(today),
        ..Worked::default()
    };
    if waits {
        return told(tx, &row, SuspenseState::Returning, worked, "proposed").await.map(Ok);
    }
    if !takes_key(tx, &row).await? {
        refuse!("SUSPENSE_CREDITED");
    }
    allow!(post(tx, &[Moving::off(&row)], today).await?);
    told(tx, &row, SuspenseState::Returned, worked, "sent_back").await.map(Ok)
}

/// Agrees that it goes back, or leaves it open; never by who proposed it.
pub async fn decide_return(tx: &mut Tx, id: SuspenseId, agreed: bool, clock: &Clock) -> Outcome<Suspense> {
    let Some(row) = suspense::lock(tx, &[id.0]).await?.pop() else {
        refuse!(Refusal::new("NOT_FOUND").at("id"))
    };
    if row.state != SuspenseState::Returning {
        refuse!("SUSPENSE_DECIDED");
    }
    if row.proposed_by.as_deref() == Some(tx.actor().label.as_str()) {
        refuse!("SAME_PERSON");
    }
    if !agreed {
        return told(tx, &row, SuspenseState::Open, Worked::default(), "declined").await.map(Ok);
    }
    if !takes_key(tx, &row).await? {
        refuse!("SUSPENSE_CREDITED");
    }
    allow!(post(tx, &[Moving::off(&row)], clock.today()).await?);
    let worked = Worked { returned_on: Some(clock.today()), ..Worked::default() };
    told(tx, &row, SuspenseState::Returned, worked, "confirmed").await.map(Ok)
}

/// Takes its number for ever; false where its money is a payment that stands. One of another sum is other money under the number: it
/// stays, and this goes its way without.
async fn takes_key(tx: &Tx, row: &Suspense) -> Result<bool, Broken> {
    Ok(suspense::take_key(tx, row).await? || suspense::is_other_money(tx, row).await?)
}

/// Gives some to a person, until a day where one is named; how many were open.
pub async fn assign_suspense(
    tx: &mut Tx,
    ids: Vec<SuspenseId>,
    owner: UserId,
    due_on: Option<NaiveDate>,
    clock: &Clock,
) -> Outcome<u64> {
    if due_on.is_some_and(|day| day < clock.today()) {
        refuse!(Refusal::new("DAY_PAST").at("dueOn"));
    }
    let able = staff::who_may(tx, Permission::ReconcileWrite).await?;
    let Some(person) = able.iter().find(|person| person.id == owner.0) else {
        refuse!(Refusal::new("NOT_FOUND").at("ownerId"))
    };
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    suspense::lock(tx, &ids).await?;
    let given = suspense::assign(tx, ids.clone(), owner, due_on).await?;
    if given == 0 {
        refuse!("SUSPENSE_DECIDED");
    }
    let summary = serde_json::json!({ "ids": ids, "count": given, "owner": person.login, "dueOn": due_on });
    tx.audit(Change::bulk("suspense", "assigned", summary));
    tx.emit(PaymentsEvent::SuspenseChanged { rows: given as i64 });
    Ok(Ok(given))
}

/// One that is open, under a lock.
async fn open(tx: &Tx, id: SuspenseId) -> Outcome<Suspense> {
    let Some(row) = suspense::lock(tx, &[id.0]).await?.pop() else {
        refuse!(Refusal::new("NOT_FOUND").at("id"))
    };
    if row.state != SuspenseState::Open {
        refuse!("SUSPENSE_DECIDED");
    }
    Ok(Ok(row))
}

async fn told(
    tx: &mut Tx,
    before: &Suspense,
    state: SuspenseState,
    worked: Worked,
    action: &'static str,
) -> Result<Suspense, Broken> {
    let id = SuspenseId(before.id);
    suspense::work(tx, id, state, &worked).await?;
    let row = suspense::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(
        Change::new("suspense", id, action)
            .after(serde_json::json!({
                "channel": row.channel, "externalId": row.external_id, "amount": row.amount(), "state": row.state,
                "payment": row.payment_id, "note": row.note,
            }))
            .document(row.document_id),
    );
    tx.emit(PaymentsEvent::SuspenseChanged { rows: 1 });
    Ok(row)
}
