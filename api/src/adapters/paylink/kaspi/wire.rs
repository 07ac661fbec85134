//! The provider's words: JSON in an envelope, names in PascalCase, sums as numbers of tenge.

use domain::kernel::Money;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Every answer.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Envelope<T> {
    pub status_code: i64,
    #[serde(default)]
    pub message: Option<String>,
    pub data: Option<T>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Register<'a> {
    pub device_id: &'a str,
    pub trade_point_id: i64,
    pub organization_bin: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Registered {
    pub device_token: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CreateLink<'a> {
    pub device_token: &'a str,
    pub amount: Tenge,
    pub external_id: &'a str,
    pub organization_bin: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Created {
    pub payment_link: String,
    pub payment_id: i64,
    #[serde(default)]
    pub expire_date: Option<chrono::DateTime<chrono::FixedOffset>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Status {
    pub status: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Details {
    pub total_amount: Tenge,
    pub available_return_amount: Tenge,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Return<'a> {
    pub device_token: &'a str,
    pub qr_payment_id: i64,
    pub amount: Tenge,
    pub organization_bin: &'a str,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Returned {
    pub return_operation_id: i64,
}

/// A sum as a JSON number, exact: read and written by its digits, never through a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenge(pub Money);

impl Serialize for Tenge {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let digits = self.0.to_decimal().normalize().to_string();
        let number = serde_json::value::RawValue::from_string(digits).map_err(serde::ser::Error::custom)?;
        number.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Tenge {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(from)?;
        let wrong = || serde::de::Error::custom(format!("not a sum of tenge: {}", raw.get()));
        let value = Decimal::from_str_exact(raw.get().trim_matches('"')).map_err(|_| wrong())?;
        let tiyn = (value * Decimal::ONE_HUNDRED).normalize();
        if tiyn.scale() > 0 {
            return Err(wrong());
        }
        tiyn.to_string().parse().map(|tiyn| Self(Money::from_tiyn(tiyn))).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_answers_are_read() {
        let created: Envelope<Created> =
            serde_json::from_str(include_str!("fixtures/create_link.json")).expect("an answer");
        let link = created.data.unwrap();
        assert_eq!((created.status_code, link.payment_id), (0, 15));
        assert_eq!(link.payment_link, "https://pay.kaspi.kz/pay/123456789");
        assert!(link.expire_date.is_some());
        let details: Envelope<Details> =
            serde_json::from_str(include_str!("fixtures/details.json")).expect("an answer");
        let details = details.data.unwrap();
        assert_eq!(details.total_amount, Tenge(Money::from_tiyn(20_050)));
        assert_eq!(details.available_return_amount, Tenge(Money::from_tiyn(20_000)));
        let refused: Envelope<Created> =
            serde_json::from_str(include_str!("fixtures/refused.json")).expect("an answer");
        assert_eq!((refused.status_code, refused.data.is_none()), (-10_000, true));
    }

    #[test]
    fn sums_go_by_their_digits() {
        for (tiyn, written) in
            [(1, "0.01"), (120_045, "1200.45"), (100_000, "1000"), (999_999_999_999, "9999999999.99")]
        {
            let money = Tenge(Money::from_tiyn(tiyn));
            assert_eq!(serde_json::to_string(&money).unwrap(), written);
            assert_eq!(serde_json::from_str::<Tenge>(written).unwrap(), money);
        }
        for wrong in ["0.001", "1e3", "null", "\"x\""] {
            assert!(serde_json::from_str::<Tenge>(wrong).is_err(), "{wrong}");
        }
    }
}
