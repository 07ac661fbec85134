use domain::access::Scope;
use domain::kernel::*;
use domain::subscribers::AccountStatus;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::entity::prelude::*;

use crate::kernel::{Register, Result, ScopeArgs, Tx, sql};

pub const POINTS: Register = Register {
    table: "subscribers.account_point",
    key: "account_id = $4",
    says: "account_id, point_id, recorded_by, document_id",
};

/// One point of an account.
pub const POINT: Register = Register { key: "account_id = $4 AND point_id = $5", ..POINTS };

/// A subscriber account. The district is copied from the building: the row scope is checked on every read.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(schema_name = "subscribers", table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: AccountId,
    pub number: String,
    pub sector: Sector,
    pub consumer_group: ConsumerGroup,
    pub district_id: DistrictId,
    pub building_id: BuildingId,
    pub premise_id: PremiseId,
    pub status: AccountStatus,
    pub opened_on: Date,
    pub closed_on: Option<Date>,
    /// First day that the final bill did not charge.
    pub final_upto: Option<Date>,
    pub import_batch_id: Option<ImportBatchId>,
    pub version: i32,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The same question as [`ScopeArgs::WHERE`], asked of a row at hand.
    pub fn in_scope(&self, scope: &Scope) -> bool {
        match scope {
            Scope::City => true,
            Scope::Part { sectors, districts } => {
                (sectors.is_empty() || sectors.contains(&self.sector))
                    && (districts.is_empty() || districts.contains(&self.district_id))
            }
            Scope::Own(accounts) => accounts.contains(&self.id),
        }
    }
}

/// Without a scope: whoever shows a row must ask [`Model::in_scope`].
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<AccountId>) -> Result<Vec<Model>> {
    Entity::find().filter(Column::Id.is_in(ids)).all(db).await
}

/// One account of the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: AccountId) -> Result<Option<Model>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!("SELECT a.* FROM subscribers.account a WHERE {} AND a.id = $4", ScopeArgs::WHERE),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// One account of the scope by its number, or by a number it had in an older system.
pub async fn by_number(db: &impl ConnectionTrait, scope: &Scope, number: &str) -> Result<Option<Model>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!(
            "SELECT a.* FROM subscribers.account a WHERE {} AND (a.number = $4
                OR a.id = (SELECT account_id FROM subscribers.old_number WHERE number = $4))
             ORDER BY a.number = $4 DESC LIMIT 1",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, number.trim().into()],
    )
    .await
}

/// One account of the caller's scope, locked until the end of the transaction.
pub async fn lock(tx: &Tx, id: AccountId) -> Result<Option<Model>> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    sql::one(
        tx,
        &format!("SELECT a.* FROM subscribers.account a WHERE {} AND a.id = $4 FOR UPDATE", ScopeArgs::WHERE),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// A new account as it is opened.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub number: String,
    pub sector: Sector,
    pub consumer_group: ConsumerGroup,
    pub district: DistrictId,
    pub building: BuildingId,
    pub premise: PremiseId,
    pub opened_on: Date,
}

pub async fn insert(tx: &Tx, new: NewAccount) -> Result<Model> {
    let row = ActiveModel {
        number: Set(new.number),
        sector: Set(new.sector),
        consumer_group: Set(new.consumer_group),
        district_id: Set(new.district),
        building_id: Set(new.building),
        premise_id: Set(new.premise),
        status: Set(AccountStatus::Active),
        opened_on: Set(new.opened_on),
        version: Set(1),
        ..Default::default()
    };
    row.insert(tx).await
}

/// Writes what may change of an account, with the next version.
pub async fn update(tx: &Tx, row: &Model) -> Result<Model> {
    let change = ActiveModel {
        id: Unchanged(row.id),
        consumer_group: Set(row.consumer_group),
        status: Set(row.status),
        closed_on: Set(row.closed_on),
        version: Set(row.version + 1),
        ..Default::default()
    };
    change.update(tx).await
}

/// Says up to which day the final bill charged: runs leave that month alone.
pub async fn settled(tx: &Tx, id: AccountId, upto: Date) -> Result<Model> {
    let change = ActiveModel { id: Unchanged(id), final_upto: Set(Some(upto)), ..Default::default() };
    change.update(tx).await
}

/// Points that an account pays for on a day.
pub async fn points_on(db: &impl ConnectionTrait, id: AccountId, day: Date) -> Result<Vec<PointId>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        point_id: PointId,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT point_id FROM subscribers.account_point
         WHERE account_id = $1 AND valid @> $2::date AND upper_inf(recorded) ORDER BY point_id",
        [id.0.into(), day.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.point_id).collect())
}

/// The first day on which an account did not have a point any more, the last time that it gave it back.
pub async fn gave_back(db: &impl ConnectionTrait, id: AccountId, point: PointId) -> Result<Option<Date>> {
    let day: Option<Option<Date>> = sql::scalar(
        db,
        "SELECT max(upper(valid)) FROM subscribers.account_point
         WHERE account_id = $1 AND point_id = $2 AND upper_inf(recorded)",
        [id.0.into(), point.0.into()],
    )
    .await?;
    Ok(day.flatten())
}

/// The account that pays for a point on a day, whoever asks.
pub async fn paying_for(db: &impl ConnectionTrait, point: PointId, day: Date) -> Result<Option<Model>> {
    sql::one(
        db,
        "SELECT a.* FROM subscribers.account_point o JOIN subscribers.account a ON a.id = o.account_id
         WHERE o.point_id = $1 AND o.valid @> $2::date AND upper_inf(o.recorded)",
        [point.0.into(), day.into()],
    )
    .await
}
