use domain::access::Scope;
use domain::kernel::*;
use domain::subscribers::AccountStatus;
use sea_orm::entity::prelude::*;

use crate::kernel::{Db, Result, ScopeArgs, Tx, sql};

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
pub async fn by_ids(db: &Db, ids: Vec<AccountId>) -> Result<Vec<Model>> {
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
