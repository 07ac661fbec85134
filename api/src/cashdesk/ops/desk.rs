use domain::CashdeskEvent;
use domain::cashdesk::FiscalProviderCode;
use domain::kernel::*;
use entities::cashdesk::denomination::{self, NewDenomination, Row};
use entities::cashdesk::desk::{self as desks, Desk, NewDesk};
use entities::cashdesk::{receipt, shift};
use entities::kernel::{Change, Tx};

use crate::app::App;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// A desk as it should be.
#[derive(Debug, Clone)]
pub struct SaveDesk {
    /// The one to change, with the version that was seen; a new one without.
    pub id: Option<(DeskId, i32)>,
    pub desk: NewDesk,
}

/// Sets up a desk, or changes it: its name, its cash register, who sits there. Not while somebody does.
pub async fn save_desk(tx: &mut Tx, app: &App, cmd: SaveDesk) -> Outcome<Desk> {
    let mut new = cmd.desk;
    new.code = new.code.trim().to_uppercase();
    new.cashiers = new.cashiers.iter().map(|login| login.trim().to_lowercase()).collect();
    new.cashiers.sort();
    new.cashiers.dedup();
    if new.code.is_empty() || !new.code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        refuse!(Refusal::new("DESK_CODE").at("code"));
    }
    if (new.provider == FiscalProviderCode::None) != new.cashbox.is_none() {
        refuse!(Refusal::new("DESK_CASHBOX").at("cashbox"));
    }
    if app.ports.fiscal.of(new.provider).is_none() {
        refuse!(Refusal::new("FISCAL_NO_ACCESS").at("provider"));
    }
    let unknown = desks::unknown_logins(tx, &new.cashiers).await?;
    if !unknown.is_empty() {
        refuse!(Refusal::new("NO_SUCH_LOGIN").at("cashiers").with("login", unknown.join(", ")));
    }
    let known = [
        ("desk_code_key", "DESK_CODE_TAKEN", Some("code")),
        ("desk_cashbox_key", "DESK_CASHBOX_TAKEN", Some("cashbox")),
        ("desk_cashbox_check", "DESK_CASHBOX", Some("cashbox")),
        ("desk_code_check", "DESK_CODE", Some("code")),
    ];
    let (before, row) = match cmd.id {
        None => (None, allow!(unless(desks::insert(tx, new).await, &known)?)),
        Some((id, version)) => {
            let Some(old) = desks::lock(tx, id).await? else { refuse!("NOT_FOUND") };
            if old.version != version {
                refuse!("CONFLICT");
            }
            let open = shift::open_of(tx, vec![id.0]).await?;
            if open.iter().any(|shift| !new.cashiers.contains(&shift.cashier)) {
                refuse!(Refusal::new("DESK_SHIFT_OPEN").at("cashiers"));
            }
            // Papers, the register and what is on its way to it belong together.
            let other_register = old.provider != new.provider || old.cashbox != new.cashbox;
            if other_register || old.code != new.code {
                if !open.is_empty() {
                    refuse!("DESK_SHIFT_OPEN");
                }
                let waits = receipt::queues(tx, vec![id.0]).await?.iter().any(|queue| queue.waiting > 0);
                if waits {
                    refuse!("DESK_RECEIPTS_WAIT");
                }
            }
            // A register begins with an empty drawer: what lay there before it was never told to it.
            if other_register && new.cashbox.is_some() && !shift::left_in_drawer(tx, id).await?.is_zero() {
                refuse!(Refusal::new("DESK_NOT_EMPTY").at("cashbox"));
            }
            let row = allow!(unless(desks::update(tx, id, new).await, &known)?);
            (Some(old), row)
        }
    };
    let change = Change::new("cash_desk", row.desk_id(), "saved").after(&row);
    tx.audit(match before {
        Some(before) => change.before(&before),
        None => change,
    });
    tx.emit(CashdeskEvent::DeskChanged { desk: row.desk_id() });
    Ok(Ok(row))
}

/// A banknote or coin that is money from a day on.
pub async fn add_denomination(tx: &mut Tx, new: NewDenomination) -> Outcome<Row> {
    if !new.value.is_positive() {
        refuse!(Refusal::new("AMOUNT_NOT_POSITIVE").at("value"));
    }
    if new.to.is_some_and(|to| to <= new.from) {
        refuse!(Refusal::new("ENDS_BEFORE_IT_BEGINS").at("to"));
    }
    let known = [("denomination_once", "DENOMINATION_KNOWN", Some("design"))];
    let row = allow!(unless(denomination::insert(tx, new).await, &known)?);
    tx.audit(Change::new("denomination", DenominationId(row.id), "recorded").after(&row));
    tx.nothing_new("desks read it when they count");
    Ok(Ok(row))
}

/// Ends a banknote or coin: the day is the last one on which it is money.
pub async fn end_denomination(tx: &mut Tx, id: DenominationId, last: chrono::NaiveDate) -> Outcome<Row> {
    let to = last.succ_opt().unwrap_or(last);
    let Some(row) = denomination::end(tx, id, to).await? else { refuse!("NOT_FOUND") };
    tx.audit(Change::new("denomination", id, "ended").after(&row));
    tx.nothing_new("desks read it when they count");
    Ok(Ok(row))
}
