//! Acts of `imports`, one file each.
