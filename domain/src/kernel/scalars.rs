//! The exact values as GraphQL scalars: always strings, never JSON numbers.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

use super::{Money, Period, Volume};

macro_rules! string_scalar {
    ($(#[$doc:meta])* $ty:ty, $name:literal) => {
        $(#[$doc])*
        #[Scalar(name = $name)]
        impl ScalarType for $ty {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => text.parse().map_err(InputValueError::custom),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn to_value(&self) -> Value {
                Value::String(self.to_string())
            }
        }
    };
}

string_scalar! {
    /// A sum in tenge with two decimals, as a string: "1234.50" (сумма).
    Money, "Money"
}
string_scalar! {
    /// A volume in m³ with three decimals, as a string: "12.345" (объём).
    Volume, "Volume"
}
string_scalar! {
    /// A billing month, as a string: "2026-03" (расчётный период).
    Period, "Period"
}
