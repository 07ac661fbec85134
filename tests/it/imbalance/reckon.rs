//! Houses to the litre.

use aiscra_tests::{Flat, TestApp, count_statements, march};
use api::billing::ops::run_now;
use api::imbalance::ops::Purpose;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::billing::run::Run;
use entities::kernel::Tx;
use serde_json::json;

use super::{INLET, city, house_meter, look, read_house, reckon, set, shares};

async fn ran(city: &TestApp, month: Period) -> Run {
    run_now(&city.app, month, Sector::Multi, Some(2)).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_through_its_methods_to_the_litre() {
    let city = city(Some(25_001)).await;
    for (method, expected) in [
        ("by_registered", [(1, 501), (2, 250), (3, 250)]),
        ("by_volume", [(1, 500), (2, 334), (3, 167)]),
        ("equal", [(1, 334), (2, 334), (3, 333)]),
    ] {
        set(&city, "imbalance.method", method).await;
        let id = method.len() as i64;
        let made = reckon(&city, Purpose::Scenario(id)).await;
        assert_eq!(shares(&city, &made).await, expected, "{method}");
        assert_eq!(reckon(&city, Purpose::Scenario(id)).await.done_at, made.done_at, "done once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flats_account_for_exactly_what_their_bills_charge() {
    let city = TestApp::new().await;
    let mut flats =
        vec![Flat::metered(2, 12_345), Flat::unmetered(3), Flat::unmetered(0), Flat::metered(1, 0)];
    // Expired in the middle of the interval, and one without a reading.
    flats.push(Flat { residents: 2, meter: Some(meter(Some(109_000), "2026-03-10")) });
    flats.push(Flat { residents: 1, meter: Some(meter(None, "2030-01-01")) });
    city.house(&flats).await;
    house_meter(&city, Some(60_000)).await;
    let run = ran(&city, march()).await;
    reckon(&city, Purpose::Run(run.run_id())).await;
    let billed = "SELECT sum(liters)::bigint FROM billing.charge_line WHERE service = 'water'";
    let own = "SELECT (metered + averaged + normed)::bigint FROM imbalance.house";
    assert_eq!(city.scalar::<i64>(own).await, city.scalar::<i64>(billed).await);
    assert_eq!(city.scalar::<i32>("SELECT flats FROM imbalance.house").await, Some(6));
}

fn meter(march: Option<i64>, verified_until: &'static str) -> aiscra_tests::Meter {
    aiscra_tests::Meter { initial: 100_000, march, verified_until }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_is_taken_out_first_and_an_excluded_flat_bears_nothing() {
    let city = city(Some(40_000)).await;
    for statement in [
        "INSERT INTO premises.premise (id, building_id, number, kind) VALUES (70, 1, '1-НП', 'non_residential')",
        "INSERT INTO premises.point (id, building_id, premise_id) VALUES (70, 1, 70)",
        "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
         VALUES (70, true, true, 'household', daterange('2020-01-01', NULL), 'test')",
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (70, '7000', 'legal', 'other', 1, 1, 70, '2020-01-01')",
        "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
         VALUES (70, 70, daterange('2020-01-01', NULL), 'test')",
        "INSERT INTO contracts.contract (id, number, kind, account_id, party_id, signed_on, valid, recorded_by)
         SELECT 70, 'N70', 'individual', 70, 1, '2020-01-01', daterange('2020-01-01', NULL), 'test'",
        "INSERT INTO contracts.point_volume (contract_id, point_id, liters, valid, recorded_by)
         VALUES (70, 70, 10000, daterange('2020-01-01', NULL), 'test')",
        "INSERT INTO imbalance.exclusion (account_id, reason, document_id, recorded_by, valid)
         VALUES (2, 'протокол', 500, 'test', daterange('2026-01-01', NULL))",
    ] {
        city.sql(statement).await;
    }
    let made = reckon(&city, Purpose::Scenario(1)).await;
    assert_eq!(city.scalar::<i64>("SELECT non_residential FROM imbalance.house").await, Some(10_000));
    assert_eq!(shares(&city, &made).await, [(1, 4_000), (3, 2_000)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn shops_of_one_contract_count_each_in_its_own_house() {
    let city = city(Some(40_000)).await;
    let since = "daterange('2020-01-01', NULL)";
    for statement in [
        "INSERT INTO premises.building (id, district_id, street_id, house, kind) VALUES (60, 1, 1, '60', 'apartment')".to_owned(),
        "INSERT INTO premises.premise (id, building_id, number, kind) VALUES (70, 1, '1-НП', 'non_residential'), (71, 60, '1-НП', 'non_residential')"
            .to_owned(),
        "INSERT INTO premises.point (id, building_id, premise_id) VALUES (70, 1, 70), (71, 60, 71), (960, 60, NULL)".to_owned(),
        format!(
            "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
             SELECT n, true, true, 'household', {since}, 'test' FROM unnest(ARRAY[70, 71, 960]) n"
        ),
        "INSERT INTO meters.meter (id, model_id, serial) VALUES (960, 1, 'HOUSE-60')".to_owned(),
        format!("INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by) VALUES (960, 960, {since}, 'test')"),
        "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by)
         VALUES (960, '2024-01-01', '2030-01-01', 'test')"
            .to_owned(),
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
         VALUES ('2026-02-01', 0, 960, 960, '2026-02-23', 1000000, 'telemetry', 'accepted', 'test'),
                ('2026-03-01', 0, 960, 960, '2026-03-23', 1007000, 'telemetry', 'accepted', 'test')"
            .to_owned(),
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (70, '7000', 'legal', 'other', 1, 1, 70, '2020-01-01')"
            .to_owned(),
        format!(
            "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
             VALUES (70, 70, {since}, 'test'), (70, 71, {since}, 'test')"
        ),
        format!(
            "INSERT INTO contracts.contract (id, number, kind, account_id, party_id, signed_on, valid, recorded_by)
             VALUES (70, 'N70', 'individual', 70, 1, '2020-01-01', {since}, 'test')"
        ),
        format!(
            "INSERT INTO contracts.point_volume (contract_id, point_id, liters, valid, recorded_by)
             VALUES (70, 70, 10000, {since}, 'test'), (70, 71, 5000, {since}, 'test')"
        ),
    ] {
        city.sql(&statement).await;
    }
    reckon(&city, Purpose::Scenario(1)).await;
    // 40 m³ less 24 of the flats and 10 of the shop; 7 less 5 of the other one.
    let rows = "SELECT building_id || ' ' || non_residential || ' ' || gap FROM imbalance.house ORDER BY building_id";
    assert_eq!(city.texts(rows).await, ["1 10000 6000", "60 5000 2000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_negative_difference_lessens_the_next_month() {
    let city = city(Some(20_000)).await;
    let run = ran(&city, march()).await;
    let made = reckon(&city, Purpose::Run(run.run_id())).await;
    assert_eq!(shares(&city, &made).await, []);
    let out = "SELECT carried_out FROM imbalance.house ORDER BY period DESC LIMIT 1";
    assert_eq!(city.scalar::<i64>(out).await, Some(-4_000));

    // April: flats use 6 + 3 + 1 m³, the house meter shows 18.
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::billing::ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    let april = march().next();
    api::ledger::ops::open_period(&mut tx, april, Sector::Multi, april.last_day()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    for (account, liters) in [(1, 118_000), (2, 111_000), (3, 105_000)] {
        city.reading(account, "2026-04-01", "2026-04-20", liters).await;
    }
    read_house(&city, "2026-04-01", "2026-04-23", 1_038_000).await;
    let known_at = city.app.clock.now();
    let made = api::imbalance::ops::reckon_houses(
        &city.app,
        Purpose::Preview(RunPreviewId(9)),
        april,
        known_at,
        &|_, _| {},
    )
    .await
    .unwrap();
    let sums = "SELECT gap * 1000000 + (carried_in + 4000) FROM imbalance.house WHERE period = '2026-04-01'";
    assert_eq!(city.scalar::<i64>(sums).await, Some(8_000 * 1_000_000), "8 m³ less the four of March");
    assert_eq!(shares(&city, &made).await, [(1, 2_000), (2, 1_000), (3, 1_000)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_meter_verified_again_starts_anew() {
    let city = city(Some(40_000)).await;
    city.sql("UPDATE meters.verification SET valid_until = '2026-03-05' WHERE meter_id = 900").await;
    let run = ran(&city, march()).await;
    reckon(&city, Purpose::Run(run.run_id())).await;
    let row = "SELECT state || ' ' || coalesce(reason, '-') || ' ' || gap FROM imbalance.house ORDER BY period DESC LIMIT 1";
    assert_eq!(city.scalar::<String>(row).await.as_deref(), Some("nothing expired 0"));
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::billing::ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    let april = march().next();
    api::ledger::ops::open_period(&mut tx, april, Sector::Multi, april.last_day()).await.unwrap().unwrap();
    tx.commit().await.unwrap();

    // What ran through it until it was verified on 10 April is nobody's, and what flats used until then too: of their 6 + 3 + 1 m³ in
    // the 31 days to 20 April ten days have 3.226, and it shows 22 since.
    city.sql(
        "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (900, '2026-04-10', '2032-04-10', 'test')",
    )
    .await;
    for (account, liters) in [(1, 118_000), (2, 111_000), (3, 105_000)] {
        city.reading(account, "2026-04-01", "2026-04-20", liters).await;
    }
    read_house(&city, "2026-04-01", "2026-04-10", 1_090_000).await;
    read_house(&city, "2026-04-01", "2026-04-23", 1_112_000).await;
    let known_at = city.app.clock.now();
    let purpose = Purpose::Preview(RunPreviewId(9));
    api::imbalance::ops::reckon_houses(&city.app, purpose, april, known_at, &|_, _| {}).await.unwrap();
    let gap = "SELECT gap FROM imbalance.house WHERE period = '2026-04-01'";
    assert_eq!(city.scalar::<i64>(gap).await, Some(18_774));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_reading_the_month_waits_for_the_one_that_shows_both() {
    let city = city(None).await;
    look(&city).await;
    let row = "SELECT state || ' ' || reason || ' ' || carried_out FROM imbalance.house";
    assert_eq!(city.scalar::<String>(row).await.as_deref(), Some("carried no_reading -24000"));

    city.sql("UPDATE meters.verification SET valid_until = '2026-03-05' WHERE meter_id = 900").await;
    look(&city).await;
    assert_eq!(city.scalar::<String>(row).await.as_deref(), Some("nothing expired 0"));
}

/// The office and gateways hand in the reading of a house meter like any other.
#[tokio::test(flavor = "multi_thread")]
async fn a_reading_of_the_house_meter_comes_through_the_intake() {
    let city = city(None).await;
    let submit = "mutation($p: ID!) { readingSubmit(input: { pointId: $p, value: \"1025\", takenOn: \"2026-03-24\" }) {
        reading { verdict consumption } errors { code } } }";
    let point = api::platform::graphql::Gid(PointId(INLET)).encode();
    let done = city.graphql(submit, json!({ "p": point })).as_role(Role::OperatorMulti).await;
    assert_eq!(done.text("/readingSubmit/reading/verdict"), "ACCEPTED");
    let made = reckon(&city, Purpose::Scenario(1)).await;
    assert_eq!(shares(&city, &made).await, [(1, 500), (2, 250), (3, 250)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_do_not_grow_with_the_flats() {
    let mut counts = Vec::new();
    for flats in [2, 30] {
        let city = TestApp::new().await;
        city.house(&vec![Flat::metered(1, 5_000); flats]).await;
        house_meter(&city, Some(5_100 * flats as i64)).await;
        let ((), count) = count_statements(async {
            look(&city).await;
        })
        .await;
        let query = "{ imbalanceHouse(building: \"QnVpbGRpbmc6MQ\", period: \"2026-03\") {
            house { gap } causes { kind accounts { number } } flats { own account { number } variants { method volume gross } } } }";
        let (reply, opened) =
            count_statements(async { city.graphql(query, json!({})).as_role(Role::Accountant).await }).await;
        assert_eq!(reply.at("/imbalanceHouse/flats").as_array().unwrap().len(), flats);
        counts.push((count, opened));
    }
    assert_eq!(counts[0], counts[1]);
}

/// A shop of the house with 10 m³ agreed, on account 70.
async fn shop(city: &TestApp) {
    for statement in [
        "INSERT INTO premises.premise (id, building_id, number, kind) VALUES (70, 1, '1-НП', 'non_residential')",
        "INSERT INTO premises.point (id, building_id, premise_id) VALUES (70, 1, 70)",
        "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
         VALUES (70, true, true, 'household', daterange('2020-01-01', NULL), 'test')",
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (70, '7000', 'legal', 'other', 1, 1, 70, '2020-01-01')",
        "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
         VALUES (70, 70, daterange('2020-01-01', NULL), 'test')",
        "INSERT INTO contracts.contract (id, number, kind, account_id, party_id, signed_on, valid, recorded_by)
         SELECT 70, 'N70', 'individual', 70, 1, '2020-01-01', daterange('2020-01-01', NULL), 'test'",
        "INSERT INTO contracts.point_volume (contract_id, point_id, liters, valid, recorded_by)
         VALUES (70, 70, 10000, daterange('2020-01-01', NULL), 'test')",
    ] {
        city.sql(statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_on_the_list_of_the_condominium_bears_its_share_and_pays_it_in_its_own_run() {
    let city = city(Some(35_250)).await;
    shop(&city).await;
    let input = json!({ "accountId": api::platform::graphql::Gid(AccountId(70)).encode(), "member": true, "from": "2026-03-01",
        "documentId": api::platform::graphql::Gid(DocumentId(500)).encode() });
    let act =
        "mutation($input: ImbalanceMemberInput!) { imbalanceMemberSet(input: $input) { errors { code } } }";
    let done = city.graphql(act, json!({ "input": input })).as_role(Role::ChiefAccountant).await;
    assert_eq!(done.refusals(), [""; 0], "{done:?}");

    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::ledger::ops::open_period(&mut tx, march(), Sector::Legal, march().last_day())
        .await
        .unwrap()
        .unwrap();
    tx.commit().await.unwrap();
    let early = run_now(&city.app, march(), Sector::Legal, Some(1)).await.unwrap();
    assert_eq!(early.unwrap_err().code, "RUN_FLATS_FIRST");

    // 35.250 - 24 of the flats - 10 agreed = 1.250 by 2, 1, 1 and the shop's one: 500, 250, 250, 250.
    let flats = ran(&city, march()).await;
    let made = entities::imbalance::reckoning::of(&city.app.db, "run", flats.id).await.unwrap().unwrap();
    assert_eq!(shares(&city, &made).await, [(1, 500), (2, 250), (3, 250), (70, 250)]);
    let members = "query($b: ID!) { imbalanceHouse(building: $b, period: \"2026-03\") {
        members { account { number } from to document { number } } } }";
    let house = json!({ "b": api::platform::graphql::Gid(BuildingId(1)).encode() });
    let seen = city.graphql(members, house.clone()).as_role(Role::ChiefAccountant).await;
    let list = seen.at("/imbalanceHouse/members");
    assert_eq!(
        (&list[0]["account"]["number"], &list[0]["from"]),
        (&json!("7000"), &json!("2026-03-01")),
        "{seen:?}"
    );
    assert_ne!(list[0]["document"]["number"], serde_json::Value::Null);
    let seen = city.graphql(members, house).as_role(Role::OperatorMulti).await;
    assert_eq!(seen.at("/imbalanceHouse/members"), &json!([]), "legal entities are not his");

    let legal = run_now(&city.app, march(), Sector::Legal, Some(1)).await.unwrap().unwrap();
    assert_eq!(legal.failures, 0);
    let line = "SELECT string_agg(service || ' ' || basis || ' ' || liters, ', ' ORDER BY line) FROM billing.charge_line WHERE account_id = 70";
    assert_eq!(
        city.scalar::<String>(line).await.as_deref(),
        Some(
            "water contract 10000, sewerage_cold contract 10000, water house_share 250, sewerage_cold house_share 250"
        )
    );
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let back =
        api::billing::ops::reverse_run(&mut tx, flats.run_id(), None, city.app.clock.today()).await.unwrap();
    assert_eq!(back.unwrap_err().code, "RUN_LEGAL_BEARS");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_a_house_after_a_run_is_a_newer_fact() {
    let city = city(Some(25_000)).await;
    let run = ran(&city, march()).await;
    let kinds = async || -> Vec<String> {
        let page = entities::kernel::Page { first: 20, after: None };
        let found = entities::billing::newer::list(&city.app.db, &run, page).await.unwrap();
        let mut kinds: Vec<String> =
            found.rows.into_iter().map(|fact| format!("{} {}", fact.kind, fact.account_id)).collect();
        kinds.sort();
        kinds
    };
    assert_eq!(kinds().await, [""; 0]);
    city.sql(
        "INSERT INTO imbalance.exclusion (account_id, reason, document_id, recorded_by, valid)
              VALUES (2, 'протокол', 500, 'test', daterange('2026-03-01', NULL))",
    )
    .await;
    assert_eq!(kinds().await, ["house 1", "house 2", "house 3"]);
}

/// An area matters where the house is shared by area, and there only.
#[tokio::test(flavor = "multi_thread")]
async fn an_area_that_is_set_after_a_run_is_a_newer_fact_where_it_decides() {
    let area = "INSERT INTO premises.area_set (premise_id, area_dm2, document_id, recorded_at, recorded_by)
         VALUES (2, 4000, 500, clock_timestamp(), 'test')";
    for (method, expected) in [("by_registered", 0), ("by_area", 3)] {
        let city = city(Some(25_000)).await;
        set(&city, "imbalance.method", method).await;
        let run = ran(&city, march()).await;
        city.sql(area).await;
        let page = entities::kernel::Page { first: 20, after: None };
        let found = entities::billing::newer::list(&city.app.db, &run, page).await.unwrap();
        assert_eq!(found.rows.iter().filter(|fact| fact.kind == "house").count(), expected, "{method}");
    }
}
