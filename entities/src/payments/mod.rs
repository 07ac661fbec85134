//! Payments: the key for ever, the payment, what it settled; who brings them on which channels, and what agents and banks say of the
//! same money.

pub mod agent;
pub mod alone;
pub mod channel;
pub mod earmark;
pub mod incident;
pub mod link;
pub mod payment;
pub mod reallocation;
pub mod refund;
pub mod registry;
pub mod request;
pub mod sandbox;
pub mod statement;
pub mod suspense;
pub mod take;
pub mod terms;
pub mod transfer;
pub mod write;
