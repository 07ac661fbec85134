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
use crate::subscribers::ops::{open_day, open_day_or_paper};

/// A point of the caller's scope, locked, with the account that pays for it on a day.
struct Place {
    point: Point,
    account: Option<account::Model>,
}

impl Place {
    /// Whether an act may be of a day. An act of a closed month comes on its document; not at the meter of a house, for what was shared
    /// out by it is not reckoned anew.
    async fn takes(
        &self,
        tx: &Tx,
        day: NaiveDate,
        field: &'static str,
        document: Option<DocumentId>,
    ) -> Outcome<()> {
        match &self.account {
            Some(account) => open_day_or_paper(tx, Some(account.sector), day, field, document).await,
            None => open_day(tx, None, day, field).await,
        }
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
