//! One act, one file.

mod add_point;

pub use add_point::add_point;
