//! Reads the tables of expected results under `vectors/`: a new case is a line, not a function.

use std::fmt::{Debug, Display};
use std::str::FromStr;

/// A line of a table, its cells found by the names of the header.
pub struct Row<'a> {
    header: &'a [String],
    cells: Vec<String>,
    line: usize,
}

/// Calls `check` for each line. `#` begins a remark; the first line is the header; cells are parted by blanks; a cell `"` repeats
/// the one above.
pub fn for_each_row(table: &str, mut check: impl FnMut(&Row<'_>)) {
    let lines =
        table.lines().enumerate().map(|(at, line)| (at + 1, line.split('#').next().unwrap_or_default()));
    let mut lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let (_, header) = lines.next().expect("a table has a header");
    let header: Vec<String> = header.split_whitespace().map(str::to_owned).collect();
    let mut above: Vec<String> = Vec::new();
    let mut rows = 0;
    for (line, text) in lines {
        let mut cells: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        assert_eq!(cells.len(), header.len(), "line {line} has {} cells: {text}", cells.len());
        for (cell, above) in cells.iter_mut().zip(&above) {
            if cell == "\"" {
                cell.clone_from(above);
            }
        }
        above.clone_from(&cells);
        check(&Row { header: &header, cells, line });
        rows += 1;
    }
    assert!(rows > 0, "the table is empty");
}

impl Row<'_> {
    pub fn text(&self, column: &str) -> &str {
        let at = self.header.iter().position(|name| name == column);
        &self.cells[at.unwrap_or_else(|| panic!("no column {column} among {:?}", self.header))]
    }

    pub fn get<T: FromStr>(&self, column: &str) -> T
    where
        T::Err: Debug,
    {
        let text = self.text(column);
        text.parse().unwrap_or_else(|why| panic!("line {}: {column} = {text}: {why:?}", self.line))
    }

    /// None for "-".
    pub fn maybe<T: FromStr>(&self, column: &str) -> Option<T>
    where
        T::Err: Debug,
    {
        (self.text(column) != "-").then(|| self.get(column))
    }

    /// Fails with the line's number when the cell says something else than the rule.
    #[track_caller]
    pub fn expect(&self, column: &str, got: impl Display) {
        assert_eq!(
            got.to_string(),
            self.text(column),
            "{column}, line {}: {}",
            self.line,
            self.cells.join(" ")
        );
    }
}
