//! What of a month lies within the limits of a contract, and what above.

use std::collections::BTreeMap;

use crate::consumption::{Basis, Limit, PointInputs, VolumePart};
use crate::kernel::*;

/// A part of the month against its limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Limited {
    pub limit: Limit,
    /// What all parts that count for the limit come to in the month.
    pub used: Volume,
    /// Of this part.
    pub within: Volume,
}

/// What each part has of its limit: the limit of a month is shared out among everything that counts for it, in proportion to the
/// volumes, whole litres by largest remainder, so that the objects and meters of a contract use exactly what it has.
pub(super) fn limited(measured: &[(&PointInputs, Service, VolumePart)]) -> Vec<Option<Limited>> {
    let mut groups: BTreeMap<LimitId, (Limit, Vec<usize>)> = BTreeMap::new();
    for (at, (point, service, part)) in measured.iter().enumerate() {
        if let Some(limit) = point.limits.iter().find(|limit| limit.service == *service && counts(part)) {
            groups.entry(limit.id).or_insert((*limit, Vec::new())).1.push(at);
        }
    }
    let mut all = vec![None; measured.len()];
    for (limit, parts) in groups.into_values() {
        let weights: Vec<u64> =
            parts.iter().map(|&at| measured[at].2.volume.liters().unsigned_abs()).collect();
        let used: Volume = parts.iter().map(|&at| measured[at].2.volume).sum();
        let within = largest_remainder(limit.left().min(used).liters(), &weights);
        for (at, liters) in parts.into_iter().zip(within) {
            all[at] = Some(Limited { limit, used, within: Volume::from_liters(liters) });
        }
    }
    all
}

/// Use does. A full capacity is reckoned by the pipe, not by use, and has its own consequences; what is given back was within the
/// limits of other months.
fn counts(part: &VolumePart) -> bool {
    let used = !matches!(part.basis, Basis::Capacity | Basis::HouseShare) && !part.basis.is_nothing();
    used && part.volume >= Volume::ZERO
}
