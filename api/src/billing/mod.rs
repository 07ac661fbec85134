//! The month: preview, run, issue, reversal, bills and the explanation of every tiyn (spec 2.1–2.3).
//!
//! `ops::run_preview` says what a run would come to without writing a bill; `ops::run_cycle` is the run; `ops::run_scenario` reckons it under other tariffs;
//! `ops::explain_bill` and `ops::explain_correction`
//! run the same rule again on the facts that the run, or the correction, kept. Events:
//! `billing.run_started`, `run_advanced`, `run_posted`, `run_issued`, `run_reversed`: one per run, never one per account.

pub mod correction;
pub mod division;
pub mod estimate;
pub mod explanation;
pub mod final_bill;
pub mod http;
pub mod jobs;
pub mod loaders;
mod mutation;
pub mod one_off;
pub mod ops;
pub mod paper;
pub mod points;
pub mod preview;
pub mod print;
mod query;
pub mod scenario;
mod signed;
mod subscription;
pub mod types;

pub use correction::{CorrectionMutation, CorrectionQuery};
pub use division::{DivisionMutation, DivisionQuery};
pub use final_bill::{FinalBillMutation, FinalBillQuery};
pub use mutation::BillingMutation;
pub use one_off::{AccountOneOffs, OneOffMutation, OneOffQuery};
pub use points::PointsMutation;
pub use query::{AccountBilling, BillingQuery};
pub use signed::OneOffReversal;
pub use subscription::BillingSubscription;
