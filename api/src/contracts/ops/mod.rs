//! One act, one file.

mod agree_volume;
mod sign;
mod terminate;

pub use agree_volume::agree_volume;
pub use sign::sign;
pub use terminate::terminate;
