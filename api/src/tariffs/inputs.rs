use async_graphql::InputObject;
use domain::kernel::*;
use domain::tariffs::Amenity;

use crate::platform::graphql::{Date, Gid};

/// A price to record (цена).
#[derive(Debug, Clone, InputObject)]
pub struct PriceRecordInput {
    /// Line of the price list.
    pub service: Service,
    /// For whom.
    pub consumer_group: ConsumerGroup,
    /// Tenge per m³ without VAT, four decimals at most, as a string.
    pub net: String,
    /// First day.
    pub from: Date,
    /// Last day; no end unless said.
    pub to: Option<Date>,
    /// Where the value comes from.
    pub source: String,
    /// The official document that sets it.
    pub document_id: Gid<DocumentId>,
}

/// A norm to record (норматив).
#[derive(Debug, Clone, InputObject)]
pub struct NormRecordInput {
    /// For which dwellings.
    pub amenity: Amenity,
    /// Line of the price list.
    pub service: Service,
    /// m³ per registered person and full month.
    pub volume: Volume,
    /// First day.
    pub from: Date,
    /// Last day; no end unless said.
    pub to: Option<Date>,
    /// Where the value comes from.
    pub source: String,
    /// The official document that sets it.
    pub document_id: Gid<DocumentId>,
}

/// A setting that decides money, proposed for confirmation (настройка).
#[derive(Debug, Clone, InputObject)]
pub struct SettingProposeInput {
    /// Code of the setting.
    pub code: String,
    /// Its value, in the code's own words.
    pub value: String,
    /// First day.
    pub from: Date,
    /// Last day; no end unless said.
    pub to: Option<Date>,
    /// Where the value comes from.
    pub source: String,
    /// The official document behind it.
    pub document_id: Gid<DocumentId>,
}

/// A confirmation by a second person (подтверждение).
#[derive(Debug, Clone, InputObject)]
pub struct SettingConfirmInput {
    /// The proposed version.
    pub id: Gid<SettingId>,
}
