//! What stands in a certificate of no debt (справка об отсутствии задолженности), and when there is one.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::*;

codes! {
    /// What a certificate of no debt asks for (условие выдачи справки).
    CertificateRequires {
        /// Nothing is overdue; what is not due yet may be owed.
        NothingOverdue = "nothing_overdue",
        /// Nothing is owed at all.
        NothingOwed = "nothing_owed",
    }
}

/// An account on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clearance {
    /// Owed, past its day, and not disputed.
    pub overdue: Money,
    /// Owed and not due yet, or disputed no more than that.
    pub not_due: Money,
    /// Disputed sums of overdue debt: they count as no debt while they are open.
    pub disputed: Money,
    /// Paid ahead, as a positive sum.
    pub advance: Money,
}

/// What is still owed of an item; negative is paid ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwedItem {
    pub due_on: NaiveDate,
    pub rest: Money,
    /// Of the rest.
    pub disputed: Money,
}

impl Clearance {
    /// A sum is overdue from the day after it was due.
    pub fn of(items: &[OwedItem], day: NaiveDate) -> Self {
        let mut found = Self::default();
        for item in items {
            if !item.rest.is_positive() {
                found.advance -= item.rest;
            } else if item.due_on < day {
                let disputed = item.disputed.min(item.rest);
                found.disputed += disputed;
                found.overdue += item.rest - disputed;
            } else {
                found.not_due += item.rest;
            }
        }
        found
    }

    /// What stands in the way of a certificate; zero when nothing does.
    pub fn in_the_way(&self, requires: CertificateRequires) -> Money {
        match requires {
            CertificateRequires::NothingOverdue => self.overdue,
            CertificateRequires::NothingOwed => self.overdue + self.not_due,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn cases() {
        for_each_row(include_str!("vectors/certificate.txt"), |row| {
            let item =
                OwedItem { due_on: row.get("due"), rest: row.get("rest"), disputed: row.get("disputed") };
            let found = Clearance::of(&[item], row.get("day"));
            assert_eq!(
                (found.overdue, found.not_due, found.advance),
                (row.get("overdue"), row.get("not_due"), row.get("advance")),
                "{} on {}",
                row.text("due"),
                row.text("day")
            );
            let given = |requires| if found.in_the_way(requires).is_zero() { "yes" } else { "no" };
            assert_eq!(given(CertificateRequires::NothingOverdue), row.text("nothing_overdue"));
            assert_eq!(given(CertificateRequires::NothingOwed), row.text("nothing_owed"));
        });
    }
}
