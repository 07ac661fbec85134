//! What a channel asks for: check, pay, status, cancel. A payment is one transaction: the number, the payment, what it covers, the
//! ledger, the answer, the trail and the fact; one statement reads, one writes.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Asia::Almaty;
use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::{Clearing, post_payment};
use domain::payments::channel::{
    AccountFacts, Act, Answer, Asked, ChannelOutcome, Dialect, Field, HeldKey, IncidentKind, KnownKey, Paid,
    Pay, PayFacts, PayerSees, PaymentNote, Spelling, Verdict, judge_cancel, judge_check, judge_pay, moment,
};
use domain::subscribers::AccountStatus;
use entities::kernel::{Broken, Change, Db, Tx};
use entities::payments::take::{self, Known, Taken, Wanted};
use entities::payments::{incident, payment};
use serde_json::{Value as Json, json};

use super::allocate::{Owed, covered};
use super::record::input_hash;
use super::suspense::credit_suspense;
use super::{masked, take_back};
use crate::app::App;
use crate::payments::channel::{Channel, Kept, selfcheck, words};

mod sandbox;

/// How often two that wait for each other, or for one number, are tried again.
const TRIES: usize = 4;

/// A request on its channel.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Where no lock is waited for longer than a payer may.
    pub db: &'a Db,
    pub channel: &'a Channel,
    pub kept: &'a Kept,
    pub asked: &'a Asked,
    /// A page for people is wanted, where there is one.
    pub page: bool,
}

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub outcome: ChannelOutcome,
    /// In the channel's spelling.
    pub body: Vec<u8>,
    pub content_type: &'static str,
    pub payment: Option<i64>,
    pub notes: Vec<PaymentNote>,
    /// The test account loses it on the way.
    pub lost: bool,
}

impl Ask<'_> {
    pub fn spelling(&self) -> Spelling {
        let allowed = self.channel.row.dialect.spellings();
        self.asked.spelling.filter(|asked| allowed.contains(asked)).unwrap_or(self.channel.row.spelling)
    }

    /// An answer that is an outcome and nothing else.
    pub fn plain(&self, outcome: ChannelOutcome) -> Reply {
        self.reply(outcome, Facts::default())
    }

    /// An answer that is a list.
    pub fn listed(&self, fields: &[Field]) -> Reply {
        self.reply(ChannelOutcome::Done, Facts { fields, ..Facts::default() })
    }

    fn reply(&self, outcome: ChannelOutcome, facts: Facts<'_>) -> Reply {
        let comment = words::comment(self.channel.language, outcome);
        let answer = Answer {
            command: self.asked.command,
            outcome,
            number: self.asked.number.as_deref(),
            operation: facts.operation,
            amount: facts.amount,
            comment: &comment,
            fields: facts.fields,
            at: facts.at.map(|at| self.channel.local(at)),
        };
        let spelling = self.spelling();
        let body = self.channel.write(spelling, &answer);
        let content_type = spelling.content_type();
        Reply { outcome, body, content_type, payment: facts.operation, notes: Vec::new(), lost: false }
    }

    /// What a payment of the channel is told, now or when it comes again.
    fn taken(&self, id: i64, amount: Money, at: DateTime<Utc>) -> Reply {
        let facts = Facts { operation: Some(id), amount: Some(amount), at: Some(at), ..Facts::default() };
        self.reply(ChannelOutcome::Done, facts)
    }

    /// The stored answer, byte for byte; asked for in another spelling, the same in that.
    fn again(
        &self,
        id: Option<i64>,
        amount: Money,
        at: DateTime<Utc>,
        stored: Option<Vec<u8>>,
        other_date: bool,
    ) -> Reply {
        let facts = Facts { operation: id, amount: Some(amount), at: Some(at), ..Facts::default() };
        let mut reply = self.reply(ChannelOutcome::Done, facts);
        if let Some(stored) = stored.filter(|stored| spelled(stored) == self.spelling()) {
            reply.body = stored;
        }
        reply.notes.push(PaymentNote::Repeat);
        reply.notes.extend(other_date.then_some(PaymentNote::OtherDate));
        reply
    }
}

/// What an answer is made of besides its outcome.
#[derive(Default)]
struct Facts<'a> {
    operation: Option<i64>,
    amount: Option<Money>,
    fields: &'a [Field],
    at: Option<DateTime<Utc>>,
}

fn spelled(answer: &[u8]) -> Spelling {
    if answer.first() == Some(&b'<') { Spelling::Xml } else { Spelling::Json }
}

/// Does what is asked. What is broken here is never an answer: the caller is told to come again.
pub async fn take(app: &App, ask: Ask<'_>) -> Result<Reply, Broken> {
    let act = match &ask.asked.act {
        Ok(act) => act,
        Err(outcome) => return Ok(ask.plain(*outcome)),
    };
    match (act, ask.channel.row.sandbox) {
        (Act::Check { account }, false) => check(ask, account).await,
        (Act::Pay(pay), false) => {
            let _running = app.channels.work_on(&ask.channel.row.code, &pay.number);
            self::pay(app, ask, pay).await
        }
        (Act::Status { number }, false) => status(app, ask, number).await,
        (Act::Cancel { number, operation }, false) => cancel(app, ask, number, *operation).await,
        // Real channels have nothing to show.
        (Act::SelfCheck, false) => Ok(ask.plain(ChannelOutcome::CommandUnknown)),
        (Act::SelfCheck, true) => selfcheck::reply(app, ask).await,
        (act, true) => sandbox::take(app, ask, act).await,
    }
}

/// Reads, and writes nothing.
async fn check(ask: Ask<'_>, account: &str) -> Result<Reply, Broken> {
    let readings = ask.channel.shows(PayerSees::Readings);
    let shown = take::show(ask.db, account, readings).await?;
    let facts = shown.as_ref().map(|shown| AccountFacts {
        closed: shown.status == AccountStatus::Closed,
        balance: Money::from_tiyn(shown.balance),
    });
    let seen = shown.map(|shown| words::Seen::of(&shown, ask.channel.language)).transpose()?;
    Ok(checked(ask, facts, seen))
}

fn checked(ask: Ask<'_>, facts: Option<AccountFacts>, seen: Option<words::Seen>) -> Reply {
    let outcome = judge_check(ask.channel.row.active, facts);
    match (outcome, seen) {
        (ChannelOutcome::Done, Some(seen)) => {
            let fields = words::fields(ask.channel, &seen);
            // Kaspi shows the sum to be paid; elsewhere it is a field like the others.
            let amount = (ask.channel.row.dialect == Dialect::Kaspi).then(|| seen.debt());
            ask.reply(outcome, Facts { amount, fields: &fields, ..Facts::default() })
        }
        (outcome, _) => ask.plain(outcome),
    }
}

/// The payer's moment and its day in Almaty.
fn paid(ask: Ask<'_>, pay: &Pay) -> Option<(DateTime<Utc>, NaiveDate)> {
    let at = moment(pay.dated, &ask.channel.zone)?;
    Some((at, at.with_timezone(&Almaty).date_naive()))
}

async fn pay(app: &App, ask: Ask<'_>, pay: &Pay) -> Result<Reply, Broken> {
    for _ in 0..TRIES {
        match pay_once(app, ask, pay).await {
            Ok(Some(reply)) => return Ok(reply),
            // Somebody took the number meanwhile: now it is known.
            Ok(None) => {}
            Err(error) if take::raced(&error) => tracing::info!(error = %error, "a payment is tried again"),
            Err(error) => return Err(error),
        }
    }
    Ok(ask.plain(ChannelOutcome::Temporary))
}

async fn pay_once(app: &App, ask: Ask<'_>, pay: &Pay) -> Result<Option<Reply>, Broken> {
    let Ask { channel, kept, .. } = ask;
    let (today, now) = (app.clock.today(), app.clock.now());
    let missing =
        |missing: domain::tariffs::MissingSetting| Broken::Custom(format!("no setting {}", missing.code));
    let largest = kept.book.methods.max_amount(today).map_err(missing)?.value;
    let paid = paid(ask, pay);

    let mut tx = Tx::begin(ask.db, channel.actor()).await?;
    let wanted = Wanted {
        channel: &channel.row.code,
        number: &pay.number,
        account: &pay.account,
        amount: pay.amount,
        paid_on: paid.map_or(today, |(_, on)| on),
        recent_minutes: channel.row.duplicate_minutes,
    };
    let seen = take::look(&mut tx, wanted).await?;
    let typed = |known: &take::Known| {
        known.typed.as_deref().is_some_and(|typed| masked(typed.trim()) == masked(&pay.account))
    };
    let (used, held) = match &seen.known {
        Some(known) if known.held.is_some() => (None, Some(known)),
        known => (known.as_ref(), None),
    };
    let facts = PayFacts {
        held: held.map(|held| HeldKey {
            same_amount: held.amount == pay.amount,
            same_account: typed(held),
            deciding: held.deciding,
        }),
        known: used.map(|known| KnownKey {
            // Money that had no account is that of whoever is named; where a person found it one, a retry still names what was typed.
            same_account: known.account.is_none_or(|of| seen.account.is_some_and(|account| account.id == of))
                || typed(known),
            same_amount: known.amount == pay.amount,
            same_date: known.paid_at.zip(paid).is_none_or(|(one, (other, _))| one == other),
            cancelled: known.cancelled_at.is_some() || known.sent_back,
        }),
        account: seen.account.map(|account| AccountFacts {
            closed: account.closed,
            balance: seen.items.iter().map(|item| Money::from_tiyn(item.amount - item.settled)).sum(),
        }),
        recent: seen.recent,
        paid,
        today,
    };
    let verdict = judge_pay(&channel.rules(largest), &facts, pay.amount);
    let said = match (verdict, seen.known) {
        (Verdict::Taken(said), _) => said,
        (Verdict::Refused(outcome), _) => {
            tx.rollback().await?;
            return Ok(Some(ask.plain(outcome)));
        }
        (Verdict::Reused(reuse), Some(known)) => {
            tx.rollback().await?;
            let said = json!({ "account": masked(&pay.account), "amount": pay.amount });
            report(ask, &pay.number, reuse.incident(), known.payment, said).await?;
            let plain = ask.plain(reuse.outcome());
            return Ok(Some(Reply { payment: known.payment.map(|id| id.0), ..plain }));
        }
        (Verdict::Replay { other_date }, Some(known)) => {
            let unsaid = known.answer.is_none();
            let id = known.payment.map(|id| id.0);
            let reply = ask.again(id, known.amount, known.received_at, known.answer, other_date);
            if unsaid {
                take::keep_answer(&tx, &channel.row.code, &pay.number, &reply.body).await?;
                tx.commit_silently("a file had brought the payment, now the channel has an answer").await?;
            } else {
                tx.rollback().await?;
            }
            return Ok(Some(reply));
        }
        (Verdict::Credited, Some(Known { held: Some(held), .. })) => {
            let Some(account) = seen.account else { return Ok(None) };
            let done = credit_suspense(&mut tx, held, account.id, None, None, &app.clock).await?;
            // Somebody works it off at this very moment: it is looked at anew.
            let Some(id) = done.ok().and_then(|row| row.payment_id) else {
                tx.rollback().await?;
                return Ok(None);
            };
            let reply = ask.taken(id, pay.amount, now);
            take::keep_answer(&tx, &channel.row.code, &pay.number, &reply.body).await?;
            tx.commit().await?;
            return Ok(Some(reply));
        }
        (Verdict::Waits, Some(_)) => {
            tx.rollback().await?;
            let said = json!({ "account": masked(&pay.account), "amount": pay.amount });
            report(ask, &pay.number, IncidentKind::PossibleDuplicate, None, said).await?;
            return Ok(Some(ask.plain(ChannelOutcome::Temporary)));
        }
        (Verdict::Reused(_) | Verdict::Replay { .. } | Verdict::Credited | Verdict::Waits, _) => {
            unreachable!("only a known number is used again")
        }
    };

    let (Some(account), Some(period), Some(id)) = (seen.account, seen.period, seen.fresh) else {
        tx.rollback().await?;
        tracing::error!(channel = channel.row.code, "no month is open for payments");
        return Ok(Some(ask.plain(ChannelOutcome::Temporary)));
    };
    let policy = &kept.book.methods.allocation(account.sector, said.on).map_err(missing)?.value;
    let (parts, advance) = Owed::of(&tx, seen.items).await?.cover(account.id, pay.amount, policy, None);
    let entries = post_payment(account.id, Clearing::agent(channel.agent()), &covered(&parts), advance);
    let reply = Reply { notes: said.notes.clone(), ..ask.taken(id.0, pay.amount, now) };
    let Paid { at: paid_at, on: paid_on, notes } = said;
    let taken = Taken {
        id,
        channel: &channel.row.code,
        number: &pay.number,
        input_hash: input_hash(account.id, pay.amount, paid_on),
        answer: &reply.body,
        account: account.id,
        sector: account.sector,
        period,
        amount: pay.amount,
        paid_on,
        paid_at,
        agent: channel.agent(),
        notes: &notes,
        parts: &parts.iter().map(|part| (part.item, part.amount)).collect::<Vec<_>>(),
        advance,
        entries: &entries,
    };
    let change = Change::new("payment", id, "record").after(json!({
        "account": account.id, "amount": pay.amount, "paidOn": paid_on, "channel": channel.row.code,
        "externalId": pay.number,
    }));
    let event = PaymentsEvent::Recorded { payment: id, account: account.id, amount: pay.amount };
    if !take::write(&mut tx, &taken, &change, &event.into()).await? {
        tx.rollback().await?;
        return Ok(None);
    }
    tx.commit().await?;
    app.nudge.soon(&app.db);
    Ok(Some(reply))
}

/// Tells somebody in the office.
async fn report(
    ask: Ask<'_>,
    number: &str,
    kind: IncidentKind,
    payment: Option<PaymentId>,
    said: Json,
) -> Result<(), Broken> {
    let mut tx = Tx::begin(ask.db, ask.channel.actor()).await?;
    let (id, fresh) = incident::open(&tx, &ask.channel.row.code, number, kind, payment, said.clone()).await?;
    if fresh {
        let seen = json!({ "kind": kind, "externalId": number, "payment": payment, "said": said });
        tx.audit(Change::new("incident", id, "open").after(seen));
    }
    tx.emit(PaymentsEvent::IncidentChanged { incident: id });
    tx.commit().await
}

async fn status(app: &App, ask: Ask<'_>, number: &str) -> Result<Reply, Broken> {
    let code = &ask.channel.row.code;
    // Here, or in another process of ours.
    if app.channels.is_running(code, number) || take::is_worked_on(ask.db, code, number).await? {
        return Ok(ask.plain(ChannelOutcome::InProgress));
    }
    let Some(found) = take::find(ask.db, code, number).await? else {
        // Money that had no account: it went back, or it is here and divided.
        return Ok(match take::held(ask.db, code, number).await? {
            Some((_, _, true)) => ask.plain(ChannelOutcome::Cancelled),
            Some((amount, at, false)) => ask.again(None, amount, at, None, false),
            // It came by a file, and a person looks for its account.
            None if take::waits(ask.db, code, number).await? => ask.plain(ChannelOutcome::InProgress),
            None => ask.plain(ChannelOutcome::PaymentUnknown),
        });
    };
    Ok(told(ask, found.payment.0, found.amount, found.received_at, found.cancelled_at))
}

/// What has become of a payment.
fn told(
    ask: Ask<'_>,
    id: i64,
    amount: Money,
    taken_at: DateTime<Utc>,
    cancelled_at: Option<DateTime<Utc>>,
) -> Reply {
    let outcome = if cancelled_at.is_some() { ChannelOutcome::Cancelled } else { ChannelOutcome::Done };
    let at = Some(cancelled_at.unwrap_or(taken_at));
    ask.reply(outcome, Facts { operation: Some(id), amount: Some(amount), at, ..Facts::default() })
}

async fn cancel(app: &App, ask: Ask<'_>, number: &str, operation: Option<i64>) -> Result<Reply, Broken> {
    let (today, now) = (app.clock.today(), app.clock.now());
    let row = &ask.channel.row;
    let mut tx = Tx::begin(ask.db, ask.channel.actor()).await?;
    let found = take::lock(&tx, &row.code, number).await?;
    let Some(found) = found.filter(|found| operation.is_none_or(|id| id == found.payment.0)) else {
        let held = take::held(&tx, &row.code, number).await?;
        // It came by a file: whether it goes back, the person who looks for its account decides.
        let waits = take::waits(&tx, &row.code, number).await?;
        tx.rollback().await?;
        return Ok(ask.plain(match held {
            Some((_, _, true)) => ChannelOutcome::Cancelled,
            Some((_, _, false)) => ChannelOutcome::CannotCancel,
            None if waits => ChannelOutcome::Temporary,
            None => ChannelOutcome::PaymentUnknown,
        }));
    };
    let within = row.cancel_hours.map(|hours| Duration::hours(hours.into()));
    let since = now - found.received_at;
    let may = judge_cancel(row.active, found.cancelled_at.is_some(), found.month_open, since, within);
    let at = match may {
        Ok(false) => found.cancelled_at.unwrap_or(now),
        // What the office took back is not the channel's to take back.
        Ok(true) if found.reversed => {
            tx.rollback().await?;
            return Ok(ask.plain(ChannelOutcome::CannotCancel));
        }
        Ok(true) => {
            if !reverse(&mut tx, ask, &found, today).await? {
                tx.rollback().await?;
                return Ok(ask.plain(ChannelOutcome::CannotCancel));
            }
            take::mark_cancelled(&tx, &row.code, number, now).await?;
            tx.commit().await?;
            now
        }
        Err(outcome) => {
            tx.rollback().await?;
            return Ok(ask.plain(outcome));
        }
    };
    let facts = Facts {
        operation: Some(found.payment.0),
        amount: Some(found.amount),
        at: Some(at),
        ..Facts::default()
    };
    let mut reply = ask.reply(ChannelOutcome::Done, facts);
    reply.notes.extend(found.cancelled_at.map(|_| PaymentNote::Repeat));
    Ok(reply)
}

/// Mirrors the payment in an open month; `false` where its money has moved on.
async fn reverse(tx: &mut Tx, ask: Ask<'_>, found: &take::Found, today: NaiveDate) -> Result<bool, Broken> {
    payment::lock(tx, &[found.payment.0]).await?;
    let scope = tx.scope().clone();
    let Some(old) = payment::visible_to(tx, &scope, found.payment).await? else { return Ok(false) };
    let done = match take_back(tx, std::slice::from_ref(&old), None, today).await? {
        Ok(done) => done,
        Err(_) => return Ok(false),
    };
    let Some(Ok(by)) = done.first() else { return Ok(false) };
    tx.audit(
        Change::new("payment", found.payment, "cancel")
            .after(json!({ "by": by, "channel": ask.channel.row.code, "externalId": old.external_id })),
    );
    let account = AccountId(old.account_id);
    tx.emit(PaymentsEvent::Reversed { payment: found.payment, account, amount: found.amount });
    Ok(true)
}
