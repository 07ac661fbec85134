use chrono::NaiveDate;

use crate::kernel::*;
use crate::tariffs::Amenity;

/// The tariff register has no version for a day: nothing is charged by a guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MissingTariff {
    #[error("no price of {service} for the group {group} on {day}")]
    Price { service: Service, group: ConsumerGroup, day: NaiveDate },
    #[error("no VAT rate on {day}")]
    Vat { day: NaiveDate },
    #[error("no norm of {service} for {amenity} dwellings on {day}")]
    Norm { amenity: Amenity, service: Service, day: NaiveDate },
}

/// A setting that decides money has no value for a day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the setting {code} has no value on {day}")]
pub struct MissingSetting {
    pub code: &'static str,
    pub day: NaiveDate,
}

/// Something that decides money is not in the registers: the account is not charged until it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    #[error(transparent)]
    Tariff(#[from] MissingTariff),
    #[error(transparent)]
    Setting(#[from] MissingSetting),
}

impl Missing {
    /// Stable code for messages.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Tariff(_) => "MISSING_TARIFF",
            Self::Setting(_) => "MISSING_SETTING",
        }
    }
}

/// A setting can't be read: no such code, or a value of another kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongSetting {
    #[error("no setting is called {0}")]
    UnknownCode(String),
    #[error("{value:?} is not a value of the setting {code}")]
    Value { code: String, value: String },
}
