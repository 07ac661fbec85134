//! One act, one file.

mod agree_volume;
mod follow_holder;
mod set_limit;
mod sign;
mod terminate;

pub use agree_volume::agree_volume;
pub use follow_holder::{begin_with_holder, end_with_holder, go_on_with_holder};
pub use set_limit::set_limit;
pub use sign::sign;
pub use terminate::terminate;
