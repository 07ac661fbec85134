//! A house whose meter shows more than its flats, through three months and three methods that two people put in force: by people,
//! equally, by volume. Every litre of the difference is on a bill, of water and of sewerage.

use aiscra_tests::{Flat, Meter, TestApp};
use api::platform::graphql::id::encode;
use domain::access::Role;
use domain::kernel::*;
use entities::ledger::close as books;
use serde_json::json;

use crate::office::{act, bill_month, close_month, hand_in, lines, on, paper};

/// The inlet of the house, with its meter.
const INLET: i64 = 900;

async fn house() -> TestApp {
    let city = TestApp::new().await;
    let meter = || Some(Meter { initial: 100_000, march: None, verified_until: "2030-01-01" });
    let flat = |residents| Flat { residents, meter: meter() };
    city.house(&[flat(2), flat(1), flat(1)]).await;
    let since = "daterange('2024-01-01', NULL)";
    for statement in [
        format!("INSERT INTO premises.point (id, building_id) VALUES ({INLET}, 1)"),
        format!(
            "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
             VALUES ({INLET}, true, true, 'household', {since}, 'test')"
        ),
        format!("INSERT INTO meters.meter (id, model_id, serial) VALUES ({INLET}, 1, 'ОПУ-1')"),
        format!("INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by) VALUES ({INLET}, {INLET}, {since}, 'test')"),
        format!(
            "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by)
             VALUES ({INLET}, '2024-01-01', '2030-01-01', 'test')"
        ),
        format!(
            "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
             VALUES ('2026-02-01', 0, {INLET}, {INLET}, '2026-02-24', 1000000, 'telemetry', 'accepted', 'test')"
        ),
    ] {
        city.sql(&statement).await;
    }
    city
}

/// Three flats and their house are read on one day.
async fn read(city: &TestApp, day: &str, flats: [&str; 3], shown: &str) {
    on(city, day);
    for (account, value) in (1..).zip(flats) {
        hand_in(city, account, value).await;
    }
    let input = json!({ "pointId": encode("Point", INLET), "value": shown });
    let done = act(city, Role::OperatorMulti, "readingSubmit", input, "reading { verdict }").await;
    assert_eq!(done.text("/readingSubmit/reading/verdict"), "ACCEPTED", "{:#}", done.data);
}

/// The lines of a house's share on the three bills.
async fn shares(city: &TestApp) -> Vec<String> {
    let mut all = Vec::new();
    for account in 1..=3 {
        let own = lines(city, account).await.into_iter().filter(|line| line.contains("house_share"));
        all.extend(own.map(|line| format!("{account} {line}")));
    }
    all
}

/// Two people put a method in force.
async fn method(city: &TestApp, method: &str, from: &str) {
    let order = paper(city, &format!("Решение {from}"), from).await;
    let input = json!({ "code": "imbalance.method", "value": method, "from": from, "source": "решение", "documentId": order });
    let proposed = act(city, Role::Accountant, "settingPropose", input, "setting { id }").await;
    let input = json!({ "id": proposed.text("/settingPropose/setting/id") });
    act(city, Role::ChiefAccountant, "settingConfirm", input, "setting { id }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn by_people_equally_and_by_volume() {
    let city = house().await;

    // March: the house 24 m³, the flats 10 + 5 + 3. Of the 6 m³ two, one and one people bear 3, 1.5 and 1.5.
    read(&city, "2026-03-25", ["110", "105", "103"], "1024").await;
    on(&city, "2026-03-31");
    bill_month(&city, "2026-03", Sector::Multi).await;
    assert_eq!(
        shares(&city).await,
        [
            "1 water house_share 02-25..03-25 3.000 = 229.68",
            "1 sewerage_cold house_share 02-25..03-25 3.000 = 142.51",
            "2 water house_share 02-25..03-25 1.500 = 114.84",
            "2 sewerage_cold house_share 02-25..03-25 1.500 = 71.25",
            "3 water house_share 02-25..03-25 1.500 = 114.84",
            "3 sewerage_cold house_share 02-25..03-25 1.500 = 71.25",
        ]
    );
    close_month(&city, "2026-03", Sector::Multi).await;

    // April: 22.5 m³ and 9 + 6 + 3. The 4.5 are shared equally; of the 31 days 6 are March's, with its price list: 0.290 and 1.210.
    on(&city, "2026-04-02");
    method(&city, "equal", "2026-04-01").await;
    read(&city, "2026-04-25", ["119", "111", "106"], "1046.5").await;
    on(&city, "2026-04-30");
    bill_month(&city, "2026-04", Sector::Multi).await;
    let water: Vec<String> =
        shares(&city).await.into_iter().filter(|line| line.contains(" water ")).collect();
    assert_eq!(
        water,
        [
            "1 water house_share 03-26..03-31 0.290 = 22.20",
            "1 water house_share 04-01..04-25 1.210 = 92.64",
            "2 water house_share 03-26..03-31 0.290 = 22.20",
            "2 water house_share 04-01..04-25 1.210 = 92.64",
            "3 water house_share 03-26..03-31 0.290 = 22.20",
            "3 water house_share 04-01..04-25 1.210 = 92.64",
        ]
    );
    close_month(&city, "2026-04", Sector::Multi).await;

    // May: 21 m³ and 12 + 4 + 2. By what each used itself: 2/3, 2/9 and 1/9 of the 3 m³, the litre left goes to the largest rest.
    on(&city, "2026-05-04");
    method(&city, "by_volume", "2026-05-01").await;
    read(&city, "2026-05-25", ["131", "115", "108"], "1067.5").await;
    on(&city, "2026-05-31");
    bill_month(&city, "2026-05", Sector::Multi).await;
    let water: Vec<String> =
        shares(&city).await.into_iter().filter(|line| line.contains(" water ")).collect();
    assert_eq!(
        water,
        [
            "1 water house_share 04-26..05-25 2.000 = 153.12",
            "2 water house_share 04-26..05-25 0.667 = 51.07",
            "3 water house_share 04-26..05-25 0.333 = 25.49",
        ]
    );
    close_month(&city, "2026-05", Sector::Multi).await;

    // What the house's meter showed is on the bills to the litre, three months long, and the books are whole.
    let billed: Option<i64> =
        city.scalar("SELECT sum(liters)::bigint FROM billing.charge_line WHERE service = 'water'").await;
    assert_eq!(billed, Some(67_500));
    assert_eq!(books::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
}
