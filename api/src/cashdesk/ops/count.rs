use domain::CashdeskEvent;
use domain::access::Permission;
use domain::cashdesk::{CashCountKind, CountRefusal, Counted, Denomination, count};
use domain::kernel::*;
use entities::access::staff::Staff;
use entities::cashdesk::count::{self as counts, Count, NewCount};
use entities::cashdesk::{Desks, denomination, operation, shift};
use entities::kernel::{Change, Tx};

use crate::app::App;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Money as it was counted.
#[derive(Debug, Clone)]
pub struct CountCash {
    pub shift: ShiftId,
    pub kind: CashCountKind,
    pub rows: Vec<Counted>,
    /// Who watched and signed at the same screen.
    pub witness: Option<Staff>,
}

/// Keeps a count of an open shift's drawer; what the books expect is told only now, if at all (`is_told`). Each one stays, also when it is counted again.
pub async fn count_cash(tx: &mut Tx, app: &App, cmd: CountCash) -> Outcome<Count> {
    if shift::visible_to(tx, &Desks::of(tx.actor()), cmd.shift).await?.is_none() {
        refuse!("NOT_FOUND");
    }
    let Some(row) = shift::lock(tx, cmd.shift).await? else { refuse!("NOT_FOUND") };
    if row.is_closed() {
        refuse!("SHIFT_CLOSED");
    }
    let actor = tx.actor().clone();
    if row.cashier != actor.label && !actor.may(Permission::CashdeskOversee) {
        refuse!("NOT_YOUR_SHIFT");
    }
    if let Some(witness) = &cmd.witness {
        allow!(may_witness(
            &witness.login,
            |right| witness.permissions.iter().any(|p| p == right.code()),
            &actor.label
        ));
    }
    let known: Vec<Denomination> = denomination::all(tx).await?.iter().map(Denomination::from).collect();
    let total = allow!(count(&cmd.rows, &known, app.clock.today()).map_err(refused));
    let expected = shift::turnover(tx, &row).await?.expected();
    let new = NewCount {
        shift: cmd.shift,
        kind: cmd.kind,
        total,
        expected,
        upto: operation::last_of(tx, cmd.shift).await?,
        witness: cmd.witness.map(|witness| witness.login),
        rows: cmd.rows,
    };
    let kept = counts::insert(tx, new).await?;
    tx.audit(Change::new("cash_count", CashCountId(kept.id), "counted").after(&kept));
    tx.emit(CashdeskEvent::Moved { shift: cmd.shift, desk: row.desk() });
    Ok(Ok(kept))
}

/// The witness of a count signs in a session of his own.
pub async fn sign_count(tx: &mut Tx, id: CashCountId) -> Outcome<Count> {
    let Some(seen) = counts::visible_to(tx, &Desks::of(tx.actor()), id).await? else { refuse!("NOT_FOUND") };
    // The shift first: who closes it locks it before the count.
    let Some(row) = shift::lock(tx, ShiftId(seen.shift_id)).await? else { refuse!("NOT_FOUND") };
    let Some(before) = counts::lock(tx, id).await? else { refuse!("NOT_FOUND") };
    let actor = tx.actor().clone();
    allow!(may_witness(&actor.label, |right| actor.may(right), &before.counted_by));
    if row.is_closed() {
        refuse!("SHIFT_CLOSED");
    }
    let Some(kept) = counts::sign(tx, id).await? else { refuse!("COUNT_SIGNED") };
    tx.audit(Change::new("cash_count", id, "signed").before(&before).after(&kept));
    tx.emit(CashdeskEvent::Moved { shift: row.shift_id(), desk: row.desk() });
    Ok(Ok(kept))
}

/// A witness is somebody else, who works with cash.
fn may_witness(login: &str, may: impl Fn(Permission) -> bool, counted_by: &str) -> Result<(), Refusal> {
    if login == counted_by {
        return Err(Refusal::new("SAME_PERSON"));
    }
    if !may(Permission::CashdeskWork) && !may(Permission::CashdeskOversee) {
        return Err(Refusal::new("NO_WITNESS_RIGHT"));
    }
    Ok(())
}

fn refused(refusal: CountRefusal) -> Refusal {
    match refusal {
        CountRefusal::Unknown(_) => Refusal::new("DENOMINATION_UNKNOWN").at("rows"),
        CountRefusal::Expired(value) => Refusal::new("DENOMINATION_EXPIRED").at("rows").with("value", value),
        CountRefusal::Twice(value) => Refusal::new("DENOMINATION_TWICE").at("rows").with("value", value),
    }
}
