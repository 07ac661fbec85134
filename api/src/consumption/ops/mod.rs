//! Acts on what decides a volume besides meters and norms.

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
