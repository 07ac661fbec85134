//! Acts of `payments`, one file each.

mod adjust;
mod desk;
mod record;
mod transfer;
