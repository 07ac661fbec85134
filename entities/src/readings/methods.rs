use chrono::NaiveDate;
use domain::kernel::SettingId;
use domain::tariffs::MethodBook;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Result, sql};

#[derive(FromQueryResult)]
struct Row {
    id: SettingId,
    code: String,
    value: serde_json::Value,
    since: NaiveDate,
    till: Option<NaiveDate>,
}

/// The settings that a verdict depends on, as confirmed and known now.
pub async fn methods(db: &impl ConnectionTrait) -> Result<MethodBook> {
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT id, code, value, coalesce(lower(valid), '-infinity'::date) AS since, upper(valid) AS till FROM tariffs.setting
         WHERE confirmed_by IS NOT NULL AND upper_inf(recorded)
           AND (code LIKE 'readings.%' OR code = 'consumption.average_months')
         ORDER BY id",
        [],
    )
    .await?;
    let mut book = MethodBook::default();
    for row in rows {
        let value = row.value.as_str().map_or_else(|| row.value.to_string(), str::to_owned);
        book.insert(&row.code, row.id, row.since, row.till, &value)
            .map_err(|e| Broken::Custom(e.to_string()))?;
    }
    Ok(book)
}
