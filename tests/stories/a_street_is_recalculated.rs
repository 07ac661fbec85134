//! A mass recalculation: the service of a whole street failed on days of three closed months. Twenty flats are corrected at once and
//! taken back again; all forty then in two parts, and the bills of the open months show them. To the tiyn, at every step.

use aiscra_tests::{Flat, TestApp};
use api::platform::graphql::id::encode;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use entities::ledger::close as books;
use serde_json::{Value as Json, json};

use crate::office::{act, bill_month, close_month, on, paper, tried};

const FLATS: i64 = 40;

async fn whole(city: &TestApp) -> i64 {
    assert_eq!(books::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    city.scalar("SELECT coalesce(sum(amount - settled), 0)::bigint FROM ledger.open_item").await.unwrap()
}

/// What each account owes, in tiyn.
async fn owed(city: &TestApp) -> Vec<String> {
    city.texts(
        "SELECT account_id || ' ' || sum(amount - settled) FROM ledger.open_item GROUP BY account_id ORDER BY account_id",
    )
    .await
}

fn numbers(flats: std::ops::RangeInclusive<i64>) -> String {
    flats.map(|n| (1_000_000 + n).to_string()).collect::<Vec<_>>().join("\n")
}

const BATCH: &str =
    "id state hash accounts changed unchanged skipped owedLess owedMore second stagesDone error";

async fn batch(city: &TestApp, id: &Json) -> Json {
    let query = format!("query($id: ID!) {{ correction(id: $id) {{ {BATCH} }} }}");
    let reply = city.graphql(&query, json!({ "id": id })).as_role(Role::Auditor).await;
    reply.at("/correction").clone()
}

/// Prepared by an accountant, reckoned and looked at; nothing is posted.
async fn prepared(city: &TestApp, numbers: &str, stages: i32, order: &str) -> Json {
    let input = json!({ "numbers": numbers, "from": "2026-01", "to": "2026-03", "stages": stages, "documentId": order,
        "reason": "дни без воды", "idempotencyKey": format!("street {stages} {}", numbers.len()) });
    let asked = act(city, Role::Accountant, "correctionCreate", input, "correction { id }").await;
    city.run_jobs().await;
    batch(city, asked.at("/correctionCreate/correction/id")).await
}

/// Posted by the accountant, which a credit never is alone, and confirmed by the chief accountant.
async fn posted(city: &TestApp, seen: &Json) {
    for (name, role) in [("correctionPost", Role::Accountant), ("correctionConfirm", Role::ChiefAccountant)] {
        let query =
            format!("mutation($i: CorrectionPostInput!) {{ {name}(input: $i) {{ errors {{ code }} }} }}");
        let key = format!("{name} {}", seen["id"].as_str().unwrap());
        let input = json!({ "id": seen["id"], "hash": seen["hash"], "idempotencyKey": key });
        let reply = city.graphql(&query, json!({ "i": input })).as_role(role).await;
        assert_eq!(reply.refusals(), [""; 0], "{reply:?}");
        city.run_jobs().await;
        if name == "correctionPost" {
            let waiting = batch(city, &seen["id"]).await;
            assert_eq!((&waiting["state"], &waiting["second"][0]), (&json!("WAITING"), &json!("CREDIT")));
        }
    }
    let done = batch(city, &seen["id"]).await;
    assert_eq!(done["state"], "POSTED", "{done}");
}

/// Of the newest bill: charged, corrected, and what it says about the correction.
async fn bill(city: &TestApp, account: i64) -> Json {
    let query = "query($id: ID!) { node(id: $id) { ... on Account { balance bills(first: 1) { nodes {
        period opening charged corrected paid closing corrections { number reason gross } } } } } }";
    let reply = city.graphql(query, json!({ "id": encode("Account", account) })).as_role(Role::Auditor).await;
    reply.at("/node/bills/nodes/0").clone()
}

fn money(value: &Json) -> Money {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_months_of_a_street_are_recalculated_in_two_parts() {
    let city = TestApp::new().await;
    let flats: Vec<Flat> = (0..FLATS).map(|n| Flat::unmetered(1 + (n % 4) as i32)).collect();
    city.house(&flats).await;
    city.sql("DELETE FROM ledger.period").await;
    let january = Period::new(2026, 1).unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::ledger::ops::open_period(&mut tx, january, Sector::Multi, january.last_day())
        .await
        .unwrap()
        .unwrap();
    tx.commit().await.unwrap();
    for (month, last_day) in [("2026-01", "2026-01-31"), ("2026-02", "2026-02-28"), ("2026-03", "2026-03-31")]
    {
        on(&city, last_day);
        bill_month(&city, month, Sector::Multi).await;
        close_month(&city, month, Sector::Multi).await;
    }
    let (billed, before) = (owed(&city).await, whole(&city).await);

    // April: an act says that there was no water from 22 January to 10 March: 10 of 31 days, all of February, 10 of 31.
    on(&city, "2026-04-06");
    let order = paper(&city, "Акт 77", "2026-04-03").await;
    for flat in 1..=FLATS {
        let input = json!({ "accountId": encode("Account", flat), "kind": "NO_SERVICE", "from": "2026-01-22", "to": "2026-03-10",
            "documentId": order });
        act(&city, Role::OperatorMulti, "specialRecord", input, "special { id }").await;
    }
    assert_eq!(owed(&city).await, billed, "an act alone moves no money");

    // Twenty flats at once: looked at, posted by two people, taken back by a third look. Everything is as it was.
    let half = prepared(&city, &numbers(1..=20), 1, &order).await;
    assert_eq!(
        (&half["accounts"], &half["changed"], &half["skipped"]),
        (&json!(20), &json!(20), &json!(0)),
        "{half}"
    );
    assert_eq!(owed(&city).await, billed, "a look keeps nothing");
    posted(&city, &half).await;
    assert_eq!(before - whole(&city).await, money(&half["owedLess"]).tiyn());
    let back = json!({ "id": half["id"], "documentId": order, "idempotencyKey": "street taken back" });
    act(&city, Role::ChiefAccountant, "correctionReverse", back, "correction { state }").await;
    city.run_jobs().await;
    assert_eq!(batch(&city, &half["id"]).await["state"], "REVERSED");
    assert_eq!((owed(&city).await, whole(&city).await), (billed, before), "to the tiyn, account by account");

    // All forty, in two parts: the first now, the second in May.
    let all = prepared(&city, &numbers(1..=FLATS), 2, &order).await;
    assert_eq!(
        (&all["accounts"], &all["changed"], &all["owedMore"]),
        (&json!(40), &json!(40), &json!("0.00")),
        "{all}"
    );
    posted(&city, &all).await;
    let less = money(&all["owedLess"]).tiyn();
    let first = before - whole(&city).await;
    // A tiyn of each service and month is not halved.
    assert!((first * 2 - less).abs() <= 2 * 3 * FLATS, "a half of {less}, to a tiyn of each sum: {first}");
    let again =
        tried(&city, Role::Accountant, "correctionStage", json!({ "id": all["id"] }), "correction { id }")
            .await;
    assert_eq!(again.refusals(), ["STAGE_TOO_EARLY"]);

    // One person of a whole month pays 1860.93; of the days without water 10 + 28 + 10 go, of each month by its own days.
    on(&city, "2026-04-30");
    bill_month(&city, "2026-04", Sector::Multi).await;
    let mut shown = Money::ZERO;
    for flat in 1..=FLATS {
        let bill = bill(&city, flat).await;
        assert_eq!(bill["corrections"][0]["reason"], "дни без воды", "{bill}");
        let sum = ["opening", "charged", "corrected"].iter().map(|name| money(&bill[*name])).sum::<Money>();
        assert_eq!(sum - money(&bill["paid"]), money(&bill["closing"]), "{bill}");
        assert_eq!(bill["corrected"], bill["corrections"][0]["gross"]);
        shown += money(&bill["corrected"]);
    }
    assert_eq!(-shown.tiyn(), first, "the bills say what was posted");
    close_month(&city, "2026-04", Sector::Multi).await;

    on(&city, "2026-05-04");
    let stage = json!({ "id": all["id"] });
    act(&city, Role::Accountant, "correctionStage", stage, "correction { id }").await;
    city.run_jobs().await;
    assert_eq!(batch(&city, &all["id"]).await["stagesDone"], 2);
    let april: Option<i64> =
        city.scalar("SELECT sum(gross)::bigint FROM billing.charge_line WHERE period = '2026-04-01'").await;
    assert_eq!(before + april.unwrap() - less, whole(&city).await, "both parts are the whole");
    on(&city, "2026-05-31");
    bill_month(&city, "2026-05", Sector::Multi).await;
    let one = bill(&city, 1).await;
    // Flat 1 has one person: 3 × 1860.93 less 10/31, all of February and 10/31 of it, line by line.
    let taken: Option<i64> = city
        .scalar(
            "SELECT sum(gross)::bigint FROM billing.correction_account WHERE account_id = 1 AND correction_id = (
                 SELECT max(correction_id) FROM billing.correction_account)"
        )
        .await;
    assert_eq!(one["corrections"][0]["reason"], "дни без воды", "{one}");
    assert_eq!(taken, Some(-306_159), "600.33 + 1860.93 + 600.33: 4.839 m³ of either end");
    close_month(&city, "2026-05", Sector::Multi).await;
    whole(&city).await;
}
