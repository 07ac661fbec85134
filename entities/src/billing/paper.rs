//! What a bill's paper says, read for any number of bills by a fixed number of statements.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::kernel::*;
use sea_orm::FromQueryResult;

use crate::kernel::{Db, Result, ScopeArgs, sql};

/// A bill with whose it is and where; the holder is the one of the month's last day, else the newest before.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Paper {
    pub id: i64,
    pub period: NaiveDate,
    pub account_id: i64,
    pub run_id: i64,
    pub opening: i64,
    pub charged: i64,
    pub penalty: i64,
    pub corrected: i64,
    pub paid: i64,
    pub closing: i64,
    pub due_on: NaiveDate,
    pub excuse: Option<String>,
    pub known_at: DateTime<Utc>,
    pub number: String,
    pub sector: String,
    pub district_id: i64,
    pub holder: Option<String>,
    pub organisation: Option<bool>,
    pub identification: Option<Vec<u8>>,
    pub held_since: Option<NaiveDate>,
    pub street_kk: String,
    pub street_ru: String,
    pub house: String,
    /// Number of the flat; empty for a house or an object.
    pub flat: String,
    pub contract: Option<String>,
    pub contract_signed_on: Option<NaiveDate>,
    pub residents: Option<i32>,
}

impl Paper {
    /// As the lines of bills are asked for.
    pub fn key(&self) -> (AccountId, Period, RunId) {
        (AccountId(self.account_id), Period::of(self.period), RunId(self.run_id))
    }
}

/// The papers of bills whose right to be seen was asked before, in the order of their ids.
pub async fn papers(db: &Db, bills: &[i64]) -> Result<Vec<Paper>> {
    sql::all(db, include_str!("sql/papers.sql"), [bills.to_vec().into()]).await
}

/// A meter of an account in a run's month, as the run saw it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PaperMeter {
    pub account_id: i64,
    pub period: NaiveDate,
    pub run_id: i64,
    pub meter_id: i64,
    pub serial: String,
    pub hot: bool,
    pub digits: i32,
    pub verified_until: NaiveDate,
    pub prev_id: Option<i64>,
    pub prev_day: Option<NaiveDate>,
    pub prev_liters: Option<i64>,
    pub last_id: Option<i64>,
    pub last_day: Option<NaiveDate>,
    pub last_liters: Option<i64>,
}

/// Meters of bills, cold before hot.
pub async fn meters(db: &Db, bills: &[(AccountId, Period, RunId)]) -> Result<Vec<PaperMeter>> {
    sql::all(db, include_str!("sql/paper_meters.sql"), columns(bills)).await
}

/// Litres of a month by service.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PaperUse {
    pub account_id: i64,
    /// The month of the bill that it is a part of the year of.
    pub bill_period: NaiveDate,
    pub period: NaiveDate,
    pub water: Option<i64>,
    pub sewerage: Option<i64>,
    pub measured: bool,
}

/// Twelve months up to the month of each bill; a bill that nobody may see is not counted.
pub async fn year(db: &Db, bills: &[(AccountId, Period, RunId)]) -> Result<Vec<PaperUse>> {
    sql::all(db, include_str!("sql/paper_year.sql"), columns(bills)).await
}

/// Litres per person and month of norms.
pub async fn norms(db: &Db, ids: Vec<i64>) -> Result<Vec<(i64, Volume)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        liters: i64,
    }
    let rows: Vec<Row> =
        sql::all(db, "SELECT id, liters FROM tariffs.norm WHERE id = ANY ($1)", [ids.into()]).await?;
    Ok(rows.into_iter().map(|row| (row.id, Volume::from_liters(row.liters))).collect())
}

fn columns(bills: &[(AccountId, Period, RunId)]) -> [sea_orm::Value; 3] {
    [
        bills.iter().map(|b| b.0.0).collect::<Vec<_>>().into(),
        bills.iter().map(|b| b.1.first_day()).collect::<Vec<_>>().into(),
        bills.iter().map(|b| b.2.0).collect::<Vec<_>>().into(),
    ]
}

/// A bill to be printed, and where it is carried to.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct ToPrint {
    pub id: i64,
    pub district_id: i64,
}

/// Bills of a month that the scope reaches, in the order of a postman's round: district, street, house, flat. `issued` leaves
/// out what subscribers do not see yet.
pub async fn to_print(
    db: &Db,
    scope: &Scope,
    period: Period,
    sector: Sector,
    districts: Option<Vec<i64>>,
) -> Result<Vec<ToPrint>> {
    let [sectors, scope_districts, accounts] = ScopeArgs::from(scope).values();
    sql::all(
        db,
        &format!(
            "SELECT b.id, a.district_id FROM billing.bill b
             JOIN billing.run r ON r.id = b.run_id AND r.state IN ('posted', 'issued')
             JOIN subscribers.account a ON a.id = b.account_id
             JOIN premises.premise p ON p.id = a.premise_id
             JOIN premises.building h ON h.id = a.building_id
             JOIN premises.street s ON s.id = h.street_id
             WHERE {} AND b.period = $4 AND r.sector = $5 AND NOT b.reversed
               AND ($6::bigint[] IS NULL OR a.district_id = ANY ($6))
             ORDER BY a.district_id, s.name_ru, s.id,
                      coalesce(substring(h.house FROM '^[0-9]{{1,9}}'), '0')::bigint, h.house, h.id,
                      coalesce(substring(p.number FROM '^[0-9]{{1,9}}'), '0')::bigint, p.number, b.id",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            scope_districts,
            accounts,
            period.first_day().into(),
            sector.code().into(),
            districts.into(),
        ],
    )
    .await
}

/// What a correction that is on a bill changed for a service of a month, in litres and tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PaperCorrection {
    pub account_id: i64,
    pub period: NaiveDate,
    pub correction_id: i64,
    pub from_period: NaiveDate,
    pub to_period: NaiveDate,
    /// Of the official document.
    pub number: String,
    pub issued_on: NaiveDate,
    /// What all of it came to on the bill.
    pub posted: i64,
    pub month: NaiveDate,
    pub service: String,
    pub component: String,
    pub liters: i64,
    pub gross: i64,
}

/// Corrections on bills, each bill named by its account, month and run.
pub async fn corrected(db: &Db, bills: &[(AccountId, Period, RunId)]) -> Result<Vec<PaperCorrection>> {
    sql::all(
        db,
        include_str!("sql/paper_corrections.sql"),
        [
            bills.iter().map(|b| b.0.0).collect::<Vec<_>>().into(),
            bills.iter().map(|b| b.1.first_day()).collect::<Vec<_>>().into(),
            bills.iter().map(|b| b.2.0).collect::<Vec<_>>().into(),
        ],
    )
    .await
}
