//! Batches that change what was: the accounts of a correction, the rows of an amendment, each with what becomes of it.

use domain::amendments::AmendmentFact;
use domain::kernel::*;
use entities::amendments::batch;
use entities::billing::correction;

use super::debt::Whose;
use super::lists::Row;
use crate::platform::export::Cell;
use crate::platform::messages::{self, Language};

pub const CORRECTION_COLUMNS: &[&str] = &[
    "ACCOUNT",
    "HOLDER",
    "ADDRESS",
    "SECTOR",
    "DISTRICT",
    "STATUS",
    "REASON",
    "CAUSES",
    "STAFF",
    "BILLS",
    "SUM_BEFORE",
    "SUM_AFTER",
    "DIFFERENCE",
];

pub fn correction_row(row: correction::AccountRow, whose: &Whose, language: Language) -> Option<Row> {
    let mut cells = whose.get(&AccountId(row.account_id))?.to_vec();
    let word =
        |list: &str, code: &str| messages::text(language, &format!("{list}_{}", code.to_uppercase()), &[]);
    let skip = row.skip.as_deref().map(|code| word("CORRECTION_SKIP", code));
    let skip = skip.map(|said| match &row.detail {
        Some(detail) => format!("{said} ({detail})"),
        None => said,
    });
    let causes: Vec<String> = row.causes.iter().map(|code| word("CHANGE_CAUSE", code)).collect();
    // Of an account without a change the batch keeps no sums.
    let sum = |tiyn: i64| (row.bills > 0).then(|| Money::from_tiyn(tiyn));
    cells.extend([
        Cell::word("CORRECTION_OUTCOME", &row.outcome, language),
        skip.into(),
        causes.join(", ").into(),
        if row.staff { Cell::word("WORD", "yes", language) } else { Cell::Empty },
        Cell::Number(row.bills.into()),
        sum(row.before).into(),
        sum(row.after).into(),
        Money::from_tiyn(row.gross).into(),
    ]);
    Some(cells)
}

pub const AMENDMENT_COLUMNS: &[&str] = &[
    "NUMBER", "FACT", "ACTION", "ACCOUNT", "HOLDER", "ADDRESS", "SECTOR", "DISTRICT", "DAY", "WAS",
    "BECOMES", "STATUS", "REASON",
];

/// A row may be of no account that is known: then it says what the list named.
pub fn amendment_row(row: batch::Row, whose: &Whose, language: Language) -> Row {
    let named = || [row.number.clone().into(), Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty];
    let account = row.account_id.and_then(|id| whose.get(&AccountId(id)).cloned()).unwrap_or_else(named);
    let mut cells = vec![
        Cell::Number(row.n.into()),
        Cell::word("AMENDMENT_FACT", row.fact.code(), language),
        Cell::word("AMENDMENT_ACT", row.act.code(), language),
    ];
    cells.extend(account);
    cells.extend([
        row.day.into(),
        said(row.fact, row.was.as_deref(), language),
        said(row.fact, row.value.as_deref(), language),
        Cell::word("AMENDMENT_OUTCOME", row.outcome.code(), language),
        row.refusal.as_deref().map_or(Cell::Empty, |code| Cell::word("AMENDMENT_REFUSAL", code, language)),
    ]);
    cells
}

/// What a fact says, as a number where it is one.
fn said(fact: AmendmentFact, text: Option<&str>, language: Language) -> Cell {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Cell::Empty };
    let read = match fact {
        AmendmentFact::Reading => text.parse().ok().map(Cell::Volume),
        AmendmentFact::Payment => text.parse().ok().map(Cell::Money),
        AmendmentFact::Residents => text.parse().ok().map(Cell::Number),
        AmendmentFact::Amenity => Some(Cell::word("AMENITY", text, language)),
        AmendmentFact::Verification | AmendmentFact::Installation => None,
    };
    read.unwrap_or_else(|| text.into())
}
