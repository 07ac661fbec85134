//! Undoing what was taken: at once as if it never was, later as a return of its own.

use super::FiscalState;
use crate::kernel::*;

/// A sum by its means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Means {
    pub cash: Money,
    pub card: Money,
}

impl Means {
    pub fn total(&self) -> Money {
        self.cash + self.card
    }
}

impl std::ops::Add for Means {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { cash: self.cash + other.cash, card: self.card + other.card }
    }
}

impl std::ops::Sub for Means {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { cash: self.cash - other.cash, card: self.card - other.card }
    }
}

impl std::iter::Sum for Means {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), |sum, part| sum + part)
    }
}

/// A sale that somebody wants undone.
#[derive(Debug, Clone, Copy)]
pub struct Sold {
    pub voided: bool,
    /// Something of it was given back already.
    pub returned: bool,
    /// It was taken in the shift that is open at the desk now.
    pub same_shift: bool,
    /// Its fiscal receipt; none at a desk without a cash register.
    pub receipt: Option<FiscalState>,
}

/// Why a sale is not undone so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnRefusal {
    AlreadyVoided,
    AlreadyReturned,
    /// A void belongs to the shift of its sale: later it is a return.
    OtherShift,
    /// The receipt is final: it is a return.
    ReceiptFinal,
    /// Whether the receipt is registered is not known yet: wait.
    ReceiptUnknown,
    /// The receipt is not registered yet, so there is nothing to refer to: void it, or wait.
    NoReceipt,
    /// Nothing to give back.
    Nothing,
    /// More than was taken by these means, less what went back already.
    MoreThanTaken {
        left: Means,
    },
}

/// Whether a sale may be undone as if it never was: in its own open shift, and before the receipt is final.
pub fn may_void(sale: Sold) -> Result<(), ReturnRefusal> {
    if sale.voided {
        return Err(ReturnRefusal::AlreadyVoided);
    }
    if sale.returned {
        return Err(ReturnRefusal::AlreadyReturned);
    }
    if !sale.same_shift {
        return Err(ReturnRefusal::OtherShift);
    }
    match sale.receipt {
        None | Some(FiscalState::Waiting | FiscalState::Refused) => Ok(()),
        Some(FiscalState::Asking) => Err(ReturnRefusal::ReceiptUnknown),
        Some(FiscalState::Done | FiscalState::Offline | FiscalState::Cancelled) => {
            Err(ReturnRefusal::ReceiptFinal)
        }
    }
}

/// Whether so much of each line may be given back: by the same means, never more than was taken. `lines` are what was taken and
/// what went back before; `asked` is what goes back now, line by line.
pub fn may_refund(sale: Sold, lines: &[(Means, Means)], asked: &[Means]) -> Result<(), ReturnRefusal> {
    if sale.voided {
        return Err(ReturnRefusal::AlreadyVoided);
    }
    match sale.receipt {
        // One that was refused for good will never be registered: the money goes back as where there is no register. Its return, or a part
        // of it, leaves the receipt cancelled.
        None
        | Some(FiscalState::Done | FiscalState::Offline | FiscalState::Refused | FiscalState::Cancelled) => {}
        Some(FiscalState::Asking) => return Err(ReturnRefusal::ReceiptUnknown),
        Some(FiscalState::Waiting) => return Err(ReturnRefusal::NoReceipt),
    }
    let negative = |part: &Means| part.cash.is_negative() || part.card.is_negative();
    if asked.iter().any(negative) || !asked.iter().copied().sum::<Means>().total().is_positive() {
        return Err(ReturnRefusal::Nothing);
    }
    for (&(taken, back), &asked) in lines.iter().zip(asked) {
        let left = taken - back;
        if asked.cash > left.cash || asked.card > left.card {
            return Err(ReturnRefusal::MoreThanTaken { left });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::table::for_each_row;

    fn said(result: Result<(), ReturnRefusal>) -> &'static str {
        match result {
            Ok(()) => "yes",
            Err(ReturnRefusal::AlreadyVoided) => "voided",
            Err(ReturnRefusal::AlreadyReturned) => "returned",
            Err(ReturnRefusal::OtherShift) => "other_shift",
            Err(ReturnRefusal::ReceiptFinal) => "final",
            Err(ReturnRefusal::ReceiptUnknown) => "unknown",
            Err(ReturnRefusal::NoReceipt) => "no_receipt",
            Err(ReturnRefusal::Nothing) => "nothing",
            Err(ReturnRefusal::MoreThanTaken { .. }) => "more",
        }
    }

    fn means(text: &str) -> Means {
        let (cash, card) = text.split_once('/').unwrap();
        Means { cash: cash.parse().unwrap(), card: card.parse().unwrap() }
    }

    #[test]
    fn refund_vectors() {
        for_each_row(include_str!("vectors/refund.txt"), |row| {
            let before = means(row.text("before"));
            let sale = Sold {
                voided: row.text("voided") == "yes",
                returned: !before.total().is_zero(),
                same_shift: row.text("shift") == "same",
                receipt: FiscalState::from_code(row.text("receipt")),
            };
            row.expect("void", said(may_void(sale)));
            let asked = may_refund(sale, &[(means(row.text("taken")), before)], &[means(row.text("asked"))]);
            row.expect("refund", said(asked));
        });
    }

    proptest! {
        #[test]
        fn returns_never_exceed_the_sale(
            cash in 0..100_000_i64,
            card in 0..100_000_i64,
            asks in prop::collection::vec((0..60_000_i64, 0..60_000_i64), 1..12),
        ) {
            let taken = Means { cash: Money::from_tiyn(cash), card: Money::from_tiyn(card) };
            let sale = Sold { voided: false, returned: false, same_shift: false, receipt: None };
            let mut back = Means::default();
            for (cash, card) in asks {
                let asked = Means { cash: Money::from_tiyn(cash), card: Money::from_tiyn(card) };
                if may_refund(sale, &[(taken, back)], &[asked]).is_ok() {
                    back = back + asked;
                }
            }
            prop_assert!(back.cash <= taken.cash && back.card <= taken.card);
        }
    }
}
