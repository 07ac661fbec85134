//! Acts of `billing`, one file each.

mod oracle;
mod run_cycle;
mod preview_bill;
mod run_preview;
mod statements;
