//! A meter that measures what several accounts use.

use serde::{Deserialize, Serialize};

use crate::kernel::*;

/// Whose part of a shared meter a point is (доля общего прибора). The meter stands at one point, is read there once, and what it
/// shows is divided among the accounts: each computes all parts and takes its own, so that they add up to the litre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Where the meter stands.
    pub meter_point: PointId,
    /// By registered residents, not by the parts of a document.
    pub by_residents: bool,
    /// Parts of all accounts in the order of their numbers.
    pub weights: Vec<u64>,
    /// The place of the account among them, from 0.
    pub at: usize,
}

impl Sharing {
    /// The account's part of what the meter shows: largest remainder, the lowest account number first.
    pub fn part(&self, whole: Volume) -> Volume {
        parts(whole, &self.weights).get(self.at).copied().unwrap_or_default()
    }

    /// The account's weight, and all weights.
    pub fn weight(&self) -> (u64, u64) {
        let weights = even_without_any(&self.weights);
        (weights.get(self.at).copied().unwrap_or_default(), weights.iter().sum())
    }
}

/// What the accounts of a shared meter get of a volume, in the order of their weights. Where nobody has a weight, all have the same.
pub fn parts(whole: Volume, weights: &[u64]) -> Vec<Volume> {
    largest_remainder(whole.liters(), &even_without_any(weights))
        .into_iter()
        .map(Volume::from_liters)
        .collect()
}

fn even_without_any(weights: &[u64]) -> Vec<u64> {
    if weights.iter().all(|weight| *weight == 0) { vec![1; weights.len()] } else { weights.to_vec() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn liters(whole: i64, weights: &[u64]) -> Vec<i64> {
        parts(Volume::from_liters(whole), weights).into_iter().map(Volume::liters).collect()
    }

    #[test]
    fn a_tie_goes_to_the_lowest_number_and_nobody_registered_is_everybody_alike() {
        assert_eq!(liters(10_000, &[1, 1, 1]), [3_334, 3_333, 3_333]);
        assert_eq!(liters(10_000, &[2, 3, 0]), [4_000, 6_000, 0]);
        assert_eq!(liters(7, &[0, 0]), [4, 3]);
    }

    proptest! {
        #[test]
        fn the_parts_of_a_shared_meter_add_up_to_it(whole in 0..10_000_000_i64, weights in prop::collection::vec(0..20_u64, 1..8)) {
            prop_assert_eq!(liters(whole, &weights).iter().sum::<i64>(), whole);
            let own = |at| Sharing { meter_point: PointId(1), by_residents: false, weights: weights.clone(), at };
            let each: Volume = (0..weights.len()).map(|at| own(at).part(Volume::from_liters(whole))).sum();
            prop_assert_eq!(each.liters(), whole);
        }
    }
}
