use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::tariffs::{BandMode, Dated, TariffBook};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::Value as Json;

use super::version::bands_of;
use crate::kernel::{Result, sql};

/// Everything that prices the days from..to, as it was known at a moment; settings count from their confirmation on.
/// `to` is the first day after. Whatever the registers lack is missing here too: the rules say so when they need it.
pub async fn book(
    db: &impl ConnectionTrait,
    from: NaiveDate,
    to: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<TariffBook> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        id: i64,
        one: String,
        other: String,
        from: NaiveDate,
        to: Option<NaiveDate>,
        number: Option<Decimal>,
        liters: Option<i64>,
        json: Option<Json>,
    }
    let rows: Vec<Row> =
        sql::all(db, include_str!("sql/book.sql"), [from.into(), to.into(), known_at.into()]).await?;

    let mut book = TariffBook::default();
    for row in rows {
        let Row { kind, id, one, other, from, to, number, liters, json } = row;
        let wrong = || DbErr::Type(format!("tariffs: {kind} {id} can't be read"));
        match kind.as_str() {
            "price" => {
                let key = (code(Service::from_code, &one)?, code(ConsumerGroup::from_code, &other)?);
                let value = number.ok_or_else(wrong)?.normalize();
                book.prices.entry(key).or_default().push(Dated { id: TariffId(id), from, to, value });
            }
            "vat" => {
                let value = number.ok_or_else(wrong)?.normalize();
                book.vat.push(Dated { id: TariffId(id), from, to, value });
            }
            "norm" => {
                let key =
                    (code(domain::tariffs::Amenity::from_code, &other)?, code(Service::from_code, &one)?);
                let value = Volume::from_liters(liters.ok_or_else(wrong)?);
                book.norms.entry(key).or_default().push(Dated { id: TariffId(id), from, to, value });
            }
            "band" => {
                let mode = code(BandMode::from_code, &one)?;
                let value = bands_of(mode, json.as_ref().ok_or_else(wrong)?).ok_or_else(wrong)?;
                book.bands.push(Dated { id: TariffId(id), from, to, value });
            }
            _ => {
                let value = json.as_ref().and_then(Json::as_str).ok_or_else(wrong)?;
                let inserted = book.methods.insert(&one, SettingId(id), from, to, value);
                inserted.map_err(|e| DbErr::Type(format!("tariffs: setting {id}: {e}")))?;
            }
        }
    }
    Ok(book)
}

/// The book that a billed month stands on: what was used before the month is priced by its own days, however long ago the
/// readings lie, so nothing of the past is left out.
pub async fn book_of(
    db: &impl ConnectionTrait,
    month: Period,
    known_at: DateTime<Utc>,
) -> Result<TariffBook> {
    let ever = NaiveDate::from_ymd_opt(1900, 1, 1).expect("a day");
    book(db, ever, month.next().first_day(), known_at).await
}

fn code<T>(parse: fn(&str) -> Option<T>, text: &str) -> Result<T> {
    parse(text).ok_or_else(|| DbErr::Type(format!("tariffs: unknown word {text}")))
}

/// Settings that decide money on some day of from..to while nobody has confirmed them: a value proposed and waiting, and no
/// confirmed one for that whole time. A production run refuses to start on these.
pub async fn unconfirmed(db: &impl ConnectionTrait, from: NaiveDate, to: NaiveDate) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        code: String,
        confirmed: bool,
        from: NaiveDate,
        to: Option<NaiveDate>,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT code, confirmed_by IS NOT NULL AS confirmed, lower(valid) AS from, upper(valid) AS to
         FROM tariffs.setting WHERE upper_inf(recorded) AND valid && daterange($1, $2)
         ORDER BY code, lower(valid)",
        [from.into(), to.into()],
    )
    .await?;
    let mut codes: HashMap<String, Vec<Row>> = HashMap::new();
    for row in rows {
        codes.entry(row.code.clone()).or_default().push(row);
    }
    let mut waiting: Vec<String> = codes
        .into_iter()
        .filter(|(_, versions)| {
            let mut day = from;
            for version in versions.iter().filter(|v| v.confirmed && v.from <= to) {
                if version.from > day {
                    break;
                }
                day = version.to.unwrap_or(to).max(day);
            }
            day < to
        })
        .map(|(code, _)| code)
        .collect();
    waiting.sort();
    Ok(waiting)
}
