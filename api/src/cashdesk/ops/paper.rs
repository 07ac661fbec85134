//! Papers of the cash desk, put together from what is kept; the same bytes every time.

use std::collections::HashMap;

use chrono::NaiveDate;
use documents::{
    CashBookDocument, CashOrderDocument, CashRegisterDocument, CashRow, CashSlipDocument, FiscalMark, Issuer,
    Pieces, Words, ZDocument,
};
use domain::cashdesk::{
    CashAccount, CashOperationKind, CashOrderKind, FiscalKind, FiscalState, OrderNumber, post,
};
use domain::kernel::*;
use entities::cashdesk::count;
use entities::cashdesk::desk::{self, Desk};
use entities::cashdesk::operation::{self, Operation};
use entities::cashdesk::order::{self, CashOrder};
use entities::cashdesk::receipt::{self, Receipt};
use entities::cashdesk::shift::{self, Shift};
use entities::kernel::{Broken, Result};

use crate::allow;
use crate::app::App;
use crate::billing::paper::letterhead;
use crate::platform::{Outcome, Refusal};

async fn issuer(app: &App, day: NaiveDate) -> Outcome<Issuer> {
    Ok(match letterhead(&app.db, day).await? {
        Ok(head) => Ok(head.issuer().clone()),
        Err(gap) => Err(Refusal::new("MISSING_SETTING").with("code", gap.0)),
    })
}

async fn desk_of(app: &App, id: i64) -> Result<Desk> {
    let found = desk::by_ids(&app.db, vec![id]).await?.pop();
    found.ok_or_else(|| Broken::RecordNotFound(format!("desk {id}")))
}

fn named(desk: &Desk) -> Words {
    Words::new(&desk.name_kk, &desk.name_ru)
}

/// What people wrote stands as they wrote it.
fn same(text: &str) -> Words {
    Words::new(text, text)
}

/// From whom or to whom, why, and the account against cash. An order of all sales of a shift says so in words of the program.
fn said(order: &CashOrder, shift: i32) -> (Words, Words, CashAccount) {
    let kind = order.operation.as_deref().and_then(CashOperationKind::from_code);
    let Some(kind) = kind.filter(|kind| !kind.is_of_sales()) else {
        let person = Words::new("Абоненттер", "Абоненты");
        let basis = match kind {
            Some(CashOperationKind::Void) => Words::new(
                format!("Төлемді жою: {}", order.basis),
                format!("Аннулирование платежа: {}", order.basis),
            ),
            Some(_) => Words::new("Қызметтер үшін төлем", "Оплата услуг"),
            None => Words::new(
                format!("Қызметтер үшін төлем, № {shift} ауысым"),
                format!("Оплата услуг за смену № {shift}"),
            ),
        };
        return (person, basis, CashAccount::Subscribers);
    };
    let entry = post(kind, Money::from_tiyn(order.amount), Money::ZERO)[0];
    let against = if entry.debit == CashAccount::Cash { entry.credit } else { entry.debit };
    let basis = match kind {
        CashOperationKind::Shortage => {
            Words::new(format!("Кем шығу: {}", order.basis), format!("Недостача: {}", order.basis))
        }
        CashOperationKind::Surplus => {
            Words::new(format!("Артық шығу: {}", order.basis), format!("Излишек: {}", order.basis))
        }
        _ => same(&order.basis),
    };
    (same(&order.person), basis, against)
}

async fn numbers_of_shifts(app: &App, orders: &[CashOrder]) -> Result<HashMap<i64, i32>> {
    let ids = orders.iter().map(|order| order.shift_id).collect();
    Ok(shift::by_ids(&app.db, ids).await?.into_iter().map(|shift| (shift.id, shift.number)).collect())
}

/// KO-1 or KO-2.
pub async fn order_paper(app: &App, row: &CashOrder) -> Outcome<CashOrderDocument> {
    let issuer = allow!(issuer(app, row.on_day).await?);
    let numbers = numbers_of_shifts(app, std::slice::from_ref(row)).await?;
    let (person, basis, against) = said(row, numbers.get(&row.shift_id).copied().unwrap_or_default());
    let cash = CashAccount::Cash.number();
    let (debit, credit) = match row.kind {
        CashOrderKind::Receipt => (cash, against.number()),
        CashOrderKind::Payout => (against.number(), cash),
    };
    let attachment = match row.operation_id {
        None => Words::new("Z-есеп", "Z-отчёт"),
        Some(_) => Words::new("—", "—"),
    };
    Ok(Ok(CashOrderDocument {
        kind: row.kind,
        number: row.full_number(),
        on: row.on_day,
        desk: named(&desk_of(app, row.desk_id).await?),
        amount: Money::from_tiyn(row.amount),
        person,
        basis,
        attachment,
        debit: debit.to_owned(),
        credit: credit.to_owned(),
        cashier: desk::name_of(&app.db, &row.made_by).await?,
        issuer,
    }))
}

async fn rows(app: &App, orders: &[CashOrder]) -> Result<Vec<CashRow>> {
    let numbers = numbers_of_shifts(app, orders).await?;
    let row = |order: &CashOrder| {
        let (person, basis, against) = said(order, numbers.get(&order.shift_id).copied().unwrap_or_default());
        CashRow {
            kind: order.kind,
            number: OrderNumber { year: order.year, number: order.number }.full(),
            on: order.on_day,
            person,
            basis,
            account: against.number().to_owned(),
            amount: Money::from_tiyn(order.amount),
        }
    };
    Ok(orders.iter().map(row).collect())
}

/// KO-3: the orders of a desk over some days.
pub async fn register_paper(
    app: &App,
    desk: &Desk,
    from: NaiveDate,
    to: NaiveDate,
) -> Outcome<CashRegisterDocument> {
    let issuer = allow!(issuer(app, to).await?);
    let orders = order::of_days(&app.db, desk.desk_id(), from, to).await?;
    Ok(Ok(CashRegisterDocument { desk: named(desk), from, to, rows: rows(app, &orders).await?, issuer }))
}

/// KO-4: a day of the cash book.
pub async fn book_paper(app: &App, desk: &Desk, day: NaiveDate) -> Outcome<CashBookDocument> {
    let issuer = allow!(issuer(app, day).await?);
    let orders = order::of_days(&app.db, desk.desk_id(), day, day).await?;
    let cashier = match orders.last() {
        Some(last) => desk::name_of(&app.db, &last.made_by).await?,
        None => String::new(),
    };
    Ok(Ok(CashBookDocument {
        desk: named(desk),
        on: day,
        opening: order::book_before(&app.db, desk.desk_id(), day).await?,
        rows: rows(app, &orders).await?,
        cashier,
        issuer,
    }))
}

/// Z of a closed shift.
pub async fn z_paper(app: &App, row: &Shift) -> Outcome<ZDocument> {
    let (Some(closed_at), Some(closed_on), Some(turnover)) = (row.closed_at, row.closed_on, row.z()?) else {
        return Ok(Err(Refusal::new("NOT_FOUND")));
    };
    let issuer = allow!(issuer(app, closed_on).await?);
    let counted = count::of_shifts(&app.db, vec![row.id]).await?;
    let counted = counted.into_iter().find(|one| Some(one.id) == row.count_id);
    let counted = counted.ok_or_else(|| Broken::RecordNotFound(format!("the count of shift {}", row.id)))?;
    let pieces = count::lines(&app.db, vec![counted.id]).await?;
    let pieces = pieces
        .into_iter()
        .map(|line| Pieces {
            note: line.kind == "note",
            value: Money::from_tiyn(line.value),
            pieces: line.pieces,
        })
        .collect();
    let fiscal = receipt::z_of(&app.db, vec![row.id]).await?.pop().map(|z| match z.fiscal_shift {
        Some(number) => format!("{} № {number}", z.cashbox),
        None => z.cashbox,
    });
    Ok(Ok(ZDocument {
        number: row.number,
        desk: named(&desk_of(app, row.desk_id).await?),
        cashier: desk::name_of(&app.db, &row.cashier).await?,
        opened_at: row.opened_at,
        closed_at,
        turnover,
        counted: Money::from_tiyn(counted.total),
        pieces,
        witness: match &counted.witness {
            Some(login) => desk::name_of(&app.db, login).await?,
            None => String::new(),
        },
        reason: row.reason.clone(),
        fiscal,
        issuer,
    }))
}

/// What a payer takes home.
pub async fn slip_paper(app: &App, row: &Operation) -> Outcome<CashSlipDocument> {
    let refund = row.kind == CashOperationKind::Refund;
    if !refund && row.kind != CashOperationKind::Sale {
        return Ok(Err(Refusal::new("NOT_FOUND")));
    }
    let issuer = allow!(issuer(app, row.on_day).await?);
    let lines = operation::lines(&app.db, vec![row.id]).await?;
    let places = operation::places(&app.db, lines.iter().map(|line| line.account_id).collect()).await?;
    let places: HashMap<i64, _> = places.into_iter().map(|place| (place.account_id, place)).collect();
    let mut rows = Vec::with_capacity(lines.len());
    for line in &lines {
        let place = places.get(&line.account_id);
        let place = place.ok_or_else(|| Broken::RecordNotFound(format!("account {}", line.account_id)))?;
        let at = |street: &str| match place.premise.as_str() {
            "flat" => format!("{street}, {}, {}", place.house, place.flat),
            _ => format!("{street}, {}", place.house),
        };
        let words = Words::new(at(&place.street_kk), at(&place.street_ru));
        rows.push((place.number.clone(), words, Money::from_tiyn(line.cash + line.card)));
    }
    let desk = desk_of(app, row.desk_id).await?;
    let fiscal = receipt::of_operations(&app.db, vec![row.id]).await?.pop();
    let registered = |one: &Receipt| {
        one.state.is_registered() && matches!(one.kind, FiscalKind::Sell | FiscalKind::Refund)
    };
    let fiscal = fiscal.filter(registered).map(|one| FiscalMark {
        check_number: one.check_number.unwrap_or_default(),
        registration_number: one.registration_number.unwrap_or_default(),
        registered: one.registered.unwrap_or_default(),
        offline: one.state == FiscalState::Offline,
        ticket_url: one.ticket_url,
    });
    let sum = |tiyn: i64| Money::from_tiyn(tiyn);
    Ok(Ok(CashSlipDocument {
        number: format!("{}-{}", desk.code, row.id),
        at: row.at,
        desk: named(&desk),
        cashier: desk::name_of(&app.db, &row.by).await?,
        rows,
        cash: sum(row.cash).abs(),
        card: sum(row.card).abs(),
        given: row.given.map(sum),
        change: sum(row.change),
        rounding: sum(row.rounding),
        voided: row.undone,
        refund,
        fiscal,
        issuer,
    }))
}
