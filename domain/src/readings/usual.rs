//! The usual consumption that a reading is compared with.

use crate::kernel::*;

/// Average month of the last `months` accepted readings, newest first, each with its month and what was used since the one
/// before it. A reading after a pause covers several months: the sum is divided by the months that it really spans.
pub fn usual(history: &[(Period, Option<Volume>)], months: u32) -> Option<Volume> {
    let taken: Vec<_> = history.iter().take(months as usize).take_while(|(_, used)| used.is_some()).collect();
    let (newest, _) = taken.first()?;
    let total: Volume = taken.iter().filter_map(|(_, used)| *used).sum();
    let before =
        history.get(taken.len()).map_or_else(|| taken[taken.len() - 1].0.prev(), |(period, _)| *period);
    let span = (newest.year() - before.year()) * 12 + newest.month() as i32 - before.month() as i32;
    Some(Volume::from_liters(total.liters() / i64::from(span.max(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Period {
        text.parse().unwrap()
    }

    fn used(liters: i64) -> Option<Volume> {
        Some(Volume::from_liters(liters))
    }

    #[test]
    fn the_last_months_count() {
        let history = [
            (month("2026-02"), used(6_000)),
            (month("2026-01"), used(3_000)),
            (month("2025-12"), used(9_000)),
            (month("2025-11"), used(90_000)),
        ];
        assert_eq!(usual(&history, 3), used(6_000));
    }

    #[test]
    fn a_pause_is_spread_over_its_months() {
        let history = [
            (month("2026-02"), used(12_000)),
            (month("2025-11"), used(3_000)),
            (month("2025-10"), used(3_000)),
        ];
        assert_eq!(usual(&history, 1), used(4_000), "twelve over three months");
        assert_eq!(usual(&history, 3), used(3_600), "the first known month has nothing before it: one month");
    }

    #[test]
    fn the_reading_of_the_installation_only_starts_the_count() {
        assert_eq!(usual(&[(month("2026-02"), used(5_000)), (month("2026-01"), None)], 3), used(5_000));
        assert_eq!(usual(&[(month("2026-01"), None)], 3), None);
        assert_eq!(usual(&[], 3), None);
    }
}
