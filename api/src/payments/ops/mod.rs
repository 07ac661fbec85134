//! Acts on payments.

mod adjust;
mod allocate;
mod offset_advances;
mod open_balances;
mod preview;
mod record;
mod reverse;
mod transfer;

pub use adjust::{Adjusted, Adjustment, adjust};
pub use offset_advances::offset_advances;
pub use open_balances::{OpeningBalance, open_balances};
pub use preview::{Preview, preview_payment};
pub use record::{NewPayment, Recorded, record, record_many};
pub use reverse::{Stays, reverse_file, reverse_payment, take_back};
pub use transfer::{Moving, carry, create_transfer, decide_transfer, reverse_transfer};
