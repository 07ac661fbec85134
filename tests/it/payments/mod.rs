//! Acts of `payments`, one file each.
