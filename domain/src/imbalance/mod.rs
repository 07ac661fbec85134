#![doc = include_str!("README.md")]

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::consumption::ReadingRef;
use crate::kernel::*;
use crate::tariffs::{ImbalanceMethod, NegativeImbalance};

mod diagnose;
mod distribute;
#[cfg(test)]
mod tests;

pub use diagnose::{Cause, diagnose};
pub use distribute::{distribute, weights};

codes! {
    /// What became of the difference of a house in a month (состояние небаланса).
    HouseState {
        /// Its flats bear it (распределён).
        Distributed = "distributed",
        /// Too large or not known well enough: waits for a decision and goes on to the next month (удержан).
        Held = "held",
        /// Goes on to the next month (перенесён).
        Carried = "carried",
        /// Set aside by the setting or by a protocol (не учитывается).
        Ignored = "ignored",
        /// There is none (нет небаланса).
        Nothing = "nothing",
    }
}

codes! {
    /// Why a difference was not simply shared (причина).
    HouseReason {
        /// The house meter's verification has expired (поверка ОПУ истекла).
        Expired = "expired",
        /// No meter stands at an inlet, or none that has a reading to start from (нет ОПУ).
        Absent = "absent",
        /// The house meter has no reading of the month: the next one brings it (нет показания ОПУ).
        NoReading = "no_reading",
        /// More than the setting lets pass without a decision (выше порога).
        AboveThreshold = "above_threshold",
        /// The flats account for more than the house meter shows (отрицательный).
        Negative = "negative",
        /// An account could not be reckoned, so the difference is not known (счёт не рассчитан).
        Unreckoned = "unreckoned",
        /// Nobody has a weight by the method (не на кого распределять).
        NoWeight = "no_weight",
        /// A part is above what the settings let one month add or take (сверх предела на человека).
        Capped = "capped",
        /// Decided by two people (по решению).
        Decided = "decided",
        /// It is shared by area, and the area of somebody who would bear a share is not known (площадь не указана).
        AreaUnknown = "area_unknown",
        /// One account pays for all of its water, so there is nothing to compare (дом оплачивается одним договором).
        BilledInBulk = "billed_in_bulk",
    }
}

codes! {
    /// What the flats of a house are compared with in a month (с чем сравнивается).
    ComparedBy {
        /// Its meter; where that has no reading yet the month waits for one (по прибору).
        Meter = "meter",
        /// The average of its last months: the meter has just failed or its verification expired (по среднему).
        Average = "average",
    }
}

codes! {
    /// What two people decide about a house and month (решение).
    DecisionKind {
        /// Share it by a method, whatever the threshold and the sign (распределить).
        Distribute = "distribute",
        /// Wait (удержать).
        Hold = "hold",
        /// Leave it to the next month (перенести).
        Carry = "carry",
        /// Set it aside by a signed protocol (обнулить по протоколу).
        Zero = "zero",
    }
}

codes! {
    /// What a house meter's stay at an inlet tells of the month (состояние ОПУ).
    InletState {
        /// Two readings, the last one within the verification (учтён).
        Counted = "counted",
        /// No reading since the last one that was reckoned with (нет показания).
        NoReading = "no_reading",
        /// Not verified on the day of its last reading, or of the month (поверка истекла).
        Expired = "expired",
        /// Nothing stands there at the end of the month, or there is no reading to start from (нет прибора).
        Absent = "absent",
    }
}

codes! {
    /// What may make a difference (возможная причина небаланса).
    CauseKind {
        /// Flats with a valid meter and no reading are billed by average or norm (нет показаний).
        MissingReadings = "missing_readings",
        /// Flats whose meter's verification has expired are billed by norm (поверка истекла).
        ExpiredMeters = "expired_meters",
        /// Flats without a meter where nobody is registered (никто не зарегистрирован).
        NobodyRegistered = "nobody_registered",
        /// Flats without a meter: the norm of the registered is not what their neighbours use (норматив и проживающие).
        Occupancy = "occupancy",
        /// The house and the flats are read on different days (разные даты снятия показаний).
        ClockSkew = "clock_skew",
        /// Premises of legal entities by agreed volume, without a meter (нежилые без прибора).
        NonResidential = "non_residential",
        /// Leaks, use past the meters, errors of the house meter: what nothing above explains (утечки и неизвестное).
        Rest = "rest",
    }
}

/// What one account bears of the difference of its house (доля небаланса). Shares of a house add up to `whole`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub building: BuildingId,
    /// The account's point that the line is shown at: its first cold one.
    pub point: PointId,
    /// The meter of the house and the readings that the difference lies between; none where several meters make it.
    pub meter: Option<MeterId>,
    pub reading_prev: Option<ReadingId>,
    pub reading_last: Option<ReadingId>,
    pub from: NaiveDate,
    /// Exclusive.
    pub to: NaiveDate,
    /// `weight` of `weights` of `whole`, whole litres by largest remainder; negative only where the policy credits.
    pub volume: Volume,
    pub whole: Volume,
    pub weight: u64,
    pub weights: u64,
}

/// What an account itself accounts for in a month, and how well it is known (собственный объём).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// Its first cold point; none where it has none.
    pub point: Option<PointId>,
    /// Water by readings.
    pub metered: Volume,
    /// Water by average while readings are missing.
    pub averaged: Volume,
    /// Water by norm.
    pub normed: Volume,
    /// Water by agreed volume.
    pub agreed: Volume,
    /// Hot water, where the house heats what its cold meter has counted already.
    pub hot: Volume,
    /// People who count at the end of the month.
    pub people: u32,
    /// People registered then.
    pub registered: u32,
    /// A verified meter stands at a cold point at the end of the month.
    pub valid_meter: bool,
    /// A meter stands there whose verification has expired.
    pub expired_meter: bool,
    /// The days between the readings that `metered` lies between; the last one exclusive.
    pub read: Option<(NaiveDate, NaiveDate)>,
    /// Average of the last measured months.
    pub usual: Option<Volume>,
}

impl Own {
    /// Cold water of the month, as it is billed.
    pub fn cold(&self) -> Volume {
        self.metered + self.averaged + self.normed + self.agreed
    }

    /// All that it takes from the house's meter.
    pub fn total(&self) -> Volume {
        self.cold() + self.hot
    }
}

/// An account in its house: of a flat, or of a legal entity, whose volume is taken out first and who bears a share only where it
/// stands on the list of the condominium.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flat {
    pub account: AccountId,
    pub own: Own,
    /// Useful area in 0.01 m².
    pub area_dm2: Option<u32>,
    /// It bears no share: a flat by a document, a legal entity unless a document says that it does.
    pub excluded: bool,
}

impl Flat {
    /// It bears a share where it has a weight: nothing excludes it, and it has a point to show the line at.
    pub fn bears(&self) -> bool {
        !self.excluded && self.own.point.is_some()
    }
}

/// A stay of a meter at an inlet of the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inlet {
    pub point: PointId,
    pub meter: MeterId,
    pub digits: u8,
    /// First day of the stay.
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    /// The first day on which it no longer counts.
    pub verified_until: NaiveDate,
    /// The reading that the house is reckoned up to.
    pub prev: Option<ReadingRef>,
    /// The last one that counts for the month.
    pub last: Option<ReadingRef>,
}

/// A house in a month: everything that its difference is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    pub period: Period,
    pub inlets: Vec<Inlet>,
    pub flats: Vec<Flat>,
    pub non_residential: Vec<Flat>,
    /// Accounts that the registers did not let be reckoned.
    pub unreckoned: Vec<AccountId>,
    /// What the months before left.
    pub carried_in: Volume,
    /// What recalculations since the last reckoning changed of volumes that months before were compared with.
    pub corrected: Volume,
    /// Nothing was compared before: what flats used before the house's first day is compared with nothing.
    pub begins: bool,
    /// What the meter showed in its last months.
    pub usual: Option<Usual>,
    /// One account pays for what its meter shows: nobody bears a difference.
    pub in_bulk: bool,
}

/// What a house's meter showed in so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    pub volume: Volume,
    pub days: i64,
}

/// What two people decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Distribute(ImbalanceMethod),
    Hold,
    Carry,
    Zero,
}

/// The settings in force for a month, and what was decided about the house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub method: ImbalanceMethod,
    pub hold_above_percent: u32,
    pub negative: NegativeImbalance,
    /// The most that a month adds for each person.
    pub cap: Option<Volume>,
    /// For so many days after a meter failed or expired its average stands for it.
    pub average_days: u32,
    pub decision: Option<Decision>,
}

/// The share of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub account: AccountId,
    pub volume: Volume,
    pub weight: u64,
}

/// A month of a house: `total` = distributed + carried_out + dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    pub state: HouseState,
    pub reason: Option<HouseReason>,
    /// None where the month is compared with nothing.
    pub compared_by: Option<ComparedBy>,
    /// What the inlets show together, or their average; none where one of them does not tell.
    pub measured: Option<Volume>,
    pub metered: Volume,
    pub averaged: Volume,
    pub normed: Volume,
    /// Agreed and metered volumes of legal entities.
    pub non_residential: Volume,
    pub hot: Volume,
    /// By recalculation of months before.
    pub corrected: Volume,
    /// Measured less everything accounted for; less what was recalculated where nothing could be compared.
    pub gap: Volume,
    pub carried_in: Volume,
    /// `gap + carried_in`.
    pub total: Volume,
    pub distributed: Volume,
    pub carried_out: Volume,
    pub dropped: Volume,
    pub method: ImbalanceMethod,
    /// What the parts are shares of; their sum.
    pub whole: Volume,
    pub weights: u64,
    /// By account, only those that bear something or have a weight.
    pub parts: Vec<Part>,
}

impl Inlet {
    pub fn state(&self, period: Period) -> InletState {
        let end = period.next().first_day();
        if self.to.is_none_or(|to| to >= end) && self.verified_until < end {
            // Verified again later in the month it would have a later day.
            return match self.new_reading() {
                Some((_, last)) if last.day < self.verified_until => InletState::Counted,
                _ => InletState::Expired,
            };
        }
        match (self.prev, self.new_reading()) {
            (None, _) => InletState::Absent,
            (Some(_), None) => InletState::NoReading,
            (Some(_), Some((_, last))) if last.day >= self.verified_until => InletState::Expired,
            _ => InletState::Counted,
        }
    }

    fn new_reading(&self) -> Option<(ReadingRef, ReadingRef)> {
        let (prev, last) = (self.prev?, self.last?);
        (last.id != prev.id && last.day >= prev.day).then_some((prev, last))
    }

    /// What lies between the two readings; none without a new one.
    pub fn volume(&self) -> Option<Volume> {
        let (prev, last) = self.new_reading()?;
        Some(crate::meters::difference(prev.value, last.value, self.digits))
    }

    /// The first day that what it shows next is of: a reading closes its day, that of an installation opens it.
    fn begins(&self) -> Option<NaiveDate> {
        let prev = self.prev?;
        Some(if prev.day <= self.from { self.from } else { prev.day + chrono::Days::new(1) })
    }

    /// The days between the two readings.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let (_, last) = self.new_reading()?;
        let from = self.begins()?;
        let to = last.day + chrono::Days::new(1);
        let to = self.to.map_or(to, |end| to.min(end));
        Some((from.min(to - chrono::Days::new(1)), to))
    }
}

impl House {
    /// The days that the house is reckoned for: from the first to the last of its inlets; the month where they do not tell.
    pub fn days(&self) -> (NaiveDate, NaiveDate) {
        let spans = || self.inlets.iter().filter_map(Inlet::days);
        let from = spans().map(|(from, _)| from).min();
        let to = spans().map(|(_, to)| to).max();
        from.zip(to).unwrap_or((self.period.first_day(), self.period.next().first_day()))
    }

    /// The days that a difference is of.
    pub fn days_of(&self, done: &Distribution) -> (NaiveDate, NaiveDate) {
        match done.compared_by {
            Some(ComparedBy::Average) => (self.period.first_day(), self.period.next().first_day()),
            _ => self.days(),
        }
    }

    /// The first day on which flats are compared with the house; none where months before were.
    pub fn compared_since(&self) -> Option<NaiveDate> {
        self.begins.then(|| self.inlets.iter().filter_map(Inlet::begins).min()).flatten()
    }

    /// What the month is taken to be by average, where an inlet has told nothing for no more than so many days.
    fn average(&self, most_days: u32) -> Option<Volume> {
        let usual = self.usual.filter(|usual| usual.days > 0)?;
        let end = self.period.next().first_day();
        let failed = |inlet: &Inlet| match inlet.state(self.period) {
            InletState::Expired => Some(inlet.verified_until),
            _ if self.stands_at(inlet.point) => None,
            _ => inlet.to,
        };
        let since = self.inlets.iter().filter_map(failed).min()?;
        ((end - since).num_days() <= i64::from(most_days)).then(|| {
            let days = i64::from(self.period.days());
            Volume::from_liters((2 * usual.volume.liters() * days + usual.days) / (2 * usual.days))
        })
    }

    fn stands_at(&self, point: PointId) -> bool {
        let end = self.period.next().first_day();
        self.inlets.iter().any(|inlet| inlet.point == point && inlet.to.is_none_or(|to| to >= end))
    }

    /// Why nothing is compared with what came in, or the inlets do not tell it; none where they do. An inlet whose meter was taken
    /// off has to have another one.
    pub fn silent(&self) -> Option<HouseReason> {
        if self.in_bulk {
            return Some(HouseReason::BilledInBulk);
        }
        let states: Vec<InletState> = self.inlets.iter().map(|inlet| inlet.state(self.period)).collect();
        let bare = self.inlets.is_empty() || self.inlets.iter().any(|inlet| !self.stands_at(inlet.point));
        if states.contains(&InletState::Expired) {
            Some(HouseReason::Expired)
        } else if bare || states.contains(&InletState::Absent) {
            Some(HouseReason::Absent)
        } else {
            states.contains(&InletState::NoReading).then_some(HouseReason::NoReading)
        }
    }

    /// Those who would bear a share by area, and whose area nobody knows, in the order of account ids.
    pub fn without_area(&self) -> Vec<AccountId> {
        let unknown = |flat: &&Flat| flat.bears() && flat.area_dm2.is_none_or(|area| area == 0);
        let mut accounts: Vec<AccountId> = self.accounts().filter(unknown).map(|flat| flat.account).collect();
        accounts.sort_unstable();
        accounts
    }

    /// Everybody in the house.
    pub fn accounts(&self) -> impl Iterator<Item = &Flat> {
        self.flats.iter().chain(&self.non_residential)
    }

    /// The shares of a distribution as the bills show them.
    pub fn shares(&self, building: BuildingId, distribution: &Distribution) -> Vec<(AccountId, Share)> {
        let (from, to) = self.days_of(distribution);
        let only = match self.inlets.as_slice() {
            [one] if distribution.compared_by == Some(ComparedBy::Meter) => Some(one),
            _ => None,
        };
        let share = |part: &Part| {
            let flat = self.accounts().find(|flat| flat.account == part.account)?;
            let share = Share {
                building,
                point: flat.own.point?,
                meter: only.map(|inlet| inlet.meter),
                reading_prev: only.and_then(|inlet| inlet.prev).map(|reading| reading.id),
                reading_last: only.and_then(|inlet| inlet.last).map(|reading| reading.id),
                from,
                to,
                volume: part.volume,
                whole: distribution.whole,
                weight: part.weight,
                weights: distribution.weights,
            };
            Some((part.account, share))
        };
        distribution.parts.iter().filter(|part| !part.volume.is_zero()).filter_map(share).collect()
    }
}
