//! Acts of `registers`, one file each.
