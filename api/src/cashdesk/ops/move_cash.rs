use domain::cashdesk::CashOperationKind;
use domain::kernel::*;
use entities::cashdesk::operation::Operation;
use entities::kernel::Tx;

use super::{At, at_work, keep};
use crate::adapters::fiscal::Content;
use crate::app::App;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Cash that is no payment of a subscriber.
#[derive(Debug, Clone)]
pub struct MoveCash {
    pub at: At,
    pub movement: Movement,
    pub amount: Money,
    /// From whom or to whom; of a collection, the collector.
    pub person: String,
    pub basis: String,
    pub document: Option<DocumentId>,
}

#[derive(Debug, Clone)]
pub enum Movement {
    PayIn,
    PayOut,
    Collection { bag: String },
}

/// Brings cash into a drawer, takes it out, or hands it to the collectors in a numbered bag: never more than the drawer holds.
pub async fn move_cash(tx: &mut Tx, app: &App, cmd: MoveCash) -> Outcome<Operation> {
    for (text, field) in [(&cmd.person, "person"), (&cmd.basis, "basis")] {
        if text.trim().is_empty() {
            refuse!(Refusal::new("EMPTY").at(field));
        }
    }
    if !cmd.amount.is_positive() {
        refuse!(Refusal::new("AMOUNT_NOT_POSITIVE").at("amount"));
    }
    let mut work = allow!(at_work(tx, app, &cmd.at).await?);
    allow!(work.whole(cmd.amount));
    let (kind, bag) = match cmd.movement {
        Movement::PayIn => (CashOperationKind::PayIn, None),
        Movement::PayOut => (CashOperationKind::PayOut, None),
        Movement::Collection { bag } if bag.trim().is_empty() => refuse!(Refusal::new("EMPTY").at("bag")),
        Movement::Collection { bag } => (CashOperationKind::Collection, Some(bag.trim().to_owned())),
    };
    let cash = if kind == CashOperationKind::PayIn { cmd.amount } else { -cmd.amount };
    if cash.is_negative() {
        allow!(work.enough(cmd.amount));
    }
    let mut new = work.operation(&cmd.at, kind, cash, Money::ZERO);
    new.person = Some(cmd.person.trim().to_owned());
    new.basis = Some(cmd.basis.trim().to_owned());
    new.bag = bag;
    new.document = cmd.document;
    let content = Content { cash: cmd.amount, ..Content::default() };
    let known = [("operation_bag_once", "CASH_BAG_TWICE", Some("bag"))];
    unless(keep(tx, &mut work, new, |_| Vec::new(), content).await, &known)
}
