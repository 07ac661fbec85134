//! Dated limits of contracts: how much the points of a legal entity may use.

use chrono::NaiveDate;
use domain::kernel::{ContractId, DocumentId, LimitId, PointId, PremiseId, Service, Volume};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Register, Result, sql};

pub const LIMITS: Register = Register {
    table: "contracts.consumption_limit",
    key: "contract_id = $4 AND premise_id IS NOT DISTINCT FROM $5 AND point_id IS NOT DISTINCT FROM $6 AND service = $7",
    says: "contract_id, premise_id, point_id, service, month_liters, year_liters, source, document_id, recorded_by",
};

/// A limit on the days from..to, as known now: of an object, of a point, or of everything else of the contract.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct ContractLimit {
    pub id: LimitId,
    pub contract_id: ContractId,
    pub premise_id: Option<PremiseId>,
    pub point_id: Option<PointId>,
    pub service: String,
    pub month_liters: Option<i64>,
    pub year_liters: Option<i64>,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub source: String,
    pub document_id: DocumentId,
}

impl ContractLimit {
    pub fn service(&self) -> Option<Service> {
        Service::from_code(&self.service)
    }

    pub fn monthly(&self) -> Option<Volume> {
        self.month_liters.map(Volume::from_liters)
    }

    pub fn yearly(&self) -> Option<Volume> {
        self.year_liters.map(Volume::from_liters)
    }
}

/// Of contracts, newest first within each; fifty of a contract at most.
pub async fn of_contracts(
    db: &impl ConnectionTrait,
    contracts: Vec<ContractId>,
) -> Result<Vec<(ContractId, ContractLimit)>> {
    let rows: Vec<ContractLimit> = sql::all(
        db,
        "SELECT l.* FROM unnest($1::bigint[]) c (id) CROSS JOIN LATERAL (
             SELECT id, contract_id, premise_id, point_id, service, month_liters, year_liters, lower(valid) AS from,
                    upper(valid) AS to, source, document_id
             FROM contracts.consumption_limit WHERE contract_id = c.id AND upper_inf(recorded)
             ORDER BY lower(valid) DESC, id DESC LIMIT 50) l",
        [contracts.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.contract_id, row)).collect())
}

/// The objects that points lie in.
pub async fn objects_of(db: &impl ConnectionTrait, points: &[PointId]) -> Result<Vec<PremiseId>> {
    #[derive(FromQueryResult)]
    struct Row {
        premise_id: PremiseId,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT DISTINCT premise_id FROM premises.point WHERE id = ANY ($1) AND premise_id IS NOT NULL ORDER BY premise_id",
        [points.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.premise_id).collect())
}
