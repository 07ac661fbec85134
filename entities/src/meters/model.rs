use domain::kernel::MeterModelId;
use sea_orm::QueryOrder;
use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;

use crate::kernel::{Db, Page, Result, Slice};

/// A meter model: digits of its register and how often it is verified.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "meters", table_name = "model")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: MeterModelId,
    pub name: String,
    pub manufacturer: String,
    /// Whole-m³ digits; the register starts again at zero at 10^digits m³.
    pub digits: i32,
    pub diameter_mm: i32,
    pub interval_cold_months: i32,
    pub interval_hot_months: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<MeterModelId>) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// By name.
pub async fn list(db: &Db, page: Page<String>) -> Result<Slice<Model>> {
    let mut query = Entity::find().order_by_asc(Column::Name).limit(page.limit() as u64);
    if let Some(after) = &page.after {
        query = query.filter(Column::Name.gt(after));
    }
    Ok(Slice::of(query.all(db).await?, page.first))
}
