//! Acts of `payments`, one file each.

mod desk;
mod record;
