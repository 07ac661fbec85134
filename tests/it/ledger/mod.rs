//! Acts of `ledger`, one file each.

mod as_of;
mod calendar;
mod conditions;
mod cut_offs;
mod periods;
mod reopening;
mod reports;
mod sectors;
