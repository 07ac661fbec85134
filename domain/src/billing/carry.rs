//! What a billed month of a point hands over to the next one.

use chrono::NaiveDate;

use super::{ChargeLine, Inputs};
use crate::consumption::{Basis, Measured, Month, PointInputs, ReadingRef, counts_from, measured, of_days};
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
    /// Billed by average, norm or agreement for days since `reading`, for want of a new one.
    pub provisional: Volume,
    /// Months whose use was measured, newest first; this one, and those it settles, when it was read.
    pub history: Vec<(Period, Volume)>,
}

/// How many measured months are kept: more than any setting may ask for.
const KEPT_MONTHS: usize = 24;

impl Inputs {
    /// What each point of the month hands over, read off its charge lines.
    pub fn carry<'a>(&'a self, lines: &'a [ChargeLine]) -> impl Iterator<Item = (PointId, Carried)> {
        let month = |point| self.month_of(point).unwrap_or_else(|| self.month());
        self.points.iter().map(move |point| {
            let mut carried = carry(point, &month(point), lines);
            if self.billed_in_bulk {
                // Nobody waits for a reading of a flat whose house pays.
                carried.months_without_reading =
                    carried.months_without_reading.min(point.months_without_reading);
            }
            (point.point, carried)
        })
    }
}

/// Reads the state off the lines of the point: whether it was read off all of them, the volume off those of one service, water or,
/// where the water is not ours, sewerage.
fn carry(point: &PointInputs, month: &Month<'_>, lines: &[ChargeLine]) -> Carried {
    let period = month.period;
    let own: Vec<&ChargeLine> = lines
        .iter()
        // What a house's meter shows above its flats is not the point's own use.
        .filter(|line| line.point == point.point && line.component == Component::Charge)
        .collect();
    // What lies above a limit has its line within beside it, even of nothing.
    let any = |basis| own.iter().any(|line| line.basis == basis);
    let (read, unsettled) = (any(Basis::Metered), any(Basis::Unsettled));
    let own: Vec<&ChargeLine> =
        own.into_iter().filter(|line| (line.service == Service::Water) == point.water).collect();
    let volume = own.iter().map(|line| line.volume).sum();
    let own: Vec<(Basis, &ChargeLine)> = origins(&own).zip(own.iter().copied()).collect();
    let basis = own.iter().max_by_key(|(_, line)| line.volume).map_or(Basis::Zero, |(basis, _)| *basis);

    let shown = measured(point, month);
    let mut history = point.history.clone();
    // What the meter showed is the use of all the months since the last reading, those billed provisionally among them: each has
    // its even share, or the next average would take a settling month for a month of hardly any use.
    let months = months_read(point, period);
    if let Some(share) = use_of_a_month(&shown, months, period).filter(|_| read) {
        for back in (0..months).rev() {
            history.insert(0, (period.minus(back), share));
        }
    }
    history.truncate(KEPT_MONTHS);
    let mut carried = Carried {
        volume,
        basis,
        meter: None,
        reading: None,
        months_without_reading: 0,
        provisional: Volume::ZERO,
        history,
    };
    let Some((standing, gone)) = point.metering.split_last() else { return carried };
    // Another meter of the month may have been read, and this one not.
    let settled = shown.volumes[gone.len()].is_some() && read;
    carried.meter = Some(standing.meter);
    carried.reading = if settled { standing.last.or(standing.prev) } else { standing.prev.or(standing.last) };
    if !settled {
        // An unsettled month was read: only what it showed was billed before.
        carried.months_without_reading = if read || unsettled { 0 } else { point.months_without_reading + 1 };
        // What the meters showed that are gone is settled now: none of their readings comes again.
        let before = if read { Volume::ZERO } else { point.unsettled() };
        let gone = if unsettled { shown.settled[..gone.len()].iter().copied().sum() } else { Volume::ZERO };
        let since = counts_from(standing, carried.reading.as_ref());
        carried.provisional = before - gone + provisional_since(since, standing.meter, &own);
    }
    carried
}

/// Billed for want of a reading of a meter, for days from a day on. Days at full capacity cost that and nothing besides: what the
/// capacity was less by is no part of a later reading's volume.
fn provisional_since(since: NaiveDate, meter: MeterId, own: &[(Basis, &ChargeLine)]) -> Volume {
    let days = |from: NaiveDate, to: NaiveDate| (to - from).num_days().max(0);
    let capacities = || own.iter().filter(|(basis, _)| *basis == Basis::Capacity).map(|(_, line)| line);
    let unread = |basis| matches!(basis, Basis::Average | Basis::Norm | Basis::Contract);
    own.iter()
        .filter(|(basis, line)| unread(*basis) && line.meter == Some(meter))
        .map(|(_, line)| {
            let from = line.from.max(since);
            let full: i64 = capacities().map(|full| days(from.max(full.from), line.to.min(full.to))).sum();
            of_days(line.volume, (days(from, line.to) - full).max(0), days(line.from, line.to))
        })
        .sum()
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

/// What a month of so many is taken to have used. A meter that was put in, ran out or was away in the month has measured a part of
/// it, which stands for the whole from half of the month on; a smaller part tells nothing of a month.
fn use_of_a_month(shown: &Measured, months: u32, period: Period) -> Option<Volume> {
    let (from, to) = shown.span?;
    let (days, month) = (shown.days, i64::from(period.days()));
    if days >= (to - from.min(period.first_day())).num_days() {
        return Some(Volume::from_liters(shown.total.liters() / i64::from(months)));
    }
    (2 * days >= month).then(|| Volume::from_liters(shown.total.liters() * month / days))
}

/// How many months the reading of this one is the use of: more than one when the ones before were billed provisionally.
fn months_read(point: &PointInputs, period: Period) -> u32 {
    match point.history.first() {
        Some((last, _)) if !point.unsettled().is_zero() => period.since(*last).clamp(1, KEPT_MONTHS as u32),
        _ => 1,
    }
}
