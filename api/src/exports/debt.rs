//! Lists of collection that people take to the door or to a meeting: who is warned or disconnected, who pays by instalments, whose debts
//! cannot be claimed for much longer.

use std::collections::HashMap;

use domain::debt::{NoticeState, expires_on};
use domain::kernel::*;
use entities::debt::{limitation, notice, plan};

use super::lists::Row;
use crate::platform::export::Cell;
use crate::platform::messages::Language;

/// Whose account it is and where: number, holder, address, sector, district.
pub type Whose = HashMap<AccountId, [Cell; 5]>;

pub const NOTICE_COLUMNS: &[&str] = &[
    "ACCOUNT",
    "HOLDER",
    "ADDRESS",
    "SECTOR",
    "DISTRICT",
    "STATUS",
    "STATE_ON",
    "ISSUED_ON",
    "DEADLINE",
    "UNPAID_MONTHS",
    "DEBT_THEN",
    "OVERDUE",
    "DISCONNECTED_ON",
    "RECONNECTED_ON",
    "FEE",
];

pub fn notice_row(row: notice::Notice, whose: &Whose, language: Language) -> Option<Row> {
    let mut cells = whose.get(&AccountId(row.account_id))?.to_vec();
    let state = NoticeState::from_code(&row.state).unwrap_or(NoticeState::Warned);
    cells.extend([
        Cell::word("NOTICE_STATE", state.code(), language),
        row.state_on.into(),
        row.issued_on.into(),
        row.deadline.into(),
        Cell::Number(row.months.into()),
        Money::from_tiyn(row.debt).into(),
        Money::from_tiyn(row.overdue).into(),
        row.disconnected_on.into(),
        row.reconnected_on.into(),
        row.fee.map(Money::from_tiyn).into(),
    ]);
    Some(cells)
}

pub const PLAN_COLUMNS: &[&str] = &[
    "ACCOUNT",
    "HOLDER",
    "ADDRESS",
    "SECTOR",
    "DISTRICT",
    "STATUS",
    "AGREED_ON",
    "AMOUNT",
    "PAID",
    "REST",
    "PARTS",
    "NEXT_PART_ON",
    "NEXT_PART",
    "ENDED_ON",
];

/// The next part is the first that what was paid does not cover, as on the screen.
pub fn plan_row(row: plan::Plan, whose: &Whose, language: Language) -> Option<Row> {
    let mut cells = whose.get(&AccountId(row.account_id))?.to_vec();
    let (paid, parts, mut due) = (Money::from_tiyn(row.paid), row.parts(), Money::ZERO);
    let next = parts.iter().find(|part| {
        due += part.amount;
        paid < due
    });
    cells.extend([
        Cell::word("PLAN_STATE", row.state().code(), language),
        row.agreed_on.into(),
        Money::from_tiyn(row.amount).into(),
        paid.into(),
        Money::from_tiyn(row.amount - row.paid).into(),
        Cell::Number(parts.len() as i64),
        next.map(|part| part.due_on).into(),
        next.map(|part| part.amount).into(),
        row.ended_on.into(),
    ]);
    Some(cells)
}

pub const EXPIRING_COLUMNS: &[&str] = &[
    "ACCOUNT",
    "HOLDER",
    "ADDRESS",
    "SECTOR",
    "DISTRICT",
    "SERVICE",
    "COMPONENT",
    "PERIOD",
    "DUE_ON",
    "EXPIRES_ON",
    "INTERRUPTIONS",
    "REST",
];

/// By the rule of the screen: so many years, begun anew by what interrupted them.
pub fn expiring_row(row: limitation::Running, years: u32, whose: &Whose, language: Language) -> Option<Row> {
    let mut cells = whose.get(&AccountId(row.account_id))?.to_vec();
    cells.extend([
        row.service.as_deref().map_or(Cell::Empty, |code| Cell::word("SERVICE", code, language)),
        Cell::word("REPORT_WORD", &row.component, language),
        Period::of(row.origin).to_string().into(),
        row.due_on.into(),
        expires_on(row.due_on, &row.interruptions, years).into(),
        Cell::Number(row.interruptions.len() as i64),
        Money::from_tiyn(row.rest).into(),
    ]);
    Some(cells)
}
