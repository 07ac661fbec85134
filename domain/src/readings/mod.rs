//! readings
