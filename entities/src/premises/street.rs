use domain::kernel::StreetId;
use sea_orm::entity::prelude::*;

use crate::kernel::{Db, Page, Result, Slice, sql};

/// A street with its names in Kazakh and Russian; `folded` of the table is for search only.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "premises", table_name = "street")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: StreetId,
    pub code: String,
    pub name_kk: String,
    pub name_ru: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub async fn by_ids(db: &Db, ids: Vec<StreetId>) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// Streets whose name in either language contains the words, by code.
pub async fn list(db: &Db, search: Option<String>, page: Page<String>) -> Result<Slice<Model>> {
    let rows = sql::all(
        db,
        "SELECT id, code, name_kk, name_ru FROM premises.street
         WHERE ($1::text IS NULL OR folded LIKE '%' || platform.fold($1) || '%') AND ($2::text IS NULL OR code > $2)
         ORDER BY code LIMIT $3",
        [search.into(), page.after.clone().into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
