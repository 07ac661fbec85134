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
    /// Months whose use was measured, newest first; this one, and those it settles, when it was read.
    pub history: Vec<(Period, Volume)>,
}

/// How many measured months are kept: more than any setting may ask for.
const KEPT_MONTHS: usize = 24;

/// Reads the state off the lines of the point (one service of it: water, or sewerage where the water is not ours).
pub fn carry(point: &PointInputs, period: Period, lines: &[ChargeLine]) -> Carried {
    let service = lines.iter().find(|line| line.point == point.point).map(|line| line.service);
    let own: Vec<&ChargeLine> = lines
        .iter()
        .filter(|line| line.point == point.point && Some(line.service) == service)
        // What a house's meter shows above its flats is not the point's own use.
        .filter(|line| line.component == Component::Charge)
        .collect();
    let volume = own.iter().map(|line| line.volume).sum();
    let own: Vec<(Basis, &ChargeLine)> = origins(&own).zip(own.iter().copied()).collect();
    let of = |bases: &[Basis]| -> Volume {
        own.iter().filter(|(basis, _)| bases.contains(basis)).map(|(_, line)| line.volume).sum()
    };
    let measured = of(&[Basis::Metered]);
    let basis = own.iter().max_by_key(|(_, line)| line.volume).map_or(Basis::Zero, |(basis, _)| *basis);

    let standing = point.metering.last();
    let read = own.iter().any(|(basis, _)| *basis == Basis::Metered);
    let unsettled = own.iter().any(|(basis, _)| *basis == Basis::Unsettled);
    let mut history = point.history.clone();
    let (reading, months_without_reading, provisional) = if read {
        // What the meter showed is the use of all the months since the last reading, those billed provisionally among them:
        // each has its even share, or the next average would take a settling month for a month of hardly any use.
        let months = months_read(point, period);
        let share = Volume::from_liters((measured + point.provisional).liters() / i64::from(months));
        for back in (0..months).rev() {
            history.insert(0, (period.minus(back), share));
        }
        (standing.and_then(|m| m.last.or(m.prev)), 0, Volume::ZERO)
    } else {
        let unread = of(&[Basis::Average, Basis::Norm]);
        // An unsettled month was read: only what it showed was billed before.
        let months = if standing.is_some() && !unsettled { point.months_without_reading + 1 } else { 0 };
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

/// Where the volume of each line comes from: above a limit, from where that of the line before it does.
fn origins(own: &[&ChargeLine]) -> impl Iterator<Item = Basis> {
    own.iter().scan(Basis::Zero, |origin, line| {
        if line.basis != Basis::OverLimit {
            *origin = line.basis;
        }
        Some(*origin)
    })
}

/// How many months the reading of this one is the use of: more than one when the ones before were billed provisionally.
fn months_read(point: &PointInputs, period: Period) -> u32 {
    match point.history.first() {
        Some((last, _)) if !point.provisional.is_zero() => period.since(*last).clamp(1, KEPT_MONTHS as u32),
        _ => 1,
    }
}
