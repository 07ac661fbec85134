//! Papers of the cash desk: orders KO-1 and KO-2, their register KO-3, the cash book KO-4, Z, and what the payer gets.

use chrono::{DateTime, NaiveDate, Utc};
use domain::cashdesk::{CashOrderKind, Turnover};
use domain::kernel::*;
use serde_json::{Value as Json, json};

use crate::bill::{Issuer, Words};
use crate::face::words;
use crate::in_words::in_words;
use crate::press::PrintError;
use crate::qr;
use crate::sentence::{day, money};

/// A cash order (кассовый ордер): KO-1 or KO-2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashOrderDocument {
    pub kind: CashOrderKind,
    /// "2026-000012".
    pub number: String,
    pub on: NaiveDate,
    pub desk: Words,
    pub amount: Money,
    /// From whom, or to whom.
    pub person: Words,
    pub basis: Words,
    /// What is pinned to it.
    pub attachment: Words,
    pub debit: String,
    pub credit: String,
    pub cashier: String,
    pub issuer: Issuer,
}

/// A line of the register or of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashRow {
    pub kind: CashOrderKind,
    pub number: String,
    pub on: NaiveDate,
    pub person: Words,
    pub basis: Words,
    /// The account against cash.
    pub account: String,
    pub amount: Money,
}

/// The register of orders (журнал регистрации, KO-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashRegisterDocument {
    pub desk: Words,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub rows: Vec<CashRow>,
    pub issuer: Issuer,
}

/// A day of the cash book (кассовая книга, KO-4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashBookDocument {
    pub desk: Words,
    pub on: NaiveDate,
    pub opening: Money,
    pub rows: Vec<CashRow>,
    pub cashier: String,
    pub issuer: Issuer,
}

/// So many of one denomination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pieces {
    pub note: bool,
    pub value: Money,
    pub pieces: i32,
}

/// The end of a shift (Z-отчёт).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZDocument {
    pub number: i32,
    pub desk: Words,
    pub cashier: String,
    pub opened_at: DateTime<Utc>,
    pub closed_at: DateTime<Utc>,
    pub turnover: Turnover,
    pub counted: Money,
    pub pieces: Vec<Pieces>,
    pub witness: String,
    pub reason: Option<String>,
    /// What the register answered, where there is one.
    pub fiscal: Option<String>,
    pub issuer: Issuer,
}

/// What the payer takes home (квитанция).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashSlipDocument {
    pub number: String,
    pub at: DateTime<Utc>,
    pub desk: Words,
    pub cashier: String,
    /// Account, where it is, what was credited.
    pub rows: Vec<(String, Words, Money)>,
    pub cash: Money,
    pub card: Money,
    pub given: Option<Money>,
    pub change: Money,
    pub rounding: Money,
    /// It was undone: the slip says so.
    pub voided: bool,
    /// Money given back instead of taken.
    pub refund: bool,
    pub fiscal: Option<FiscalMark>,
    pub issuer: Issuer,
}

/// A registered receipt, as it stands on the slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiscalMark {
    pub check_number: String,
    pub registration_number: String,
    pub registered: String,
    pub offline: bool,
    pub ticket_url: Option<String>,
}

fn issuer(one: &Issuer) -> Json {
    json!({ "name": words(&one.name), "bin": one.bin, "phone": one.phone, "site": one.site, "demo": one.demo })
}

pub(crate) fn made(on: NaiveDate) -> Json {
    json!({ "year": on.format("%Y").to_string(), "month": on.format("%m").to_string(), "day": on.format("%d").to_string() })
}

/// In Almaty, to the minute.
fn moment(at: DateTime<Utc>) -> String {
    // UTC+5, the whole country since 2024-03-01; there were no desks here before.
    (at + chrono::Duration::hours(5)).format("%d.%m.%Y %H:%M").to_string()
}

fn row(one: &CashRow) -> Json {
    let receipt = one.kind == CashOrderKind::Receipt;
    json!({
        "receipt": receipt,
        "number": one.number,
        "on": day(one.on),
        "person": words(&one.person),
        "basis": words(&one.basis),
        "account": one.account,
        "amount": money(one.amount),
    })
}

fn sum_of(rows: &[CashRow], kind: CashOrderKind) -> Money {
    rows.iter().filter(|row| row.kind == kind).map(|row| row.amount).sum()
}

fn count_of(rows: &[CashRow], kind: CashOrderKind) -> usize {
    rows.iter().filter(|row| row.kind == kind).count()
}

impl CashOrderDocument {
    pub(crate) fn face(&self) -> Json {
        json!({
            "form": if self.kind == CashOrderKind::Receipt { "ko1" } else { "ko2" },
            "number": self.number, "on": day(self.on), "made": made(self.on), "desk": words(&self.desk),
            "amount": money(self.amount), "in_words": words(&in_words(self.amount)), "person": words(&self.person),
            "basis": words(&self.basis), "attachment": words(&self.attachment), "debit": self.debit, "credit": self.credit,
            "cashier": self.cashier, "issuer": issuer(&self.issuer),
        })
    }
}

impl CashRegisterDocument {
    pub(crate) fn face(&self) -> Json {
        json!({
            "form": "ko3", "number": format!("{}–{}", day(self.from), day(self.to)), "from": day(self.from), "to": day(self.to),
            "made": made(self.to), "desk": words(&self.desk), "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "receipts": money(sum_of(&self.rows, CashOrderKind::Receipt)), "payouts": money(sum_of(&self.rows, CashOrderKind::Payout)),
            "issuer": issuer(&self.issuer),
        })
    }
}

impl CashBookDocument {
    pub fn closing(&self) -> Money {
        self.opening + sum_of(&self.rows, CashOrderKind::Receipt) - sum_of(&self.rows, CashOrderKind::Payout)
    }

    pub(crate) fn face(&self) -> Json {
        json!({
            "form": "ko4", "number": day(self.on), "on": day(self.on), "made": made(self.on), "desk": words(&self.desk),
            "opening": money(self.opening), "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
            "receipts": money(sum_of(&self.rows, CashOrderKind::Receipt)), "payouts": money(sum_of(&self.rows, CashOrderKind::Payout)),
            "receipt_count": count_of(&self.rows, CashOrderKind::Receipt), "payout_count": count_of(&self.rows, CashOrderKind::Payout),
            "closing": money(self.closing()), "cashier": self.cashier, "issuer": issuer(&self.issuer),
        })
    }
}

impl ZDocument {
    pub(crate) fn face(&self) -> Json {
        let t = &self.turnover;
        let lines = [
            ("Сатылымдар (төлемдер)", "Приём платежей", &t.sales),
            ("Жою", "Аннулирование", &t.voids),
            ("Қайтару", "Возвраты", &t.refunds),
            ("Енгізу", "Внесение", &t.pay_ins),
            ("Алу", "Изъятие", &t.pay_outs),
            ("Инкассация", "Инкассация", &t.collections),
            ("Басқа кассадан қабылданды", "Принято из другой кассы", &t.taken_over),
            ("Басқа кассаға берілді", "Передано в другую кассу", &t.handed_over),
            ("Кем шығу", "Недостача", &t.shortages),
            ("Артық шығу", "Излишек", &t.surpluses),
        ];
        let lines: Vec<Json> = lines
            .iter()
            .filter(|(.., sums)| sums.count > 0)
            .map(|(kk, ru, sums)| {
                json!({ "kk": kk, "ru": ru, "count": sums.count, "cash": money(sums.cash), "card": money(sums.card) })
            })
            .collect();
        // What the count differed by is among the lines already: the books before it expected so much.
        let difference = t.surpluses.cash - t.shortages.cash;
        let pieces: Vec<Json> = self
            .pieces
            .iter()
            .map(|one| {
                let sum = Money::from_tiyn(one.value.tiyn() * i64::from(one.pieces));
                json!({ "note": one.note, "value": money(one.value), "pieces": one.pieces, "sum": money(sum) })
            })
            .collect();
        json!({
            "form": "z", "number": format!("Z {}", self.number), "z": self.number, "made": made(self.closed_at.date_naive()),
            "desk": words(&self.desk), "cashier": self.cashier, "opened": moment(self.opened_at), "closed": moment(self.closed_at),
            "opening": money(t.opening), "lines": lines, "expected": money(t.expected() - difference), "counted": money(self.counted),
            "difference": (!difference.is_zero()).then(|| money(difference)), "pieces": pieces, "witness": self.witness,
            "reason": self.reason, "fiscal": self.fiscal, "in_words": words(&in_words(self.counted)), "issuer": issuer(&self.issuer),
        })
    }
}

impl CashSlipDocument {
    pub(crate) fn face(&self) -> Result<Json, PrintError> {
        let shown = |sum: Money| sum.is_positive().then(|| money(sum));
        let fiscal = match &self.fiscal {
            None => Json::Null,
            Some(mark) => {
                let link =
                    |url: &String| qr::svg(url).map_err(|error| PrintError::Link(format!("{url}: {error}")));
                json!({
                    "check": mark.check_number, "register": mark.registration_number, "at": mark.registered, "offline": mark.offline,
                    "qr": mark.ticket_url.as_ref().map(link).transpose()?,
                })
            }
        };
        Ok(json!({
            "form": "slip", "number": self.number, "at": moment(self.at), "made": made(self.at.date_naive()), "desk": words(&self.desk),
            "cashier": self.cashier,
            "rows": self.rows.iter().map(|(account, place, sum)| json!({ "account": account, "place": words(place), "sum": money(*sum) })).collect::<Vec<_>>(),
            "total": money(self.cash + self.card), "cash": shown(self.cash), "card": shown(self.card), "given": self.given.and_then(shown),
            "change": shown(self.change), "rounding": (!self.rounding.is_zero()).then(|| money(self.rounding)), "voided": self.voided,
            "refund": self.refund, "fiscal": fiscal, "issuer": issuer(&self.issuer),
        }))
    }
}
