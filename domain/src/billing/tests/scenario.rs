//! What if: the table, and what must hold for every city.

use rust_decimal::Decimal;

use super::*;
use crate::tariffs::{WrongBands, WrongSetting, setting};

fn march() -> Period {
    Period::new(2026, 3).unwrap()
}

/// `what/key/from/value`, as the table spells it.
fn change(text: &str) -> ScenarioChange {
    let words: Vec<&str> = text.split('/').collect();
    let [what, key, from, value] = words[..] else { panic!("{text} is not a change") };
    let from = day(from);
    let number = || value.parse::<Decimal>().unwrap();
    match what {
        "price" => ScenarioChange::Price {
            service: Service::from_code(key).unwrap(),
            group: ConsumerGroup::Population,
            from,
            net: number(),
        },
        "vat" => ScenarioChange::Vat { from, rate: number() },
        "norm" => ScenarioChange::Norm {
            amenity: Amenity::Household,
            service: Service::from_code(key).unwrap(),
            from,
            volume: volume(value),
        },
        "bands" => {
            ScenarioChange::Bands { from, bands: BandMode::from_code(key).map(|mode| bands(mode, value)) }
        }
        "setting" => ScenarioChange::Setting { code: key.to_owned(), from, value: value.to_owned() },
        "freeze" => ScenarioChange::Freeze { day: from },
        _ => panic!("{text} is not understood"),
    }
}

fn both(inputs: &Inputs, world: &ScenarioBook) -> (Charges, Charges) {
    both_with(inputs, world, &[])
}

fn both_with(inputs: &Inputs, world: &ScenarioBook, earlier: &[(MeterId, ReadingRef)]) -> (Charges, Charges) {
    let mut frozen = inputs.clone();
    world.freeze(&mut frozen, earlier);
    (charge(inputs, &almaty()).unwrap(), charge(&frozen, &world.book).unwrap())
}

#[test]
fn scenarios() {
    for_each_row(include_str!("../vectors/scenarios.txt"), |row| {
        let mut inputs = flat(march(), row.get("persons"));
        let point = &mut inputs.points[0];
        let mut earlier = Vec::new();
        match row.text("use") {
            "norm" => {}
            "plot" => {
                point.plots.push(Plot { id: PlotId(1), from: day("2020-01-01"), to: None, area_dm2: 60_000 })
            }
            "leak" => point.specials.push(Special {
                id: SpecialId(1),
                kind: SpecialKind::Leak,
                from: day("2026-03-10"),
                to: Some(day("2026-03-12")),
                people: 0,
                diameter_mm: 20,
                billed_upto: None,
                billed: Volume::ZERO,
                unread: Volume::ZERO,
            }),
            twice if twice.contains('/') => {
                let (first, whole) = twice.split_once('/').unwrap();
                let mut metering = metered(march(), volume(whole));
                let (prev, last) = (metering.prev.unwrap(), metering.last.as_mut().unwrap());
                last.day = day("2026-03-25");
                let value = prev.value + volume(first);
                earlier
                    .push((metering.meter, ReadingRef { id: ReadingId(3), day: day("2026-03-10"), value }));
                point.metering.push(metering);
            }
            _ => point.metering.push(metered(march(), row.get("use"))),
        }
        let text = row.text("change");
        let changes: Vec<ScenarioChange> =
            if text == "none" { Vec::new() } else { text.split(';').map(change).collect() };
        let world = apply(&almaty(), march(), &changes).unwrap();
        let (before, after) = both_with(&inputs, &world, &earlier);
        row.expect("before", before.gross());
        row.expect("after", after.gross());
    });
}

#[test]
fn a_reading_comes_back_into_its_own_stay_only() {
    let reading =
        |id, on: &str, value: &str| ReadingRef { id: ReadingId(id), day: day(on), value: volume(value) };
    let after = |prev: &str, to: Option<&str>, earlier: &[(i64, ReadingRef)]| {
        let mut inputs = flat(march(), 1);
        let mut metering = metered(march(), volume("10"));
        metering.prev.as_mut().unwrap().day = day(prev);
        (metering.to, metering.last.as_mut().unwrap().day) = (to.map(day), day("2026-03-25"));
        inputs.points[0].metering.push(metering);
        let earlier: Vec<_> = earlier.iter().map(|(meter, reading)| (MeterId(*meter), *reading)).collect();
        inputs.up_to(day("2026-03-20"), &earlier);
        inputs.points[0].metering[0].last.map(|reading| reading.id.0)
    };
    let (early, late) = (reading(7, "2026-03-04", "1235"), reading(8, "2026-03-18", "1236"));
    assert_eq!(after("2026-02-28", None, &[(1, early), (1, late)]), Some(8), "the latest of them");
    assert_eq!(
        after("2026-02-28", None, &[(2, late), (1, early)]),
        Some(7),
        "another meter's is not its own"
    );
    assert_eq!(after("2026-03-05", None, &[(1, early)]), None, "from before it was put in again");
    assert_eq!(
        after("2026-02-28", Some("2026-03-10"), &[(1, early), (1, late)]),
        Some(7),
        "after it was taken off"
    );
    assert_eq!(after("2026-02-28", None, &[(1, reading(9, "2026-03-21", "1237"))]), None, "after the day");
}

/// Settings beside those of the charge that it never asks for.
const NO_CHARGE: &[&str] = &[
    // How far back a full capacity reaches is decided when it is recorded: its first day is a fact of the month.
    setting::CAPACITY_MAX_MONTHS,
    setting::DUE_DAY,
    setting::DUE_SHIFT,
    setting::CORRECTION_ALONE,
    setting::CREDIT_STAGES,
];

#[test]
fn every_setting_that_the_charge_asks_for_can_be_tried() {
    for code in setting::ALL {
        let of_a_charge =
            ["billing.", "consumption.", "imbalance."].iter().any(|prefix| code.starts_with(prefix));
        let decided = (SCENARIO_SETTINGS.contains(code), NO_CHARGE.contains(code));
        let wanted = if of_a_charge { decided.0 != decided.1 } else { decided == (false, false) };
        assert!(wanted, "{code} is tried or excused, and one of the two: {decided:?}");
    }
    // What is excused is not asked for: every month of the table is charged without it.
    let mut methods = MethodBook::default();
    for_each_row(include_str!("../../tariffs/vectors/almaty.txt"), |row| {
        let code = row.text("kind");
        if code.contains('.') && !NO_CHARGE.contains(&code) {
            methods.insert(code, SettingId(1), row.get("from"), row.maybe("to"), row.text("value")).unwrap();
        }
    });
    for case in told() {
        let book = TariffBook { methods: methods.clone(), ..case.book };
        assert!(charge(&case.inputs, &book).is_ok(), "case {}", case.name);
    }
}

#[test]
fn a_wrong_change_is_named_with_its_place() {
    let bands = |text| change(&format!("bands/whole/2026-03-01/{text}"));
    for (wrong, why) in [
        (change("price/water/2026-03-01/-1"), WrongChange::Price),
        (change("price/water/2026-03-01/1.23456"), WrongChange::Price),
        (change("price/water/2026-04-01/70"), WrongChange::TooLate),
        (change("vat/-/2026-03-01/1"), WrongChange::Rate),
        (change("norm/water/2026-03-01/1001"), WrongChange::Norm),
        (bands("3:1.0"), WrongChange::Bands(WrongBands::Last)),
        (
            change("setting/consumption.average_months/2026-03-01/0"),
            WrongChange::Setting(WrongSetting::Value {
                code: "consumption.average_months".to_owned(),
                value: "0".to_owned(),
            }),
        ),
        (
            change("setting/nothing.at_all/2026-03-01/1"),
            WrongChange::Setting(WrongSetting::UnknownCode("nothing.at_all".to_owned())),
        ),
        (
            change("setting/billing.due_day/2026-03-01/20"),
            WrongChange::NoEffect("billing.due_day".to_owned()),
        ),
        (change("setting/consumption.average_months/2026-03-02/2"), WrongChange::TooLate),
        (change("freeze/-/2026-02-28/-"), WrongChange::OutsideMonth),
        (change("vat/-/2026-03-10/0.1"), WrongChange::Twice),
    ] {
        let changes = [change("vat/-/2026-03-10/0.1"), wrong.clone()];
        assert_eq!(apply(&almaty(), march(), &changes), Err((1, why)), "{wrong:?}");
    }
    let many = vec![change("vat/-/2026-03-10/0.1"); MOST_CHANGES + 1];
    assert_eq!(apply(&almaty(), march(), &many).unwrap_err().1, WrongChange::TooMany);
}

#[test]
fn changes_of_one_thing_follow_each_other_in_whatever_order_they_are_told() {
    let (first, second) = (change("price/water/2026-03-01/70"), change("price/water/2026-03-11/80"));
    let inputs = flat(march(), 1);
    let told =
        |changes: &[ScenarioChange]| both(&inputs, &apply(&almaty(), march(), changes).unwrap()).1.lines;
    let lines = told(&[second.clone(), first.clone()]);
    let prices: Vec<String> = lines.iter().map(|line| line.price.to_string()).collect();
    assert_eq!(prices[..2], ["70", "80"]);
    let gross = |lines: &[ChargeLine]| lines.iter().map(|line| line.gross).sum::<Money>();
    assert_eq!(gross(&lines), gross(&told(&[first, second])));
}

#[test]
fn classes_of_differences_hold_their_upper_bound() {
    for (tiyn, class) in [
        (0, 0),
        (1, 1),
        (1_000, 1),
        (1_001, 2),
        (3_000, 2),
        (3_001, 3),
        (3_000_000, 8),
        (3_000_001, 9),
        (i64::MAX / 2, 9),
    ] {
        assert_eq!(size_class(Money::from_tiyn(tiyn)), class);
        assert_eq!(size_class(Money::from_tiyn(-tiyn)), -class);
    }
}

#[test]
fn what_cannot_be_charged_is_in_no_sum_and_named() {
    let inputs = flat(march(), 1);
    let fine = || charge(&inputs, &almaty());
    let missing = || charge(&inputs, &TariffBook::default());
    let mut found = Comparison::default();
    assert_eq!(found.add(&inputs, DistrictId(1), fine(), missing()), None);
    assert_eq!(found.add(&inputs, DistrictId(1), missing(), fine()), None);
    assert_eq!((found.accounts, found.failures, found.all()), (2, 2, Compared::default()));
    assert_eq!(found.missing.len(), 1);
    assert_eq!(found.missing.values().sum::<i64>(), 2);
}

/// A city of flats with meters and without.
fn city(seeds: &[(u32, Option<i64>)]) -> Vec<Inputs> {
    let flat = |(at, (people, liters)): (usize, &(u32, Option<i64>))| {
        let mut inputs = flat(march(), *people);
        inputs.account = AccountId(at as i64 + 1);
        if at % 5 == 4 {
            (inputs.sector, inputs.group) = (Sector::Legal, ConsumerGroup::Other);
        }
        if let Some(liters) = liters {
            inputs.points[0].metering.push(metered(march(), Volume::from_liters(*liters)));
        }
        inputs
    };
    seeds.iter().enumerate().map(flat).collect()
}

fn compare(city: &[Inputs], world: &ScenarioBook) -> Comparison {
    let mut found = Comparison::default();
    for inputs in city {
        let (before, after) = both(inputs, world);
        found.add(inputs, DistrictId(inputs.account.0 % 3), Ok(before), Ok(after));
    }
    found
}

proptest! {
    #[test]
    fn without_a_change_nothing_differs(seeds in prop::collection::vec((0..9_u32, prop::option::of(0..90_000_i64)), 1..40)) {
        let city = city(&seeds);
        let found = compare(&city, &apply(&almaty(), march(), &[]).unwrap());
        let all = found.all();
        prop_assert_eq!(found.hash_before, found.hash_after);
        prop_assert_eq!(all.before, all.after);
        prop_assert_eq!((all.gainers, all.losers, found.largest()), (0, 0, Vec::new()));
    }

    #[test]
    fn every_part_adds_up_however_the_city_is_cut(
        seeds in prop::collection::vec((0..9_u32, prop::option::of(0..90_000_i64)), 2..40),
        price in 0..200_i64,
        cut in 0..40_usize,
    ) {
        let city = city(&seeds);
        let changes = [change(&format!("price/water/2026-03-01/{price}")), change("freeze/-/2026-03-20/-")];
        let world = apply(&almaty(), march(), &changes).unwrap();
        let whole = compare(&city, &world);
        let (one, other) = city.split_at(cut.min(city.len()));
        let mut merged = compare(one, &world);
        merged.merge(compare(other, &world));
        prop_assert_eq!(&merged.parts, &whole.parts);
        prop_assert_eq!(merged.largest(), whole.largest());
        prop_assert_eq!((merged.hash_before, merged.hash_after), (whole.hash_before, whole.hash_after));

        let all = whole.all();
        prop_assert_eq!(all.loss - all.gain, all.after.gross - all.before.gross);
        prop_assert_eq!(all.accounts, city.len() as i64);
        for by in [ScenarioBy::Sector, ScenarioBy::District, ScenarioBy::Difference, ScenarioBy::Service] {
            let parts = whole.parts.iter().filter(|(key, _)| key.by() == by).map(|(_, part)| part);
            let (before, after): (Money, Money) = parts.fold((Money::ZERO, Money::ZERO), |sums, part| {
                (sums.0 + part.before.gross, sums.1 + part.after.gross)
            });
            prop_assert_eq!((before, after), (all.before.gross, all.after.gross), "{}", by);
        }
        let largest = whole.largest();
        let sizes: Vec<i64> = largest.iter().map(|one| (one.after - one.before).tiyn().abs()).collect();
        prop_assert!(sizes.is_sorted_by(|a, b| a >= b));
    }
}
