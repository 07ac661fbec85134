//! What a channel and a payer read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::kernel::*;
use domain::payments::channel::{ChannelOutcome, Dialect, Field, PayerSees, mask_name};
use entities::kernel::Broken;
use entities::payments::take;
use serde::Deserialize;

use super::Channel;
use crate::platform::messages::{self, Language};

/// One short sentence, for the log of the agent and its support.
pub fn comment(language: Language, outcome: ChannelOutcome) -> String {
    messages::text(language, &format!("pay.{outcome}"), &[])
}

/// What a payer may see of an account.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub holder: Option<String>,
    /// A person's name is masked.
    pub person: bool,
    pub address: Option<String>,
    /// Owed when positive, paid ahead when negative.
    pub balance: Money,
    pub services: Vec<(Service, Money)>,
    /// Litres and the day of the last reading of each meter.
    pub readings: Vec<(i64, NaiveDate)>,
}

impl Seen {
    pub fn of(shown: &take::Shown, language: Language) -> Result<Self, Broken> {
        #[derive(Deserialize)]
        struct Reading {
            liters: i64,
            on: NaiveDate,
        }
        let wrong = |error: serde_json::Error| Broken::Json(error.to_string());
        let services: BTreeMap<Service, i64> =
            serde_json::from_value(shown.services.clone()).map_err(wrong)?;
        let readings: Vec<Reading> = serde_json::from_value(shown.readings.clone()).map_err(wrong)?;
        let street = match language {
            Language::Kk => &shown.street_kk,
            Language::Ru | Language::En => &shown.street_ru,
        };
        let house =
            street.as_ref().zip(shown.house.as_ref()).map(|(street, house)| format!("{street}, {house}"));
        Ok(Self {
            holder: shown.holder.clone(),
            person: shown.person,
            address: house.map(|house| match &shown.premise {
                Some(premise) => format!("{house}-{premise}"),
                None => house,
            }),
            balance: Money::from_tiyn(shown.balance),
            services: services.into_iter().map(|(service, tiyn)| (service, Money::from_tiyn(tiyn))).collect(),
            readings: readings.into_iter().map(|reading| (reading.liters, reading.on)).collect(),
        })
    }

    /// What is owed; nothing where more is paid ahead.
    pub fn debt(&self) -> Money {
        self.balance.max(Money::ZERO)
    }
}

/// The lines of a check. Programs read codes, people of Kaspi read words.
pub fn fields(channel: &Channel, seen: &Seen) -> Vec<Field> {
    let language = channel.language;
    let named = |code: &str| match channel.row.dialect {
        Dialect::Kaspi => messages::text(language, &format!("pay.field.{code}"), &[]),
        Dialect::Unified | Dialect::Osmp | Dialect::Kassa24 => code.to_owned(),
    };
    let mut fields = Vec::new();
    let mut line = |code: &str, value: String| fields.push(Field { name: named(code), value });
    if let (true, Some(holder)) = (channel.shows(PayerSees::Payer), &seen.holder) {
        line("payer", if seen.person { mask_name(holder) } else { holder.clone() });
    }
    if let (true, Some(address)) = (channel.shows(PayerSees::Address), &seen.address) {
        line("address", address.clone());
    }
    line("debt", seen.debt().to_string());
    if seen.balance.is_negative() {
        line("advance", (-seen.balance).to_string());
    }
    if channel.shows(PayerSees::Services) {
        for (service, owed) in &seen.services {
            line(&format!("debt_{service}"), owed.to_string());
        }
    }
    if channel.shows(PayerSees::Readings) {
        let words = messages::text(language, "pay.field.reading", &[]);
        for (at, (liters, on)) in seen.readings.iter().enumerate() {
            let name = match channel.row.dialect {
                Dialect::Kaspi if at == 0 => words.clone(),
                Dialect::Kaspi => format!("{words} {}", at + 1),
                Dialect::Unified | Dialect::Osmp | Dialect::Kassa24 => format!("reading_{}", at + 1),
            };
            let value = format!("{} ({})", Volume::from_liters(*liters), on.format("%d.%m.%Y"));
            fields.push(Field { name, value });
        }
    }
    fields
}
