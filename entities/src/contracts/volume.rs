//! Monthly volumes agreed for points that nothing measures.

use chrono::NaiveDate;
use domain::kernel::{ContractId, DocumentId, PointId, Volume};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Register, Result, sql};

pub const VOLUMES: Register = Register {
    table: "contracts.point_volume",
    key: "point_id = $4",
    says: "contract_id, point_id, liters, source, document_id, recorded_by",
};

/// The same rows by the contract that they belong to: they end with it.
pub const VOLUMES_OF_CONTRACT: Register = Register { key: "contract_id = $4", ..VOLUMES };

/// What is agreed for a point on the days from..to, as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct AgreedVolume {
    pub id: i64,
    pub contract_id: ContractId,
    pub point_id: PointId,
    pub liters: Volume,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub source: Option<String>,
    pub document_id: Option<DocumentId>,
}

/// Of contracts, newest first within each; fifty of a contract at most.
pub async fn of_contracts(
    db: &impl ConnectionTrait,
    contracts: Vec<ContractId>,
) -> Result<Vec<(ContractId, AgreedVolume)>> {
    let rows: Vec<AgreedVolume> = sql::all(
        db,
        "SELECT v.* FROM unnest($1::bigint[]) c (id) CROSS JOIN LATERAL (
             SELECT id, contract_id, point_id, liters, lower(valid) AS from, upper(valid) AS to, source, document_id
             FROM contracts.point_volume WHERE contract_id = c.id AND upper_inf(recorded)
             ORDER BY lower(valid) DESC, id DESC LIMIT 50) v",
        [contracts.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.contract_id, row)).collect())
}
