//! What a person decides on the rows of a file, an agent's registry or a bank's statement: some of them by number, or all of a state.

use domain::payments::{LineState, MatchState, RowDecision};
use serde::{Deserialize, Serialize};

use crate::platform::Refusal;

/// Rows that are decided on in one transaction.
pub const CHUNK: i64 = 10_000;

/// Which rows a decision is about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Which<State> {
    /// These lines.
    Lines(Vec<i32>),
    /// All that wait in this state.
    All(State),
}

/// What is to become of rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Deciding<State> {
    pub which: Which<State>,
    pub decision: RowDecision,
    pub note: Option<String>,
}

/// A state in which a row waits for a decision.
pub trait Waits: Copy {
    /// Whether a row that stands so can be decided on so.
    fn fits(self, decision: RowDecision) -> bool;
}

impl Waits for MatchState {
    fn fits(self, decision: RowDecision) -> bool {
        decision.fits(self)
    }
}

impl Waits for LineState {
    fn fits(self, decision: RowDecision) -> bool {
        decision.fits_line(self)
    }
}

impl<State: Waits> Deciding<State> {
    /// What somebody wrote, if anything.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref().map(str::trim).filter(|note| !note.is_empty())
    }

    /// Whether it can be: what is only looked into says why, and rows of a state are decided on as that state allows.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.decision == RowDecision::Explained && self.note().is_none() {
            return Err(Refusal::new("EMPTY").at("note"));
        }
        match self.which {
            Which::All(state) if !state.fits(self.decision) => {
                Err(Refusal::new("DECISION_STATE").at("decision"))
            }
            _ => Ok(()),
        }
    }

    /// The first of the rows found that it can't be about.
    pub fn refuse(&self, mut rows: impl Iterator<Item = (i32, State)>) -> Result<(), Refusal> {
        match rows.find(|(_, state)| !state.fits(self.decision)) {
            Some((line, _)) => Err(Refusal::new("ROW_STATE").with("line", line)),
            None => Ok(()),
        }
    }

    /// The rows by their numbers, or the state that they are in.
    pub fn asked(&self) -> (Option<Vec<i32>>, Option<State>) {
        match &self.which {
            Which::Lines(lines) => (Some(lines.clone()), None),
            Which::All(state) => (None, Some(*state)),
        }
    }
}

/// What a step of deciding came to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Step {
    pub decided: usize,
    /// Rows that this decision can't be about: they wait on.
    pub left: usize,
    /// The last line looked at; nothing is left after it where there is none.
    pub last: Option<i32>,
}
