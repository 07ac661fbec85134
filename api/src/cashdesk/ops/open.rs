use domain::CashdeskEvent;
use domain::kernel::*;
use entities::cashdesk::desk as desks;
use entities::cashdesk::shift::{self, Shift};
use entities::cashdesk::{Desks, receipt};
use entities::kernel::{Change, Tx};

use super::terms;
use crate::app::App;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Opens a shift: the caller sits down at a desk, with what the shift before left in the drawer.
pub async fn open_shift(tx: &mut Tx, app: &App, desk: DeskId) -> Outcome<Shift> {
    if desks::visible_to(tx, &Desks::of(tx.actor()), desk).await?.is_none() {
        refuse!("NOT_FOUND");
    }
    let Some(desk) = desks::lock(tx, desk).await? else { refuse!("NOT_FOUND") };
    let cashier = tx.actor().label.clone();
    if !desk.cashiers.contains(&cashier) {
        refuse!("NOT_YOUR_DESK");
    }
    if !desk.active {
        refuse!("DESK_NOT_ACTIVE");
    }
    if let Some(open) = shift::open_of(tx, vec![desk.id]).await?.pop() {
        refuse!(Refusal::new("DESK_HAS_SHIFT").with("cashier", open.cashier));
    }
    shift::sit_down(tx, &cashier).await?;
    if let Some(open) = shift::open_by(tx, &cashier).await? {
        let other = desks::by_ids(tx, vec![open.desk_id]).await?.pop();
        refuse!(
            Refusal::new("CASHIER_HAS_SHIFT").with("desk", other.map(|desk| desk.code).unwrap_or_default())
        );
    }
    let today = app.clock.today();
    allow!(terms(tx, today, app.clock.now()).await?);
    let row = shift::open(tx, desk.desk_id(), today).await?;
    let waiting = receipt::queues(tx, vec![desk.id]).await?.pop().unwrap_or_default().waiting;
    tx.audit(Change::new("cash_shift", row.shift_id(), "opened").after(serde_json::json!({
        "desk": desk.code, "number": row.number, "opening": Money::from_tiyn(row.opening), "receiptsWaiting": waiting,
    })));
    tx.emit(CashdeskEvent::ShiftOpened { shift: row.shift_id(), desk: desk.desk_id() });
    Ok(Ok(row))
}
