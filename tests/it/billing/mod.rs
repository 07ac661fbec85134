//! Acts of `billing`, one file each.

mod expiry;
mod interval;
mod live;
mod newer;
mod oracle;
mod paper;
mod run_cycle;
mod preview_bill;
mod run_preview;
mod scenario;
mod statements;
mod plans;
