//! The same questions asked of a sandbox: the rules and the answers are the real ones, the accounts are those of the published
//! specification, and no money moves.

use std::time::Duration as Pause;

use chrono::Duration;
use domain::kernel::*;
use domain::payments::channel::{
    Act, Behaviour, ChannelOutcome, KnownKey, Paid, Pay, PayFacts, PaymentNote, TestAccount, Verdict,
    judge_cancel, judge_pay, test_account,
};
use entities::kernel::Broken;
use entities::payments::sandbox;

use super::{Ask, Facts, Reply, TRIES, checked, paid, told};
use crate::app::App;
use crate::payments::channel::words;

/// How often the test account that comes back is away.
const AWAY: i32 = 2;
/// How long the slow one thinks.
const SLOW: Pause = Pause::from_secs(3);

pub(super) async fn take(app: &App, ask: Ask<'_>, act: &Act) -> Result<Reply, Broken> {
    match act {
        Act::Check { account } => check(app, ask, account).await,
        Act::Pay(one) => {
            let _running = app.channels.work_on(&ask.channel.row.code, &one.number);
            if test_account(&one.account).is_some_and(|account| account.behaviour == Behaviour::Slow) {
                tokio::time::sleep(SLOW).await;
            }
            for _ in 0..TRIES {
                if let Some(reply) = pay(app, ask, one).await? {
                    return Ok(reply);
                }
            }
            Ok(ask.plain(ChannelOutcome::Temporary))
        }
        Act::Status { number } => status(app, ask, number).await,
        Act::Cancel { number, operation } => cancel(app, ask, number, *operation).await,
        Act::SelfCheck => Ok(ask.plain(ChannelOutcome::CommandUnknown)),
    }
}

async fn paid_before(
    app: &App,
    ask: Ask<'_>,
    account: &TestAccount,
    amount: Money,
) -> Result<(Money, bool), Broken> {
    let row = &ask.channel.row;
    sandbox::paid(&app.db, &row.code, account.number, amount, app.clock.now(), row.duplicate_minutes).await
}

async fn check(app: &App, ask: Ask<'_>, account: &str) -> Result<Reply, Broken> {
    let Some(account) = test_account(account) else { return Ok(checked(ask, None, None)) };
    let (paid, _) = paid_before(app, ask, account, Money::ZERO).await?;
    let facts = account.facts(paid);
    let debt = facts.balance.max(Money::ZERO);
    let seen = words::Seen {
        holder: Some(account.holder.to_owned()),
        person: account.person,
        address: Some(account.address.to_owned()),
        balance: facts.balance,
        services: if debt.is_zero() { Vec::new() } else { vec![(Service::Water, debt)] },
        readings: Vec::new(),
    };
    Ok(checked(ask, Some(facts), Some(seen)))
}

async fn pay(app: &App, ask: Ask<'_>, pay: &Pay) -> Result<Option<Reply>, Broken> {
    let row = &ask.channel.row;
    let (today, now) =
        (app.clock.now().with_timezone(&chrono_tz::Asia::Almaty).date_naive(), app.clock.now());
    let known = sandbox::find(&app.db, &row.code, &pay.number).await?;
    let account = test_account(&pay.account);
    let (before, recent) = match account {
        Some(account) => paid_before(app, ask, account, pay.amount).await?,
        None => (Money::ZERO, false),
    };
    let paid = paid(ask, pay);
    let facts = PayFacts {
        held: None,
        known: known.as_ref().map(|known| KnownKey {
            same_account: known.account == pay.account,
            same_amount: known.amount == pay.amount.tiyn(),
            same_date: known.paid_at.zip(paid).is_none_or(|(one, (other, _))| one == other),
            cancelled: known.cancelled_at.is_some(),
        }),
        account: account.map(|account| account.facts(before)),
        recent,
        paid,
        today,
    };
    let largest = Money::tenge("1000000").unwrap_or(Money::ZERO);
    let Paid { at: paid_at, on: paid_on, notes } =
        match judge_pay(&ask.channel.rules(largest), &facts, pay.amount) {
            Verdict::Taken(said) => said,
            Verdict::Refused(outcome) => return Ok(Some(ask.plain(outcome))),
            Verdict::Reused(reuse) => return Ok(Some(ask.plain(reuse.outcome()))),
            // Nothing is without an account here.
            Verdict::Credited | Verdict::Waits => return Ok(Some(ask.plain(ChannelOutcome::Temporary))),
            Verdict::Replay { other_date } => {
                let reply = known.map(|known| {
                    let amount = Money::from_tiyn(known.amount);
                    ask.again(Some(known.id), amount, known.taken_at, Some(known.answer), other_date)
                });
                return Ok(reply);
            }
        };
    let behaviour = account.map_or(Behaviour::Plain, |account| account.behaviour);
    if behaviour == Behaviour::ComesBack && sandbox::attempt(&app.db, &row.code, &pay.number).await? <= AWAY {
        return Ok(Some(ask.plain(ChannelOutcome::Temporary)));
    }
    let id = sandbox::next_id(&app.db).await?;
    let lost = behaviour == Behaviour::LosesAnswer;
    let reply = Reply { notes, lost, ..ask.taken(id, pay.amount, now) };
    let new = sandbox::New {
        id,
        channel: &row.code,
        number: &pay.number,
        account: &pay.account,
        amount: pay.amount,
        paid_at,
        paid_on,
        taken_at: now,
        answer: &reply.body,
    };
    Ok(sandbox::insert(&app.db, new).await?.then_some(reply))
}

async fn status(app: &App, ask: Ask<'_>, number: &str) -> Result<Reply, Broken> {
    if app.channels.is_running(&ask.channel.row.code, number) {
        return Ok(ask.plain(ChannelOutcome::InProgress));
    }
    Ok(match sandbox::find(&app.db, &ask.channel.row.code, number).await? {
        Some(found) => {
            told(ask, found.id, Money::from_tiyn(found.amount), found.taken_at, found.cancelled_at)
        }
        None => ask.plain(ChannelOutcome::PaymentUnknown),
    })
}

async fn cancel(app: &App, ask: Ask<'_>, number: &str, operation: Option<i64>) -> Result<Reply, Broken> {
    let (row, now) = (&ask.channel.row, app.clock.now());
    let found = sandbox::find(&app.db, &row.code, number).await?;
    let Some(found) = found.filter(|found| operation.is_none_or(|id| id == found.id)) else {
        return Ok(ask.plain(ChannelOutcome::PaymentUnknown));
    };
    let within = row.cancel_hours.map(|hours| Duration::hours(hours.into()));
    let at = match judge_cancel(row.active, found.cancelled_at.is_some(), true, now - found.taken_at, within)
    {
        Ok(false) => found.cancelled_at,
        Ok(true) => {
            sandbox::cancel(&app.db, &row.code, number, now).await?;
            Some(now)
        }
        Err(outcome) => return Ok(ask.plain(outcome)),
    };
    let amount = Some(Money::from_tiyn(found.amount));
    let facts = Facts { operation: Some(found.id), amount, at, ..Facts::default() };
    let mut reply = ask.reply(ChannelOutcome::Done, facts);
    reply.notes.extend(found.cancelled_at.map(|_| PaymentNote::Repeat));
    Ok(reply)
}
