//! What the name of a registry says of it: `QIWI_10244_202603251.csv`, `KASPI_20260325_1.csv`.

use chrono::NaiveDate;
use domain::payments::day;

/// The business day of the agent and the number of the file within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    pub day: NaiveDate,
    pub serial: u32,
}

/// The last group of digits that begins with a day; a serial number follows it with or without `_`. None where the name says no day.
pub fn named(filename: &str) -> Option<Named> {
    let stem = filename.rsplit_once('.').map_or(filename, |(stem, _)| stem);
    let parts: Vec<&str> = stem.split(['_', '-', ' ']).collect();
    parts.iter().enumerate().rev().find_map(|(at, part)| {
        if part.len() < 8 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (date, rest) = part.split_at(8);
        let rest = if rest.is_empty() { parts.get(at + 1).copied().unwrap_or("1") } else { rest };
        Some(Named {
            day: day(date)?,
            serial: rest.parse().ok().filter(|n| (1..1_000).contains(n)).unwrap_or(1),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_the_day_and_the_number() {
        let said = |name: &str| named(name).map(|named| format!("{} {}", named.day, named.serial));
        assert_eq!(said("QIWI_10244_202603251.csv").as_deref(), Some("2026-03-25 1"));
        assert_eq!(said("QIWI_10244_202603252.csv").as_deref(), Some("2026-03-25 2"));
        assert_eq!(said("KASPI_20260325_1.csv").as_deref(), Some("2026-03-25 1"));
        assert_eq!(said("kassa24-20260325.csv").as_deref(), Some("2026-03-25 1"));
        assert_eq!(said("QIWI_20260325_202603269.txt").as_deref(), Some("2026-03-26 9"));
        for none in ["registry.csv", "", "12345678.csv", "реестр 25.03.csv"] {
            assert_eq!(said(none), None, "{none}");
        }
    }
}
