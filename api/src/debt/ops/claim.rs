//! Claims: what is owed is fixed and bound, handed in, decided, enforced; each step on a document. Costs are charges of their own.

use chrono::{DateTime, NaiveDate, Utc};
use domain::DebtEvent;
use domain::debt::{
    ClaimChoice, ClaimCostKind, ClaimKind, ClaimStanding, ClaimState, ClaimStep, ClaimedPart, OpenDebt,
    Unclaimable, WrongClaim, WrongStep, choose, expires_on, may_step, penalty_with, settled_as,
};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use domain::payments::{EarmarkAct, EarmarkKind};
use entities::debt::accrual;
use entities::debt::claim::{self, Claim, Cost, NewClaim, NewCost, NewStep, Step};
use entities::kernel::{Broken, Change, Result, Tx};
use entities::ledger::{item, period};
use entities::payments::earmark::NewTie;
use entities::subscribers::{account, holder};
use serde_json::json;

use super::{due_on, missing, reference, settings};
use crate::payments::ops::{Adjustment, adjust, offset_advances, tie_act, untie_act};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What is wanted of an account.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub account: AccountId,
    pub kind: ClaimKind,
    pub choice: ClaimChoice,
    /// With the penalty of the chosen debts as it was reckoned up to this day.
    pub penalty_up_to: Option<NaiveDate>,
}

/// An item of the account, what of it would be claimed, and until when it can be.
#[derive(Debug, Clone)]
pub struct Seen {
    pub debt: OpenDebt,
    pub amount: Money,
    pub unclaimable: Option<Unclaimable>,
    pub expires_on: NaiveDate,
}

/// What a claim would come to.
#[derive(Debug, Clone)]
pub struct ClaimPreview {
    pub debtor: PartyId,
    pub items: Vec<Seen>,
    /// Up to which day penalty is reckoned in the account's sector.
    pub penalty_reached: Option<NaiveDate>,
    pub least: Money,
    pub stops_penalty: bool,
}

impl ClaimPreview {
    pub fn amount(&self) -> Money {
        self.items.iter().map(|item| item.amount).sum()
    }

    fn parts(&self) -> Vec<ClaimedPart> {
        let chosen = self.items.iter().filter(|item| item.amount.is_positive());
        chosen.map(|item| (item.debt.id, item.amount)).collect()
    }
}

/// What would be claimed, item by item; nothing chosen claims nothing and is no mistake.
pub async fn preview_claim(
    tx: &Tx,
    wanted: &Wanted,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<ClaimPreview> {
    let scope = tx.scope().clone();
    let Some(owner) = account::find(tx, &scope, wanted.account).await? else {
        refuse!(Refusal::new("NOT_FOUND").at("accountId"))
    };
    let Some(holder) = holder::last(tx, owner.id).await? else {
        refuse!(Refusal::new("CLAIM_NOBODY").at("accountId"))
    };
    let settings = settings(tx, today, known_at).await?.methods.debt;
    let years = allow!(settings.limitation_years(today).map_err(missing));
    let least = allow!(settings.claim_min_sum(today).map_err(missing));
    let stops_penalty = allow!(settings.claim_stops_penalty(today).map_err(missing));

    let found = claim::debts(tx, owner.id).await?;
    let debts: Vec<OpenDebt> = found.iter().map(|one| one.debt).collect();
    let mut parts = match choose(&debts, &wanted.choice, today) {
        Ok(parts) => parts,
        Err(WrongClaim::Nothing) => Vec::new(),
        Err(WrongClaim::Unknown(_)) => refuse!(Refusal::new("NOTHING_OWED").at("items")),
        Err(WrongClaim::Unclaimable(_, why)) => refuse!(unclaimable(why).at("items")),
    };
    let penalty_reached = accrual::reached(tx, owner.sector).await?;
    if let Some(up_to) = wanted.penalty_up_to {
        if penalty_reached.is_none_or(|reached| up_to > reached) {
            let reached = penalty_reached.map_or_else(|| "—".to_owned(), |day| day.to_string());
            refuse!(Refusal::new("CLAIM_PENALTY_DAY").at("penaltyUpTo").with("day", reached));
        }
        let chosen: Vec<OpenItemId> = parts.iter().map(|part| part.0).collect();
        let accrued = claim::accrued(tx, owner.id, &chosen, up_to).await?;
        parts.extend(penalty_with(&debts, &parts, &accrued, today));
    }
    let items = found.into_iter().map(|one| Seen {
        debt: one.debt,
        amount: parts.iter().filter(|part| part.0 == one.debt.id).map(|part| part.1).sum(),
        unclaimable: domain::debt::claimable(&one.debt, today).err(),
        expires_on: expires_on(one.debt.due_on, &one.interruptions, years),
    });
    Ok(Ok(ClaimPreview {
        debtor: holder.party_id,
        items: items.collect(),
        penalty_reached,
        least,
        stops_penalty,
    }))
}

fn unclaimable(why: Unclaimable) -> Refusal {
    Refusal::new(match why {
        Unclaimable::NotDue => "CLAIM_NOT_DUE",
        Unclaimable::Disputed => "CLAIM_DISPUTED",
        Unclaimable::Planned => "CLAIM_PLANNED",
        Unclaimable::Claimed => "ITEM_CLAIMED",
    })
}

/// Fixes what is claimed: from now on these sums are in no warning, plan or campaign, and stay on their account.
pub async fn prepare_claim(
    tx: &mut Tx,
    wanted: &Wanted,
    on: NaiveDate,
    document: DocumentId,
    note: Option<String>,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Claim> {
    if on > today {
        refuse!(Refusal::new("FUTURE_DAY").at("on"));
    }
    // Nobody pays, disputes or parts the debt between the look and the binding.
    account::lock(tx, wanted.account).await?;
    item::lock_payable(tx, &[wanted.account.0]).await?;
    let seen = allow!(preview_claim(tx, wanted, today, known_at).await?);
    let parts = seen.parts();
    if parts.is_empty() {
        refuse!(Refusal::new("CLAIM_EMPTY").at("items"));
    }
    if wanted.kind != ClaimKind::Bankruptcy && seen.amount() < seen.least {
        refuse!(Refusal::new("CLAIM_TOO_SMALL").with("least", seen.least));
    }
    let new = NewClaim {
        account: wanted.account,
        debtor: seen.debtor,
        kind: wanted.kind,
        document,
        note: said(note),
        penalty_up_to: wanted.penalty_up_to,
        on,
    };
    let id = allow!(unless(claim::prepare(tx, &new, &parts).await, &[])?);
    let row = claim::find(tx, tx.scope(), id).await?.ok_or(Broken::RecordNotInserted)?;
    let after = json!({ "claim": &row, "items": parts.len() });
    tx.audit(Change::new("claim", id, "prepared").after(after).document(Some(document.0)));
    tx.emit(DebtEvent::ClaimChanged { claim: id, account: wanted.account });
    tie(tx, &row).await?;
    Ok(Ok(row))
}

/// Money that is meant for a claim covers what is still owed of it, costs first, and nothing else.
async fn tie(tx: &mut Tx, row: &Claim) -> Result<()> {
    let enforced = matches!(row.state, ClaimState::Enforced | ClaimState::Impossible);
    let reference = match row.number.clone().filter(|number| !number.trim().is_empty()) {
        Some(number) => number,
        None => reference(tx, row.document_id, row.id).await?,
    };
    let tie = NewTie {
        act: EarmarkAct::Claim,
        act_id: row.id,
        account: AccountId(row.account_id),
        kind: if enforced { EarmarkKind::Bailiff } else { EarmarkKind::Court },
        reference,
        document: DocumentId(row.document_id),
        parts: claim::open_items(tx, ClaimId(row.id)).await?,
    };
    tie_act(tx, tie).await
}

fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A claim under a lock, with its steps.
async fn locked(tx: &Tx, id: ClaimId) -> Outcome<(Claim, Vec<Step>)> {
    claim::lock(tx, id).await?;
    let Some(row) = claim::find(tx, tx.scope(), id).await? else { refuse!("NOT_FOUND") };
    let steps = claim::steps(tx, vec![id.0]).await?;
    Ok(Ok((row, steps)))
}

/// Records what happened to a claim. Filed, it interrupts the time of limitation of its items; over, its sums are free again.
pub async fn step_claim(
    tx: &mut Tx,
    id: ClaimId,
    step: NewStep,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Claim> {
    let (before, steps) = allow!(locked(tx, id).await?);
    let Some(document) = step.document else { refuse!(Refusal::new("EMPTY").at("documentId")) };
    let step =
        NewStep { authority: said(step.authority), number: said(step.number), note: said(step.note), ..step };
    let mut standing = claim::standing(&steps);
    let Some(&last) = standing.last() else { refuse!("CLAIM_STATE") };
    let next = ClaimStep { state: step.state, on: step.on };
    allow!(may_step(before.kind, last, next, today).map_err(|wrong| match wrong {
        WrongStep::Order => Refusal::new("CLAIM_STATE").at("state"),
        WrongStep::Future => Refusal::new("FUTURE_DAY").at("on"),
        WrongStep::TooEarly => Refusal::new("CLAIM_STEP_EARLY").at("on").with("day", last.on),
    }));
    let names_authority = matches!(step.state, ClaimState::Filed | ClaimState::Enforced);
    if names_authority && step.authority.is_none() {
        refuse!(Refusal::new("EMPTY").at("authority"));
    }
    if step.state == ClaimState::Enforced && step.number.is_none() {
        refuse!(Refusal::new("EMPTY").at("number"));
    }
    if step.amount.is_some_and(|sum| !sum.is_positive() || sum.tiyn() > before.amount + before.costs) {
        refuse!(Refusal::new("CLAIM_AMOUNT").at("amount"));
    }
    let recorded = allow!(unless(claim::record(tx, id, &step).await, &[])?);
    standing.push(next);
    let now = ClaimStanding::of(&standing).ok_or(Broken::RecordNotUpdated)?;
    let mut stops = before.stops_penalty;
    if step.state == ClaimState::Filed {
        claim::interrupt(tx, id, recorded, step.on, document).await?;
        if stops.is_none() {
            let settings = settings(tx, step.on, known_at).await?.methods.debt;
            stops = Some(allow!(settings.claim_stops_penalty(step.on).map_err(missing)));
            if let Some(holder) = holder::last(tx, AccountId(before.account_id)).await? {
                claim::set_debtor(tx, id, holder.party_id).await?;
            }
        }
    }
    claim::stand(tx, id, &now, stops).await?;
    if now.ended_on.is_some() {
        claim::release(tx, id).await?;
        untie_act(tx, EarmarkAct::Claim, id.0, today, known_at).await?;
    }
    told(tx, &before, "step_recorded", Some(document)).await.map(Ok)
}

/// Takes the last step back, on a document: it was never so. The first one is what a claim is, it is withdrawn instead.
pub async fn take_step_back(tx: &mut Tx, id: ClaimId, document: DocumentId) -> Outcome<Claim> {
    let (before, steps) = allow!(locked(tx, id).await?);
    let mut standing = claim::standing(&steps);
    let Some(last) = steps.iter().rfind(|step| step.taken_back_at.is_none()) else { refuse!("CLAIM_STATE") };
    if standing.len() < 2 {
        refuse!("CLAIM_STEP_FIRST");
    }
    let settled = matches!(before.state, ClaimState::Satisfied | ClaimState::WrittenOff);
    if settled && before.rest + before.costs_rest == 0 {
        refuse!("CLAIM_SETTLED");
    }
    if before.ended_on.is_some() {
        allow!(bind_again(tx, &before).await?);
    }
    allow!(unless(claim::take_back(tx, last.id, document).await, &[])?);
    standing.pop();
    let now = ClaimStanding::of(&standing).ok_or(Broken::RecordNotUpdated)?;
    let stops = before.stops_penalty.filter(|_| now.filed_on.is_some());
    claim::stand(tx, id, &now, stops).await?;
    told(tx, &before, "step_taken_back", Some(document)).await.map(Ok)
}

/// What had become free is bound anew, unless something else has happened to it meanwhile.
async fn bind_again(tx: &Tx, row: &Claim) -> Outcome<()> {
    let account = AccountId(row.account_id);
    item::lock_payable(tx, &[account.0]).await?;
    let debts = claim::debts(tx, account).await?;
    for claimed in claim::items(tx, vec![row.id]).await? {
        let debt = debts.iter().map(|one| &one.debt).find(|debt| debt.id.0 == claimed.open_item_id);
        let taken = |debt: &OpenDebt| {
            debt.disputed.is_positive()
                || debt.in_plan
                || debt.rest - debt.claimed < Money::from_tiyn(claimed.rest)
        };
        if debt.is_some_and(taken) {
            refuse!("CLAIM_ITEMS_TAKEN");
        }
    }
    claim::bind(tx, ClaimId(row.id)).await.map(Ok)
}

async fn told(
    tx: &mut Tx,
    before: &Claim,
    action: &'static str,
    document: Option<DocumentId>,
) -> Result<Claim> {
    let id = ClaimId(before.id);
    let row = claim::find(tx, tx.scope(), id).await?.ok_or(Broken::RecordNotUpdated)?;
    tx.audit(Change::new("claim", id, action).before(before).after(&row).document(document.map(|id| id.0)));
    tx.emit(DebtEvent::ClaimChanged { claim: id, account: AccountId(row.account_id) });
    if row.ended_on.is_none() {
        tie(tx, &row).await?;
    }
    Ok(row)
}

/// A cost to be charged.
#[derive(Debug, Clone, Copy)]
pub struct Costing {
    pub claim: ClaimId,
    pub kind: ClaimCostKind,
    pub amount: Money,
    pub on: NaiveDate,
    pub document: DocumentId,
}

/// Charges a cost of a claim to its debtor. The same document charges the same kind once: a repeat is answered with what it came to.
pub async fn charge_cost(
    tx: &mut Tx,
    costing: Costing,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Claim> {
    let Costing { claim: id, kind, amount, on, document } = costing;
    let (before, _) = allow!(locked(tx, id).await?);
    if let Some(same) = claim::same_cost(tx, id, kind, document).await? {
        if (same.amount, same.on_day) != (amount.tiyn(), on) {
            refuse!(Refusal::new("CHARGED_DIFFERENTLY").at("documentId"));
        }
        tx.nothing_new("the cost was charged on this document before");
        return Ok(Ok(before));
    }
    if before.state.is_over() {
        refuse!("CLAIM_STATE");
    }
    if !amount.is_positive() {
        refuse!(Refusal::new("CLAIM_AMOUNT").at("amount"));
    }
    if on > today {
        refuse!(Refusal::new("FUTURE_DAY").at("on"));
    }
    let Some(owner) = account::lock(tx, AccountId(before.account_id)).await? else { refuse!("NOT_FOUND") };
    let Some(open) = period::posting_period(tx, today, owner.sector).await? else {
        refuse!("NO_OPEN_PERIOD")
    };
    let book = settings(tx, today, known_at).await?;
    let new = NewCost {
        claim: id,
        account: owner.id,
        kind,
        on,
        amount,
        period: open.period,
        due_on: allow!(due_on(tx, &book, open.period, today).await?),
        document,
    };
    let cost = allow!(unless(claim::charge(tx, &new).await, &[])?);
    let charge = charge_of(owner.id, owner.sector, (new.period, new.due_on), amount);
    allow!(adjust(tx, AdjustmentSource::Cost, cost.0, &[charge], today, known_at).await?);
    claim::bind(tx, id).await?;
    // Money that came for the claim and was left over pays its cost.
    tie(tx, &before).await?;
    let ahead = item::with_advance(tx, vec![owner.id.0]).await?;
    offset_advances(tx, &open, ahead, today, known_at).await?;
    told(tx, &before, "charged", Some(document)).await.map(Ok)
}

/// Takes a cost back in the open month, on a document; what was paid of it is freed for other debt.
pub async fn reverse_cost(
    tx: &mut Tx,
    id: ClaimCostId,
    document: DocumentId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Claim> {
    let Some(cost) = claim::cost(tx, id).await? else { refuse!("NOT_FOUND") };
    let (before, _) = allow!(locked(tx, ClaimId(cost.claim_id)).await?);
    let Some(owner) = account::lock(tx, AccountId(cost.account_id)).await? else { refuse!("NOT_FOUND") };
    if !allow!(unless(claim::reverse_cost(tx, id, document).await, &[])?) {
        refuse!("ALREADY_REVERSED");
    }
    let Cost { period, due_on, amount, .. } = cost;
    let back = charge_of(owner.id, owner.sector, (Period::of(period), due_on), -Money::from_tiyn(amount));
    allow!(adjust(tx, AdjustmentSource::Cost, id.0, &[back], today, known_at).await?);
    told(tx, &before, "reversed", Some(document)).await.map(Ok)
}

/// A cost is of no service; it stands with water, as what reconnecting costs, and bears no VAT.
fn charge_of(
    account: AccountId,
    sector: Sector,
    (origin, due_on): (Period, NaiveDate),
    amount: Money,
) -> Adjustment {
    Adjustment {
        account,
        sector,
        service: Service::Water,
        component: Component::Cost,
        origin,
        due_on,
        net: amount,
        vat: Money::ZERO,
    }
}

/// Ends claims of which nothing is owed any more: they are paid, or an order gave them up; how many.
pub async fn close_claims(tx: &mut Tx, today: NaiveDate, known_at: DateTime<Utc>) -> Result<usize> {
    let mut ended = 0;
    for row in claim::without_debt(tx).await? {
        let Some(state) = settled_as(row.state, Money::from_tiyn(row.given_up)) else { continue };
        let (id, on) = (ClaimId(row.id), today.max(row.last_on));
        let Some(before) = claim::find(tx, tx.scope(), id).await? else { continue };
        let step =
            NewStep { state, on, document: None, authority: None, number: None, note: None, amount: None };
        claim::record(tx, id, &step).await?;
        let now = ClaimStanding { state, filed_on: before.filed_on, ended_on: Some(on) };
        claim::stand(tx, id, &now, before.stops_penalty).await?;
        claim::release(tx, id).await?;
        untie_act(tx, EarmarkAct::Claim, id.0, today, known_at).await?;
        told(tx, &before, "settled", None).await?;
        ended += 1;
    }
    Ok(ended)
}
