//! Tokens of outside programs.

use aiscra_tests::{TestApp, for_each_bus};
use api::platform::auth;
use domain::access::{Permission, Principal, Role};
use serde_json::json;

const CREATE: &str = "mutation($i: ClientCreateInput!) { clientCreate(input: $i) {
    client { id name version active } token errors { code field } } }";

#[tokio::test]
async fn a_token_is_scoped_rotates_without_a_gap_and_ends() {
    for_each_bus(async |test: TestApp| {
    let input =
        json!({ "name": "bank", "permissions": ["PAYMENT_RECORD", "ACCOUNT_READ"], "sectors": ["PRIVATE"] });
    let made = test.graphql(CREATE, json!({ "i": input })).as_role(Role::Administrator).await;
    let (id, token) = (made.text("/clientCreate/client/id"), made.text("/clientCreate/token").to_owned());
    assert!(token.starts_with("aic_"));
    let known = async |token: &str| auth::actor(&test.app, &format!("Bearer {token}")).await;
    let actor = known(&token).await.expect("a good token");
    assert!(matches!(actor.principal, Principal::Client(_)));
    assert!(actor.may(Permission::PaymentRecord) && !actor.may(Permission::ReadingWrite));
    assert_ne!(actor.scope, domain::access::Scope::City);
    let kept: i64 = test
        .scalar(&format!("SELECT count(*) FROM access.client c WHERE c::text LIKE '%{}%'", &token[4..]))
        .await
        .unwrap();
    assert_eq!(kept, 0, "the token itself is kept nowhere");

    let rotate = "mutation($id: ID!) { clientRotate(input: { id: $id }) { client { version } token errors { code } } }";
    let rotated = test.graphql(rotate, json!({ "id": id })).as_role(Role::Administrator).await;
    let next = rotated.text("/clientRotate/token").to_owned();
    assert!(known(&token).await.is_some() && known(&next).await.is_some(), "both work for a while");
    test.sql("UPDATE access.client SET previous_until = now() - interval '1 second'").await;
    assert!(known(&token).await.is_none() && known(&next).await.is_some());

    test.sql(
        "DELETE FROM access.role_permission WHERE role = 'integration' AND permission = 'payment_record'",
    )
    .await;
    assert!(!known(&next).await.unwrap().may(Permission::PaymentRecord), "the role narrows every token");

    let disable = "mutation($id: ID!, $v: Int!) { clientDisable(input: { id: $id, expectedVersion: $v }) { client { active } errors { code } } }";
    let stale = test.graphql(disable, json!({ "id": id, "v": 1 })).as_role(Role::Administrator).await;
    assert_eq!(stale.refusals(), ["CONFLICT"]);
    let done = test.graphql(disable, json!({ "id": id, "v": 2 })).as_role(Role::Administrator).await;
    assert_eq!(done.at("/clientDisable/client/active"), false);
    assert!(known(&next).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn no_token_gets_more_than_integrations_may() {
    let test = TestApp::new().await;
    let input = json!({ "name": "greedy", "permissions": ["PERIOD_CLOSE"] });
    let reply = test.graphql(CREATE, json!({ "i": input })).as_role(Role::Administrator).await;
    assert_eq!(reply.refusals(), ["PERMISSION_NOT_FOR_CLIENTS"]);
}
