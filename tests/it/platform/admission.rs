//! What is looked at before an operation runs: its document, its cost, and whether it is switched off.

use aiscra_tests::{BusKind, TestApp, for_each_bus_with, subscriber_of};
use api::platform::graphql::{switches, trusted};
use api::platform::messages::Language;
use domain::access::Role;
use domain::kernel::AccountId;
use serde_json::json;

const LISTED: &str = "query Ping { __typename businessDate }";

#[tokio::test]
async fn only_documents_of_ours_come_from_the_public_and_from_subscribers() {
    let test = TestApp::with(|config| config.free_documents = false).await;
    let free = "query Ping { businessDate other: businessDate }";
    let introspection = "{ __schema { types { name } } }";
    for (document, allowed) in
        [(LISTED, true), ("query Ping{businessDate}", true), (free, false), (introspection, false)]
    {
        let expected: &[&str] = if allowed { &[] } else { &["UNTRUSTED_DOCUMENT"] };
        assert_eq!(test.graphql(document, json!({})).await.codes(), expected, "nobody: {document}");
        let subscriber = test.graphql(document, json!({})).as_actor(subscriber_of(AccountId(1))).await;
        assert_eq!(subscriber.codes(), expected, "subscriber: {document}");
        let staff = test.graphql(document, json!({})).as_role(Role::Cashier).await;
        assert_eq!(staff.codes(), [""; 0], "staff: {document}");
    }
    // What the frontends send works by its text and by its hash; an unknown hash is told from an unknown document.
    let (hash, text) = trusted::all().find(|(_, text)| text.contains("loginCodeSend")).unwrap();
    let input = json!({ "input": { "accountNumber": "1", "channel": "SMS" } });
    assert_eq!(test.graphql(text, input.clone()).await.codes(), [""; 0]);
    assert_eq!(test.graphql("", input.clone()).with_hash(hash).await.codes(), [""; 0]);
    assert_eq!(test.graphql("", input).with_hash("00").await.codes(), ["UNKNOWN_DOCUMENT"]);
}

#[tokio::test]
async fn a_minute_has_a_budget_and_everybody_their_own() {
    for_each_bus_with(
        |config| config.budget_per_minute = Some(1_000),
        async |test: TestApp| {
            // A minute that ends in the middle of the test would begin a new budget.
            let second = test.app.clock.now().timestamp().rem_euclid(60) as u64;
            if second > 50 {
                tokio::time::sleep(std::time::Duration::from_secs(61 - second)).await;
            }
            let query = "{ jobs(first: 100) { nodes { id kind } } }";
            let first = test.graphql(query, json!({})).as_role(Role::Auditor).await;
            let cost = first.extensions["cost"].clone();
            assert_eq!(
                (&cost["query"], &cost["budget"], &cost["remaining"]),
                (&301.into(), &1_000.into(), &699.into())
            );
            assert!(cost["resetSeconds"].as_i64().unwrap() <= 60);
            for _ in 0..2 {
                test.graphql(query, json!({})).as_role(Role::Auditor).await.ok();
            }
            let refused = test.graphql(query, json!({})).as_role(Role::Auditor).await;
            assert_eq!(refused.codes(), ["RATE_LIMITED"]);
            let wait = refused.errors[0]["extensions"]["retryAfter"].as_i64().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            test.graphql(query, json!({})).as_role(Role::Manager).await.ok();
            let public = test.graphql(LISTED, json!({})).await;
            assert_eq!(public.extensions["cost"]["budget"], 100, "a tenth before anybody has signed in");
        },
    )
    .await;
}

#[tokio::test]
async fn an_operation_is_switched_off_and_on_again() {
    let test = TestApp::new().await;
    let switch = async |field: &str, on: bool, reason: Option<&str>| {
        let query = "mutation($i: OperationSwitchInput!) { operationSwitch(input: $i) { off { field reason by } errors { code } } }";
        let input = json!({ "i": { "field": field, "on": on, "reason": reason } });
        test.graphql(query, input).as_role(Role::Administrator).await
    };
    let ask = async || {
        test.graphql("query A { b: districts { id } } fragment F on Query { vatRates { id } }", json!({}))
            .await
    };
    assert_eq!(switch("nothingLikeThis", false, Some("x")).await.refusals(), ["OPERATION_UNKNOWN"]);
    for needed in [
        "operationSwitch",
        "operations",
        "sessionOpen",
        "sessionRefresh",
        "viewer",
        "businessDate",
        "passwordChange",
    ] {
        assert_eq!(switch(needed, false, Some("x")).await.refusals(), ["OPERATION_NEEDED"], "{needed}");
    }
    assert_eq!(switch("districts", false, None).await.refusals(), ["EMPTY"]);

    let done = switch("districts", false, Some("клиенты банка завалили")).await;
    assert_eq!(done.text("/operationSwitch/off/0/field"), "districts");
    let query = "{ ...F } fragment F on Query { ... { b: districts { id } } }";
    let refused = test.graphql(query, json!({})).await;
    assert_eq!(refused.codes(), ["OPERATION_OFF"], "through fragments and under another name");
    assert_eq!(refused.errors[0]["message"], "This is switched off for now: клиенты банка завалили");
    assert_eq!(refused.errors[0]["extensions"]["operation"], "districts", "for programs");
    let vat = test.graphql("{ vatRates { id } }", json!({})).as_role(Role::Accountant).await;
    assert_eq!(vat.codes(), [""; 0], "nothing else is touched");

    switch("districts", true, None).await.ok();
    assert_ne!(ask().await.codes(), ["OPERATION_OFF"]);
    let trail: Option<i64> =
        test.scalar("SELECT count(*) FROM platform.audit_entry WHERE entity = 'operation' AND actor = 'test.administrator'").await;
    assert_eq!(trail, Some(2));
    let denied = test.graphql("{ operationsOff { field } }", json!({})).as_role(Role::ChiefAccountant).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn operations_are_listed_in_the_reader_s_language_with_what_is_off() {
    let test = TestApp::new().await;
    let query = "{ operations { field kinds says needed calls off { reason by at } } }";
    let list = async |language: Language| {
        let reply = test.graphql(query, json!({})).as_role(Role::Administrator).in_language(language).await;
        reply.at("/operations").as_array().unwrap().clone()
    };
    let kazakh: std::collections::BTreeMap<String, String> = toml_of("api/messages/operations.kk.toml");
    let mut wrong = Vec::new();
    for language in Language::ALL {
        let rows = list(language).await;
        assert!(rows.len() > 100);
        for row in &rows {
            let (field, says) = (row["field"].as_str().unwrap(), row["says"].as_str().unwrap());
            let cyrillic = says.chars().any(|c| ('а'..='я').contains(&c));
            if says.is_empty() || cyrillic == (language == Language::En) {
                wrong.push(format!("{}: {field}: {says}", language.code()));
            }
            if !kazakh.contains_key(field) {
                wrong.push(format!("api/messages/operations.kk.toml misses {field}"));
            }
        }
        let gone = kazakh.keys().filter(|field| !rows.iter().any(|row| row["field"] == field.as_str()));
        wrong.extend(gone.map(|field| format!("operations.kk.toml: the schema has no {field}")));
    }
    wrong.sort();
    wrong.dedup();
    assert_eq!(wrong, [""; 0]);

    let switch = "mutation($i: OperationSwitchInput!) { operationSwitch(input: $i) { errors { code } } }";
    let input = json!({ "i": { "field": "runPreview", "on": false, "reason": "медленно" } });
    test.graphql(switch, input).as_role(Role::Administrator).await.ok();
    test.graphql("{ districts { id } }", json!({})).await.ok();
    let rows = list(Language::Ru).await;
    let of = |field: &str| rows.iter().find(|row| row["field"] == field).unwrap();
    assert_eq!(of("runPreview")["kinds"], json!(["QUERY", "MUTATION"]), "one switch closes both");
    assert_eq!(of("runPreview")["off"]["by"], "test.administrator");
    assert_eq!(of("runPreview")["off"]["reason"], "медленно");
    assert_eq!(of("viewer")["needed"], true);
    assert!(of("districts")["calls"].as_i64().unwrap() >= 1);
    let denied = test.graphql(query, json!({})).as_role(Role::ChiefAccountant).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
}

fn toml_of(path: &str) -> std::collections::BTreeMap<String, String> {
    let text = std::fs::read_to_string(super::repository(path)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(k, v)| (k.to_owned(), v.trim_matches('"').to_owned()))
        .collect()
}

#[tokio::test]
async fn a_switch_works_at_once_in_every_process() {
    let test = TestApp::on(BusKind::Redis).await;
    let neighbour = test.neighbour(BusKind::Redis).await;
    switches::follow(&neighbour.app).await.unwrap();
    let ask = async || neighbour.graphql("{ districts { id } }", json!({})).await.codes().join(" ");
    let switch = "mutation($i: OperationSwitchInput!) { operationSwitch(input: $i) { errors { code } } }";
    for (on, expected) in [(false, "OPERATION_OFF"), (true, ""), (false, "OPERATION_OFF")] {
        // It has just read what stood before, and would believe it for half a second.
        ask().await;
        let input = json!({ "i": { "field": "districts", "on": on, "reason": "x" } });
        test.graphql(switch, input).as_role(Role::Administrator).await.ok();
        let began = std::time::Instant::now();
        while ask().await != expected {
            assert!(began.elapsed().as_millis() < 300, "not before it would have looked anyway");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}
