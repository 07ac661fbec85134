//! Acts of `billing`, one file each.

mod at_once;
mod closed_facts;
mod away;
mod correction;
mod division;
mod expiry;
mod final_bill;
mod held;
mod give_up;
mod groups;
mod interval;
mod killed;
mod kill;
mod late;
mod live;
mod mass;
mod newer;
mod oracle;
mod paper;
pub mod recalculate;
mod run_cycle;
mod preview_bill;
mod run_preview;
mod scenario;
mod statements;
mod supply;
mod plans;
