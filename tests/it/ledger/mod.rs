//! Acts of `ledger`, one file each.

mod as_of;
mod conditions;
mod periods;
mod reopening;
mod reports;
