//! Gives money back to who paid it: never more than is unapplied, by the means it came by, once for each key.

use std::collections::{BTreeSet, HashMap};

use domain::PaymentsEvent;
use domain::kernel::*;
use domain::ledger::{post_bank_refund, post_payment, reverse};
use domain::payments::{RefundRefusal, RefundState, Refundable, may_refund};
use entities::kernel::crypto::Vault;
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item::{self, Item};
use entities::ledger::period;
use entities::payments::alone::given_alone;
use entities::payments::refund::{self, NewRefund, Refund};
use entities::payments::write::{self, NewItem, Posting, Settlement};
use entities::payments::{earmark, payment, transfer};
use entities::subscribers::account;
use entities::tariffs;

use super::Stays;
use super::record::clearing;
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What is to go back.
#[derive(Debug, Clone)]
pub struct Refunding {
    pub payment: PaymentId,
    pub amount: Money,
    /// The application.
    pub document: DocumentId,
    pub reason: String,
    /// Where the bank sends it, where that is not the way it came.
    pub requisites: Option<String>,
    /// The same key is the same refund, for ever.
    pub key: String,
}

/// Proposes a refund; what one person may is in the books at once.
pub async fn refund(tx: &mut Tx, vault: &Vault, asked: Refunding, clock: &Clock) -> Outcome<Refund> {
    if asked.reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if entities::archive::find(tx, asked.document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let scope = tx.scope().clone();
    payment::lock(tx, &[asked.payment.0]).await?;
    let Some(of) = payment::visible_to(tx, &scope, asked.payment).await? else { refuse!("NOT_FOUND") };
    if let Some(known) = refund::by_key(tx, &asked.key).await? {
        if known.payment_id != asked.payment || known.amount() != asked.amount {
            refuse!(Refusal::new("REFUND_KEY_CONFLICT").at("key"));
        }
        tx.nothing_new("the same refund again");
        return Ok(Ok(known));
    }
    let account = allow!(standing(tx, &of).await?);
    let rows = account::by_ids(tx, vec![account]).await?;
    let Some(sector) = rows.first().map(|row| row.sector) else { refuse!("NOT_FOUND") };
    let credits = credits(tx, account, asked.payment).await?;
    allow!(within(tx, &of, account, &credits, asked.amount, None).await?);
    let second = allow!(second_person(tx, account, asked.amount, clock).await?);
    let waiting = !second.is_empty();
    let new = NewRefund {
        key: asked.key,
        account,
        payment: asked.payment,
        sector,
        amount: asked.amount,
        means: of.channel.clone(),
        requisites: asked.requisites.as_deref().map(|text| vault.seal(text.trim())),
        second,
        document: asked.document,
        reason: asked.reason.trim().to_owned(),
        asked_on: clock.today(),
    };
    let id = refund::insert(tx, &new).await?;
    if !waiting {
        allow!(post(tx, id, &of, &credits, false, clock).await?);
    }
    told(tx, id, if waiting { "proposed" } else { "posted" }).await.map(Ok)
}

/// Agrees to a refund, which posts it, or declines it; never by who proposed it.
pub async fn decide_refund(tx: &mut Tx, id: RefundId, agreed: bool, clock: &Clock) -> Outcome<Refund> {
    let found = allow!(found(tx, id).await?);
    if found.state != RefundState::Waiting {
        refuse!("REFUND_DECIDED");
    }
    if found.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    if !agreed {
        refund::declined(tx, id).await?;
        return told(tx, id, "declined").await.map(Ok);
    }
    let scope = tx.scope().clone();
    payment::lock(tx, &[found.payment_id.0]).await?;
    let Some(of) = payment::visible_to(tx, &scope, found.payment_id).await? else { refuse!("NOT_FOUND") };
    // It holds the payment since it was proposed; what an earlier program let go is not given back.
    if allow!(standing(tx, &of).await?) != found.account_id {
        refuse!(Stays::Moved(found.payment_id));
    }
    let credits = credits(tx, found.account_id, found.payment_id).await?;
    allow!(within(tx, &of, found.account_id, &credits, found.amount(), Some(id)).await?);
    allow!(post(tx, id, &of, &credits, true, clock).await?);
    told(tx, id, "confirmed").await.map(Ok)
}

/// The bank has paid it: the day and the number of the order.
pub async fn pay_refund(
    tx: &mut Tx,
    id: RefundId,
    on: chrono::NaiveDate,
    reference: &str,
) -> Outcome<Refund> {
    let found = allow!(found(tx, id).await?);
    if found.state != RefundState::Posted {
        refuse!("REFUND_DECIDED");
    }
    refund::paid(tx, id, on, reference.trim()).await?;
    told(tx, id, "paid").await.map(Ok)
}

/// The same by a line of a statement: the money left our own bank, and whichever agent took it has it still. Somebody may have said
/// before that it is paid: then the line is what the books still lack.
pub(super) async fn pay_refund_by_bank(
    tx: &mut Tx,
    id: RefundId,
    on: chrono::NaiveDate,
    reference: &str,
) -> Outcome<()> {
    let paid = match allow!(found(tx, id).await?) {
        known if known.state == RefundState::Paid && !refund::on_statement(tx, id).await? => known,
        _ => allow!(pay_refund(tx, id, on, reference).await?),
    };
    let of = payment::by_ids(tx, vec![paid.payment_id.0]).await?.pop();
    let Some(agent) = of.and_then(|of| of.agent_id).map(AgentId) else { return Ok(Ok(())) };
    let Some(open) = period::posting_period(tx, on, paid.sector).await? else { refuse!("NO_OPEN_PERIOD") };
    let at = Posting {
        period: open.period,
        sector: paid.sector,
        account: paid.account_id,
        posted_on: on,
        source: "refund",
        source_id: id.0,
    };
    let moved = post_bank_refund(agent, paid.amount()).into_iter().map(|entry| (at, entry));
    write::entries(tx, &moved.collect::<Vec<_>>()).await.map(Ok)
}

/// It came back: the money is the account's again, paid ahead.
pub async fn return_refund(tx: &mut Tx, id: RefundId, clock: &Clock) -> Outcome<Refund> {
    let found = allow!(found(tx, id).await?);
    if !matches!(found.state, RefundState::Posted | RefundState::Paid) {
        refuse!("REFUND_DECIDED");
    }
    let today = clock.today();
    let Some(open) = period::posting_period(tx, today, found.sector).await? else {
        refuse!("NO_OPEN_PERIOD")
    };
    let scope = tx.scope().clone();
    let Some(of) = payment::visible_to(tx, &scope, found.payment_id).await? else { refuse!("NOT_FOUND") };
    let at = Posting {
        period: open.period,
        sector: found.sector,
        account: found.account_id,
        posted_on: today,
        source: "refund",
        source_id: id.0,
    };
    let item = write::reserve_item_ids(tx, 1).await?;
    let advance = NewItem {
        id: OpenItemId(item[0]),
        account: found.account_id,
        sector: found.sector,
        service: None,
        component: "advance",
        origin: open.period,
        due_on: today,
        amount: -found.amount(),
        source: "refund",
        source_id: id.0,
        earmark: None,
    };
    write::items(tx, &[advance]).await?;
    let agent = of.agent_id.map(AgentId);
    let mut back = post_payment(found.account_id, clearing(&of.channel, agent), &[], found.amount());
    if let Some(agent) = agent
        && refund::paid_by_bank(tx, id, found.account_id).await?
    {
        back.extend(reverse(&post_bank_refund(agent, found.amount())));
    }
    write::entries(tx, &back.into_iter().map(|entry| (at, entry)).collect::<Vec<_>>()).await?;
    write::add_totals(tx, "payment", &[(found.account_id, open.period, found.sector, -found.amount())])
        .await?;
    refund::returned(tx, id).await?;
    let ahead = item::with_advance(tx, vec![found.account_id.0]).await?;
    super::offset_advances(tx, &open, ahead, today, clock.now()).await?;
    told(tx, id, "came_back").await.map(Ok)
}

/// The account that a payment stands on, if money of it may go back.
async fn standing(tx: &Tx, of: &payment::Payment) -> Outcome<AccountId> {
    if of.reversed || of.reverses.is_some() {
        refuse!("PAYMENT_REVERSED");
    }
    if of.at_desk {
        refuse!(Stays::OfDesk);
    }
    // Of a payment that moved, the money is on the account that it moved to.
    let moved = transfer::stands_on(tx, PaymentId(of.id)).await?;
    Ok(Ok(moved.unwrap_or(AccountId(of.account_id))))
}

/// Under a lock, and only for who reaches its account.
async fn found(tx: &Tx, id: RefundId) -> Outcome<Refund> {
    let Some(row) = refund::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    let rows = account::by_ids(tx, vec![row.account_id]).await?;
    if !rows.iter().all(|account| account.in_scope(tx.scope())) {
        refuse!(Refusal::new("NOT_FOUND").at("id"));
    }
    Ok(Ok(row))
}

async fn told(tx: &mut Tx, id: RefundId, action: &'static str) -> Result<Refund, Broken> {
    let row = refund::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(
        Change::new("refund", id, action)
            .after(serde_json::json!({
                "account": row.account_id, "payment": row.payment_id, "amount": row.amount(), "state": row.state,
                "means": row.means, "second": row.second, "reason": row.reason, "paidOn": row.paid_on,
            }))
            .document(Some(row.document_id.0)),
    );
    tx.emit(PaymentsEvent::RefundChanged { refund: id, account: row.account_id });
    Ok(row)
}

/// What is paid ahead of an account, under a lock, in the order in which it goes back: what is left of the payment itself, then what
/// else there is, the oldest first. What is tied to debts stays, unless the payment itself left it.
async fn credits(tx: &Tx, account: AccountId, payment: PaymentId) -> Result<Vec<Item>, Broken> {
    let open = item::lock_payable(tx, &[account.0]).await?;
    let tied = earmark::items(tx, open.iter().filter_map(|row| row.earmark_id).collect()).await?;
    let own: HashMap<i64, Vec<Item>> = item::by_sources(tx, "payment", &[(account, payment.0)]).await?;
    let own: BTreeSet<i64> = own.into_values().flatten().map(|row| row.id).collect();
    let free = |row: &Item| row.earmark_id.is_none_or(|id| !tied.contains_key(&EarmarkId(id)));
    let ahead = open.into_iter().filter(|row| row.amount < 0 && (own.contains(&row.id) || free(row)));
    let mut credits: Vec<Item> = ahead.collect();
    credits.sort_by_key(|row| (!own.contains(&row.id), row.origin, row.id));
    Ok(credits)
}

/// Whether so much may go back; what waits for a second person is promised already.
async fn within(
    tx: &Tx,
    of: &payment::Payment,
    account: AccountId,
    credits: &[Item],
    amount: Money,
    besides: Option<RefundId>,
) -> Outcome<()> {
    let credit: Money = credits.iter().map(|row| Money::from_tiyn(row.settled - row.amount)).sum();
    let refundable = Refundable {
        credit: credit - refund::promised(tx, account, besides).await?,
        paid: Money::from_tiyn(of.amount),
        refunded: refund::gone_of(tx, PaymentId(of.id), besides).await?,
    };
    Ok(may_refund(amount, refundable).map_err(|refusal| match refusal {
        RefundRefusal::NotPositive => Refusal::new("AMOUNT_NOT_POSITIVE").at("amount"),
        RefundRefusal::Credit(credit) => {
            Refusal::new("REFUND_ABOVE_CREDIT").at("amount").with("credit", credit)
        }
        RefundRefusal::Payment(left) => Refusal::new("REFUND_ABOVE_PAYMENT").at("amount").with("left", left),
    }))
}

/// Why one person is not enough, by what the same person gave back alone before in the month.
async fn second_person(tx: &Tx, account: AccountId, amount: Money, clock: &Clock) -> Outcome<Vec<String>> {
    let today = clock.today();
    let book = tariffs::book_of(tx, Period::of(today), clock.now()).await?;
    let limit = match book.methods.refund_alone(today) {
        Ok(limit) => limit.value,
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    };
    let already = given_alone(tx, &tx.actor().label, Period::of(today)).await?;
    let mut reasons = Vec::new();
    if already + amount > limit {
        reasons.push("limit".to_owned());
    }
    if transfer::of_staff(tx, &[account]).await? {
        reasons.push("staff".to_owned());
    }
    Ok(Ok(reasons))
}

/// Takes the sum off what is paid ahead, one after another.
async fn post(
    tx: &mut Tx,
    id: RefundId,
    of: &payment::Payment,
    credits: &[Item],
    by_second: bool,
    clock: &Clock,
) -> Outcome<()> {
    let row = refund::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    let today = clock.today();
    let Some(open) = period::posting_period(tx, today, row.sector).await? else { refuse!("NO_OPEN_PERIOD") };
    let at = Posting {
        period: open.period,
        sector: row.sector,
        account: row.account_id,
        posted_on: today,
        source: "refund",
        source_id: id.0,
    };
    let (mut left, mut settlements) = (row.amount(), Vec::new());
    for credit in credits {
        let part = left.min(Money::from_tiyn(credit.settled - credit.amount));
        if part.is_positive() {
            settlements.push(Settlement {
                account: row.account_id,
                item: OpenItemId(credit.id),
                period: open.period,
                valid_on: today,
                amount: -part,
                source: "refund",
                source_id: id.0,
            });
            left -= part;
        }
    }
    if !left.is_zero() {
        return Err(Broken::Custom(format!("refund {id} found less than the rule allowed")));
    }
    write::settlements(tx, &settlements).await?;
    let out = reverse(&post_payment(
        row.account_id,
        clearing(&of.channel, of.agent_id.map(AgentId)),
        &[],
        row.amount(),
    ));
    write::entries(tx, &out.into_iter().map(|entry| (at, entry)).collect::<Vec<_>>()).await?;
    write::add_totals(tx, "payment", &[(row.account_id, open.period, row.sector, row.amount())]).await?;
    refund::posted(tx, id, open.period, by_second).await?;
    Ok(Ok(()))
}
