//! The verdict on one reading.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::{Judgement, MeterCase, ReadingCase, Reason, Verdict};
use crate::kernel::*;
use crate::ledger::PeriodStatus;
use crate::meters;
use crate::tariffs::{MethodBook, MissingSetting};

/// Last days on which readings count for a month of a sector, where they were moved in the calendar of closing.
pub type MovedCutOffs = HashMap<(Sector, Period), NaiveDate>;

/// The month that a reading of a day counts for: its own up to the cut-off day, the next one after it. A day that was moved for the
/// month counts before the usual one; beyond the end of the month it takes in the whole month, and nothing of the next. A meter that
/// nobody pays for is a house's: it goes with the flats.
pub fn counts_for(
    day: NaiveDate,
    sector: Option<Sector>,
    methods: &MethodBook,
    moved: &MovedCutOffs,
) -> Result<Period, MissingSetting> {
    let (own, sector) = (Period::of(day), sector.unwrap_or(Sector::Multi));
    let late = match moved.get(&(sector, own)) {
        Some(last) => day > *last,
        None => day.day() > methods.cut_off_day(sector, day)?.value,
    };
    Ok(if late { own.next() } else { own })
}

/// Judges a reading against the meter, the readings before it and the usual consumption.
pub fn judge(case: &ReadingCase, methods: &MethodBook) -> Result<Judgement, MissingSetting> {
    let Some(meter) = &case.meter else { return Ok(refused(Verdict::Rejected, Reason::NoMeter)) };
    if let Some((verdict, reason)) = case.refusal(meter) {
        return Ok(refused(verdict, reason));
    }

    let most = methods.max_monthly(meter.place, meter.sector, meter.diameter_mm, case.day)?;
    let Some(prev) = case.prev else {
        return Ok(case.accepted(case.remarks(None), None, false));
    };
    // Nobody's own reading can be argued down below what an inspector or a device saw in the same month.
    let better = case.standing.filter(|s| s.channel.precedence() > case.channel.precedence());
    let floor = better.map_or(prev, |standing| standing.reading);
    let months = months_between(prev.day, case.day);
    let limit = Volume::from_liters(most.liters() * months);
    if case.value < floor.value && meters::difference(floor.value, case.value, meter.digits) > limit {
        return Ok(refused(Verdict::Rejected, Reason::Backwards));
    }

    let used = meters::difference(prev.value, case.value, meter.digits);
    let rolled_over = case.value < prev.value;
    let mut doubts = Vec::new();
    if case.day >= meter.verified_until {
        doubts.push(Reason::VerificationExpired);
    }
    if used > limit {
        doubts.push(Reason::AboveCapacity);
    } else if let Some((average, factor)) = case.average.zip(methods.jump_factor(case.day)) {
        let usual = average.to_decimal() * Decimal::from(months);
        if average > Volume::ZERO && used.to_decimal() > usual * factor.value {
            doubts.push(Reason::UnusualJump);
        }
    }
    if doubts.is_empty() {
        return Ok(case.accepted(case.remarks(Some(used)), Some(used), rolled_over));
    }
    doubts.extend(case.remarks(Some(used)));
    Ok(Judgement {
        verdict: Verdict::Doubtful,
        reasons: doubts,
        consumption: Some(used),
        rolled_over,
        supersedes: None,
    })
}

impl ReadingCase {
    /// What makes a reading useless whatever it shows.
    fn refusal(&self, meter: &MeterCase) -> Option<(Verdict, Reason)> {
        let same =
            |reading: crate::consumption::ReadingRef| (reading.day, reading.value) == (self.day, self.value);
        let rejected = |reason| Some((Verdict::Rejected, reason));
        if self.value < Volume::ZERO {
            return rejected(Reason::Backwards);
        }
        if self.value >= meters::register_capacity(meter.digits) {
            return rejected(Reason::TooManyDigits);
        }
        if self.day > self.received_on {
            return rejected(Reason::FutureDay);
        }
        if self.day < meter.installed_on {
            return rejected(Reason::BeforeInstallation);
        }
        if self.prev.is_some_and(same) || self.standing.is_some_and(|standing| same(standing.reading)) {
            return rejected(Reason::Duplicate);
        }
        if self.period_status == PeriodStatus::Closed {
            return rejected(Reason::PeriodClosed);
        }
        if self.prev.is_some_and(|prev| self.day < prev.day) {
            return rejected(Reason::OutOfOrder);
        }
        let standing = self.standing?;
        if self.day < standing.reading.day {
            return Some((Verdict::Superseded, Reason::OutOfOrder));
        }
        let weaker = self.channel.precedence() < standing.channel.precedence();
        (self.day == standing.reading.day && weaker).then_some((Verdict::Superseded, Reason::BetterSource))
    }

    /// What the sender should know though the verdict does not depend on it.
    fn remarks(&self, used: Option<Volume>) -> Vec<Reason> {
        let mut remarks = Vec::new();
        if Period::of(self.day) < self.period {
            remarks.push(Reason::AfterCutOff);
        }
        if used == Some(Volume::ZERO) && self.average.is_some_and(|average| average > Volume::ZERO) {
            remarks.push(Reason::ZeroUse);
        }
        remarks
    }

    fn accepted(&self, reasons: Vec<Reason>, consumption: Option<Volume>, rolled_over: bool) -> Judgement {
        let supersedes = self.standing.map(|standing| standing.reading.id);
        Judgement { verdict: Verdict::Accepted, reasons, consumption, rolled_over, supersedes }
    }
}

fn refused(verdict: Verdict, reason: Reason) -> Judgement {
    Judgement { verdict, reasons: vec![reason], consumption: None, rolled_over: false, supersedes: None }
}

/// Months that a monthly limit is allowed for: a beginning month counts as a whole one.
fn months_between(from: NaiveDate, to: NaiveDate) -> i64 {
    ((to - from).num_days() + 30).div_euclid(31).max(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::consumption::ReadingRef;
    use crate::kernel::table::{Row, for_each_row};
    use crate::meters::MeterPlace;
    use crate::readings::{Channel, Standing};
    use crate::tariffs::almaty::almaty;

    /// Readings like "2026-02-25=100.000", with ids of their own.
    fn reading(id: i64, text: &str) -> ReadingRef {
        let (day, value) = text.split_once('=').expect("a reading is day=m3");
        ReadingRef { id: ReadingId(id), day: day.parse().unwrap(), value: value.parse().unwrap() }
    }

    fn case(row: &Row<'_>) -> ReadingCase {
        let given = |column| Some(row.text(column)).filter(|text| *text != "-");
        let now = reading(3, row.text("reading"));
        ReadingCase {
            meter: row.maybe("digits").map(|digits| MeterCase {
                digits,
                place: MeterPlace::Unit,
                sector: Some(Sector::Multi),
                diameter_mm: 15,
                installed_on: row.get("installed"),
                verified_until: row.get("expiry"),
            }),
            day: now.day,
            value: now.value,
            channel: Channel::from_code(row.text("channel")).unwrap(),
            received_on: "2026-03-26".parse().unwrap(),
            period: counts_for(now.day, Some(Sector::Multi), &almaty().methods, &MovedCutOffs::new())
                .unwrap(),
            period_status: if now.day.month() < 3 { PeriodStatus::Closed } else { PeriodStatus::Open },
            prev: given("prev").map(|text| reading(1, text)),
            standing: given("standing").map(|text| {
                let (text, channel) = text.split_once('/').expect("a standing reading is day=m3/channel");
                Standing { reading: reading(2, text), channel: Channel::from_code(channel).unwrap() }
            }),
            average: row.maybe("average"),
        }
    }

    #[test]
    fn verdicts() {
        let book = almaty();
        for_each_row(include_str!("vectors/verdicts.txt"), |row| {
            let got = judge(&case(row), &book.methods).unwrap();
            let reasons: Vec<&str> = got.reasons.iter().map(|reason| reason.code()).collect();
            let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
            row.expect("verdict", got.verdict);
            row.expect("reasons", or_dash(reasons.join(",")));
            row.expect("used", got.consumption.map_or("-".to_owned(), |used| used.to_string()));
            row.expect("rolled", if got.rolled_over { "yes" } else { "no" });
            row.expect("replaces", got.supersedes.map_or("-", |_| "standing"));
        });
    }

    #[test]
    fn a_sector_has_its_own_day_and_a_month_may_have_another() {
        let mut methods = almaty().methods;
        let own = crate::tariffs::setting::CUT_OFF_DAY_LEGAL;
        methods.insert(own, SettingId(900), "2024-01-01".parse().unwrap(), None, "28").unwrap();
        let moved: MovedCutOffs = [
            ((Sector::Multi, "2026-03".parse().unwrap()), "2026-03-27".parse().unwrap()),
            ((Sector::Private, "2026-04".parse().unwrap()), "2026-05-02".parse().unwrap()),
        ]
        .into();
        for (day, sector, counts) in [
            ("2026-03-27", Some(Sector::Multi), "2026-03"),
            ("2026-03-28", Some(Sector::Multi), "2026-04"),
            // The meter of the house goes with its flats.
            ("2026-03-27", None, "2026-03"),
            ("2026-03-26", Some(Sector::Private), "2026-04"),
            ("2026-03-28", Some(Sector::Legal), "2026-03"),
            ("2026-03-29", Some(Sector::Legal), "2026-04"),
            // Only March was moved for flats.
            ("2026-04-26", Some(Sector::Multi), "2026-05"),
            // Beyond the end of the month: all of it, and nothing of the next.
            ("2026-04-30", Some(Sector::Private), "2026-04"),
            ("2026-05-01", Some(Sector::Private), "2026-05"),
        ] {
            let got = counts_for(day.parse().unwrap(), sector, &methods, &moved).unwrap();
            assert_eq!(got.to_string(), counts, "{day} {sector:?}");
        }
    }

    #[test]
    fn limits_of_a_month() {
        let book = almaty();
        for_each_row(include_str!("vectors/limits.txt"), |row| {
            let used: Volume = row.get("used");
            let case = ReadingCase {
                meter: Some(MeterCase {
                    digits: 9,
                    place: MeterPlace::from_code(row.text("place")).unwrap(),
                    sector: row.maybe::<String>("sector").and_then(|code| Sector::from_code(&code)),
                    diameter_mm: row.get("mm"),
                    installed_on: "2020-01-01".parse().unwrap(),
                    verified_until: "2030-01-01".parse().unwrap(),
                }),
                day: "2026-03-25".parse().unwrap(),
                value: used,
                channel: Channel::Operator,
                received_on: "2026-03-26".parse().unwrap(),
                period: "2026-03".parse().unwrap(),
                period_status: PeriodStatus::Open,
                prev: Some(reading(1, "2026-02-25=0")),
                standing: None,
                average: None,
            };
            row.expect("verdict", judge(&case, &book.methods).unwrap().verdict);
        });
    }

    proptest! {
        /// What counts is never negative, never beyond the register, and never against the order of days.
        #[test]
        fn an_accepted_reading_is_sound(
            prev in 0..100_000_000_i64, value in -5_i64..100_100_000, days in -5..200_i64, average in 0..50_000_i64,
        ) {
            let book = almaty();
            let day: NaiveDate = "2026-03-20".parse().unwrap();
            let case = ReadingCase {
                meter: Some(MeterCase {
                    digits: 5,
                    place: MeterPlace::Unit,
                    sector: Some(Sector::Private),
                    diameter_mm: 15,
                    installed_on: "2020-01-01".parse().unwrap(),
                    verified_until: "2030-01-01".parse().unwrap(),
                }),
                day,
                value: Volume::from_liters(value),
                channel: Channel::Portal,
                received_on: day,
                period: Period::of(day),
                period_status: PeriodStatus::Open,
                prev: Some(ReadingRef {
                    id: ReadingId(1), day: day - chrono::TimeDelta::days(days), value: Volume::from_liters(prev),
                }),
                standing: None,
                average: Some(Volume::from_liters(average)),
            };
            let got = judge(&case, &book.methods).unwrap();
            if got.verdict == Verdict::Accepted {
                let used = got.consumption.unwrap();
                prop_assert!(days >= 0 && used >= Volume::ZERO && used.liters() <= 100_000 * (days / 31 + 1));
                prop_assert_eq!(got.rolled_over, value < prev);
                prop_assert_eq!((prev + used.liters()) % 100_000_000, value);
            }
        }
    }
}
