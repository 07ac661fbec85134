//! What every subsystem stands on.

mod access_matrix;
mod admission;
mod architecture;
mod bus;
mod clients;
mod clock;
mod developers;
mod http;
mod jobs;
mod nodes;
mod notices;
mod outbox;
mod partitions;
mod schema;
mod seed;
mod tx;
pub mod ws;

use std::path::{Path, PathBuf};

/// A path inside the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Compares with a committed file; `UPDATE_SNAPSHOTS=1` writes it instead.
pub fn snapshot(path: &str, found: &str) {
    let path = repository(path);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if kept != found {
        let (old, new): (Vec<_>, Vec<_>) = (kept.lines().collect(), found.lines().collect());
        let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
        let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
        let changes: Vec<_> = gone.chain(come).collect();
        panic!("{} changed (UPDATE_SNAPSHOTS=1 accepts):\n{}", path.display(), changes.join("\n"));
    }
}

/// Every source file below a folder of the repository, with its text.
pub fn sources(folder: &str, ends: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![repository(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "node_modules" | "dist" | "gql") {
                    folders.push(path);
                }
            } else if ends.iter().any(|end| name.ends_with(end)) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "nothing in {folder}");
    found
}
