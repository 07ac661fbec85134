//! Acts of `readings`, one file each.
