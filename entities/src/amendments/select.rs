//! Which facts a batch takes: all of an import, or those that a filter finds in open months.

use chrono::NaiveDate;
use domain::amendments::AmendmentFact;
use domain::kernel::*;
use sea_orm::FromQueryResult;

use crate::kernel::{Result, ScopeArgs, Tx, sql};

/// A fact that was found.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Pick {
    pub fact: AmendmentFact,
    pub id: i64,
}

/// What a filter asks for; what is left out is not a limit.
#[derive(Debug, Clone)]
pub struct Filter {
    pub fact: AmendmentFact,
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
    pub building: Option<BuildingId>,
    /// How it came: the channel of a reading or payment, the source of a count of residents.
    pub channel: Option<String>,
    /// Who entered it.
    pub entered_by: Option<String>,
    /// Days on which it was entered.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// What an import brought, one kind after another; `limit` and one more, to tell that there are too many.
pub async fn of_import(tx: &Tx, import: ImportBatchId, limit: i64) -> Result<Vec<Pick>> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    sql::all(
        tx,
        &include_str!("sql/of_import.sql").replace("{scope}", ScopeArgs::WHERE),
        [sectors, districts, accounts, import.0.into(), (limit + 1).into()],
    )
    .await
}

/// What a filter finds in months that are not closed.
pub async fn of_filter(tx: &Tx, filter: &Filter, limit: i64) -> Result<Vec<Pick>> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    let query = match filter.fact {
        AmendmentFact::Payment => include_str!("sql/filter_payments.sql"),
        AmendmentFact::Residents => include_str!("sql/filter_residents.sql"),
        AmendmentFact::Verification => include_str!("sql/filter_verifications.sql"),
        AmendmentFact::Installation => include_str!("sql/filter_installations.sql"),
        AmendmentFact::Reading | AmendmentFact::Amenity => include_str!("sql/filter_readings.sql"),
    };
    sql::all(
        tx,
        &query.replace("{scope}", ScopeArgs::WHERE),
        [
            sectors,
            districts,
            accounts,
            filter.sector.map(Sector::code).into(),
            filter.district.map(|id| id.0).into(),
            filter.building.map(|id| id.0).into(),
            filter.channel.clone().into(),
            filter.entered_by.clone().into(),
            filter.from.into(),
            filter.to.into(),
            (limit + 1).into(),
        ],
    )
    .await
}
