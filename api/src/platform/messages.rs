//! The catalogue of messages to people: one text per code and language. A missing one fails the tests.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use documents::sentence;
use domain::kernel::{Money, Period, Volume};
use rust_decimal::Decimal;

/// The language of an answer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, async_graphql::Enum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Kazakh (қазақша).
    Kk,
    /// Russian (русский).
    Ru,
    /// English.
    En,
}

impl Language {
    pub const ALL: [Self; 3] = [Self::Kk, Self::Ru, Self::En];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }

    /// The best of an `Accept-Language` header; Russian when nothing fits.
    pub fn accepted(header: &str) -> Self {
        let mut wanted: Vec<(f32, &str)> = header
            .split(',')
            .map(|part| {
                let (tag, params) = part.trim().split_once(';').unwrap_or((part.trim(), ""));
                let quality = params.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(1.0);
                (quality, tag.split('-').next().unwrap_or(tag))
            })
            .collect();
        wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
        wanted.into_iter().find_map(|(_, tag)| Self::from_code(&tag.to_lowercase())).unwrap_or(Self::Ru)
    }
}

type Catalogue = HashMap<String, String>;

static CATALOGUES: LazyLock<[Catalogue; 3]> = LazyLock::new(|| {
    [
        include_str!("../../messages/kk.toml"),
        include_str!("../../messages/ru.toml"),
        include_str!("../../messages/en.toml"),
    ]
    .map(|text| toml::from_str(text).expect("a catalogue is a flat table of texts"))
});

fn catalogue(language: Language) -> &'static Catalogue {
    &CATALOGUES[language as usize]
}

/// The text of a code, its `{placeholders}` filled. A code without a text is shown as it is: never an empty message.
pub fn text(language: Language, code: &str, args: &[(&str, String)]) -> String {
    let Some(template) = catalogue(language).get(code) else { return code.to_owned() };
    args.iter().fold(template.clone(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// A value that a message tells. It is kept as what it is and written for its reader: a sum in groups of digits, a day as it is said.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    Sum(Money),
    Volume(Volume),
    Number(Decimal),
    Day(NaiveDate),
    Month(Period),
    /// A code of the catalogue, told by its text.
    Code(String),
    /// Words, codes and numbers that name something: as they are.
    #[serde(untagged)]
    Words(String),
}

impl Value {
    pub fn worded(&self, language: Language) -> String {
        match self {
            Self::Sum(sum) => figures(language, sentence::money(*sum)),
            Self::Volume(volume) => figures(language, sentence::number(volume.to_decimal(), 0)),
            Self::Number(number) => figures(language, sentence::number(*number, 0)),
            Self::Day(at) => day(language, &at.to_string()),
            Self::Month(month) => {
                let between = if language == Language::En { '/' } else { '.' };
                format!("{:02}{between}{}", month.month(), month.year())
            }
            Self::Code(code) => text(language, code, &[]),
            Self::Words(words) => words.clone(),
        }
    }
}

/// Figures of a sentence as readers of the language write them: 1 234,50, in English 1,234.50.
fn figures(language: Language, said: String) -> String {
    if language != Language::En {
        return said;
    }
    let english = |letter| match letter {
        '\u{a0}' => ',',
        ',' => '.',
        other => other,
    };
    said.chars().map(english).collect()
}

macro_rules! values {
    ($($kind:ident: $($of:ty),+ => $made:expr;)*) => {
        $($(impl From<$of> for Value {
            fn from(value: $of) -> Self {
                Self::$kind($made(value))
            }
        })+)*
    };
}
values! {
    Sum: Money => std::convert::identity;
    Volume: Volume => std::convert::identity;
    Day: NaiveDate => std::convert::identity;
    Month: Period => std::convert::identity;
    Number: Decimal, i32, i64, u16, u32, u64, usize => Decimal::from;
    Words: String, &str, &String => Into::into;
}

/// The words of what a table holds: a text of ours in the reader's language, what people wrote as they wrote it.
pub fn said(language: Language, kept: &str) -> String {
    text(language, kept, &[])
}

/// A day as readers of the language write it: 25.03.2026, in English 25/03/2026. What is no day stays as it is.
pub fn day(language: Language, iso: &str) -> String {
    let form = if language == Language::En { "%d/%m/%Y" } else { "%d.%m.%Y" };
    iso.parse::<chrono::NaiveDate>().map_or_else(|_| iso.to_owned(), |day| day.format(form).to_string())
}

/// A sentence begins with a capital.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// Every code of a language, for the test of completeness.
pub fn codes(language: Language) -> impl Iterator<Item = &'static str> {
    catalogue(language).keys().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_in_every_language() {
        let [kk, ru, en] = Language::ALL.map(|l| codes(l).collect::<BTreeSet<_>>());
        assert_eq!(kk, ru);
        assert_eq!(ru, en);
    }

    #[test]
    fn every_word_of_an_explanation_and_of_closing_has_a_text() {
        let codes: BTreeSet<_> = codes(Language::Kk).collect();
        let wanted = domain::billing::ExplainKind::ALL.iter().map(|kind| format!("EXPLAIN_{}", kind.code()));
        let wanted =
            wanted.chain(domain::billing::Excuse::ALL.iter().map(|code| format!("EXCUSE_{}", code.code())));
        let wanted = wanted.chain(
            domain::ledger::CloseConditionCode::ALL.iter().map(|code| format!("CLOSE_{}", code.code())),
        );
        let wanted = wanted
            .chain(domain::readings::Channel::ALL.iter().map(|code| format!("CHANNEL_{}", code.code())));
        // The auditor's reports tell volumes by basis and excused accounts by reason.
        let told = domain::consumption::Basis::ALL.iter().map(|basis| basis.code());
        let told = told.chain(domain::billing::Excuse::ALL.iter().map(|code| code.code()));
        let wanted = wanted.chain(told.map(|code| format!("REPORT_WORD_{code}")));
        let missing: Vec<String> =
            wanted.map(|code| code.to_uppercase()).filter(|code| !codes.contains(code.as_str())).collect();
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn what_the_program_itself_keeps_in_tables_has_words() {
        let codes: BTreeSet<_> = codes(Language::Kk).collect();
        let sources = entities::tariffs::published_sources().map(str::to_owned);
        let settings = domain::tariffs::setting::ALL.iter().map(|code| format!("setting.{code}"));
        let jobs = crate::wiring::jobs::works().into_iter().map(|work| format!("job.{}", work.kind()));
        let missing: Vec<String> =
            sources.chain(settings).chain(jobs).filter(|code| !codes.contains(code.as_str())).collect();
        assert_eq!(missing, [""; 0]);
    }

    #[test]
    fn the_best_accepted_language_wins() {
        assert_eq!(Language::accepted("en-GB;q=0.5, kk;q=0.9"), Language::Kk);
        assert_eq!(Language::accepted("fr, de"), Language::Ru);
        assert_eq!(Language::accepted("en"), Language::En);
    }

    #[test]
    fn values_are_written_for_readers_and_kept_as_what_they_are() {
        let said = |value: Value| Language::ALL.map(|language| value.worded(language));
        let sum = Value::from(Money::from_tiyn(-123_456_750));
        assert_eq!(said(sum), ["−1\u{a0}234\u{a0}567,50", "−1\u{a0}234\u{a0}567,50", "−1,234,567.50"]);
        let volume = Value::from(Volume::from_liters(1_234_500));
        assert_eq!(said(volume), ["1\u{a0}234,5", "1\u{a0}234,5", "1,234.5"]);
        assert_eq!(said(Value::from(1_000_usize)), ["1\u{a0}000", "1\u{a0}000", "1,000"]);
        let march = Period::new(2026, 3).unwrap();
        assert_eq!(said(Value::from(march)), ["03.2026", "03.2026", "03/2026"]);
        assert_eq!(said(Value::from(march.last_day())), ["31.03.2026", "31.03.2026", "31/03/2026"]);
        assert_eq!(said(Value::from("1234")), ["1234"; 3]);
        assert_eq!(said(Value::Code("stands.PAYMENTS".into())), ["төлемдер", "платежи", "payments"]);
        let code = Value::Code("stands.PAYMENTS".into());
        for value in
            [Value::from(march), Value::from("1234"), Value::from(12), Value::from(Money::ZERO), code]
        {
            let kept = serde_json::to_value(&value).unwrap();
            assert_eq!(serde_json::from_value::<Value>(kept).unwrap(), value);
        }
        assert_eq!(serde_json::to_value(Value::from("1234")).unwrap(), "1234", "as rows of before are");
    }

    #[test]
    fn days_and_sentences_are_written_for_readers() {
        assert_eq!(day(Language::Kk, "2026-03-05"), "05.03.2026");
        assert_eq!(day(Language::En, "2026-03-05"), "05/03/2026");
        assert_eq!(day(Language::Ru, "—"), "—");
        assert_eq!(sentence("справка eGov, с 05.03.2026"), "Справка eGov, с 05.03.2026");
        assert_eq!(sentence(""), "");
    }
}
