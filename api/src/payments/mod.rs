//! Money in: recorded once, allocated over open items, reversible while its month is open (spec 2.4, 2.11, 2.12).
//!
//! Desks and files end in `ops::record_many`, programs of banks and terminals in `ops::take`: one payment, one read, one write.
//! Events: `payments.recorded`, `payments.reversed`, `payments.loaded`, and one of each act beside them (`domain::event::PaymentsEvent`).

pub mod channel;
pub mod demo;
pub mod demo_bank;
mod docs;
pub mod http;
pub mod jobs;
pub mod link;
pub mod loaders;
mod mutation;
pub mod ops;
mod query;
pub mod reconcile;
pub mod refund;
pub mod suspense;
pub mod target;
pub mod transfer;
pub mod types;
pub mod uploads;

use async_graphql::Context;
use domain::access::Scope;

pub use channel::graph::{ChannelMutation, ChannelQuery};
pub use link::{LinkMutation, LinkQuery};
pub use mutation::PaymentsMutation;
pub use query::{AccountPayments, PaymentsQuery};
pub use reconcile::{ReconcileMutation, ReconcileQuery};
pub use refund::{RefundMutation, RefundQuery};
pub use suspense::{SuspenseMutation, SuspenseQuery};
pub use target::TargetMutation;
pub use transfer::{TransferMutation, TransferQuery};

use crate::platform::graphql::{ApiError, Code, Cx, Result};

/// What agents and banks say is of no sector and no district: only who sees the whole city sees it.
fn whole_city(cx: &Context<'_>) -> Result<()> {
    match cx.scope()? {
        Scope::City => Ok(()),
        _ => Err(ApiError::new(Code::Forbidden)),
    }
}
