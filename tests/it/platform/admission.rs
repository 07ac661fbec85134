//! What is looked at before an operation runs: its document, its cost, and whether it is switched off.

use aiscra_tests::{TestApp, for_each_bus_with, subscriber_of};
use api::platform::graphql::trusted;
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
        test.graphql("query A { b: businessDate } fragment F on Query { vatRates { id } }", json!({})).await
    };
    assert_eq!(switch("nothingLikeThis", false, Some("x")).await.refusals(), ["OPERATION_UNKNOWN"]);
    assert_eq!(switch("operationSwitch", false, Some("x")).await.refusals(), ["OPERATION_NEEDED"]);
    assert_eq!(switch("businessDate", false, None).await.refusals(), ["EMPTY"]);

    let done = switch("businessDate", false, Some("клиенты банка завалили")).await;
    assert_eq!(done.text("/operationSwitch/off/0/field"), "businessDate");
    let query = "{ ...F } fragment F on Query { ... { b: businessDate } }";
    let refused = test.graphql(query, json!({})).await;
    assert_eq!(refused.codes(), ["OPERATION_OFF"], "through fragments and under another name");
    assert!(refused.errors[0]["message"].as_str().unwrap().contains("завалили"));
    let vat = test.graphql("{ vatRates { id } }", json!({})).as_role(Role::Accountant).await;
    assert_eq!(vat.codes(), [""; 0], "nothing else is touched");

    switch("businessDate", true, None).await.ok();
    assert_ne!(ask().await.codes(), ["OPERATION_OFF"]);
    let trail: Option<i64> =
        test.scalar("SELECT count(*) FROM platform.audit_entry WHERE entity = 'operation' AND actor = 'test.administrator'").await;
    assert_eq!(trail, Some(2));
    let denied = test.graphql("{ operationsOff { field } }", json!({})).as_role(Role::ChiefAccountant).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
}
