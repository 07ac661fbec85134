use domain::kernel::{ImportBatchId, PartyId};
use domain::subscribers::PartyKind;
use sea_orm::entity::prelude::*;

use crate::kernel::{Db, Result};

/// A person or an organisation. Identification, phone and e-mail are sealed by the vault; the `_index` columns find them.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "subscribers", table_name = "party")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: PartyId,
    pub kind: PartyKind,
    pub name: String,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub identification: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub identification_index: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub phone: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub phone_index: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub email: Option<Vec<u8>>,
    #[sea_orm(column_type = "VarBinary(StringLen::None)")]
    pub email_index: Option<Vec<u8>>,
    pub language: String,
    pub is_staff: bool,
    pub import_batch_id: Option<ImportBatchId>,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub async fn by_ids(db: &Db, ids: Vec<PartyId>) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}
