//! Payments: the key for ever, the payment, what it settled.

pub mod payment;
pub mod transfer;
pub mod write;
