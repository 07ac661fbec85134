//! The bill as people get it: what stands on the page, that it is one page, that a screen reader and a bank can read it.

mod cases;
mod look;
mod read;
