//! Acts of the cash desk. Whatever moves money locks the open shift first, so that one drawer is moved by one act at a time.

mod close;
mod count;
mod desk;
pub mod fiscal;
mod hand_over;
mod move_cash;
mod open;
mod paper;
mod pay;
mod refund;
mod void;

use chrono::{DateTime, NaiveDate, Utc};
use domain::CashdeskEvent;
use domain::cashdesk::{
    CashOperationKind, FiscalProviderCode, OrdersOfSales, ShiftFacts, ShiftRefusal, Turnover, may_pay_out,
    may_work, post,
};
use domain::kernel::*;
use domain::tariffs::MissingSetting;
use entities::cashdesk::desk::{self as desks, Desk};
use entities::cashdesk::operation::{self, Line, NewOperation, Operation};
use entities::cashdesk::order::{self, NewOrder};
use entities::cashdesk::shift::{self, Shift};
use entities::cashdesk::{Desks, receipt};
use entities::kernel::{Change, Result, Tx};
use entities::tariffs;
use rust_decimal::Decimal;

use crate::adapters::fiscal::Content;
use crate::app::App;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

pub use close::close_shift;
pub use count::{CountCash, count_cash, sign_count};
pub use desk::{SaveDesk, add_denomination, end_denomination, save_desk};
pub use hand_over::{HandOver, TakeOver, hand_over, take_over};
pub use move_cash::{MoveCash, Movement, move_cash};
pub use open::open_shift;
pub use paper::{book_paper, order_paper, register_paper, slip_paper, z_paper};
pub use pay::{Pay, Wanted, pay};
pub use refund::{Refund, refund};
pub use void::{VoidSale, void_sale};

/// Where and when an act takes place.
#[derive(Debug, Clone)]
pub struct At {
    pub desk: DeskId,
    /// The shift in which the money was taken; refused when another one is open by now.
    pub shift: Option<ShiftId>,
    /// The day it is of; only today is taken.
    pub day: NaiveDate,
    /// The client's own: the same one is the same operation, for ever.
    pub key: String,
}

/// What is settled for a day.
pub(super) struct Terms {
    pub unit: Money,
    pub shift_hours: u32,
    pub offline_hours: u32,
    pub orders: OrdersOfSales,
    pub vat: Option<Decimal>,
}

pub(super) async fn terms(tx: &Tx, day: NaiveDate, known_at: DateTime<Utc>) -> Outcome<Terms> {
    let missing = |gap: MissingSetting| Refusal::new("MISSING_SETTING").with("code", gap.code);
    let book = tariffs::book(tx, day, day.succ_opt().unwrap_or(day), known_at).await?;
    let methods = &book.methods;
    Ok(Ok(Terms {
        unit: allow!(methods.cash_unit(day).map_err(missing)).value,
        shift_hours: allow!(methods.shift_hours(day).map_err(missing)).value,
        offline_hours: allow!(methods.offline_hours(day).map_err(missing)).value,
        orders: allow!(methods.orders_of_sales(day).map_err(missing)).value,
        vat: book.vat(day).ok().map(|rate| rate.value),
    }))
}

/// A cashier at the desk: the open shift, locked, with what went through it.
pub(super) struct Work {
    pub desk: Desk,
    pub shift: Shift,
    pub terms: Terms,
    pub turnover: Turnover,
    pub day: NaiveDate,
    /// Whether the caller may know what must lie in the drawer before it is counted.
    pub oversees: bool,
}

/// The open shift of a desk in which the caller may move money now.
pub(super) async fn at_work(tx: &Tx, app: &App, at: &At) -> Outcome<Work> {
    let (today, now) = (app.clock.today(), app.clock.now());
    let Some(desk) = desks::visible_to(tx, &Desks::of(tx.actor()), at.desk).await? else {
        refuse!("NOT_FOUND")
    };
    let Some(shift) = shift::lock_open(tx, desk.desk_id()).await? else { refuse!("NO_OPEN_SHIFT") };
    if at.shift.is_some_and(|wanted| wanted != shift.shift_id()) {
        refuse!("SHIFT_CLOSED");
    }
    if shift.cashier != tx.actor().label {
        refuse!("NOT_YOUR_SHIFT");
    }
    let terms = allow!(terms(tx, today, now).await?);
    let facts = ShiftFacts {
        opened_at: shift.opened_at,
        opened_on: shift.opened_on,
        closed: shift.is_closed(),
        now,
        today,
        limit_hours: terms.shift_hours,
    };
    allow!(may_work(facts, at.day).map_err(said));
    if operation::by_key(tx, desk.desk_id(), &at.key).await?.is_some() {
        refuse!("CASH_KEY_USED");
    }
    let turnover = shift::turnover(tx, &shift).await?;
    let oversees = Desks::of(tx.actor()) == Desks::All;
    Ok(Ok(Work { desk, shift, terms, turnover, day: today, oversees }))
}

fn said(refusal: ShiftRefusal) -> Refusal {
    match refusal {
        ShiftRefusal::Closed => Refusal::new("SHIFT_CLOSED"),
        ShiftRefusal::TooLong { hours } => Refusal::new("SHIFT_TOO_LONG").with("hours", hours),
        ShiftRefusal::OtherDay { today } => Refusal::new("CASH_OTHER_DAY").at("day").with("day", today),
    }
}

impl Work {
    /// Whether the drawer holds so much. How much it holds is told to nobody who will count it.
    fn enough(&self, sum: Money) -> Result<(), Refusal> {
        let said = |left| match self.oversees {
            true => Refusal::new("CASH_NOT_ENOUGH_LEFT").at("amount").with("left", left),
            false => Refusal::new("CASH_NOT_ENOUGH").at("amount"),
        };
        may_pay_out(self.turnover.expected(), sum).map_err(said)
    }

    /// Whether a sum can be laid on the counter.
    fn whole(&self, sum: Money) -> Result<(), Refusal> {
        if sum.tiyn() % self.terms.unit.tiyn() != 0 {
            return Err(Refusal::new("CASH_WHOLE_UNITS").at("amount").with("unit", self.terms.unit));
        }
        Ok(())
    }

    fn fiscal(&self) -> bool {
        self.desk.provider != FiscalProviderCode::None
    }

    /// An operation of this shift to be kept; what is particular to it is put in by the act.
    fn operation(&self, at: &At, kind: CashOperationKind, cash: Money, card: Money) -> NewOperation {
        NewOperation {
            shift: self.shift.shift_id(),
            desk: self.desk.desk_id(),
            kind,
            key: at.key.clone(),
            day: self.day,
            cash,
            card,
            rounding: Money::ZERO,
            given: None,
            change: Money::ZERO,
            of: None,
            to_desk: None,
            person: None,
            basis: None,
            bag: None,
            document: None,
        }
    }
}

/// Keeps an operation with its lines, entries, order and fiscal document; tells it.
pub(super) async fn keep(
    tx: &mut Tx,
    work: &mut Work,
    new: NewOperation,
    lines: impl FnOnce(CashOperationId) -> Vec<Line>,
    content: Content,
) -> Result<Operation> {
    let (kind, cash, card) = (new.kind, new.cash, new.card);
    let row = operation::insert(tx, new).await?;
    let lines = lines(row.operation_id());
    operation::insert_lines(tx, &lines).await?;
    operation::entries(tx, &row, &work.shift.cashier, &post(kind, cash, card)).await?;
    work.turnover.take(kind, cash, card);
    let at_once = !kind.is_of_sales() || work.terms.orders == OrdersOfSales::Each;
    if at_once && !cash.is_zero() {
        let order = NewOrder {
            desk: work.desk.desk_id(),
            shift: work.shift.shift_id(),
            operation: Some(row.operation_id()),
            kind: kind.order(),
            day: work.day,
            amount: cash.abs(),
            person: row.person.clone().unwrap_or_default(),
            basis: row.basis.clone().unwrap_or_default(),
        };
        order::write(tx, order).await?;
    }
    // Money in and out is cash: a return by card of what the register never saw is nothing to it.
    let kind_there = kind.fiscal(content.basis.is_some());
    let kind_there = kind_there.filter(|kind| !kind.is_of_money() || !content.cash.is_zero());
    if work.fiscal()
        && let Some(kind_there) = kind_there
    {
        let shift = work.shift.shift_id();
        fiscal::put(tx, &work.desk, shift, Some(row.operation_id()), kind_there, &content).await?;
    }
    tx.audit(Change::new("cash_operation", row.operation_id(), kind.code()).after(serde_json::json!({
        "desk": work.desk.code, "shift": row.shift_id, "cash": cash, "card": card, "of": row.of_id, "basis": row.basis,
        "bag": row.bag, "lines": lines,
    })).document(row.document_id));
    tx.emit(CashdeskEvent::Moved { shift: work.shift.shift_id(), desk: work.desk.desk_id() });
    Ok(row)
}

/// Whether the register of a desk can take one more sale.
pub(super) async fn register_takes(tx: &Tx, app: &App, work: &Work) -> Outcome<()> {
    if !work.fiscal() {
        return Ok(Ok(()));
    }
    if app.ports.fiscal.of(work.desk.provider).is_none() {
        refuse!("FISCAL_NO_ACCESS");
    }
    let queue = receipt::queues(tx, vec![work.desk.id]).await?.pop().unwrap_or_default();
    if queue.wants_z {
        refuse!("FISCAL_WANTS_Z");
    }
    let hours = work.terms.offline_hours;
    if queue.since.is_some_and(|since| app.clock.now() - since > chrono::Duration::hours(i64::from(hours))) {
        refuse!(Refusal::new("FISCAL_OFFLINE_TOO_LONG").with("hours", hours));
    }
    Ok(Ok(()))
}
