//! Decisions about houses between two people: proposed by one, confirmed or declined by another, taken back by the first.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::imbalance::DecisionKind;
use domain::kernel::*;
use domain::tariffs::{ImbalanceMethod, ProposalState};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, Tx, sql};

/// A decision about a house and month.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct DecisionRow {
    pub id: ImbalanceDecisionId,
    pub building_id: BuildingId,
    pub period: NaiveDate,
    pub kind: DecisionKind,
    pub method: Option<ImbalanceMethod>,
    pub reason: String,
    pub document_id: DocumentId,
    pub state: ProposalState,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub declined_why: Option<String>,
}

const COLUMNS: &str = "d.id, d.building_id, d.period, d.kind, d.method, d.reason, d.document_id, d.state, d.proposed_by, \
     d.proposed_at, d.decided_by, d.decided_at, d.declined_why";

/// A decision to propose.
pub struct New<'a> {
    pub building: BuildingId,
    pub period: Period,
    pub kind: DecisionKind,
    pub method: Option<ImbalanceMethod>,
    pub reason: &'a str,
    pub document: DocumentId,
}

/// `None` while another one of the house and month waits.
pub async fn propose(tx: &Tx, new: New<'_>) -> Result<Option<DecisionRow>> {
    sql::one(
        tx,
        &format!(
            "INSERT INTO imbalance.decision AS d (building_id, period, kind, method, reason, document_id, proposed_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (building_id, period) WHERE state = 'proposed' DO NOTHING RETURNING {COLUMNS}"
        ),
        [
            new.building.0.into(),
            new.period.first_day().into(),
            new.kind.code().into(),
            new.method.map(ImbalanceMethod::code).into(),
            new.reason.into(),
            new.document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// The one that waits for a house and month.
pub async fn waiting(
    db: &impl ConnectionTrait,
    building: BuildingId,
    period: Period,
) -> Result<Option<DecisionRow>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.decision d
             WHERE d.building_id = $1 AND d.period = $2 AND d.state = 'proposed'"
        ),
        [building.0.into(), period.first_day().into()],
    )
    .await
}

pub async fn find(db: &impl ConnectionTrait, id: ImbalanceDecisionId) -> Result<Option<DecisionRow>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM imbalance.decision d WHERE d.id = $1"), [id.0.into()]).await
}

/// Many at once, for edges.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<ImbalanceDecisionId>) -> Result<Vec<DecisionRow>> {
    let ids: Vec<i64> = ids.into_iter().map(|id| id.0).collect();
    sql::all(db, &format!("SELECT {COLUMNS} FROM imbalance.decision d WHERE d.id = ANY ($1)"), [ids.into()])
        .await
}

/// The same, locked until the end of the transaction.
pub async fn lock(tx: &Tx, id: ImbalanceDecisionId) -> Result<Option<DecisionRow>> {
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM imbalance.decision d WHERE d.id = $1 FOR UPDATE"),
        [id.0.into()],
    )
    .await
}

/// Says who decided and how.
pub async fn decide(
    tx: &Tx,
    id: ImbalanceDecisionId,
    state: ProposalState,
    why: Option<&str>,
) -> Result<Option<DecisionRow>> {
    sql::one(
        tx,
        &format!(
            "UPDATE imbalance.decision AS d SET state = $2, decided_by = $3, decided_at = clock_timestamp(), declined_why = $4
             WHERE d.id = $1 AND d.state = 'proposed' RETURNING {COLUMNS}"
        ),
        [id.0.into(), state.code().into(), tx.actor().label.clone().into(), why.into()],
    )
    .await
}

/// Decisions about houses of the scope, newest first.
pub async fn list(
    db: &Db,
    scope: &Scope,
    state: Option<ProposalState>,
    building: Option<BuildingId>,
    page: Page,
) -> Result<Slice<DecisionRow>> {
    let args = ScopeArgs::from(scope);
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.decision d JOIN premises.building b ON b.id = d.building_id
             WHERE ($1::bigint[] IS NULL OR b.district_id = ANY ($1)) AND NOT $2
               AND ($3::text IS NULL OR d.state = $3) AND ($4::bigint IS NULL OR d.building_id = $4)
               AND ($5::bigint IS NULL OR d.id < $5)
             ORDER BY d.id DESC LIMIT $6"
        ),
        [
            args.districts.into(),
            args.accounts.is_some().into(),
            state.map(ProposalState::code).into(),
            building.map(|id| id.0).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
