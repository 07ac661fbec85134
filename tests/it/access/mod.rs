//! Acts of `access`, one file each.
