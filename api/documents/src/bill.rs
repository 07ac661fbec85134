//! What a bill says, in the product's own words.

use chrono::NaiveDate;
use domain::consumption::Basis;
use domain::kernel::*;
use rust_decimal::Decimal;

/// A text in the two languages of a bill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    pub kk: String,
    pub ru: String,
}

impl Words {
    pub fn new(kk: impl Into<String>, ru: impl Into<String>) -> Self {
        Self { kk: kk.into(), ru: ru.into() }
    }
}

/// Who charges, and where the money goes (реквизиты). Every text is a setting of the installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Issuer {
    pub name: Words,
    /// БИН.
    pub bin: String,
    /// ИИК: the account at the bank.
    pub iban: String,
    /// БИК.
    pub bic: String,
    pub bank: Words,
    pub phone: String,
    pub site: String,
    /// Values of a demonstration: the page says so.
    pub demo: bool,
}

/// What a register showed on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub day: NaiveDate,
    pub value: Volume,
}

/// Until when a meter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification {
    /// The first day on which it no longer counts.
    pub until: NaiveDate,
    /// It ended before the month did.
    pub expired: bool,
}

/// A meter of the account in the month (прибор учёта).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeterReading {
    pub serial: String,
    pub hot: bool,
    pub previous: Option<Reading>,
    /// None when nothing came in the month.
    pub last: Option<Reading>,
    /// What the register moved by between the two, also through its end.
    pub used: Option<Volume>,
    pub verification: Verification,
}

/// A charge line (строка начисления).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    pub service: Service,
    pub component: Component,
    pub basis: Basis,
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    pub volume: Volume,
    /// Net tenge per m³.
    pub price: Decimal,
    /// Of the band; 1 without bands.
    pub coefficient: Decimal,
    /// 0.16 stands for 16 %.
    pub vat_rate: Decimal,
    pub net: Money,
    pub vat: Money,
    pub gross: Money,
    /// People counted, and the norm for each, where people were counted.
    pub residents: Option<u32>,
    pub norm: Option<Volume>,
    /// The meter behind the volume, and the readings it lies between.
    pub meter: Option<String>,
    pub previous: Option<Volume>,
    pub last: Option<Volume>,
}

/// What a recalculation of an earlier month came to for a service (перерасчёт).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recalculation {
    /// The months that were reckoned anew, first and last.
    pub from: Period,
    pub to: Period,
    /// None where several services are one row.
    pub service: Option<(Service, Component)>,
    /// The document it was done on: number and day.
    pub document: String,
    /// More (positive) or less water; nothing where parts of a sum are posted.
    pub volume: Volume,
    pub gross: Money,
}

/// opening + charged + penalty + corrections − paid = closing, as it stood on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    pub on: NaiveDate,
    pub opening: Money,
    pub charged: Money,
    /// Penalty for delay accrued in the month.
    pub penalty: Money,
    pub corrections: Money,
    pub paid: Money,
    pub closing: Money,
}

/// Water of one month of the year's picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthUse {
    pub period: Period,
    pub volume: Volume,
    /// By meters; otherwise by norm, average or contract.
    pub measured: bool,
}

/// A bill of a month, ready for the press (счёт, квитанция).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillDocument {
    pub number: String,
    pub period: Period,
    pub account: String,
    pub sector: Sector,
    pub holder: String,
    /// БИН of an organisation.
    pub identification: Option<String>,
    pub contract: Option<String>,
    pub address: Words,
    pub residents: Option<u32>,
    pub meters: Vec<MeterReading>,
    pub charges: Vec<Charge>,
    /// Why there are no charges.
    pub excuse: Option<Words>,
    /// What is told of the corrections in the balance; other acts among them stand in the sum only.
    pub recalculations: Vec<Recalculation>,
    pub balance: Balance,
    pub due_on: NaiveDate,
    /// Last day of the month on which a reading counts for it.
    pub cut_off_day: Option<u32>,
    pub year: Vec<MonthUse>,
    /// What the code to scan says; none when nothing is payable or the installation has no link.
    pub payment_link: Option<String>,
    pub issuer: Issuer,
}

/// A bill whose sums do not add up is not printed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bill {number}: {what}")]
pub struct Unbalanced {
    pub number: String,
    pub what: &'static str,
}

impl BillDocument {
    /// What there is to pay: nothing when the balance is in the subscriber's favour.
    pub fn payable(&self) -> Money {
        if self.balance.closing.is_positive() { self.balance.closing } else { Money::ZERO }
    }

    /// What has been paid ahead.
    pub fn advance(&self) -> Money {
        if self.balance.closing.is_negative() { self.balance.closing.abs() } else { Money::ZERO }
    }

    /// Does every sum follow from those above it?
    pub fn check(&self) -> Result<(), Unbalanced> {
        let b = &self.balance;
        let wrong = |what| Err(Unbalanced { number: self.number.clone(), what });
        if b.opening + b.charged + b.penalty + b.corrections - b.paid != b.closing {
            return wrong("opening + charged + penalty + corrections − paid is not closing");
        }
        if self.charges.iter().map(|charge| charge.gross).sum::<Money>() != b.charged {
            return wrong("the lines do not add up to what was charged");
        }
        if self.charges.iter().any(|charge| charge.net + charge.vat != charge.gross) {
            return wrong("net + VAT is not gross");
        }
        Ok(())
    }

    /// The link of a setting with the account, the sum and the month filled in; empty stands for no link.
    pub fn fill_link(template: &str, account: &str, payable: Money, period: Period) -> Option<String> {
        (!template.is_empty() && payable.is_positive()).then(|| {
            template
                .replace("{account}", account)
                .replace("{amount}", &payable.to_string())
                .replace("{period}", &period.to_string())
        })
    }
}
