//! Meters that several accounts pay for together.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{AccountId, DocumentId, PointId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Register, Result, Tx, sql};

pub const SHARING: Register = Register {
    table: "consumption.sharing",
    key: "meter_point_id = $4",
    says: "meter_point_id, point_id, account_id, parts, document_id, recorded_by",
};

/// An account's part of a shared meter as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct SharingRow {
    /// Whose view it is: one of the accounts that share.
    pub viewer_id: AccountId,
    pub meter_point_id: PointId,
    pub point_id: PointId,
    pub account_id: AccountId,
    pub account_number: String,
    /// None: by registered residents.
    pub parts: Option<i32>,
    pub residents: i32,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub document_id: DocumentId,
}

/// The parts of all meters that accounts share on a day, each beside those of the others, in the order of account numbers.
pub async fn of_accounts(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    accounts: Vec<AccountId>,
) -> Result<Vec<SharingRow>> {
    sql::all(
        db,
        "SELECT v.account_id AS viewer_id, s.meter_point_id, s.point_id, s.account_id, a.number AS account_number, s.parts,
                coalesce(r.residents, 0) AS residents, lower(s.valid) AS from, upper(s.valid) AS to, s.document_id
         FROM (SELECT DISTINCT account_id, meter_point_id FROM consumption.sharing
               WHERE account_id = ANY ($2) AND upper_inf(recorded) AND valid @> $1::date) v
         JOIN consumption.sharing s ON s.meter_point_id = v.meter_point_id AND upper_inf(s.recorded) AND s.valid @> $1::date
         JOIN subscribers.account a ON a.id = s.account_id
         LEFT JOIN subscribers.residency r ON r.account_id = s.account_id AND upper_inf(r.recorded) AND r.valid @> $1::date
         ORDER BY v.account_id, s.meter_point_id, a.number, s.point_id",
        [day.into(), accounts.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// Who takes part in a meter on a day or later.
pub async fn of_meter(
    db: &impl ConnectionTrait,
    meter_point: PointId,
    from: NaiveDate,
) -> Result<Vec<PointId>> {
    #[derive(FromQueryResult)]
    struct Row {
        point_id: PointId,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT DISTINCT point_id FROM consumption.sharing
         WHERE meter_point_id = $1 AND upper_inf(recorded) AND valid && daterange(($2::date - interval '1 month')::date, NULL)
         ORDER BY point_id",
        [meter_point.0.into(), from.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.point_id).collect())
}

/// Whether a point shares a meter with others on a day or later: its own, or one of theirs.
pub async fn shares(db: &impl ConnectionTrait, point: PointId, day: NaiveDate) -> Result<bool> {
    let shares = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM consumption.sharing
         WHERE (point_id = $1 OR meter_point_id = $1) AND upper_inf(recorded) AND valid && daterange($2::date, NULL))",
        [point.0.into(), day.into()],
    )
    .await?;
    Ok(shares.unwrap_or_default())
}

/// Whether the meters of a point were read for a month: the readings that everybody who shares begins at.
pub async fn is_read(db: &impl ConnectionTrait, point: PointId, month: NaiveDate) -> Result<bool> {
    let read = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM readings.reading WHERE point_id = $1 AND period = $2 AND verdict = 'accepted' AND meter_id IS NOT NULL)",
        [point.0.into(), month.into()],
    )
    .await?;
    Ok(read.unwrap_or_default())
}

/// What the meter of a point showed between its last two readings, in litres.
pub async fn last_volume(db: &impl ConnectionTrait, point: PointId) -> Result<Option<i64>> {
    sql::scalar(
        db,
        "SELECT consumption FROM readings.reading
         WHERE point_id = $1 AND verdict = 'accepted' AND consumption IS NOT NULL ORDER BY taken_on DESC, id DESC LIMIT 1",
        [point.0.into()],
    )
    .await
}

/// Registered residents on a day.
pub async fn residents(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    accounts: Vec<AccountId>,
) -> Result<HashMap<AccountId, i32>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: AccountId,
        residents: i32,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT account_id, residents FROM subscribers.residency
         WHERE account_id = ANY ($2) AND valid @> $1::date AND upper_inf(recorded)",
        [day.into(), accounts.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.residents)).collect())
}

/// One part: the point, its account, whole parts or none for the residents.
pub type Part = (PointId, AccountId, Option<i32>);

/// Who shares a meter on the days from..to; nobody but its own account where there are no parts.
pub async fn set(
    tx: &Tx,
    meter_point: PointId,
    parts: &[Part],
    (from, to): (NaiveDate, Option<NaiveDate>),
    document: DocumentId,
    at: DateTime<Utc>,
) -> Result<()> {
    SHARING.make_room(tx, [meter_point.0.into()], from, to, at).await?;
    for (point, account, share) in parts {
        let said = [
            meter_point.0.into(),
            point.0.into(),
            account.0.into(),
            (*share).into(),
            document.0.into(),
            tx.actor().label.clone().into(),
        ];
        SHARING.record(tx, said, from, to, at).await?;
    }
    Ok(())
}
