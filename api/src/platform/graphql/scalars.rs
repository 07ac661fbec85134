//! Scalars and small value types of the API. Money, Volume and Period are the domain's own.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use chrono::{Datelike, NaiveDate};

/// A calendar day in Almaty, as a string: "2026-03-25" (дата).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Date(pub NaiveDate);

/// A calendar day in Almaty, as a string: "2026-03-25" (дата).
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => match text.parse::<NaiveDate>() {
                // Nothing here happened before the first water main or is promised beyond this millennium.
                Ok(day) if (1800..3000).contains(&day.year()) => Ok(Self(day)),
                Ok(_) => Err(InputValueError::custom("a year from 1800 to 2999 is expected")),
                Err(_) => Err(InputValueError::custom(format!("not a day: {text}"))),
            },
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl Date {
    /// The last day of an interval whose first day after is known: people say "to 31 March", tables say "before 1 April".
    pub fn last(after: Option<NaiveDate>) -> Option<Self> {
        after.and_then(|day| day.pred_opt()).map(Self)
    }

    /// The first day after this one, as tables say it.
    pub fn after(self) -> Option<NaiveDate> {
        self.0.succ_opt()
    }
}

impl From<NaiveDate> for Date {
    fn from(day: NaiveDate) -> Self {
        Self(day)
    }
}

/// A name in the three languages (наименование).
#[derive(Debug, Clone, SimpleObject)]
pub struct LocalName {
    /// In Kazakh.
    pub kk: String,
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}
