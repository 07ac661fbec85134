mod commit;
mod undo;
mod upload;

pub use commit::start_commit;
pub use undo::{start_undo, undo};
pub use upload::{Upload, upload};
