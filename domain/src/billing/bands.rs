//! Differentiation by volume: which coefficient a litre of water gets.

use rust_decimal::Decimal;

use crate::kernel::*;
use crate::tariffs::{BandMode, Bands};

/// The water of a bill by the months that it was used in.
pub(super) type WaterMonths = std::collections::BTreeMap<Period, WaterMonth>;

/// An account's water of a calendar month, as far as the bill measures it, and the people it is measured against.
#[derive(Debug, Clone, Copy)]
pub(super) struct WaterMonth {
    pub volume: Volume,
    /// People × days on which that water was used.
    pub person_days: u64,
    /// Days of the calendar month.
    pub days: u32,
}

/// A share of a part's volume with one coefficient: `weight` of `weights`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slice {
    pub coefficient: Decimal,
    pub volume: Volume,
    pub weight: u64,
    pub weights: u64,
    /// None where the service has no bands.
    pub band: Option<Step>,
}

/// A band with both its bounds per person and full month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub mode: BandMode,
    pub above: Volume,
    pub upto: Option<Volume>,
    pub coefficient: Decimal,
}

impl Slice {
    /// A volume without bands.
    pub fn plain(volume: Volume) -> Self {
        Self { coefficient: Decimal::ONE, volume, weight: 1, weights: 1, band: None }
    }
}

impl WaterMonth {
    /// Whole litre-days, so that a volume can be held against a bound without dividing.
    fn used(&self) -> u64 {
        self.volume.liters().unsigned_abs() * u64::from(self.days)
    }

    /// The bound of a full month for the people and days of this one; a bound belongs to the band below it.
    fn bound(&self, upto: Option<Volume>) -> u64 {
        upto.map_or(u64::MAX, |upto| upto.liters().unsigned_abs() * self.person_days)
    }
}

/// Divides a part of the month's water between bands: the whole part into the month's own band, or slice by slice.
pub(super) fn slices(bands: &Bands, month: &WaterMonth, part: Volume) -> Vec<Slice> {
    let steps = steps(bands);
    let slice = |step: &Step, volume, weight, weights| Slice {
        coefficient: step.coefficient,
        volume,
        weight,
        weights,
        band: Some(*step),
    };
    let own = steps.iter().find(|step| month.used() <= month.bound(step.upto)).or(steps.last());
    let Some(own) = own else { return vec![Slice::plain(part)] };
    if bands.mode == BandMode::Whole || part.is_zero() {
        return vec![slice(own, part, 1, 1)];
    }

    let mut below = 0;
    let widths: Vec<u64> = steps
        .iter()
        .map(|step| {
            let upto = month.bound(step.upto).min(month.used());
            let width = upto.saturating_sub(below);
            below = below.max(upto);
            width
        })
        .collect();
    let weights = widths.iter().sum();
    let volumes = largest_remainder(part.liters(), &widths);
    let filled = steps.iter().zip(widths).zip(volumes).filter(|((_, width), _)| *width > 0);
    filled.map(|((step, width), liters)| slice(step, Volume::from_liters(liters), width, weights)).collect()
}

/// The bands with their lower bounds.
fn steps(bands: &Bands) -> Vec<Step> {
    let above = std::iter::once(Volume::ZERO).chain(bands.bands.iter().filter_map(|band| band.upto));
    let steps = bands.bands.iter().zip(above);
    steps
        .map(|(band, above)| Step { mode: bands.mode, above, upto: band.upto, coefficient: band.coefficient })
        .collect()
}
