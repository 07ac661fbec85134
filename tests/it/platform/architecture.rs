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
    ("ledger", &["subscribers", "tariffs"]),
    ("imbalance", &["premises", "subscribers", "meters", "readings", "consumption", "tariffs", "ledger"]),
    (
        "billing",
        &[
            "imbalance",
            "payments",
            "consumption",
            "tariffs",
            "meters",
            "readings",
            "subscribers",
            "contracts",
            "ledger",
            "premises",
        ],
    ),
    ("payments", &["ledger", "subscribers", "tariffs"]),
    ("cashdesk", &["payments", "ledger", "tariffs", "subscribers", "billing"]),
    (
        "debt",
        &["payments", "ledger", "tariffs", "subscribers", "contracts", "premises", "billing", "consumption"],
    ),
    (
        "amendments",
        &[
            "premises",
            "subscribers",
            "tariffs",
            "meters",
            "readings",
            "ledger",
            "billing",
            "payments",
            "debt",
        ],
    ),
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
    (
        "exports",
        &[
            "premises",
            "subscribers",
            "meters",
            "readings",
            "ledger",
            "billing",
            "payments",
            "debt",
            "imbalance",
            "amendments",
        ],
    ),
    ("stats", &["premises", "subscribers", "readings", "ledger", "billing", "payments"]),
];

/// Where the table is not kept, each with its reason: the list may only get shorter.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    (
        "api/src/imbalance/ops/reckon.rs",
        "billing",
        "the imbalance sees what bills are made of: the facts that a run kept",
    ),
    ("api/src/ledger/types.rs", "billing", "an edge of the graph: the cockpit of a period shows its run"),
    ("api/src/ledger/types.rs", "readings", "an edge of the graph: the cockpit of a period counts readings"),
    ("api/src/meters/ops/install.rs", "readings", "the act of an installation states the first reading"),
    ("api/src/meters/ops/remove.rs", "readings", "the act of a removal states the last reading"),
    ("api/src/subscribers/ops/move_in.rs", "contracts", "the act of moving in begins the contract"),
    ("api/src/subscribers/ops/move_out.rs", "contracts", "the act of moving out ends the contract"),
    ("api/src/subscribers/ops/undo.rs", "contracts", "a closing taken back has its contract go on"),
];

fn words_after<'a>(text: &'a str, start: &str) -> impl Iterator<Item = &'a str> {
    text.match_indices(start)
        .map(move |(at, found)| &text[at + found.len()..])
        .map(|rest| &rest[..rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())])
}

/// Rows, operations and types go along the table; the nouns of `domain` may be said by anybody.
#[test]
fn calls_go_down() {
    let (mut wrong, mut unused) = (BTreeSet::new(), EXCEPTIONS.to_vec());
    for layer in ["api", "entities"] {
        for (path, text) in sources(&format!("{layer}/src"), &[".rs"]) {
            let path = path.to_string_lossy().replace('\\', "/");
            let Some((_, inside)) = path.split_once(&format!("/../{layer}/src/")) else { continue };
            let own = inside.split(['/', '.']).next().unwrap_or_default();
            let Some((_, allowed)) = MAY_CALL.iter().find(|(name, _)| *name == own) else { continue };
            let code: String = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
                .map(|line| format!("{line}\n"))
                .collect();
            for start in ["crate::", "entities::"] {
                for word in words_after(&code, start) {
                    let known = MAY_CALL.iter().any(|(name, _)| *name == word);
                    let file = format!("{layer}/src/{inside}");
                    if !known
                        || matches!(word, "access" | "archive")
                        || word == own
                        || allowed.contains(&word)
                    {
                        continue;
                    }
                    if EXCEPTIONS.iter().any(|(at, what, _)| *at == file && *what == word) {
                        unused.retain(|(at, what, _)| !(*at == file && *what == word));
                    } else {
                        wrong.insert(format!("{file}: {own} names {word}"));
                    }
                }
            }
        }
    }
    let wrong: Vec<_> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(unused.is_empty(), "exceptions nobody needs any more: {unused:?}");
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
                // `stage::Column` is a kind of column of an uploaded file, `RegistryColumn` one of an agent's.
                let own = code.replace("stage::Column::", "").replace("RegistryColumn::", "");
                let column = words_after(&own, "Column::").next().is_some();
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

/// What the trail says is read by an auditor, not by a programmer: the screen has words for each kind of thing and each action.
#[test]
fn every_line_of_the_trail_has_its_words() {
    let words = std::fs::read_to_string(repository("web-admin/messages/ru.json")).unwrap();
    let (mut missing, mut seen) = (BTreeSet::new(), 0);
    for layer in ["api/src", "entities/src"] {
        for (path, text) in sources(layer, &[".rs"]) {
            for (at, found) in text.match_indices("Change::new(") {
                let call = text[at + found.len()..].split(')').next().unwrap_or_default();
                let said = call.split(',').map(str::trim).filter(|part| !part.is_empty());
                let quoted =
                    |part: Option<&str>| part?.strip_prefix('"')?.strip_suffix('"').map(str::to_owned);
                for (sort, code) in
                    [("entity", quoted(said.clone().next())), ("action", quoted(said.clone().next_back()))]
                {
                    let Some(code) = code else { continue };
                    seen += 1;
                    if !words.contains(&format!("\"audit.{sort}.{code}\"")) {
                        missing.insert(format!("audit.{sort}.{code} ({})", path.display()));
                    }
                }
            }
        }
    }
    assert!(seen > 60, "{seen}");
    assert!(missing.is_empty(), "lines of the trail without words: {missing:#?}");
}

#[test]
fn every_key_of_the_configuration_is_in_the_example() {
    let example = std::fs::read_to_string(repository("aiscra.toml.example")).unwrap();
    let source = std::fs::read_to_string(repository("api/src/config.rs")).unwrap();
    let body = source.split("pub struct Config {").nth(1).unwrap().split("#[serde(skip)]").next().unwrap();
    let keys: Vec<&str> = words_after(body, "pub ").collect();
    assert!(keys.len() > 8, "{keys:?}");
    for key in keys {
        let said = [format!("{key} = "), format!("[{key}]")].iter().any(|line| example.contains(line));
        assert!(said, "{key} is not in aiscra.toml.example");
    }
}
