//! What files of agents and banks say, before anybody believes it: a file whose own totals differ is refused as a whole.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use sha2::{Digest, Sha256};

use crate::kernel::*;

codes! {
    /// Why a registry or a statement was not taken at all (почему файл не принят).
    FileErrorCode {
        /// Nothing is in it.
        Empty = "FILE_EMPTY",
        /// It is not what its channel sends.
        Unreadable = "FILE_UNREADABLE",
        /// A line has more or fewer fields than the layout.
        Fields = "FILE_FIELDS",
        /// Not a day or a time.
        BadDate = "FILE_BAD_DATE",
        /// Not a sum of tenge greater than zero.
        BadSum = "FILE_BAD_SUM",
        /// No transaction number, or one of other letters than a number has.
        BadNumber = "FILE_BAD_NUMBER",
        /// Not a service of the price list.
        BadService = "FILE_BAD_SERVICE",
        /// Other money than tenge.
        Currency = "FILE_CURRENCY",
        /// The closing line is missing.
        NoTotals = "FILE_NO_TOTALS",
        /// Count or sum of the lines differs from the closing line.
        TotalsDiffer = "FILE_TOTALS_DIFFER",
        /// Something stands after the closing line.
        AfterTotals = "FILE_AFTER_TOTALS",
        /// Opening balance and turnover do not make the closing balance.
        BalanceDiffers = "FILE_BALANCE_DIFFERS",
        /// More lines than a file may have.
        TooLong = "FILE_TOO_LONG",
    }
}

/// A file that is not taken: why, on which line, and what stood there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} at {line:?}: {detail}")]
pub struct WrongFile {
    pub code: FileErrorCode,
    pub line: Option<u32>,
    pub detail: String,
}

impl WrongFile {
    pub fn new(code: FileErrorCode) -> Self {
        Self { code, line: None, detail: String::new() }
    }

    /// `what` is cut to a length that a message can show.
    pub fn at(code: FileErrorCode, line: u32, what: &str) -> Self {
        Self { code, line: Some(line), detail: what.chars().take(80).collect() }
    }

    fn differ(code: FileErrorCode, said: impl std::fmt::Display, found: impl std::fmt::Display) -> Self {
        Self { code, line: None, detail: format!("{said} ≠ {found}") }
    }
}

/// Count and sum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    pub count: u64,
    pub sum: Money,
}

impl std::fmt::Display for Totals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} / {}", self.count, self.sum)
    }
}

/// A payment as the agent's daily registry states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryRow {
    /// Line of the file.
    pub line: u32,
    /// The agent's number of the payment; with the channel its key.
    pub external_id: String,
    /// The account as the payer typed it.
    pub account: String,
    /// What is credited.
    pub amount: Money,
    /// What the agent keeps of it for himself, where the file says so.
    pub commission: Money,
    /// By the agent's own clock.
    pub paid_at: NaiveDateTime,
    /// What it is for, where the file says so.
    pub service: Option<Service>,
}

/// An agent's daily registry (реестр агента).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    pub rows: Vec<RegistryRow>,
    /// The closing line.
    pub said: Option<Totals>,
}

impl Registry {
    pub fn totals(&self) -> Totals {
        Totals { count: self.rows.len() as u64, sum: self.rows.iter().map(|row| row.amount).sum() }
    }

    /// The closing line must agree with the lines; where the channel promises one, it must be there.
    pub fn check(&self, needs_totals: bool) -> Result<Totals, WrongFile> {
        let found = self.totals();
        match self.said {
            Some(said) if said != found => Err(WrongFile::differ(FileErrorCode::TotalsDiffer, said, found)),
            None if needs_totals => Err(WrongFile::new(FileErrorCode::NoTotals)),
            _ => Ok(found),
        }
    }
}

/// Who stands on the other side of a line of a statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counterparty {
    pub name: String,
    /// ИИН or БИН, where there is one.
    pub identification: Option<String>,
    /// ИИК.
    pub iban: Option<String>,
}

/// A movement on a bank account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// The day on which the bank booked it.
    pub day: NaiveDate,
    /// Money in is positive.
    pub amount: Money,
    /// The bank's own reference; empty where it has none.
    pub reference: String,
    /// Number of the payment order.
    pub document: String,
    pub counterparty: Counterparty,
    /// What the payer wrote (назначение платежа).
    pub purpose: String,
    /// КНП, where there is one.
    pub purpose_code: Option<String>,
}

codes! {
    /// In what a bank writes a statement (формат выписки).
    StatementFormat {
        /// MT940 of SWIFT.
        Mt940 = "mt940",
        /// camt.053 of ISO 20022.
        Camt = "camt",
        /// What banks exchange with 1C (текст 1С).
        OneC = "one_c",
    }
}

/// The statements that one of some days stands among, by what they open and close with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// What those of the last day before close with: parts of that day, or the same in several formats.
    pub before: Vec<Money>,
    /// Those that share a day with it: what they open and close with.
    pub beside: Vec<(Money, Money)>,
    /// What those of the next day after open with.
    pub after: Vec<Money>,
}

/// Two statements of an account between which some are missing: what the earlier one closed with, what the later one opened with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub closing: Money,
    pub opening: Money,
}

/// A bank account's movements over some days (выписка).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub format: StatementFormat,
    /// ИИК of the utility.
    pub account: String,
    pub from: NaiveDate,
    /// The last day of it.
    pub to: NaiveDate,
    pub opening: Money,
    pub closing: Money,
    pub lines: Vec<StatementLine>,
    /// Turnover as the file sums it up: money in, money out.
    pub said: Option<(Money, Money)>,
}

impl Statement {
    /// Money in and money out, both as positive sums.
    pub fn turnover(&self) -> (Money, Money) {
        let side = |positive| {
            let of = self.lines.iter().map(|line| line.amount).filter(|sum| sum.is_positive() == positive);
            of.map(Money::abs).sum()
        };
        (side(true), side(false))
    }

    /// Opening + in − out = closing, and the turnover that the file names is that of its lines.
    pub fn check(&self) -> Result<(), WrongFile> {
        let (came, went) = self.turnover();
        if let Some((said_in, said_out)) = self.said
            && (said_in, said_out) != (came, went)
        {
            let pair = |one: Money, two: Money| format!("+{one} −{two}");
            return Err(WrongFile::differ(
                FileErrorCode::TotalsDiffer,
                pair(said_in, said_out),
                pair(came, went),
            ));
        }
        let closing = self.opening + came - went;
        if closing != self.closing {
            return Err(WrongFile::differ(FileErrorCode::BalanceDiffers, self.closing, closing));
        }
        Ok(())
    }

    /// Opens with what the one before closed with, and closes with what the next opens with, however many days lie between: on a day
    /// without a statement nothing moves. A part of a day may go on from another part of it.
    pub fn follows(&self, among: &Neighbours) -> Result<(), Gap> {
        let goes_on = |(_, closing): &(Money, Money)| *closing == self.opening;
        if let Some(&closing) = among.before.last()
            && !among.before.contains(&self.opening)
            && !among.beside.iter().any(goes_on)
        {
            return Err(Gap { closing, opening: self.opening });
        }
        let is_gone_on_from = |(opening, _): &(Money, Money)| *opening == self.closing;
        match among.after.last() {
            Some(&opening)
                if !among.after.contains(&self.closing) && !among.beside.iter().any(is_gone_on_from) =>
            {
                Err(Gap { closing: self.closing, opening })
            }
            _ => Ok(()),
        }
    }

    /// A key for each line, the same in every file of a format that carries the line again: the bank's reference where it gives
    /// one, else what the line says. Of equal lines of a day each has its number. Another format gives another key: whoever
    /// looks for repetitions in another format asks for day, sum and document.
    pub fn keys(&self) -> Vec<String> {
        let mut seen: HashMap<String, u32> = HashMap::new();
        let key = |line: &StatementLine| {
            let said = if line.reference.is_empty() {
                let other = &line.counterparty;
                let iban = other.iban.as_deref().unwrap_or_default();
                format!("{}|{}|{}", line.document, iban, line.purpose)
            } else {
                line.reference.clone()
            };
            let all = format!("{}|{}|{}|{said}", self.account, line.day, line.amount);
            let hash = Sha256::digest(all.as_bytes());
            let short: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
            let again = seen.entry(short.clone()).or_default();
            *again += 1;
            if *again == 1 { short } else { format!("{short}-{again}") }
        };
        self.lines.iter().map(key).collect()
    }
}

/// A sum as files write it: `1250.45`, `1 250,45`, `160000`; no more than two decimals.
pub fn sum(text: &str) -> Option<Money> {
    let plain: String = text
        .trim()
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    // Nothing but digits and one dot: no exponent, no sign, none of the other spellings that a decimal may have.
    let digits = |part: &str, most: usize| {
        !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let fits = match plain.split_once('.') {
        Some((whole, decimals)) => digits(whole, 13) && (decimals.is_empty() || digits(decimals, 2)),
        None => digits(&plain, 13),
    };
    Money::tenge(plain.trim_end_matches('.')).ok().filter(|_| fits)
}

/// A day as files write it: `25.03.2026`, `2026-03-25`, `25/03/2026`, `20260325`.
pub fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let form = match text.len() {
        8 => "%Y%m%d",
        10 if text.as_bytes()[4] == b'-' => "%Y-%m-%d",
        10 if text.as_bytes()[2] == b'/' => "%d/%m/%Y",
        10 => "%d.%m.%Y",
        _ => return None,
    };
    // So long the year has four digits and nothing is signed.
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'/'));
    NaiveDate::parse_from_str(text, form).ok().filter(|_| plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tenge(text: &str) -> Money {
        Money::tenge(text).unwrap()
    }

    #[test]
    fn sums_and_days_of_files() {
        for (text, said) in [
            ("1250.45", "1250.45"),
            ("1 250,45", "1250.45"),
            (" 160000 ", "160000.00"),
            ("7745.7", "7745.70"),
        ] {
            assert_eq!(sum(text), Some(tenge(said)), "{text}");
        }
        for wrong in ["", "-1", "+1", "1e3", "1.001", "1,2,3", "NaN", ".5", "12345678901234", "1.2.3"] {
            assert_eq!(sum(wrong), None, "{wrong}");
        }
        let march = NaiveDate::from_ymd_opt(2026, 3, 25);
        for text in ["25.03.2026", "2026-03-25", "25/03/2026", "20260325"] {
            assert_eq!(day(text), march, "{text}");
        }
        for wrong in ["", "30.02.2026", "25.03.26", "2026-3-25", "+2026325", "сегодня", "25.13.2026"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    fn row(amount: i64) -> RegistryRow {
        RegistryRow {
            line: 1,
            external_id: "1".into(),
            account: "1".into(),
            amount: Money::from_tiyn(amount),
            commission: Money::ZERO,
            paid_at: NaiveDateTime::default(),
            service: None,
        }
    }

    #[test]
    fn a_closing_line_agrees_or_the_file_is_refused() {
        let registry = |said| Registry { rows: vec![row(100), row(250)], said };
        let said = Totals { count: 2, sum: Money::from_tiyn(350) };
        assert_eq!(registry(Some(said)).check(true), Ok(said));
        let code = |registry: Registry, needs| registry.check(needs).unwrap_err().code;
        for wrong in [Totals { count: 1, ..said }, Totals { sum: Money::from_tiyn(351), ..said }] {
            assert_eq!(code(registry(Some(wrong)), false), FileErrorCode::TotalsDiffer);
        }
        assert_eq!(code(registry(None), true), FileErrorCode::NoTotals);
        assert_eq!(registry(None).check(false), Ok(said));
    }

    fn line(amount: &str, reference: &str) -> StatementLine {
        StatementLine {
            day: NaiveDate::from_ymd_opt(2026, 3, 25).unwrap(),
            amount: tenge(amount),
            reference: reference.into(),
            document: "7".into(),
            counterparty: Counterparty::default(),
            purpose: "вода".into(),
            purpose_code: None,
        }
    }

    fn statement(lines: Vec<StatementLine>, closing: &str) -> Statement {
        let day = NaiveDate::from_ymd_opt(2026, 3, 25).unwrap();
        let (opening, closing) = (tenge("100.00"), tenge(closing));
        let format = StatementFormat::Mt940;
        Statement { format, account: "KZ".into(), from: day, to: day, opening, closing, lines, said: None }
    }

    #[test]
    fn a_statement_adds_up_or_is_refused() {
        let lines = vec![line("50.00", "a"), line("-20.00", "b")];
        let mut right = statement(lines.clone(), "130.00");
        assert_eq!(right.check(), Ok(()));
        right.said = Some((tenge("50.00"), tenge("20.00")));
        assert_eq!(right.check(), Ok(()));
        right.said = Some((tenge("51.00"), tenge("21.00")));
        assert_eq!(right.check().unwrap_err().code, FileErrorCode::TotalsDiffer);
        assert_eq!(statement(lines, "130.01").check().unwrap_err().code, FileErrorCode::BalanceDiffers);
    }

    #[test]
    fn a_statement_stands_where_the_ones_around_it_end_and_begin() {
        let one = statement(Vec::new(), "130.00");
        let sums = |sums: &[&str]| sums.iter().map(|sum| tenge(sum)).collect::<Vec<_>>();
        let follows = |before: &[&str], beside: &[(&str, &str)], after: &[&str]| {
            let beside = beside.iter().map(|(opening, closing)| (tenge(opening), tenge(closing))).collect();
            one.follows(&Neighbours { before: sums(before), beside, after: sums(after) })
        };
        let gap =
            |closing: &str, opening: &str| Err(Gap { closing: tenge(closing), opening: tenge(opening) });
        assert_eq!(follows(&[], &[], &[]), Ok(()));
        assert_eq!(follows(&["70.00", "100.00"], &[], &["130.00"]), Ok(()));
        assert_eq!(follows(&["99.00"], &[], &[]), gap("99.00", "100.00"));
        assert_eq!(follows(&["100.00"], &[], &["131.00"]), gap("130.00", "131.00"));
        // The day came in three parts, this one is the second.
        assert_eq!(follows(&["70.00"], &[("70.00", "100.00"), ("130.00", "200.00")], &["200.00"]), Ok(()));
        assert_eq!(follows(&["70.00"], &[("130.00", "200.00")], &["200.00"]), gap("70.00", "100.00"));
    }

    #[test]
    fn a_line_has_the_same_key_in_every_file_of_a_format() {
        let keys = |lines| statement(lines, "0.00").keys();
        let day = keys(vec![line("50.00", "a"), line("50.00", ""), line("50.00", ""), line("60.00", "a")]);
        let alone = keys(vec![line("50.00", "a")]);
        assert_eq!(day[0], alone[0]);
        let apart: std::collections::BTreeSet<_> = day.iter().collect();
        assert_eq!(apart.len(), 4, "{day:?}");
        assert_eq!(day[2], format!("{}-2", day[1]));
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_a_panic(text in "\\PC{0,24}") {
            if let Some(sum) = sum(&text) {
                prop_assert!(!sum.is_negative());
            }
            let _ = day(&text);
        }
    }
}
