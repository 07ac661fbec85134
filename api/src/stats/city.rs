//! How the picture of the city is drawn.

use chrono::{NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Asia::Almaty;
use domain::Topic;
use domain::kernel::*;
use entities::kernel::{Broken, ScopeArgs};
use entities::ledger::period;
use entities::stats::{Age, Month, Part, ages, fold, months, parts};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::platform::cache::infographic::Infographic;

/// The city in a month, as it stands now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct City {
    pub period: Period,
    /// The business date that decides what is overdue.
    pub today: NaiveDate,
    pub parts: Vec<Part>,
    pub months: Vec<Month>,
    pub ages: Vec<Age>,
}

/// Which picture: the month asked for, and the days on which it was asked, since midnight changes it without any fact.
#[derive(Debug, Clone)]
pub struct CityOf {
    pub period: Period,
    pub today: NaiveDate,
    pub system_day: NaiveDate,
}

impl std::fmt::Display for CityOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.period, self.today, self.system_day)
    }
}

impl CityOf {
    /// Without a month: the newest one that has been opened.
    pub async fn month(app: &App, wanted: Option<Period>) -> Result<Self, Broken> {
        let today = app.clock.today();
        let period = match wanted {
            Some(period) => period,
            None => period::newest(&app.db).await?.unwrap_or_else(|| Period::of(today)),
        };
        Ok(Self { period, today, system_day: app.clock.now().with_timezone(&Almaty).date_naive() })
    }
}

#[async_trait::async_trait]
impl Infographic for City {
    const NAME: &'static str = "stats.city";
    const DEPENDS_ON: &'static [Topic] = &[
        Topic::Billing,
        Topic::Payments,
        Topic::Readings,
        Topic::Ledger,
        Topic::Imports,
        Topic::Subscribers,
    ];
    type Of = CityOf;

    async fn draw(app: &App, scope: &ScopeArgs, of: &CityOf) -> Result<Self, Broken> {
        fold(&app.db).await?;
        let midnight = Almaty
            .from_local_datetime(&of.system_day.and_time(NaiveTime::MIN))
            .earliest()
            .expect("midnight exists in Almaty")
            .to_utc();
        let month = of.period.first_day();
        let (parts, months, ages) = tokio::try_join!(
            parts(&app.db, scope, month, of.today, midnight),
            months(&app.db, scope, month),
            ages(&app.db, scope, of.today),
        )?;
        Ok(Self { period: of.period, today: of.today, parts, months, ages })
    }
}
