//! What may be shown of a person and what may be kept of a request.

use super::Pairs;
use crate::kernel::Identification;

/// A person's name as a payer recognises it and a stranger does not: `Иванов Айбек` becomes `И***в А.`.
pub fn mask_name(name: &str) -> String {
    let mut words = name.split_whitespace();
    let Some(first) = words.next() else { return String::new() };
    let mut letters = first.chars();
    let mut masked: String = letters.next().into_iter().collect();
    masked.push_str("***");
    if first.chars().count() > 3 {
        masked.extend(letters.next_back());
    }
    for word in words {
        masked.push(' ');
        masked.extend(word.chars().next());
        masked.push('.');
    }
    masked
}

/// Parameters of the protocols, which say nothing about a person.
const PLAIN: &[&str] = &[
    "account",
    "action",
    "amount",
    "ccy",
    "command",
    "commission",
    "date",
    "format",
    "number",
    "pay_type",
    "prv_id",
    "prv_txn",
    "receipt",
    "service_id",
    "sum",
    "trm_id",
    "txn_date",
    "txn_id",
    "type",
];

/// A request as it may be kept: secrets, what we do not know, and an ИИН in the place of an account are hidden. 2000 characters at
/// most.
pub fn mask_query(pairs: &Pairs) -> String {
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs.iter() {
        let short: String = value.chars().take(100).collect();
        let plain = PLAIN.contains(&name) && Identification::parse(value).is_err();
        let name: String = name.chars().take(40).collect();
        kept.append_pair(&name, if plain || value.is_empty() { &short } else { "***" });
    }
    kept.finish().chars().take(2000).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_to_its_owner_only() {
        for (name, masked) in [
            ("Иванов Айбек", "И***в А."),
            ("Әбілқайыр Ғалымжан Ұлы", "Ә***р Ғ. Ұ."),
            ("Ли Ю", "Л*** Ю."),
            ("  Ким  ", "К***"),
            ("", ""),
        ] {
            assert_eq!(mask_name(name), masked);
        }
    }

    #[test]
    fn what_is_kept_of_a_request_names_nobody() {
        let kept = |query: &str| mask_query(&Pairs::of([query.as_bytes()]));
        assert_eq!(
            kept(
                "command=pay&txn_id=17&account=1000001&sum=1.00&data1=%D0%98%D0%B2%D0%B0%D0%BD&sign=abc&empty="
            ),
            "command=pay&txn_id=17&account=1000001&sum=1.00&data1=***&sign=***&empty="
        );
        assert_eq!(kept("command=check&account=600101390006"), "command=check&account=***", "an ИИН");
        assert!(kept(&format!("account={}", "1".repeat(5_000))).len() < 120);
        assert!(kept(&"a=1&".repeat(5_000)).len() <= 2_000);
    }
}
