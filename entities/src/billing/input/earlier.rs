//! The readings that counted on a day of the month, for a scenario with such a day: the facts have only what counts in the end.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::consumption::ReadingRef;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::copy::Fields;
use crate::kernel::{Result, sql};

/// Readings of an account, each with its meter.
pub type Earlier = Vec<(MeterId, ReadingRef)>;

fn select(period: &str, known_at: &str, upto: &str, whose: &str) -> String {
    include_str!("../sql/earlier.sql")
        .replace("{period}", period)
        .replace("{known_at}", known_at)
        .replace("{upto}", upto)
        .replace("{whose}", whose)
}

/// The columns that [`read`] reads, and the join of the city's accounts `i` that gives them; without a day they are empty and cost
/// nothing. Everything put in is a date.
pub(crate) fn joined(
    period: Period,
    known_at: DateTime<Utc>,
    upto: Option<NaiveDate>,
) -> (&'static str, String) {
    let Some(upto) = upto else {
        return ("NULL::bigint[], NULL::bigint[], NULL::date[], NULL::bigint[]", String::new());
    };
    let rows = select(
        &format!("'{}'::date", period.first_day()),
        &format!("'{}'::timestamptz", known_at.to_rfc3339()),
        &format!("'{upto}'::date"),
        "true",
    );
    let join = format!(
        "LEFT JOIN (
             SELECT e.account_id, array_agg(e.meter_id) AS meters, array_agg(e.id) AS ids, array_agg(e.taken_on) AS days,
                    array_agg(e.liters) AS liters
             FROM ({rows}) e GROUP BY e.account_id
         ) z ON z.account_id = i.account_id"
    );
    ("z.meters, z.ids, z.days, z.liters", join)
}

pub(crate) fn read(row: &mut Fields<'_>) -> Earlier {
    let (meters, ids, days, liters) = (row.i64_array(), row.i64_array(), row.date_array(), row.i64_array());
    let each = meters.into_iter().zip(ids).zip(days).zip(liters);
    each.filter_map(|(((meter, id), day), liters)| {
        let value = Volume::from_liters(liters?);
        Some((MeterId(meter?), ReadingRef { id: ReadingId(id?), day: day?, value }))
    })
    .collect()
}

/// The same of some accounts, by one statement.
pub async fn earlier(
    db: &impl ConnectionTrait,
    period: Period,
    known_at: DateTime<Utc>,
    upto: NaiveDate,
    accounts: &[AccountId],
) -> Result<HashMap<AccountId, Earlier>> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: i64,
        meter_id: i64,
        id: i64,
        taken_on: NaiveDate,
        liters: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        &select("$1::date", "$2::timestamptz", "$3::date", "r.account_id = ANY ($4)"),
        [
            period.first_day().into(),
            known_at.into(),
            upto.into(),
            accounts.iter().map(|account| account.0).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    let mut found: HashMap<AccountId, Earlier> = HashMap::new();
    for row in rows {
        let value = Volume::from_liters(row.liters);
        let reading = ReadingRef { id: ReadingId(row.id), day: row.taken_on, value };
        found.entry(AccountId(row.account_id)).or_default().push((MeterId(row.meter_id), reading));
    }
    Ok(found)
}
