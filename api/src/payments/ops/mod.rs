//! Acts on payments.

mod adjust;
mod allocate;
mod channel;
mod deciding;
mod earmark;
mod link;
mod move_payment;
mod offset_advances;
mod open_balances;
mod preview;
mod reallocate;
mod record;
mod refund;
mod registry;
mod reverse;
mod statement;
mod suspense;
mod take;
mod terms;
mod transfer;
mod unapply;

pub use adjust::{Adjusted, Adjustment, adjust};
pub use channel::{
    Opened, close_incident, create_agent, create_channel, renew_secret, switch_channel, update_agent,
    update_channel,
};
pub use deciding::{Deciding, Step, Which};
pub use earmark::{still_meant, target_of_act, tie, tie_act, untie, untie_act};
pub use link::{ask_link, offers_links, watch_links};
pub use move_payment::{MovingPayment, propose_move};
pub use offset_advances::offset_advances;
pub use open_balances::{OpeningBalance, open_balances};
pub use preview::{Preview, preview_payment};
pub use reallocate::{Reallocating, reallocate};
pub use record::{NewPayment, Recorded, record, record_many, record_of_shift};
pub use refund::{Refunding, decide_refund, pay_refund, refund, return_refund};
pub use registry::{Taking, decide_all, decide_rows, match_again, run_match, take_registry};
pub use reverse::{
    Reversal, Stays, preview_reversal, reverse_file, reverse_payment, take_back, take_back_of_desk,
};
pub use statement::{
    Details, TakingStatement, decide_all_lines, decide_lines, masked, mean_line, run_match_statement,
    take_statement, wall,
};
pub use suspense::{assign_suspense, credit_suspense, decide_return, return_suspense, split_suspense};
pub use take::{Ask, Reply, take};
pub use terms::{see_alarm, set_terms, watch};
pub use transfer::{Moving, carry, create_transfer, decide_transfer, return_carried, reverse_transfer};
