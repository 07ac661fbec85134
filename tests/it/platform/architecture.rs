//! The invariants of ARCHITECTURE.md that types cannot keep.

use std::collections::BTreeSet;
use std::process::Command;

use super::{repository, sources};

/// Which subsystem may name which, besides itself, `access`, `archive`, the kernel, the platform and the lists of `wiring`.
const MAY_CALL: &[(&str, &[&str])] = &[
    ("access", &[]),
    ("archive", &[]),
    ("premises", &[]),
    ("subscribers", &["premises"]),
    ("contracts", &["subscribers", "premises"]),
    ("tariffs", &[]),
    ("meters", &["premises", "subscribers"]),
    ("readings", &["meters", "premises", "subscribers"]),
    ("consumption", &["premises", "subscribers", "meters", "readings", "tariffs"]),
    ("ledger", &["subscribers"]),
    (
        "billing",
        &["consumption", "tariffs", "meters", "readings", "subscribers", "contracts", "ledger", "premises"],
    ),
    ("payments", &["ledger", "subscribers"]),
    (
        "imports",
        &[
            "premises",
            "subscribers",
            "contracts",
            "tariffs",
            "meters",
            "readings",
            "consumption",
            "ledger",
            "billing",
            "payments",
        ],
    ),
];

fn words_after<'a>(text: &'a str, start: &str) -> impl Iterator<Item = &'a str> {
    text.match_indices(start)
        .map(move |(at, found)| &text[at + found.len()..])
        .map(|rest| &rest[..rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())])
}

#[test]
fn calls_go_down() {
    let mut wrong = BTreeSet::new();
    for layer in ["api", "entities", "domain"] {
        for (path, text) in sources(&format!("{layer}/src"), &[".rs"]) {
            let inside = path.to_string_lossy().replace('\\', "/");
            let inside = inside.split(&format!("/{layer}/src/")).nth(1).unwrap_or_default().to_owned();
            let own = inside.split(['/', '.']).next().unwrap_or_default();
            let Some((_, allowed)) = MAY_CALL.iter().find(|(name, _)| *name == own) else { continue };
            // What follows `mod tests` may look wherever it likes.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for start in ["crate::", "entities::", "domain::"] {
                for word in words_after(code, start) {
                    let known = MAY_CALL.iter().any(|(name, _)| *name == word);
                    let ground = matches!(word, "access" | "archive");
                    if known && !ground && word != own && !allowed.contains(&word) {
                        wrong.insert(format!("{layer}/src/{inside}: {own} names {word}"));
                    }
                }
            }
        }
    }
    // Words of the domain are nouns that anybody may say; what may not is calling rules upward.
    let wrong: Vec<_> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_entities_speak_sql() {
    let mut wrong = Vec::new();
    for layer in ["api", "domain"] {
        for (path, text) in sources(&format!("{layer}/src"), &[".rs"]) {
            for (number, line) in text.lines().enumerate() {
                let code = line.trim_start();
                if code.starts_with("//") {
                    continue;
                }
                let sql = [
                    "\"SELECT ",
                    "\"INSERT INTO ",
                    "\"UPDATE ",
                    "\"DELETE FROM ",
                    "\"WITH ",
                    "\"COPY ",
                    "\"TRUNCATE ",
                ];
                let column = words_after(code, "Column::").next().is_some();
                if sql.iter().any(|start| code.contains(start)) || column {
                    wrong.push(format!("{}:{}: {code}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "SQL outside of entities:\n{}", wrong.join("\n"));
}

#[test]
fn the_domain_stands_alone() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let tree = Command::new(cargo)
        .args(["tree", "--offline", "--package", "domain", "--edges", "normal", "--prefix", "none"])
        .current_dir(repository(""))
        .output()
        .expect("cargo tree runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("rust_decimal"), "{tree}");
    for outside in ["tokio", "sqlx", "actix", "redis", "sea-orm", "async-graphql", "reqwest"] {
        assert!(!tree.lines().any(|line| line.starts_with(outside)), "domain depends on {outside}");
    }
    for (path, text) in sources("domain/src", &[".rs"]) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for word in ["async fn", "Utc::now", "std::fs", "std::net"] {
            assert!(!code.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn every_refusal_has_its_words() {
    use api::platform::messages::{Language, codes};
    let known: BTreeSet<&str> = codes(Language::En).collect();
    let mut missing = BTreeSet::new();
    for (path, text) in sources("api/src", &[".rs"]) {
        for start in ["Refusal::new(\"", "refuse!(\""] {
            for code in words_after(&text, start) {
                if code.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
                    && code.len() > 1
                    && !known.contains(code)
                {
                    missing.insert(format!("{code} ({})", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "codes without a text: {missing:#?}");
}
