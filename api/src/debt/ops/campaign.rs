//! Campaigns: terms on a document, started by a second person; what is paid in time has its penalty given up by itself, and owes it again
//! when the money went back.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use domain::DebtEvent;
use domain::debt::{CampaignState, fulfilled};
use domain::kernel::*;
use domain::ledger::{AdjustmentSource, Charged, post_adjustment};
use entities::debt::campaign::{self, Campaign, Given, Member, Terms};
use entities::kernel::{Broken, Change, Tx};
use entities::ledger::item::{self, Item};
use entities::ledger::period;
use entities::payments::write::{self, Posting, Settlement};
use entities::subscribers::account;
use rust_decimal::Decimal;
use serde_json::json;

use crate::payments::ops::{Adjustment, adjust, offset_advances};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Accounts in one transaction.
const AT_ONCE: i64 = 1_000;

pub async fn propose_campaign(tx: &mut Tx, terms: Terms, today: NaiveDate) -> Outcome<Campaign> {
    for (text, field) in [(&terms.name_kk, "nameKk"), (&terms.name_ru, "nameRu")] {
        if text.trim().is_empty() {
            refuse!(Refusal::new("EMPTY").at(field));
        }
    }
    if terms.debt_to < terms.debt_from {
        refuse!(Refusal::new("DATES_WRONG").at("debtTo"));
    }
    if terms.starts_on < today {
        refuse!(Refusal::new("PAST_DAY").at("startsOn"));
    }
    if terms.pay_by < terms.starts_on {
        refuse!(Refusal::new("DATES_WRONG").at("payBy"));
    }
    if terms.percent <= Decimal::ZERO || terms.percent > Decimal::ONE_HUNDRED {
        refuse!(Refusal::new("PERCENT_WRONG").at("percent"));
    }
    if *tx.scope() != domain::access::Scope::City {
        refuse!("NOT_FOUND");
    }
    let id = allow!(unless(campaign::propose(tx, &terms).await, &[])?);
    let row = campaign::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("campaign", id, "proposed").after(&row).document(Some(terms.document.0)));
    tx.emit(DebtEvent::CampaignChanged { campaign: id });
    Ok(Ok(row))
}

/// Starts a proposed campaign, which fixes who takes part with what they owe, or declines it. Never by who proposed it.
pub async fn decide_campaign(
    tx: &mut Tx,
    id: CampaignId,
    agreed: bool,
    today: NaiveDate,
) -> Outcome<Campaign> {
    let Some(before) = campaign::lock(tx, id).await? else { refuse!("NOT_FOUND") };
    if before.state != CampaignState::Proposed.code() {
        refuse!("CAMPAIGN_DECIDED");
    }
    if before.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    if *tx.scope() != domain::access::Scope::City {
        refuse!("NOT_FOUND");
    }
    let (state, action) =
        if agreed { (CampaignState::Started, "started") } else { (CampaignState::Declined, "declined") };
    let mut accounts = 0;
    if agreed {
        if today < before.starts_on || today > before.pay_by {
            refuse!(Refusal::new("CAMPAIGN_DAYS").with("from", before.starts_on).with("to", before.pay_by));
        }
        accounts = campaign::enrol(tx, id, today).await?;
        if accounts == 0 {
            refuse!("CAMPAIGN_EMPTY");
        }
    }
    campaign::set_state(tx, id, state).await?;
    let row = campaign::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    let after = json!({ "campaign": &row, "accounts": accounts });
    tx.audit(
        Change::new("campaign", id, action).before(&before).after(after).document(Some(row.document_id)),
    );
    tx.emit(DebtEvent::CampaignChanged { campaign: id });
    Ok(Ok(row))
}

/// Ends a campaign after its last day: nothing is given any more.
pub async fn end_campaign(tx: &mut Tx, id: CampaignId, today: NaiveDate) -> Outcome<Campaign> {
    let Some(before) = campaign::lock(tx, id).await? else { refuse!("NOT_FOUND") };
    if before.state != CampaignState::Started.code() || *tx.scope() != domain::access::Scope::City {
        refuse!("CAMPAIGN_DECIDED");
    }
    if today <= before.pay_by {
        refuse!(Refusal::new("CAMPAIGN_RUNS").with("day", before.pay_by));
    }
    campaign::set_state(tx, id, CampaignState::Ended).await?;
    let row = campaign::find(tx, id).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(Change::new("campaign", id, "ended").before(&before).after(&row));
    tx.emit(DebtEvent::CampaignChanged { campaign: id });
    Ok(Ok(row))
}

/// Records the application of an account that takes part.
pub async fn apply_for(tx: &mut Tx, id: CampaignId, account: AccountId, today: NaiveDate) -> Outcome<Member> {
    let scope = tx.scope().clone();
    if account::find(tx, &scope, account).await?.is_none() {
        refuse!("NOT_FOUND");
    }
    let Some(row) = campaign::find(tx, id).await? else { refuse!("NOT_FOUND") };
    if row.state != CampaignState::Started.code() {
        refuse!("CAMPAIGN_DECIDED");
    }
    if !campaign::apply(tx, id, account, today).await? {
        refuse!("CAMPAIGN_NO_MEMBER");
    }
    let member = campaign::member(tx, id, account).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(Change::new("campaign", id, "applied").after(json!({ "account": account })));
    tx.emit(DebtEvent::CampaignChanged { campaign: id });
    Ok(Ok(member))
}

/// Gives up the penalty of the next accounts that have paid; the last account looked at, or none when there are no more.
pub async fn give(
    tx: &mut Tx,
    row: &Campaign,
    after: i64,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Option<i64>> {
    let id = CampaignId(row.id);
    let waiting = campaign::waiting(tx, id, after, AT_ONCE).await?;
    let Some(last) = waiting.last().map(|one| one.account_id) else {
        tx.nothing_new("nobody is left who paid");
        return Ok(Ok(None));
    };
    let tiyn = Money::from_tiyn;
    let done: Vec<(AccountId, Sector, Money)> = waiting
        .iter()
        .filter_map(|one| {
            let sum =
                fulfilled(tiyn(one.debt), tiyn(one.penalty), tiyn(one.paid), tiyn(one.owed), row.percent)?;
            Some((AccountId(one.account_id), Sector::from_code(&one.sector)?, sum))
        })
        .collect();
    if done.is_empty() {
        tx.nothing_new("nobody has paid all of it");
        return Ok(Ok(Some(last)));
    }
    let accounts: Vec<i64> = done.iter().map(|one| one.0.0).collect();
    let mut owed: HashMap<i64, Vec<Item>> = HashMap::new();
    let bound = item::bound(tx, &accounts).await?;
    for mut item in item::lock_payable(tx, &accounts).await? {
        // What is claimed is not given up.
        if let Some(bound) = bound.get(&(item.account_id, item.id)) {
            item.amount -= (*bound).min(item.amount - item.settled);
        }
        owed.entry(item.account_id).or_default().push(item);
    }
    let mut credits = Vec::new();
    let mut given = Vec::with_capacity(done.len());
    for (account, sector, sum) in &done {
        let items = owed.remove(&account.0).unwrap_or_default();
        let parts = parts_of(row, &items, *sum);
        given.push((*account, parts.iter().map(|part| part.1).sum::<Money>()));
        credits.extend(parts.into_iter().filter_map(|(item, amount)| {
            Some(Adjustment {
                account: *account,
                sector: *sector,
                service: item.service.as_deref().and_then(Service::from_code)?,
                component: Component::from_code(&item.component)?,
                origin: Period::of(item.origin),
                due_on: item.due_on,
                net: -amount,
                vat: Money::ZERO,
            })
        }));
    }
    // Orders of write-off have ids of their own; those of campaigns stand on the other side of zero.
    allow!(adjust(tx, AdjustmentSource::WriteOff, -row.id, &credits, today, known_at).await?);
    campaign::give(tx, id, &given, today).await?;
    let sum: Money = given.iter().map(|one| one.1).sum();
    tx.audit(Change::new("campaign", id, "given").after(json!({ "accounts": given.len(), "sum": sum })));
    tx.emit(DebtEvent::CampaignChanged { campaign: id });
    Ok(Ok(Some(last)))
}

/// Takes back what was given up of the next accounts whose money went back, so that the debt was not paid by the day after all; the last
/// account looked at, or none when there are no more. The same items are owed again: the campaign named them, and what comes for them in
/// time is paid of it.
pub async fn take_gift_back(
    tx: &mut Tx,
    row: &Campaign,
    after: i64,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Option<i64>> {
    let id = CampaignId(row.id);
    let looked = campaign::in_doubt(tx, id, after, AT_ONCE).await?;
    let Some(last) = looked.last().map(|one| one.account_id) else {
        tx.nothing_new("nobody's money went back");
        return Ok(Ok(None));
    };
    let tiyn = Money::from_tiyn;
    let unpaid = |one: &&campaign::Waiting| {
        fulfilled(tiyn(one.debt), tiyn(one.penalty), tiyn(one.paid), tiyn(one.owed), row.percent).is_none()
    };
    let unpaid: Vec<i64> = looked.iter().filter(unpaid).map(|one| one.account_id).collect();
    let taken = campaign::take_back(tx, id, &unpaid).await?;
    if taken.is_empty() {
        tx.nothing_new("who was given something has paid");
        return Ok(Ok(Some(last)));
    }
    item::lock_all_of(tx, &taken).await?;
    let given = campaign::given(tx, id, &taken).await?;
    let sum = allow!(owe_again(tx, row, &given, today, known_at).await?);
    let told = json!({ "accounts": taken.len(), "sum": sum, "of": taken });
    tx.audit(Change::new("campaign", id, "revived").after(told));
    tx.emit(DebtEvent::CampaignChanged { campaign: id });
    Ok(Ok(Some(last)))
}

/// Mirrors what a campaign wrote off, in the months open today; money paid ahead covers it at once. The sum of it.
async fn owe_again(
    tx: &mut Tx,
    row: &Campaign,
    given: &[Given],
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Money> {
    let source = AdjustmentSource::WriteOff;
    let mut months = BTreeMap::new();
    let (mut settlements, mut entries, mut totals) = (Vec::new(), Vec::new(), Vec::new());
    for part in given {
        let codes = (
            Sector::from_code(&part.sector),
            Service::from_code(&part.service),
            Component::from_code(&part.component),
        );
        let (Some(sector), Some(service), Some(component)) = codes else {
            return Err(Broken::Custom(format!("open item {} has unknown codes", part.open_item_id)));
        };
        if let Entry::Vacant(month) = months.entry(sector) {
            let Some(open) = period::posting_period(tx, today, sector).await? else {
                refuse!("NO_OPEN_PERIOD")
            };
            month.insert(open);
        }
        let (account, amount, month) =
            (AccountId(part.account_id), Money::from_tiyn(part.amount), months[&sector].period);
        let at = Posting {
            period: month,
            sector,
            account,
            posted_on: today,
            source: source.code(),
            source_id: -row.id,
        };
        settlements.push(Settlement {
            account,
            item: OpenItemId(part.open_item_id),
            period: month,
            valid_on: today,
            amount: -amount,
            source: source.code(),
            source_id: -row.id,
        });
        let charged = Charged { service, component, net: amount, vat: Money::ZERO };
        entries.extend(post_adjustment(source, account, charged).into_iter().map(|entry| (at, entry)));
        totals.push((account, month, sector, amount));
    }
    write::settlements(tx, &settlements).await?;
    write::entries(tx, &entries).await?;
    write::add_totals(tx, source.total(), &totals).await?;
    for (sector, open) in months {
        let of: BTreeSet<i64> = totals.iter().filter(|one| one.2 == sector).map(|one| one.0.0).collect();
        let ahead = item::with_advance(tx, of.into_iter().collect()).await?;
        offset_advances(tx, &open, ahead, today, known_at).await?;
    }
    Ok(Ok(totals.iter().map(|one| one.3).sum()))
}

/// Penalty first, oldest first; then the debt of the campaign's months, which the payment did not reach because it covered penalty.
fn parts_of<'a>(row: &Campaign, items: &'a [Item], sum: Money) -> Vec<(&'a Item, Money)> {
    let penalty = items.iter().filter(|item| item.amount > 0 && item.component == Component::Penalty.code());
    let debt = items.iter().filter(|item| {
        item.amount > 0
            && [Component::Charge.code(), Component::Imbalance.code()].contains(&item.component.as_str())
            && (row.debt_from..=row.debt_to).contains(&item.origin)
    });
    let mut left = sum;
    let part = |item: &'a Item| {
        let amount = left.min(Money::from_tiyn(item.amount - item.settled));
        left -= amount;
        amount.is_positive().then_some((item, amount))
    };
    penalty.chain(debt).filter_map(part).collect()
}
