//! Acts of `billing`, one file each.
