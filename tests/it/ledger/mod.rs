//! Acts of `ledger`, one file each.
