//! The page for API clients is served, and its examples run.

use aiscra_tests::{Flat, TestApp, actor_of};
use api::platform::graphql::http::{Caller, Origin};
use api::platform::graphql::id;
use api::platform::messages::Language;
use async_graphql::{Request, Variables};
use domain::access::Role;
use futures_util::StreamExt;
use serde_json::{Value as Json, json};

/// Name, caller and text of every example of the page.
fn examples(page: &str) -> Vec<(String, String, String)> {
    page.split("<pre data-example=\"")
        .skip(1)
        .map(|rest| {
            let (name, rest) = rest.split_once("\" data-as=\"").expect("a caller");
            let (who, rest) = rest.split_once("\">").expect("a text");
            let text = rest.split_once("</pre>").expect("its end").0;
            let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            (name.to_owned(), who.to_owned(), text)
        })
        .collect()
}

#[tokio::test]
async fn the_examples_for_api_clients_run() {
    let test = TestApp::with(|config| config.free_documents = false).await;
    let accounts = test.house(&[Flat::unmetered(2)]).await;
    crate::access::hire(&test, "auditor", Role::Auditor).await;
    let served = test.serve().await;
    let page = reqwest::get(served.url("/developers")).await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    let page = page.text().await.unwrap();
    assert!(!page.contains("{{"), "every place is filled");
    assert!(page.contains("RATE_LIMITED") && page.contains(&served.base));

    let mut ran = Vec::new();
    for (name, who, text) in examples(&page) {
        let variables = match name.as_str() {
            "open" => json!({ "input": { "login": "auditor", "password": crate::access::PASSWORD } }),
            "payment" => {
                json!({ "input": { "accountId": id::encode("Account", accounts[0].0), "amount": "1500.00",
                "channel": "BANK", "externalId": "kaspi-4711", "idempotencyKey": "example-1" } })
            }
            _ => json!({ "after": null }),
        };
        let role = Role::from_code(&who);
        if text.starts_with("subscription") {
            let actor = role.map(actor_of);
            let caller = Caller { actor, language: Language::En, origin: Origin::default() };
            let request = Request::new(text.as_str()).variables(Variables::from_json(variables));
            let request = test.graph.dress(request, &caller);
            let mut facts = test.graph.schema.execute_stream(request);
            let first = tokio::time::timeout(std::time::Duration::from_millis(300), facts.next()).await;
            assert!(first.is_err(), "{name} waits for facts: {first:?}");
        } else {
            let call = test.graphql(&text, variables);
            let reply = match role {
                Some(role) => call.as_role(role).await,
                None => call.await,
            };
            let data = reply.ok().as_object().unwrap_or_else(|| panic!("{name}: {reply:?}")).clone();
            let refused = data.values().filter_map(|field| field["errors"].as_array()).flatten().count();
            assert_eq!(refused, 0, "{name}: {data:?}");
            assert!(data.values().all(|field| *field != Json::Null), "{name}: {data:?}");
        }
        ran.push(name);
    }
    assert_eq!(ran, ["open", "accounts", "payment", "schema", "events"]);
}
