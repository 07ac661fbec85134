use domain::kernel::DistrictId;
use sea_orm::entity::prelude::*;

use crate::kernel::{Db, Result};

/// A district of the city; eight rows.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "premises", table_name = "district")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DistrictId,
    pub code: String,
    pub name_kk: String,
    pub name_ru: String,
    pub name_en: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// All of them, by code.
pub async fn all(db: &Db) -> Result<Vec<Model>> {
    use sea_orm::QueryOrder;
    Entity::find().order_by_asc(Column::Code).all(db).await
}

pub async fn by_ids(db: &Db, ids: Vec<DistrictId>) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}
