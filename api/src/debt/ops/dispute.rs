//! Disputes: a sum of an item rests until it is decided; decided for the subscriber, it is taken back.

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::DebtEvent;
use domain::debt::{DisputeState, by_rates};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::debt::dispute::{self, Dispute};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item;
use entities::subscribers::account;
use rust_decimal::Decimal;

use super::{missing, owed_item, settings};
use crate::payments::ops::{Adjustment, adjust};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

pub async fn open_dispute(
    tx: &mut Tx,
    account: AccountId,
    item: OpenItemId,
    amount: Money,
    reason: &str,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Dispute> {
    if reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    let scope = tx.scope().clone();
    if account::find(tx, &scope, account).await?.is_none() {
        refuse!("NOT_FOUND");
    }
    let Some(row) = owed_item(tx, account, item).await? else {
        refuse!(Refusal::new("NOTHING_OWED").at("openItemId"))
    };
    if !amount.is_positive() || amount.tiyn() > row.amount - row.settled {
        refuse!(Refusal::new("MORE_THAN_OWED").at("amount"));
    }
    let bound = item::bound(tx, &[account.0]).await?;
    if bound.get(&(account.0, item.0)).is_some_and(|bound| amount.tiyn() > row.amount - row.settled - bound) {
        refuse!(Refusal::new("ITEM_CLAIMED").at("openItemId"));
    }
    let book = settings(tx, today, known_at).await?;
    let days = allow!(book.methods.debt.dispute_days(today).map_err(missing));
    let answer_by = today + Days::new(days.into());
    let opened = dispute::open(tx, (account, item), amount, reason.trim(), today, answer_by).await?;
    let Some(id) = opened else { refuse!(Refusal::new("DISPUTE_EXISTS").at("openItemId")) };
    let row = dispute::find(tx, &scope, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("dispute", id, "opened").after(&row));
    tx.emit(DebtEvent::DisputeChanged { dispute: id, account });
    Ok(Ok(row))
}

/// Ends a dispute on a document. For the subscriber: the sum is taken back by a correction at once, as if it had never been owed.
pub async fn decide_dispute(
    tx: &mut Tx,
    id: DisputeId,
    for_subscriber: bool,
    decision: &str,
    document: DocumentId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Dispute> {
    if decision.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("decision"));
    }
    let scope = tx.scope().clone();
    let Some(before) = dispute::find(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    if before.opened_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    let state = if for_subscriber { DisputeState::For } else { DisputeState::Against };
    let decided = dispute::decide(tx, id, state, decision.trim(), document, today).await;
    if !allow!(unless(decided, &[])?) {
        refuse!("DISPUTE_DECIDED");
    }
    let account = AccountId(before.account_id);
    if for_subscriber {
        allow!(take_back(tx, &before, today, known_at).await?);
    }
    let row = dispute::find(tx, &scope, id).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(Change::new("dispute", id, "decided").before(&before).after(&row).document(Some(document.0)));
    tx.emit(DebtEvent::DisputeChanged { dispute: id, account });
    Ok(Ok(row))
}

async fn take_back(tx: &mut Tx, row: &Dispute, today: NaiveDate, known_at: DateTime<Utc>) -> Outcome<()> {
    let account = AccountId(row.account_id);
    let found = item::by_ids(tx, vec![(row.account_id, row.open_item_id)]).await?;
    let item = found.into_iter().next().ok_or_else(|| Broken::RecordNotFound("open item".into()))?;
    let codes = (item.service.as_deref().and_then(Service::from_code), Component::from_code(&item.component));
    let (Some(service), Some(component)) = codes else { refuse!(Refusal::new("NOTHING_OWED")) };
    let owner = account::by_ids(tx, vec![account]).await?.pop();
    let owner = owner.ok_or_else(|| Broken::RecordNotFound("account".into()))?;
    let (origin, gross) = (Period::of(item.origin), Money::from_tiyn(row.amount));
    let sums: Vec<(Money, Money)> = match component {
        Component::Penalty | Component::Cost => vec![(gross, Money::ZERO)],
        Component::Charge | Component::Imbalance | Component::OneOff => {
            // The days of a bill may have several rates; what is no bill's has that of the month's last day.
            let charged = dispute::charged_at(tx, account, origin, service, component).await?;
            let parts = by_rates(gross, &charged);
            if parts.is_empty() {
                let book = settings(tx, origin.last_day(), known_at).await?;
                let rate = match book.vat(origin.last_day()) {
                    Ok(version) => version.value,
                    Err(_) => refuse!(Refusal::new("MISSING_SETTING").with("code", "vat")),
                };
                let net = Money::rounded(gross.to_decimal() / (Decimal::ONE + rate), Rounding::HalfUp);
                vec![(net, gross - net)]
            } else {
                parts.into_iter().map(|at| (at.net, at.vat)).collect()
            }
        }
    };
    let credit = |(net, vat): (Money, Money)| Adjustment {
        account,
        sector: owner.sector,
        service,
        component,
        origin,
        due_on: item.due_on,
        net: -net,
        vat: -vat,
    };
    let credits: Vec<Adjustment> = sums.into_iter().map(credit).collect();
    // Recalculations count their own acts; those of disputes stand on the other side of zero.
    adjust(tx, AdjustmentSource::Correction, -row.id, &credits, today, known_at)
        .await
        .map(|done| done.map(drop))
}
