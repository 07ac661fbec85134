//! How old a debt is.

use crate::kernel::*;

codes! {
    /// Days since the due day (срок просрочки).
    AgeBucket {
        /// Not due yet (срок не наступил).
        NotDue = "not_due",
        /// Up to 30 days (до 30 дней).
        Days30 = "days_30",
        /// 31 to 60 days (31–60 дней).
        Days60 = "days_60",
        /// 61 to 90 days (61–90 дней).
        Days90 = "days_90",
        /// 91 to 180 days (91–180 дней).
        Days180 = "days_180",
        /// 181 to 365 days (181–365 дней).
        Days365 = "days_365",
        /// Over a year, up to three (1–3 года).
        Years3 = "years_3",
        /// Over three years (свыше 3 лет).
        Older = "older",
    }
}

impl AgeBucket {
    /// The last day of delay of each bucket but the oldest.
    const LAST: [i64; 7] = [0, 30, 60, 90, 180, 365, 1_095];

    /// Of so many days since the due day.
    pub fn of(days: i64) -> Self {
        let place = Self::LAST.iter().position(|last| days <= *last);
        Self::ALL[place.unwrap_or(Self::LAST.len())]
    }

    /// First and last day of delay, as a condition of a list; none where it is unbounded.
    pub fn bounds(self) -> (Option<i64>, Option<i64>) {
        let place = Self::ALL.iter().position(|one| *one == self).unwrap_or(0);
        (place.checked_sub(1).map(|before| Self::LAST[before] + 1), Self::LAST.get(place).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_age_has_one_bucket() {
        for (days, bucket) in [
            (-5, AgeBucket::NotDue),
            (0, AgeBucket::NotDue),
            (1, AgeBucket::Days30),
            (30, AgeBucket::Days30),
            (31, AgeBucket::Days60),
            (90, AgeBucket::Days90),
            (91, AgeBucket::Days180),
            (365, AgeBucket::Days365),
            (366, AgeBucket::Years3),
            (1_095, AgeBucket::Years3),
            (1_096, AgeBucket::Older),
        ] {
            assert_eq!(AgeBucket::of(days), bucket, "{days}");
            let (first, last) = bucket.bounds();
            assert!(
                first.is_none_or(|first| first <= days) && last.is_none_or(|last| days <= last),
                "{days}"
            );
        }
    }
}
