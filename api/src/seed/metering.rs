//! Meters of the demo city: models, stays at a point, verifications and a reading a month.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use domain::kernel::{Period, Volume};
use domain::meters::{difference, next_verification, register_capacity};
use domain::readings::{Channel, Reason, Verdict};
use entities::seed::{Model, Table};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::city::{BY, City, day};

/// Models of flats and houses come first, those of whole buildings last.
pub const MODELS: &[Model] = &[
    model("СХВ-15 / СГВ-15", "Бетар", 5, 15, 72, 48),
    model("ВК-15", "Декаст", 5, 15, 72, 72),
    model("WFK20 / WFW20", "Itelma", 5, 15, 72, 48),
    model("ETK / ETW 15", "Zenner", 5, 15, 72, 48),
    model("JS-02 Smart", "Apator Powogaz", 5, 15, 60, 48),
    model("Residia Jet 15", "Sensus", 5, 15, 72, 48),
    model("ВСКМ 90-50", "Декаст", 6, 50, 72, 48),
    model("MTK-40", "Zenner", 6, 40, 72, 48),
];
const BUILDING_MODELS: usize = 2;
/// The account of a house meter's readings: nobody's.
const HOUSE: i64 = 0;

const fn model(
    name: &'static str,
    manufacturer: &'static str,
    digits: i32,
    diameter: i32,
    cold_months: i32,
    hot_months: i32,
) -> Model {
    Model { name, manufacturer, digits, diameter, cold_months, hot_months }
}

/// A point with a meter and the people behind it.
#[derive(Clone, Copy)]
pub struct Metered {
    pub account: i64,
    pub point: i64,
    pub hot: bool,
    /// Used in a usual month.
    pub litres: i64,
    /// Watered from May to September.
    pub garden: bool,
    /// Readings that come, of a hundred due.
    pub discipline: u32,
    pub opened: NaiveDate,
    pub closed: Option<NaiveDate>,
}

/// A meter at its point.
#[derive(Clone, Copy)]
struct Standing {
    meter: i64,
    digits: u8,
    verified_until: NaiveDate,
}

/// The reading that the next one is held against.
#[derive(Clone, Copy)]
struct Last {
    id: i64,
    value: Volume,
}

/// A reading on its way into the table.
struct Came<'a> {
    period: Period,
    day: NaiveDate,
    value: Volume,
    channel: Channel,
    verdict: Verdict,
    reasons: &'a [&'a str],
    decided_by: Option<&'a str>,
    /// Begins or ends a meter's stay.
    act: Option<&'a str>,
}

impl City<'_> {
    /// The meter of a whole building: what the flats are billed and a little more, read by a device every month. One house in five leaks,
    /// one in five has a meter that shows too little.
    pub(super) fn building_meter(&mut self, rng: &mut ChaCha8Rng, house: i64, point: i64, litres: i64) {
        let at = MODELS.len() - 1 - rng.random_range(0..BUILDING_MODELS);
        let installed =
            (self.ground.first.first_day() - Days::new(rng.random_range(40..1_400))).max(day(2020, 1, 1));
        let standing = self.install(rng, point, false, at, installed, None);
        let usual = rng.random_range(101..=112);
        // A small demo shows what is shared out before it shows what waits.
        let small = self.progress.accounts[2] < 400;
        let percent = match house % 5 {
            0 if !small => usual + 60,
            1 if !small => usual - 22,
            _ => usual,
        };
        let m = Metered {
            account: HOUSE,
            point,
            hot: false,
            litres: litres * percent / 100,
            garden: false,
            discipline: 100,
            opened: installed,
            closed: None,
        };
        let mut last = None;
        let mut shown = rng.random_range(5_000..80_000) * 1_000;
        let mut period = self.ground.first.prev();
        while period <= self.ground.last {
            let day = period.first_day() + Days::new(23);
            let value = Volume::from_liters(shown);
            last = Some(self.reading(
                &m,
                standing,
                last,
                &Came::counted(period, day, value, Channel::Telemetry),
            ));
            shown += month_of_use(rng, &m, period.next());
            period = period.next();
        }
    }

    /// Everything that a measured point leaves behind: a meter, for a few a second one, and the readings of all months. The day on
    /// which its last verification ends.
    pub(super) fn metering(&mut self, rng: &mut ChaCha8Rng, m: &Metered) -> NaiveDate {
        let first = self.ground.first;
        let start = first.first_day();
        let fresh = m.closed.is_none() && rng.random_bool(0.03);
        let installed = match self.day_of_history(rng, m.opened) {
            Some(day) if fresh => day,
            _ if m.opened >= start => m.opened,
            _ => {
                let before = start - Days::new(rng.random_range(40..2_200));
                before.max(m.opened)
            }
        };
        let replaced = (m.closed.is_none() && installed < start && rng.random_bool(0.015))
            .then(|| self.day_of_history(rng, start))
            .flatten();

        let at = rng.random_range(0..MODELS.len() - BUILDING_MODELS);
        let mut standing = self.install(rng, m.point, m.hot, at, installed, replaced);
        let capacity = register_capacity(standing.digits).liters();
        let shown = match rng.random_range(0..1_000) {
            // So close to the register's end that it passes it within the year.
            0..2 => capacity - m.litres * 4,
            _ => rng.random_range(8..900) * 1_000 + rng.random_range(0..1_000),
        };
        let (mut last, mut shown) = if installed < start {
            let day = first.prev().first_day() + Days::new(rng.random_range(17..25));
            let came = Came::counted(first.prev(), day, Volume::from_liters(shown), Channel::Import);
            (self.reading(m, standing, None, &came), shown)
        } else {
            let shown = rng.random_range(0..900);
            let period = Period::of(installed);
            let came = Came::act(period, installed, Volume::from_liters(shown), "initial");
            (self.reading(m, standing, None, &came), shown)
        };

        let mut period = first.max(Period::of(installed));
        while period <= self.ground.last {
            let mut used = month_of_use(rng, m, period);
            let usual_day = period.first_day() + Days::new(rng.random_range(16..25));
            if let Some(day) = replaced.filter(|day| period.contains(*day)) {
                shown = (shown + used / 3) % capacity;
                let value = Volume::from_liters(shown);
                self.reading(m, standing, Some(last), &Came::act(period, day, value, "final"));
                standing = self.install(rng, m.point, m.hot, at, day, None);
                shown = rng.random_range(0..900);
                let value = Volume::from_liters(shown);
                last = self.reading(m, standing, None, &Came::act(period, day, value, "initial"));
                used = used * 2 / 3;
            }
            shown = (shown + used) % capacity;
            if let Some(day) = m.closed.filter(|day| period.contains(*day)) {
                let value = Volume::from_liters(shown);
                self.reading(m, standing, Some(last), &Came::counted(period, day, value, Channel::Inspector));
                return standing.verified_until;
            }
            if let Some(new) = self.usual_reading(rng, m, standing, last, period, usual_day, shown) {
                last = new;
            }
            period = period.next();
        }
        standing.verified_until
    }

    /// What came in a usual month: nothing, a reading that counts, or one that a person has to look at.
    #[allow(clippy::too_many_arguments)] // a month of a meter is that many things
    fn usual_reading(
        &mut self,
        rng: &mut ChaCha8Rng,
        m: &Metered,
        standing: Standing,
        last: Last,
        period: Period,
        day: NaiveDate,
        shown: i64,
    ) -> Option<Last> {
        let current = period == self.ground.last;
        let due = if current { m.discipline.min(98) * 9 / 10 } else { m.discipline };
        if rng.random_range(0..100) >= due {
            return None;
        }
        let channel = match rng.random_range(0..100) {
            0..45 => Channel::Portal,
            45..58 => Channel::Telegram,
            58..72 => Channel::Phone,
            72..82 => Channel::SharedBill,
            82..90 => Channel::Operator,
            90..96 => Channel::Inspector,
            _ => Channel::Telemetry,
        };
        let value = Volume::from_liters(shown);
        let doubtful = rng.random_bool(if current { 0.015 } else { 0.004 });
        if doubtful {
            let typed = shown + m.litres.max(2_000) * 9;
            if typed < register_capacity(standing.digits).liters() {
                let came = Came {
                    period,
                    day,
                    value: Volume::from_liters(typed),
                    channel,
                    verdict: if current { Verdict::Doubtful } else { Verdict::Rejected },
                    reasons: &[Reason::UnusualJump.code()],
                    decided_by: (!current).then_some(BY),
                    act: None,
                };
                self.reading(m, standing, Some(last), &came);
                return None;
            }
        }
        let expired = [Reason::VerificationExpired.code()];
        let came = Came {
            reasons: if day >= standing.verified_until { &expired } else { &[] },
            ..Came::counted(period, day, value, channel)
        };
        Some(self.reading(m, standing, Some(last), &came))
    }

    fn install(
        &mut self,
        rng: &mut ChaCha8Rng,
        point: i64,
        hot: bool,
        at: usize,
        installed: NaiveDate,
        removed: Option<NaiveDate>,
    ) -> Standing {
        let model = &MODELS[at];
        let (meter, stay) = (self.id(Table::Meter), self.id(Table::Installation));
        let row = self.sheets.row(Table::Meter).i64(meter).i64(self.ground.models[at]);
        row.text(&serial(meter)).bool(hot);
        let row = self.sheets.row(Table::Installation).i64(stay).i64(meter).i64(point);
        row.daterange(installed, removed).text(BY).text(&format!("{:07}", stay % 10_000_000));

        // The interval counts from the passport's date. Most owners verify in time, some never again.
        let months = if hot { model.hot_months } else { model.cold_months };
        let mut verified_on = installed - Days::new(rng.random_range(20..160));
        loop {
            let until = next_verification(verified_on, u32::try_from(months).unwrap_or(0));
            let id = self.id(Table::Verification);
            let row = self.sheets.row(Table::Verification).i64(id).i64(meter);
            row.date(verified_on).date(until).text(BY);
            let today = self.ground.last.first_day() + Months::new(1);
            if until > today || rng.random_bool(0.12) {
                let digits = u8::try_from(model.digits).unwrap_or(5);
                return Standing { meter, digits, verified_until: until };
            }
            verified_on = until - Days::new(rng.random_range(1..40));
        }
    }

    fn reading(&mut self, m: &Metered, standing: Standing, last: Option<Last>, came: &Came<'_>) -> Last {
        let id = self.id(Table::Reading);
        let used = last.map(|last| difference(last.value, came.value, standing.digits).liters());
        let received_at = received(came.day, id).min(self.ground.now);
        let rolled_over = last.is_some_and(|last| came.value < last.value);
        let row = self.sheets.row(Table::Reading).i64(id).date(came.period.first_day()).i64(m.account);
        row.i64(m.point).i64(standing.meter).date(came.day).i64(came.value.liters());
        row.text(came.channel.code()).text(came.verdict.code()).text_array(came.reasons);
        row.i64_or_null(used).bool(rolled_over).i64_or_null(last.map(|last| last.id));
        row.timestamp(received_at).text(BY).text_or_null(came.decided_by).text_or_null(came.act);
        Last { id, value: came.value }
    }
}

impl<'a> Came<'a> {
    /// The reading that an inspector takes when a meter is put up or taken off.
    fn act(period: Period, day: NaiveDate, value: Volume, act: &'a str) -> Self {
        Self { act: Some(act), ..Self::counted(period, day, value, Channel::Inspector) }
    }

    fn counted(period: Period, day: NaiveDate, value: Volume, channel: Channel) -> Self {
        Self {
            period,
            day,
            value,
            channel,
            verdict: Verdict::Accepted,
            reasons: &[],
            decided_by: None,
            act: None,
        }
    }
}

/// Litres of one month: more in summer, much more with a garden, little while everybody is away.
fn month_of_use(rng: &mut ChaCha8Rng, m: &Metered, period: Period) -> i64 {
    let season = match (period.month(), m.garden) {
        (5..=9, true) => 160,
        (6..=8, false) => 110,
        (12 | 1 | 2, _) => 94,
        _ => 100,
    };
    let mood = if rng.random_bool(0.03) { rng.random_range(0..20) } else { rng.random_range(80..=120) };
    m.litres * season * mood / 10_000
}

/// Factory numbers that look like ones and never repeat: an odd step walks through all eight-digit numbers.
fn serial(meter: i64) -> String {
    format!("{:08}", meter * 61_803_399 % 100_000_000)
}

/// In the daytime of its day, every minute of it.
fn received(day: NaiveDate, id: i64) -> DateTime<Utc> {
    let minute = u32::try_from(id % 840).unwrap_or(0);
    day.and_hms_opt(3 + minute / 60, minute % 60, 0).expect("a time of the day").and_utc()
}
