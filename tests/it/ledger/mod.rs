//! Acts of `ledger`, one file each.

mod conditions;
mod periods;
mod reopening;
mod reports;
