//! One act, one file.

mod sign;
mod terminate;

pub use sign::sign;
pub use terminate::terminate;
