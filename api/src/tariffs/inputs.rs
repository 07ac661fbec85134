use async_graphql::InputObject;
use domain::kernel::*;
use domain::tariffs::{Amenity, BandMode};

use crate::platform::graphql::{Date, Gid};

/// Days, source and document of a version.
#[derive(Debug, Clone, InputObject)]
pub struct BasisInput {
    /// First day.
    pub from: Date,
    /// Last day; no end unless said.
    pub to: Option<Date>,
    /// Where the value comes from.
    pub source: String,
    /// The official document that sets it.
    pub document_id: Gid<DocumentId>,
}

/// A price to propose (цена).
#[derive(Debug, Clone, InputObject)]
pub struct PriceProposeInput {
    /// Line of the price list.
    pub service: Service,
    /// For whom.
    pub consumer_group: ConsumerGroup,
    /// Tenge per m³ without VAT, four decimals at most, as a string.
    pub net: String,
    #[graphql(flatten)]
    pub basis: BasisInput,
}

/// A norm to propose (норматив).
#[derive(Debug, Clone, InputObject)]
pub struct NormProposeInput {
    /// For which dwellings.
    pub amenity: Amenity,
    /// Line of the price list.
    pub service: Service,
    /// m³ per registered person and full month.
    pub volume: Volume,
    #[graphql(flatten)]
    pub basis: BasisInput,
}

/// A rate of value added tax to propose (ставка НДС).
#[derive(Debug, Clone, InputObject)]
pub struct VatProposeInput {
    /// 0.16 stands for 16 %; four decimals at most, as a string.
    pub rate: String,
    #[graphql(flatten)]
    pub basis: BasisInput,
}

/// Bands of the population's water price to propose (дифференциация по объёму).
#[derive(Debug, Clone, InputObject)]
pub struct BandsProposeInput {
    /// How the bands price a volume.
    pub mode: BandMode,
    /// In rising order, the last one without a bound; twenty at most.
    pub bands: Vec<BandInput>,
    #[graphql(flatten)]
    pub basis: BasisInput,
}

/// One band (диапазон).
#[derive(Debug, Clone, InputObject, serde::Serialize)]
pub struct BandInput {
    /// Upper bound in m³ per person and month, itself inside; nothing at the last band.
    pub upto: Option<Volume>,
    /// Multiplies the net price; as a string.
    pub coefficient: String,
}

/// Days without bands, to propose (приостановление дифференциации).
#[derive(Debug, Clone, InputObject)]
pub struct SuspensionProposeInput {
    #[graphql(flatten)]
    pub basis: BasisInput,
}

/// A setting that decides money, proposed for confirmation (настройка).
#[derive(Debug, Clone, InputObject)]
pub struct SettingProposeInput {
    /// Code of the setting.
    pub code: String,
    /// Its value, in the code's own words.
    pub value: String,
    #[graphql(flatten)]
    pub basis: BasisInput,
}

/// A confirmation by a second person (подтверждение).
#[derive(Debug, Clone, InputObject)]
pub struct SettingConfirmInput {
    /// The proposed version.
    pub id: Gid<SettingId>,
}

/// A confirmation of a proposed tariff by a second person (подтверждение тарифа).
#[derive(Debug, Clone, InputObject)]
pub struct TariffConfirmInput {
    /// The proposal.
    pub id: Gid<TariffId>,
}

/// An end of a proposal without effect (отклонение или отзыв предложения).
#[derive(Debug, Clone, InputObject)]
pub struct TariffDeclineInput {
    /// The proposal.
    pub id: Gid<TariffId>,
    /// Why; needed for somebody else's proposal.
    pub reason: Option<String>,
}

/// An end of a proposed value without effect (отклонение или отзыв настройки).
#[derive(Debug, Clone, InputObject)]
pub struct SettingDeclineInput {
    /// The proposed version.
    pub id: Gid<SettingId>,
    /// Why; needed for somebody else's proposal.
    pub reason: Option<String>,
}
