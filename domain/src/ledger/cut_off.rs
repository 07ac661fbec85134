//! The calendar of closing a month: by when readings are in, the run is made and issued, the month softly and finally closed.

use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};

use crate::kernel::*;

codes! {
    /// A step of closing a month, in their order (шаг закрытия).
    CutOffStep {
        /// Readings are in (показания собраны).
        ReadingsIn = "readings_in",
        /// The run is made (расчёт выполнен).
        Run = "run",
        /// Bills are issued (счета выставлены).
        Issue = "issue",
        /// Soft close: accountants only (предварительное закрытие).
        SoftClose = "soft_close",
        /// Closed for ever (закрытие).
        HardClose = "hard_close",
    }
}

codes! {
    /// Where a step of closing stands (состояние шага).
    CutOffState {
        /// Done (сделано).
        Done = "done",
        /// Its day has passed and it is not done (просрочено).
        Late = "late",
        /// Due today or within three days (срок близок).
        Due = "due",
        /// Later (впереди).
        Ahead = "ahead",
    }
}

/// A step counts as near so many days before.
const NEAR: u64 = 3;

/// On which day of the month, or of the one after it, a step is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    day: u32,
    next: bool,
}

/// The usual days of a month: `readings_in=25,run=26,issue=28,soft_close=+3,hard_close=+5`; `+` is a day of the month after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CutOffs([Day; CutOffStep::ALL.len()]);

impl FromStr for CutOffs {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut days = [None; CutOffStep::ALL.len()];
        for part in text.split(',') {
            let (step, day) = part.trim().split_once('=').ok_or(())?;
            let at = CutOffStep::ALL.iter().position(|one| one.code() == step.trim()).ok_or(())?;
            let (day, next) = day.trim().strip_prefix('+').map_or((day.trim(), false), |day| (day, true));
            let day = day.parse().ok().filter(|day| (1..=31).contains(day)).ok_or(())?;
            if days[at].replace(Day { day, next }).is_some() {
                return Err(());
            }
        }
        let mut all = [Day { day: 1, next: false }; CutOffStep::ALL.len()];
        for (place, day) in all.iter_mut().zip(days) {
            *place = day.ok_or(())?;
        }
        let order = |day: &Day| (day.next, day.day);
        if all.windows(2).all(|two| order(&two[0]) <= order(&two[1])) { Ok(Self(all)) } else { Err(()) }
    }
}

impl CutOffs {
    /// The day of a step of a month; what people do falls on a working day. Readings come from programs too: their day stays.
    pub fn due_on(&self, step: CutOffStep, month: Period, workdays: &Workdays) -> NaiveDate {
        let at = CutOffStep::ALL.iter().position(|one| *one == step).unwrap_or_default();
        let Day { day, next } = self.0[at];
        let month = if next { month.next() } else { month };
        let day = month.first_day().with_day(day).unwrap_or_else(|| month.last_day());
        if step == CutOffStep::ReadingsIn { day } else { workdays.on_or_after(day) }
    }
}

/// Where a step stands on a day.
pub fn cut_off_state(due_on: NaiveDate, done: bool, today: NaiveDate) -> CutOffState {
    if done {
        CutOffState::Done
    } else if due_on < today {
        CutOffState::Late
    } else if due_on <= today + Days::new(NEAR) {
        CutOffState::Due
    } else {
        CutOffState::Ahead
    }
}

/// Whether the days of a month stand in the order of their steps.
pub fn in_order(days: &[NaiveDate]) -> bool {
    days.windows(2).all(|two| two[0] <= two[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn days_of_months() {
        for_each_row(include_str!("vectors/cut_offs.txt"), |row| {
            let days: CutOffs = row.text("calendar").parse().unwrap();
            let month: Period = row.get("month");
            let off = row.text("off").split(',').filter(|day| *day != "-");
            let known: Workdays = off.map(|day| (day.parse().unwrap(), CalendarDayKind::Holiday)).collect();
            let due = CutOffStep::ALL
                .iter()
                .map(|step| days.due_on(*step, month, &known).format("%d.%m").to_string());
            row.expect("due", due.collect::<Vec<_>>().join(","));
        });
    }

    #[test]
    fn a_calendar_names_every_step_once_and_in_order() {
        let whole = "readings_in=25,run=26,issue=28,soft_close=+3,hard_close=+5";
        assert!(whole.parse::<CutOffs>().is_ok());
        for wrong in [
            "",
            "readings_in=25",
            "readings_in=25,run=26,issue=28,soft_close=+3,hard_close=+32",
            "readings_in=25,run=24,issue=28,soft_close=+3,hard_close=+5",
            "readings_in=25,run=26,run=26,issue=28,soft_close=+3,hard_close=+5",
            "readings_in=25,run=26,issue=28,soft_close=+3,hard_close=5",
        ] {
            assert!(wrong.parse::<CutOffs>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn late_is_what_is_not_done_after_its_day() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let state = |done, today| cut_off_state(day("2026-03-26"), done, day(today));
        assert_eq!(state(false, "2026-03-22"), CutOffState::Ahead);
        assert_eq!(state(false, "2026-03-23"), CutOffState::Due);
        assert_eq!(state(false, "2026-03-26"), CutOffState::Due);
        assert_eq!(state(false, "2026-03-27"), CutOffState::Late);
        assert_eq!(state(true, "2026-03-27"), CutOffState::Done);
        assert!(in_order(&[day("2026-03-25"), day("2026-03-25"), day("2026-03-28")]));
        assert!(!in_order(&[day("2026-03-25"), day("2026-03-24")]));
    }
}
