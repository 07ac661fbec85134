//! WebKassa's API v4 as it stands on the wire: names, numbers of operations and errors. Sums are JSON numbers with two decimals; they are
//! written and read as text, so that no tiyn passes through a float.

use domain::kernel::Money;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::adapters::fiscal::port::{Basis, Content, Position};

/// `OperationType` of a check.
pub const SELL: u8 = 2;
pub const SELL_RETURN: u8 = 3;
/// `OperationType` of a money operation.
pub const DEPOSIT: u8 = 0;
pub const WITHDRAW: u8 = 1;
/// `PaymentType`.
pub const CASH: u8 = 0;
pub const CARD: u8 = 1;
/// `TaxType`: without VAT, with VAT.
const NO_VAT: u8 = 0;
const VAT: u8 = 100;
/// `UnitCode` of a piece.
const PIECE: u16 = 796;

/// Codes of errors that mean something to us; any other one is a refusal, as 8 (not enough cash) and 9 (invalid).
pub mod code {
    pub const UNKNOWN: i32 = -1;
    pub const LOGIN: i32 = 1;
    pub const SESSION_OVER: i32 = 2;
    pub const UNAUTHORISED: i32 = 3;
    pub const NO_ACCESS_TO_OPERATION: i32 = 4;
    pub const NO_ACCESS_TO_CASHBOX: i32 = 5;
    pub const NOT_FOUND: i32 = 6;
    pub const BLOCKED: i32 = 7;
    pub const NOT_ACTIVE: i32 = 10;
    pub const SHIFT_TOO_LONG: i32 = 11;
    pub const SHIFT_CLOSED: i32 = 12;
    pub const NO_OPEN_SHIFT: i32 = 13;
    pub const DUPLICATE: i32 = 14;
    pub const SHIFT_NOT_FOUND: i32 = 15;
    pub const TICKET_NOT_FOUND: i32 = 16;
    pub const OFFLINE_TOO_LONG: i32 = 18;
    pub const OTHER_DOMAIN: i32 = 505;
    pub const NO_Z_YET: i32 = 1014;
}

/// A sum as a JSON number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sum(Box<RawValue>);

impl From<Money> for Sum {
    fn from(sum: Money) -> Self {
        Self(RawValue::from_string(sum.to_string()).expect("a sum is a JSON number"))
    }
}

/// What a provider's number says; exact, or nothing.
pub fn sum(number: &Json) -> Option<Money> {
    match number {
        // Made of at most two decimals: the shortest text of the number is the number itself.
        Json::Number(number) => Money::tenge(&number.to_string()).ok(),
        Json::String(text) => Money::tenge(text).ok(),
        _ => None,
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Authorize<'a> {
    pub login: &'a str,
    pub password: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Check<'a> {
    pub token: &'a str,
    pub cashbox_unique_number: &'a str,
    pub operation_type: u8,
    pub positions: Vec<CheckPosition<'a>>,
    pub payments: Vec<Payment>,
    pub change: Sum,
    pub round_type: u8,
    pub external_check_number: &'a str,
    #[serde(rename = "returnBasisDetails", skip_serializing_if = "Option::is_none")]
    pub return_basis_details: Option<ReturnBasis<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CheckPosition<'a> {
    pub count: u32,
    pub price: Sum,
    pub discount: Sum,
    pub markup: Sum,
    pub tax: Sum,
    pub tax_type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_percent: Option<Box<RawValue>>,
    pub position_name: &'a str,
    pub unit_code: u16,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Payment {
    pub sum: Sum,
    pub payment_type: u8,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReturnBasis<'a> {
    pub date_time: &'a str,
    pub total: Sum,
    pub check_number: &'a str,
    pub registration_number: &'a str,
    pub is_offline: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MoneyOperation<'a> {
    pub token: &'a str,
    pub cashbox_unique_number: &'a str,
    pub operation_type: u8,
    pub sum: Sum,
    pub external_check_number: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ReportRequest<'a> {
    pub token: &'a str,
    pub cashbox_unique_number: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct FindTicket<'a> {
    pub token: &'a str,
    pub cashbox_unique_number: &'a str,
    pub external_check_number: &'a str,
    pub shift_number: i64,
}

impl<'a> Check<'a> {
    pub fn of(token: &'a str, cashbox: &'a str, kind: u8, number: &'a str, content: &'a Content) -> Self {
        let mut payments = Vec::new();
        let given = content.cash + content.change;
        for (sum, payment_type) in [(given, CASH), (content.card, CARD)] {
            if sum.is_positive() {
                payments.push(Payment { sum: sum.into(), payment_type });
            }
        }
        Self {
            token,
            cashbox_unique_number: cashbox,
            operation_type: kind,
            positions: content.positions.iter().map(CheckPosition::of).collect(),
            payments,
            change: content.change.into(),
            round_type: 0,
            external_check_number: number,
            return_basis_details: content.basis.as_ref().map(ReturnBasis::of),
        }
    }
}

impl<'a> CheckPosition<'a> {
    fn of(of: &'a Position) -> Self {
        let percent = of.vat.map(|vat| vat.percent.normalize().to_string());
        Self {
            count: 1,
            price: of.amount.into(),
            discount: Money::ZERO.into(),
            markup: Money::ZERO.into(),
            tax: of.vat.map_or(Money::ZERO, |vat| vat.amount).into(),
            tax_type: if of.vat.is_some() { VAT } else { NO_VAT },
            tax_percent: percent.and_then(|text| RawValue::from_string(text).ok()),
            position_name: &of.name,
            unit_code: PIECE,
        }
    }
}

impl<'a> ReturnBasis<'a> {
    fn of(basis: &'a Basis) -> Self {
        Self {
            date_time: &basis.registered,
            total: basis.total.into(),
            check_number: &basis.check_number,
            registration_number: &basis.registration_number,
            is_offline: basis.offline,
        }
    }
}

/// Every answer: data, errors, or both (a duplicate comes with the first one's data).
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Envelope {
    #[serde(default)]
    pub data: Json,
    #[serde(default)]
    pub errors: Option<Vec<Fault>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Fault {
    pub code: i32,
    #[serde(default)]
    pub text: String,
}

impl Envelope {
    pub fn fault(&self) -> Option<&Fault> {
        self.errors.as_ref()?.first()
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;
    use crate::adapters::fiscal::port::Vat;

    fn money(text: &str) -> Money {
        Money::tenge(text).unwrap()
    }

    /// Composed by the provider's published description; see `fixtures/README.md`.
    #[test]
    fn a_sale_and_its_return_stand_on_the_wire_as_described() {
        let position = Position {
            name: "Водоснабжение и водоотведение, л/с 1000001".into(),
            amount: money("101.00"),
            vat: Some(Vat { percent: Decimal::from(16), amount: money("13.93") }),
        };
        let sale = Content {
            positions: vec![position],
            cash: money("51.00"),
            card: money("50.00"),
            change: money("49.00"),
            basis: None,
        };
        let read = |text: &str| serde_json::from_str::<Json>(text).unwrap();
        let wire = |check: &Check<'_>| read(&serde_json::to_string(check).unwrap());
        let sent = Check::of("T", "SWK00000001", SELL, "n-1", &sale);
        assert_eq!(wire(&sent), read(include_str!("fixtures/check.json")));
        assert!(
            serde_json::to_string(&sent).unwrap().contains("\"Price\":101.00"),
            "a number of two decimals"
        );

        let basis = Basis {
            registered: "26.03.2026 10:15:00".into(),
            total: money("101.00"),
            check_number: "923956785162".into(),
            registration_number: "211030200207".into(),
            offline: false,
        };
        let back = Content { change: Money::ZERO, basis: Some(basis), ..sale };
        let sent = Check::of("T", "SWK00000001", SELL_RETURN, "n-2", &back);
        assert_eq!(wire(&sent), read(include_str!("fixtures/check_return.json")));
    }

    #[test]
    fn a_duplicate_comes_with_the_data_of_the_first() {
        let answer: Envelope = serde_json::from_str(include_str!("fixtures/duplicate.json")).unwrap();
        assert_eq!(answer.fault().map(|fault| fault.code), Some(code::DUPLICATE));
        assert_eq!(answer.data["CheckNumber"], "923956785162");
    }

    #[test]
    fn numbers_are_read_exactly() {
        let sums = ["56350", "24691.34", "0.1", "9999999999.99"];
        for text in sums {
            let number: Json = serde_json::from_str(text).unwrap();
            assert_eq!(sum(&number), Some(money(text)), "{text}");
        }
        assert_eq!(sum(&Json::Null), None);
    }
}
