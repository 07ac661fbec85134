//! Penalty of one item: what stood overdue on each day, at that day's rate. One rounding per item and month.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::kernel::*;
use crate::tariffs::{MissingSetting, PenaltyRate, PenaltyTerms};

/// What lessened an item on a day, by the payer's date; negative gives it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub day: NaiveDate,
    pub amount: Money,
}

/// Days `from <= day < to`; open to the right without `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
}

impl Span {
    fn covers(&self, day: NaiveDate) -> bool {
        covers(self.from, self.to, day)
    }
}

/// A part of an item that rests: disputed, or paid by instalments that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parked {
    pub span: Span,
    pub amount: Money,
}

/// An item with everything that happened to it, in any order. The caller leaves out what bears no penalty: penalty, costs, one-off
/// charges, advances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueItem {
    pub amount: Money,
    pub due: NaiveDate,
    /// No penalty before this day: a written-off debt that came back, one taken over from another account.
    pub not_before: Option<NaiveDate>,
    pub moves: Vec<Move>,
    pub parked: Vec<Parked>,
    /// Moratoria over the whole item.
    pub suspended: Vec<Span>,
}

/// Days with one sum at one rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PenaltySlice {
    pub from: NaiveDate,
    /// First day after.
    pub to: NaiveDate,
    pub days: u32,
    /// What stood overdue on these days and did not rest.
    pub overdue: Money,
    pub rate: PenaltyRate,
}

impl PenaltySlice {
    /// Overdue × base rate × multiplier × days, before it is divided by the year: exact.
    pub fn product(&self) -> Decimal {
        self.overdue.to_decimal() * self.rate.base_rate * self.rate.multiplier * Decimal::from(self.days)
            / Decimal::ONE_HUNDRED
    }

    /// In tenge, not rounded.
    pub fn exact(&self) -> Decimal {
        self.product() / Decimal::from(self.rate.year_days)
    }
}

/// Penalty of an item for the days of one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PenaltyMonth {
    pub month: Period,
    pub slices: Vec<PenaltySlice>,
    pub amount: Money,
    /// The ceiling cut it.
    pub capped: bool,
}

/// Penalty of an item from its first day of delay up to `until`, the first day that is not reckoned. Months without penalty are
/// left out. The payer's own day no longer counts.
pub fn penalty(
    item: &OverdueItem,
    terms: &PenaltyTerms,
    until: NaiveDate,
) -> Result<Vec<PenaltyMonth>, MissingSetting> {
    let due = item.due;
    if due >= until {
        return Ok(Vec::new());
    }
    // Terms that an old debt fell due before are those of the first day that this system reckons.
    let since = terms.since(until)?;
    let dated = due.max(since);
    let first = due + Days::new(terms.first_day(dated)?.into());
    let first = first.max(since).max(item.not_before.unwrap_or(first));
    let grace_end = due + Days::new(terms.grace_days(dated)?.into());
    if first >= until {
        return Ok(Vec::new());
    }

    let mut turns: BTreeSet<NaiveDate> = [first, until, grace_end + Days::new(1)].into();
    turns.extend(item.moves.iter().map(|moved| moved.day));
    let spans = item.parked.iter().map(|parked| parked.span).chain(item.suspended.iter().copied());
    turns.extend(spans.flat_map(|span| [Some(span.from), span.to]).flatten());
    turns.extend(terms.turns());
    let mut month = Period::of(first).next();
    while month.first_day() < until {
        turns.insert(month.first_day());
        month = month.next();
    }
    let days: Vec<NaiveDate> = turns.range(first..=until).copied().collect();

    let balance = |day: NaiveDate| {
        let moved: Money = item.moves.iter().filter(|moved| moved.day <= day).map(|moved| moved.amount).sum();
        (item.amount - moved).max(Money::ZERO)
    };
    let after_grace = balance(grace_end);
    let mut debt = Money::ZERO;
    let mut months: Vec<PenaltyMonth> = Vec::new();
    for pair in days.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        debt = debt.max(balance(from));
        if item.suspended.iter().any(|span| span.covers(from)) {
            continue;
        }
        let rests: Money =
            item.parked.iter().filter(|part| part.span.covers(from)).map(|part| part.amount).sum();
        let owed = if from <= grace_end { balance(from).min(after_grace) } else { balance(from) };
        let overdue = owed - rests;
        if !overdue.is_positive() {
            continue;
        }
        let days = u32::try_from((to - from).num_days()).unwrap_or(0);
        let slice = PenaltySlice { from, to, days, overdue, rate: terms.rate(from)? };
        let month = Period::of(from);
        match months.last_mut().filter(|last| last.month == month) {
            Some(last) => push(&mut last.slices, slice),
            None => {
                months.push(PenaltyMonth { month, slices: vec![slice], amount: Money::ZERO, capped: false })
            }
        }
    }

    let ceiling = terms
        .ceiling(dated)
        .map(|percent| Money::rounded(debt.to_decimal() * percent / Decimal::ONE_HUNDRED, Rounding::Down));
    let mut sum = Money::ZERO;
    for month in &mut months {
        let exact: Decimal = month.slices.iter().map(PenaltySlice::exact).sum();
        let full = Money::rounded(exact, Rounding::HalfUp);
        month.amount = ceiling.map_or(full, |ceiling| full.min((ceiling - sum).max(Money::ZERO)));
        month.capped = month.amount < full;
        sum += month.amount;
    }
    Ok(months)
}

/// Neighbouring days of one sum and rate are one slice, whatever parted them.
fn push(slices: &mut Vec<PenaltySlice>, slice: PenaltySlice) {
    match slices.last_mut() {
        Some(last) if last.to == slice.from && last.overdue == slice.overdue && last.rate == slice.rate => {
            last.to = slice.to;
            last.days += slice.days;
        }
        _ => slices.push(slice),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::table::for_each_row;
    use crate::tariffs::{MethodBook, setting};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// 18 % a year and half as much again, as in the demo; rates like "18,2026-02-01:20".
    fn terms(rates: &str, ceiling: Option<&str>, grace: &str) -> PenaltyTerms {
        let mut book = MethodBook::default();
        let start = day("2024-09-01");
        let mut put = |code, id, from, to, value: &str| {
            book.insert(code, SettingId(id), from, to, value).unwrap();
        };
        let versions: Vec<(NaiveDate, &str)> = rates
            .split(',')
            .map(|one| one.split_once('=').map_or((start, one), |(from, rate)| (day(from), rate)))
            .collect();
        for (at, (from, rate)) in versions.iter().enumerate() {
            put(setting::BASE_RATE, at as i64 + 1, *from, versions.get(at + 1).map(|next| next.0), rate);
        }
        put(setting::PENALTY_MULTIPLIER, 10, start, None, "1.5");
        put(setting::PENALTY_YEAR_DAYS, 11, start, None, "365");
        put(setting::PENALTY_FIRST_DAY, 12, start, None, "1");
        put(setting::PENALTY_GRACE_DAYS, 13, start, None, grace);
        put(setting::PENALTY_SINCE, 14, start, None, "2024-09-01");
        if let Some(ceiling) = ceiling {
            put(setting::PENALTY_CEILING, 15, start, None, ceiling);
        }
        book.debt.penalty_terms(Sector::Multi)
    }

    fn spans(text: &str) -> Vec<Span> {
        let span = |text: &str| {
            let (from, to) = text.split_once("..").unwrap();
            Span { from: day(from), to: (!to.is_empty()).then(|| day(to)) }
        };
        text.split(',').filter(|part| *part != "-").map(span).collect()
    }

    /// "2026-02-10:500.00,…"
    fn moves(text: &str) -> Vec<Move> {
        let one = |text: &str| {
            let (on, sum) = text.split_once(':').unwrap();
            Move { day: day(on), amount: sum.parse().unwrap() }
        };
        text.split(',').filter(|part| *part != "-").map(one).collect()
    }

    #[test]
    fn the_table_of_penalty() {
        for_each_row(include_str!("vectors/penalty.txt"), |row| {
            let parked = |text: &str| {
                let one = |text: &str| {
                    let (sum, span) = text.split_once('@').unwrap();
                    Parked { span: spans(span)[0], amount: sum.parse().unwrap() }
                };
                text.split(',').filter(|part| *part != "-").map(one).collect::<Vec<_>>()
            };
            let item = OverdueItem {
                amount: row.get("debt"),
                due: row.get("due"),
                not_before: None,
                moves: moves(row.text("paid")),
                parked: parked(row.text("disputed")),
                suspended: spans(row.text("moratorium")),
            };
            let terms =
                terms(row.text("base_rate"), row.maybe::<String>("ceiling").as_deref(), row.text("grace"));
            let months = penalty(&item, &terms, row.get("until")).unwrap();
            let said: Vec<String> =
                months.iter().map(|month| format!("{}={}", month.month, month.amount)).collect();
            let said = if said.is_empty() { "-".to_owned() } else { said.join(",") };
            row.expect("penalty", said);
        });
    }

    #[test]
    fn an_explanation_names_days_sums_and_versions() {
        let item = OverdueItem {
            amount: "1000.00".parse().unwrap(),
            due: day("2026-01-25"),
            not_before: None,
            moves: moves("2026-01-29:400.00"),
            parked: vec![],
            suspended: vec![],
        };
        let months = penalty(&item, &terms("18,2026-01-30=20", None, "0"), day("2026-02-01")).unwrap();
        let said: Vec<_> = months[0]
            .slices
            .iter()
            .map(|s| format!("{} {}d {} #{}", s.from, s.days, s.overdue, s.rate.base_rate_id))
            .collect();
        assert_eq!(said, ["2026-01-26 3d 1000.00 #1", "2026-01-29 1d 600.00 #1", "2026-01-30 2d 600.00 #2"]);
        let again = serde_json::to_string(&months).unwrap();
        assert_eq!(
            serde_json::from_str::<Vec<PenaltyMonth>>(&again).unwrap(),
            months,
            "it can be read again"
        );
    }

    #[test]
    fn a_debt_that_came_back_has_no_penalty_of_the_time_it_was_given_up() {
        let mut item = OverdueItem {
            amount: "25000.00".parse().unwrap(),
            due: day("2025-11-25"),
            not_before: Some(day("2026-03-20")),
            moves: vec![],
            parked: vec![],
            suspended: vec![],
        };
        let months = penalty(&item, &terms("18", None, "0"), day("2026-03-30")).unwrap();
        assert_eq!(months.len(), 1);
        assert_eq!(months[0].slices[0].from, day("2026-03-20"));
        item.not_before = None;
        assert_eq!(penalty(&item, &terms("18", None, "0"), day("2026-03-30")).unwrap().len(), 5);
    }

    #[test]
    fn a_missing_rate_is_said_and_not_guessed() {
        let item = OverdueItem {
            amount: "1.00".parse().unwrap(),
            due: day("2026-01-25"),
            not_before: None,
            moves: vec![],
            parked: vec![],
            suspended: vec![],
        };
        let missing = penalty(&item, &PenaltyTerms::default(), day("2026-02-01")).unwrap_err();
        assert_eq!(missing.code, setting::PENALTY_SINCE);
    }

    fn some_item() -> impl Strategy<Value = OverdueItem> {
        let on = |shift: u64| day("2025-12-20") + Days::new(shift);
        let moved = (0u64..200, 1i64..300_000)
            .prop_map(move |(shift, sum)| Move { day: on(shift), amount: Money::from_tiyn(sum) });
        let parked = (0u64..150, 1u64..60, 1i64..500_000).prop_map(move |(shift, length, sum)| Parked {
            span: Span { from: on(shift), to: Some(on(shift + length)) },
            amount: Money::from_tiyn(sum),
        });
        let suspended = (0u64..150, 1u64..40)
            .prop_map(move |(shift, length)| Span { from: on(shift), to: Some(on(shift + length)) });
        (
            1i64..2_000_000,
            0u64..60,
            prop::collection::vec(moved, 0..4),
            prop::collection::vec(parked, 0..2),
            prop::collection::vec(suspended, 0..2),
        )
            .prop_map(move |(sum, due, moves, parked, suspended)| OverdueItem {
                amount: Money::from_tiyn(sum),
                due: on(due),
                not_before: None,
                moves,
                parked,
                suspended,
            })
    }

    fn products(months: &[PenaltyMonth], from: NaiveDate, to: NaiveDate) -> Decimal {
        // A slice cut at a day is its part of the days.
        let part = |slice: &PenaltySlice| {
            let days = (slice.to.min(to) - slice.from.max(from)).num_days().max(0);
            slice.product() / Decimal::from(slice.days) * Decimal::from(days)
        };
        months.iter().flat_map(|month| &month.slices).map(part).sum()
    }

    proptest! {
        #[test]
        fn days_may_be_split_anywhere(item in some_item(), cut in 1u64..220) {
            let (terms, end) = (terms("18,2026-02-11=16.5", None, "0"), day("2026-08-01"));
            let cut = day("2025-12-20") + Days::new(cut);
            let ever = day("2000-01-01");
            let whole = penalty(&item, &terms, end).unwrap();
            let first = penalty(&item, &terms, cut).unwrap();
            prop_assert_eq!(products(&whole, ever, cut).round_dp(12), products(&first, ever, cut).round_dp(12));
            let both = products(&whole, ever, cut) + products(&whole, cut, end);
            prop_assert_eq!(both.round_dp(12), products(&whole, ever, end).round_dp(12));
        }

        #[test]
        fn nothing_accrues_while_all_of_it_is_disputed(mut item in some_item()) {
            item.parked = vec![Parked { span: Span { from: day("2025-01-01"), to: None }, amount: item.amount }];
            prop_assert!(penalty(&item, &terms("18", None, "0"), day("2027-01-01")).unwrap().is_empty());
        }

        #[test]
        fn it_never_grows_above_the_debt(item in some_item(), rate in 1u32..900) {
            let terms = terms(&rate.to_string(), Some("100"), "0");
            let months = penalty(&item, &terms, day("2028-01-01")).unwrap();
            let sum: Money = months.iter().map(|month| month.amount).sum();
            prop_assert!(sum <= item.amount, "{sum} of {}", item.amount);
        }

        #[test]
        fn what_is_paid_in_time_has_none(mut item in some_item()) {
            item.moves = vec![Move { day: item.due, amount: item.amount }];
            prop_assert!(penalty(&item, &terms("18", None, "0"), day("2027-01-01")).unwrap().is_empty());
        }

        #[test]
        fn a_payment_and_its_reversal_leave_no_trace(mut item in some_item(), shift in 0u64..200, sum in 1i64..300_000) {
            let terms = terms("18", Some("100"), "0");
            let without = penalty(&item, &terms, day("2026-08-01")).unwrap();
            let on = day("2025-12-20") + Days::new(shift);
            item.moves.push(Move { day: on, amount: Money::from_tiyn(sum) });
            item.moves.push(Move { day: on, amount: -Money::from_tiyn(sum) });
            let with = penalty(&item, &terms, day("2026-08-01")).unwrap();
            let sums = |months: &[PenaltyMonth]| months.iter().map(|m| (m.month, m.amount)).collect::<Vec<_>>();
            prop_assert_eq!(sums(&without), sums(&with));
        }
    }
}
