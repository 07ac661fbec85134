//! Prices, VAT, norms, bands and the settings that decide money, in two times.

mod book;
pub mod proposal;
mod published;
pub mod setting;
pub mod version;

pub use book::{book, book_of, unconfirmed};
pub use published::{published, published_sources};
