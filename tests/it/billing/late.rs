//! Who comes or goes after the bills were issued does not keep the month from closing.

use aiscra_tests::{Flat, Reply, TestApp, march};
use api::ledger::ops::close_period;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use super::final_bill::issue;
use super::recalculate::{named, prepared};

async fn make(city: &TestApp, role: Role, key: &str) -> Reply {
    let query = "mutation($k: String!) { lateBillsMake(input: { period: \"2026-03\", sector: MULTI, idempotencyKey: $k }) {
        run { id state late accounts gross } errors { code } } }";
    city.graphql(query, json!({ "k": key })).as_role(role).await
}

/// Conditions of March that do not hold, with the accounts behind each.
async fn broken(city: &TestApp) -> Vec<Json> {
    let query = "{ period(period: \"2026-03\", sector: MULTI) { conditions { code met expected found accounts { nodes { number } } } } }";
    let asked = city.graphql(query, json!({})).as_role(Role::ChiefAccountant).await;
    let all = asked.at("/period/conditions").as_array().unwrap().clone();
    all.into_iter().filter(|one| one["met"] == false).collect()
}

async fn close(city: &TestApp) -> String {
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let row = close_period(&mut tx, march(), Sector::Multi).await.unwrap().expect("March closes");
    tx.commit().await.unwrap();
    row.status
}

async fn active(city: &TestApp) -> Json {
    let query = "{ period(period: \"2026-03\", sector: MULTI) { accounts } }";
    city.graphql(query, json!({})).as_role(Role::ChiefAccountant).await.at("/period/accounts").clone()
}

#[tokio::test]
async fn who_came_after_the_issue_is_charged_alone_and_the_month_closes() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(2), Flat::unmetered(3)]).await;
    // In the registers only after the bills went out.
    city.sql("UPDATE subscribers.account SET opened_on = '2026-04-01' WHERE id = 2").await;
    let early = make(&city, Role::ChiefAccountant, "late-early").await;
    assert_eq!(early.refusals(), ["RUN_NOT_ISSUED"]);
    let main = issue(&city).await;
    assert_eq!((main.accounts, main.late), (1, false));
    let nobody = make(&city, Role::ChiefAccountant, "late-nobody").await;
    assert_eq!(nobody.refusals(), ["NOBODY_LATE"]);

    city.sql("UPDATE subscribers.account SET opened_on = '2026-03-01' WHERE id = 2").await;
    let number: String = city.scalar("SELECT number FROM subscribers.account WHERE id = 2").await.unwrap();
    let red = broken(&city).await;
    assert_eq!(red.len(), 1, "{red:?}");
    assert_eq!(red[0]["code"], "EVERY_ACCOUNT_CHARGED");
    assert_eq!((&red[0]["expected"], &red[0]["found"]), (&json!("2"), &json!("1")));
    assert_eq!(red[0]["accounts"]["nodes"], json!([{ "number": number }]));

    let denied = make(&city, Role::Accountant, "late-denied").await;
    assert_eq!(denied.codes(), ["FORBIDDEN"], "what is issued at once wants the right to issue");
    let made = make(&city, Role::ChiefAccountant, "late-march").await;
    let run = made.at("/lateBillsMake/run").clone();
    // Three people of a whole month: 45 m³ × 66.00 × 1.16 = 3445.20 and × 40.95 × 1.16 = 2137.59.
    assert_eq!((&run["state"], &run["late"]), (&json!("ISSUED"), &json!(true)), "{made:?}");
    assert_eq!((&run["accounts"], &run["gross"]), (&json!(1), &json!("5582.79")));
    let again = make(&city, Role::ChiefAccountant, "late-march").await;
    assert_eq!(again.at("/lateBillsMake/run/id"), &run["id"], "the same key is the same act");
    let twice = make(&city, Role::ChiefAccountant, "late-march-2").await;
    assert_eq!(twice.refusals(), ["NOBODY_LATE"]);

    // It is a bill as any other: seen, owed, explained; and the run of the month is the one it was.
    let bill: i64 = city.scalar("SELECT id FROM billing.bill WHERE account_id = 2").await.unwrap();
    let seen = city
        .graphql(
            "query($id: ID!) { bill(id: $id) { isFinal charged explanation { equal } } me { account { balance } } }",
            json!({ "id": Gid(BillId(bill)).encode() }),
        )
        .as_subscriber(AccountId(2))
        .await;
    let said = json!({ "isFinal": false, "charged": "5582.79", "explanation": { "equal": true } });
    assert_eq!(seen.at("/bill"), &said);
    assert_eq!(seen.text("/me/account/balance"), "5582.79");
    let live = entities::billing::run::live(&city.app.db, march(), Sector::Multi).await.unwrap().unwrap();
    assert_eq!(live.id, main.id);

    // A correction finds each account's own run, and nothing to change.
    let accounts = [Gid(AccountId(1)).encode(), Gid(AccountId(2)).encode()];
    let months = json!({ "accounts": accounts, "from": "2026-03", "to": "2026-03" });
    let batch = prepared(&city, &named(Role::Accountant, "alia"), months).await;
    assert_eq!((&batch["changed"], &batch["unchanged"]), (&json!(0), &json!(2)), "{batch}");

    assert_eq!(broken(&city).await, Vec::<Json>::new());
    assert_eq!(close(&city).await, "closed");
}

#[tokio::test]
async fn who_is_recorded_as_gone_from_the_first_day_does_not_keep_the_month_open() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(2), Flat::unmetered(3)]).await;
    issue(&city).await;
    city.sql("UPDATE subscribers.account SET closed_on = '2026-03-01', status = 'closed' WHERE id = 2").await;
    assert_eq!(broken(&city).await, Vec::<Json>::new(), "one is active, and one is billed");
    assert_eq!(close(&city).await, "closed");

    // What the month said when it was closed it says for good, whatever the registers say since.
    assert_eq!(active(&city).await, json!(1));
    city.sql("UPDATE subscribers.account SET closed_on = NULL, status = 'active' WHERE id = 2").await;
    assert_eq!(active(&city).await, json!(1));
}
