use aiscra_tests::TestApp;
use domain::access::Role;
use serde_json::{Value as Json, json};

use super::{act, city, opened, opening};

const READ: &str = "contract { id number from to version party { name } account { number } }";

fn signing(id: &str, number: &str, from: &str) -> Json {
    json!({ "number": number, "kind": "PUBLIC", "accountId": id, "signedOn": from, "from": from })
}

#[tokio::test]
async fn a_contract_ends_and_its_past_stays() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let signed = act(&app, "contractSign", signing(&id, "Д-1", "2025-01-01"), READ).await;
    let contract = signed.text("/contractSign/contract/id").to_owned();
    assert_eq!(signed.at("/contractSign/contract/account/number"), "1001");

    let overlap = act(&app, "contractSign", signing(&id, "Д-2", "2026-01-01"), READ).await;
    assert_eq!(overlap.refusals(), ["CONTRACT_OVERLAPS"]);

    let end = |version: i32| json!({ "id": contract, "expectedVersion": version, "on": "2025-12-31" });
    let ended = act(&app, "contractTerminate", end(1), READ).await;
    assert_eq!(ended.at("/contractTerminate/contract/id"), contract.as_str(), "the id stays");
    assert_eq!(ended.at("/contractTerminate/contract/to"), "2025-12-31");
    assert_eq!(act(&app, "contractTerminate", end(1), READ).await.refusals(), ["CONFLICT"]);
    let later = json!({ "id": contract, "expectedVersion": 2, "on": "2026-01-31" });
    assert_eq!(act(&app, "contractTerminate", later, READ).await.refusals(), ["CONTRACT_ENDED"]);

    let past = "SELECT count(*) FROM contracts.contract WHERE upper_inf(valid) AND NOT upper_inf(recorded)";
    assert_eq!(app.scalar::<i64>(past).await, Some(1), "what was known before");
    act(&app, "contractSign", signing(&id, "Д-2", "2026-01-01"), READ).await.ok();
    let taken = act(&app, "contractSign", signing(&id, "Д-1", "2025-12-31"), READ).await;
    assert_ne!(taken.refusals(), Vec::<&str>::new());

    let list = "{ contracts(search: \"д-\") { nodes { number } } }";
    let reply = app.graphql(list, json!({})).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.at("/contracts/nodes"), &json!([{ "number": "Д-2" }, { "number": "Д-1" }]), "each once");
    let reply = app.graphql(list, json!({})).as_role(Role::OperatorLegal).await;
    assert_eq!(reply.at("/contracts/nodes"), &json!([]));
}

#[tokio::test]
async fn numbers_of_contracts_are_unique_and_the_other_side_must_be_there() {
    let app = TestApp::new().await;
    city(&app).await;
    let one = opened(&app, opening("1001", "MULTI", 1)).await;
    let two = opened(&app, opening("1002", "MULTI", 2)).await;
    act(&app, "contractSign", signing(&one, "Д-1", "2025-01-01"), READ).await.ok();
    let reply = act(&app, "contractSign", signing(&two, "Д-1", "2025-01-01"), READ).await;
    assert_eq!(reply.refusals(), ["CONTRACT_NUMBER_TAKEN"]);
    let reply = act(&app, "contractSign", signing(&two, "Д-2", "2024-12-31"), READ).await;
    assert_eq!(reply.refusals(), ["NO_HOLDER"]);
}
