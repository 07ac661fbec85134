//! A fiscal document on its way to the register: kept before it is sent, sent once, asked for when nobody answered.

use super::FiscalState as State;

/// What came back of a call, whichever provider it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It is registered, now or before.
    Registered { offline: bool },
    /// The register has never seen it.
    NotFound,
    /// Nobody answered, or not in words: it may have been done.
    Nothing,
    /// Not taken now, and certainly not done: the register is busy, blocked or without a session.
    NotNow,
    /// The register's shift has been open too long: Z first, then again.
    ShiftTooLong,
    /// The register has been without a line for too long.
    OfflineTooLong,
    /// Refused for good.
    Refused,
}

/// What is done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is final.
    Rest,
    /// Ask the register whether it has it, after a pause.
    Ask,
    /// Send it, with the number that it has: at once, or after a pause.
    Send { at_once: bool },
    /// Wait for the Z behind it.
    AfterZ,
}

/// Where a document stands after what was heard, and what comes next.
pub fn next(state: State, heard: Heard) -> (State, Next) {
    if state.is_final() {
        return (state, Next::Rest);
    }
    match heard {
        Heard::Registered { offline: false } => (State::Done, Next::Rest),
        Heard::Registered { offline: true } => (State::Offline, Next::Rest),
        // It never arrived: the same number is sent again.
        Heard::NotFound => (State::Waiting, Next::Send { at_once: true }),
        Heard::Nothing => (State::Asking, Next::Ask),
        // A call that was not taken was not done; an earlier one may have been.
        Heard::NotNow | Heard::OfflineTooLong | Heard::ShiftTooLong if state == State::Asking => {
            (State::Asking, Next::Ask)
        }
        Heard::NotNow | Heard::OfflineTooLong => (State::Waiting, Next::Send { at_once: false }),
        Heard::ShiftTooLong => (State::Waiting, Next::AfterZ),
        Heard::Refused => (State::Refused, Next::Rest),
    }
}

/// Seconds before the next try: soon while the payer waits, seldom when nobody helps it along.
pub fn pause(attempts: u32) -> u32 {
    match attempts {
        0..=3 => 2,
        4..=6 => 10,
        7..=9 => 60,
        10..=14 => 300,
        _ => 3_600,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn fiscal_vectors() {
        for_each_row(include_str!("vectors/fiscal.txt"), |row| {
            let heard = match row.text("heard") {
                "registered" => Heard::Registered { offline: false },
                "autonomous" => Heard::Registered { offline: true },
                "not_found" => Heard::NotFound,
                "nothing" => Heard::Nothing,
                "not_now" => Heard::NotNow,
                "shift_too_long" => Heard::ShiftTooLong,
                "offline_too_long" => Heard::OfflineTooLong,
                "refused" => Heard::Refused,
                other => panic!("{other}"),
            };
            let state = State::from_code(row.text("state")).expect("a state");
            let (state, then) = next(state, heard);
            row.expect("becomes", state);
            row.expect(
                "then",
                match then {
                    Next::Rest => "rest",
                    Next::Ask => "ask",
                    Next::Send { at_once: true } => "send",
                    Next::Send { at_once: false } => "later",
                    Next::AfterZ => "after_z",
                },
            );
        });
    }

    #[test]
    fn pauses_only_grow() {
        assert!((0..40).all(|tries| pause(tries) <= pause(tries + 1)));
    }
}
