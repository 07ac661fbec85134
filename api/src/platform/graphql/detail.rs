//! What is wrong with an input, in the reader's language. The scalars, the validators of the GraphQL library and the transport
//! say it in one English sentence; here it is recognised and worded by the catalogue. `extensions.detail` stays as it was said.

use crate::platform::messages::{self, Language};

/// How an English sentence begins, or reads as a whole, and the word of the catalogue for it; what follows is its `{value}`.
const KNOWN: &[(&str, &str)] = &[
    ("not a sum of money: ", "detail.money"),
    ("not a volume in m³: ", "detail.volume"),
    ("not a period: ", "detail.period"),
    ("not a day: ", "detail.day"),
    ("a year from 1800 to 2999 is expected", "detail.year"),
    ("not an id of ", "detail.id"),
    ("Expected input type ", "detail.type"),
    (NUL, "detail.nul"),
    (NOT_JSON, "detail.not_json"),
    (CUT, "detail.cut"),
    (QUERY_STRING, "detail.query_string"),
    (GET_WRITES, "detail.get_writes"),
];

pub const NUL: &str = "a NUL character in a text";
pub const NOT_JSON: &str = "the body is not a JSON request";
pub const CUT: &str = "the body was cut";
pub const QUERY_STRING: &str = "the query string";
pub const GET_WRITES: &str = "GET: query only";

/// The sentence in the reader's language; as it was said when nobody has words for it.
pub fn worded(language: Language, detail: &str) -> String {
    // `Failed to parse "Money": … (occurred while parsing "PaymentRecordInput")`: the types are for the program, not the reader.
    let plain = detail.split(" (occurred while parsing ").next().unwrap_or_default();
    let plain = match plain.strip_prefix("Failed to parse ") {
        Some(rest) => rest.split_once(": ").map_or(rest, |(_, why)| why),
        None => plain,
    };
    let known = KNOWN.iter().find_map(|(begin, code)| Some((code, plain.strip_prefix(begin)?)));
    if let Some((code, value)) = known {
        return messages::text(language, code, &[("value", value.to_owned())]);
    }
    match measured(plain) {
        Some((code, value)) => messages::text(language, code, &[("value", value)]),
        None => detail.to_owned(),
    }
}

/// `the string length is 0, must be greater than or equal to 1`, as the validators say it.
fn measured(text: &str) -> Option<(&'static str, String)> {
    let (what, bound) = text.split_once(", must be ")?;
    let length = what.contains(" length is ");
    if let Some(least) = bound.strip_prefix("greater than or equal to ") {
        return Some((if length { "detail.too_short" } else { "detail.too_small" }, least.to_owned()));
    }
    let most = bound.strip_prefix("less than or equal to ")?;
    Some((if length { "detail.too_long" } else { "detail.too_large" }, most.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_says_is_said_in_the_readers_language() {
        for (said, worded_ru) in [
            (
                "Failed to parse \"Money\": not a sum of money: abc (occurred while parsing \"PaymentRecordInput\")",
                "«abc» — не сумма",
            ),
            (
                "Failed to parse \"String\": the string length is 0, must be greater than or equal to 8",
                "не короче 8",
            ),
            ("the value is 0, must be greater than or equal to 1", "не меньше 1"),
            (NOT_JSON, "JSON"),
        ] {
            let text = worded(Language::Ru, said);
            assert!(text.contains(worded_ru), "{text}");
            assert!(!text.contains("must be") && !text.contains("not a"), "{text}");
        }
        assert_eq!(worded(Language::Ru, "after"), "after");
        for (_, code) in KNOWN {
            for language in Language::ALL {
                assert_ne!(messages::text(language, code, &[]), *code, "{language:?}");
            }
        }
    }
}
