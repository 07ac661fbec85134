//! Special cases of volumes, watered plots and houses billed in bulk: dated facts on documents.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{AccountId, BuildingId, DocumentId, PointId, SpecialId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Register, Result, Tx, sql};
use crate::subscribers::account;

pub const SPECIALS: Register = Register {
    table: "consumption.special",
    key: "id = $4",
    says: "account_id, point_id, kind, people, diameter_mm, last_check_on, charged_until, document_id, recorded_by",
};

pub const PLOTS: Register = Register {
    table: "premises.plot",
    key: "point_id = $4",
    says: "point_id, area_dm2, document_id, recorded_by",
};

pub const BULK: Register = Register {
    table: "premises.bulk_billing",
    key: "building_id = $4",
    says: "building_id, payer_id, document_id, recorded_by",
};

/// A special case as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct SpecialRow {
    pub id: SpecialId,
    pub account_id: AccountId,
    /// None: every point of the account.
    pub point_id: Option<PointId>,
    pub kind: String,
    pub from: NaiveDate,
    /// First day without it; none while it goes on.
    pub to: Option<NaiveDate>,
    pub people: i32,
    pub diameter_mm: i32,
    pub last_check_on: Option<NaiveDate>,
    /// Of a full capacity that goes on: the first day that its cap no longer lets be charged; none without a cap.
    pub charged_until: Option<NaiveDate>,
    pub document_id: DocumentId,
    pub recorded_by: String,
}

const COLUMNS: &str = "s.id, s.account_id, s.point_id, s.kind, lower(s.valid) AS from, upper(s.valid) AS to, s.people, s.diameter_mm, \
     s.last_check_on, s.charged_until, s.document_id, s.recorded_by";

/// Of accounts, newest first within each; fifty of an account at most.
pub async fn of_accounts(db: &impl ConnectionTrait, accounts: Vec<i64>) -> Result<Vec<SpecialRow>> {
    let (keys, values) = sql::keys("$1", accounts);
    sql::all(
        db,
        &format!(
            "SELECT x.* FROM {keys} AS a (id) CROSS JOIN LATERAL (
                 SELECT {COLUMNS} FROM consumption.special s WHERE s.account_id = a.id AND upper_inf(s.recorded)
                 ORDER BY lower(s.valid) DESC, s.id DESC LIMIT 50) x"
        ),
        [values],
    )
    .await
}

/// The same case said before, on the same days, by the same document: a second saying changes nothing.
pub async fn same(tx: &Tx, row: &SpecialRow) -> Result<Option<SpecialRow>> {
    sql::one(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM consumption.special s
             WHERE s.account_id = $1 AND s.point_id IS NOT DISTINCT FROM $2 AND s.kind = $3 AND s.valid = daterange($4, $5)
               AND s.people = $6 AND s.diameter_mm = $7 AND s.document_id = $8 AND upper_inf(s.recorded)"
        ),
        [
            row.account_id.0.into(),
            row.point_id.map(|id| id.0).into(),
            row.kind.clone().into(),
            row.from.into(),
            row.to.into(),
            row.people.into(),
            row.diameter_mm.into(),
            row.document_id.0.into(),
        ],
    )
    .await
}

/// Records a case; its id.
pub async fn record(tx: &Tx, row: &SpecialRow, at: DateTime<Utc>) -> Result<SpecialId> {
    let said = [
        row.account_id.0.into(),
        row.point_id.map(|id| id.0).into(),
        row.kind.clone().into(),
        row.people.into(),
        row.diameter_mm.into(),
        row.last_check_on.into(),
        row.charged_until.into(),
        row.document_id.0.into(),
        tx.actor().label.clone().into(),
    ];
    SPECIALS.record(tx, said, row.from, row.to, at).await.map(SpecialId)
}

/// A case as known now, locked with its account by whoever changes it.
pub async fn find(db: &impl ConnectionTrait, id: SpecialId) -> Result<Option<SpecialRow>> {
    sql::one(
        db,
        &format!("SELECT {COLUMNS} FROM consumption.special s WHERE s.id = $1 AND upper_inf(s.recorded)"),
        [id.0.into()],
    )
    .await
}

/// The first day that no issued bill charges for the case yet; none while nothing is charged.
pub async fn charged_upto(tx: &Tx, row: &SpecialRow) -> Result<Option<NaiveDate>> {
    let day: Option<Option<NaiveDate>> = sql::scalar(
        tx,
        "SELECT max(l.to_day) FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id AND r.state IN ('posted', 'issued')
         WHERE l.account_id = $1 AND l.special_id = $2",
        [row.account_id.0.into(), row.id.0.into()],
    )
    .await?;
    Ok(day.flatten())
}

/// Of cases, the first day that no bill charges for them yet; those that no bill charges are left out.
pub async fn charged(db: &impl ConnectionTrait, ids: Vec<SpecialId>) -> Result<Vec<(SpecialId, NaiveDate)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: SpecialId,
        upto: NaiveDate,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT s.id, max(l.to_day) AS upto FROM consumption.special s
         JOIN billing.charge_line l ON l.account_id = s.account_id AND l.special_id = s.id
         JOIN billing.run r ON r.id = l.run_id AND r.state IN ('posted', 'issued')
         WHERE s.id = ANY ($1) GROUP BY s.id",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.upto)).collect())
}

/// Records other days of the case. What is known now keeps its id, which bills name; what was known before is a row of its own.
pub async fn end(tx: &Tx, after: &SpecialRow, at: DateTime<Utc>) -> Result<()> {
    let Register { table, says, .. } = SPECIALS;
    sql::run(
        tx,
        &format!(
            "WITH known AS (UPDATE {table} SET valid = daterange($2, $3), charged_until = $4, recorded = tstzrange($5, NULL)
                            WHERE id = $1 RETURNING id),
                  before AS (SELECT {says}, valid, tstzrange(lower(recorded), $5) AS recorded FROM {table} WHERE id = $1)
             INSERT INTO {table} ({says}, valid, recorded) SELECT * FROM before WHERE EXISTS (SELECT FROM known)"
        ),
        [after.id.0.into(), after.from.into(), after.to.into(), after.charged_until.into(), at.into()],
    )
    .await?;
    Ok(())
}

/// Ends what is known of the case at this moment.
pub async fn forget(tx: &Tx, id: SpecialId, at: DateTime<Utc>) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE consumption.special SET recorded = tstzrange(lower(recorded), $2) WHERE id = $1 AND upper_inf(recorded)",
        [id.0.into(), at.into()],
    )
    .await
}

/// The area of a watered plot on the days from..to; none for no plot.
pub async fn set_plot(
    tx: &Tx,
    point: PointId,
    area_dm2: Option<i32>,
    (from, to): (NaiveDate, Option<NaiveDate>),
    document: DocumentId,
    at: DateTime<Utc>,
) -> Result<()> {
    PLOTS.make_room(tx, [point.0.into()], from, to, at).await?;
    if let Some(area) = area_dm2 {
        let said = [point.0.into(), area.into(), document.0.into(), tx.actor().label.clone().into()];
        PLOTS.record(tx, said, from, to, at).await?;
    }
    Ok(())
}

/// Who pays for a house as one on the days from..to; none where its flats do.
pub async fn set_bulk(
    tx: &Tx,
    building: BuildingId,
    payer: Option<AccountId>,
    (from, to): (NaiveDate, Option<NaiveDate>),
    document: DocumentId,
    at: DateTime<Utc>,
) -> Result<()> {
    BULK.make_room(tx, [building.0.into()], from, to, at).await?;
    if let Some(payer) = payer {
        let said = [building.0.into(), payer.0.into(), document.0.into(), tx.actor().label.clone().into()];
        BULK.record(tx, said, from, to, at).await?;
    }
    Ok(())
}

/// The account of a legal entity with a number, locked until the end of the transaction. Without a scope: whoever says who pays for
/// a house of flats names the condominium, whose account is of another sector, and is shown nothing of it.
pub async fn condominium(tx: &Tx, number: &str) -> Result<Option<account::Model>> {
    sql::one(
        tx,
        "SELECT a.* FROM subscribers.account a WHERE a.number = $1 AND a.sector = 'legal' FOR UPDATE",
        [number.into()],
    )
    .await
}

/// The inlets of a house, each with whether it is hot, locked like points that are read.
pub async fn inlets(tx: &Tx, building: BuildingId) -> Result<Vec<(PointId, bool)>> {
    #[derive(FromQueryResult)]
    struct Inlet {
        id: PointId,
        hot: bool,
    }
    let rows: Vec<Inlet> = sql::all(
        tx,
        "SELECT id, hot FROM premises.point WHERE building_id = $1 AND premise_id IS NULL ORDER BY id FOR NO KEY UPDATE",
        [building.0.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.hot)).collect())
}

/// Numbers of legal entities that pay for a point inside the house on some of the days from..to; five at most.
pub async fn billed_inside(
    tx: &Tx,
    building: BuildingId,
    (from, to): (NaiveDate, Option<NaiveDate>),
) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Inside {
        number: String,
    }
    let rows: Vec<Inside> = sql::all(
        tx,
        "SELECT DISTINCT a.number FROM premises.point p
         JOIN subscribers.account_point o ON o.point_id = p.id AND upper_inf(o.recorded) AND o.valid && daterange($2, $3)
         JOIN subscribers.account a ON a.id = o.account_id AND a.sector = 'legal'
         WHERE p.building_id = $1 AND p.premise_id IS NOT NULL ORDER BY a.number LIMIT 5",
        [building.0.into(), from.into(), to.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.number).collect())
}

/// The accounts that pay for a house as one on some of the days from..to, as known now.
pub async fn payers(
    tx: &Tx,
    building: BuildingId,
    (from, to): (NaiveDate, Option<NaiveDate>),
) -> Result<Vec<AccountId>> {
    #[derive(FromQueryResult)]
    struct Payer {
        payer_id: AccountId,
    }
    let rows: Vec<Payer> = sql::all(
        tx,
        "SELECT DISTINCT payer_id FROM premises.bulk_billing
         WHERE building_id = $1 AND payer_id IS NOT NULL AND upper_inf(recorded) AND valid && daterange($2, $3)",
        [building.0.into(), from.into(), to.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.payer_id).collect())
}

/// Water and sewerage at inlets of which nothing was ever said: without services nobody could be charged for them.
pub async fn supply_inlets(
    tx: &Tx,
    building: BuildingId,
    from: NaiveDate,
    document: DocumentId,
    at: DateTime<Utc>,
) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, document_id, recorded_by, valid, recorded)
         SELECT p.id, NOT p.hot, true, 'household', $2, $3, daterange($4, NULL), tstzrange($5, NULL)
         FROM premises.point p
         WHERE p.building_id = $1 AND p.premise_id IS NULL
           AND NOT EXISTS (SELECT FROM premises.point_service s WHERE s.point_id = p.id AND upper_inf(s.recorded))",
        [
            building.0.into(),
            document.0.into(),
            tx.actor().label.clone().into(),
            from.into(),
            at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// A watered plot as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct PlotRow {
    pub account_id: AccountId,
    pub point_id: PointId,
    /// In 0.01 m².
    pub area_dm2: i32,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    /// None for what the registers began with.
    pub document_id: Option<DocumentId>,
}

/// Plots watered from the points that accounts pay for on a day, the one that begins last first; fifty of an account at most.
pub async fn plots(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    accounts: Vec<AccountId>,
) -> Result<Vec<PlotRow>> {
    sql::all(
        db,
        "SELECT x.* FROM unnest($2::bigint[]) a (id) CROSS JOIN LATERAL (
             SELECT o.account_id, p.point_id, p.area_dm2, lower(p.valid) AS from, upper(p.valid) AS to, p.document_id
             FROM subscribers.account_point o JOIN premises.plot p ON p.point_id = o.point_id AND upper_inf(p.recorded)
             WHERE o.account_id = a.id AND upper_inf(o.recorded) AND o.valid @> $1::date
             ORDER BY lower(p.valid) DESC, p.id DESC LIMIT 50) x",
        [day.into(), accounts.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// Days on which one contract pays for a house, as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct BulkRow {
    pub building_id: BuildingId,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    /// The number of the account that pays; none for what was recorded before one had to be named.
    pub payer: Option<String>,
    pub document_id: DocumentId,
}

/// Of houses, the one that begins last first; fifty of a house at most.
pub async fn bulks(db: &impl ConnectionTrait, buildings: Vec<BuildingId>) -> Result<Vec<BulkRow>> {
    sql::all(
        db,
        "SELECT x.* FROM unnest($1::bigint[]) h (id) CROSS JOIN LATERAL (
             SELECT b.building_id, lower(b.valid) AS from, upper(b.valid) AS to, a.number AS payer, b.document_id
             FROM premises.bulk_billing b LEFT JOIN subscribers.account a ON a.id = b.payer_id WHERE b.building_id = h.id AND upper_inf(b.recorded)
             ORDER BY lower(b.valid) DESC LIMIT 50) x",
        [buildings.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// The account that pays for a point on a day, under a lock; none where nobody does.
pub async fn payer_of(tx: &Tx, point: PointId, day: NaiveDate) -> Result<Option<AccountId>> {
    let id: Option<i64> = sql::scalar(
        tx,
        "SELECT account_id FROM subscribers.account_point
         WHERE point_id = $1 AND upper_inf(recorded) AND valid @> $2::date FOR SHARE",
        [point.0.into(), day.into()],
    )
    .await?;
    Ok(id.map(AccountId))
}

/// The points that an account pays for on a day and that have water then.
pub async fn watered(tx: &Tx, account: AccountId, day: NaiveDate) -> Result<Vec<PointId>> {
    #[derive(FromQueryResult)]
    struct Row {
        point_id: PointId,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT o.point_id FROM subscribers.account_point o
         JOIN premises.point_service s ON s.point_id = o.point_id AND upper_inf(s.recorded) AND s.valid @> $2::date AND s.water
         WHERE o.account_id = $1 AND upper_inf(o.recorded) AND o.valid @> $2::date ORDER BY o.point_id",
        [account.0.into(), day.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.point_id).collect())
}
