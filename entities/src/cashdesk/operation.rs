//! What moved money at desks.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::cashdesk::{CashEntry, CashOperationKind};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::Desks;
use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct Operation {
    pub id: i64,
    pub shift_id: i64,
    pub desk_id: i64,
    pub kind: CashOperationKind,
    pub key: String,
    pub on_day: NaiveDate,
    pub at: DateTime<Utc>,
    pub by: String,
    pub cash: i64,
    pub card: i64,
    pub rounding: i64,
    pub given: Option<i64>,
    pub change: i64,
    pub of_id: Option<i64>,
    pub to_desk_id: Option<i64>,
    pub person: Option<String>,
    pub basis: Option<String>,
    pub bag: Option<String>,
    pub document_id: Option<i64>,
    /// A void of it stands, or another desk took it over.
    pub undone: bool,
    /// Of a sale: what went back of it, in cash and by card.
    pub returned_cash: i64,
    pub returned_card: i64,
}

impl Operation {
    pub fn operation_id(&self) -> CashOperationId {
        CashOperationId(self.id)
    }

    pub fn shift(&self) -> ShiftId {
        ShiftId(self.shift_id)
    }

    pub fn desk(&self) -> DeskId {
        DeskId(self.desk_id)
    }
}

const COLUMNS: &str = "o.id, o.shift_id, o.desk_id, o.kind, o.key, o.on_day, o.at, o.by, o.cash, o.card, o.rounding, o.given, o.change, \
     o.of_id, o.to_desk_id, o.person, o.basis, o.bag, o.document_id, \
     EXISTS (SELECT FROM cashdesk.operation u WHERE u.of_id = o.id AND u.kind IN ('void', 'handover_in')) AS undone, \
     (SELECT -coalesce(sum(u.cash), 0)::bigint FROM cashdesk.operation u WHERE u.of_id = o.id AND u.kind = 'refund') AS returned_cash, \
     (SELECT -coalesce(sum(u.card), 0)::bigint FROM cashdesk.operation u WHERE u.of_id = o.id AND u.kind = 'refund') AS returned_card";

pub async fn visible_to(
    db: &impl ConnectionTrait,
    desks: &Desks,
    id: CashOperationId,
) -> Result<Option<Operation>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.operation o JOIN cashdesk.desk d ON d.id = o.desk_id WHERE {} AND o.id = $2",
        Desks::WHERE
    );
    sql::one(db, &sql, [desks.value(), id.0.into()]).await
}

/// Under a lock: who undoes it second waits, and sees that it is done.
pub async fn lock(tx: &Tx, id: CashOperationId) -> Result<Option<Operation>> {
    sql::run(tx, "SELECT FROM cashdesk.operation o WHERE o.id = $1 FOR UPDATE", [id.0.into()]).await?;
    sql::one(tx, &format!("SELECT {COLUMNS} FROM cashdesk.operation o WHERE o.id = $1"), [id.0.into()]).await
}

/// What stands under a client's key at a desk.
pub async fn by_key(db: &impl ConnectionTrait, desk: DeskId, key: &str) -> Result<Option<Operation>> {
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.operation o WHERE o.desk_id = $1 AND o.key = $2");
    sql::one(db, &sql, [desk.0.into(), key.into()]).await
}

/// Newest first, a page of each shift and a row more where there is one.
pub async fn of_shifts(db: &impl ConnectionTrait, shifts: Vec<i64>, page: &Page) -> Result<Vec<Operation>> {
    sql::all(
        db,
        &format!(
            "SELECT x.* FROM unnest($1::bigint[]) AS s (id)
             CROSS JOIN LATERAL (
                 SELECT {COLUMNS} FROM cashdesk.operation o
                 WHERE o.shift_id = s.id AND ($2::bigint IS NULL OR o.id < $2) ORDER BY o.id DESC LIMIT $3) x"
        ),
        [shifts.into(), page.after.into(), page.limit().into()],
    )
    .await
}

/// Sales with a line of an account of the scope, newest first: what may be given back.
pub async fn sales_of(
    db: &impl ConnectionTrait,
    desks: &Desks,
    scope: &Scope,
    account: AccountId,
    page: Page,
) -> Result<Slice<Operation>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM cashdesk.operation o JOIN cashdesk.desk d ON d.id = o.desk_id
             WHERE o.kind = 'sale' AND ($4::text IS NULL OR $4 = ANY (d.cashiers)) AND ($6::bigint IS NULL OR o.id < $6)
               AND EXISTS (SELECT FROM cashdesk.operation_line l JOIN subscribers.account a ON a.id = l.account_id
                           WHERE l.operation_id = o.id AND l.account_id = $5 AND {})
             ORDER BY o.id DESC LIMIT $7",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            desks.value(),
            account.0.into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Handed over to one of the desks, or from it, and not taken over yet.
pub async fn on_the_way(db: &impl ConnectionTrait, desks: Vec<i64>) -> Result<Vec<Operation>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.operation o
         WHERE o.kind = 'handover_out' AND (o.desk_id = ANY ($1) OR o.to_desk_id = ANY ($1))
           AND NOT EXISTS (SELECT FROM cashdesk.operation u WHERE u.of_id = o.id) ORDER BY o.id"
    );
    sql::all(db, &sql, [desks.into()]).await
}

/// An operation to be kept.
#[derive(Debug, Clone)]
pub struct NewOperation {
    pub shift: ShiftId,
    pub desk: DeskId,
    pub kind: CashOperationKind,
    pub key: String,
    pub day: NaiveDate,
    /// Signed: what the drawer, or the bank, has more.
    pub cash: Money,
    pub card: Money,
    pub rounding: Money,
    pub given: Option<Money>,
    pub change: Money,
    pub of: Option<CashOperationId>,
    pub to_desk: Option<DeskId>,
    pub person: Option<String>,
    pub basis: Option<String>,
    pub bag: Option<String>,
    pub document: Option<DocumentId>,
}

pub async fn insert(tx: &Tx, new: NewOperation) -> Result<Operation> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO cashdesk.operation (shift_id, desk_id, kind, key, on_day, by, cash, card, rounding, given, change, of_id,
             to_desk_id, person, basis, bag, document_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) RETURNING id",
        [
            new.shift.0.into(),
            new.desk.0.into(),
            new.kind.code().into(),
            new.key.into(),
            new.day.into(),
            tx.actor().label.clone().into(),
            new.cash.tiyn().into(),
            new.card.tiyn().into(),
            new.rounding.tiyn().into(),
            new.given.map(Money::tiyn).into(),
            new.change.tiyn().into(),
            new.of.map(|id| id.0).into(),
            new.to_desk.map(|id| id.0).into(),
            new.person.into(),
            new.basis.into(),
            new.bag.into(),
            new.document.map(|id| id.0).into(),
        ],
    )
    .await?;
    let id = id.ok_or(Broken::RecordNotInserted)?;
    let sql = format!("SELECT {COLUMNS} FROM cashdesk.operation o WHERE o.id = $1");
    sql::one(tx, &sql, [id.into()]).await?.ok_or(Broken::RecordNotInserted)
}

/// Keeps the entries of an operation.
pub async fn entries(tx: &Tx, of: &Operation, cashier: &str, entries: &[CashEntry]) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO cashdesk.entry (operation_id, desk_id, cashier, on_day, debit, credit, amount)
         SELECT $1, $2, $3, $4, * FROM unnest($5::text[], $6::text[], $7::bigint[])",
        [
            of.id.into(),
            of.desk_id.into(),
            cashier.into(),
            of.on_day.into(),
            entries.iter().map(|entry| entry.debit.code().to_owned()).collect::<Vec<_>>().into(),
            entries.iter().map(|entry| entry.credit.code().to_owned()).collect::<Vec<_>>().into(),
            entries.iter().map(|entry| entry.amount.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await
    .map(drop)
}

/// An account of a sale, a void or a return.
#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct Line {
    pub operation_id: i64,
    pub n: i32,
    pub account_id: i64,
    pub sector: Sector,
    pub asked: i64,
    pub cash: i64,
    pub card: i64,
    pub of_n: Option<i32>,
    /// Which payment stands for the cash, and for the card, now.
    pub cash_payment_id: Option<i64>,
    pub card_payment_id: Option<i64>,
}

const LINE: &str = "l.operation_id, l.n, l.account_id, l.sector, l.asked, l.cash, l.card, l.of_n, l.cash_payment_id, l.card_payment_id";

pub async fn lines(db: &impl ConnectionTrait, operations: Vec<i64>) -> Result<Vec<Line>> {
    let sql = format!(
        "SELECT {LINE} FROM cashdesk.operation_line l WHERE l.operation_id = ANY ($1) ORDER BY l.operation_id, l.n"
    );
    sql::all(db, &sql, [operations.into()]).await
}

/// Lines of the returns of a sale, oldest first.
pub async fn returned_lines(db: &impl ConnectionTrait, sale: CashOperationId) -> Result<Vec<Line>> {
    let sql = format!(
        "SELECT {LINE} FROM cashdesk.operation_line l JOIN cashdesk.operation o ON o.id = l.operation_id
         WHERE o.of_id = $1 AND o.kind = 'refund' ORDER BY l.operation_id, l.n"
    );
    sql::all(db, &sql, [sale.0.into()]).await
}

pub async fn insert_lines(tx: &Tx, lines: &[Line]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let numbers = |pick: fn(&Line) -> i64| lines.iter().map(pick).collect::<Vec<i64>>();
    let places = |pick: fn(&Line) -> i32| lines.iter().map(pick).collect::<Vec<i32>>();
    // An array is bound without gaps.
    sql::run(
        tx,
        "INSERT INTO cashdesk.operation_line
             (operation_id, n, account_id, sector, asked, cash, card, of_n, cash_payment_id, card_payment_id)
         SELECT operation_id, n, account_id, sector, asked, cash, card, nullif(of_n, 0), nullif(cash_payment, 0), nullif(card_payment, 0)
         FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::int[],
                     $9::bigint[], $10::bigint[])
             AS l (operation_id, n, account_id, sector, asked, cash, card, of_n, cash_payment, card_payment)",
        [
            numbers(|line| line.operation_id).into(),
            places(|line| line.n).into(),
            numbers(|line| line.account_id).into(),
            lines.iter().map(|line| line.sector.code().to_owned()).collect::<Vec<_>>().into(),
            numbers(|line| line.asked).into(),
            numbers(|line| line.cash).into(),
            numbers(|line| line.card).into(),
            places(|line| line.of_n.unwrap_or_default()).into(),
            numbers(|line| line.cash_payment_id.unwrap_or_default()).into(),
            numbers(|line| line.card_payment_id.unwrap_or_default()).into(),
        ],
    )
    .await
    .map(drop)
}

/// The last operations of shifts; none of a shift before its first.
pub async fn lasts_of(db: &impl ConnectionTrait, shifts: Vec<i64>) -> Result<Vec<(ShiftId, i64)>> {
    #[derive(FromQueryResult)]
    struct Row {
        shift_id: i64,
        last: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT shift_id, max(id) AS last FROM cashdesk.operation WHERE shift_id = ANY ($1) GROUP BY 1",
        [shifts.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (ShiftId(row.shift_id), row.last)).collect())
}

/// The last operation of a shift; 0 before the first.
pub async fn last_of(db: &impl ConnectionTrait, shift: ShiftId) -> Result<i64> {
    let last: Option<i64> = sql::scalar(
        db,
        "SELECT coalesce(max(id), 0) FROM cashdesk.operation WHERE shift_id = $1",
        [shift.0.into()],
    )
    .await?;
    Ok(last.unwrap_or_default())
}

/// Where an account is, as a slip says it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Place {
    pub account_id: i64,
    pub number: String,
    pub street_kk: String,
    pub street_ru: String,
    pub house: String,
    pub flat: String,
    pub premise: String,
}

pub async fn places(db: &impl ConnectionTrait, accounts: Vec<i64>) -> Result<Vec<Place>> {
    sql::all(db, include_str!("sql/places.sql"), [accounts.into()]).await
}
