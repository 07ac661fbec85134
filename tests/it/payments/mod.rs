//! Acts of `payments`, one file each.

mod adjust;
mod desk;
pub mod record;
mod transfer;
