//! What the city gave into the network in a month. Known better it is recorded anew; what was known before stays.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{DocumentId, Period, Volume};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, Tx, bitemporal, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Produced {
    pub period: NaiveDate,
    pub liters: i64,
    pub document_id: i64,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
}

/// As it is known now.
pub async fn produced(db: &impl ConnectionTrait, period: Period) -> Result<Option<Produced>> {
    sql::one(
        db,
        "SELECT period, liters, document_id, recorded_by, lower(recorded) AS recorded_at
         FROM ledger.water_produced WHERE period = $1 AND upper_inf(recorded)",
        [period.first_day().into()],
    )
    .await
}

/// Takes the place of what was known of the month.
pub async fn record(tx: &Tx, period: Period, volume: Volume, document: DocumentId) -> Result<u64> {
    let at = bitemporal::moment(tx).await?;
    sql::run(
        tx,
        "UPDATE ledger.water_produced SET recorded = tstzrange(lower(recorded), $2)
         WHERE period = $1 AND upper_inf(recorded)",
        [period.first_day().into(), at.into()],
    )
    .await?;
    sql::run(
        tx,
        "INSERT INTO ledger.water_produced (period, liters, document_id, recorded, recorded_by)
         VALUES ($1, $2, $3, tstzrange($4, NULL), $5)",
        [
            period.first_day().into(),
            volume.liters().into(),
            document.0.into(),
            at.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// In how many sectors the month is not closed; none where no sector has opened it.
pub async fn sectors_open(db: &impl ConnectionTrait, period: Period) -> Result<Option<i64>> {
    sql::scalar(
        db,
        "SELECT count(*) FILTER (WHERE status <> 'closed') FROM ledger.period WHERE period = $1 HAVING count(*) > 0",
        [period.first_day().into()],
    )
    .await
}
