//! How much a point used in a month: the chain of months is written by the run (`entities::billing::write`) and read back by its
//! inputs.
