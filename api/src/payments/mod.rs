//! Money in: recorded once, allocated over open items, reversible while its month is open (spec 2.4, 2.11, 2.12).
//!
//! Every channel ends in `ops::record_many`. Events: `payments.recorded`, `payments.reversed`, `payments.loaded`.

pub mod loaders;
mod mutation;
pub mod ops;
mod query;
pub mod transfer;
pub mod types;

pub use mutation::PaymentsMutation;
pub use query::{AccountPayments, PaymentsQuery};
pub use transfer::{TransferMutation, TransferQuery};
