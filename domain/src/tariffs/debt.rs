//! Settings of collection: rates and terms of penalty, notices, limitation. Each dated, none with a default in code.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::method::{Setting, number, on};
use super::{MissingSetting, setting};
use crate::debt::CertificateRequires;
use crate::kernel::*;

/// The settings of collection by day. A part of the book of methods.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DebtMethods {
    base_rate: Vec<Setting<Decimal>>,
    since: Vec<Setting<NaiveDate>>,
    decimals: HashMap<&'static str, Vec<Setting<Decimal>>>,
    numbers: HashMap<&'static str, Vec<Setting<u32>>>,
    sums: HashMap<&'static str, Vec<Setting<Money>>>,
    plan_stops_penalty: Vec<Setting<bool>>,
    certificate_requires: Vec<Setting<CertificateRequires>>,
    claim_stops_penalty: Vec<Setting<bool>>,
}

const DECIMALS: &[&str] = &[
    setting::PENALTY_MULTIPLIER,
    setting::PENALTY_MULTIPLIER_LEGAL,
    setting::PENALTY_CEILING,
    setting::PENALTY_CEILING_LEGAL,
];
const SUMS: &[&str] = &[setting::NOTICE_LEAST, setting::RECONNECTION_FEE, setting::CLAIM_MIN_SUM];
/// With the least and the greatest number.
const NUMBERS: &[(&str, u32, u32)] = &[
    (setting::PENALTY_YEAR_DAYS, 360, 366),
    (setting::PENALTY_FIRST_DAY, 1, 366),
    (setting::PENALTY_GRACE_DAYS, 0, 366),
    (setting::PENALTY_GRACE_DAYS_LEGAL, 0, 366),
    (setting::NOTICE_MONTHS, 0, 24),
    (setting::NOTICE_DAYS, 0, 366),
    (setting::DISPUTE_DAYS, 1, 366),
    (setting::ESTATE_REST_DAYS, 0, 3660),
    (setting::LIMITATION_YEARS, 1, 20),
    (setting::PLAN_GRACE_DAYS, 0, 60),
    (setting::CLAIM_DAYS, 1, 3660),
];

fn yes(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

impl DebtMethods {
    /// Takes one row of the register; `None` for a code of another subsystem, `Some(false)` for a value that is none.
    pub(super) fn insert(
        &mut self,
        code: &str,
        id: SettingId,
        from: NaiveDate,
        to: Option<NaiveDate>,
        value: &str,
    ) -> Option<bool> {
        fn put<T>(
            list: &mut Vec<Setting<T>>,
            (id, from, to): (SettingId, NaiveDate, Option<NaiveDate>),
            value: Option<T>,
        ) -> Option<bool> {
            let good = value.map(|value| list.push(Setting { id, from, to, value })).is_some();
            Some(good)
        }
        let (at, value) = ((id, from, to), value.trim());
        let decimal = || Decimal::from_str_exact(value).ok().filter(|number| !number.is_sign_negative());
        if let Some(code) = DECIMALS.iter().find(|known| **known == code) {
            return put(self.decimals.entry(code).or_default(), at, decimal());
        }
        if let Some((code, least, most)) = NUMBERS.iter().find(|(known, ..)| *known == code) {
            return put(self.numbers.entry(code).or_default(), at, number(value, *least, *most));
        }
        if let Some(code) = SUMS.iter().find(|known| **known == code) {
            let sum = Money::tenge(value).ok().filter(|sum| !sum.is_negative());
            return put(self.sums.entry(code).or_default(), at, sum);
        }
        match code {
            setting::BASE_RATE => put(&mut self.base_rate, at, decimal()),
            setting::PENALTY_SINCE => put(&mut self.since, at, NaiveDate::from_str(value).ok()),
            setting::PLAN_STOPS_PENALTY => put(&mut self.plan_stops_penalty, at, yes(value)),
            setting::CLAIM_STOPS_PENALTY => put(&mut self.claim_stops_penalty, at, yes(value)),
            setting::CERTIFICATE_REQUIRES => {
                put(&mut self.certificate_requires, at, CertificateRequires::from_code(value))
            }
            _ => None,
        }
    }

    /// The terms of penalty of a sector; legal entities have values of their own where the register does.
    pub fn penalty_terms(&self, sector: Sector) -> PenaltyTerms {
        let own = |all: &'static str, legal: &'static str| if sector == Sector::Legal { legal } else { all };
        let decimals = |code: &str| self.decimals.get(code).cloned().unwrap_or_default();
        let numbers = |code: &str| self.numbers.get(code).cloned().unwrap_or_default();
        PenaltyTerms {
            base_rate: self.base_rate.clone(),
            multiplier: Own {
                own: decimals(own("", setting::PENALTY_MULTIPLIER_LEGAL)),
                common: decimals(setting::PENALTY_MULTIPLIER),
            },
            year_days: numbers(setting::PENALTY_YEAR_DAYS),
            first_day: numbers(setting::PENALTY_FIRST_DAY),
            grace_days: Own {
                own: numbers(own("", setting::PENALTY_GRACE_DAYS_LEGAL)),
                common: numbers(setting::PENALTY_GRACE_DAYS),
            },
            ceiling: Own {
                own: decimals(own("", setting::PENALTY_CEILING_LEGAL)),
                common: decimals(setting::PENALTY_CEILING),
            },
            since: self.since.clone(),
        }
    }

    /// From so many unpaid months on an account is warned.
    pub fn notice_months(&self, day: NaiveDate) -> Result<u32, MissingSetting> {
        self.number(setting::NOTICE_MONTHS, day)
    }

    /// Days between a warning and the disconnection.
    pub fn notice_days(&self, day: NaiveDate) -> Result<u32, MissingSetting> {
        self.number(setting::NOTICE_DAYS, day)
    }

    /// The least overdue sum that somebody is warned of.
    pub fn notice_least(&self, day: NaiveDate) -> Result<Money, MissingSetting> {
        self.sum(setting::NOTICE_LEAST, day)
    }

    /// What reconnecting costs with VAT; none where it is free.
    pub fn reconnection_fee(&self, day: NaiveDate) -> Option<Money> {
        let versions = self.sums.get(setting::RECONNECTION_FEE)?;
        on(versions, setting::RECONNECTION_FEE, day).ok().map(|version| version.value)
    }

    /// Days in which a dispute is to be decided.
    pub fn dispute_days(&self, day: NaiveDate) -> Result<u32, MissingSetting> {
        self.number(setting::DISPUTE_DAYS, day)
    }

    /// Days from a death on which penalty rests.
    pub fn estate_rest_days(&self, day: NaiveDate) -> Result<u32, MissingSetting> {
        self.number(setting::ESTATE_REST_DAYS, day)
    }

    /// Years after which a debt can no longer be claimed.
    pub fn limitation_years(&self, day: NaiveDate) -> Result<u32, MissingSetting> {
        self.number(setting::LIMITATION_YEARS, day)
    }

    /// Whether no penalty accrues on what is being paid by instalments, as long as they are kept.
    pub fn plan_stops_penalty(&self, day: NaiveDate) -> Result<bool, MissingSetting> {
        on(&self.plan_stops_penalty, setting::PLAN_STOPS_PENALTY, day).map(|version| version.value)
    }

    /// Days after the day of a part of a plan before it is judged; none where nobody said so.
    pub fn plan_grace_days(&self, day: NaiveDate) -> u32 {
        self.number(setting::PLAN_GRACE_DAYS, day).unwrap_or(0)
    }

    /// What a certificate of no debt asks for.
    pub fn certificate_requires(&self, day: NaiveDate) -> Result<CertificateRequires, MissingSetting> {
        on(&self.certificate_requires, setting::CERTIFICATE_REQUIRES, day).map(|version| version.value)
    }

    /// Days of delay from which on a debt is proposed for a claim.
    pub fn claim_days(&self, day: NaiveDate) -> Result<u32, MissingSetting> {
        self.number(setting::CLAIM_DAYS, day)
    }

    /// The least debt that a court or a notary is asked about.
    pub fn claim_min_sum(&self, day: NaiveDate) -> Result<Money, MissingSetting> {
        self.sum(setting::CLAIM_MIN_SUM, day)
    }

    /// Whether no penalty accrues on what is claimed, from the day it is filed.
    pub fn claim_stops_penalty(&self, day: NaiveDate) -> Result<bool, MissingSetting> {
        on(&self.claim_stops_penalty, setting::CLAIM_STOPS_PENALTY, day).map(|version| version.value)
    }

    fn sum(&self, code: &'static str, day: NaiveDate) -> Result<Money, MissingSetting> {
        on(self.sums.get(code).map_or(&[][..], Vec::as_slice), code, day).map(|version| version.value)
    }

    fn number(&self, code: &'static str, day: NaiveDate) -> Result<u32, MissingSetting> {
        on(self.numbers.get(code).map_or(&[][..], Vec::as_slice), code, day).map(|version| version.value)
    }
}

/// Versions of a sector's own and those of everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Own<T> {
    own: Vec<Setting<T>>,
    common: Vec<Setting<T>>,
}

impl<T> Own<T> {
    fn on(&self, code: &'static str, day: NaiveDate) -> Result<&Setting<T>, MissingSetting> {
        on(&self.own, code, day).or_else(|_| on(&self.common, code, day))
    }
}

/// What penalty is reckoned by: all versions, each with the id that an explanation cites.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PenaltyTerms {
    base_rate: Vec<Setting<Decimal>>,
    multiplier: Own<Decimal>,
    year_days: Vec<Setting<u32>>,
    first_day: Vec<Setting<u32>>,
    grace_days: Own<u32>,
    ceiling: Own<Decimal>,
    since: Vec<Setting<NaiveDate>>,
}

/// The rate of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PenaltyRate {
    /// The version of the base rate.
    pub base_rate_id: SettingId,
    /// Percent a year.
    pub base_rate: Decimal,
    pub multiplier_id: SettingId,
    pub multiplier: Decimal,
    /// Days that the year counts as.
    pub year_days: u32,
}

impl PenaltyTerms {
    pub fn rate(&self, day: NaiveDate) -> Result<PenaltyRate, MissingSetting> {
        let base = on(&self.base_rate, setting::BASE_RATE, day)?;
        let multiplier = self.multiplier.on(setting::PENALTY_MULTIPLIER, day)?;
        Ok(PenaltyRate {
            base_rate_id: base.id,
            base_rate: base.value,
            multiplier_id: multiplier.id,
            multiplier: multiplier.value,
            year_days: on(&self.year_days, setting::PENALTY_YEAR_DAYS, day)?.value,
        })
    }

    /// The place after the due day that counts first: 1 is the day after.
    pub fn first_day(&self, due: NaiveDate) -> Result<u32, MissingSetting> {
        on(&self.first_day, setting::PENALTY_FIRST_DAY, due).map(|version| version.value)
    }

    /// What is paid within so many days after the due day has no penalty.
    pub fn grace_days(&self, due: NaiveDate) -> Result<u32, MissingSetting> {
        self.grace_days.on(setting::PENALTY_GRACE_DAYS, due).map(|version| version.value)
    }

    /// Percent of the debt that its penalty never exceeds; none without a ceiling.
    pub fn ceiling(&self, due: NaiveDate) -> Option<Decimal> {
        self.ceiling.on(setting::PENALTY_CEILING, due).ok().map(|version| version.value)
    }

    /// The first day on which this system reckons penalty at all: what was before came with the opening balances.
    pub fn since(&self, day: NaiveDate) -> Result<NaiveDate, MissingSetting> {
        on(&self.since, setting::PENALTY_SINCE, day).map(|version| version.value)
    }

    /// Days on which a rate begins or ends.
    pub fn turns(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        let decimals = self.base_rate.iter().chain(&self.multiplier.own).chain(&self.multiplier.common);
        let decimals = decimals.flat_map(|version| [Some(version.from), version.to]);
        let numbers = self.year_days.iter().flat_map(|version| [Some(version.from), version.to]);
        decimals.chain(numbers).flatten()
    }
}
