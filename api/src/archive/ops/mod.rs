//! One act, one file, one transaction.

mod attach_file;
mod register_document;

pub use attach_file::{AttachFile, FileType, attach_file};
pub use register_document::{RegisterDocument, register_document};
