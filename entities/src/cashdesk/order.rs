//! Cash orders: KO-1 and KO-2, their register and the cash book.

use chrono::{DateTime, NaiveDate, Utc};
use domain::cashdesk::{CashOrderKind, OrderNumber, numbered};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::Desks;
use crate::kernel::{Broken, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct CashOrder {
    pub id: i64,
    pub desk_id: i64,
    pub kind: CashOrderKind,
    pub year: i32,
    pub number: i32,
    pub shift_id: i64,
    pub operation_id: Option<i64>,
    pub on_day: NaiveDate,
    pub amount: i64,
    pub person: String,
    pub basis: String,
    pub made_by: String,
    pub made_at: DateTime<Utc>,
    /// What it is about, to name the account against cash; null for all sales of a shift.
    pub operation: Option<String>,
}

impl CashOrder {
    pub fn full_number(&self) -> String {
        OrderNumber { year: self.year, number: self.number }.full()
    }
}

const COLUMNS: &str = "k.id, k.desk_id, k.kind, k.year, k.number, k.shift_id, k.operation_id, k.on_day, k.amount, k.person, k.basis, \
     k.made_by, k.made_at, (SELECT o.kind FROM cashdesk.operation o WHERE o.id = k.operation_id) AS operation";

/// An order to be written.
#[derive(Debug, Clone)]
pub struct NewOrder {
    pub desk: DeskId,
    pub shift: ShiftId,
    pub operation: Option<CashOperationId>,
    pub kind: CashOrderKind,
    pub day: NaiveDate,
    pub amount: Money,
    pub person: String,
    pub basis: String,
}

/// Writes the next one of its desk, year and kind: whoever takes a number holds the desk until the end of the transaction.
pub async fn write(tx: &Tx, new: NewOrder) -> Result<CashOrder> {
    sql::run(
        tx,
        "SELECT pg_advisory_xact_lock(hashtext('cashdesk.cash_order'), $1)",
        [(new.desk.0 as i32).into()],
    )
    .await?;
    let year = numbered(new.day, None).year;
    let last: Option<Option<i32>> = sql::scalar(
        tx,
        "SELECT max(number) FROM cashdesk.cash_order WHERE (desk_id, year, kind) = ($1, $2, $3)",
        [new.desk.0.into(), year.into(), new.kind.code().into()],
    )
    .await?;
    let number = numbered(new.day, last.flatten());
    let sql = format!(
        "INSERT INTO cashdesk.cash_order AS k (desk_id, kind, year, number, shift_id, operation_id, on_day, amount, person, basis, made_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING {COLUMNS}"
    );
    let row = sql::one(
        tx,
        &sql,
        [
            new.desk.0.into(),
            new.kind.code().into(),
            number.year.into(),
            number.number.into(),
            new.shift.0.into(),
            new.operation.map(|id| id.0).into(),
            new.day.into(),
            new.amount.tiyn().into(),
            new.person.into(),
            new.basis.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    row.ok_or(Broken::RecordNotInserted)
}

pub async fn visible_to(
    db: &impl ConnectionTrait,
    desks: &Desks,
    id: CashOrderId,
) -> Result<Option<CashOrder>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.cash_order k JOIN cashdesk.desk d ON d.id = k.desk_id WHERE {} AND k.id = $2",
        Desks::WHERE
    );
    sql::one(db, &sql, [desks.value(), id.0.into()]).await
}

/// Of shifts, newest first; a hundred of each at most.
pub async fn of_shifts(db: &impl ConnectionTrait, shifts: Vec<i64>) -> Result<Vec<CashOrder>> {
    let sql = format!(
        "SELECT x.* FROM unnest($1::bigint[]) AS s (id)
         CROSS JOIN LATERAL (SELECT {COLUMNS} FROM cashdesk.cash_order k WHERE k.shift_id = s.id ORDER BY k.id DESC LIMIT 100) x"
    );
    sql::all(db, &sql, [shifts.into()]).await
}

/// Of operations; one each at most.
pub async fn of_operations(db: &impl ConnectionTrait, operations: Vec<i64>) -> Result<Vec<CashOrder>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.cash_order k WHERE k.operation_id = ANY ($1)");
    sql::all(db, &sql, [operations.into()]).await
}

/// Which orders are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub desk: Option<DeskId>,
    pub kind: Option<CashOrderKind>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// Newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    desks: &Desks,
    filter: Filter,
    page: Page,
) -> Result<Slice<CashOrder>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM cashdesk.cash_order k JOIN cashdesk.desk d ON d.id = k.desk_id
             WHERE {} AND ($2::bigint IS NULL OR k.desk_id = $2)
               AND ($3::text IS NULL OR k.kind = $3) AND ($4::date IS NULL OR k.on_day >= $4) AND ($5::date IS NULL OR k.on_day <= $5)
               AND ($6::bigint IS NULL OR k.id < $6)
             ORDER BY k.id DESC LIMIT $7",
            Desks::WHERE
        ),
        [
            desks.value(),
            filter.desk.map(|id| id.0).into(),
            filter.kind.map(CashOrderKind::code).into(),
            filter.from.into(),
            filter.to.into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// The orders of a desk on some days, in the order they were written: a page of the book, or the register of a month.
pub async fn of_days(
    db: &impl ConnectionTrait,
    desk: DeskId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<CashOrder>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.cash_order k WHERE k.desk_id = $1 AND k.on_day BETWEEN $2 AND $3 ORDER BY k.on_day, k.id
         LIMIT 5000"
    );
    sql::all(db, &sql, [desk.0.into(), from.into(), to.into()]).await
}

/// Cash of the sales and voids of a shift that have no order of their own: what the order of the shift is written for.
pub async fn without_order(tx: &Tx, shift: ShiftId) -> Result<Money> {
    let sum: Option<i64> = sql::scalar(
        tx,
        "SELECT coalesce(sum(o.cash), 0)::bigint FROM cashdesk.operation o WHERE o.shift_id = $1 AND o.kind IN ('sale', 'void')
           AND NOT EXISTS (SELECT FROM cashdesk.cash_order k WHERE k.operation_id = o.id)",
        [shift.0.into()],
    )
    .await?;
    Ok(Money::from_tiyn(sum.unwrap_or_default()))
}

/// What the book says was in the drawer before a day, in tiyn.
pub async fn book_before(db: &impl ConnectionTrait, desk: DeskId, day: NaiveDate) -> Result<Money> {
    let sum: Option<i64> = sql::scalar(
        db,
        "SELECT coalesce(sum(CASE kind WHEN 'receipt' THEN amount ELSE -amount END), 0)::bigint
         FROM cashdesk.cash_order WHERE desk_id = $1 AND on_day < $2",
        [desk.0.into(), day.into()],
    )
    .await?;
    Ok(Money::from_tiyn(sum.unwrap_or_default()))
}
