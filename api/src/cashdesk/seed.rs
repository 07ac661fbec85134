//! Desks of the demo: three of them, one whose shift of today is closed, one with a shift that is open and has taken some money.

use std::sync::Arc;

use anyhow::Context;
use domain::access::{Actor, Principal, Role, Scope, default_permissions};
use domain::cashdesk::{CashCountKind, Counted, FiscalProviderCode};
use domain::kernel::*;
use entities::access::staff::{self, Staff};
use entities::cashdesk::desk::{Desk, NewDesk};
use entities::cashdesk::{Desks, denomination, desk, shift};
use entities::kernel::{Page, Tx};
use entities::seed::{self as tables, Owing};
use sea_orm::ConnectionTrait;

use super::ops::{self, At, CountCash, MoveCash, Movement, Pay, SaveDesk, Wanted};
use crate::app::App;
use crate::platform::Refusal;

/// Code, name in three languages, who sits there.
const DESKS: &[(&str, [&str; 3], &[&str])] = &[
    (
        "01",
        ["Бас касса, Абай даңғылы", "Главная касса, проспект Абая", "Main desk, Abay avenue"],
        &["cashier", "chief.cashier"],
    ),
    (
        "02",
        ["Алатау ауданының кассасы", "Касса Алатауского района", "Desk of Alatau district"],
        &["cashier.alatau", "chief.cashier"],
    ),
    ("03", ["Көшпелі касса", "Выездная касса", "Travelling desk"], &["cashier", "cashier.alatau"]),
];

/// Brought in for change when a shift opens, in tiyn.
const CHANGE: i64 = 2_000_000;

/// What people bring over the counter, in tiyn: large sums of organisations come through banks.
const COUNTER: std::ops::RangeInclusive<i64> = 100..=30_000_000;

/// Sets the desks up and lets money be taken at two of them. Each step is one transaction of whoever acts in it, and is left out where it
/// was done: a seed that was killed goes on.
pub async fn run(app: &Arc<App>) -> anyhow::Result<()> {
    let mut tx = Tx::begin(&app.db, Actor::system("seed")).await?;
    tables::alone(&tx).await?;
    let mut desks = desk::list(&tx, &Desks::All, Page::new(None, None)).await?.rows;
    if desks.is_empty() {
        for (code, names, cashiers) in DESKS {
            let desk = NewDesk {
                code: (*code).to_owned(),
                names: names.map(str::to_owned),
                provider: FiscalProviderCode::None,
                cashbox: None,
                cashiers: cashiers.iter().map(|login| (*login).to_owned()).collect(),
                active: true,
            };
            desks.push(done(ops::save_desk(&mut tx, app, SaveDesk { id: None, desk }).await?)?);
        }
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    for (code, cashier, payers, closes) in [("01", "cashier", 4, true), ("02", "cashier.alatau", 5, false)] {
        let Some(desk) = desks.iter().find(|one| one.code == code) else { continue };
        let mut tx = Tx::begin(&app.db, sitting(app, cashier).await?).await?;
        tables::alone(&tx).await?;
        let of_desk = shift::Filter { desk: Some(desk.desk_id()), ..shift::Filter::default() };
        if !shift::list(&tx, &Desks::All, of_desk, Page::new(Some(1), None)).await?.rows.is_empty() {
            tx.rollback().await?;
            continue;
        }
        let owing = tables::owing(&tx, 0, 400).await?;
        let owing: Vec<&Owing> =
            owing.iter().filter(|one| COUNTER.contains(&one.owed)).take(payers).collect();
        let open = take(&mut tx, app, desk, &owing).await?;
        if closes {
            close(&mut tx, app, open).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Counts and closes whatever shift is open: the day of the demo's desks is over.
pub async fn end_day(app: &Arc<App>) -> anyhow::Result<()> {
    let desks = desk::list(&app.db, &Desks::All, Page::new(None, None)).await?.rows;
    for open in shift::open_of(&app.db, desks.iter().map(|desk| desk.id).collect()).await? {
        let mut tx = Tx::begin(&app.db, sitting(app, &open.cashier).await?).await?;
        close(&mut tx, app, open.shift_id()).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn staff_of(db: &impl ConnectionTrait, login: &str) -> anyhow::Result<Staff> {
    let all = staff::list(db, Page { first: 100, after: None }).await?;
    let found = all.rows.into_iter().find(|one| one.login == login);
    found.with_context(|| format!("the demo has no login {login}"))
}

/// A cashier of the demo at the desk.
async fn sitting(app: &App, login: &str) -> anyhow::Result<Actor> {
    let found = staff_of(&app.db, login).await?;
    Ok(Actor {
        principal: Principal::User(UserId(found.id)),
        label: found.login,
        session: None,
        permissions: default_permissions(Role::Cashier).iter().copied().collect(),
        scope: Scope::City,
        password_due: false,
    })
}

/// Opens a shift, brings change and takes payments: in cash, by card, and one by both.
async fn take(tx: &mut Tx, app: &App, desk: &Desk, payers: &[&Owing]) -> anyhow::Result<ShiftId> {
    let open = done(ops::open_shift(tx, app, desk.desk_id()).await?)?;
    let at = |what: String| At {
        desk: desk.desk_id(),
        shift: Some(open.shift_id()),
        day: app.clock.today(),
        key: format!("seed-{}-{what}", desk.code),
    };
    let change = MoveCash {
        at: at("change".to_owned()),
        movement: Movement::PayIn,
        amount: Money::from_tiyn(CHANGE),
        person: "Главная касса".to_owned(),
        basis: "Разменный фонд".to_owned(),
        document: None,
    };
    done(ops::move_cash(tx, app, change).await?)?;
    for (n, payer) in payers.iter().enumerate() {
        let owed = Money::from_tiyn(payer.owed);
        let card = match n % 3 {
            0 => Money::ZERO,
            1 => owed,
            _ => Money::from_tiyn(payer.owed / 200 * 100),
        };
        let pay = Pay {
            at: at(format!("pay-{n}")),
            lines: vec![Wanted { account: AccountId(payer.account_id), sum: owed, target: None }],
            card,
            given: None,
        };
        done(ops::pay(tx, app, pay).await?)?;
    }
    Ok(open.shift_id())
}

/// Counts what lies in the drawer, with a witness, and closes.
async fn close(tx: &mut Tx, app: &App, id: ShiftId) -> anyhow::Result<()> {
    let row = shift::lock(tx, id).await?.context("the shift")?;
    let mut left = shift::turnover(tx, &row).await?.expected().tiyn();
    let mut rows = Vec::new();
    for one in denomination::all(tx).await?.iter().filter(|one| one.to_day.is_none()) {
        let pieces = left / one.value;
        left -= pieces * one.value;
        rows.push(Counted { denomination: DenominationId(one.id), pieces: u32::try_from(pieces)? });
    }
    let witness = Some(staff_of(tx, "chief.cashier").await?);
    let count = CountCash { shift: id, kind: CashCountKind::Closing, rows, witness };
    let count = done(ops::count_cash(tx, app, count).await?)?;
    done(ops::close_shift(tx, app, id, Some(CashCountId(count.id)), None).await?)?;
    Ok(())
}

fn done<T>(answer: Result<T, Refusal>) -> anyhow::Result<T> {
    answer.map_err(|refusal| anyhow::anyhow!("the seed was refused: {refusal:?}"))
}
