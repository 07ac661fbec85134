//! Errors of the API: a stable code in `extensions`, a message in the reader's language, nothing of our insides.

use async_graphql::{Error, ErrorExtensionValues, ServerError, Value};
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
    DemoOnly,
    Internal,
    /// The document is not GraphQL.
    ParseFailed,
    /// The document does not fit the schema.
    ValidationFailed,
    TooDeep,
    TooComplex,
    TooManyAliases,
    TooManyDirectives,
    TooManyRequests,
    TooLarge,
    BatchRefused,
    /// The HTTP request itself is wrong: method, media type, encoding.
    BadRequest,
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
            Self::DemoOnly => "DEMO_ONLY",
            Self::Internal => "INTERNAL",
            Self::ParseFailed => "PARSE_FAILED",
            Self::ValidationFailed => "VALIDATION_FAILED",
            Self::TooDeep => "TOO_DEEP",
            Self::TooComplex => "TOO_COMPLEX",
            Self::TooManyAliases => "TOO_MANY_ALIASES",
            Self::TooManyDirectives => "TOO_MANY_DIRECTIVES",
            Self::TooManyRequests => "TOO_MANY_REQUESTS",
            Self::TooLarge => "TOO_LARGE",
            Self::BatchRefused => "BATCH_REFUSED",
            Self::BadRequest => "BAD_REQUEST",
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
        Self::new(Code::BadInput).detail(detail)
    }

    pub fn detail(mut self, detail: impl ToString) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        if let Some(detail) = &self.detail {
            extensions.set("detail", detail.as_str());
        }
        extensions
    }

    /// The error as GraphQL shows it, in one language.
    pub fn speak(&self, language: Language) -> Error {
        let args = [("detail", self.detail.clone().unwrap_or_default())];
        let mut error = Error::new(messages::text(language, self.code.as_str(), &args));
        error.extensions = Some(self.extensions());
        error
    }

    /// The error of a request that never reached a field.
    pub fn refuse(&self) -> ServerError {
        let mut error = ServerError::new(self.code.as_str(), None);
        error.extensions = Some(self.extensions());
        error
    }
}

impl From<ApiError> for Error {
    /// The language of the request is not known here; [`translate`] words it by code on the way out.
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

/// The word in `extensions.code`, if the error has one.
pub fn code_of(error: &ServerError) -> Option<&str> {
    word(error, "code")
}

fn word<'a>(error: &'a ServerError, name: &str) -> Option<&'a str> {
    match error.extensions.as_ref()?.get(name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Words an error for its reader. What carries no code of ours comes from the GraphQL library: before execution it is about
/// the document, during execution about an argument; anything else would be a leak and becomes INTERNAL.
pub fn translate(mut error: ServerError, language: Language, executed: bool) -> ServerError {
    if code_of(&error).is_none() {
        let code = match (executed, error.message.as_str()) {
            (false, text) if text.starts_with(" -->") => Code::ParseFailed,
            (false, _) => Code::ValidationFailed,
            (true, text) if about_input(text) => Code::BadInput,
            (true, text) => {
                tracing::error!(error = text, "an error without a code");
                Code::Internal
            }
        };
        let plain = ApiError::new(code);
        let worded = if code == Code::Internal { plain } else { plain.detail(&error.message) };
        error.extensions = Some(worded.extensions());
    }
    let code = code_of(&error).unwrap_or_default().to_owned();
    let detail = word(&error, "detail").unwrap_or_default().to_owned();
    error.message = messages::text(language, &code, &[("detail", detail)]);
    error.source = None;
    error
}

/// How async-graphql words a value that an input type refused.
fn about_input(text: &str) -> bool {
    ["Failed to parse", "Expected input type", "Invalid value for argument", "Variable "]
        .iter()
        .any(|start| text.starts_with(start))
}
