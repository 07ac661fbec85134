//! Facts of closed months come late, on a document: bills stand as they were issued, and a recalculation finds exactly the difference.

use aiscra_tests::{Flat, Reply, TestApp};
use api::billing::ops;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use super::expiry::{line, month};
use super::held::{flat, read};
use super::recalculate::{act, document, named, open, prepared, whole};

async fn asked(city: &TestApp, name: &str, input: Json, read: &str) -> Reply {
    let kind = name[..1].to_uppercase() + &name[1..] + "Input";
    let query = format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ {read} errors {{ code field }} }} }}");
    city.graphql(&query, json!({ "i": input })).as_role(Role::OperatorMulti).await
}

fn point() -> String {
    Gid(PointId(1)).encode()
}

/// The month that corrections are posted in, and the day on which somebody looks.
async fn today(city: &TestApp, day: &str) {
    city.app.clock.set_today(Some(day.parse().unwrap()));
    city.sql(&format!(
        "INSERT INTO ledger.period (period, sector, status, opened_by)
         VALUES (date_trunc('month', '{day}'::date), 'multi', 'open', 'test') ON CONFLICT DO NOTHING"
    ))
    .await;
}

async fn entries(city: &TestApp, period: &str) -> Option<String> {
    city.scalar(&format!(
        "SELECT concat_ws(' ', count(*), sum(amount)) FROM ledger.entry WHERE period = '{period}-01'"
    ))
    .await
}

async fn recalculated(city: &TestApp, from: &str, to: &str) -> Json {
    let months = json!({ "accounts": [Gid(AccountId(1)).encode()], "from": from, "to": to });
    prepared(city, &named(Role::Accountant, "alia"), months).await
}

/// Posts a batch, by two people where it asks for them.
async fn post(city: &TestApp, batch: &Json) {
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    assert_eq!(act(city, "correctionPost", &accountant, batch).await, Vec::<String>::new());
    if open(city, &batch["id"]).await["state"] == "WAITING" {
        assert_eq!(act(city, "correctionConfirm", &chief, batch).await, Vec::<String>::new());
    }
    assert_eq!(open(city, &batch["id"]).await["state"], "POSTED");
    whole(city).await;
}

/// What recalculations that were prepared last say of a month, in litres.
async fn moved(city: &TestApp, batch: &Json, service: &str, period: &str) -> i64 {
    let id = Gid::<CorrectionId>::decode(batch["id"].as_str().unwrap()).unwrap().0;
    city.scalar(&format!(
        "SELECT coalesce(sum(CASE side WHEN 'plus' THEN liters ELSE -liters END), 0)::bigint FROM billing.correction_line
         WHERE correction_id = {id} AND service = '{service}' AND period = '{period}-01'"
    ))
    .await
    .unwrap()
}

async fn submitted(city: &TestApp, day: &str, value: &str) -> String {
    let input = json!({ "pointId": point(), "takenOn": day, "value": value });
    asked(city, "readingSubmit", input, "reading { verdict }")
        .await
        .text("/readingSubmit/reading/verdict")
        .to_owned()
}

/// The wrong reading of March.
async fn take_back(city: &TestApp, document: Option<String>) -> Reply {
    let wrong: i64 = city.scalar("SELECT id FROM readings.reading WHERE liters = 150000").await.unwrap();
    let input = json!({ "id": Gid(ReadingId(wrong)).encode(), "documentId": document });
    asked(city, "readingWithdraw", input, "reading { verdict }").await
}

/// March was read 150 m³ instead of some 120, issued and closed; on 20 April the register shows 140.
async fn wrong_march() -> TestApp {
    let city = flat().await;
    read(&city, 1, "2026-03-20", 150_000, "").await;
    assert_eq!(month(&city, "2026-03").await, [line("metered", "2026-02-25", "2026-03-21", "50.000")]);
    today(&city, "2026-04-20").await;
    assert_ne!(submitted(&city, "2026-04-20", "140.000").await, "ACCEPTED");

    assert_eq!(take_back(&city, None).await.refusals(), ["READING_TOO_LATE"]);
    let unknown = Some(Gid(DocumentId(99)).encode());
    assert_eq!(take_back(&city, unknown).await.refusals(), ["NO_SUCH_DOCUMENT"]);
    let paper = document(&city).await;
    let gone = take_back(&city, Some(paper.clone())).await;
    assert_eq!(gone.at("/readingWithdraw/reading/verdict"), "WITHDRAWN");
    assert_eq!(take_back(&city, Some(paper)).await.refusals(), ["READING_NOT_STANDING"]);
    let basis: Option<i64> = city
        .scalar(
            "SELECT document_id FROM platform.audit_entry WHERE entity = 'reading' AND action = 'withdraw'",
        )
        .await;
    assert!(basis.is_some(), "the trail says on what");
    // What is lower than the wrong one is a true reading now.
    assert_eq!(submitted(&city, "2026-04-20", "140.000").await, "ACCEPTED");
    city
}

#[tokio::test]
async fn a_wrong_reading_of_a_closed_month_is_taken_back_and_the_meter_goes_on_from_the_last_good_one() {
    let city = wrong_march().await;
    let closed = entries(&city, "2026-03").await;
    let batch = recalculated(&city, "2026-03", "2026-03").await;
    // Nobody was ever metered here: the norm of two is 30 m³ instead of 50. 20 x (66.00 + 40.95) x 1.16 = 2481.24.
    assert_eq!((&batch["owedMore"], &batch["owedLess"]), (&json!("0.00"), &json!("2481.24")), "{batch}");
    assert_eq!(moved(&city, &batch, "water", "2026-03").await, -20_000);
    post(&city, &batch).await;
    assert_eq!(entries(&city, "2026-03").await, closed, "the closed month stays");
    let handed: Option<String> = city
        .scalar("SELECT concat_ws(' ', reading_liters, provisional) FROM consumption.month WHERE period = '2026-03-01'")
        .await;
    assert_eq!(handed.as_deref(), Some("100000 30000"));

    // 140 less 100, less the 30 of March: 10 m³ in 55 days, 20 of them in April.
    let april = month(&city, "2026-04").await;
    let parts = [
        line("metered", "2026-02-25", "2026-04-01", "6.364"),
        line("metered", "2026-04-01", "2026-04-21", "3.636"),
    ];
    assert_eq!(april, parts);
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_run_before_the_recalculation_goes_on_from_the_last_good_reading_too() {
    let city = wrong_march().await;
    // Not 140 less 150, which would be the whole register.
    let april = month(&city, "2026-04").await;
    let parts = [
        line("metered", "2026-02-25", "2026-04-01", "25.455"),
        line("metered", "2026-04-01", "2026-04-21", "14.545"),
    ];
    assert_eq!(april, parts);
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 1, "until it is recalculated");

    today(&city, "2026-05-05").await;
    let part = recalculated(&city, "2026-03", "2026-03").await;
    assert_eq!(part["skipped"], 1, "April stands on March: {part}");
    let closed = (entries(&city, "2026-03").await, entries(&city, "2026-04").await);
    let both = recalculated(&city, "2026-03", "2026-04").await;
    assert_eq!(both["bills"], 2, "{both}");
    // March 30 by the norm instead of 50, April 10 instead of 40: 40 in all, as the meter shows.
    let water =
        (moved(&city, &both, "water", "2026-03").await, moved(&city, &both, "water", "2026-04").await);
    assert_eq!(water, (-20_000, -30_000));
    post(&city, &both).await;
    assert_eq!((entries(&city, "2026-03").await, entries(&city, "2026-04").await), closed);
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);

    read(&city, 1, "2026-05-20", 145_000, "").await;
    assert_eq!(month(&city, "2026-05").await, [line("metered", "2026-04-21", "2026-05-21", "5.000")]);
}

#[tokio::test]
async fn a_run_that_went_on_from_a_reading_taken_back_since_is_not_issued() {
    let city = flat().await;
    read(&city, 1, "2026-03-20", 150_000, "").await;
    month(&city, "2026-03").await;
    today(&city, "2026-04-26").await;
    let april: Period = "2026-04".parse().unwrap();
    let run = ops::run_now(&city.app, april, Sector::Multi, Some(2)).await.unwrap().unwrap();
    let paper = document(&city).await;
    assert_eq!(take_back(&city, Some(paper)).await.refusals(), Vec::<&str>::new());
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let issued = ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap();
    assert_eq!(issued.err().map(|refused| refused.code), Some("RUN_FACTS_NEWER"));
}

#[tokio::test]
async fn an_act_of_removal_arrives_after_the_close() {
    let city = flat().await;
    read(&city, 1, "2026-03-15", 110_000, "").await;
    assert_eq!(month(&city, "2026-03").await, [line("metered", "2026-02-25", "2026-03-16", "10.000")]);
    today(&city, "2026-04-06").await;
    let closed = entries(&city, "2026-03").await;
    let remove = async |document: Option<String>| {
        let input = json!({ "meterId": Gid(MeterId(1)).encode(), "removedOn": "2026-03-21", "value": "112.000",
            "reason": "WITHDRAWN", "documentId": document });
        asked(&city, "meterRemove", input, "meter { removedOn }").await
    };
    assert_eq!(remove(None).await.refusals(), ["PERIOD_CLOSED"]);
    let off = remove(Some(document(&city).await)).await;
    assert_eq!(off.at("/meterRemove/meter/removedOn"), "2026-03-21");

    let batch = recalculated(&city, "2026-03", "2026-03").await;
    // 12 m³ to the removal instead of 10, and 2 x 15 x 11/31 = 10.645 by the norm after it.
    assert_eq!(moved(&city, &batch, "water", "2026-03").await, 12_645);
    assert_eq!(moved(&city, &batch, "sewerage_cold", "2026-03").await, 12_645);
    // Water 918.72 + 814.98 - 765.60, sewers 570.02 + 505.66 - 475.02.
    assert_eq!((&batch["owedMore"], &batch["owedLess"]), (&json!("1568.76"), &json!("0.00")), "{batch}");
    post(&city, &batch).await;
    assert_eq!(entries(&city, "2026-03").await, closed);
}

#[tokio::test]
async fn sewers_that_ended_in_a_closed_month_are_given_back_from_their_day() {
    let city = flat().await;
    assert_eq!(month(&city, "2026-03").await, [line("norm", "2026-03-01", "2026-04-01", "30.000")]);
    today(&city, "2026-04-06").await;
    let closed = entries(&city, "2026-03").await;
    let supply = json!({ "pointId": point(), "water": true, "sewerage": false, "amenity": "HOUSEHOLD",
        "from": "2026-03-11", "documentId": document(&city).await });
    let set = asked(&city, "supplySet", supply, "account { id }").await;
    assert_eq!(set.refusals(), Vec::<&str>::new());
    let batch = recalculated(&city, "2026-03", "2026-03").await;
    // Ten days of sewers are 9.677 m³: 1425.06 less 459.68. The water is the same, told by days.
    assert_eq!(moved(&city, &batch, "water", "2026-03").await, 0);
    assert_eq!(moved(&city, &batch, "sewerage_cold", "2026-03").await, -20_323);
    assert_eq!((&batch["owedMore"], &batch["owedLess"]), (&json!("0.00"), &json!("965.38")), "{batch}");
    post(&city, &batch).await;
    assert_eq!(entries(&city, "2026-03").await, closed);
}

#[tokio::test]
async fn a_price_that_was_wrong_is_set_right_by_two_people_and_a_recalculation_finds_everybody() {
    let city = TestApp::new().await;
    city.sql("SELECT platform.ensure_partitions(DATE '2026-04-01')").await;
    city.house(&[Flat::unmetered(1), Flat::unmetered(2)]).await;
    city.sql("DELETE FROM ledger.period").await;
    month(&city, "2026-03").await;
    today(&city, "2026-04-06").await;
    let closed = entries(&city, "2026-03").await;
    let price = json!({ "service": "WATER", "consumerGroup": "POPULATION", "net": "70", "from": "2026-03-01",
        "to": "2026-03-31", "source": "order № 12", "documentId": document(&city).await });
    let proposed = city
        .graphql(
            "mutation($i: PriceProposeInput!) { pricePropose(input: $i) { proposal { id closedBefore } errors { code } } }",
            json!({ "i": price }),
        )
        .as_actor(named(Role::ChiefAccountant, "anna"))
        .await;
    assert_eq!(proposed.at("/pricePropose/proposal/closedBefore"), "2026-04-01");
    let confirmed = city
        .graphql(
            "mutation($id: ID!) { tariffConfirm(input: { id: $id }) { proposal { state } errors { code } } }",
            json!({ "id": proposed.text("/pricePropose/proposal/id") }),
        )
        .as_actor(named(Role::ChiefAccountant, "bota"))
        .await;
    assert_eq!(confirmed.at("/tariffConfirm/proposal/state"), "CONFIRMED");
    assert_eq!(entries(&city, "2026-03").await, closed, "a price moves nothing by itself");

    let everybody = json!({ "part": {}, "from": "2026-03", "to": "2026-03" });
    let batch = prepared(&city, &named(Role::Accountant, "alia"), everybody).await;
    // 45 m³ of three people, 4.00 dearer, with VAT.
    assert_eq!((&batch["changed"], &batch["owedMore"]), (&json!(2), &json!("208.80")), "{batch}");
    post(&city, &batch).await;
    assert_eq!(entries(&city, "2026-03").await, closed);
}
