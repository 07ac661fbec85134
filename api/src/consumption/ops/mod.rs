//! Acts on what decides a volume besides meters and norms.

use chrono::NaiveDate;
use domain::kernel::PointId;
use entities::consumption::special;
use entities::kernel::Tx;
use entities::subscribers::account::{self, Model};

use crate::platform::{Outcome, Refusal};
use crate::refuse;

mod end_special;
mod record_special;
mod set_bulk_billing;
mod set_plot;
mod set_sharing;
mod set_supply;
mod withdraw_special;

pub use end_special::end_special;
pub use record_special::record_special;
pub use set_bulk_billing::set_bulk_billing;
pub use set_plot::set_plot;
pub use set_sharing::{Shared, SharingLook, preview_sharing, set_sharing};
pub use set_supply::set_supply;
pub use withdraw_special::withdraw_special;

/// The account of the scope that pays for a point on a day, locked.
async fn payer_at(tx: &Tx, point: PointId, day: NaiveDate) -> Outcome<Model> {
    let payer = match special::payer_of(tx, point, day).await? {
        Some(id) => account::lock(tx, id).await?,
        None => None,
    };
    match payer {
        Some(account) => Ok(Ok(account)),
        None => refuse!(Refusal::new("NO_SUCH_POINT").at("pointId")),
    }
}
