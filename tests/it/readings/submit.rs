//! One intake for every channel: each reading is kept with its verdict and answered at once.

use aiscra_tests::count_statements;
use aiscra_tests::{Flat, Meter};
use domain::kernel::{AccountId, Period, Sector};
use entities::readings::{Counts, counts};

use super::*;

/// Last reading 100 m³ on 24 February, nothing for March yet.
fn waiting() -> Flat {
    Flat { residents: 2, meter: Some(Meter { initial: 100_000, march: None, verified_until: "2030-01-01" }) }
}

#[tokio::test]
async fn the_sender_hears_the_verdict_and_the_consumption_at_once() {
    let app = TestApp::new().await;
    app.house(&[waiting()]).await;
    let reply = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "106.480")).as_role(Role::OperatorMulti).await;
    let reading = reply.at("/readingSubmit/reading");
    assert_eq!(said(reading), "ACCEPTED");
    assert_eq!(reading["consumption"], "6.480");
    assert_eq!(reading["period"], "2026-03");
    assert_eq!(reading["channel"], "OPERATOR");
    assert_eq!(reading["meter"]["serial"], "S1");
    assert_eq!(reading["account"]["number"], "1000001");
    let told = "SELECT count(*) FROM platform.outbox WHERE name = 'readings.taken' AND account_id = 1";
    assert_eq!(app.scalar::<i64>(told).await, Some(1));
}

#[tokio::test]
async fn every_verdict_has_its_reason() {
    let app = TestApp::new().await;
    let mut expired = waiting();
    expired.meter = Some(Meter { initial: 100_000, march: None, verified_until: "2026-03-01" });
    let mut full = waiting();
    full.meter = Some(Meter { initial: 99_998_500, march: None, verified_until: "2030-01-01" });
    app.house(&[waiting(), expired, full, Flat::unmetered(1), waiting()]).await;
    app.sql("UPDATE meters.installation SET valid = daterange('2026-03-10', NULL) WHERE point_id = 5").await;
    for (n, day, value, verdict) in [
        (1, "2026-03-20", "99.000", "REJECTED BACKWARDS"),
        (1, "2026-03-20", "100000.000", "REJECTED TOO_MANY_DIGITS"),
        (1, "2026-03-27", "103.000", "REJECTED FUTURE_DAY"),
        (1, "2026-02-20", "103.000", "REJECTED OUT_OF_ORDER"),
        (5, "2026-03-09", "103.000", "REJECTED BEFORE_INSTALLATION"),
        (1, "2026-03-20", "4000.000", "DOUBTFUL ABOVE_CAPACITY"),
        (1, "2026-03-26", "104.000", "ACCEPTED AFTER_CUT_OFF"),
        (2, "2026-03-20", "103.000", "DOUBTFUL VERIFICATION_EXPIRED"),
        (3, "2026-03-20", "3.250", "ACCEPTED"),
        (4, "2026-03-20", "3.250", "REJECTED NO_METER"),
    ] {
        assert_eq!(desk(&app, n, day, value).await, verdict, "{n} {day} {value}");
    }
    let rolled = "SELECT consumption FROM readings.reading WHERE point_id = 3 AND rolled_over";
    assert_eq!(app.scalar::<i64>(rolled).await, Some(4_750), "past the end of five digits");

    let march = Period::new(2026, 3).expect("a month");
    let got = counts(&app.app.db, march, Sector::Multi).await.expect("works");
    let next = counts(&app.app.db, march.next(), Sector::Multi).await.expect("works");
    assert_eq!(next.accepted, 1, "after the cut-off it counts for April");
    assert_eq!(got.accepted + got.doubtful + got.rejected + got.superseded + got.withdrawn, got.received);
    assert_eq!(
        got,
        Counts { received: 8, accepted: 1, doubtful: 2, rejected: 5, superseded: 0, withdrawn: 0 }
    );
}

#[tokio::test]
async fn a_later_reading_of_the_month_takes_the_place_of_the_earlier() {
    let app = TestApp::new().await;
    app.house(&[waiting()]).await;
    assert_eq!(desk(&app, 1, "2026-03-10", "102.000").await, "ACCEPTED");
    assert_eq!(desk(&app, 1, "2026-03-24", "105.500").await, "ACCEPTED");
    assert_eq!(kept(&app, 1).await, "102000 superseded, 105500 accepted");
    assert_eq!(desk(&app, 1, "2026-03-15", "103.000").await, "SUPERSEDED OUT_OF_ORDER");
    let used = "SELECT consumption FROM readings.reading WHERE point_id = 1 AND liters = 105500";
    assert_eq!(app.scalar::<i64>(used).await, Some(5_500), "since February, not since the 10th");
}

#[tokio::test]
async fn the_same_reading_again_is_the_same_row() {
    let app = TestApp::new().await;
    app.house(&[waiting()]).await;
    let first = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "105.500")).as_role(Role::OperatorMulti).await;
    let again = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "105.500")).as_role(Role::OperatorMulti).await;
    assert_eq!(first.at("/readingSubmit/reading/id"), again.at("/readingSubmit/reading/id"));
    assert_eq!(desk(&app, 1, "2026-03-24", "90.000").await, "REJECTED BACKWARDS");
    assert_eq!(desk(&app, 1, "2026-03-24", "90.000").await, "REJECTED BACKWARDS");
    assert_eq!(kept(&app, 1).await, "105500 accepted, 90000 rejected");

    let key = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let with_key = |value: &str| json!({ "input": { "pointId": point(1), "takenOn": "2026-03-25", "value": value, "clientRef": key } });
    let one = app.graphql(SUBMIT, with_key("106.000")).as_role(Role::OperatorMulti).await;
    let two = app.graphql(SUBMIT, with_key("106.000")).as_role(Role::OperatorMulti).await;
    assert_eq!(one.at("/readingSubmit/reading/id"), two.at("/readingSubmit/reading/id"));
    let other = app.graphql(SUBMIT, with_key("107.000")).as_role(Role::OperatorMulti).await;
    assert_eq!(other.refusals(), ["IDEMPOTENCY_CONFLICT"]);
}

const SUBMIT_MANY: &str = "mutation($input: ReadingSubmitManyInput!) { readingSubmitMany(input: $input) {
    readings { reading { id period takenOn value channel verdict reasons { code } } errors { code field } } errors { code field } } }";

/// What each reading of a call became: verdict and reasons, or the code of its refusal.
fn each(reply: &aiscra_tests::Reply) -> Vec<String> {
    let answers = reply.at("/readingSubmitMany/readings").as_array().cloned().unwrap_or_default();
    let one = |answer: &Json| match answer["errors"][0]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => said(&answer["reading"]),
    };
    answers.iter().map(one).collect()
}

#[tokio::test]
async fn many_in_one_call_become_what_each_alone_would() {
    let app = TestApp::new().await;
    app.house(&[waiting(), waiting(), Flat::unmetered(1)]).await;
    let key = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let one = |n: i64, day: &str, value: &str| json!({ "pointId": point(n), "takenOn": day, "value": value, "channel": "TELEMETRY" });
    let keyed = |n: i64, value: &str| json!({ "pointId": point(n), "takenOn": "2026-03-25", "value": value, "channel": "TELEMETRY", "clientRef": key });
    let call = json!({ "input": { "readings": [
        one(1, "2026-03-10", "102.000"), one(2, "2026-03-24", "99.000"), one(1, "2026-03-24", "105.500"), one(3, "2026-03-24", "1.000"),
        one(99, "2026-03-24", "1.000"), keyed(2, "103.000"), keyed(2, "104.000"), keyed(1, "106.000"), one(1, "2026-03-10", "102.000"),
    ] } });
    let first = app.graphql(SUBMIT_MANY, call.clone()).as_role(Role::OperatorMulti).await;
    let expected = [
        "ACCEPTED",
        "REJECTED BACKWARDS",
        "ACCEPTED",
        "REJECTED NO_METER",
        "POINT_NOT_FOUND",
        "ACCEPTED",
        "IDEMPOTENCY_CONFLICT",
        "IDEMPOTENCY_CONFLICT",
        "SUPERSEDED OUT_OF_ORDER",
    ];
    assert_eq!(each(&first), expected);
    assert_eq!(kept(&app, 2).await, "99000 rejected, 103000 accepted");
    let told = "SELECT count(*) FROM platform.outbox WHERE name = 'readings.taken'";
    assert_eq!(app.scalar::<i64>(told).await, Some(6), "each is told once");

    // The gateway did not hear the answer and calls again: nothing is written that is there already.
    let rows =
        "SELECT count(*) FROM readings.reading WHERE act IS NULL AND verdict IN ('accepted', 'rejected')";
    let before = app.scalar::<i64>(rows).await;
    let again = app.graphql(SUBMIT_MANY, call).as_role(Role::OperatorMulti).await;
    assert_eq!(each(&again)[2..8], expected[2..8]);
    let id = |reply: &aiscra_tests::Reply, n: usize| {
        reply.at(&format!("/readingSubmitMany/readings/{n}/reading/id")).clone()
    };
    assert!([2, 3, 5].into_iter().all(|n| id(&first, n) == id(&again, n)));
    assert_eq!(app.scalar::<i64>(rows).await, before);
}

#[tokio::test]
async fn forty_readings_cost_the_statements_of_two() {
    let app = TestApp::new().await;
    let flats: Vec<Flat> = (0..40).map(|_| waiting()).collect();
    app.house(&flats).await;
    let mut used = Vec::new();
    for points in [1..=2, 3..=40] {
        let readings: Vec<Json> = points
            .clone()
            .map(|n| json!({ "pointId": point(n), "takenOn": "2026-03-24", "value": "103.000" }))
            .collect();
        let count = readings.len();
        let call = app
            .graphql(SUBMIT_MANY, json!({ "input": { "readings": readings } }))
            .as_role(Role::OperatorMulti);
        let (reply, statements) = count_statements(call.into_future()).await;
        assert_eq!(each(&reply), vec!["ACCEPTED"; count]);
        used.push(statements);
    }
    assert_eq!(used[0], used[1]);

    let flood: Vec<Json> = (0..501).map(|_| json!({ "pointId": point(1), "value": "103.000" })).collect();
    let reply = app
        .graphql(SUBMIT_MANY, json!({ "input": { "readings": flood } }))
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(reply.refusals(), ["TOO_MANY_READINGS"]);
    let subscriber =
        app.graphql(SUBMIT_MANY, json!({ "input": { "readings": [] } })).as_subscriber(AccountId(1)).await;
    assert_eq!(subscriber.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn a_subscriber_hands_in_only_for_his_own_point_and_only_as_the_cabinet() {
    let app = TestApp::new().await;
    let accounts = app.house(&[waiting(), waiting()]).await;
    let input = |n: i64| json!({ "input": { "pointId": point(n), "takenOn": "2026-03-24", "value": "103.000", "channel": "INSPECTOR" } });
    let own = app.graphql(SUBMIT, input(1)).as_subscriber(accounts[0]).await;
    assert_eq!(own.text("/readingSubmit/reading/channel"), "PORTAL");
    let others = app.graphql(SUBMIT, input(2)).as_subscriber(accounts[0]).await;
    assert_eq!(others.refusals(), ["POINT_NOT_FOUND"]);
    let sector = app.graphql(SUBMIT, input(2)).as_role(Role::OperatorPrivate).await;
    assert_eq!(sector.refusals(), ["POINT_NOT_FOUND"], "flats are not the private sector's");
    assert_eq!(kept(&app, 2).await, "");
}

#[tokio::test]
async fn of_two_readings_of_one_day_the_inspectors_counts() {
    let app = TestApp::new().await;
    let accounts = app.house(&[waiting()]).await;
    let inspector = json!({ "input": { "pointId": point(1), "takenOn": "2026-03-24", "value": "103.000", "channel": "INSPECTOR" } });
    app.graphql(SUBMIT, inspector).as_role(Role::Inspector).await.ok();
    let own = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "103.500")).as_subscriber(accounts[0]).await;
    assert_eq!(said(own.at("/readingSubmit/reading")), "SUPERSEDED BETTER_SOURCE");
    assert_eq!(kept(&app, 1).await, "103000 accepted, 103500 superseded");
}

#[tokio::test]
async fn a_reading_for_a_closed_month_counts_for_the_next_open_one() {
    let app = TestApp::new().await;
    app.house(&[waiting()]).await;
    app.sql("UPDATE ledger.period SET status = 'closed', closed_by = 'test', closed_at = now()").await;
    app.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-04-01', 'multi', 'open', 'test')").await;
    let reply = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "103.000")).as_role(Role::OperatorMulti).await;
    let reading = reply.at("/readingSubmit/reading");
    assert_eq!(
        (said(reading).as_str(), reading["period"].as_str()),
        ("ACCEPTED AFTER_CUT_OFF", Some("2026-04"))
    );
}

#[tokio::test]
async fn a_month_without_a_partition_gets_one() {
    let app = TestApp::new().await;
    app.house(&[waiting()]).await;
    assert_eq!(desk(&app, 1, "2026-03-26", "104.000").await, "ACCEPTED AFTER_CUT_OFF");
    let lost = "SELECT count(*) FROM readings.reading_default WHERE period = '2026-04-01'";
    assert_eq!(app.scalar::<i64>(lost).await, Some(0));
}

#[tokio::test]
async fn readings_of_a_list_cost_the_same_statements_whatever_its_length() {
    let app = TestApp::new().await;
    let flats: Vec<Flat> = (0..20).map(|n| Flat::metered(2, 5_000 + n)).collect();
    app.house(&flats).await;
    let query = "query($n: Int) {
        accounts(first: $n) { nodes { readings(first: 3) { nodes { value verdict meter { serial } } } points { lastReading { value } } } }
        readings(period: \"2026-03\", sector: MULTI, first: $n) { nodes { value account { number } } } }";
    let mut used = Vec::new();
    for n in [2, 20] {
        let call = app.graphql(query, json!({ "n": n })).as_role(Role::OperatorMulti);
        let (reply, statements) = count_statements(call.into_future()).await;
        assert_eq!(reply.at("/readings/nodes").as_array().map(Vec::len), Some(n));
        used.push(statements);
    }
    assert_eq!(used[0], used[1]);
}

#[tokio::test]
async fn a_new_holder_sees_nothing_of_the_one_before() {
    let app = TestApp::new().await;
    app.house(&[Flat::metered(2, 5_000)]).await;
    app.sql("UPDATE subscribers.holder SET valid = daterange('2026-03-01', NULL)").await;
    let query = "{ me { account { readings { nodes { takenOn } } } } }";
    let reply = app.graphql(query, json!({})).as_subscriber(AccountId(1)).await;
    assert_eq!(reply.at("/me/account/readings/nodes"), &json!([{ "takenOn": "2026-03-20" }]));
}

/// April is read and not run when a reading for May comes: it costs what was used since the reading of April, not since the
/// meter was put in.
#[tokio::test]
async fn a_reading_costs_what_was_used_since_the_last_one_also_while_a_month_waits() {
    let app = TestApp::new().await;
    app.house(&[Flat::metered(2, 12_345)]).await;
    api::billing::ops::run_now(&app.app, aiscra_tests::march(), Sector::Multi, Some(1))
        .await
        .unwrap()
        .unwrap();
    app.reading(1, "2026-04-01", "2026-04-20", 120_000).await;
    app.app.clock.set_today(Some("2026-04-28".parse().unwrap()));
    let submit = "mutation($p: ID!) { readingSubmit(input: { pointId: $p, value: \"124.000\" }) {
        reading { verdict period consumption estimate { gross } } errors { code } } }";
    let point = api::platform::graphql::Gid(domain::kernel::PointId(1)).encode();
    let reply = app.graphql(submit, serde_json::json!({ "p": point })).as_subscriber(AccountId(1)).await;
    let reading = reply.at("/readingSubmit/reading");
    assert_eq!(
        (&reading["period"], &reading["consumption"]),
        (&"2026-05".into(), &"4.000".into()),
        "{reply:?}"
    );
    // 4 m³ at 66.00 and 40.95 with 16 % VAT.
    assert_eq!(reading["estimate"]["gross"], "496.25");
}

#[tokio::test]
async fn a_moved_cut_off_decides_for_its_month_and_a_sector_may_have_its_own() {
    let app = TestApp::new().await;
    app.house(&[waiting(), waiting(), waiting()]).await;
    let month = async |n: i64, day: &str| {
        let reply = app.graphql(SUBMIT, at_desk(n, day, "103.000")).as_role(Role::OperatorMulti).await;
        reply.text("/readingSubmit/reading/period").to_owned()
    };
    assert_eq!(month(1, "2026-03-26").await, "2026-04", "by the usual day, the 25th");
    let moved = "mutation { cutOffSet(input: { period: \"2026-03\", sector: MULTI, step: READINGS_IN, dueOn: \"2026-03-26\",
        reason: \"the inspectors are late\" }) { errors { code } } }";
    let moved = app.graphql(moved, json!({})).as_role(Role::ChiefAccountant).await;
    assert_eq!(moved.refusals(), [""; 0]);
    assert_eq!(month(2, "2026-03-26").await, "2026-03");
    let until =
        "{ readings(period: \"2026-03\", sector: MULTI, first: 20) { nodes { takenOn withdrawableUntil } } }";
    let until = app.graphql(until, json!({})).as_role(Role::OperatorMulti).await;
    let nodes = until.at("/readings/nodes").as_array().unwrap().clone();
    let own = nodes.iter().find(|row| row["takenOn"] == "2026-03-26").expect("it counts for March");
    assert_eq!(own["withdrawableUntil"], "2026-03-26");

    // Without a day of the month's own, the sector's setting goes before everybody's.
    app.sql("DELETE FROM ledger.cut_off").await;
    for (sector, day) in [("legal", "10"), ("multi", "20")] {
        app.sql(&format!(
            "INSERT INTO tariffs.setting (code, value, valid, recorded, source, proposed_by, confirmed_by, confirmed_at)
             SELECT 'readings.cut_off_day.{sector}', to_jsonb('{day}'::text), valid, recorded, 'test', 'one', 'two', now()
             FROM tariffs.setting WHERE code = 'readings.cut_off_day' ORDER BY id DESC LIMIT 1"
        ))
        .await;
    }
    assert_eq!(month(3, "2026-03-20").await, "2026-03");
    assert_eq!(month(3, "2026-03-21").await, "2026-04");
}
