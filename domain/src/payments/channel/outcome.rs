//! The codes of each dialect: one table, `vectors/outcomes.txt` says the same for people.

use serde::{Deserialize, Serialize};

use super::{ChannelOutcome, Dialect};

/// What goes over the wire for an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    pub code: u16,
    /// The agent gives the money back and stops; otherwise it repeats the same request.
    pub fatal: bool,
}

const fn stop(code: u16) -> Code {
    Code { code, fatal: true }
}

const fn again(code: u16) -> Code {
    Code { code, fatal: false }
}

impl Dialect {
    /// The dialect's own code. A channel's row may name another number, never another meaning.
    pub const fn says(self, outcome: ChannelOutcome) -> Code {
        use ChannelOutcome::*;
        match self {
            Self::Unified | Self::Osmp => match outcome {
                Done => again(0),
                Temporary => again(1),
                InProgress => again(90),
                AccountWrong => stop(4),
                AccountUnknown => stop(5),
                ChannelClosed | Forbidden | Unauthorized => stop(7),
                ParameterWrong => stop(31),
                AccountClosed => stop(79),
                SumTooSmall => stop(241),
                SumTooLarge => stop(242),
                CannotCancel => stop(251),
                // Ours: OSMP has no word for these, and its last resort is 300.
                PaymentUnknown if matches!(self, Self::Unified) => stop(210),
                Cancelled if matches!(self, Self::Unified) => stop(252),
                SumWrong | DateWrong | NumberWrong | NumberReused | CommandUnknown | PaymentUnknown
                | Cancelled => stop(300),
            },
            Self::Kaspi => match outcome {
                Done => again(0),
                AccountWrong | AccountUnknown | AccountClosed => stop(1),
                // Unless the channel says that it repeats these, it gets HTTP 503 instead.
                InProgress | Temporary => again(4),
                // 2 and 3 (order cancelled, order paid already) make no sense for an account that is paid every month.
                SumWrong | SumTooSmall | SumTooLarge | DateWrong | NumberWrong | NumberReused
                | ChannelClosed | CommandUnknown | ParameterWrong | PaymentUnknown | Cancelled
                | CannotCancel | Forbidden | Unauthorized => stop(5),
            },
            Self::Kassa24 => match outcome {
                Done => again(0),
                CommandUnknown => stop(1),
                AccountWrong | AccountUnknown | AccountClosed => stop(2),
                SumWrong | SumTooSmall | SumTooLarge => stop(3),
                NumberWrong | NumberReused => stop(4),
                DateWrong => stop(5),
                PaymentUnknown => stop(6),
                Cancelled => stop(7),
                InProgress => again(8),
                CannotCancel => stop(9),
                // Unless the channel says that it repeats 10, it gets HTTP 503 instead.
                Temporary => again(10),
                ChannelClosed | ParameterWrong | Forbidden | Unauthorized => stop(10),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::table::for_each_row;

    #[test]
    fn the_table_of_codes_is_what_the_program_says() {
        let mut seen = Vec::new();
        for_each_row(include_str!("../vectors/outcomes.txt"), |row| {
            let outcome = ChannelOutcome::from_code(row.text("outcome")).expect("a known outcome");
            for &dialect in Dialect::ALL {
                let Code { code, fatal } = dialect.says(outcome);
                let what = match (outcome, fatal) {
                    (ChannelOutcome::Done, _) => "done",
                    (_, true) => "stop",
                    (_, false) => "again",
                };
                row.expect(dialect.code(), format!("{code}/{what}"));
            }
            seen.push(outcome);
        });
        assert_eq!(seen, ChannelOutcome::ALL, "every outcome has its line, in the order of the program");
    }

    #[test]
    fn what_passes_by_itself_is_never_fatal() {
        for &dialect in Dialect::ALL {
            for outcome in [ChannelOutcome::Done, ChannelOutcome::Temporary, ChannelOutcome::InProgress] {
                assert!(!dialect.says(outcome).fatal, "{dialect}: {outcome}");
            }
        }
    }
}
