//! Reverses a payment: its settlements are taken back, the sum is owed again, both rows stay.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::{LedgerAccount, post_payment, reverse};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::{item, period};
use entities::payments::payment::{self, Payment};
use entities::payments::write::{self, Posting, Settlement};

use crate::platform::Outcome;
use crate::refuse;

pub async fn reverse_payment(
    tx: &mut Tx,
    id: PaymentId,
    document: Option<DocumentId>,
    today: NaiveDate,
) -> Outcome<Payment> {
    let scope = tx.scope().clone();
    let Some(old) = payment::visible_to(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    if old.reversed {
        refuse!("PAYMENT_REVERSED");
    }
    if old.reverses.is_some() {
        refuse!("PAYMENT_IS_REVERSAL");
    }
    let (account, amount) = (AccountId(old.account_id), Money::from_tiyn(old.amount));
    let sector =
        Sector::from_code(&old.sector).ok_or_else(|| Broken::Custom(format!("sector {}", old.sector)))?;
    let Some(open) = period::posting_period(tx, today, sector).await? else { refuse!("NO_OPEN_PERIOD") };

    let settled = payment::settled_by(tx, vec![id.0]).await?;
    // The rows are locked before they are read again: a payment of the same account waits.
    item::lock_all(tx, account).await?;
    let items: HashMap<i64, item::Item> =
        item::by_ids(tx, settled.iter().map(|s| (s.account_id, s.open_item_id)).collect())
            .await?
            .into_iter()
            .map(|row| (row.id, row))
            .collect();
    let advance = item::by_source(tx, account, "payment", id.0).await?;
    if advance.as_ref().is_some_and(|advance| advance.settled != 0) {
        refuse!("ADVANCE_USED");
    }

    let new_id = PaymentId(write::reserve_ids(tx, 1).await?[0]);
    let mut covered = Vec::new();
    let mut back = Vec::new();
    let settle = |item, amount| Settlement {
        account,
        item,
        period: open.period,
        amount,
        source: "payment_reversal",
        source_id: new_id.0,
    };
    for part in &settled {
        let row = items.get(&part.open_item_id).ok_or_else(|| Broken::RecordNotFound("open item".into()))?;
        let service = row.service.as_deref().and_then(Service::from_code);
        let (Some(service), Some(component)) = (service, Component::from_code(&row.component)) else {
            continue;
        };
        covered.push((service, component, Money::from_tiyn(part.amount)));
        back.push(settle(OpenItemId(part.open_item_id), Money::from_tiyn(-part.amount)));
    }
    let ahead = advance.as_ref().map_or(Money::ZERO, |advance| Money::from_tiyn(-advance.amount));
    if let Some(advance) = &advance {
        back.push(settle(OpenItemId(advance.id), -ahead));
    }
    let clearing =
        if old.channel == "cash" { LedgerAccount::CashClearing } else { LedgerAccount::BankClearing };
    let at = Posting {
        period: open.period,
        sector,
        account,
        posted_on: today,
        source: "payment_reversal",
        source_id: new_id.0,
    };
    let entries: Vec<_> = reverse(&post_payment(account, clearing, &covered, ahead))
        .into_iter()
        .map(|entry| (at, entry))
        .collect();

    write::payments(
        tx,
        &[write::NewPayment {
            id: new_id,
            account,
            sector,
            period: open.period,
            channel: old.channel.clone(),
            external_id: format!("reversal of {id}"),
            amount,
            paid_on: today,
            import_batch: None,
            reverses: Some(id),
            document,
        }],
    )
    .await?;
    write::settlements(tx, &back).await?;
    write::entries(tx, &entries).await?;
    write::add_totals(tx, "payment", &[(account, open.period, sector, amount)]).await?;
    tx.audit(
        Change::new("payment", id, "reverse")
            .after(serde_json::json!({ "by": new_id }))
            .document(document.map(|d| d.0)),
    );
    tx.emit(PaymentsEvent::Reversed { payment: id, account, amount });
    let Some(old) = payment::visible_to(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    Ok(Ok(old))
}
