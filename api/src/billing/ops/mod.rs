//! Acts on runs and bills: one act, one file.

mod correction;
mod division;
mod division_back;
mod explain;
mod final_bill;
mod issue_run;
mod late_bill;
mod one_off;
mod points;
mod preview_bill;
mod recalculate;
mod reverse_run;
mod run_cycle;
mod run_preview;
mod scenario;
mod start_run;

pub use correction::{
    confirm_correction, create_correction, post_correction, reverse_correction, stage_correction,
    withdraw_correction, work_correction,
};
pub use division::{Divided, decide_division, divide, propose_division};
pub use division_back::ask_division_back;
pub use explain::{Explained, ExplainedLine, explain_bill, explain_correction};
pub use final_bill::{Leaving, Left, make_final_bill, take_over};
pub use issue_run::issue_run;
pub use late_bill::make_late_bills;
pub use one_off::{
    Deed, Priced, charge_one_off, decide_service, price_deed, propose_service, reverse_one_off,
};
pub use points::{exclude_point, include_point};
pub use preview_bill::preview_bill;
pub use recalculate::{Desk, Reckoned, standing_lines};
pub use reverse_run::reverse_run;
pub(crate) use run_cycle::show_error;
pub use run_cycle::{run_cycle, run_now};
pub use run_preview::{preview_city, start_preview};
pub use scenario::{
    BothBooks, create_scenario, delete_scenario, repeat_scenario, run_scenario, scenario_of_account,
};
pub use start_run::{obstacles, obstacles_alone, start_run};
