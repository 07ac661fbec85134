//! A house that its condominium pays for: its flats are excused, its water is charged once, by the house meter.

use aiscra_tests::{Flat, Reply, TestApp, march};
use api::billing::ops::{issue_run, run_now};
use api::imbalance::ops::{Purpose, reckon_houses};
use api::platform::graphql::id::encode;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};

use super::{city, condominium, look, read_house};

async fn set_bulk(city: &TestApp, change: Json) -> Reply {
    let mut input = json!({ "accountId": encode("Account", 1), "documentId": encode("Document", 500) });
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    let query = "mutation($input: BulkBillingSetInput!) { bulkBillingSet(input: $input) {
        account { bulkBilling { from to payer } } errors { code field } } }";
    city.graphql(query, json!({ "input": input })).as_role(Role::OperatorMulti).await
}

async fn open(city: &TestApp, month: Period, sector: Sector) {
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::ledger::ops::open_period(&mut tx, month, sector, month.last_day()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condominium_pays_by_the_house_meter_and_its_flats_pay_nothing() {
    // 28 m³ in the 28 days to 23 March, read before anybody was known to pay for the inlet.
    let city = city(Some(28_000)).await;
    condominium(&city).await;
    open(&city, march(), Sector::Legal).await;
    let bulk = |payer: Json| json!({ "bulk": true, "payer": payer, "from": "2026-03" });
    assert_eq!(set_bulk(&city, bulk(json!(null))).await.refusals(), ["HOUSE_PAYER_MISSING"]);
    assert_eq!(set_bulk(&city, bulk(json!(" "))).await.refusals(), ["HOUSE_PAYER_MISSING"]);
    assert_eq!(set_bulk(&city, bulk(json!("1000002"))).await.refusals(), ["HOUSE_PAYER_WRONG"], "a flat");
    let excused: Option<i64> = city.scalar("SELECT count(*) FROM premises.bulk_billing").await;
    assert_eq!(excused, Some(0), "nobody is excused while nobody pays");
    let done = set_bulk(&city, bulk(json!("8000"))).await;
    assert_eq!(done.refusals(), [""; 0], "{:#}", done.data);
    let known = json!([{ "from": "2026-03-01", "to": null, "payer": "8000" }]);
    assert_eq!(done.at("/bulkBillingSet/account/bulkBilling"), &known);

    let flats = run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    assert_eq!(flats.failures, 0);
    let excuses = city.texts("SELECT DISTINCT excuse FROM billing.bill WHERE NOT reversed").await;
    assert_eq!(excuses, ["billed_in_bulk"]);
    let house = "SELECT concat_ws(' ', state, reason, measured, compared_by) FROM imbalance.house";
    assert_eq!(city.texts(house).await, ["nothing billed_in_bulk"]);
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM imbalance.share").await, Some(0));

    // Of the 28 days five lie in February, when the house was not its own: 23 of 28.
    let legal = run_now(&city.app, march(), Sector::Legal, Some(1)).await.unwrap().unwrap();
    assert_eq!(legal.failures, 0);
    let lines =
        "SELECT concat_ws(' ', account_id, point_id, service, basis, min(from_day), max(to_day), sum(liters))
         FROM billing.charge_line GROUP BY account_id, point_id, service, basis ORDER BY service";
    assert_eq!(
        city.texts(lines).await,
        [
            "80 900 sewerage_cold metered 2026-03-01 2026-03-24 23000",
            "80 900 water metered 2026-03-01 2026-03-24 23000",
        ],
        "the water of the house is charged once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_that_leaves_bulk_billing_is_compared_from_its_first_reading_since() {
    let city = city(Some(28_000)).await;
    condominium(&city).await;
    set_bulk(&city, json!({ "bulk": true, "payer": "8000", "from": "2026-03", "to": "2026-03" })).await.ok();
    let held = "SELECT concat_ws(' ', account_id, point_id, lower(valid), upper(valid)) FROM subscribers.account_point
         WHERE account_id = 80 AND upper_inf(recorded)";
    assert_eq!(city.texts(held).await, ["80 900 2026-03-01 2026-04-01"]);
    let run = run_now(&city.app, march(), Sector::Multi, Some(2)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let april = march().next();
    open(&city, april, Sector::Multi).await;
    read_house(&city, "2026-04-01", "2026-04-02", 1_038_000).await;
    read_house(&city, "2026-04-01", "2026-04-23", 1_056_000).await;
    let (known_at, purpose) = (city.app.clock.now(), Purpose::Preview(RunPreviewId(9)));
    reckon_houses(&city.app, purpose, april, known_at, &|_, _| {}).await.unwrap();
    // What it showed up to 2 April is the condominium's, or nobody's: 1056 - 1038.
    let measured = "SELECT measured FROM imbalance.house WHERE period = '2026-04-01'";
    assert_eq!(city.scalar::<i64>(measured).await, Some(18_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_bulk_billing_ends_the_payers_hold_of_the_inlet() {
    let city = city(Some(28_000)).await;
    condominium(&city).await;
    set_bulk(&city, json!({ "bulk": true, "payer": "8000", "from": "2026-03" })).await.ok();
    let close = "mutation($input: AccountMoveOutInput!) { accountMoveOut(input: $input) { account { id } errors { code } } }";
    let input = json!({ "id": encode("Account", 80), "expectedVersion": 1, "date": "2026-03-20" });
    let closing = city.graphql(close, json!({ "input": input })).as_role(Role::OperatorLegal).await;
    assert_eq!(closing.refusals(), ["ACCOUNT_PAYS_HOUSE"], "the flats would go on to be excused");

    set_bulk(&city, json!({ "bulk": false, "from": "2026-03" })).await.ok();
    let held = "SELECT count(*) FROM subscribers.account_point WHERE account_id = 80 AND upper_inf(recorded)";
    assert_eq!(city.scalar::<i64>(held).await, Some(0));
    look(&city).await;
    let house = "SELECT concat_ws(' ', state, measured) FROM imbalance.house";
    assert_eq!(city.texts(house).await, ["distributed 28000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_inlet_or_with_a_shop_inside_a_house_is_not_billed_in_bulk() {
    let bulk = json!({ "bulk": true, "payer": "8000", "from": "2026-03" });
    let bare = TestApp::new().await;
    bare.house(&[Flat::unmetered(2)]).await;
    condominium(&bare).await;
    assert_eq!(set_bulk(&bare, bulk.clone()).await.refusals(), ["HOUSE_WITHOUT_INLET"]);

    let city = city(Some(28_000)).await;
    condominium(&city).await;
    const SHOP: &str = "INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
         VALUES (70, 70, daterange('2020-01-01', NULL), 'test')";
    for statement in [
        "INSERT INTO premises.premise (id, building_id, number, kind) VALUES (70, 1, '1-НП', 'non_residential')",
        "INSERT INTO premises.point (id, building_id, premise_id) VALUES (70, 1, 70)",
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (70, '7000', 'legal', 'other', 1, 1, 70, '2020-01-01')",
        SHOP,
    ] {
        city.sql(statement).await;
    }
    assert_eq!(set_bulk(&city, bulk.clone()).await.refusals(), ["LEGAL_INSIDE_BULK"]);

    // And where the condominium pays nobody inside is charged beside it, whoever writes.
    city.sql("UPDATE subscribers.account_point SET recorded = tstzrange(lower(recorded), now()) WHERE account_id = 70").await;
    set_bulk(&city, bulk).await.ok();
    let refused = city.app.db.execute_unprepared(SHOP).await.unwrap_err();
    assert_eq!(entities::kernel::bitemporal::violated(&refused).as_deref(), Some("house_in_bulk"));
}
