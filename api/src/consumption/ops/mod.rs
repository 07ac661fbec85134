//! Acts on what decides a volume besides meters and norms.

use chrono::{DateTime, NaiveDate, Utc};
use domain::consumption::SpecialKind;
use domain::kernel::PointId;
use entities::consumption::special;
use entities::kernel::Tx;
use entities::subscribers::account::{self, Model};
use entities::tariffs;

use crate::platform::{Outcome, Refusal};
use crate::refuse;

mod end_special;
mod record_special;
mod set_bulk_billing;
mod set_plot;
mod set_sharing;
mod set_supply;
mod take_back_special;
mod withdraw_special;

pub use end_special::end_special;
pub use record_special::record_special;
pub use set_bulk_billing::set_bulk_billing;
pub use set_plot::set_plot;
pub use set_sharing::{Shared, SharingLook, preview_sharing, set_sharing};
pub use set_supply::set_supply;
pub use take_back_special::take_back_special;
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

/// How many months a full capacity may be charged for by the setting of a day; none without a cap.
async fn cap(tx: &Tx, kind: SpecialKind, day: NaiveDate, known_at: DateTime<Utc>) -> Outcome<Option<u32>> {
    let book = tariffs::book(tx, day, day.succ_opt().unwrap_or(day), known_at).await?;
    match book.methods.capacity_max_months(day) {
        Ok(setting) => Ok(Ok(setting.value.of(kind))),
        Err(missing) => refuse!(Refusal::new("MISSING_SETTING").with("code", missing.code)),
    }
}
