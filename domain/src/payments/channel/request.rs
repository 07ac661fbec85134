//! What a channel says, read strictly: a text that could mean two things means nothing.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime};

use super::{AccountForm, ChannelCommand, ChannelOutcome, Dialect, Spelling};
use crate::kernel::Money;

/// Parameters in the order they came in, of the query and of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairs(Vec<(String, String)>);

/// A parameter that came twice: nobody can say which one is meant.
struct Twice;

impl Pairs {
    /// Decodes `application/x-www-form-urlencoded` texts; broken UTF-8 becomes U+FFFD, which no field allows.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let pairs = parts.into_iter().flat_map(|part| form_urlencoded::parse(part).into_owned());
        Self(pairs.collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What is signed: the parameters but the signature itself, sorted, as `name=value` joined by `&`, decoded.
    pub fn signed(&self) -> String {
        let mut pairs: Vec<String> = self
            .iter()
            .filter(|(name, _)| *name != "sign")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.sort_unstable();
        pairs.join("&")
    }

    /// The signature that came with it, unless it came twice.
    pub fn signature(&self) -> Option<&str> {
        self.lone("sign")
    }

    /// The value of a name; an empty one is as good as none.
    fn get(&self, name: &str) -> Result<Option<&str>, Twice> {
        let mut found = self.iter().filter(|(known, _)| *known == name).map(|(_, value)| value);
        let first = found.next();
        match found.next() {
            Some(_) => Err(Twice),
            None => Ok(first.filter(|value| !value.is_empty())),
        }
    }

    /// The same where a repetition is as good as nothing.
    fn lone(&self, name: &str) -> Option<&str> {
        self.get(name).ok().flatten()
    }
}

/// When the payer paid, as the channel says it: most dialects name no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dated {
    Missing,
    /// Not a moment of any calendar.
    Wrong,
    Local(NaiveDateTime),
    Zoned(DateTime<FixedOffset>),
}

/// A payment as it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pay {
    /// The channel's own number of it.
    pub number: String,
    pub account: String,
    /// Greater than zero.
    pub amount: Money,
    pub dated: Dated,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    Check {
        account: String,
    },
    Pay(Pay),
    Status {
        number: String,
    },
    /// `operation` is our number, where the channel names it as well.
    Cancel {
        number: String,
        operation: Option<i64>,
    },
    SelfCheck,
}

/// A request, understood or not: what an answer and the log need of it is there in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub command: Option<ChannelCommand>,
    /// The channel's number of the payment, where it is one: goes back in the answer.
    pub number: Option<String>,
    /// The account as it was written, at most 64 characters.
    pub account: Option<String>,
    /// The sum as it was written, at most 64 characters.
    pub amount: Option<String>,
    /// How the answer was asked to be spelled.
    pub spelling: Option<Spelling>,
    pub act: Result<Act, ChannelOutcome>,
}

/// The names of one dialect.
struct Names {
    command: &'static str,
    number: &'static str,
    account: &'static str,
    amount: &'static str,
    date: &'static str,
    commands: &'static [(&'static str, ChannelCommand)],
}

const OSMP: Names = Names {
    command: "command",
    number: "txn_id",
    account: "account",
    amount: "sum",
    date: "txn_date",
    commands: &[
        ("check", ChannelCommand::Check),
        ("getInfo", ChannelCommand::Check),
        ("pay", ChannelCommand::Pay),
    ],
};

const UNIFIED: Names = Names {
    commands: &[
        ("check", ChannelCommand::Check),
        ("pay", ChannelCommand::Pay),
        ("status", ChannelCommand::Status),
        ("cancel", ChannelCommand::Cancel),
        ("selfcheck", ChannelCommand::SelfCheck),
    ],
    ..OSMP
};

const KASPI: Names =
    Names { commands: &[("check", ChannelCommand::Check), ("pay", ChannelCommand::Pay)], ..OSMP };

const KASSA24: Names = Names {
    command: "action",
    number: "receipt",
    account: "number",
    amount: "amount",
    date: "date",
    commands: &[
        ("check", ChannelCommand::Check),
        ("payment", ChannelCommand::Pay),
        ("status", ChannelCommand::Status),
        ("cancel", ChannelCommand::Cancel),
        ("selfcheck", ChannelCommand::SelfCheck),
    ],
};

const fn names(dialect: Dialect) -> &'static Names {
    match dialect {
        Dialect::Unified => &UNIFIED,
        Dialect::Osmp => &OSMP,
        Dialect::Kaspi => &KASPI,
        Dialect::Kassa24 => &KASSA24,
    }
}

impl Dialect {
    /// What it can ask for.
    pub fn commands(self) -> Vec<ChannelCommand> {
        names(self).commands.iter().map(|(_, command)| *command).collect()
    }
}

impl Asked {
    pub fn is_self_check(&self) -> bool {
        self.act == Ok(Act::SelfCheck)
    }
}

/// Reads a request. Parameters that a dialect does not know are passed over.
pub fn read(dialect: Dialect, form: AccountForm, pairs: &Pairs) -> Asked {
    let names = names(dialect);
    let command = pairs
        .lone(names.command)
        .and_then(|said| names.commands.iter().find(|(word, _)| *word == said).map(|(_, command)| *command));
    let short = |name| pairs.lone(name).map(|text| text.chars().take(64).collect());
    Asked {
        command,
        number: pairs.lone(names.number).filter(|text| is_number(text)).map(str::to_owned),
        account: short(names.account),
        amount: short(names.amount),
        spelling: match dialect {
            Dialect::Unified => pairs.lone("format").and_then(Spelling::from_code),
            _ => None,
        },
        act: match command {
            Some(command) => act(command, dialect, names, form, pairs),
            None => Err(ChannelOutcome::CommandUnknown),
        },
    }
}

fn act(
    command: ChannelCommand,
    dialect: Dialect,
    names: &Names,
    form: AccountForm,
    pairs: &Pairs,
) -> Result<Act, ChannelOutcome> {
    let number = || match pairs.get(names.number) {
        Ok(Some(text)) if is_number(text) && text != "0" => Ok(text.to_owned()),
        _ => Err(ChannelOutcome::NumberWrong),
    };
    let account = || {
        let said = pairs.get(names.account).ok().flatten().map(|text| text.trim_matches(' '));
        said.filter(|text| form.fits(text)).map(str::to_owned).ok_or(ChannelOutcome::AccountWrong)
    };
    Ok(match command {
        // The sum and the number of a check are fictitious.
        ChannelCommand::Check => Act::Check { account: account()? },
        ChannelCommand::Pay => {
            let (number, account) = (number()?, account()?);
            let amount = match pairs.get(names.amount) {
                Ok(Some(text)) => amount(text)?,
                _ => return Err(ChannelOutcome::SumWrong),
            };
            match pairs.get("ccy") {
                Ok(None | Some("KZT" | "kzt" | "398")) => {}
                _ => return Err(ChannelOutcome::ParameterWrong),
            }
            let dated = match pairs.get(names.date) {
                Ok(None) => Dated::Missing,
                Err(Twice) => Dated::Wrong,
                Ok(Some(text)) => match dialect {
                    Dialect::Kassa24 => iso(text),
                    Dialect::Unified | Dialect::Osmp | Dialect::Kaspi => digits(text),
                },
            };
            Act::Pay(Pay { number, account, amount, dated })
        }
        ChannelCommand::Status => Act::Status { number: number()? },
        ChannelCommand::Cancel => {
            let operation = match pairs.get("prv_txn") {
                Ok(None) => None,
                Ok(Some(text)) => Some(text.parse().map_err(|_| ChannelOutcome::PaymentUnknown)?),
                Err(Twice) => return Err(ChannelOutcome::ParameterWrong),
            };
            Act::Cancel { number: number()?, operation }
        }
        ChannelCommand::SelfCheck => Act::SelfCheck,
    })
}

/// 1 to 64 Latin letters, digits and hyphens. Never a number to us: `007` is not `7`, and 24 digits are many.
fn is_number(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl AccountForm {
    /// Whether a text may be a number of an account at all.
    pub fn fits(self, text: &str) -> bool {
        match self {
            Self::Digits => (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()),
            Self::Word => {
                (1..=40).contains(&text.chars().count())
                    && text.chars().all(|c| c.is_alphanumeric() || "-./_#".contains(c))
            }
        }
    }
}

/// Whole tenge, or with one or two decimals after a dot: `100`, `100.5`, `100.50`. Nothing else is a sum.
fn amount(text: &str) -> Result<Money, ChannelOutcome> {
    let (whole, part) = match text.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (text, None),
    };
    let only_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !only_digits(whole) || part.is_some_and(|part| part.len() > 2 || !only_digits(part)) {
        return Err(ChannelOutcome::SumWrong);
    }
    // More digits than any sum of money in the country has.
    if whole.trim_start_matches('0').len() > 13 {
        return Err(ChannelOutcome::SumTooLarge);
    }
    let amount = Money::tenge(text).map_err(|_| ChannelOutcome::SumWrong)?;
    if amount.is_zero() { Err(ChannelOutcome::SumTooSmall) } else { Ok(amount) }
}

/// `YYYYMMDDHHMMSS`.
fn digits(text: &str) -> Dated {
    let at = |from: usize, to: usize| text[from..to].parse::<u32>().ok();
    let read = || {
        let day = NaiveDate::from_ymd_opt(i32::try_from(at(0, 4)?).ok()?, at(4, 6)?, at(6, 8)?)?;
        day.and_hms_opt(at(8, 10)?, at(10, 12)?, at(12, 14)?)
    };
    let written = text.len() == 14 && text.bytes().all(|b| b.is_ascii_digit());
    written.then(read).flatten().map_or(Dated::Wrong, Dated::Local)
}

/// `2025-03-10T14:30:59`, with or without a fraction of a second and a zone.
fn iso(text: &str) -> Dated {
    if !text.is_ascii() || !(19..=40).contains(&text.len()) || !text.starts_with(|c: char| c.is_ascii_digit())
    {
        return Dated::Wrong;
    }
    // A plus that was not encoded has become a blank.
    let text = format!("{}{}", &text[..19], text[19..].replace(' ', "+"));
    if let Ok(zoned) = DateTime::parse_from_rfc3339(&text) {
        return Dated::Zoned(zoned);
    }
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f").map_or(Dated::Wrong, Dated::Local)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::table::for_each_row;

    fn asked(dialect: Dialect, query: &str) -> Asked {
        read(dialect, AccountForm::Digits, &Pairs::of([query.as_bytes()]))
    }

    fn spelled(asked: &Asked) -> String {
        match &asked.act {
            Err(outcome) => format!("!{outcome}"),
            Ok(Act::Check { account }) => format!("check({account})"),
            Ok(Act::Pay(Pay { number, account, amount, dated })) => {
                let dated = match dated {
                    Dated::Missing => "missing".to_owned(),
                    Dated::Wrong => "wrong".to_owned(),
                    Dated::Local(at) => at.format("%Y-%m-%dT%H:%M:%S").to_string(),
                    Dated::Zoned(at) => at.to_rfc3339(),
                };
                format!("pay({number},{account},{amount},{dated})")
            }
            Ok(Act::Status { number }) => format!("status({number})"),
            Ok(Act::Cancel { number, operation }) => {
                format!("cancel({number},{})", operation.map_or("-".to_owned(), |id| id.to_string()))
            }
            Ok(Act::SelfCheck) => "selfcheck".to_owned(),
        }
    }

    #[test]
    fn requests_are_read_as_the_table_says() {
        for_each_row(include_str!("../vectors/requests.txt"), |row| {
            let dialect = Dialect::from_code(row.text("dialect")).expect("a known dialect");
            row.expect("read", spelled(&asked(dialect, row.text("query"))));
        });
    }

    #[test]
    fn an_answer_can_name_what_was_asked_even_if_it_is_refused() {
        let seen = asked(Dialect::Unified, "command=pay&txn_id=90&account=%D0%90%D0%91&sum=1,5&format=json");
        assert_eq!(seen.act, Err(ChannelOutcome::AccountWrong));
        assert_eq!((seen.command, seen.number.as_deref()), (Some(ChannelCommand::Pay), Some("90")));
        assert_eq!((seen.account.as_deref(), seen.amount.as_deref()), (Some("АБ"), Some("1,5")));
        assert_eq!(seen.spelling, Some(Spelling::Json));
        let mixed = Pairs::of([b"command=check".as_slice(), b"account=17".as_slice()]);
        let seen = read(Dialect::Osmp, AccountForm::Digits, &mixed);
        assert_eq!(seen.act, Ok(Act::Check { account: "17".into() }), "query and body together");
        let seen = asked(Dialect::Osmp, "command=check&account=17&txn_id=%00%3Cx");
        assert_eq!((seen.number, seen.act.is_ok()), (None, true), "what is no number does not come back");
    }

    #[test]
    fn numbers_may_have_letters_where_the_channel_says_so() {
        for (text, fits) in [("УЛ-12/4", true), ("12 4", false), ("", false), ("<b>", false)] {
            assert_eq!(AccountForm::Word.fits(text), fits, "{text}");
        }
        assert!(!AccountForm::Word.fits(&"1".repeat(41)));
    }

    #[test]
    fn what_is_signed_does_not_depend_on_the_order_of_the_parameters() {
        let pairs = |query: &str| Pairs::of([query.as_bytes()]);
        let seen = pairs("txn_id=17&command=pay&sum=1.00&sign=ab&account=%31");
        assert_eq!(seen.signed(), "account=1&command=pay&sum=1.00&txn_id=17");
        assert_eq!(seen.signature(), Some("ab"));
        assert_eq!(pairs("sign=a&sign=b").signature(), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(query in ".*", dialect in prop::sample::select(Dialect::ALL)) {
            let _ = asked(dialect, &query);
        }

        #[test]
        fn any_date_is_read_or_refused(text in "[0-9TZ:.+ -]{0,30}") {
            let _ = (digits(&text), iso(&text));
        }

        #[test]
        fn a_sum_means_what_it_says(tiyn in 1..10_000_000_000_i64) {
            let money = Money::from_tiyn(tiyn);
            prop_assert_eq!(amount(&money.to_string()), Ok(money));
            if tiyn % 10 == 0 {
                let short = money.to_string();
                prop_assert_eq!(amount(&short[..short.len() - 1]), Ok(money), "one decimal");
            }
        }
    }
}
