//! premises
