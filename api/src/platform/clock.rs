//! Two clocks: the business date decides money and deadlines and can be moved in the demo and in stories; the system clock is
//! for tokens, codes and logs.

use std::sync::RwLock;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Asia::Almaty;

/// The clocks of one process.
pub struct Clock {
    fixed: RwLock<Option<NaiveDate>>,
}

impl Clock {
    /// `fixed` stops the business date on a day; without it, it is today in Almaty.
    pub fn new(fixed: Option<NaiveDate>) -> Self {
        Self { fixed: RwLock::new(fixed) }
    }

    /// The business date (операционная дата).
    pub fn today(&self) -> NaiveDate {
        let fixed = *self.fixed.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        fixed.unwrap_or_else(|| self.now().with_timezone(&Almaty).date_naive())
    }

    /// Moves the business date; only the demo and the tests reach this.
    pub fn set_today(&self, day: Option<NaiveDate>) {
        *self.fixed.write().unwrap_or_else(std::sync::PoisonError::into_inner) = day;
    }

    /// System time.
    #[allow(clippy::disallowed_methods)] // the one place that asks the machine
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}
