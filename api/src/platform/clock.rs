//! Two clocks: the business date decides money and deadlines and can be moved in the demo and in stories; the system clock is
//! for tokens, codes and logs.

use std::sync::{Arc, RwLock};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Asia::Almaty;
use domain::access::Actor;
use entities::kernel::{Broken, Change, Tx, state};
use futures_util::StreamExt;

use crate::app::App;

/// Where the demo keeps the day it was moved to, and the channel of the bus that tells the processes.
const KEY: &str = "business_date";

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

/// Moves the business date of the demo in every process, and for those started later.
pub async fn move_for_all(app: &App, actor: &Actor, day: NaiveDate) -> Result<(), Broken> {
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    state::set(&tx, KEY, &day).await?;
    let moved = serde_json::json!({ "from": app.clock.today(), "to": day });
    tx.audit(Change::bulk("business_date", "moved", moved));
    tx.commit_silently("the processes are told over the bus").await?;
    app.clock.set_today(Some(day));
    if let Err(error) = app.bus.publish(KEY, &day.to_string()).await {
        tracing::warn!(error = %error, "other processes keep the old business date until they restart");
    }
    Ok(())
}

/// Takes over the kept day of the demo, then every move of it.
pub async fn follow(app: &Arc<App>) -> anyhow::Result<()> {
    if !app.config.demo {
        return Ok(());
    }
    let mut moves = app.bus.subscribe(KEY).await?;
    if let Some(day) = state::get::<NaiveDate>(&app.db, KEY).await? {
        app.clock.set_today(Some(day));
    }
    let app = Arc::downgrade(app);
    tokio::spawn(async move {
        while let Some(day) = moves.next().await {
            let (Some(app), Ok(day)) = (app.upgrade(), day.parse()) else { return };
            app.clock.set_today(Some(day));
        }
    });
    Ok(())
}
