//! Lists written out as tables for the office: XLSX with typed cells, or CSV that Excel opens as it is. A row at a time, so
//! that a list of any length needs no memory of its own.

mod csv;
mod xlsx;

use async_graphql::Enum;
use chrono::NaiveDate;
use domain::kernel::{Money, Volume};
use serde::{Deserialize, Serialize};

use crate::platform::messages::{self, Language};

/// What a table is written as (формат).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Serialize, Deserialize)]
pub enum ExportFormat {
    /// A workbook of Excel: numbers, sums and dates are what they are (XLSX).
    Xlsx,
    /// Text with semicolons, UTF-8 with a mark (CSV).
    Csv,
}

impl ExportFormat {
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    Money(Money),
    Volume(Volume),
    Day(NaiveDate),
    Number(i64),
    Empty,
}

impl Cell {
    /// A word of a closed list, in the reader's language: `VERDICT`, `accepted` → the text of `VERDICT_ACCEPTED`.
    pub fn word(list: &str, code: &str, language: Language) -> Self {
        Self::Text(messages::text(language, &format!("{list}_{}", code.to_uppercase()), &[]))
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Money> for Cell {
    fn from(sum: Money) -> Self {
        Self::Money(sum)
    }
}

impl From<Volume> for Cell {
    fn from(volume: Volume) -> Self {
        Self::Volume(volume)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A table under way.
pub enum Table {
    Csv(Box<csv::Csv>),
    Xlsx(Box<xlsx::Xlsx>),
}

/// More rows than a sheet of Excel holds.
#[derive(Debug, thiserror::Error)]
#[error("a sheet holds {0} rows at most: choose CSV or narrow the list")]
pub struct TooManyRows(pub u32);

impl Table {
    /// With the header in the reader's language; a column's words are the message `COLUMN_<code>`.
    pub fn new(format: ExportFormat, columns: &[&str], language: Language) -> anyhow::Result<Self> {
        let words: Vec<String> =
            columns.iter().map(|code| messages::text(language, &format!("COLUMN_{code}"), &[])).collect();
        Self::headed(format, &words, language)
    }

    /// With a header that stands as it is.
    pub fn headed(format: ExportFormat, header: &[String], language: Language) -> anyhow::Result<Self> {
        Ok(match format {
            ExportFormat::Csv => Self::Csv(Box::new(csv::Csv::new(header, language)?)),
            ExportFormat::Xlsx => return Self::xlsx(header),
        })
    }

    /// A workbook whose header stands as it is.
    pub fn xlsx(header: &[String]) -> anyhow::Result<Self> {
        Ok(Self::Xlsx(Box::new(xlsx::Xlsx::new(header)?)))
    }

    pub fn row(&mut self, cells: &[Cell]) -> anyhow::Result<()> {
        match self {
            Self::Csv(table) => table.row(cells),
            Self::Xlsx(table) => table.row(cells),
        }
    }

    /// What is finished of the file and was not taken yet; nothing before the end of a workbook.
    pub fn take(&mut self) -> Vec<u8> {
        match self {
            Self::Csv(table) => table.take(),
            Self::Xlsx(_) => Vec::new(),
        }
    }

    /// The rest of the file.
    pub fn finish(self) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Csv(mut table) => Ok(table.take()),
            Self::Xlsx(table) => table.finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(language: Language, cells: &[Cell]) -> String {
        let mut table = Table::new(ExportFormat::Csv, &["ACCOUNT"], language).unwrap();
        table.row(cells).unwrap();
        String::from_utf8(table.finish().unwrap()).unwrap()
    }

    #[test]
    fn excel_opens_the_text_as_it_is() {
        let cells = [
            Cell::from("Абай; 10"),
            Money::from_tiyn(-123_450).into(),
            Volume::from_liters(12_345).into(),
            NaiveDate::from_ymd_opt(2026, 3, 26).into(),
            Cell::Number(7),
            Cell::Empty,
        ];
        assert_eq!(
            csv(Language::Ru, &cells),
            "\u{feff}Лицевой счёт\r\n\"Абай; 10\";-1234,50;12,345;26.03.2026;7;\r\n"
        );
        assert_eq!(
            csv(Language::En, &cells),
            "\u{feff}Account\r\n\"Абай; 10\";-1234.50;12.345;2026-03-26;7;\r\n"
        );
    }

    /// Text that a program would run as a formula is only text; a negative sum stays a number.
    #[test]
    fn a_formula_is_disarmed() {
        for evil in ["=1+1", "+7 701", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =HYPERLINK(\"x\")"] {
            let line = csv(Language::En, &[evil.into()]);
            let cell = line.lines().nth(1).unwrap().trim_start_matches('"');
            assert!(cell.starts_with('\''), "{evil:?} became {cell:?}");
        }
        assert!(csv(Language::En, &["a=b".into()]).contains("\r\na=b\r\n"));
    }
}
