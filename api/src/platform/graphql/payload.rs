//! Payloads of mutations: the entity, and typed errors that belong to a person rather than to a log.

use async_graphql::SimpleObject;

use crate::platform::Refusal;
use crate::platform::messages::Language;

/// Why a mutation was refused (ошибка ввода).
#[derive(Debug, Clone, SimpleObject)]
pub struct UserError {
    /// A stable code in UPPER_SNAKE_CASE.
    pub code: String,
    /// The field of the input that it is about.
    pub field: Option<String>,
    /// The reason in the language of `Accept-Language`.
    pub message: String,
}

impl UserError {
    pub fn of(refusal: &Refusal, language: Language) -> Self {
        Self {
            code: refusal.code.to_owned(),
            field: refusal.field.map(str::to_owned),
            message: refusal.words(language),
        }
    }
}

/// Declares a payload `{ entity, errors }` with its two constructors.
/// `payload!(/// doc  AccountPayload { /// doc  account: Account })`, then `AccountPayload::of(result, language)`.
#[macro_export]
macro_rules! payload {
    ($(#[$doc:meta])* $name:ident { $(#[$fdoc:meta])* $field:ident: $ty:ty }) => {
        $(#[$doc])*
        #[derive(async_graphql::SimpleObject)]
        pub struct $name {
            $(#[$fdoc])*
            pub $field: Option<$ty>,
            /// Why nothing was done; empty when it was.
            pub errors: Vec<$crate::platform::graphql::UserError>,
        }

        impl $name {
            /// From what an operation answered.
            pub fn of<T: Into<$ty>>(
                result: std::result::Result<T, $crate::platform::Refusal>,
                language: $crate::platform::messages::Language,
            ) -> Self {
                match result {
                    Ok(value) => Self { $field: Some(value.into()), errors: Vec::new() },
                    Err(refusal) => Self {
                        $field: None,
                        errors: vec![$crate::platform::graphql::UserError::of(&refusal, language)],
                    },
                }
            }
        }
    };
}
