//! tariffs
