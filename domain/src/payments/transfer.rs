//! Balances that move between accounts: what each of the receiving accounts takes over of what is open, to the tiyn.

use crate::kernel::*;
use crate::subscribers::{Fraction, parts};

/// What is open on the account that gives: owed when positive, paid ahead when negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    pub id: OpenItemId,
    pub rest: Money,
}

/// What one account takes over of one item; the number is its place in the list of those who take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    pub item: OpenItemId,
    pub to: usize,
    pub amount: Money,
}

/// Each item is divided by the shares for itself, so that services and components stay what they were. Shares that make up the
/// whole only.
pub fn carry_over(items: &[Open], shares: &[Fraction]) -> Vec<Carried> {
    items
        .iter()
        .flat_map(|item| {
            parts(item.rest, shares)
                .into_iter()
                .enumerate()
                .map(|(to, amount)| Carried { item: item.id, to, amount })
                .collect::<Vec<_>>()
        })
        .filter(|carried| !carried.amount.is_zero())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_tiyn_is_lost_of_any_item(
            rests in prop::collection::vec(-1_000_000_i64..1_000_000, 1..6),
            weights in prop::collection::vec(1_u32..50, 1..5),
        ) {
            let whole: u32 = weights.iter().sum();
            let shares: Vec<Fraction> =
                weights.iter().map(|&numerator| Fraction { numerator, denominator: whole }).collect();
            let items: Vec<Open> = rests
                .iter()
                .enumerate()
                .map(|(at, &rest)| Open { id: OpenItemId(at as i64), rest: Money::from_tiyn(rest) })
                .collect();
            let carried = carry_over(&items, &shares);
            for item in &items {
                let of = || carried.iter().filter(|one| one.item == item.id);
                prop_assert_eq!(of().map(|one| one.amount).sum::<Money>(), item.rest);
                prop_assert!(of().all(|one| one.amount.tiyn().signum() == item.rest.tiyn().signum()));
            }
        }
    }
}
