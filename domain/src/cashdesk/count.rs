//! Money counted by notes and coins, and what differs from the books.

use chrono::NaiveDate;

use super::{CashCountKind, DenominationKind};
use crate::kernel::*;

/// A banknote or coin that is, or was, money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denomination {
    pub id: DenominationId,
    pub kind: DenominationKind,
    pub value: Money,
    pub from: NaiveDate,
    /// First day on which it is no money any more.
    pub to: Option<NaiveDate>,
}

/// So many of one denomination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    pub denomination: DenominationId,
    pub pieces: u32,
}

/// Why a count is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountRefusal {
    Unknown(DenominationId),
    /// Not money on this day.
    Expired(Money),
    /// The same denomination on two lines.
    Twice(Money),
}

/// What was counted comes to; the drawer may be empty.
pub fn count(rows: &[Counted], known: &[Denomination], day: NaiveDate) -> Result<Money, CountRefusal> {
    let mut total = Money::ZERO;
    for (at, row) in rows.iter().enumerate() {
        let Some(one) = known.iter().find(|one| one.id == row.denomination) else {
            return Err(CountRefusal::Unknown(row.denomination));
        };
        if rows[..at].iter().any(|before| before.denomination == row.denomination) {
            return Err(CountRefusal::Twice(one.value));
        }
        if row.pieces > 0 && (day < one.from || one.to.is_some_and(|to| day >= to)) {
            return Err(CountRefusal::Expired(one.value));
        }
        total += Money::from_tiyn(one.value.tiyn() * i64::from(row.pieces));
    }
    Ok(total)
}

/// What was counted against what the books expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    None,
    /// Owed by the cashier.
    Shortage(Money),
    Surplus(Money),
}

pub fn difference(expected: Money, counted: Money) -> Difference {
    match counted.cmp(&expected) {
        std::cmp::Ordering::Equal => Difference::None,
        std::cmp::Ordering::Less => Difference::Shortage(expected - counted),
        std::cmp::Ordering::Greater => Difference::Surplus(counted - expected),
    }
}

/// Whether who counts is told what the books expect. A check that nobody watched is no way to ask for it; a count to close with is told at
/// once, for its difference wants a reason, and it stays.
pub const fn is_told(kind: CashCountKind, witnessed: bool) -> bool {
    witnessed || matches!(kind, CashCountKind::Closing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// 1: 20000, 2: 200 that ends on 2026-04-01, 3: 5 that begins on 2026-03-27.
    fn known() -> Vec<Denomination> {
        let one = |id, value: &str, from: &str, to: Option<&str>| Denomination {
            id: DenominationId(id),
            kind: DenominationKind::Note,
            value: value.parse().unwrap(),
            from: day(from),
            to: to.map(day),
        };
        vec![
            one(1, "20000", "2015-12-01", None),
            one(2, "200", "1999-01-01", Some("2026-04-01")),
            one(3, "5", "2026-03-27", None),
        ]
    }

    #[test]
    fn a_check_without_a_witness_tells_nothing() {
        assert!(!is_told(CashCountKind::Check, false) && is_told(CashCountKind::Check, true));
        assert!(is_told(CashCountKind::Closing, false) && is_told(CashCountKind::Closing, true));
    }

    #[test]
    fn count_vectors() {
        for_each_row(include_str!("vectors/count.txt"), |row| {
            let rows: Vec<Counted> = row
                .text("counted")
                .split('+')
                .filter(|one| *one != "-")
                .map(|one| {
                    let (pieces, id) = one.split_once('x').unwrap();
                    Counted {
                        denomination: DenominationId(id.parse().unwrap()),
                        pieces: pieces.parse().unwrap(),
                    }
                })
                .collect();
            let total = count(&rows, &known(), row.get("day"));
            row.expect(
                "total",
                match total {
                    Ok(total) => total.to_string(),
                    Err(CountRefusal::Unknown(_)) => "unknown".to_owned(),
                    Err(CountRefusal::Expired(_)) => "expired".to_owned(),
                    Err(CountRefusal::Twice(_)) => "twice".to_owned(),
                },
            );
            let Ok(total) = total else { return };
            row.expect(
                "says",
                match difference(row.get("expected"), total) {
                    Difference::None => "-".to_owned(),
                    Difference::Shortage(sum) => format!("short={sum}"),
                    Difference::Surplus(sum) => format!("over={sum}"),
                },
            );
        });
    }
}
