//! The relay: numbers facts and tells everybody.
