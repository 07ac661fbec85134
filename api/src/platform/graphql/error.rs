//! Errors of the API: a stable code in `extensions`, a message in the reader's language, nothing of our insides.

use async_graphql::{Error, ErrorExtensionValues, ServerError, Value};
use entities::kernel::Broken;

use super::detail::worded;
use crate::platform::messages::{self, Language};

/// Declares the codes with their words, and the list of them for `/developers` and the tests.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// Stable codes of top-level errors.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }
        }
    };
}

codes! {
    Unauthenticated = "UNAUTHENTICATED",
    Forbidden = "FORBIDDEN",
    /// Signed in with a password that an administrator gave: it must be changed before anything else.
    PasswordDue = "PASSWORD_DUE",
    NotFound = "NOT_FOUND",
    BadInput = "BAD_INPUT",
    Conflict = "CONFLICT",
    IdempotencyConflict = "IDEMPOTENCY_CONFLICT",
    DemoOnly = "DEMO_ONLY",
    Internal = "INTERNAL",
    /// The document is not GraphQL.
    ParseFailed = "PARSE_FAILED",
    /// The document does not fit the schema.
    ValidationFailed = "VALIDATION_FAILED",
    TooDeep = "TOO_DEEP",
    TooComplex = "TOO_COMPLEX",
    TooManyAliases = "TOO_MANY_ALIASES",
    TooManyDirectives = "TOO_MANY_DIRECTIVES",
    TooManyRequests = "TOO_MANY_REQUESTS",
    TooLarge = "TOO_LARGE",
    BatchRefused = "BATCH_REFUSED",
    /// The HTTP request itself is wrong: method, media type, encoding.
    BadRequest = "BAD_REQUEST",
    /// The budget of this minute is spent.
    RateLimited = "RATE_LIMITED",
    /// Not on the list of documents that the public and subscribers may send.
    UntrustedDocument = "UNTRUSTED_DOCUMENT",
    /// No document stands under this hash.
    UnknownDocument = "UNKNOWN_DOCUMENT",
    /// Somebody of the staff switched the operation off.
    OperationOff = "OPERATION_OFF",
    /// It took too long.
    Timeout = "TIMEOUT",
    /// A page of another site sent it.
    CrossSite = "CROSS_SITE",
}

/// What a resolver may fail with. There is no blanket conversion: only what is listed here can leave.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub code: Code,
    pub detail: Option<String>,
    /// Name of the operation it is about, where the code alone does not say.
    pub operation: Option<String>,
    /// Seconds after which it may be tried again.
    pub retry_after: Option<u64>,
}

/// The derive of async-graphql looks at the last path segment only: in resolvers this alias must be called `Result`.
pub type Result<T, E = ApiError> = std::result::Result<T, E>;

impl ApiError {
    pub fn new(code: Code) -> Self {
        Self { code, detail: None, operation: None, retry_after: None }
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

    pub fn operation(mut self, field: &str) -> Self {
        self.operation = Some(field.to_owned());
        self
    }

    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        if let Some(detail) = &self.detail {
            extensions.set("detail", detail.as_str());
        }
        if let Some(operation) = &self.operation {
            extensions.set("operation", operation.as_str());
        }
        if let Some(seconds) = self.retry_after {
            extensions.set("retryAfter", seconds);
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
    error.message = messages::text(language, &code, &[("detail", worded(language, &detail))]);
    error.source = None;
    error
}

/// How async-graphql words a value that an input type refused.
fn about_input(text: &str) -> bool {
    ["Failed to parse", "Expected input type", "Invalid value for argument", "Variable "]
        .iter()
        .any(|start| text.starts_with(start))
}
