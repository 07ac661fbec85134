//! Refused is not broken: a refusal is an answer to a person, everything else is our problem.

use entities::kernel::Broken;

use super::messages::{self, Language, Value};

/// Why something was not done, with a stable code that the catalogue turns into words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: &'static str,
    /// The input field it is about, in GraphQL spelling.
    pub field: Option<&'static str>,
    /// Values for the placeholders of the message.
    pub args: Vec<(&'static str, Value)>,
}

impl Refusal {
    pub fn new(code: &'static str) -> Self {
        Self { code, field: None, args: Vec::new() }
    }

    pub fn at(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    /// What is told to a reader of the language.
    pub fn words(&self, language: Language) -> String {
        let args: Vec<_> = self.args.iter().map(|(name, value)| (*name, value.worded(language))).collect();
        messages::text(language, self.code, &args)
    }
}

/// What a statement ran into, as an answer to a person: the constraint's name ends with the first word, then code and field.
/// Every register may cite a document, so that one is known everywhere. Other errors stay broken.
pub fn unless<T>(
    result: Result<T, Broken>,
    known: &[(&str, &'static str, Option<&'static str>)],
) -> Outcome<T> {
    const DOCUMENT: (&str, &str, Option<&str>) = ("document_id_fkey", "NO_SUCH_DOCUMENT", Some("documentId"));
    let error = match result {
        Ok(value) => return Ok(Ok(value)),
        Err(error) => error,
    };
    let constraint = entities::kernel::bitemporal::violated(&error);
    let found = known
        .iter()
        .chain([&DOCUMENT])
        .find(|(end, ..)| constraint.as_ref().is_some_and(|c| c.ends_with(end)));
    match found {
        Some(&(_, code, field)) => Ok(Err(Refusal { code, field, args: Vec::new() })),
        None => Err(error),
    }
}

/// The inner result answers the caller, the outer one is for us; `?` can only touch the outer.
pub type Outcome<T> = Result<Result<T, Refusal>, Broken>;

/// Leaves the operation with a refusal: `refuse!("PERIOD_CLOSED")` or `refuse!(Refusal::new(…).at("amount"))`.
#[macro_export]
macro_rules! refuse {
    ($code:literal) => {
        return Ok(Err($crate::platform::Refusal::new($code)))
    };
    ($refusal:expr) => {
        return Ok(Err($refusal.into()))
    };
}

/// Unwraps what a rule allowed, or leaves the operation with its refusal.
#[macro_export]
macro_rules! allow {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(refusal) => return Ok(Err(refusal.into())),
        }
    };
}
