#![doc = include_str!("README.md")]

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::*;
use crate::tariffs::Amenity;

mod limit;
mod sharing;
mod special;
mod supply;
mod volumes;

pub use limit::Limit;
pub use sharing::{Sharing, parts};
pub use special::{Plot, Special, SpecialKind, capacity_span, capacity_until, pipe_capacity};
pub use supply::Supply;
pub(crate) use volumes::{Measured, Span, average, counts_from, measured, of_days, share_parts};
pub use volumes::{Month, Pricing, volumes};

codes! {
    /// Why a volume is what it is (основание объёма).
    Basis {
        /// Difference of two accepted readings (по прибору).
        Metered = "metered",
        /// Norm × registered residents (по нормативу).
        Norm = "norm",
        /// Average of the last accepted months; provisional (по среднему).
        Average = "average",
        /// Verification of the meter expired: norm, final (норматив, поверка истекла).
        ExpiredNorm = "expired_norm",
        /// The norm of a dwelling counts once: another inlet of the account bears it (норматив учтён по другому вводу).
        NormElsewhere = "norm_elsewhere",
        /// Volume agreed in the contract, legal entities without a meter (по договору).
        Contract = "contract",
        /// The meter shows no more than was already billed by average: nothing now, the next reading settles (ожидает сверки).
        Unsettled = "unsettled",
        /// Watering of a plot by the norm per sotka, in the season (полив).
        Watering = "watering",
        /// Average of the last accepted months while the meter stood still after an emergency, final (по среднему, прибор остановлен).
        Stopped = "stopped",
        /// Days without the service, on a document (дни без услуги).
        NoService = "no_service",
        /// Full capacity of the pipe, less what was billed for the same days (по пропускной способности).
        Capacity = "capacity",
        /// Share of the difference between the house's meter and its flats (доля небаланса дома).
        HouseShare = "house_share",
        /// Above the limit of the contract, legal entities (сверх лимита).
        OverLimit = "over_limit",
        /// Nothing to measure by: no meter, nobody registered, no agreed volume (нет основания).
        Zero = "zero",
    }
}

impl Basis {
    /// Nothing was used by it: a month that has nothing else is excused.
    pub(crate) const fn is_nothing(self) -> bool {
        matches!(self, Self::Zero | Self::NoService | Self::NormElsewhere)
    }
}

/// Registered residents from a day to a day (проживающие).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Residency {
    pub id: ResidencyId,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub count: u32,
}

/// An accepted reading: what the register showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingRef {
    pub id: ReadingId,
    pub day: NaiveDate,
    pub value: Volume,
}

/// A meter's stay at a point, as one month sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metering {
    pub meter: MeterId,
    /// Digits before the decimal point: five make a register of 100 000 m³.
    pub digits: u8,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    /// The day of expiry: from this day on the meter no longer counts.
    pub verified_until: NaiveDate,
    /// Days of the month between two verifications: the one before had run out, that of `verified_until` was not made yet.
    #[serde(default)]
    pub lapsed: Option<(NaiveDate, NaiveDate)>,
    /// The reading up to which the meter is billed: the last one of a line with the basis `metered`, or the one of the
    /// installation.
    pub prev: Option<ReadingRef>,
    /// The last accepted reading that counts for this month; none, or `prev` itself, when nothing came.
    pub last: Option<ReadingRef>,
}

/// From a day to a day an account pays for a point (период обслуживания точки).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
}

/// Days on which a point's meter was off for repair or verification (прибор снят на ремонт или поверку).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Away {
    /// First day without the meter.
    pub from: NaiveDate,
    /// First day with it, or with another one; none while the point has none.
    pub to: Option<NaiveDate>,
}

impl Away {
    pub(crate) fn covers(&self, day: NaiveDate) -> bool {
        covers(self.from, self.to, day)
    }
}

impl Metering {
    /// Whether it is verified on a day.
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        day < self.verified_until && self.lapsed.is_none_or(|(from, to)| !covers(from, Some(to), day))
    }
}

/// Everything that decides the volume of one point of supply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointInputs {
    pub point: PointId,
    /// Its own days where they are not all of the account's: taken over, given away, held again after a gap.
    #[serde(default)]
    pub held: Option<Held>,
    /// Hot water: another company supplies it, its sewerage is ours.
    pub hot: bool,
    /// We supply water here.
    pub water: bool,
    /// We take the sewage of this point.
    pub sewerage: bool,
    pub amenity: Amenity,
    /// Versions of the three by day, the oldest first, where one did not hold on every day that the month may reach back to; empty
    /// otherwise. The fields above say what the last of them says.
    #[serde(default)]
    pub supplies: Vec<Supply>,
    /// Agreed volume per full month: legal entities without a meter.
    pub contract_volume: Option<Volume>,
    pub metering: Vec<Metering>,
    /// When its meter was off for repair or verification on days of the month.
    #[serde(default)]
    pub away: Vec<Away>,
    /// Last accepted measured months, newest first.
    pub history: Vec<(Period, Volume)>,
    /// Billed months in a row without a reading, this one not counted.
    pub months_without_reading: u32,
    /// Dated areas of the plot that is watered from the point.
    #[serde(default)]
    pub plots: Vec<Plot>,
    /// Special cases that touch the month or are not billed yet.
    #[serde(default)]
    pub specials: Vec<Special>,
    /// The meters of the point are shared with other accounts.
    #[serde(default)]
    pub sharing: Option<Sharing>,
    /// Limits of the contract that the point counts for, one of a service at most.
    #[serde(default)]
    pub limits: Vec<Limit>,
    /// Billed since `prev` by average, norm or agreement for want of a reading: the next measured volume is less by it.
    #[serde(default)]
    pub provisional: Volume,
    /// From a day to a day before the month the house was billed in bulk, last: what was used on them is paid.
    #[serde(default)]
    pub bulk: Option<(NaiveDate, NaiveDate)>,
}

impl PointInputs {
    /// What the next measured volume is less by: what was billed for want of a reading, but for the days that are charged at full
    /// capacity now. What they cost is the capacity, whatever a meter shows for them.
    pub(crate) fn unsettled(&self) -> Volume {
        let drained = self.specials.iter().filter(|special| special.kind.is_capacity());
        (self.provisional - drained.map(|special| special.unread).sum()).max(Volume::ZERO)
    }
}

/// A piece of a month's volume with one basis and one version of everything that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumePart {
    pub from: NaiveDate,
    /// Exclusive.
    pub to: NaiveDate,
    pub volume: Volume,
    pub basis: Basis,
    pub residency: Option<ResidencyId>,
    /// People counted, where people were counted.
    pub residents: Option<u32>,
    pub norm: Option<TariffId>,
    /// The special case or plot behind the part.
    pub special: Option<SpecialId>,
    pub plot: Option<PlotId>,
    pub meter: Option<MeterId>,
    pub reading_prev: Option<ReadingId>,
    pub reading_last: Option<ReadingId>,
    /// Taken off `whole` because it was billed for the same days.
    pub billed: Volume,
    /// The volume that this part is a share of, and the share: `weight` of `weights`.
    pub whole: Volume,
    pub weight: u64,
    pub weights: u64,
}
