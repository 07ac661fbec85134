mod decide;
mod propose;
mod reckon;
mod rules;
mod workbench;

pub use decide::{confirm, decline};
pub use propose::{Proposal, propose};
pub use reckon::{Purpose, Rules, reckon_houses, reckon_under, shares_under};
pub use rules::{end_exclusion, exclude, record_heating, set_area, set_member};
pub use workbench::{Bench, Bencher, workbench};
