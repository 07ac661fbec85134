//! The port in the product's words. Whoever calls has kept the document and its number before; the same number is the same document.

use domain::cashdesk::{FiscalKind, Heard};
use domain::kernel::Money;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What is registered, as it is kept with the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Lines of a sale or a return; none of money in and out.
    pub positions: Vec<Position>,
    pub cash: Money,
    pub card: Money,
    /// Given back of what the payer gave, besides `cash`.
    pub change: Money,
    /// Of a return: the sale that it gives back.
    pub basis: Option<Basis>,
}

impl Content {
    pub fn total(&self) -> Money {
        self.cash + self.card
    }
}

/// A line of a receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub name: String,
    pub amount: Money,
    pub vat: Option<Vat>,
}

/// VAT inside of a sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vat {
    pub percent: Decimal,
    pub amount: Money,
}

/// The registered sale that a return refers to, word for word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The moment as the provider wrote it.
    pub registered: String,
    pub total: Money,
    pub check_number: String,
    pub registration_number: String,
    pub offline: bool,
}

/// What the register said of a document that it has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Registered {
    pub check_number: Option<String>,
    pub registration_number: Option<String>,
    pub registered: Option<String>,
    pub fiscal_shift: Option<i64>,
    /// With an autonomous sign, while it has no line to the tax service.
    pub offline: bool,
    pub ticket_url: Option<String>,
    /// The whole answer.
    pub raw: Json,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Registered(Box<Registered>),
    /// The register has never seen it.
    NotFound,
    /// Nobody answered in words: it may have been done.
    Nothing(String),
    /// Certainly not done, and not for good: code and words of the provider, or none.
    NotNow(Option<i32>, String),
    ShiftTooLong(i32, String),
    OfflineTooLong(i32, String),
    /// Refused for good.
    Refused(i32, String),
}

impl Answer {
    /// As the rule hears it.
    pub fn heard(&self) -> Heard {
        match self {
            Self::Registered(found) => Heard::Registered { offline: found.offline },
            Self::NotFound => Heard::NotFound,
            Self::Nothing(_) => Heard::Nothing,
            Self::NotNow(..) => Heard::NotNow,
            Self::ShiftTooLong(..) => Heard::ShiftTooLong,
            Self::OfflineTooLong(..) => Heard::OfflineTooLong,
            Self::Refused(..) => Heard::Refused,
        }
    }

    /// What it said when it did not do it: code and words.
    pub fn fault(&self) -> (Option<i32>, Option<String>) {
        match self {
            Self::Registered(_) | Self::NotFound => (None, None),
            Self::Nothing(words) => (None, Some(words.clone())),
            Self::NotNow(code, words) => (*code, Some(words.clone())),
            Self::ShiftTooLong(code, words)
            | Self::OfflineTooLong(code, words)
            | Self::Refused(code, words) => (Some(*code), Some(words.clone())),
        }
    }
}

/// What the register itself counts, without ending its shift.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub fiscal_shift: i64,
    /// What it believes to lie in the drawer.
    pub cash: Option<Money>,
    pub raw: Json,
}

/// A provider of cash registers. Calls of one register come one after another.
#[async_trait::async_trait]
pub trait FiscalProvider: Send + Sync {
    async fn sell(&self, cashbox: &str, number: &str, content: &Content) -> Answer;
    async fn refund(&self, cashbox: &str, number: &str, content: &Content) -> Answer;
    async fn money_in(&self, cashbox: &str, number: &str, sum: Money) -> Answer;
    async fn money_out(&self, cashbox: &str, number: &str, sum: Money) -> Answer;
    /// The report in between.
    async fn x(&self, cashbox: &str) -> Result<Report, Answer>;
    /// Ends the register's shift; one that has ended already is as good.
    async fn z(&self, cashbox: &str) -> Answer;
    /// Whether the register has a document of ours; the shift where it was last heard of helps to find it.
    async fn find(
        &self,
        cashbox: &str,
        kind: FiscalKind,
        number: &str,
        content: &Content,
        fiscal_shift: Option<i64>,
    ) -> Answer;

    /// Sends a document, whatever it is.
    async fn send(&self, cashbox: &str, kind: FiscalKind, number: &str, content: &Content) -> Answer {
        match kind {
            FiscalKind::Sell => self.sell(cashbox, number, content).await,
            FiscalKind::Refund => self.refund(cashbox, number, content).await,
            FiscalKind::MoneyIn => self.money_in(cashbox, number, content.cash).await,
            FiscalKind::MoneyOut => self.money_out(cashbox, number, content.cash).await,
            FiscalKind::Z => self.z(cashbox).await,
        }
    }
}
