//! What every subsystem stands on.

mod http;
