use domain::cashdesk::CashOperationKind;
use domain::kernel::*;
use entities::cashdesk::desk as desks;
use entities::cashdesk::operation::{self, Operation};
use entities::kernel::Tx;

use super::{At, at_work, keep};
use crate::adapters::fiscal::Content;
use crate::app::App;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Cash for another desk.
#[derive(Debug, Clone)]
pub struct HandOver {
    pub at: At,
    pub to: DeskId,
    pub amount: Money,
    pub basis: String,
}

/// Hands cash over to another desk: it leaves this drawer, and is on its way until that desk's cashier takes it over.
pub async fn hand_over(tx: &mut Tx, app: &App, cmd: HandOver) -> Outcome<Operation> {
    if cmd.basis.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("basis"));
    }
    if !cmd.amount.is_positive() {
        refuse!(Refusal::new("AMOUNT_NOT_POSITIVE").at("amount"));
    }
    if cmd.to == cmd.at.desk {
        refuse!(Refusal::new("CASH_TO_ITSELF").at("toDeskId"));
    }
    // Whoever hands over need not see the other desk's shifts to know that it exists.
    let Some(to) = desks::by_ids(tx, vec![cmd.to.0]).await?.pop() else {
        refuse!(Refusal::new("NOT_FOUND").at("toDeskId"))
    };
    if !to.active {
        refuse!(Refusal::new("DESK_NOT_ACTIVE").at("toDeskId"));
    }
    let mut work = allow!(at_work(tx, app, &cmd.at).await?);
    allow!(work.whole(cmd.amount));
    allow!(work.enough(cmd.amount));
    let mut new = work.operation(&cmd.at, CashOperationKind::HandoverOut, -cmd.amount, Money::ZERO);
    new.to_desk = Some(cmd.to);
    new.person = Some(to.name_ru);
    new.basis = Some(cmd.basis.trim().to_owned());
    let content = Content { cash: cmd.amount, ..Content::default() };
    Ok(Ok(keep(tx, &mut work, new, |_| Vec::new(), content).await?))
}

/// Cash that another desk handed over.
#[derive(Debug, Clone)]
pub struct TakeOver {
    pub at: At,
    pub out: CashOperationId,
}

/// Takes over what was handed over, to the tiyn and once: at the desk that it was meant for, or back at the one that gave it.
pub async fn take_over(tx: &mut Tx, app: &App, cmd: TakeOver) -> Outcome<Operation> {
    let mut work = allow!(at_work(tx, app, &cmd.at).await?);
    let Some(out) = operation::lock(tx, cmd.out).await? else { refuse!("NOT_FOUND") };
    let here = work.desk.id;
    if out.kind != CashOperationKind::HandoverOut || (out.to_desk_id != Some(here) && out.desk_id != here) {
        refuse!("NOT_FOUND");
    }
    if out.undone {
        refuse!("CASH_TAKEN_OVER");
    }
    let from = desks::by_ids(tx, vec![out.desk_id]).await?.pop();
    let amount = Money::from_tiyn(-out.cash);
    let mut new = work.operation(&cmd.at, CashOperationKind::HandoverIn, amount, Money::ZERO);
    new.of = Some(cmd.out);
    new.person = from.map(|desk| desk.name_ru);
    new.basis = out.basis;
    let content = Content { cash: amount, ..Content::default() };
    let known = [("operation_taken_over_once", "CASH_TAKEN_OVER", None)];
    unless(keep(tx, &mut work, new, |_| Vec::new(), content).await, &known)
}
