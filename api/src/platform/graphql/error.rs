//! Errors of the API: a stable code in `extensions`, a message in the reader's language, nothing of our insides.

use async_graphql::{Error, ErrorExtensions};
use entities::kernel::Broken;

use crate::platform::messages::{self, Language};

/// Stable codes of top-level errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Unauthenticated,
    Forbidden,
    NotFound,
    BadInput,
    Conflict,
    IdempotencyConflict,
    Internal,
}

impl Code {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::NotFound => "NOT_FOUND",
            Self::BadInput => "BAD_INPUT",
            Self::Conflict => "CONFLICT",
            Self::IdempotencyConflict => "IDEMPOTENCY_CONFLICT",
            Self::Internal => "INTERNAL",
        }
    }
}

/// What a resolver may fail with. There is no blanket conversion: only what is listed here can leave.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub code: Code,
    pub detail: Option<String>,
}

/// The derive of async-graphql looks at the last path segment only: in resolvers this alias must be called `Result`.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

impl ApiError {
    pub fn new(code: Code) -> Self {
        Self { code, detail: None }
    }

    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    pub fn bad_input(detail: impl ToString) -> Self {
        Self { code: Code::BadInput, detail: Some(detail.to_string()) }
    }

    /// The error as GraphQL shows it, in one language.
    pub fn speak(&self, language: Language) -> Error {
        let args = [("detail", self.detail.clone().unwrap_or_default())];
        Error::new(messages::text(language, self.code.as_str(), &args))
            .extend_with(|_, extensions| extensions.set("code", self.code.as_str()))
    }
}

impl From<ApiError> for Error {
    /// The language of the request is not known here; `http` translates by code on the way out.
    fn from(error: ApiError) -> Self {
        error.speak(Language::En)
    }
}

impl From<Broken> for ApiError {
    /// Logged here, once; the caller learns nothing of it.
    fn from(error: Broken) -> Self {
        tracing::error!(error = %error, "broken");
        Self::new(Code::Internal)
    }
}

impl From<domain::kernel::InvalidPeriod> for ApiError {
    fn from(error: domain::kernel::InvalidPeriod) -> Self {
        Self::bad_input(error)
    }
}
