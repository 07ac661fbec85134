mod decide;
mod propose;
mod reckon;
mod rules;
mod workbench;

pub use decide::{confirm, decline};
pub use propose::{Proposal, propose};
pub use reckon::{Purpose, Rules, reckon_houses};
pub use rules::{end_exclusion, exclude, record_heating};
pub use workbench::{Bench, Bencher, workbench};
