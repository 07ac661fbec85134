//! One act, one file. Installing and removing write what the register showed as accepted readings.

mod install;
mod remove;
mod replace;
mod verify;

use chrono::NaiveDate;
use domain::kernel::*;
use entities::kernel::Tx;
use entities::premises::point::Point;
use entities::premises::{building, point};
use entities::subscribers::account;

pub use install::install;
pub use remove::remove;
pub use replace::replace;
pub use verify::verify;

use crate::platform::Outcome;
use crate::refuse;

/// A point of the caller's scope, locked, with the account that pays for it on a day.
struct Place {
    point: Point,
    account: Option<account::Model>,
}

impl Place {
    fn sector(&self) -> Option<Sector> {
        self.account.as_ref().map(|account| account.sector)
    }
}

/// The place of an act. A point that nobody pays for, as a house meter's, is its district's.
async fn place(tx: &Tx, id: PointId, day: NaiveDate) -> Outcome<Place> {
    point::lock(tx, id).await?;
    let Some(point) = point::by_ids(tx, day, vec![id]).await?.pop() else { refuse!("NO_SUCH_POINT") };
    let account = account::paying_for(tx, id, day).await?;
    let visible = match &account {
        Some(account) => account.in_scope(tx.scope()),
        None => building::visible(tx, tx.scope(), point.building_id).await?,
    };
    if !visible {
        refuse!("NO_SUCH_POINT");
    }
    Ok(Ok(Place { point, account }))
}
