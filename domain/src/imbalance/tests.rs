use proptest::prelude::*;

use super::*;
use crate::kernel::table::for_each_row;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn march() -> Period {
    Period::new(2026, 3).unwrap()
}

fn reading(id: i64, on: &str, liters: i64) -> ReadingRef {
    ReadingRef { id: ReadingId(id), day: day(on), value: Volume::from_liters(liters) }
}

/// A meter of the house that showed so many litres between 23 February and 23 March.
fn inlet(liters: Option<i64>) -> Inlet {
    Inlet {
        point: PointId(900),
        meter: MeterId(900),
        digits: 6,
        from: day("2024-01-01"),
        to: None,
        verified_until: day("2030-01-01"),
        prev: Some(reading(1, "2026-02-23", 500_000)),
        last: liters.map(|liters| reading(2, "2026-03-23", 500_000 + liters)),
    }
}

fn flat(account: i64, liters: i64, people: u32) -> Flat {
    Flat {
        account: AccountId(account),
        own: Own {
            point: Some(PointId(account)),
            metered: Volume::from_liters(liters),
            people,
            registered: people,
            valid_meter: true,
            ..Own::default()
        },
        area_dm2: Some(people * 1_000),
        excluded: false,
    }
}

fn house(opu: Option<i64>, flats: Vec<Flat>) -> House {
    House {
        period: march(),
        inlets: vec![inlet(opu)],
        flats,
        non_residential: Vec::new(),
        unreckoned: Vec::new(),
        carried_in: Volume::ZERO,
        corrected: Volume::ZERO,
        begins: false,
        usual: None,
        in_bulk: false,
    }
}

fn policy(method: ImbalanceMethod) -> Policy {
    Policy {
        method,
        hold_above_percent: 30,
        negative: NegativeImbalance::Carry,
        cap: None,
        average_days: 30,
        decision: None,
    }
}

#[test]
fn houses_of_the_table() {
    for_each_row(include_str!("vectors/houses.txt"), |row| {
        let opu: Option<Volume> = row.maybe("opu");
        let flats = row.text("flats").split(',').enumerate().map(|(at, text)| {
            let mut cells = text.split(':');
            let mut cell = || cells.next().expect("own:people:flags");
            let own: Volume = cell().parse().unwrap();
            let people = cell().parse().unwrap();
            let flags = cell();
            let mut flat = flat(at as i64 + 1, own.liters(), people);
            flat.excluded = flags.contains('x');
            if flags.contains('n') {
                flat.area_dm2 = None;
            }
            if flags.contains('u') {
                flat.own.valid_meter = false;
                flat.own.normed = std::mem::take(&mut flat.own.metered);
            }
            flat
        });
        let mut house = house(opu.map(Volume::liters), flats.collect());
        house.carried_in = row.get("carried");
        let shop: Volume = row.get("nonres");
        if !shop.is_zero() {
            let own = Own { metered: shop, ..Own::default() };
            house.non_residential.push(Flat { account: AccountId(77), own, area_dm2: None, excluded: true });
        }
        let method = ImbalanceMethod::from_code(row.text("method")).unwrap();
        let policy = Policy {
            method,
            hold_above_percent: row.get("percent"),
            negative: NegativeImbalance::from_code(row.text("negative")).unwrap(),
            cap: row.maybe("cap"),
            average_days: 0,
            decision: row.maybe::<String>("decision").map(|code| {
                match DecisionKind::from_code(&code).unwrap() {
                    DecisionKind::Distribute => Decision::Distribute(method),
                    DecisionKind::Hold => Decision::Hold,
                    DecisionKind::Carry => Decision::Carry,
                    DecisionKind::Zero => Decision::Zero,
                }
            }),
        };
        let got = distribute(&house, &policy);
        row.expect("state", got.state);
        row.expect("reason", got.reason.map_or("-", HouseReason::code));
        let shares: Vec<String> = house
            .flats
            .iter()
            .map(|flat| got.parts.iter().find(|part| part.account == flat.account))
            .map(|part| part.map_or(Volume::ZERO, |part| part.volume).to_string())
            .collect();
        row.expect("shares", if got.parts.is_empty() { "-".to_owned() } else { shares.join(",") });
        row.expect("out", got.carried_out);
        row.expect("dropped", got.dropped);
        assert_eq!(got.total, got.distributed + got.carried_out + got.dropped);
    });
}

/// Of a house that one account pays for nothing is compared; what months before left waits, what was recalculated of them is not lost.
#[test]
fn a_house_billed_in_bulk_bears_no_difference() {
    let mut house = house(Some(104_000), vec![flat(1, 50_000, 2), flat(2, 50_000, 2)]);
    house.in_bulk = true;
    let got = distribute(&house, &policy(ImbalanceMethod::ByRegistered));
    assert_eq!((got.state, got.reason), (HouseState::Nothing, Some(HouseReason::BilledInBulk)));
    assert_eq!((got.measured, got.compared_by, got.parts.len()), (None, None, 0));
    house.carried_in = Volume::from_liters(7_000);
    house.corrected = Volume::from_liters(1_000);
    let got = distribute(&house, &policy(ImbalanceMethod::ByRegistered));
    assert_eq!((got.state, got.carried_out), (HouseState::Carried, Volume::from_liters(6_000)));
}

/// 60 metered flats of 790 m³ with 190 people, ten people without meters by 15 m³ each: 60 m³ over 200 people.
#[test]
fn the_worked_example() {
    let mut flats: Vec<Flat> =
        (1..=60).map(|n| flat(n, 13_166 + i64::from(n <= 40), if n <= 50 { 3 } else { 4 })).collect();
    for n in 61..=70 {
        let mut one = flat(n, 0, 1);
        one.own.valid_meter = false;
        one.own.normed = Volume::from_liters(15_000);
        flats.push(one);
    }
    let house = house(Some(1_000_000), flats);
    let got = distribute(&house, &policy(ImbalanceMethod::ByRegistered));
    assert_eq!(got.metered, Volume::from_liters(790_000));
    assert_eq!(got.normed, Volume::from_liters(150_000));
    assert_eq!((got.gap, got.weights), (Volume::from_liters(60_000), 200));
    let volumes = |n: i64| got.parts.iter().find(|p| p.account.0 == n).unwrap().volume.liters();
    assert_eq!((volumes(1), volumes(55), volumes(65)), (900, 1_200, 300));
    let shares = house.shares(BuildingId(5), &got);
    assert_eq!(shares.len(), 70);
    let (_, share) = &shares[0];
    assert_eq!((share.from, share.to), (day("2026-02-24"), day("2026-03-24")));
    assert_eq!((share.meter, share.reading_last), (Some(MeterId(900)), Some(ReadingId(2))));
}

#[test]
fn hot_water_that_the_house_heats_is_taken_from_its_cold_meter() {
    let mut house = house(Some(100_000), vec![flat(1, 60_000, 1)]);
    house.flats[0].own.hot = Volume::from_liters(25_000);
    let got = distribute(&house, &policy(ImbalanceMethod::Equal));
    assert_eq!((got.hot.liters(), got.gap.liters()), (25_000, 15_000));
    assert_eq!(got.state, HouseState::Distributed);
}

#[test]
fn inlets_add_up_and_one_that_does_not_tell_silences_the_house() {
    let mut house = house(Some(60_000), vec![flat(1, 100_000, 1)]);
    let mut second = inlet(Some(45_000));
    (second.point, second.meter) = (PointId(901), MeterId(901));
    house.inlets.push(second);
    let got = distribute(&house, &policy(ImbalanceMethod::Equal));
    assert_eq!(got.measured, Some(Volume::from_liters(105_000)));
    assert_eq!(house.shares(BuildingId(1), &got)[0].1.meter, None);

    house.inlets[1].last = None;
    let got = distribute(&house, &policy(ImbalanceMethod::Equal));
    assert_eq!((got.reason, got.measured), (Some(HouseReason::NoReading), None));
    assert_eq!(got.carried_out.liters(), -40_000, "what the first one showed is not lost");

    house.inlets[1].verified_until = day("2026-03-01");
    house.carried_in = Volume::from_liters(7);
    let got = distribute(&house, &policy(ImbalanceMethod::Equal));
    assert_eq!((got.state, got.reason), (HouseState::Carried, Some(HouseReason::Expired)));
    assert_eq!((got.gap.liters(), got.carried_out.liters()), (0, 7));
}

#[test]
fn a_replaced_meter_counts_with_the_one_before_it_and_a_bare_inlet_counts_nothing() {
    let mut house = house(Some(60_000), vec![flat(1, 100_000, 1)]);
    house.inlets[0].to = Some(day("2026-03-10"));
    assert_eq!(house.silent(), Some(HouseReason::Absent));
    let mut next = inlet(None);
    next.meter = MeterId(901);
    next.from = day("2026-03-10");
    next.prev = Some(reading(3, "2026-03-10", 0));
    next.last = Some(reading(4, "2026-03-24", 50_000));
    house.inlets.push(next);
    let got = distribute(&house, &policy(ImbalanceMethod::Equal));
    assert_eq!(got.measured, Some(Volume::from_liters(110_000)));
    assert_eq!(house.days(), (day("2026-02-24"), day("2026-03-25")));
}

/// It showed 279 m³ in the 90 days of its last three months: 96.1 m³ in the 31 days of March.
#[test]
fn a_meter_that_has_just_expired_is_stood_for_by_its_average() {
    let usual = Usual { volume: Volume::from_liters(279_000), days: 90 };
    let mut house = house(Some(20_000), vec![flat(1, 90_000, 1), flat(2, 4_000, 2)]);
    house.inlets[0].verified_until = day("2026-03-20");
    house.usual = Some(usual);
    let by = |days| Policy { average_days: days, ..policy(ImbalanceMethod::ByRegistered) };
    let got = distribute(&house, &by(12));
    assert_eq!((got.compared_by, got.reason), (Some(ComparedBy::Average), None));
    assert_eq!((got.measured, got.gap.liters()), (Some(Volume::from_liters(96_100)), 2_100));
    let (_, share) = &house.shares(BuildingId(1), &got)[1];
    assert_eq!((share.from, share.to), (day("2026-03-01"), day("2026-04-01")));
    assert_eq!((share.volume.liters(), share.meter, share.reading_last), (1_400, None, None));

    // Twelve days of March, forty-two at the end of April.
    let got = distribute(&house, &by(11));
    assert_eq!((got.compared_by, got.reason), (None, Some(HouseReason::Expired)));
    house.period = house.period.next();
    assert_eq!(distribute(&house, &by(41)).compared_by, None);
    assert_eq!(distribute(&house, &by(42)).measured, Some(Volume::from_liters(93_000)));
    house.usual = None;
    assert_eq!(distribute(&house, &by(42)).compared_by, None);
}

#[test]
fn a_meter_that_was_taken_off_is_stood_for_from_its_last_day() {
    let mut house = house(Some(20_000), vec![flat(1, 90_000, 1)]);
    house.inlets[0].to = Some(day("2026-03-22"));
    house.usual = Some(Usual { volume: Volume::from_liters(100_000), days: 31 });
    let by = |days| Policy { average_days: days, ..policy(ImbalanceMethod::Equal) };
    assert_eq!(distribute(&house, &by(10)).gap, Volume::from_liters(10_000));
    assert_eq!(distribute(&house, &by(9)).reason, Some(HouseReason::Absent));
}

/// Five cubic metres that were taken off the flats' bills of months before are the house's now.
#[test]
fn recalculations_enter_the_next_difference() {
    let mut house = house(Some(100_000), vec![flat(1, 98_000, 1)]);
    house.corrected = Volume::from_liters(-5_000);
    let got = distribute(&house, &policy(ImbalanceMethod::Equal));
    assert_eq!((got.gap.liters(), got.distributed.liters()), (7_000, 7_000));
    house.inlets[0].last = None;
    assert_eq!(distribute(&house, &policy(ImbalanceMethod::Equal)).carried_out.liters(), -93_000);
    house.inlets[0].verified_until = day("2026-01-01");
    let got = distribute(&house, &policy(ImbalanceMethod::Equal));
    assert_eq!((got.state, got.gap.liters(), got.carried_out.liters()), (HouseState::Carried, 5_000, 5_000));
}

#[test]
fn a_house_that_begins_is_compared_from_the_first_day_of_its_meter() {
    let mut house = house(Some(100_000), Vec::new());
    assert_eq!(house.compared_since(), None);
    house.begins = true;
    assert_eq!(house.compared_since(), Some(day("2026-02-24")));
    house.inlets[0].from = day("2026-03-10");
    house.inlets[0].prev = Some(reading(1, "2026-03-10", 0));
    house.inlets[0].last = None;
    assert_eq!(
        house.compared_since(),
        Some(day("2026-03-10")),
        "the reading of the installation opens its day"
    );
}

#[test]
fn a_house_with_an_account_that_nobody_could_reckon_is_held() {
    let mut house = house(Some(105_000), vec![flat(1, 100_000, 1)]);
    house.unreckoned.push(AccountId(2));
    let got = distribute(&house, &policy(ImbalanceMethod::Equal));
    assert_eq!((got.state, got.reason), (HouseState::Held, Some(HouseReason::Unreckoned)));
}

#[test]
fn causes_are_ranked_and_what_is_left_is_the_rest() {
    // Neighbours use 5 m³ a person.
    let mut flats = vec![flat(1, 10_000, 2), flat(2, 5_000, 1)];
    flats[0].own.read = Some((day("2026-02-24"), day("2026-03-24")));
    // 14 of the house's 28 days.
    flats[1].own.read = Some((day("2026-02-24"), day("2026-03-10")));
    let unmetered = |account, liters, people: u32, registered| {
        let mut one = flat(account, 0, people);
        one.own.valid_meter = false;
        one.own.registered = registered;
        one.own.normed = Volume::from_liters(liters);
        one
    };
    flats.push(unmetered(3, 2_000, 1, 0));
    flats.push(unmetered(4, 6_000, 2, 2));
    let mut expired = unmetered(5, 3_000, 1, 1);
    expired.own.expired_meter = true;
    expired.own.usual = Some(Volume::from_liters(11_000));
    flats.push(expired);
    let mut silent = flat(6, 0, 1);
    silent.own.averaged = Volume::from_liters(4_000);
    silent.own.usual = Some(Volume::from_liters(4_000));
    flats.push(silent);
    let mut house = house(Some(100_000), flats);
    let agreed = Own { agreed: Volume::from_liters(9_000), ..Own::default() };
    house.non_residential.push(Flat { account: AccountId(70), own: agreed, area_dm2: None, excluded: true });

    let causes = diagnose(&house, Volume::from_liters(30_000));
    let told: Vec<_> = causes
        .iter()
        .map(|cause| {
            let accounts: Vec<i64> = cause.accounts.iter().map(|a| a.0).collect();
            (cause.kind, cause.estimate.map(Volume::liters), cause.at_stake.liters(), accounts)
        })
        .collect();
    assert_eq!(
        told,
        [
            (CauseKind::ExpiredMeters, Some(8_000), 3_000, vec![5]),
            (CauseKind::ClockSkew, Some(5_000), 0, vec![2]),
            (CauseKind::Occupancy, Some(4_000), 6_000, vec![4]),
            (CauseKind::NobodyRegistered, Some(3_000), 2_000, vec![3]),
            (CauseKind::NonResidential, None, 9_000, vec![70]),
            (CauseKind::MissingReadings, Some(0), 4_000, vec![6]),
            (CauseKind::Rest, Some(10_000), 0, vec![]),
        ]
    );
}

fn any_house() -> impl Strategy<Value = House> {
    let one = (0i64..40_000, 0u32..7, any::<bool>(), any::<bool>(), 0u32..9_000);
    (prop::collection::vec(one, 1..25), 0i64..900_000, -90_000i64..90_000).prop_map(
        |(flats, opu, carried)| {
            let flats =
                flats.into_iter().enumerate().map(|(at, (liters, people, metered, excluded, area))| {
                    let mut one = flat(at as i64 + 1, liters, people);
                    one.own.valid_meter = metered;
                    one.excluded = excluded;
                    one.area_dm2 = Some(area);
                    one
                });
            let mut house = house(Some(opu), flats.collect());
            house.carried_in = Volume::from_liters(carried);
            house
        },
    )
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let cap = prop::option::of((1i64..9_000).prop_map(Volume::from_liters));
    (0..ImbalanceMethod::ALL.len(), 0u32..1_000, 0..NegativeImbalance::ALL.len(), cap, 0usize..6).prop_map(
        |(method, hold_above_percent, negative, cap, decision)| {
            let method = ImbalanceMethod::ALL[method];
            let decision = match decision {
                0 => Some(Decision::Distribute(method)),
                1 => Some(Decision::Zero),
                2 => Some(Decision::Carry),
                _ => None,
            };
            let negative = NegativeImbalance::ALL[negative];
            Policy { method, hold_above_percent, negative, cap, average_days: 0, decision }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_litre_is_lost_and_nobody_excluded_pays(house in any_house(), policy in any_policy()) {
        let got = distribute(&house, &policy);
        prop_assert_eq!(got.total, got.distributed + got.carried_out + got.dropped);
        prop_assert_eq!(got.total, got.gap + got.carried_in);
        let sum: Volume = got.parts.iter().map(|part| part.volume).sum();
        prop_assert_eq!(sum, got.distributed);
        prop_assert_eq!(sum, got.whole);
        prop_assert_eq!(got.parts.iter().map(|part| part.weight).sum::<u64>(), got.weights);
        for part in &got.parts {
            let flat = house.flats.iter().find(|flat| flat.account == part.account).unwrap();
            prop_assert!(!flat.excluded || part.volume.is_zero());
            prop_assert!(flat.own.cold() + part.volume >= Volume::ZERO);
            // The line's own figures give its volume, within the litre of the largest remainder.
            let exact = i128::from(got.whole.liters()) * i128::from(part.weight);
            let off = exact - i128::from(part.volume.liters()) * i128::from(got.weights);
            prop_assert!(off.abs() < i128::from(got.weights));
        }
    }

    #[test]
    fn who_weighs_more_never_bears_less(house in any_house(), method in 0..ImbalanceMethod::ALL.len()) {
        let method = ImbalanceMethod::ALL[method];
        let policy = Policy { decision: Some(Decision::Distribute(method)), ..policy(method) };
        let got = distribute(&house, &policy);
        prop_assume!(got.total > Volume::ZERO);
        for a in &got.parts {
            for b in got.parts.iter().filter(|b| b.weight > a.weight) {
                prop_assert!(b.volume >= a.volume, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn the_order_of_accounts_does_not_matter(house in any_house(), policy in any_policy(), by in 0usize..25) {
        let mut turned = house.clone();
        let middle = by % turned.flats.len();
        turned.flats.rotate_left(middle);
        turned.flats.reverse();
        prop_assert_eq!(distribute(&house, &policy), distribute(&turned, &policy));
    }
}
