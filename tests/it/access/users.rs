//! Users and their rights.

use aiscra_tests::{TestApp, for_each_bus};
use api::platform::graphql::id;
use domain::access::Role;
use serde_json::json;

use super::{PASSWORD, hire, sign_in, viewer};

const UPDATE: &str = "mutation($i: UserUpdateInput!) { userUpdate(input: $i) {
    user { login active roles version } errors { code field } } }";

#[tokio::test]
async fn a_user_is_created_with_the_rows_of_the_roles() {
    let test = TestApp::new().await;
    let create = "mutation($i: UserCreateInput!) { userCreate(input: $i) {
        user { id login roles sectors districts { code } version } errors { code field } } }";
    let input =
        json!({ "login": "New.Operator", "name": "N", "password": PASSWORD, "roles": ["operator_private"] });
    let reply = test.graphql(create, json!({ "i": input })).as_role(Role::Administrator).await;
    assert_eq!(reply.at("/userCreate/user/sectors"), &json!(["PRIVATE"]));
    assert_eq!(reply.text("/userCreate/user/login"), "new.operator");
    let again = test.graphql(create, json!({ "i": input })).as_role(Role::Administrator).await;
    assert_eq!(again.refusals(), ["LOGIN_TAKEN"]);
    let seen = viewer(
        &test,
        sign_in(&test, "new.operator", PASSWORD).await.text("/sessionOpen/session/accessToken"),
    )
    .await;
    assert_eq!(seen.at("/viewer/sectors"), &json!(["PRIVATE"]));
    for (key, value, code) in [
        ("password", json!("short"), "PASSWORD_SHORT"),
        ("roles", json!(["subscriber"]), "ROLE_UNKNOWN"),
        ("login", json!("a b"), "LOGIN_FORM"),
        ("name", json!("  "), "EMPTY"),
    ] {
        let mut wrong = json!({ "login": "other", "name": "N", "password": PASSWORD, "roles": ["cashier"] });
        wrong[key] = value;
        let reply = test.graphql(create, json!({ "i": wrong })).as_role(Role::Administrator).await;
        assert_eq!(reply.refusals(), [code]);
        assert_eq!(reply.at("/userCreate/errors/0/field"), key);
    }
    let denied = test.graphql(create, json!({ "i": input })).as_role(Role::ChiefAccountant).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
    assert_eq!(denied.data, json!(null), "an error, never a silent null beside data");
}

#[tokio::test]
async fn other_rights_end_the_sessions_and_nobody_gives_themselves_any() {
    for_each_bus(async |test: TestApp| {
    let user = hire(&test, "cashier.one", Role::Cashier).await;
    let boss = hire(&test, "boss", Role::Administrator).await;
    let token =
        sign_in(&test, "cashier.one", PASSWORD).await.text("/sessionOpen/session/accessToken").to_owned();
    let boss_token =
        sign_in(&test, "boss", PASSWORD).await.text("/sessionOpen/session/accessToken").to_owned();

    let input = json!({ "id": id::encode("User", user), "expectedVersion": 1, "roles": ["inspector"] });
    let reply = test.graphql(UPDATE, json!({ "i": input })).with_token(&boss_token).await;
    assert_eq!(reply.at("/userUpdate/user/roles"), &json!(["inspector"]));
    assert_eq!(viewer(&test, &token).await.codes(), ["UNAUTHENTICATED"]);
    let stale = test.graphql(UPDATE, json!({ "i": input })).with_token(&boss_token).await;
    assert_eq!(stale.refusals(), ["CONFLICT"]);
    let own = json!({ "id": id::encode("User", boss), "expectedVersion": 1, "roles": ["chief_accountant"] });
    assert_eq!(
        test.graphql(UPDATE, json!({ "i": own })).with_token(&boss_token).await.refusals(),
        ["OWN_RIGHTS"]
    );

    let trail = "query($id: ID!) { auditTrail(entity: \"user\", entityId: $id) { nodes { action before after actor } } }";
    let trail = test.graphql(trail, json!({ "id": id::encode("User", user) })).with_token(&boss_token).await;
    assert_eq!(trail.text("/auditTrail/nodes/0/action"), "updated");
    assert_eq!(trail.text("/auditTrail/nodes/0/actor"), "boss");
    assert_eq!(trail.at("/auditTrail/nodes/0/before/roles"), &json!(["cashier"]));
    assert_eq!(trail.at("/auditTrail/nodes/0/after/roles"), &json!(["inspector"]));
    })
    .await;
}

#[tokio::test]
async fn what_an_administrator_took_away_stays_away() {
    let test = TestApp::new().await;
    test.sql("DELETE FROM access.role_permission WHERE role = 'cashier' AND permission = 'bill_read'").await;
    api::cli::migrate::bring_up(&test.app.db).await.unwrap();
    let held =
        "SELECT count(*) FROM access.role_permission WHERE role = 'cashier' AND permission = 'bill_read'";
    assert_eq!(test.scalar::<i64>(held).await, Some(0));
    hire(&test, "cashier.one", Role::Cashier).await;
    let token =
        sign_in(&test, "cashier.one", PASSWORD).await.text("/sessionOpen/session/accessToken").to_owned();
    let rights = viewer(&test, &token).await.at("/viewer/permissions").clone();
    assert!(!rights.as_array().unwrap().contains(&json!("BILL_READ")), "{rights}");
}

#[tokio::test]
async fn the_demo_has_a_login_for_every_role_of_the_staff() {
    let test = TestApp::new().await;
    api::access::demo::seed_demo_logins(&test.app).await.unwrap();
    api::access::demo::seed_demo_logins(&test.app).await.unwrap();
    for (login, _, role) in api::access::demo::LOGINS {
        let reply = sign_in(&test, login, api::access::demo::PASSWORD).await;
        let seen = viewer(&test, reply.text("/sessionOpen/session/accessToken")).await;
        assert_eq!(seen.at("/viewer/roles"), &json!([role.code()]));
    }
}

#[tokio::test]
async fn a_document_is_registered_once() {
    let test = TestApp::new().await;
    let register = "mutation($i: DocumentRegisterInput!) { documentRegister(input: $i) {
        document { id kind number issuedOn registeredBy } errors { code field message } } }";
    let mut input = json!({ "kind": "ORDER", "number": "12-ө", "issuedOn": "2026-03-01", "issuer": "Water utility", "subject": "Tariffs" });
    let reply = test.graphql(register, json!({ "i": input })).as_role(Role::Accountant).await;
    assert_eq!(reply.text("/documentRegister/document/registeredBy"), "test.accountant");
    let again = test.graphql(register, json!({ "i": input })).as_role(Role::Accountant).await;
    assert_eq!(again.refusals(), ["DOCUMENT_EXISTS"]);
    input["issuedOn"] = json!("2026-03-27");
    let early = test.graphql(register, json!({ "i": input })).as_role(Role::Accountant).await;
    assert_eq!(early.refusals(), ["DATE_IN_FUTURE"], "the business date is 2026-03-26");
    let found = test
        .graphql("{ documents(search: \"12-О\") { nodes { number } } }", json!({}))
        .as_role(Role::Auditor)
        .await;
    assert_eq!(found.text("/documents/nodes/0/number"), "12-ө", "letters are folded");
}
