//! The group of consumers has days, a document and a memory of what was known before.

use aiscra_tests::{Reply, TestApp};
use chrono::{DateTime, Utc};
use domain::access::Role;
use serde_json::{Value as Json, json};

use super::{account_id, city, gid, opened, opening};

async fn set(app: &TestApp, input: &Json) -> Reply {
    app.graphql(
        "mutation($i: ConsumerGroupSetInput!) { consumerGroupSet(input: $i) {
             account { version consumerGroup consumerGroups { group from to } } errors { code field } } }",
        json!({ "i": input }),
    )
    .as_role(Role::OperatorLegal)
    .await
}

fn change(id: &str, version: i32, group: &str, from: &str) -> Json {
    json!({ "accountId": id, "expectedVersion": version, "consumerGroup": group, "from": from,
        "documentId": gid("Document", 1) })
}

async fn shop(app: &TestApp) -> String {
    city(app).await;
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', 'Г-1', '2026-03-05', 'test', 'Группа', 'test')",
    )
    .await;
    opened(app, opening("2001", "LEGAL", 10)).await
}

#[tokio::test]
async fn a_change_has_its_day_and_what_was_known_before_stays() {
    let app = TestApp::new().await;
    let id = shop(&app).await;
    let rows = "SELECT count(*) FROM subscribers.consumer_group";
    assert_eq!(app.scalar::<i64>(rows).await, Some(0), "whose group never changed has no rows");
    let before: DateTime<Utc> = app.scalar("SELECT clock_timestamp()").await.unwrap();
    // A closed month is no obstacle: its bills stand, a correction reckons it anew.
    app.sql(
        "INSERT INTO ledger.period (period, sector, status, opened_by) VALUES
             ('2026-02-01', 'legal', 'closed', 'test'), ('2026-03-01', 'legal', 'open', 'test')",
    )
    .await;
    let done = set(&app, &change(&id, 1, "BUDGET", "2026-02-11")).await;
    assert_eq!(done.refusals(), Vec::<&str>::new(), "{done:?}");
    let undated = json!({ "group": "OTHER", "from": null, "to": "2026-02-10" });
    assert_eq!(
        done.at("/consumerGroupSet/account"),
        &json!({ "version": 2, "consumerGroup": "BUDGET", "consumerGroups": [
            undated, { "group": "BUDGET", "from": "2026-02-11", "to": null }] })
    );
    let as_of = format!(
        "SELECT consumer_group FROM subscribers.consumer_group WHERE account_id = {}
         AND valid @> '2026-03-01'::date AND recorded @> '{before}'::timestamptz",
        account_id(&id)
    );
    assert_eq!(app.scalar::<String>(&as_of).await.as_deref(), Some("other"), "as it was known before");

    // The second change ends the first; an earlier day lets later ones give way.
    let done = set(&app, &change(&id, 2, "OTHER", "2026-03-11")).await;
    assert_eq!(
        done.at("/consumerGroupSet/account/consumerGroups"),
        &json!([undated, { "group": "BUDGET", "from": "2026-02-11", "to": "2026-03-10" },
            { "group": "OTHER", "from": "2026-03-11", "to": null }])
    );
    let done = set(&app, &change(&id, 3, "BUDGET", "2025-01-01")).await;
    assert_eq!(
        done.at("/consumerGroupSet/account/consumerGroups"),
        &json!([{ "group": "BUDGET", "from": "2025-01-01", "to": null }])
    );
}

async fn refused(app: &TestApp, input: Json) -> Vec<String> {
    let reply = set(app, &input).await;
    reply.refusals().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_nothing_is_written() {
    let app = TestApp::new().await;
    let id = shop(&app).await;
    let flat = opened(&app, opening("1001", "MULTI", 1)).await;
    assert_eq!(refused(&app, change(&id, 1, "BUDGET", "2024-12-31")).await, ["DATE_TOO_EARLY"]);
    assert_eq!(refused(&app, change(&id, 1, "BUDGET", "2026-03-27")).await, ["DAY_AHEAD"]);
    assert_eq!(refused(&app, change(&id, 9, "BUDGET", "2026-03-11")).await, ["CONFLICT"]);
    let mut unknown = change(&id, 1, "BUDGET", "2026-03-11");
    unknown["documentId"] = gid("Document", 77).into();
    assert_eq!(refused(&app, unknown).await, ["NO_SUCH_DOCUMENT"]);
    // Flats are the population, whoever asks.
    let asked = app
        .graphql(
            "mutation($i: ConsumerGroupSetInput!) { consumerGroupSet(input: $i) { errors { code } } }",
            json!({ "i": change(&flat, 1, "BUDGET", "2026-03-11") }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(asked.refusals(), ["GROUP_OF_SECTOR"]);
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM subscribers.consumer_group").await, Some(0));
}
