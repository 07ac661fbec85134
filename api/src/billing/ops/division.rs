//! Accounts that are divided or joined: final bills, points and what is open, in one transaction that two people stand for.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use domain::BillingEvent;
use domain::billing::DivisionState;
use domain::kernel::*;
use domain::payments::{TransferKind, TransferState};
use domain::subscribers::{AccountStatus, Fraction, make_up};
use entities::billing::division::{self, Division, Plan};
use entities::billing::{final_bill, run};
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::ledger::item;
use entities::payments::transfer::NewTransfer;
use entities::subscribers::account::{self, POINTS};
use entities::subscribers::successor;
use serde_json::json;

use super::division_back::decide_back;
use super::final_bill::{Leaving, begin_at, make_final_bill};
use crate::app::App;
use crate::payments::ops::carry;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Accounts on either side.
const MOST: usize = 20;

/// What a division comes to.
#[derive(Debug, Clone)]
pub struct Divided {
    /// Charged by the final bills.
    pub charged: Money,
    /// What was open on the accounts that gave, final bills included; all of it is carried over.
    pub carried: Money,
    /// What each account that takes over owes then.
    pub balances: Vec<(AccountId, Money)>,
    pub transfer: Option<i64>,
}

/// Proposes to divide or to join accounts. It is tried as a whole at once, so that nobody is asked to confirm what can't be done.
pub async fn propose_division(
    tx: &mut Tx,
    app: &Arc<App>,
    day: NaiveDate,
    document: DocumentId,
    reason: &str,
    plan: &Plan,
) -> Outcome<Division> {
    if reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    let mut trial = Tx::begin(&app.db, tx.actor().clone()).await?;
    let tried = divide(&mut trial, app, (day, document, reason), plan, None).await;
    trial.rollback().await?;
    allow!(tried?);
    let id = allow!(unless(division::propose(tx, day, document, reason.trim(), plan).await, &[])?);
    told(tx, id, "proposed", document).await.map(Ok)
}

/// Under a lock, and only for who reaches all of its accounts.
pub(super) async fn found(tx: &Tx, id: DivisionId) -> Outcome<(Division, Plan)> {
    let Some(row) = division::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    let plan = row.plan()?;
    let accounts = account::by_ids(tx, plan.accounts()).await?;
    if !accounts.iter().all(|account| account.in_scope(tx.scope())) {
        refuse!(Refusal::new("NOT_FOUND").at("id"));
    }
    Ok(Ok((row, plan)))
}

/// Does what somebody else proposed, as a whole, or declines it; the same of a request to take a division back.
pub async fn decide_division(tx: &mut Tx, app: &Arc<App>, id: DivisionId, agreed: bool) -> Outcome<Division> {
    let (before, plan) = allow!(found(tx, id).await?);
    match before.state {
        DivisionState::Waiting => {}
        DivisionState::Returning => return decide_back(tx, app, &before, &plan, agreed).await,
        _ => refuse!("DIVISION_DECIDED"),
    }
    if before.proposed_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    let document = DocumentId(before.document_id);
    let mut transfer = None;
    if agreed {
        let terms = (before.on_day, document, before.reason.as_str());
        transfer = allow!(divide(tx, app, terms, &plan, Some(&before.proposed_by)).await?).transfer;
    }
    let state = if agreed { DivisionState::Done } else { DivisionState::Declined };
    division::decided(tx, id, state, transfer).await?;
    told(tx, id, if agreed { "confirmed" } else { "declined" }, document).await.map(Ok)
}

pub(super) async fn told(
    tx: &mut Tx,
    id: DivisionId,
    action: &'static str,
    document: DocumentId,
) -> Result<Division, Broken> {
    let row = division::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("division", id, action).after(&row).document(Some(document.0)));
    tx.emit(BillingEvent::DivisionChanged { division: id });
    Ok(row)
}

/// The division itself. `proposed_by` is who prepared it; nobody for a trial, which is never kept.
pub async fn divide(
    tx: &mut Tx,
    app: &Arc<App>,
    (day, document, reason): (NaiveDate, DocumentId, &str),
    plan: &Plan,
    proposed_by: Option<&str>,
) -> Outcome<Divided> {
    allow!(sound(plan));
    let last_day = day.pred_opt().unwrap_or(day);
    let giving: Vec<AccountId> = plan.from.iter().map(|one| one.account).collect();
    let taking: Vec<(AccountId, Fraction)> = plan
        .to
        .iter()
        .map(|one| (one.account, Fraction { numerator: one.numerator, denominator: one.denominator }))
        .collect();
    // Of all final bills at once, in the order of sectors.
    let sectors: Vec<Sector> =
        account::by_ids(tx, giving.clone()).await?.into_iter().map(|row| row.sector).collect();
    run::beside(tx, &sectors).await?;
    let scope = tx.scope().clone();
    for (id, _) in &taking {
        let Some(row) = account::find(tx, &scope, *id).await? else {
            refuse!(Refusal::new("NO_SUCH_ACCOUNT").at("to"))
        };
        if row.status == AccountStatus::Closed || row.opened_on > day || row.sector == Sector::Legal {
            refuse!(Refusal::new("DIVISION_TAKER").at("to").with("number", &row.number));
        }
    }
    // Points of those that give are known before they lose them.
    let mut points = BTreeSet::new();
    for id in &giving {
        points.extend(account::points_on(tx, *id, last_day).await?);
    }
    if plan.to.iter().flat_map(|one| &one.points).any(|point| !points.contains(point)) {
        refuse!(Refusal::new("POINT_ELSEWHERE").at("to"));
    }

    let (mut charged, mut carried) = (Money::ZERO, Money::ZERO);
    for giver in &plan.from {
        let leaving = Leaving {
            account: giver.account,
            version: giver.version,
            day,
            document,
            readings: giver
                .readings
                .iter()
                .map(|(point, liters)| (*point, Volume::from_liters(*liters)))
                .collect(),
            unread: giver.unread,
            seen: plan.seen,
        };
        let left = allow!(make_final_bill(tx, app, leaving).await?);
        // Charged beyond the day and not taken back yet, it would be divided as if it were owed.
        let Some(bill) = left.bill else {
            refuse!(Refusal::new("DIVISION_MONTH_ISSUED").at("date"));
        };
        charged += Money::from_tiyn(bill.charged);
        carried += left.balance;
    }
    let at = bitemporal::moment(tx).await?;
    let by = tx.actor().label.clone();
    for taker in &plan.to {
        for point in &taker.points {
            let said = [taker.account.0.into(), point.0.into(), by.clone().into(), document.0.into()];
            let taken =
                &[("_excl", "POINT_TAKEN", Some("to")), ("house_in_bulk", "HOUSE_IN_BULK", Some("to"))];
            allow!(unless(POINTS.record(tx, said, day, None, at).await, taken)?);
        }
        begin_at(tx, taker.account, &final_bill::left_at(tx, &taker.points, day).await?).await?;
    }
    let new = NewTransfer {
        kind: TransferKind::Division,
        state: TransferState::Posted,
        document,
        reason: reason.trim().to_owned(),
        second: vec!["division".to_owned()],
        // A trial is rolled back: its second person is nobody.
        proposed_by: proposed_by.unwrap_or("—").to_owned(),
        decided_by: Some(by),
    };
    let transfer = allow!(carry(tx, &giving, &taking, new, &app.clock).await?);
    let takers: Vec<AccountId> = taking.iter().map(|(id, _)| *id).collect();
    successor::record(tx, &giving, &takers, day, document).await?;
    for id in &giving {
        let after = json!({ "on": day, "to": takers });
        tx.audit(Change::new("account", *id, "divided").after(after).document(Some(document.0)));
    }
    let all: Vec<_> = giving.iter().chain(&takers).map(|id| (*id, None)).collect();
    let balances = item::balances(tx, &all).await?;
    let of = |id: AccountId| {
        Money::from_tiyn(balances.iter().find(|row| row.account_id == id.0).map_or(0, |row| row.balance))
    };
    if giving.iter().any(|id| !of(*id).is_zero()) {
        return Err(Broken::Custom(format!("something stays on {giving:?}")));
    }
    Ok(Ok(Divided {
        charged,
        carried,
        balances: takers.iter().map(|id| (*id, of(*id))).collect(),
        transfer: transfer.map(|row| row.id),
    }))
}

/// Whether a plan says what becomes of everything, once.
fn sound(plan: &Plan) -> Result<(), Refusal> {
    let shares: Vec<Fraction> = plan
        .to
        .iter()
        .map(|one| Fraction { numerator: one.numerator, denominator: one.denominator })
        .collect();
    if plan.from.is_empty() || plan.from.len() > MOST || plan.to.len() > MOST || !make_up(&shares) {
        return Err(Refusal::new("SHARES_WRONG").at("to"));
    }
    let accounts: BTreeSet<AccountId> = plan.accounts().into_iter().collect();
    let points: Vec<PointId> = plan.to.iter().flat_map(|one| one.points.clone()).collect();
    if accounts.len() != plan.accounts().len() {
        return Err(Refusal::new("ACCOUNT_TWICE").at("to"));
    }
    if points.iter().collect::<BTreeSet<_>>().len() != points.len() {
        return Err(Refusal::new("POINT_TAKEN").at("to"));
    }
    Ok(())
}
