use domain::access::Scope;
use domain::kernel::{AccountId, BuildingId, DistrictId, ImportBatchId, StreetId};
use domain::premises::BuildingKind;
use sea_orm::FromQueryResult;
use sea_orm::entity::prelude::*;

use super::wording::Words;
use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, sql};

/// A building: a house number of a street.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(schema_name = "premises", table_name = "building")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: BuildingId,
    pub district_id: DistrictId,
    pub street_id: StreetId,
    pub house: String,
    pub kind: BuildingKind,
    pub import_batch_id: Option<ImportBatchId>,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<BuildingId>) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// The condition over `premises.building b`: the districts of the scope; a subscriber's own scope holds no buildings.
const WHERE: &str = "($1::bigint[] IS NULL OR b.district_id = ANY ($1)) AND NOT $2";

fn scope_values(scope: &Scope) -> [sea_orm::Value; 2] {
    let args = ScopeArgs::from(scope);
    [args.districts.into(), args.accounts.is_some().into()]
}

/// What a caller asks of the list of buildings.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub search: Option<String>,
    pub district: Option<DistrictId>,
}

/// Buildings of the scope by id; the search takes words of the street's name and, after them, the house.
pub async fn list(db: &Db, scope: &Scope, filter: Filter, page: Page) -> Result<Slice<Model>> {
    let readings = Words::of(filter.search.as_deref().unwrap_or_default()).readings();
    let streets: Vec<String> = readings.iter().map(|one| one.street.clone()).collect();
    let houses: Vec<String> = readings.into_iter().map(|one| one.house.unwrap_or_default()).collect();
    let [districts, own] = scope_values(scope);
    let rows = sql::all(
        db,
        &format!(
            "SELECT b.* FROM premises.building b JOIN premises.street s ON s.id = b.street_id
             WHERE {WHERE} AND ($3::bigint IS NULL OR b.district_id = $3)
               AND EXISTS (SELECT FROM unnest($4::text[], $5::text[]) n (street, house)
                           WHERE s.folded LIKE '%' || platform.fold(n.street) || '%' AND lower(n.house) IN ('', lower(b.house)))
               AND ($6::bigint IS NULL OR b.id > $6)
             ORDER BY b.id LIMIT $7"
        ),
        [
            districts,
            own,
            filter.district.map(|d| d.0).into(),
            streets.into(),
            houses.into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Whether a building lies in the scope.
pub async fn visible(db: &impl ConnectionTrait, scope: &Scope, id: BuildingId) -> Result<bool> {
    let [districts, own] = scope_values(scope);
    let found: Option<i32> = sql::scalar(
        db,
        &format!("SELECT 1 FROM premises.building b WHERE {WHERE} AND b.id = $3"),
        [districts, own, id.0.into()],
    )
    .await?;
    Ok(found.is_some())
}

/// Whether an account pays for a whole house, for this one or for any, on a day or later.
pub async fn paid_by(
    db: &impl ConnectionTrait,
    account: AccountId,
    building: Option<BuildingId>,
    day: chrono::NaiveDate,
) -> Result<bool> {
    let found: Option<i32> = sql::scalar(
        db,
        "SELECT 1 FROM premises.bulk_billing
         WHERE payer_id = $1 AND building_id = coalesce($2, building_id) AND upper_inf(recorded) AND valid && daterange($3, NULL) LIMIT 1",
        [account.0.into(), building.map(|id| id.0).into(), day.into()],
    )
    .await?;
    Ok(found.is_some())
}

/// Whether flats of a house have accounts of their own.
pub async fn lived_in(db: &impl ConnectionTrait, building: BuildingId) -> Result<bool> {
    let found: Option<i32> = sql::scalar(
        db,
        "SELECT 1 FROM subscribers.account WHERE building_id = $1 AND sector = 'multi' AND closed_on IS NULL LIMIT 1",
        [building.0.into()],
    )
    .await?;
    Ok(found.is_some())
}

/// An address in the two languages streets are named in.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Address {
    pub id: i64,
    pub street_kk: String,
    pub street_ru: String,
    pub house: String,
    /// Number of the flat; empty for a house or an object.
    pub number: String,
}

/// Addresses of buildings.
pub async fn addresses(db: &Db, ids: Vec<BuildingId>) -> Result<Vec<Address>> {
    sql::all(
        db,
        "SELECT b.id, s.name_kk AS street_kk, s.name_ru AS street_ru, b.house, '' AS number
         FROM premises.building b JOIN premises.street s ON s.id = b.street_id WHERE b.id = ANY ($1)",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}
