//! What a billed month of a point hands over to the next one.

use super::ChargeLine;
use crate::consumption::{Basis, PointInputs, ReadingRef};
use crate::kernel::*;

/// The state of a point after a month: the next month's `prev`, history and provisional volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    pub volume: Volume,
    pub basis: Basis,
    pub meter: Option<MeterId>,
    /// The reading up to which the point is billed.
    pub reading: Option<ReadingRef>,
    pub months_without_reading: u32,
    /// Billed by average or norm since `reading` for want of a new one.
    pub provisional: Volume,
    /// Measured months, newest first, this one included when it was measured.
    pub history: Vec<(Period, Volume)>,
}

/// How many measured months are kept: more than any setting may ask for.
const KEPT_MONTHS: usize = 24;

/// Reads the state off the lines of the point (one service of it: water, or sewerage where the water is not ours).
pub fn carry(point: &PointInputs, period: Period, lines: &[ChargeLine]) -> Carried {
    let service = lines.iter().find(|line| line.point == point.point).map(|line| line.service);
    let own: Vec<&ChargeLine> =
        lines.iter().filter(|line| line.point == point.point && Some(line.service) == service).collect();
    let volume = own.iter().map(|line| line.volume).sum();
    let measured: Volume =
        own.iter().filter(|line| line.basis == Basis::Metered).map(|line| line.volume).sum();
    let basis = own.iter().max_by_key(|line| line.volume).map_or(Basis::Zero, |line| line.basis);

    let standing = point.metering.last();
    let read = own.iter().any(|line| line.basis == Basis::Metered);
    let mut history = point.history.clone();
    let (reading, months_without_reading, provisional) = if read {
        history.insert(0, (period, measured));
        (standing.and_then(|m| m.last.or(m.prev)), 0, Volume::ZERO)
    } else {
        let unread: Volume = own
            .iter()
            .filter(|line| matches!(line.basis, Basis::Average | Basis::Norm))
            .map(|line| line.volume)
            .sum();
        let months = if standing.is_some() { point.months_without_reading + 1 } else { 0 };
        let provisional = if standing.is_some() { point.provisional + unread } else { Volume::ZERO };
        (standing.and_then(|m| m.prev.or(m.last)), months, provisional)
    };
    history.truncate(KEPT_MONTHS);
    Carried {
        volume,
        basis,
        meter: standing.map(|m| m.meter),
        reading,
        months_without_reading,
        provisional,
        history,
    }
}
