//! Acts of `payments`, one file each.

mod acceptance_a;
mod acceptance_b;
mod acceptance_c;
mod acceptance_d;
mod adjust;
pub mod agents;
mod allocation;
mod bank;
mod channels;
mod desk;
mod links;
pub mod record;
pub mod reconcile;
mod refund;
mod sandbox;
mod statements;
mod suspense;
mod transfer;
