use domain::CashdeskEvent;
use domain::access::Permission;
use domain::cashdesk::{
    CashCountKind, CashOperationKind, CashOrderKind, CloseRefusal, Closing, Difference, FiscalKind, may_close,
};
use domain::kernel::*;
use entities::cashdesk::order::{self, NewOrder};
use entities::cashdesk::shift::{self, Closed, Shift};
use entities::cashdesk::{Desks, count, desk, operation};
use entities::kernel::{Broken, Change, Tx};
use uuid::Uuid;

use super::{At, Work, fiscal, keep, terms};
use crate::adapters::fiscal::Content;
use crate::app::App;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Closes a shift with a witnessed count: the difference is posted, the order of its sales written, Z kept and sent to the register.
/// Closing again answers with the same Z.
pub async fn close_shift(
    tx: &mut Tx,
    app: &App,
    id: ShiftId,
    counted: Option<CashCountId>,
    reason: Option<String>,
) -> Outcome<Shift> {
    if shift::visible_to(tx, &Desks::of(tx.actor()), id).await?.is_none() {
        refuse!("NOT_FOUND");
    }
    let Some(row) = shift::lock(tx, id).await? else { refuse!("NOT_FOUND") };
    if row.is_closed() {
        tx.nothing_new("a shift has one Z");
        return Ok(Ok(row));
    }
    if row.cashier != tx.actor().label && !tx.actor().may(Permission::CashdeskOversee) {
        refuse!("NOT_YOUR_SHIFT");
    }
    let today = app.clock.today();
    let counted = match counted {
        Some(counted) => count::lock(tx, counted).await?,
        None => None,
    };
    let counted = counted.filter(|one| one.shift_id == id.0 && one.kind == CashCountKind::Closing);
    let turnover = shift::turnover(tx, &row).await?;
    let last = operation::last_of(tx, id).await?;
    let reason = reason.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let found = allow!(
        may_close(Closing {
            expected: turnover.expected(),
            counted: counted.as_ref().map(|one| Money::from_tiyn(one.total)),
            moved_since: counted.as_ref().is_some_and(|one| one.upto != last),
            witnessed: counted.as_ref().is_some_and(|one| one.witness.is_some()),
            has_reason: reason.is_some(),
        })
        .map_err(refused)
    );
    let counted = counted.ok_or_else(|| Broken::RecordNotFound("the count".into()))?;
    let desk = desk::lock(tx, row.desk()).await?;
    let desk = desk.ok_or_else(|| Broken::RecordNotFound(format!("desk {}", row.desk_id)))?;
    let terms = allow!(terms(tx, row.opened_on, app.clock.now()).await?);
    let oversees = Desks::of(tx.actor()) == Desks::All;
    let mut work = Work { desk, shift: row, terms, turnover, day: today, oversees };

    let (kind, cash) = match found {
        Difference::None => (None, Money::ZERO),
        Difference::Shortage(sum) => (Some(CashOperationKind::Shortage), -sum),
        Difference::Surplus(sum) => (Some(CashOperationKind::Surplus), sum),
    };
    if let Some(kind) = kind {
        // Keys of a desk are its clients' own: ours is one that nobody can have sent. A shift is closed once without it.
        let key = format!("close {}", Uuid::new_v4().simple());
        let at = At { desk: work.shift.desk(), shift: Some(id), day: today, key };
        let mut new = work.operation(&at, kind, cash, Money::ZERO);
        new.person = Some(desk::name_of(tx, &work.shift.cashier).await?);
        new.basis = reason.clone();
        let content = Content { cash: cash.abs(), ..Content::default() };
        keep(tx, &mut work, new, |_| Vec::new(), content).await?;
    }
    // Whatever the setting said when each sale was taken: the book holds every tenge of the drawer once.
    let revenue = order::without_order(tx, id).await?;
    if !revenue.is_zero() {
        let order = NewOrder {
            desk: work.desk.desk_id(),
            shift: id,
            operation: None,
            kind: if revenue.is_positive() { CashOrderKind::Receipt } else { CashOrderKind::Payout },
            day: today,
            amount: revenue.abs(),
            person: String::new(),
            basis: String::new(),
        };
        order::write(tx, order).await?;
    }
    if work.fiscal() {
        fiscal::put(tx, &work.desk, id, None, FiscalKind::Z, &Content::default()).await?;
    }
    let closed = Closed { day: today, count: CashCountId(counted.id), reason, z: work.turnover };
    let row = shift::close(tx, id, closed).await?;
    tx.audit(Change::new("cash_shift", id, "closed").after(serde_json::json!({
        "desk": work.desk.code, "number": row.number, "cashier": row.cashier, "z": work.turnover, "counted": Money::from_tiyn(counted.total),
        "witness": counted.witness, "reason": row.reason,
    })));
    tx.emit(CashdeskEvent::ShiftClosed { shift: id, desk: work.desk.desk_id() });
    Ok(Ok(row))
}

fn refused(refusal: CloseRefusal) -> Refusal {
    match refusal {
        CloseRefusal::NotCounted => Refusal::new("COUNT_MISSING").at("countId"),
        CloseRefusal::CountedBefore => Refusal::new("COUNT_OLD").at("countId"),
        CloseRefusal::NoWitness => Refusal::new("COUNT_NO_WITNESS").at("countId"),
        CloseRefusal::ReasonMissing(Difference::Surplus(sum)) => {
            Refusal::new("SURPLUS_NO_REASON").at("reason").with("sum", sum)
        }
        CloseRefusal::ReasonMissing(Difference::Shortage(sum)) => {
            Refusal::new("SHORTAGE_NO_REASON").at("reason").with("sum", sum)
        }
        CloseRefusal::ReasonMissing(Difference::None) => Refusal::new("EMPTY").at("reason"),
    }
}
