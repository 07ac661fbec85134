//! What changes between the run's look and the issue is not passed over: it is named, and the bills wait for a new run.

use aiscra_tests::{Flat, TestApp, march};
use api::billing::ops;
use api::platform::graphql::Gid;
use api::platform::messages::Language;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::billing::run::Run;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

async fn ran(city: &TestApp) -> Run {
    ops::run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap()
}

async fn issue(city: &TestApp, run: &Run) -> Result<(), (&'static str, String)> {
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    match ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap() {
        Ok(_) => Ok(()),
        Err(refused) => Err((
            refused.code,
            refused.args.first().map(|arg| arg.1.worded(Language::Ru)).unwrap_or_default(),
        )),
    }
}

/// The kinds and accounts that the cockpit shows.
async fn shown(city: &TestApp) -> Vec<(String, String)> {
    let asked = city
        .graphql(
            "{ period(period: \"2026-03\", sector: MULTI) { run { newerCount newer { nodes { kind at account { number } } } } } }",
            json!({}),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    let run = &asked.ok()["period"]["run"];
    let rows: Vec<(String, String)> = run["newer"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
            (text(&row["kind"]), text(&row["account"]["number"]))
        })
        .collect();
    assert_eq!(run["newerCount"].as_u64().unwrap() > 0, !rows.is_empty());
    rows
}

#[tokio::test]
async fn a_reading_accepted_after_the_run_holds_the_issue_until_it_is_run_again() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 12_345), Flat::metered(1, 4_000), Flat::unmetered(2)]).await;
    // Doubtful when the run looks: its time of arrival is before the run, its word comes after.
    city.sql(
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
         VALUES ('2026-03-01', 2, 2, 2, '2026-03-22', 109000, 'portal', 'doubtful', 'test')",
    )
    .await;
    let run = ran(&city).await;
    assert_eq!(shown(&city).await, []);
    let id: Option<i64> = city.scalar("SELECT id FROM readings.reading WHERE verdict = 'doubtful'").await;
    let decided = city
        .graphql(
            "mutation($id: ID!) { readingDecide(input: { id: $id, accept: true }) { reading { verdict } errors { code } } }",
            json!({ "id": Gid(ReadingId(id.unwrap())).encode() }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(decided.refusals(), [] as [&str; 0]);

    assert_eq!(shown(&city).await, [("READING".to_owned(), "1000002".to_owned())]);
    assert_eq!(issue(&city, &run).await, Err(("RUN_FACTS_NEWER", "1".to_owned())));

    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::reverse_run(&mut tx, run.run_id(), None, city.app.clock.today()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let run = ran(&city).await;
    assert_eq!(shown(&city).await, []);
    assert_eq!(issue(&city, &run).await, Ok(()));
}

#[tokio::test]
async fn every_kind_of_fact_that_decides_money_is_seen() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 12_345), Flat::unmetered(3), Flat::unmetered(1)]).await;
    let run = ran(&city).await;
    let one = |kind: &str, account: &str| vec![(kind.to_owned(), account.to_owned())];
    for (fact, undo, kind, account) in [
        (
            "UPDATE readings.reading SET verdict = 'withdrawn' WHERE period = '2026-03-01' AND account_id = 1",
            "UPDATE readings.reading SET verdict = 'accepted' WHERE period = '2026-03-01' AND account_id = 1",
            "READING",
            "1000001",
        ),
        (
            "UPDATE subscribers.residency SET recorded = tstzrange(lower(recorded), now()) WHERE account_id = 2",
            "UPDATE subscribers.residency SET recorded = tstzrange(lower(recorded), NULL) WHERE account_id = 2",
            "RESIDENTS",
            "1000002",
        ),
        (
            "INSERT INTO subscribers.consumer_group (account_id, consumer_group, valid, recorded_by)
             VALUES (2, 'population', daterange('2020-01-01', NULL), 'late')",
            "DELETE FROM subscribers.consumer_group WHERE recorded_by = 'late'",
            "GROUP",
            "1000002",
        ),
        (
            "UPDATE subscribers.account SET closed_on = '2026-02-01' WHERE id = 3",
            "UPDATE subscribers.account SET closed_on = NULL WHERE id = 3",
            "ACCOUNT",
            "1000003",
        ),
        (
            "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by) VALUES (1, '2026-03-02', '2032-03-02', 'late')",
            "DELETE FROM meters.verification WHERE recorded_by = 'late'",
            "METER",
            "1000001",
        ),
        (
            "INSERT INTO contracts.contract (id, number, kind, account_id, party_id, signed_on, valid, recorded_by)
             VALUES (1, 'C-1', 'public', 2, 2, '2020-01-01', daterange('2020-01-01', NULL), 'late');
             INSERT INTO contracts.point_volume (contract_id, point_id, liters, valid, recorded_by)
             VALUES (1, 2, 5000, daterange('2026-03-01', NULL), 'late')",
            "DELETE FROM contracts.point_volume WHERE recorded_by = 'late'; DELETE FROM contracts.contract WHERE recorded_by = 'late'",
            "VOLUME",
            "1000002",
        ),
        (
            "UPDATE premises.point_service SET recorded = tstzrange(now(), NULL) WHERE point_id = 3",
            "UPDATE premises.point_service SET recorded = tstzrange('2020-01-01', NULL) WHERE point_id = 3",
            "POINT",
            "1000003",
        ),
        (
            "UPDATE tariffs.vat SET recorded = tstzrange(now(), NULL) WHERE valid @> '2026-03-15'::date",
            "UPDATE tariffs.vat SET recorded = tstzrange('2020-01-01', NULL) WHERE valid @> '2026-03-15'::date",
            "TARIFF",
            "-",
        ),
    ] {
        for statement in fact.split(';') {
            city.sql(statement).await;
        }
        assert_eq!(shown(&city).await, one(kind, account), "{fact}");
        assert!(issue(&city, &run).await.is_err(), "{fact}");
        for statement in undo.split(';') {
            city.sql(statement).await;
        }
    }
    assert_eq!(shown(&city).await, []);
}
