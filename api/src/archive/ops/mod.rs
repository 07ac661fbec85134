//! One act, one file, one transaction.

mod register_document;

pub use register_document::{RegisterDocument, register_document};
