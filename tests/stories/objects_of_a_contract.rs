//! A legal entity with five objects on one contract and an annex with limits: what lies above is told, then costs double by a setting
//! that two people decided, and the limit of a year runs out.

use aiscra_tests::TestApp;
use api::platform::graphql::id::encode;
use domain::access::Role;
use domain::kernel::Sector;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use crate::office::{act, bill_month, close_month, lines, on, paper, tried};

const ACCOUNT: i64 = 50;

/// Objects 51–55, three of them with a meter; the month is open for legal entities.
async fn five_objects() -> TestApp {
    let city = TestApp::new().await;
    city.house(&[]).await;
    let mut tx = Tx::begin(&city.app.db, domain::access::Actor::system("test")).await.unwrap();
    let month = aiscra_tests::march();
    api::ledger::ops::open_period(&mut tx, month, Sector::Legal, month.last_day()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let since = "daterange('2020-01-01', NULL)";
    // The account was opened on the first object; the others come into its contract by an annex.
    for statement in [
        "INSERT INTO premises.building (id, district_id, street_id, house, kind) VALUES (50, 1, 1, '50', 'non_residential')".to_owned(),
        "INSERT INTO premises.premise (id, building_id, number, kind) SELECT n, 50, n::text, 'non_residential' FROM generate_series(51, 55) n".to_owned(),
        "INSERT INTO premises.point (id, building_id, premise_id) VALUES (51, 50, 51)".to_owned(),
        "SELECT setval('premises.point_id_seq', 51)".to_owned(),
        format!("INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
                 VALUES (51, true, true, 'household', {since}, 'test')"),
        "INSERT INTO subscribers.party (id, kind, name) VALUES (50, 'organisation', 'ТОО «Пять объектов»')".to_owned(),
        format!("INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
                 VALUES ({ACCOUNT}, '5000050', 'legal', 'other', 1, 50, 51, '2020-01-01')"),
        format!("INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by) VALUES ({ACCOUNT}, 50, {since}, 'test')"),
        format!("INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
                 VALUES ({ACCOUNT}, 51, {since}, 'test')"),
    ] {
        city.sql(&statement).await;
    }
    let annex = paper(&city, "Приложение 1", "2020-01-01").await;
    for object in 52..=55 {
        let inlet = json!({ "premiseId": encode("Premise", object), "water": true, "sewerage": false, "amenity": "HOUSEHOLD",
            "from": "2020-01-01", "documentId": annex });
        let added = act(&city, Role::OperatorLegal, "pointAdd", inlet, "point { id }").await;
        assert_eq!(added.text("/pointAdd/point/id"), encode("Point", object));
        let input = json!({ "accountId": encode("Account", ACCOUNT), "pointId": encode("Point", object),
            "from": "2020-01-01", "documentId": annex });
        act(&city, Role::OperatorLegal, "accountPointInclude", input, "account { id }").await;
    }
    for statement in [
        "INSERT INTO meters.meter (id, model_id, serial) SELECT n, 1, 'L' || n FROM generate_series(51, 53) n".to_owned(),
        format!("INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by)
                 SELECT n, n, {since}, 'test' FROM generate_series(51, 53) n"),
        "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by)
         SELECT n, '2024-01-01', '2030-01-01', 'test' FROM generate_series(51, 53) n".to_owned(),
        format!("INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
                 SELECT '2026-02-01', {ACCOUNT}, n, n, '2026-02-28', 0, 'operator', 'accepted', 'test' FROM generate_series(51, 53) n"),
    ] {
        city.sql(&statement).await;
    }
    city
}

async fn read(city: &TestApp, values: [&str; 3]) {
    for (point, value) in (51..).zip(values) {
        let input = json!({ "pointId": encode("Point", point), "value": value });
        let done = act(city, Role::OperatorLegal, "readingSubmit", input, "reading { verdict }").await;
        assert_eq!(done.text("/readingSubmit/reading/verdict"), "ACCEPTED", "{:#}", done.data);
    }
}

#[tokio::test]
async fn five_objects_share_a_limit_to_the_litre() {
    let city = five_objects().await;
    on(&city, "2026-03-02");
    let annex = paper(&city, "Приложение 2", "2026-03-01").await;
    let signing = json!({ "number": "Д-50", "kind": "INDIVIDUAL", "accountId": encode("Account", ACCOUNT), "signedOn": "2026-03-01",
        "from": "2026-03-01" });
    let contract = act(&city, Role::OperatorLegal, "contractSign", signing, "contract { id }").await;
    let contract = contract.text("/contractSign/contract/id").to_owned();
    for (point, m3) in [(54, "12"), (55, "8")] {
        let input = json!({ "contractId": contract, "pointId": encode("Point", point), "volume": m3, "from": "2026-03-01",
            "source": "приложение 1", "documentId": annex });
        act(&city, Role::OperatorLegal, "volumeAgree", input, "contract { id }").await;
    }
    let limit = |change: Json| {
        let mut input = json!({ "contractId": contract, "service": "WATER", "from": "2026-03", "source": "приложение 2", "documentId": annex });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        input
    };
    // 60 m³ a month and 100 a year for everything; object 55 has 10 m³ of its own.
    let told = "contract { limits { service monthly yearly from to } }";
    act(&city, Role::OperatorLegal, "limitSet", limit(json!({ "monthly": "60", "yearly": "100" })), told)
        .await;
    let own = limit(json!({ "premiseId": encode("Premise", 55), "monthly": "10" }));
    let done = act(&city, Role::OperatorLegal, "limitSet", own, told).await;
    assert_eq!(done.at("/limitSet/contract/limits").as_array().unwrap().len(), 2);
    for (change, code) in [
        (json!({ "monthly": "20000000" }), "VOLUME_WRONG"),
        (json!({ "monthly": "1", "from": "2026-02" }), "OUTSIDE_CONTRACT"),
        (json!({ "monthly": "1", "pointId": encode("Point", 1) }), "POINT_ELSEWHERE"),
        (json!({ "monthly": "1", "source": " " }), "SOURCE_MISSING"),
        (json!({ "monthly": "1", "to": "2026-02" }), "DATES_WRONG"),
        (
            json!({ "monthly": "1", "pointId": encode("Point", 51), "premiseId": encode("Premise", 51) }),
            "LIMIT_OF_ONE",
        ),
        (json!({ "monthly": "1", "documentId": encode("Document", 99) }), "NO_SUCH_DOCUMENT"),
    ] {
        let reply = tried(&city, Role::OperatorLegal, "limitSet", limit(change.clone()), told).await;
        assert_eq!(reply.refusals(), [code], "{change}");
    }

    // March: 40 + 25 + 15.001 m³ by meters and 12 agreed make 92.001 of the 60: by largest remainder 26.087, 16.304, 9.783 and 7.826
    // lie within. Object 55 has 8 of its 10. Above the limit the coefficient is 1: 406 tenge per m³ with VAT either way.
    on(&city, "2026-03-25");
    read(&city, ["40", "25", "15.001"]).await;
    on(&city, "2026-03-31");
    bill_month(&city, "2026-03", Sector::Legal).await;
    assert_eq!(
        lines(&city, ACCOUNT).await,
        [
            "water metered 03-01..03-25 26.087 = 10591.32",
            "water over_limit 03-01..03-25 13.913 = 5648.68",
            "sewerage_cold metered 03-01..03-25 40.000 = 7888.00",
            "water metered 03-01..03-25 16.304 = 6619.42",
            "water over_limit 03-01..03-25 8.696 = 3530.58",
            "water metered 03-01..03-25 9.783 = 3971.90",
            "water over_limit 03-01..03-25 5.218 = 2118.51",
            "water contract 03-01..03-31 7.826 = 3177.36",
            "water over_limit 03-01..03-31 4.174 = 1694.64",
            "water contract 03-01..03-31 8.000 = 3248.00",
        ]
    );
    close_month(&city, "2026-03", Sector::Legal).await;

    // From April on two people have decided that what lies above costs double. Of the year's 100 m³ March used 92.001: April has 7.999,
    // less than the 60 of a month, for 10 + 6 + 0 by meters since 25 March and 12 agreed. What the meters show is cut at the price of
    // 1 April: 1.935 and 8.065, 1.161 and 4.839 m³; of each 7.999/28 lies within.
    on(&city, "2026-04-02");
    let order = paper(&city, "Приказ 9", "2026-04-01").await;
    let input = json!({ "code": "billing.over_limit_coefficient", "value": "2", "from": "2026-04-01", "source": "приказ",
        "documentId": order });
    let proposed = act(&city, Role::Accountant, "settingPropose", input, "setting { id }").await;
    let input = json!({ "id": proposed.text("/settingPropose/setting/id") });
    act(&city, Role::ChiefAccountant, "settingConfirm", input, "setting { id }").await;
    on(&city, "2026-04-25");
    read(&city, ["50", "31", "15.001"]).await;
    on(&city, "2026-04-30");
    bill_month(&city, "2026-04", Sector::Legal).await;
    let above: Vec<String> =
        lines(&city, ACCOUNT).await.into_iter().filter(|line| !line.starts_with("sewerage")).collect();
    assert_eq!(
        above,
        [
            "water metered 03-26..03-31 0.553 = 224.52",
            "water over_limit 03-26..03-31 1.382 x2 = 1122.18",
            "water metered 04-01..04-25 2.304 = 935.42",
            "water over_limit 04-01..04-25 5.761 x2 = 4677.94",
            "water metered 03-26..03-31 0.332 = 134.79",
            "water over_limit 03-26..03-31 0.829 x2 = 673.15",
            "water metered 04-01..04-25 1.382 = 561.09",
            "water over_limit 04-01..04-25 3.457 x2 = 2807.09",
            "water metered 03-26..03-31 0.000 = 0.00",
            "water metered 04-01..04-25 0.000 = 0.00",
            "water contract 04-01..04-30 3.428 = 1391.77",
            "water over_limit 04-01..04-30 8.572 x2 = 6960.46",
            "water contract 04-01..04-30 8.000 = 3248.00",
        ]
    );

    let used = city
        .graphql(
            "query($id: ID!) { node(id: $id) { ... on Account { limitUse { monthly yearly used above
                 months { period volume above } } } } }",
            json!({ "id": encode("Account", ACCOUNT) }),
        )
        .as_role(Role::OperatorLegal)
        .await;
    assert_eq!(
        used.at("/node/limitUse"),
        &json!([
            { "monthly": "60.000", "yearly": "100.000", "used": "120.001", "above": "52.002", "months": [
                { "period": "2026-03", "volume": "92.001", "above": "32.001" },
                { "period": "2026-04", "volume": "28.000", "above": "20.001" }] },
            { "monthly": "10.000", "yearly": null, "used": "16.000", "above": "0.000", "months": [
                { "period": "2026-03", "volume": "8.000", "above": "0.000" },
                { "period": "2026-04", "volume": "8.000", "above": "0.000" }] },
        ])
    );
}

#[tokio::test]
async fn an_object_that_leaves_is_charged_until_its_day() {
    let city = five_objects().await;
    on(&city, "2026-03-02");
    let signing = json!({ "number": "Д-50", "kind": "INDIVIDUAL", "accountId": encode("Account", ACCOUNT), "signedOn": "2026-03-01",
        "from": "2026-03-01" });
    let contract = act(&city, Role::OperatorLegal, "contractSign", signing, "contract { id }").await;
    let contract = contract.text("/contractSign/contract/id").to_owned();
    let annex = paper(&city, "Приложение 3", "2026-03-01").await;
    for (point, m3) in [(54, "31"), (55, "8")] {
        let input = json!({ "contractId": contract, "pointId": encode("Point", point), "volume": m3, "from": "2026-03-01",
            "source": "приложение 3", "documentId": annex });
        act(&city, Role::OperatorLegal, "volumeAgree", input, "contract { id }").await;
    }

    // From 16 March on object 53, by its meter, and object 54, by agreement, are the contract's no more.
    on(&city, "2026-03-20");
    let leaving = |point: i64, value: Json| {
        json!({ "accountId": encode("Account", ACCOUNT), "pointId": encode("Point", point), "date": "2026-03-16",
            "value": value, "documentId": annex })
    };
    let told = "account { points { id } }";
    let unread =
        tried(&city, Role::OperatorLegal, "accountPointExclude", leaving(53, Json::Null), told).await;
    assert_eq!(unread.refusals(), ["CLOSING_READINGS_MISSING"]);
    act(&city, Role::OperatorLegal, "accountPointExclude", leaving(53, "5".into()), told).await;
    let left = act(&city, Role::OperatorLegal, "accountPointExclude", leaving(54, Json::Null), told).await;
    let rest: Vec<Json> = [51, 52, 55].map(|id| json!({ "id": encode("Point", id) })).into();
    assert_eq!(left.at("/accountPointExclude/account/points"), &json!(rest));

    // 40 and 25 m³ by meters, 5 up to 15 March, 15 days of 31 m³ a month, 8 m³: 406 tenge per m³ with VAT, 197.20 for sewerage.
    on(&city, "2026-03-25");
    for (point, value) in [(51, "40"), (52, "25")] {
        let input = json!({ "pointId": encode("Point", point), "value": value });
        act(&city, Role::OperatorLegal, "readingSubmit", input, "reading { verdict }").await;
    }
    on(&city, "2026-03-31");
    bill_month(&city, "2026-03", Sector::Legal).await;
    assert_eq!(
        lines(&city, ACCOUNT).await,
        [
            "water metered 03-01..03-25 40.000 = 16240.00",
            "sewerage_cold metered 03-01..03-25 40.000 = 7888.00",
            "water metered 03-01..03-25 25.000 = 10150.00",
            "water metered 03-01..03-15 5.000 = 2030.00",
            "water contract 03-01..03-15 15.000 = 6090.00",
            "water contract 03-01..03-31 8.000 = 3248.00",
        ]
    );

    // Whoever takes it over goes on from where the meter was left.
    for statement in [
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (60, '6000060', 'legal', 'other', 1, 50, 53, '2026-03-01')",
        "INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by)
         VALUES (60, 50, daterange('2026-03-01', NULL), 'test')",
    ] {
        city.sql(statement).await;
    }
    let input = json!({ "accountId": encode("Account", 60), "pointId": encode("Point", 53), "from": "2026-03-16", "documentId": annex });
    act(&city, Role::OperatorLegal, "accountPointInclude", input, told).await;
    let began =
        "SELECT taken_on || ' ' || liters FROM readings.reading WHERE account_id = 60 AND act = 'initial'";
    assert_eq!(city.scalar::<String>(began).await.as_deref(), Some("2026-03-15 5000"));
}
