use async_graphql::{Context, Object, SimpleObject};
use domain::kernel::*;
use domain::meters::RemovalReason;
use entities::meters::{meter, model};
use entities::premises::point;

use super::loaders::{MeterAtPoint, MeterAwayFromPoint, ModelById};
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::premises::types::present;

/// A meter model (модель прибора).
#[derive(SimpleObject)]
pub struct MeterModel {
    /// Node id.
    pub id: Gid<MeterModelId>,
    /// Name of the model.
    pub name: String,
    /// Who makes it (изготовитель).
    pub manufacturer: String,
    /// Whole-m³ digits of the register: it starts again at zero after them (разрядность).
    pub digits: i32,
    /// Nominal diameter in mm (калибр).
    pub diameter_mm: i32,
    /// Months between verifications on cold water (межповерочный интервал).
    pub interval_cold_months: i32,
    /// Months between verifications on hot water.
    pub interval_hot_months: i32,
}

impl From<model::Model> for MeterModel {
    fn from(row: model::Model) -> Self {
        Self {
            id: Gid(row.id),
            name: row.name,
            manufacturer: row.manufacturer,
            digits: row.digits,
            diameter_mm: row.diameter_mm,
            interval_cold_months: row.interval_cold_months,
            interval_hot_months: row.interval_hot_months,
        }
    }
}

/// A meter (прибор учёта).
pub struct Meter(pub meter::Meter);

impl From<meter::Meter> for Meter {
    fn from(row: meter::Meter) -> Self {
        Self(row)
    }
}

/// A meter (прибор учёта).
#[Object]
impl Meter {
    /// Node id.
    pub async fn id(&self) -> Gid<MeterId> {
        Gid(self.0.id)
    }

    /// Serial number (заводской номер).
    async fn serial(&self) -> &str {
        &self.0.serial
    }

    /// Made for hot water (для горячей воды).
    async fn hot(&self) -> bool {
        self.0.hot
    }

    /// Its model (модель).
    async fn model(&self, cx: &Context<'_>) -> Result<MeterModel> {
        present(cx.loader().load_one(ModelById(self.0.model_id)).await?).map(MeterModel::from)
    }

    /// First day of its last stay at a point (дата установки).
    async fn installed_on(&self) -> Option<Date> {
        self.0.installed_on.map(Date)
    }

    /// First day it no longer stood there; nothing while it stands (дата снятия).
    async fn removed_on(&self) -> Option<Date> {
        self.0.removed_on.map(Date)
    }

    /// Why it was taken off; nothing while it stands, or where nobody said (причина снятия).
    async fn removal_reason(&self) -> Option<RemovalReason> {
        self.0.removal.as_deref().and_then(RemovalReason::from_code)
    }

    /// First day on which it no longer counts as verified (поверен до).
    async fn verified_until(&self) -> Option<Date> {
        self.0.verified_until.map(Date)
    }

    /// Version, for changes.
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// What meters add to a point of supply.
pub struct PointMeter(PointId);

impl From<&point::Point> for PointMeter {
    fn from(row: &point::Point) -> Self {
        Self(row.id)
    }
}

#[Object]
impl PointMeter {
    /// The meter that stands here on the business date (прибор учёта).
    async fn meter(&self, cx: &Context<'_>) -> Result<Option<Meter>> {
        Ok(cx.loader().load_one(MeterAtPoint(self.0)).await?.map(Meter))
    }

    /// The meter that was taken off here for repair or verification, while none stands here (прибор на ремонте или поверке).
    async fn meter_away(&self, cx: &Context<'_>) -> Result<Option<Meter>> {
        Ok(cx.loader().load_one(MeterAwayFromPoint(self.0)).await?.map(Meter))
    }
}
