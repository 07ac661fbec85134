//! Ties money to debts: of a judgement, a bailiff, an agreement on instalments. What comes for them covers nothing else.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::PaymentsEvent;
use domain::kernel::*;
use domain::payments::{EarmarkAct, PaymentTarget};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item;
use entities::ledger::period;
use entities::payments::earmark::{self, Earmark, NewEarmark, NewTie};
use entities::subscribers::account;

use super::offset_advances;
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Ties money that will come to what is owed now.
pub async fn tie(tx: &mut Tx, new: NewEarmark) -> Outcome<Earmark> {
    let new = NewEarmark { reference: new.reference.trim().to_owned(), ..new };
    if new.reference.is_empty() {
        refuse!(Refusal::new("EMPTY").at("reference"));
    }
    if entities::archive::find(tx, new.document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let scope = tx.scope().clone();
    if account::find(tx, &scope, new.account).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("accountId"));
    }
    let payable = item::lock_payable(tx, &[new.account.0]).await?;
    let owed: BTreeSet<i64> = payable.iter().filter(|row| row.amount > 0).map(|row| row.id).collect();
    let named: BTreeSet<i64> = new.items.iter().map(|id| id.0).collect();
    if named.is_empty() || !named.is_subset(&owed) {
        refuse!(Refusal::new("NOTHING_OWED").at("items"));
    }
    let id = earmark::insert(tx, &NewEarmark { items: named.into_iter().map(OpenItemId).collect(), ..new })
        .await?;
    told(tx, id, "tied").await.map(Ok)
}

/// Unties it: what its money left is like any other from now on, and covers what is owed at once.
pub async fn untie(tx: &mut Tx, id: EarmarkId, clock: &Clock) -> Outcome<Earmark> {
    let Some(found) = earmark::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    let scope = tx.scope().clone();
    let Some(of) = account::find(tx, &scope, found.account_id).await? else {
        refuse!(Refusal::new("NOT_FOUND").at("id"))
    };
    if found.closed_on.is_some() {
        refuse!("EARMARK_CLOSED");
    }
    // A plan or a claim unties it with its own end.
    if found.act.is_some() {
        refuse!("EARMARK_OF_ACT");
    }
    free(tx, &found, of.sector, clock.today(), clock.now()).await.map(Ok)
}

/// Ties money to what an act above names, or to what it names now.
pub async fn tie_act(tx: &mut Tx, new: NewTie) -> Result<(), Broken> {
    let stood = earmark::of_act(tx, new.act, new.act_id).await?.is_some();
    let id = earmark::tie(tx, &new).await?;
    if stood {
        tx.emit(PaymentsEvent::EarmarkChanged { earmark: id, account: new.account });
        return Ok(());
    }
    told(tx, id, "tied").await.map(drop)
}

/// The act is over: what its money left is like any other from now on.
pub async fn untie_act(
    tx: &mut Tx,
    act: EarmarkAct,
    act_id: i64,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<(), Broken> {
    let Some(found) = earmark::of_act(tx, act, act_id).await? else { return Ok(()) };
    let Some(of) = account::by_ids(tx, vec![found.account_id]).await?.pop() else { return Ok(()) };
    free(tx, &found, of.sector, today, known_at).await.map(drop)
}

/// What the money of an act is meant for, while the act stands.
pub async fn target_of_act(tx: &Tx, act: EarmarkAct, act_id: i64) -> Result<Option<PaymentTarget>, Broken> {
    let found = earmark::of_act(tx, act, act_id).await?;
    Ok(found.map(|row| PaymentTarget::Earmark(EarmarkId(row.id))))
}

/// What a payment was meant for, where it can still be: an earmark that is over ties nothing any more.
pub async fn still_meant(tx: &Tx, kept: Option<&str>) -> Result<Option<PaymentTarget>, Broken> {
    let target: Option<PaymentTarget> = kept.and_then(|text| text.parse().ok());
    let Some(PaymentTarget::Earmark(id)) = target else { return Ok(target) };
    let open = earmark::find(tx, id).await?.is_some_and(|row| row.closed_on.is_none());
    Ok(target.filter(|_| open))
}

/// Ends an earmark; what it held covers what is owed at once, or with the next bill where no month is open.
async fn free(
    tx: &mut Tx,
    found: &Earmark,
    sector: Sector,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<Earmark, Broken> {
    let id = EarmarkId(found.id);
    earmark::close(tx, id, today).await?;
    if found.held > 0
        && let Some(open) = period::posting_period(tx, today, sector).await?
    {
        let ahead = item::with_advance(tx, vec![found.account_id.0]).await?;
        offset_advances(tx, &open, ahead, today, known_at).await?;
    }
    told(tx, id, "untied").await
}

async fn told(tx: &mut Tx, id: EarmarkId, action: &'static str) -> Result<Earmark, Broken> {
    let row = earmark::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("earmark", id, action).after(&row).document(Some(row.document_id.0)));
    tx.emit(PaymentsEvent::EarmarkChanged { earmark: id, account: row.account_id });
    Ok(row)
}
