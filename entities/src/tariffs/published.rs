use chrono::{Days, NaiveDate};
use domain::kernel::Volume;
use domain::tariffs::{Band, BandMode, Bands};
use rust_decimal::Decimal;
use sea_orm::Value;

use super::version::stored_bands;
use crate::kernel::{Result, Tx, sql};

/// One line of the published values.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line<'a> {
    kind: &'a str,
    /// Service and group, service and amenity, mode of bands, or code of a setting.
    of: &'a str,
    value: &'a str,
    from: NaiveDate,
    /// First day without it.
    to: Option<NaiveDate>,
    demo: bool,
    source: &'a str,
}

fn line(text: &str) -> Option<Line<'_>> {
    let fields: Vec<&str> = text.split(';').map(str::trim).collect();
    let [kind, of, value, from, last_day, demo, source] = fields[..] else { return None };
    let to = match last_day {
        "" => None,
        day => Some(day.parse::<NaiveDate>().ok()? + Days::new(1)),
    };
    Some(Line { kind, of, value, from: from.parse().ok()?, to, demo: demo == "yes", source })
}

fn lines() -> impl Iterator<Item = Line<'static>> {
    include_str!("published.csv")
        .lines()
        .filter(|text| !text.starts_with('#') && !text.starts_with("kind;") && !text.trim().is_empty())
        .map(|text| line(text).unwrap_or_else(|| panic!("published.csv: {text}")))
}

/// "3:1.0,5:1.2,-:2.0": bound in m³ and coefficient.
fn bands(mode: BandMode, text: &str) -> Option<Bands> {
    let band = |text: &str| {
        let (upto, coefficient) = text.split_once(':')?;
        let upto = match upto {
            "-" => None,
            volume => Some(volume.parse::<Volume>().ok()?),
        };
        Some(Band { upto, coefficient: coefficient.parse().ok()? })
    };
    Some(Bands { mode, bands: text.split(',').map(band).collect::<Option<_>>()? })
}

/// What the published list says about where its values come from; the catalogue of messages has words for each.
pub fn published_sources() -> impl Iterator<Item = &'static str> {
    lines().map(|line| line.source)
}

/// Names of columns with what stands in them.
type Columns = Vec<(&'static str, Value)>;

/// Records the published prices, norms, VAT rates, bands and settings of `published.csv`, each with its source; what has a
/// version on any of these days already is left as it is. How many rows it added.
pub async fn published(tx: &Tx) -> Result<u64> {
    const BY: &str = "published list";
    let mut added = 0;
    for line in lines() {
        let (one, other) = line.of.split_once('/').unwrap_or((line.of, ""));
        let decimal = || line.value.parse::<Decimal>().expect("a checked file");
        // Columns of the key, then what is said.
        let (table, key, said): (&str, Columns, Columns) = match line.kind {
            "price" => (
                "tariffs.price",
                vec![("service", one.into()), ("consumer_group", other.into())],
                vec![("net", decimal().into())],
            ),
            "vat" => ("tariffs.vat", vec![], vec![("rate", decimal().into())]),
            "norm" => (
                "tariffs.norm",
                vec![("service", one.into()), ("amenity", other.into())],
                vec![("liters", line.value.parse::<Volume>().expect("a checked file").liters().into())],
            ),
            "bands" => {
                let mode = BandMode::from_code(one).expect("a checked file");
                let stored = stored_bands(&bands(mode, line.value).expect("a checked file"));
                ("tariffs.band", vec![], vec![("mode", one.into()), ("bands", stored.into())])
            }
            _ => (
                "tariffs.setting",
                vec![("code", one.into())],
                vec![("value", serde_json::Value::String(line.value.to_owned()).into())],
            ),
        };
        let by: &[&str] = if line.kind == "setting" {
            &["proposed_by", "confirmed_by", "confirmed_at"]
        } else {
            &["recorded_by"]
        };
        let mut values: Vec<Value> =
            vec![line.from.into(), line.to.into(), line.source.into(), line.demo.into(), BY.into()];
        let mut columns = vec!["valid", "source", "demo"];
        columns.extend(by);
        let mut exprs: Vec<String> = ["daterange($1, $2)", "$3", "$4", "$5"].map(str::to_owned).into();
        if line.kind == "setting" {
            exprs.extend(["$5".to_owned(), "now()".to_owned()]);
        }
        let mut same = String::new();
        for (column, value) in key {
            values.push(value);
            same += &format!(" AND {column} = ${}", values.len());
            columns.push(column);
            exprs.push(format!("${}", values.len()));
        }
        for (column, value) in said {
            values.push(value);
            columns.push(column);
            exprs.push(format!("${}", values.len()));
        }
        added += sql::run(
            tx,
            &format!(
                "INSERT INTO {table} ({}) SELECT {} WHERE NOT EXISTS (
                     SELECT FROM {table} WHERE upper_inf(recorded) AND valid && daterange($1, $2){same})",
                columns.join(", "),
                exprs.join(", ")
            ),
            values,
        )
        .await?;
    }
    Ok(added)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::kernel::*;
    use domain::tariffs::{Amenity, Dated, TariffBook};

    fn book() -> TariffBook {
        let mut book = TariffBook::default();
        for (at, line) in lines().enumerate() {
            let (id, from, to) = (TariffId(at as i64), line.from, line.to);
            let (one, other) = line.of.split_once('/').unwrap_or((line.of, ""));
            let number = || line.value.parse().unwrap();
            match line.kind {
                "price" => {
                    let key = (Service::from_code(one).unwrap(), ConsumerGroup::from_code(other).unwrap());
                    book.prices.entry(key).or_default().push(Dated { id, from, to, value: number() });
                }
                "vat" => book.vat.push(Dated { id, from, to, value: number() }),
                "norm" => {
                    let key = (Amenity::from_code(other).unwrap(), Service::from_code(one).unwrap());
                    let value = line.value.parse().unwrap();
                    book.norms.entry(key).or_default().push(Dated { id, from, to, value });
                }
                "bands" => {
                    let value = bands(BandMode::from_code(one).unwrap(), line.value).unwrap();
                    book.bands.push(Dated { id, from, to, value });
                }
                "setting" => book.methods.insert(one, SettingId(at as i64), from, to, line.value).unwrap(),
                other => panic!("unknown kind {other}"),
            }
        }
        book
    }

    fn one_version_a_day<T>(of: &str, versions: &[Dated<T>]) {
        let mut day = NaiveDate::from_ymd_opt(2024, 9, 1).unwrap();
        while day < NaiveDate::from_ymd_opt(2027, 1, 1).unwrap() {
            assert_eq!(versions.iter().filter(|v| v.covers(day)).count(), 1, "{of} on {day}");
            day = day.succ_opt().unwrap();
        }
    }

    #[test]
    fn every_day_of_the_demo_has_one_price_of_everything() {
        let book = book();
        for &service in Service::ALL {
            for &group in ConsumerGroup::ALL {
                one_version_a_day(&format!("{service} {group}"), &book.prices[&(service, group)]);
            }
        }
        one_version_a_day("vat", &book.vat);
        for ((amenity, service), versions) in &book.norms {
            one_version_a_day(&format!("{amenity} {service}"), versions);
        }
        for code in [domain::tariffs::setting::ALL, domain::tariffs::setting::TEXTS].concat() {
            // Without a value nothing is capped.
            let optional = code == domain::tariffs::setting::IMBALANCE_CAP;
            assert!(optional || lines().any(|line| line.of == code), "{code} has no value");
        }
    }

    #[test]
    fn the_published_price_list_of_2026() {
        let (book, day) = (book(), NaiveDate::from_ymd_opt(2026, 3, 15).unwrap());
        let price = |service, group| book.price(service, group, day).unwrap().value.to_string();
        assert_eq!(price(Service::Water, ConsumerGroup::Population), "66.00");
        assert_eq!(price(Service::SewerageCold, ConsumerGroup::Population), "40.95");
        assert_eq!(price(Service::Water, ConsumerGroup::Other), "350.00");
        assert_eq!(price(Service::SewerageHot, ConsumerGroup::Budget), "145.50");
        assert_eq!(book.vat(day).unwrap().value.to_string(), "0.16");
        assert!(book.bands(Service::Water, ConsumerGroup::Population, day).is_none(), "suspended");
        let before = NaiveDate::from_ymd_opt(2025, 9, 30).unwrap();
        assert!(book.bands(Service::Water, ConsumerGroup::Population, before).is_some());
    }

    #[test]
    fn what_was_not_published_says_so() {
        for line in lines().filter(|line| line.kind != "setting") {
            assert_eq!(line.demo, line.source.starts_with("demo"), "{line:?}");
        }
    }
}
