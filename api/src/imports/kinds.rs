//! What each kind of file carries: one table of columns per kind.

use domain::imports::ImportKind;
use domain::kernel::{Component, ConsumerGroup, Sector, Service};
use domain::premises::{BuildingKind, PremiseKind};
use domain::readings::Channel;
use domain::subscribers::{PartyKind, ResidencySource};
use domain::tariffs::Amenity;
use entities::imports::stage;

/// How the text of a column is read.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    Text,
    /// 2026-03-25 or 25.03.2026.
    Date,
    /// 2026-03, or any day of the month; kept as its first day.
    Month,
    /// A whole number.
    Count,
    /// m³, kept as litres.
    Volume,
    /// Tenge, kept as tiyn.
    Money,
    /// m², kept as 0.01 m².
    Area,
    /// 1/0, да/нет, иә/жоқ, yes/no; empty is no.
    Flag,
    /// One of the codes of a word list.
    Code(fn(&str) -> bool),
    Identification,
    Phone,
    Email,
}

impl Type {
    /// Personal data: sealed wherever it is kept.
    pub const fn is_personal(self) -> bool {
        matches!(self, Self::Identification | Self::Phone | Self::Email)
    }

    pub const fn staged(self) -> stage::Column {
        match self {
            Self::Text | Self::Code(_) => stage::Column::Text,
            Self::Date | Self::Month => stage::Column::Date,
            Self::Count | Self::Volume | Self::Money | Self::Area => stage::Column::Number,
            Self::Flag => stage::Column::Bool,
            Self::Identification | Self::Phone | Self::Email => stage::Column::Sealed,
        }
    }
}

/// A column of a file.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    pub name: &'static str,
    pub kind: Type,
    /// A row without it is rejected. A required column must stand in the header.
    pub required: bool,
}

const fn need(name: &'static str, kind: Type) -> Column {
    Column { name, kind, required: true }
}

const fn may(name: &'static str, kind: Type) -> Column {
    Column { name, kind, required: false }
}

macro_rules! code {
    ($words:ty) => {
        Type::Code(|code| <$words>::from_code(code).is_some())
    };
}

const PREMISES: &[Column] = &[
    need("district", Type::Text),
    need("street_code", Type::Text),
    need("street_kk", Type::Text),
    need("street_ru", Type::Text),
    need("house", Type::Text),
    need("building_kind", code!(BuildingKind)),
    may("premise", Type::Text),
    need("premise_kind", code!(PremiseKind)),
    may("area_m2", Type::Area),
    need("cold_water", Type::Flag),
    need("sewerage", Type::Flag),
    need("hot_sewerage", Type::Flag),
    // Watering is a norm of plots, no amenity of a dwelling.
    need(
        "amenity",
        Type::Code(|code| Amenity::from_code(code).is_some_and(|amenity| amenity != Amenity::Watering)),
    ),
    may("house_meter", Type::Flag),
    may("from", Type::Date),
];

const ACCOUNTS: &[Column] = &[
    need("number", Type::Text),
    need("sector", code!(Sector)),
    need("consumer_group", code!(ConsumerGroup)),
    need("street_code", Type::Text),
    need("house", Type::Text),
    may("premise", Type::Text),
    need("holder_kind", code!(PartyKind)),
    need("holder_name", Type::Text),
    may("identification", Type::Identification),
    may("phone", Type::Phone),
    may("email", Type::Email),
    may("language", Type::Code(|code| matches!(code, "kk" | "ru" | "en"))),
    need("opened_on", Type::Date),
];

const RESIDENTS: &[Column] = &[
    need("account", Type::Text),
    need("residents", Type::Count),
    need("from", Type::Date),
    need("source", code!(ResidencySource)),
];

const CONTRACTS: &[Column] = &[
    need("number", Type::Text),
    need("kind", code!(domain::contracts::ContractKind)),
    need("account", Type::Text),
    need("signed_on", Type::Date),
    need("from", Type::Date),
    may("to", Type::Date),
    may("monthly_m3", Type::Volume),
];

const METERS: &[Column] = &[
    may("account", Type::Text),
    may("street_code", Type::Text),
    may("house", Type::Text),
    need("hot", Type::Flag),
    need("model", Type::Text),
    need("serial", Type::Text),
    need("installed_on", Type::Date),
    need("initial_m3", Type::Volume),
    need("verified_on", Type::Date),
    may("verified_until", Type::Date),
    may("seal", Type::Text),
];

/// Of an account's meter, or of the house meter: then the street and the house stand instead of the account.
const READINGS: &[Column] = &[
    may("account", Type::Text),
    may("street_code", Type::Text),
    may("house", Type::Text),
    need("hot", Type::Flag),
    may("serial", Type::Text),
    need("day", Type::Date),
    need("value_m3", Type::Volume),
    may("channel", code!(Channel)),
];

const PAYMENTS: &[Column] = &[
    need("account", Type::Text),
    need("amount", Type::Money),
    need("paid_on", Type::Date),
    need("channel", Type::Text),
    need("external_id", Type::Text),
];

/// Debts greater than zero, each for one service, component and month; an advance is less than zero and for nothing yet.
const BALANCES: &[Column] = &[
    need("account", Type::Text),
    may("service", code!(Service)),
    may("component", code!(Component)),
    may("month", Type::Month),
    need("amount", Type::Money),
];

/// The columns of a kind, in the order of its samples.
pub const fn columns(kind: ImportKind) -> &'static [Column] {
    match kind {
        ImportKind::Premises => PREMISES,
        ImportKind::Accounts => ACCOUNTS,
        ImportKind::Residents => RESIDENTS,
        ImportKind::Contracts => CONTRACTS,
        ImportKind::Meters => METERS,
        ImportKind::Readings => READINGS,
        ImportKind::Payments => PAYMENTS,
        ImportKind::Balances => BALANCES,
    }
}

/// The same for the stage.
pub fn staged(kind: ImportKind) -> Vec<(&'static str, stage::Column)> {
    columns(kind).iter().map(|column| (column.name, column.kind.staged())).collect()
}

/// Whether files of the kind carry personal data.
pub fn is_personal(kind: ImportKind) -> bool {
    columns(kind).iter().any(|column| column.kind.is_personal())
}
