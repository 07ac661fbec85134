use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::kernel::{BuildingId, DocumentId, ImportBatchId, PremiseId};
use domain::premises::PremiseKind;
use sea_orm::entity::prelude::*;

use super::building::{self, Address};
use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

/// A flat, a private house or an object of a legal entity.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "premises", table_name = "premise")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: PremiseId,
    pub building_id: BuildingId,
    pub number: String,
    pub kind: PremiseKind,
    /// Useful area in 0.01 m².
    pub area_dm2: Option<i32>,
    pub import_batch_id: Option<ImportBatchId>,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<PremiseId>) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// One premise, if its building lies in the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: PremiseId) -> Result<Option<Model>> {
    let Some(premise) = Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    Ok(building::visible(db, scope, premise.building_id).await?.then_some(premise))
}

/// A page of the premises of each building, by id; one statement for all the buildings.
pub async fn of_buildings(
    db: &Db,
    ids: Vec<BuildingId>,
    page: Page,
) -> Result<Vec<(BuildingId, Slice<Model>)>> {
    let rows: Vec<Model> = sql::all(
        db,
        "SELECT p.* FROM unnest($1::bigint[]) AS wanted (id)
         CROSS JOIN LATERAL (
             SELECT * FROM premises.premise p WHERE p.building_id = wanted.id AND ($2::bigint IS NULL OR p.id > $2)
             ORDER BY p.id LIMIT $3) p
         ORDER BY p.id",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(crate::kernel::page::of_each(ids, rows, |row| row.building_id, page.first))
}

/// Sets the useful area of a premise, in 0.01 m², on a document; what was known before is kept beside it.
pub async fn set_area(
    tx: &Tx,
    id: PremiseId,
    area_dm2: i32,
    document: DocumentId,
    at: DateTime<Utc>,
) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO premises.area_set (premise_id, before_dm2, area_dm2, document_id, recorded_at, recorded_by)
         SELECT p.id, p.area_dm2, $2, $3, $4, $5 FROM premises.premise p WHERE p.id = $1",
        [id.0.into(), area_dm2.into(), document.0.into(), at.into(), tx.actor().label.clone().into()],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE premises.premise SET area_dm2 = $2, version = version + 1 WHERE id = $1",
        [id.0.into(), area_dm2.into()],
    )
    .await?;
    Ok(())
}

/// Locks a premise until the end of the transaction.
pub async fn lock(tx: &Tx, id: PremiseId) -> Result<Option<Model>> {
    sql::one(tx, "SELECT p.* FROM premises.premise p WHERE p.id = $1 FOR NO KEY UPDATE", [id.0.into()]).await
}

/// Addresses of premises.
pub async fn addresses(db: &Db, ids: Vec<PremiseId>) -> Result<Vec<Address>> {
    sql::all(
        db,
        "SELECT p.id, s.name_kk AS street_kk, s.name_ru AS street_ru, b.house, p.number
         FROM premises.premise p JOIN premises.building b ON b.id = p.building_id
         JOIN premises.street s ON s.id = b.street_id WHERE p.id = ANY ($1)",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}
