//! How a payer pays: the total is rounded where it is cash, and only there.

use super::Means;
use crate::kernel::*;

/// What was taken of one line of a receipt.
pub type Part = Means;

/// A total as it was paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tender {
    /// Of each line, in their order: what is credited.
    pub parts: Vec<Part>,
    pub cash: Money,
    pub card: Money,
    /// Taken less asked for: stays on the account.
    pub rounding: Money,
    /// What the payer gave, where it was said.
    pub given: Option<Money>,
    pub change: Money,
}

impl Tender {
    pub fn taken(&self) -> Money {
        self.cash + self.card
    }
}

/// Why a total can't be paid so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TenderRefusal {
    /// No lines, or a line that is not positive.
    NothingToPay,
    /// More by card than the total, or less than nothing.
    CardTooLarge { total: Money },
    /// What is left rounds to nothing.
    RoundsToNothing,
    /// The payer gave less cash than is due.
    GivenTooLittle { due: Money },
    /// Cash was given where none is due.
    NoCashDue,
}

/// Cash of a total by arithmetic rounding to the unit: half a unit and more is up (decree No. 549, p. 5-1).
pub fn round_cash(sum: Money, unit: Money) -> Money {
    let (sum, unit) = (sum.tiyn(), unit.tiyn().max(1));
    Money::from_tiyn((sum + unit / 2) / unit * unit)
}

/// Lines are what the payer wants credited; `card` of them is paid exactly, the rest in cash of whole units. What was really
/// taken is credited: the difference goes to the largest line. The card covers the first lines.
pub fn tender(
    lines: &[Money],
    card: Money,
    given: Option<Money>,
    unit: Money,
) -> Result<Tender, TenderRefusal> {
    if lines.is_empty() || lines.iter().any(|line| !line.is_positive()) {
        return Err(TenderRefusal::NothingToPay);
    }
    let total: Money = lines.iter().copied().sum();
    if card.is_negative() || card > total {
        return Err(TenderRefusal::CardTooLarge { total });
    }
    let cash = round_cash(total - card, unit);
    if (cash + card).is_zero() {
        return Err(TenderRefusal::RoundsToNothing);
    }
    let change = match given {
        Some(given) if cash.is_zero() && given.is_positive() => return Err(TenderRefusal::NoCashDue),
        Some(given) if given < cash => return Err(TenderRefusal::GivenTooLittle { due: cash }),
        Some(given) => given - cash,
        None => Money::ZERO,
    };
    let rounding = cash + card - total;
    let mut left = card;
    let parts = rounded(lines, rounding)
        .into_iter()
        .map(|line| {
            let card = line.min(left);
            left -= card;
            Part { cash: line - card, card }
        })
        .collect();
    Ok(Tender { parts, cash, card, rounding, given, change })
}

/// The lines with the difference on the largest one, the first of equals; what it can't bear goes to the next.
fn rounded(lines: &[Money], rounding: Money) -> Vec<Money> {
    let mut lines = lines.to_vec();
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(lines[at]));
    let mut left = rounding;
    for at in order {
        let step = left.max(-lines[at]);
        lines[at] += step;
        left -= step;
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::table::for_each_row;

    fn sums(text: &str) -> Vec<Money> {
        text.split('+').map(|sum| sum.parse().unwrap()).collect()
    }

    #[test]
    fn rounding_vectors() {
        for_each_row(include_str!("vectors/rounding.txt"), |row| {
            row.expect("cash", round_cash(row.get("sum"), row.get("unit")));
        });
    }

    #[test]
    fn tender_vectors() {
        let tenge = Money::from_tiyn(100);
        for_each_row(include_str!("vectors/tender.txt"), |row| {
            let got = tender(&sums(row.text("lines")), row.get("card"), row.maybe("given"), tenge);
            let said = match &got {
                Ok(_) => "ok",
                Err(TenderRefusal::NothingToPay) => "nothing",
                Err(TenderRefusal::CardTooLarge { .. }) => "card",
                Err(TenderRefusal::RoundsToNothing) => "rounds",
                Err(TenderRefusal::GivenTooLittle { .. }) => "little",
                Err(TenderRefusal::NoCashDue) => "no_cash",
            };
            row.expect("says", said);
            let Ok(got) = got else { return };
            row.expect("cash", got.cash);
            row.expect("change", got.change);
            row.expect("rounding", got.rounding);
            let credited: Vec<String> =
                got.parts.iter().map(|part| format!("{}/{}", part.cash, part.card)).collect();
            row.expect("credited", credited.join("+"));
        });
    }

    proptest! {
        #[test]
        fn what_is_taken_is_credited_to_the_tiyn(
            lines in prop::collection::vec(1..5_000_000_i64, 1..8),
            by_card in 0..=100_i64,
            more in 0..100_000_i64,
        ) {
            let tenge = Money::from_tiyn(100);
            let lines: Vec<Money> = lines.into_iter().map(Money::from_tiyn).collect();
            let total: Money = lines.iter().copied().sum();
            let card = Money::from_tiyn(total.tiyn() * by_card / 100);
            let due = round_cash(total - card, tenge);
            let given = due.is_positive().then(|| due + Money::from_tiyn(more));
            match tender(&lines, card, given, tenge) {
                Err(refusal) => prop_assert_eq!(refusal, TenderRefusal::RoundsToNothing),
                Ok(got) => {
                    let cash: Money = got.parts.iter().map(|part| part.cash).sum();
                    let by_card: Money = got.parts.iter().map(|part| part.card).sum();
                    prop_assert_eq!((cash, by_card), (got.cash, card), "the parts add up by their means");
                    prop_assert_eq!(got.cash.tiyn() % 100, 0, "cash is whole tenge");
                    prop_assert!(got.rounding.abs() <= Money::from_tiyn(50));
                    prop_assert_eq!(got.taken(), total + got.rounding);
                    prop_assert_eq!(got.change, given.unwrap_or(got.cash) - got.cash);
                    for (line, part) in lines.iter().zip(&got.parts) {
                        prop_assert!(!part.cash.is_negative() && !part.card.is_negative());
                        prop_assert!((part.total() - *line).abs() <= Money::from_tiyn(50));
                    }
                }
            }
        }

        #[test]
        fn a_card_alone_is_never_rounded(lines in prop::collection::vec(1..5_000_000_i64, 1..8)) {
            let lines: Vec<Money> = lines.into_iter().map(Money::from_tiyn).collect();
            let total = lines.iter().copied().sum();
            let got = tender(&lines, total, None, Money::from_tiyn(100)).unwrap();
            prop_assert_eq!((got.card, got.cash, got.rounding), (total, Money::ZERO, Money::ZERO));
            let credited: Vec<Money> = got.parts.iter().map(Part::total).collect();
            prop_assert_eq!(credited, lines);
        }
    }
}
