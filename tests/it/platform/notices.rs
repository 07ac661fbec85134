//! Everybody whose work is inside the program is named: crates of the binary, packages of the frontends, fonts.

use std::collections::BTreeSet;
use std::process::Command;

use super::{repository, snapshot};

const HEAD: &str = "# Notices

What АИСЦРА itself is made of is under the Apache License 2.0 (LICENSE). The program and the frontends inside it also hold
the work of others, under the licences named here. A test keeps this list equal to the lock files.

Fonts: Inter, © The Inter Project Authors; Noto Sans, © The Noto Project Authors: SIL Open Font License 1.1.
";

fn crates() -> BTreeSet<String> {
    let listed = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--package", "aiscra", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}|{l}"])
        .current_dir(repository(""))
        .output()
        .expect("cargo tree runs");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).expect("text");
    listed
        .lines()
        // Members stand at a path; a crate seen before has a star.
        .filter(|line| !line.contains(" (/"))
        .filter_map(|line| line.trim_end_matches(" (*)").split_once('|'))
        .map(|(name, licence)| {
            assert!(!licence.is_empty(), "{name} names no licence");
            format!("- {} — {licence}", name.trim_end_matches(" (proc-macro)"))
        })
        .collect()
}

fn packages() -> BTreeSet<String> {
    let lock = std::fs::read_to_string(repository("package-lock.json")).expect("the lock file");
    let lock: serde_json::Value = serde_json::from_str(&lock).expect("json");
    lock["packages"]
        .as_object()
        .expect("packages")
        .iter()
        .filter(|(path, package)| {
            path.contains("node_modules/") && package["dev"] != true && package["link"] != true
        })
        .map(|(path, package)| {
            let name = path.rsplit("node_modules/").next().unwrap_or(path);
            let licence = package["license"].as_str().unwrap_or_else(|| panic!("{name} names no licence"));
            format!("- {name} {} — {licence}", package["version"].as_str().unwrap_or_default())
        })
        .collect()
}

#[test]
fn everybody_whose_work_is_inside_is_named() {
    let list = |rows: BTreeSet<String>| rows.into_iter().collect::<Vec<_>>().join("\n");
    let found = format!(
        "{HEAD}\n## Rust crates in the program\n\n{}\n\n## Packages in the frontends\n\n{}\n",
        list(crates()),
        list(packages())
    );
    for copyleft in ["AGPL", "GPL-3.0-only", "GPL-2.0-only"] {
        assert!(!found.contains(copyleft), "{copyleft} can't be inside a program under Apache-2.0");
    }
    snapshot("NOTICES.md", &found);
}
