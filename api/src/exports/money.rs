//! Lists of reconciliation, and what a shared-bill centre prints for us.

use std::collections::HashMap;

use domain::kernel::*;
use entities::ledger::shared_bill::Charged;
use entities::payments::registry;
use entities::payments::suspense::Suspense;

use super::lists::Row;
use crate::payments::ops::masked;
use crate::platform::export::Cell;
use crate::platform::messages::Language;

pub const REGISTRY_COLUMNS: &[&str] = &[
    "LINE",
    "EXTERNAL_ID",
    "ACCOUNT",
    "AMOUNT",
    "PAID_ON",
    "MATCH",
    "OUR_ACCOUNT",
    "OUR_AMOUNT",
    "DECISION",
    "NOTE",
    "DECIDED_BY",
];

/// A payment that no file has stands without a line.
pub fn registry_row(row: registry::Row, numbers: &HashMap<AccountId, String>, language: Language) -> Row {
    vec![
        if row.line > 0 { Cell::Number(row.line.into()) } else { Cell::Empty },
        row.external_id.into(),
        masked(&row.account_raw).into(),
        Money::from_tiyn(row.amount).into(),
        row.paid_on.into(),
        Cell::word("MATCH", row.state.code(), language),
        row.ours_account.and_then(|id| numbers.get(&AccountId(id)).cloned()).into(),
        row.ours_amount.map(Money::from_tiyn).into(),
        row.decision.map_or(Cell::Empty, |decision| Cell::word("DECISION", decision.code(), language)),
        row.note.into(),
        row.decided_by.into(),
    ]
}

pub const SUSPENSE_COLUMNS: &[&str] = &[
    "NUMBER",
    "CHANNEL",
    "EXTERNAL_ID",
    "AMOUNT",
    "PAID_ON",
    "RECEIVED_ON",
    "WORK_BY",
    "REASON",
    "STATUS",
    "ACCOUNT",
    "PAYER",
    "PURPOSE",
    "OWNER",
];

pub fn suspense_row(row: Suspense, language: Language) -> Row {
    vec![
        Cell::Number(row.id),
        row.channel.into(),
        row.external_id.into(),
        Money::from_tiyn(row.amount).into(),
        row.paid_on.into(),
        row.received_on.into(),
        row.due_on.into(),
        Cell::word("SUSPENSE", row.reason.code(), language),
        Cell::word("SUSPENSE", row.state.code(), language),
        row.account_raw.as_deref().map(masked).into(),
        row.payer.into(),
        row.purpose.into(),
        row.owner.into(),
    ]
}

/// Names of the columns of our published format.
pub const SHARED_BILL_COLUMNS: &[&str] =
    &["period", "account", "service", "before", "charged", "penalty", "due"];

/// Charges on their way to a shared-bill centre; they close with `TOTAL;count;sum`.
pub struct SharedBill {
    pub period: Period,
    pub sector: Sector,
    pub after: Option<i64>,
    count: i64,
    sum: Money,
}

impl SharedBill {
    pub fn new(period: Period, sector: Sector) -> Self {
        Self { period, sector, after: None, count: 0, sum: Money::ZERO }
    }

    pub fn rows(&mut self, charged: Vec<Charged>) -> Vec<Row> {
        let period = self.period.to_string();
        let row = |row: Charged| {
            self.count += 1;
            self.sum += Money::from_tiyn(row.due);
            vec![
                period.clone().into(),
                row.number.into(),
                row.service.into(),
                Money::from_tiyn(row.before).into(),
                Money::from_tiyn(row.charged).into(),
                Money::from_tiyn(row.penalty).into(),
                Money::from_tiyn(row.due).into(),
            ]
        };
        charged.into_iter().map(row).collect()
    }

    pub fn total(&self) -> Row {
        vec!["TOTAL".into(), Cell::Number(self.count), self.sum.into()]
    }
}
