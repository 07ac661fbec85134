//! Links on which subscribers pay in a provider's application: asked for, watched, and their money recorded once.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::PaymentsEvent;
use domain::access::Actor;
use domain::kernel::*;
use domain::payments::PaymentLinkState;
use entities::kernel::{Broken, Change, Tx, jobs};
use entities::payments::channel;
use entities::payments::link::{self, Link};
use entities::subscribers::account;
use serde_json::json;

use super::record::{NewPayment, record_many};
use crate::adapters::paylink::{Failed, PayLink, State, Wanted};
use crate::app::App;
use crate::payments::jobs::{LINKS, LinkArgs};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// How soon the provider is asked first.
const FIRST: Duration = Duration::seconds(5);
/// How seldom at last.
const SELDOM: Duration = Duration::hours(1);
/// A link that nobody paid for so long after its end will not be paid.
const PATIENCE: Duration = Duration::hours(24);

/// Asks the provider for a link. The row is there before the call; the same key is the same link.
pub async fn ask_link(
    app: &Arc<App>,
    actor: &Actor,
    account: AccountId,
    amount: Money,
    key: &str,
) -> Outcome<Link> {
    let Some(port) = &app.ports.paylink else { refuse!("NO_PAY_LINKS") };
    if !amount.is_positive() {
        refuse!(Refusal::new("AMOUNT_NOT_POSITIVE").at("amount"));
    }
    let kept = app.channels.get(app).await?;
    let Some(through) = kept.channel(port.channel()).filter(|channel| channel.row.active) else {
        refuse!("NO_PAY_LINKS")
    };
    let today = app.clock.today();
    let limit = match kept.book.methods.max_amount(today) {
        Ok(setting) => through.rules(setting.value).most,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    if amount > limit {
        refuse!(Refusal::new("SUM_TOO_LARGE").at("amount").with("limit", limit.to_decimal()));
    }
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    if account::find(&tx, &actor.scope, account).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"));
    }
    let Some((asked, new)) = link::ask(&tx, account, port.channel(), amount, key).await? else {
        refuse!(Refusal::new("CONFLICT").at("idempotencyKey"));
    };
    if !new {
        tx.rollback().await?;
        if (asked.account_id, asked.amount) != (account.0, amount.tiyn()) {
            refuse!(Refusal::new("PAYMENT_KEY_CONFLICT").at("idempotencyKey"));
        }
        return Ok(Ok(asked));
    }
    let id = PaymentLinkId(asked.id);
    tx.audit(Change::new("link", asked.id, "created").after(json!({ "account": account, "amount": amount })));
    tx.emit(PaymentsEvent::LinkChanged { link: id, account });
    tx.commit().await?;

    let wanted = Wanted { amount, reference: asked.reference.to_string() };
    let answered = port.create(&wanted).await;
    let now = app.clock.now();
    let mut tx = Tx::begin(&app.db, Actor::system("links")).await?;
    match &answered {
        Ok(one) => {
            link::made(&tx, asked.id, &one.id, &one.url, one.expires_at, now + FIRST).await?;
            // Under a key of its own: a look that is about to end has not seen it.
            let key = format!("link {}", asked.id);
            jobs::enqueue_later(&mut tx, LINKS, &LinkArgs { link: Some(asked.id) }, &key, 5).await?;
        }
        // Nobody has seen a link that we have not: it can't be paid.
        Err(failed) => {
            tracing::warn!(error = %failed, link = asked.id, "no link to pay on");
            link::became(&tx, asked.id, PaymentLinkState::Failed, None, Some(&failed.to_string()), None)
                .await?;
        }
    }
    tx.emit(PaymentsEvent::LinkChanged { link: id, account });
    tx.commit().await?;
    if answered.is_err() {
        refuse!("PAY_LINK_FAILED");
    }
    match link::visible_to(&app.db, &actor.scope, id).await? {
        Some(row) => Ok(Ok(row)),
        None => refuse!("NOT_FOUND"),
    }
}

/// Asks what became of every link that is due; how many are still open. One that breaks off is put off and keeps no other waiting.
pub async fn watch_links(app: &Arc<App>) -> Result<i64, Broken> {
    let Some(port) = &app.ports.paylink else { return Ok(0) };
    let (due, _) = link::due(&app.db, app.clock.now()).await?;
    for one in due {
        if let Err(error) = look(app, port.as_ref(), &one).await {
            tracing::error!(error = %error, link = one.id, "what became of a link is not written down");
            let tx = Tx::begin(&app.db, Actor::system("links")).await?;
            let next = app.clock.now() + pause(one.checks);
            link::put_off(&tx, one.id, &error.to_string(), next).await?;
            tx.commit_silently("nothing became of it yet").await?;
        }
    }
    Ok(link::due(&app.db, app.clock.now()).await?.1)
}

async fn look(app: &Arc<App>, port: &dyn PayLink, one: &Link) -> Result<(), Broken> {
    let Some(provider_id) = &one.provider_id else { return Ok(()) };
    let found = match port.state(provider_id).await {
        Ok(State::Paid) => match port.taken(provider_id).await {
            Ok(taken) => Found::Paid(taken.total),
            Err(failed) => Found::Unknown(failed.to_string()),
        },
        Ok(State::Waiting) => Found::Open(PaymentLinkState::Waiting),
        Ok(State::Opened) => Found::Open(PaymentLinkState::Opened),
        Ok(State::Failed) => Found::Failed("the provider says that it will not be paid".into()),
        Err(Failed::Refused { code, message }) => Found::Unknown(format!("{code} {message}")),
        Err(Failed::Unknown(why)) => Found::Unknown(why),
    };
    let now = app.clock.now();
    let mut tx = Tx::begin(&app.db, Actor::system("links")).await?;
    let Some(one) = link::lock(&tx, one.id).await?.filter(|one| one.payment_id.is_none()) else {
        return tx.rollback().await;
    };
    let over = one.expires_at.unwrap_or(one.created_at) + PATIENCE < now;
    let next = Some(now + pause(one.checks));
    match found {
        Found::Paid(total) => match record(app, &mut tx, &one, provider_id, total, now).await? {
            Some(id) => link::became(&tx, one.id, PaymentLinkState::Paid, Some(id), None, None).await?,
            None => {
                let why = "the money had no account and went back, or was divided";
                link::became(&tx, one.id, PaymentLinkState::Failed, None, Some(why), None).await?;
            }
        },
        Found::Failed(why) => {
            link::became(&tx, one.id, PaymentLinkState::Failed, None, Some(&why), None).await?;
        }
        Found::Open(_) if over => {
            link::became(&tx, one.id, PaymentLinkState::Expired, None, None, None).await?;
        }
        Found::Open(state) => link::became(&tx, one.id, state, None, None, next).await?,
        // Unknown is no answer: it is asked again, however long.
        Found::Unknown(why) => {
            tracing::warn!(error = why, link = one.id, "what became of a link is not known");
            link::became(&tx, one.id, one.state, None, Some(&why), next).await?;
        }
    }
    tx.emit(PaymentsEvent::LinkChanged { link: PaymentLinkId(one.id), account: AccountId(one.account_id) });
    tx.commit().await
}

enum Found {
    Paid(Money),
    Open(PaymentLinkState),
    Failed(String),
    Unknown(String),
}

/// 5 seconds twelve times, then longer and longer, an hour at last.
fn pause(checks: i32) -> Duration {
    let growing = u32::try_from(checks - 12).unwrap_or(0).min(12);
    (FIRST * 2_i32.pow(growing)).min(SELDOM)
}

/// The money is at the provider: it is recorded under the provider's number, once, however often we look.
async fn record(
    app: &App,
    tx: &mut Tx,
    one: &Link,
    provider_id: &str,
    total: Money,
    now: DateTime<Utc>,
) -> Result<Option<PaymentId>, Broken> {
    let id = AccountId(one.account_id);
    let found = account::by_ids(tx, vec![id]).await?.pop();
    let account = found.ok_or_else(|| Broken::RecordNotFound(format!("account {id}")))?;
    let payment = NewPayment {
        account: id,
        sector: account.sector,
        channel: one.channel.clone(),
        external_id: provider_id.to_owned(),
        amount: total,
        paid_on: app.clock.today(),
        import_batch: None,
        paid_at: None,
        target: None,
    };
    match record_many(tx, &[payment], now).await? {
        Ok(done) => Ok(done[0].payment()),
        Err(refusal) => {
            Err(Broken::Custom(format!("the money of link {} is not recorded: {}", one.id, refusal.code)))
        }
    }
}

/// Whether links can be offered now.
pub async fn offers_links(app: &App) -> Result<bool, Broken> {
    let Some(port) = &app.ports.paylink else { return Ok(false) };
    let rows = channel::all(&app.db).await?;
    Ok(rows.iter().any(|row| row.code == port.channel() && row.active))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_asked_after_less_and_less_often() {
        let seconds = |checks| pause(checks).num_seconds();
        assert_eq!([0, 11, 12, 13, 15, 30].map(seconds), [5, 5, 5, 10, 40, 3600]);
    }
}
