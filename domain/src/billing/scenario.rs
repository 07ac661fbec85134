//! What if: the tariff book with changes nobody decided, and what a month would come to under both books, account by account, in
//! memory that does not grow with the city.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{ChargeError, ChargeLine, Charges, Inputs, Sum, line_hash};
use crate::consumption::{Basis, ReadingRef};
use crate::kernel::*;
use crate::tariffs::{Amenity, Bands, Dated, TariffBook, WrongBands, WrongSetting, setting};

/// One thing that a scenario changes. It holds from its day on, whatever later versions the register has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ScenarioChange {
    /// Net tenge per m³.
    Price { service: Service, group: ConsumerGroup, from: NaiveDate, net: Decimal },
    /// Per registered person and full month.
    Norm { amenity: Amenity, service: Service, from: NaiveDate, volume: Volume },
    /// None: no bands, everybody pays the price itself.
    Bands { from: NaiveDate, bands: Option<Bands> },
    /// 0.16 stands for 16 %.
    Vat { from: NaiveDate, rate: Decimal },
    /// A method of charging, in the words of its code.
    Setting { code: String, from: NaiveDate, value: String },
    /// Readings taken after the day are as if they had not come: what they had replaced counts again.
    Freeze { day: NaiveDate },
}

/// Settings that decide what a month is charged; any other one can't make a difference here.
pub const SCENARIO_SETTINGS: &[&str] = &[
    setting::ROUNDING_LEGAL,
    setting::ROUNDING_PRIVATE,
    setting::ROUNDING_MULTI,
    setting::AVERAGE_MONTHS,
    setting::AVERAGE_LIMIT_MONTHS,
    setting::METER_AWAY_MONTHS,
    setting::LEGAL_UNMEASURED,
    setting::NO_ACCESS,
    setting::NORM_INLETS,
    setting::ZERO_RESIDENTS_AS,
    setting::WATERING_SEASON,
    setting::PIPE_VELOCITY,
    setting::CAPACITY_COVERS,
    setting::BANDS_ALSO,
    setting::OVER_LIMIT,
    setting::IMBALANCE_METHOD,
    setting::IMBALANCE_HOLD_PERCENT,
    setting::IMBALANCE_NEGATIVE,
    setting::IMBALANCE_CAP,
    setting::IMBALANCE_AVERAGE_DAYS,
];

/// So many changes make a scenario at most.
pub const MOST_CHANGES: usize = 50;
/// Net tenge per m³ stay below.
const PRICE_BELOW: i64 = 10_000_000;
/// Litres of a norm at most.
const NORM_MOST: i64 = 1_000_000;

/// Why a change can't be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongChange {
    #[error("a price has four decimals at most and lies between 0 and {PRICE_BELOW}")]
    Price,
    #[error("a rate has four decimals at most and lies between 0 and 1")]
    Rate,
    #[error("a norm lies between 0 and {NORM_MOST} litres")]
    Norm,
    #[error(transparent)]
    Bands(#[from] WrongBands),
    #[error(transparent)]
    Setting(#[from] WrongSetting),
    #[error("the setting {0} does not decide what is charged")]
    NoEffect(String),
    #[error("the same thing is changed twice from the same day")]
    Twice,
    #[error("it begins too late to matter to the month")]
    TooLate,
    #[error("the day lies outside of the month")]
    OutsideMonth,
    #[error("there are more than {MOST_CHANGES} changes")]
    TooMany,
}

impl WrongChange {
    /// Stable code for messages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Price => "PRICE_WRONG",
            Self::Rate => "RATE_WRONG",
            Self::Norm => "VOLUME_WRONG",
            Self::Bands(WrongBands::Count) => "BANDS_COUNT",
            Self::Bands(WrongBands::Order) => "BANDS_ORDER",
            Self::Bands(WrongBands::Last) => "BANDS_LAST",
            Self::Bands(WrongBands::Coefficient) => "BANDS_COEFFICIENT",
            Self::Setting(WrongSetting::UnknownCode(_)) => "SETTING_UNKNOWN",
            Self::Setting(WrongSetting::Value { .. }) => "SETTING_VALUE",
            Self::NoEffect(_) => "SCENARIO_NO_EFFECT",
            Self::Twice => "SCENARIO_TWICE",
            Self::TooLate => "SCENARIO_TOO_LATE",
            Self::OutsideMonth => "SCENARIO_OUTSIDE_MONTH",
            Self::TooMany => "SCENARIO_TOO_MANY",
        }
    }
}

/// The world of a scenario: its book, and the day after which readings do not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScenarioBook {
    pub book: TariffBook,
    pub freeze: Option<NaiveDate>,
}

/// The book of a month with the changes in it; the place of a wrong one in the list, and why. Versions that nobody recorded have
/// ids below zero.
pub fn apply(
    book: &TariffBook,
    month: Period,
    changes: &[ScenarioChange],
) -> Result<ScenarioBook, (usize, WrongChange)> {
    if changes.len() > MOST_CHANGES {
        return Err((MOST_CHANGES, WrongChange::TooMany));
    }
    let mut world = ScenarioBook { book: book.clone(), freeze: None };
    let mut ordered: Vec<(usize, &ScenarioChange)> = changes.iter().enumerate().collect();
    ordered.sort_by_key(|(_, change)| change.from());
    for (at, (place, change)) in ordered.iter().enumerate() {
        let twice = ordered[..at].iter().any(|(_, other)| other.same(change));
        let taken = if twice { Err(WrongChange::Twice) } else { world.take(month, *place, change) };
        taken.map_err(|wrong| (*place, wrong))?;
    }
    Ok(world)
}

impl ScenarioChange {
    fn from(&self) -> NaiveDate {
        match self {
            Self::Price { from, .. }
            | Self::Norm { from, .. }
            | Self::Bands { from, .. }
            | Self::Vat { from, .. }
            | Self::Setting { from, .. }
            | Self::Freeze { day: from } => *from,
        }
    }

    /// Whether one of the two would have no effect.
    fn same(&self, other: &Self) -> bool {
        let key = match (self, other) {
            (Self::Price { service, group, .. }, Self::Price { service: s, group: g, .. }) => {
                (service, group) == (s, g)
            }
            (Self::Norm { amenity, service, .. }, Self::Norm { amenity: a, service: s, .. }) => {
                (amenity, service) == (a, s)
            }
            (Self::Setting { code, .. }, Self::Setting { code: c, .. }) => code == c,
            (Self::Bands { .. }, Self::Bands { .. }) | (Self::Vat { .. }, Self::Vat { .. }) => true,
            (Self::Freeze { .. }, Self::Freeze { .. }) => return true,
            _ => false,
        };
        key && self.from() == other.from()
    }
}

/// Whether the register could keep the number.
fn fits(number: Decimal, below: i64) -> bool {
    !number.is_sign_negative() && number.normalize().scale() <= 4 && number < below.into()
}

impl ScenarioBook {
    fn take(&mut self, month: Period, place: usize, change: &ScenarioChange) -> Result<(), WrongChange> {
        let number = -(place as i64) - 1;
        let id = TariffId(number);
        if change.from() > month.last_day() {
            return Err(WrongChange::TooLate);
        }
        match change {
            ScenarioChange::Price { service, group, from, net } => {
                if !fits(*net, PRICE_BELOW) {
                    return Err(WrongChange::Price);
                }
                let value = net.normalize();
                let versions = self.book.prices.entry((*service, *group)).or_default();
                take_over(versions, *from, Some(Dated { id, from: *from, to: None, value }));
            }
            ScenarioChange::Norm { amenity, service, from, volume } => {
                if !(0..=NORM_MOST).contains(&volume.liters()) {
                    return Err(WrongChange::Norm);
                }
                let versions = self.book.norms.entry((*amenity, *service)).or_default();
                take_over(versions, *from, Some(Dated { id, from: *from, to: None, value: *volume }));
            }
            ScenarioChange::Bands { from, bands } => {
                let checked = bands.clone().map(Bands::checked).transpose()?;
                let version = checked.map(|value| Dated { id, from: *from, to: None, value });
                take_over(&mut self.book.bands, *from, version);
            }
            ScenarioChange::Vat { from, rate } => {
                if !fits(*rate, 1) {
                    return Err(WrongChange::Rate);
                }
                let value = rate.normalize();
                take_over(&mut self.book.vat, *from, Some(Dated { id, from: *from, to: None, value }));
            }
            ScenarioChange::Setting { code, from, value } => {
                if !SCENARIO_SETTINGS.contains(&code.as_str()) {
                    let known = setting::ALL.contains(&code.as_str());
                    let unknown = || WrongSetting::UnknownCode(code.clone()).into();
                    return Err(if known { WrongChange::NoEffect(code.clone()) } else { unknown() });
                }
                // Methods are those of the month's first day.
                if *from > month.first_day() {
                    return Err(WrongChange::TooLate);
                }
                self.book.methods.insert(code, SettingId(number), *from, None, value)?;
            }
            ScenarioChange::Freeze { day } => {
                if !month.contains(*day) {
                    return Err(WrongChange::OutsideMonth);
                }
                self.freeze = Some(*day);
            }
        }
        Ok(())
    }

    /// Whether houses have to be reckoned anew: what their flats account for, what their own meters show, or how the difference is
    /// shared, is another.
    pub fn moves_houses(&self, book: &TariffBook) -> bool {
        self.freeze.is_some() || self.book.methods != book.methods || self.book.norms != book.norms
    }

    /// The facts of an account as the scenario has them; `earlier` as [`Inputs::up_to`] takes it.
    pub fn freeze(&self, inputs: &mut Inputs, earlier: &[(MeterId, ReadingRef)]) {
        if let Some(day) = self.freeze {
            inputs.up_to(day, earlier);
        }
    }
}

impl Inputs {
    /// As if no reading taken after the day had come. `earlier` are accepted readings of the month, by meter: where the last one of a
    /// stay goes, the latest of them that lies in the stay and not before its first reading counts; without one none does.
    pub fn up_to(&mut self, day: NaiveDate, earlier: &[(MeterId, ReadingRef)]) {
        for metering in self.points.iter_mut().flat_map(|point| &mut point.metering) {
            if metering.last.is_none_or(|last| last.day <= day) {
                continue;
            }
            let (meter, prev, to) = (metering.meter, metering.prev, metering.to);
            let of_stay = |reading: &ReadingRef| {
                reading.day <= day
                    && prev.is_none_or(|prev| prev.day <= reading.day)
                    && to.is_none_or(|to| reading.day <= to)
            };
            let readings = earlier.iter().filter(|(of, _)| *of == meter).map(|(_, reading)| *reading);
            metering.last = readings.filter(of_stay).max_by_key(|reading| (reading.day, reading.id));
        }
    }
}

/// Ends whatever is in force from the day on; the new version, if there is one, stands for all days after.
fn take_over<T>(versions: &mut Vec<Dated<T>>, from: NaiveDate, version: Option<Dated<T>>) {
    versions.retain(|old| old.from < from);
    for old in versions.iter_mut().filter(|old| old.to.is_none_or(|to| to > from)) {
        old.to = Some(from);
    }
    versions.extend(version);
}

codes! {
    /// By what the result of a scenario is told apart (разрез).
    ScenarioBy {
        /// Everything together (всего).
        All = "all",
        /// By line of the price list (по услугам).
        Service = "service",
        /// By sector (по секторам).
        Sector = "sector",
        /// By district of the city (по районам).
        District = "district",
        /// By registered people; nothing for legal entities (по числу зарегистрированных).
        Household = "household",
        /// By the basis of an account's largest line (по основанию).
        Basis = "basis",
        /// By the size of the difference (по величине изменения).
        Difference = "difference",
    }
}

codes! {
    /// Where a scenario stands (состояние сценария).
    ScenarioStatus {
        /// Waits for a worker (в очереди).
        Queued = "queued",
        /// Accounts are being reckoned (выполняется).
        Running = "running",
        /// The result is there (готов).
        Done = "done",
        /// It stands still because of an error (ошибка).
        Failed = "failed",
        /// Somebody stopped it (остановлен).
        Cancelled = "cancelled",
    }
}

/// A part of the city that gains and losses are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScenarioKey {
    All,
    Service(Service),
    Sector(Sector),
    District(DistrictId),
    /// People registered; the last one stands for it and all above.
    Household(u32),
    Basis(Basis),
    /// A class of [`SIZES`], below zero where less is paid.
    Difference(i32),
}

/// Households of so many and more are told together.
pub const LARGE_HOUSEHOLD: u32 = 6;
/// Upper bounds in tenge of the classes of differences, each inside its class; the class behind the last one has none.
pub const SIZES: [i64; 8] = [10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000];

impl ScenarioKey {
    pub fn by(self) -> ScenarioBy {
        match self {
            Self::All => ScenarioBy::All,
            Self::Service(_) => ScenarioBy::Service,
            Self::Sector(_) => ScenarioBy::Sector,
            Self::District(_) => ScenarioBy::District,
            Self::Household(_) => ScenarioBy::Household,
            Self::Basis(_) => ScenarioBy::Basis,
            Self::Difference(_) => ScenarioBy::Difference,
        }
    }

    pub fn code(self) -> String {
        match self {
            Self::All => String::new(),
            Self::Service(service) => service.code().to_owned(),
            Self::Sector(sector) => sector.code().to_owned(),
            Self::District(district) => district.to_string(),
            Self::Household(people) => people.to_string(),
            Self::Basis(basis) => basis.code().to_owned(),
            Self::Difference(class) => class.to_string(),
        }
    }
}

/// The class of a difference: 0 where there is none, then 1, 2, 3… and −1, −2, −3….
pub fn size_class(difference: Money) -> i32 {
    let tiyn = difference.tiyn();
    let class = SIZES.partition_point(|tenge| tenge * 100 < tiyn.abs()) as i32 + 1;
    class * tiyn.signum() as i32
}

/// What a part of the city pays under both books.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    /// Accounts of the part, with a charge or without one.
    pub accounts: i64,
    pub before: Sum,
    pub after: Sum,
    /// Accounts that pay less.
    pub gainers: i64,
    /// By so much together, above zero.
    pub gain: Money,
    /// Accounts that pay more.
    pub losers: i64,
    pub loss: Money,
}

impl Compared {
    fn take(&mut self, before: &Sum, after: &Sum) {
        let difference = after.gross - before.gross;
        self.accounts += 1;
        self.before.merge(before);
        self.after.merge(after);
        if difference.is_negative() {
            self.gainers += 1;
            self.gain -= difference;
        } else if difference.is_positive() {
            self.losers += 1;
            self.loss += difference;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.before.merge(&other.before);
        self.after.merge(&other.after);
        self.gainers += other.gainers;
        self.gain += other.gain;
        self.losers += other.losers;
        self.loss += other.loss;
    }
}

/// An account under both books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    pub account: AccountId,
    pub before: Money,
    pub after: Money,
}

/// So many accounts with the largest differences are kept.
const LARGEST: usize = 20;
/// So many different reasons are told apart; the rest goes together.
const REASONS: usize = 50;

/// By size; of equal ones the lowest account is the larger.
type Ranked = (u64, Reverse<AccountId>, i64, i64);

/// A month under both books, account by account; parts of the city reckoned apart are merged.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Accounts looked at.
    pub accounts: i64,
    /// Accounts that the registers, or the scenario, do not let be charged: in no sum of either side.
    pub failures: i64,
    pub parts: BTreeMap<ScenarioKey, Compared>,
    /// What is missing, and for how many accounts.
    pub missing: BTreeMap<String, i64>,
    /// The fingerprint of all lines before: the run's, where the facts are the run's.
    pub hash_before: u128,
    pub hash_after: u128,
    largest: BinaryHeap<Reverse<Ranked>>,
}

impl Comparison {
    /// Adds an account; its difference where both sides are known.
    pub fn add(
        &mut self,
        inputs: &Inputs,
        district: DistrictId,
        before: Result<Charges, ChargeError>,
        after: Result<Charges, ChargeError>,
    ) -> Option<Difference> {
        self.accounts += 1;
        let (before, after) = match (before, after) {
            (Ok(before), Ok(after)) => (before.lines, after.lines),
            (Err(missing), _) | (_, Err(missing)) => {
                self.failures += 1;
                self.miss(missing.to_string(), 1);
                return None;
            }
        };
        let fingerprint = line_hash(inputs.account, &before);
        self.hash_before = self.hash_before.wrapping_add(fingerprint);
        let after_hash = if before == after { fingerprint } else { line_hash(inputs.account, &after) };
        self.hash_after = self.hash_after.wrapping_add(after_hash);

        let (old, new) = (Sum::of(&before), Sum::of(&after));
        let difference = new.gross - old.gross;
        self.part(ScenarioKey::All, &old, &new);
        self.part(ScenarioKey::Sector(inputs.sector), &old, &new);
        self.part(ScenarioKey::District(district), &old, &new);
        self.part(ScenarioKey::Difference(size_class(difference)), &old, &new);
        if inputs.sector != Sector::Legal {
            self.part(ScenarioKey::Household(inputs.household()), &old, &new);
        }
        if let Some(basis) = main_basis(&before).or_else(|| main_basis(&after)) {
            self.part(ScenarioKey::Basis(basis), &old, &new);
        }
        for &service in Service::ALL {
            let of = |lines: &[ChargeLine]| Sum::of(lines.iter().filter(|line| line.service == service));
            let (old, new) = (of(&before), of(&after));
            if old.lines + new.lines > 0 {
                self.part(ScenarioKey::Service(service), &old, &new);
            }
        }
        if !difference.is_zero() {
            let size = difference.tiyn().unsigned_abs();
            self.offer((size, Reverse(inputs.account), old.gross.tiyn(), new.gross.tiyn()));
        }
        Some(Difference { account: inputs.account, before: old.gross, after: new.gross })
    }

    pub fn merge(&mut self, other: Self) {
        self.accounts += other.accounts;
        self.failures += other.failures;
        for (key, part) in other.parts {
            self.parts.entry(key).or_default().merge(&part);
        }
        for (what, accounts) in other.missing {
            self.miss(what, accounts);
        }
        self.hash_before = self.hash_before.wrapping_add(other.hash_before);
        self.hash_after = self.hash_after.wrapping_add(other.hash_after);
        for Reverse(ranked) in other.largest {
            self.offer(ranked);
        }
    }

    /// Everything together.
    pub fn all(&self) -> Compared {
        self.parts.get(&ScenarioKey::All).copied().unwrap_or_default()
    }

    /// The largest differences, the largest first; of equal ones the lowest account.
    pub fn largest(&self) -> Vec<Difference> {
        let mut ranked: Vec<Ranked> = self.largest.iter().map(|one| one.0).collect();
        ranked.sort_unstable_by(|a, b| b.cmp(a));
        let difference = |(_, Reverse(account), before, after): Ranked| Difference {
            account,
            before: Money::from_tiyn(before),
            after: Money::from_tiyn(after),
        };
        ranked.into_iter().map(difference).collect()
    }

    fn part(&mut self, key: ScenarioKey, before: &Sum, after: &Sum) {
        self.parts.entry(key).or_default().take(before, after);
    }

    fn miss(&mut self, what: String, accounts: i64) {
        let told = self.missing.len() < REASONS || self.missing.contains_key(&what);
        *self.missing.entry(if told { what } else { "…".to_owned() }).or_default() += accounts;
    }

    fn offer(&mut self, ranked: Ranked) {
        if self.largest.len() == LARGEST && self.largest.peek().is_some_and(|least| ranked < least.0) {
            return;
        }
        self.largest.push(Reverse(ranked));
        if self.largest.len() > LARGEST {
            self.largest.pop();
        }
    }
}

impl Inputs {
    /// People registered on the month's last day, as far as they are told apart.
    fn household(&self) -> u32 {
        let day = self.period.last_day();
        let now = self.residents.iter().find(|r| covers(r.from, r.to, day));
        now.map_or(0, |residency| residency.count).min(LARGE_HOUSEHOLD)
    }
}

/// The basis of the largest line, the first of equal ones.
fn main_basis(lines: &[ChargeLine]) -> Option<Basis> {
    lines.iter().rev().max_by_key(|line| line.gross).map(|line| line.basis)
}
