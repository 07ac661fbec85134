//! The allow-list of documents for the public and for subscribers: what the two frontends send (written by their code
//! generator) and what `/developers` offers everybody. Whoever signed in as staff or as a program asks freely.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::access::{Actor, Principal};
use sha2::{Digest, Sha256};

/// Written by `npm run codegen`: the hash of a document, the document.
const FRONTENDS: [&str; 2] =
    [include_str!("../../../trusted/web-admin.json"), include_str!("../../../trusted/web-portal.json")];
/// Kept by hand: what everybody needs to sign in without a frontend.
pub const CLIENTS: &str = include_str!("../../../trusted/clients.graphql");

struct List {
    /// By the hash of the text, as clients send it instead of the document.
    texts: HashMap<String, String>,
    /// Hashes of the meaning: blanks, comments, `__typename` and the order of definitions do not count.
    meanings: std::collections::HashSet<[u8; 32]>,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    let mut texts: HashMap<String, String> = HashMap::new();
    for list in FRONTENDS {
        texts.extend(serde_json::from_str::<HashMap<String, String>>(list).expect("a list of documents"));
    }
    for document in CLIENTS.split("\n\n").map(str::trim).filter(|text| !text.is_empty()) {
        texts.insert(hash(document), document.to_owned());
    }
    let meanings = texts.values().map(|text| meaning(text)).collect();
    List { texts, meanings }
});

/// The document behind the hash of its text.
pub fn by_hash(hash: &str) -> Option<&'static str> {
    LIST.texts.get(hash).map(String::as_str)
}

/// Whether somebody may send this document.
pub fn may_send(actor: Option<&Actor>, document: &str) -> bool {
    let free = actor.is_some_and(|actor| match actor.principal {
        Principal::User(_) | Principal::Client(_) | Principal::System => true,
        Principal::Subscriber(_) => false,
    });
    free || LIST.meanings.contains(&meaning(document))
}

/// Every document of the list with the hash it stands under, for the test that they fit.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIST.texts.iter().map(|(hash, text)| (hash.as_str(), text.as_str()))
}

pub fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Clients print documents in their own way and add `__typename` everywhere; none of it changes what is asked.
fn meaning(document: &str) -> [u8; 32] {
    let (mut definitions, mut open, mut own) = (Vec::new(), 0_i32, Vec::new());
    for token in tokens(document) {
        match token {
            "{" | "(" | "[" => open += 1,
            "}" | ")" | "]" => open -= 1,
            "__typename" => continue,
            _ => {}
        }
        own.push(token);
        if open == 0 && token == "}" {
            definitions.push(std::mem::take(&mut own).join(" "));
        }
    }
    definitions.push(own.join(" "));
    definitions.sort_unstable();
    definitions.dedup();
    Sha256::digest(definitions.join("\n").trim().as_bytes()).into()
}

/// The lexical tokens of a document; commas, blanks and comments are none.
fn tokens(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text);
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.');
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => {
                rest = rest.find('\n').map_or("", |end| &rest[end..]);
                continue;
            }
            ',' | '\u{feff}' => {
                rest = &rest[first.len_utf8()..];
                continue;
            }
            c if c.is_whitespace() => {
                rest = rest.trim_start();
                continue;
            }
            '"' => string(rest),
            '.' if rest.starts_with("...") => 3,
            c if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        found.push(&rest[..length]);
        rest = &rest[length..];
    }
    found
}

/// The length of the string that a text begins with.
fn string(text: &str) -> usize {
    let quote = if text.starts_with("\"\"\"") { "\"\"\"" } else { "\"" };
    let mut at = quote.len();
    while at < text.len() {
        if text[at..].starts_with('\\') {
            at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8);
        } else if text[at..].starts_with(quote) {
            return at + quote.len();
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_counts() {
        let plain = "query A($n: Int) { a(first: $n) { ...F } } fragment F on X { id name }";
        for same in [
            "query A($n:Int){a(first:$n){__typename ...F}} fragment F on X{__typename id name}",
            "# a comment\nfragment F on X { id, name }\n\nquery A($n: Int) { a(first: $n) { ...F } __typename }",
            "query A($n: Int) { a(first: $n) { ...F } } fragment F on X { id name } fragment F on X { id name }",
        ] {
            assert!(meaning(plain) == meaning(same), "{same}");
        }
        for other in [
            "query A($n: Int) { a(first: $n) { ...F } } fragment F on X { id name phone }",
            "query A($n: Int) { b: a(first: $n) { ...F } } fragment F on X { id name }",
            "query A($n: Int) { a(first: 100) { ...F } } fragment F on X { id name }",
            "query A($n: Int) { a(first: $n) { ...F } } fragment F on X { id name } query B { a }",
        ] {
            assert!(meaning(plain) != meaning(other), "{other}");
        }
        assert!(meaning("{ a(x: \"b } # c\") }") != meaning("{ a(x: \"b }\") }"));
        assert!(meaning("{ a(x: \"\\\"}\") }") != meaning("{ a(x: \"\\\"\") }"));
    }

    #[test]
    fn every_document_stands_under_its_hash() {
        for (key, text) in all() {
            assert_eq!(key, hash(text), "npm run codegen writes the lists anew");
        }
        assert!(all().count() > 20);
    }
}
