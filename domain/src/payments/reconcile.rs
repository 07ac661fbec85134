//! Three ways to tell what an agent took on a day: our journal, his registry, the bank's statement less what he keeps.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use rust_decimal::Decimal;

use super::{Totals, day, sum};
use crate::kernel::*;

codes! {
    /// How a row of a registry stands to our journal (сверка строки).
    MatchState {
        /// Not compared yet (не сверена).
        Pending = "pending",
        /// Account, sum and number are the same (совпала).
        Matched = "matched",
        /// The agent has it, we do not (нет у нас).
        MissingOurs = "missing_ours",
        /// We have it, the agent does not (нет у агента).
        MissingTheirs = "missing_theirs",
        /// Another sum (расходится сумма).
        DiffSum = "diff_sum",
        /// Another account (расходится счёт).
        DiffAccount = "diff_account",
        /// The number stands in an earlier registry, or earlier in this one (повтор).
        Duplicate = "duplicate",
        /// We took it back, the agent has it still (сторнирован у нас).
        Reversed = "reversed",
    }
}

impl MatchState {
    /// Whether a person has to say what becomes of it.
    pub const fn needs_decision(self) -> bool {
        matches!(
            self,
            Self::MissingOurs | Self::MissingTheirs | Self::DiffSum | Self::DiffAccount | Self::Reversed
        )
    }
}

codes! {
    /// What a person did about a row (решение по строке).
    RowDecision {
        /// Recorded with the agent's number (проведена).
        Posted = "posted",
        /// Put to the money whose account is not known (отнесена к невыясненным).
        Suspended = "suspended",
        /// Looked into: it stays as it is, with a word why (разобрана).
        Explained = "explained",
    }
}

impl RowDecision {
    /// Whether rows that stand so can be decided on so.
    pub const fn fits(self, row: MatchState) -> bool {
        match self {
            Self::Explained => row.needs_decision(),
            Self::Posted | Self::Suspended => matches!(row, MatchState::MissingOurs),
        }
    }

    /// The same of lines of a statement.
    pub const fn fits_line(self, line: LineState) -> bool {
        match self {
            Self::Explained => !matches!(line, LineState::Duplicate),
            Self::Posted => matches!(line, LineState::Payment | LineState::Remittance | LineState::Refund),
            Self::Suspended => {
                matches!(line, LineState::Payment | LineState::Unknown | LineState::Ambiguous)
            }
        }
    }
}

codes! {
    /// Where a registry stands (состояние реестра).
    RegistryState {
        /// Its rows are being compared (сверяется).
        Matching = "matching",
        /// Every row has its state (сверен).
        Matched = "matched",
        /// A later file of the day took its place (заменён).
        Superseded = "superseded",
        /// The comparison broke off (ошибка).
        Failed = "failed",
    }
}

codes! {
    /// What becomes of a day when one more file of it comes (следующий файл дня).
    SerialRule {
        /// Its rows come beside those of the files before (дополняет).
        Adds = "adds",
        /// It takes the place of the files before (заменяет).
        Replaces = "replaces",
    }
}

codes! {
    /// Where a day of a channel stands (состояние дня).
    DayState {
        /// The file is not due yet (ожидается).
        Expected = "expected",
        /// No file by the hour (реестр не пришёл).
        NoFile = "no_file",
        /// Rows wait for a decision (есть расхождения).
        Differs = "differs",
        /// Journal and registry agree; the bank has not paid yet (ждёт банка).
        Agreed = "agreed",
        /// The bank paid another sum (сумма банка расходится).
        BankDiffers = "bank_differs",
        /// All three agree (сверен).
        Settled = "settled",
    }
}

codes! {
    /// Where a statement stands (состояние выписки).
    StatementState {
        /// Its lines are being looked at (сверяется).
        Matching = "matching",
        /// Every line has its state (сверена).
        Matched = "matched",
        /// The comparison broke off (ошибка).
        Failed = "failed",
    }
}

codes! {
    /// What a line of a statement is (строка выписки).
    LineState {
        /// Not looked at yet (не разобрана).
        Pending = "pending",
        /// An agent hands on what he took on a day (перечисление агента).
        Remittance = "remittance",
        /// A payment of one account (платёж абонента).
        Payment = "payment",
        /// Nothing says whose it is (не выяснена).
        Unknown = "unknown",
        /// Several accounts fit (подходят несколько счетов).
        Ambiguous = "ambiguous",
        /// A refund that was waiting to be paid (возврат).
        Refund = "refund",
        /// Other money out: not of this system (прочее списание).
        Out = "out",
        /// It stands in an earlier statement (повтор).
        Duplicate = "duplicate",
    }
}

impl LineState {
    /// Whether a person has to say what becomes of it.
    pub const fn needs_decision(self) -> bool {
        matches!(self, Self::Remittance | Self::Payment | Self::Unknown | Self::Ambiguous | Self::Refund)
    }
}

/// A channel's terms of reconciliation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// By this hour in Almaty of the day after the file is here.
    pub due_at: NaiveTime,
    /// So long after that the agent must have been told of differences.
    pub contact_hours: u32,
    /// What the agent keeps, in hundredths of a percent; where his file says so of each row, that counts.
    pub fee_points: u32,
}

impl Terms {
    /// When the file of a business day is due.
    pub fn due(&self, business: NaiveDate) -> NaiveDateTime {
        business.checked_add_days(Days::new(1)).unwrap_or(business).and_time(self.due_at)
    }

    /// Until when the agent must have been told.
    pub fn contact_by(&self, business: NaiveDate) -> NaiveDateTime {
        self.due(business) + TimeDelta::hours(i64::from(self.contact_hours))
    }

    /// What the agent keeps of a sum, rounded once.
    pub fn fee(&self, sum: Money) -> Money {
        let share = Decimal::new(i64::from(self.fee_points), 4);
        Money::rounded(sum.to_decimal() * share, Rounding::HalfUp)
    }
}

/// A day of a channel, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    /// Our journal.
    pub ours: Totals,
    /// The registries that count.
    pub theirs: Totals,
    pub files: u64,
    /// Rows that wait for a decision.
    pub undecided: u64,
    /// What the agent keeps by his file.
    pub said_fee: Money,
    /// What the bank was paid for the day.
    pub bank: Money,
    pub bank_lines: u64,
}

impl Day {
    /// What the agent keeps: by his file, else by the terms.
    pub fn fee(&self, terms: &Terms) -> Money {
        if self.said_fee.is_zero() { terms.fee(self.theirs.sum) } else { self.said_fee }
    }

    /// What the bank should have been paid and was not; negative where it was paid too much.
    pub fn bank_difference(&self, terms: &Terms) -> Money {
        self.theirs.sum - self.fee(terms) - self.bank
    }

    pub fn state(&self, terms: &Terms, business: NaiveDate, now: NaiveDateTime) -> DayState {
        if self.files == 0 {
            // A day without payments has a file too, with a total of nothing.
            return if now >= terms.due(business) { DayState::NoFile } else { DayState::Expected };
        }
        if self.undecided > 0 {
            return DayState::Differs;
        }
        if self.bank_lines == 0 && !self.theirs.sum.is_zero() {
            return DayState::Agreed;
        }
        if self.bank_difference(terms).is_zero() { DayState::Settled } else { DayState::BankDiffers }
    }
}

/// What an agent writes of the payments he hands on: `Принятые платежи за 25.03.2026 ком. 54.56 … Общая сумма платежей 6820.40`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remittance {
    pub business: NaiveDate,
    pub fee: Option<Money>,
    pub gross: Option<Money>,
}

/// None where no day is named.
pub fn remittance(purpose: &str) -> Option<Remittance> {
    let words: Vec<&str> = purpose.split_whitespace().collect();
    let plain = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let days = words.iter().enumerate().filter_map(|(at, word)| {
        let on = day(word.trim_matches(|c: char| !c.is_ascii_digit()))?;
        Some((at > 0 && plain(words[at - 1]) == "за", on))
    });
    // The day after «за» before any other.
    let business = days.fold(None, |found: Option<(bool, NaiveDate)>, next| match found {
        Some(found) if found.0 || !next.0 => Some(found),
        _ => Some(next),
    })?;
    let after = |begins: &[&str]| {
        words.iter().enumerate().find_map(|(at, word)| {
            let word = plain(word);
            if !begins.iter().any(|begin| word.starts_with(begin)) {
                return None;
            }
            // A sum follows at once, or after a word or two.
            words[at + 1..]
                .iter()
                .take(3)
                .find_map(|word| sum(word.trim_matches(|c: char| !c.is_ascii_digit())))
        })
    };
    Some(Remittance {
        business: business.1, fee: after(&["ком"]), gross: after(&["сумма", "жалпы"])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn tenge(text: &str) -> Money {
        Money::tenge(text).unwrap()
    }

    const TERMS: Terms =
        Terms { due_at: NaiveTime::from_hms_opt(10, 0, 0).unwrap(), contact_hours: 2, fee_points: 80 };

    fn totals(count: u64, sum: &str) -> Totals {
        Totals { count, sum: tenge(sum) }
    }

    /// Acceptance cases 65 and 66.
    #[test]
    fn a_day_goes_from_expected_to_settled() {
        let business = on("2026-03-25");
        let state = |day: Day, now: &str| day.state(&TERMS, business, at(now));
        let taken = Day { ours: totals(3, "6820.40"), ..Day::default() };
        assert_eq!(state(taken, "2026-03-26T09:59:59"), DayState::Expected);
        assert_eq!(state(taken, "2026-03-26T10:00:00"), DayState::NoFile);
        assert_eq!(state(Day::default(), "2026-03-26T10:00:00"), DayState::NoFile);
        assert_eq!(TERMS.contact_by(business), at("2026-03-26T12:00:00"));

        let came = Day { theirs: totals(3, "6820.40"), files: 1, ..taken };
        let later = "2026-03-26T11:00:00";
        assert_eq!(state(Day { undecided: 1, ..came }, later), DayState::Differs);
        assert_eq!(state(came, later), DayState::Agreed);
        // 0.8 % of 6820.40 is 54.5632.
        assert_eq!(came.fee(&TERMS), tenge("54.56"));
        let paid = Day { bank: tenge("6765.84"), bank_lines: 1, ..came };
        assert_eq!(state(paid, later), DayState::Settled);
        assert_eq!(paid.bank_difference(&TERMS), Money::ZERO);
        let less = Day { bank: tenge("6765.83"), ..paid };
        assert_eq!(state(less, later), DayState::BankDiffers);
        assert_eq!(less.bank_difference(&TERMS), tenge("0.01"));
        assert_eq!(Day { said_fee: tenge("54.57"), ..less }.bank_difference(&TERMS), Money::ZERO);
        let nothing = Day { files: 1, ..Day::default() };
        assert_eq!(state(nothing, later), DayState::Settled, "an agent who took nothing owes nothing");
    }

    #[test]
    fn a_purpose_names_the_day_what_was_kept_and_the_whole() {
        let said = |text: &str| {
            remittance(text).map(|found| {
                let money = |sum: Option<Money>| sum.map_or("-".to_owned(), |sum| sum.to_string());
                format!("{} {} {}", found.business, money(found.fee), money(found.gross))
            })
        };
        for (text, expected) in [
            (
                "Принятые платежи за 29.12.2023 ком. 74.30 тг. (7820.00 - 0.00 ) Общая сумма платежей 7820.00",
                Some("2023-12-29 74.30 7820.00"),
            ),
            ("Договор от 01.02.2020, платежи за 25.03.2026, комиссия: 12,50", Some("2026-03-25 12.50 -")),
            ("Перечисление 2026-03-25", Some("2026-03-25 - -")),
            ("Оплата за воду", None),
            ("", None),
        ] {
            assert_eq!(said(text).as_deref(), expected, "{text}");
        }
    }
}
