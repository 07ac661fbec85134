//! Acts of `billing`, one file each.

mod run_cycle;
