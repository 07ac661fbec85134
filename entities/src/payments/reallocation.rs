//! Payments that were allocated anew.

use chrono::{DateTime, Utc};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Result, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Reallocation {
    pub id: i64,
    pub payment_id: PaymentId,
    pub target: Option<String>,
    /// Tiyn that cover something else than before.
    pub moved: i64,
    pub document_id: DocumentId,
    pub reason: String,
    pub done_by: String,
    pub done_at: DateTime<Utc>,
}

const COLUMNS: &str = "id, payment_id, target, moved, document_id, reason, done_by, done_at";

/// Oldest first, of any number of payments.
pub async fn of_payments(db: &impl ConnectionTrait, payments: Vec<i64>) -> Result<Vec<Reallocation>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.reallocation WHERE payment_id = ANY ($1) ORDER BY payment_id, id"
        ),
        [payments.into()],
    )
    .await
}

/// A re-allocation to be kept.
#[derive(Debug, Clone)]
pub struct NewReallocation {
    pub payment: PaymentId,
    pub target: Option<String>,
    pub moved: Money,
    pub document: DocumentId,
    pub reason: String,
}

pub async fn insert(tx: &Tx, new: &NewReallocation) -> Result<Reallocation> {
    sql::one(
        tx,
        &format!(
            "INSERT INTO payments.reallocation (payment_id, target, moved, document_id, reason, done_by)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING {COLUMNS}"
        ),
        [
            new.payment.0.into(),
            new.target.clone().into(),
            new.moved.tiyn().into(),
            new.document.0.into(),
            new.reason.clone().into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?
    .ok_or(Broken::RecordNotInserted)
}

/// What the payment is for from now on.
pub async fn retarget(tx: &Tx, payment: PaymentId, target: Option<String>) -> Result<u64> {
    sql::run(tx, "UPDATE payments.payment SET target = $2 WHERE id = $1", [payment.0.into(), target.into()])
        .await
}
