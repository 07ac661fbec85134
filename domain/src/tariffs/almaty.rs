//! The tariff book that the tests of every rule stand on, read from `vectors/almaty.txt`.

use rust_decimal::Decimal;

use super::*;
use crate::kernel::table::for_each_row;

/// Ids are numbers of the lines of the table, from 1.
pub(crate) fn almaty() -> TariffBook {
    let mut book = TariffBook::default();
    let mut line = 0;
    for_each_row(include_str!("vectors/almaty.txt"), |row| {
        line += 1;
        let (from, to) = (row.get("from"), row.maybe("to"));
        let id = TariffId(line);
        let dated = |text: &str| Dated { id, from, to, value: text.parse::<Decimal>().unwrap() };
        let (of, value) = (row.text("of"), row.text("value"));
        let (word, other) = of.split_once('/').unwrap_or((of, ""));
        match row.text("kind") {
            "price" => {
                let key = (Service::from_code(word).unwrap(), ConsumerGroup::from_code(other).unwrap());
                book.prices.entry(key).or_default().push(dated(value));
            }
            "vat" => book.vat.push(dated(value)),
            "norm" => {
                let key = (Amenity::from_code(other).unwrap(), Service::from_code(word).unwrap());
                let norm = Dated { id, from, to, value: value.parse().unwrap() };
                book.norms.entry(key).or_default().push(norm);
            }
            "bands" => {
                let bands = bands(BandMode::from_code(word).unwrap(), value);
                book.bands.push(Dated { id, from, to, value: bands });
            }
            code => book.methods.insert(code, SettingId(line), from, to, value).unwrap(),
        }
    });
    book
}

/// The methods of the table with another value of one of them.
pub(crate) fn almaty_methods(methods: &mut MethodBook, (changed, other): (&str, &str)) {
    let mut line = 0;
    for_each_row(include_str!("vectors/almaty.txt"), |row| {
        line += 1;
        let code = row.text("kind");
        if code.contains('.') {
            let value = if code == changed { other } else { row.text("value") };
            methods.insert(code, SettingId(line), row.get("from"), row.maybe("to"), value).unwrap();
        }
    });
}

/// Bands like "3:1.0,5:1.2,10:1.5,-:2.0".
pub(crate) fn bands(mode: BandMode, text: &str) -> Bands {
    let band = |text: &str| {
        let (upto, coefficient) = text.split_once(':').expect("a band is bound:coefficient");
        let upto = (upto != "-").then(|| upto.parse().unwrap());
        Band { upto, coefficient: coefficient.parse().unwrap() }
    };
    Bands { mode, bands: text.split(',').map(band).collect() }
}

#[test]
fn a_missing_value_is_named_and_never_guessed() {
    let book = almaty();
    let day = NaiveDate::from_ymd_opt(2026, 4, 1).unwrap();
    let missing = book.price(Service::Water, ConsumerGroup::Population, day).unwrap_err();
    assert_eq!(missing.to_string(), "no price of water for the group population on 2026-04-01");
    let long_ago = NaiveDate::from_ymd_opt(2001, 1, 1).unwrap();
    let missing = book.methods.rounding(Sector::Legal, long_ago).unwrap_err();
    assert_eq!(missing, MissingSetting { code: setting::ROUNDING_LEGAL, day: long_ago });
}

#[test]
fn a_setting_of_another_kind_is_refused() {
    let mut methods = MethodBook::default();
    let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    for (code, value) in [
        (setting::AVERAGE_MONTHS, "three"),
        (setting::AVERAGE_MONTHS, "0"),
        (setting::ROUNDING_LEGAL, "up"),
        (setting::DUE_DAY, "32"),
        ("billing.rounding.everybody", "half_up"),
    ] {
        assert!(methods.insert(code, SettingId(1), from, None, value).is_err(), "{code} = {value}");
    }
    assert!(methods.average_months(from).is_err());
}
