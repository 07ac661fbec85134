//! Second factor, open sessions, and roles that two people change.

use aiscra_tests::{Reply, TestApp};
use api::platform::graphql::id;
use domain::access::Role;
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use super::{PASSWORD, hire, sign_in, viewer};

async fn open(test: &TestApp, login: &str, code: &str) -> Reply {
    let query = "mutation($i: SessionOpenInput!) { sessionOpen(input: $i) { session { accessToken } errors { code field } } }";
    test.graphql(query, json!({ "i": { "login": login, "password": PASSWORD, "code": code } })).await
}

async fn token(test: &TestApp, login: &str) -> String {
    sign_in(test, login, PASSWORD).await.text("/sessionOpen/session/accessToken").to_owned()
}

fn shown(app: &Totp, at: i64) -> String {
    app.generate(at.unsigned_abs()).to_string()
}

/// Starts and confirms; the app, and the codes on paper.
async fn enrol(test: &TestApp, token: &str) -> (Totp, Vec<String>) {
    let started = test
        .graphql("mutation { secondFactorStart { secret uri qr errors { code } } }", json!({}))
        .with_token(token)
        .await;
    let secret = started.text("/secondFactorStart/secret");
    let uri = started.text("/secondFactorStart/uri");
    assert!(uri.starts_with("otpauth://totp/") && uri.contains(secret), "{uri}");
    let qr = started.text("/secondFactorStart/qr");
    assert_eq!(qr, documents::qr::svg(uri).unwrap(), "the code to scan is of the same secret");
    let app = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    let confirm = "mutation($c: String!) { secondFactorConfirm(input: { code: $c }) { recoveryCodes errors { code } } }";
    let wrong = test.graphql(confirm, json!({ "c": "000000" })).with_token(token).await;
    assert_eq!(wrong.refusals(), ["SECOND_FACTOR_WRONG"]);
    // The code of the half-minute before: the one of now stays for the sign-in.
    let code = shown(&app, test.app.clock.now().timestamp() - 30);
    let confirmed = test.graphql(confirm, json!({ "c": code })).with_token(token).await;
    let paper = confirmed.at("/secondFactorConfirm/recoveryCodes").as_array().unwrap().clone();
    (app, paper.into_iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn a_code_is_asked_for_opens_once_and_paper_helps() {
    let test = TestApp::new().await;
    hire(&test, "chief", Role::ChiefAccountant).await;
    let first = token(&test, "chief").await;
    let (app, paper) = enrol(&test, &first).await;
    assert_eq!(paper.len(), 10);

    assert_eq!(sign_in(&test, "chief", PASSWORD).await.refusals(), ["SECOND_FACTOR_REQUIRED"]);
    assert_eq!(
        sign_in(&test, "chief", "wrong password").await.refusals(),
        ["BAD_CREDENTIALS"],
        "no hint before the password"
    );
    let code = shown(&app, test.app.clock.now().timestamp() + 30);
    assert_eq!(open(&test, "chief", &code).await.refusals(), [] as [&str; 0]);
    assert_eq!(open(&test, "chief", &code).await.refusals(), ["SECOND_FACTOR_WRONG"], "a code opens once");
    assert_eq!(open(&test, "chief", &paper[3]).await.refusals(), [] as [&str; 0]);
    assert_eq!(open(&test, "chief", &paper[3]).await.refusals(), ["SECOND_FACTOR_WRONG"], "paper too");
    let typed = paper[4].to_uppercase().replace('-', " ");
    assert_eq!(open(&test, "chief", &typed).await.refusals(), [] as [&str; 0], "however it is typed");
    let left: Option<String> = test
        .scalar("SELECT string_agg(after ->> 'left', ',' ORDER BY id) FROM platform.audit_entry WHERE action = 'recovery_code_used'")
        .await;
    assert_eq!(left.as_deref(), Some("9,8"), "who looks after users sees that a phone may be lost");
    let kept: Option<i64> = test
        .scalar("SELECT count(*) FROM access.totp WHERE position('secret' in encode(secret, 'escape')) > 0")
        .await;
    assert_eq!(kept, Some(0));
}

#[tokio::test]
async fn guesses_of_the_code_close_the_login() {
    let test = TestApp::new().await;
    hire(&test, "chief", Role::ChiefAccountant).await;
    let first = token(&test, "chief").await;
    let (app, _) = enrol(&test, &first).await;
    for _ in 0..5 {
        assert_eq!(open(&test, "chief", "123456").await.refusals(), ["SECOND_FACTOR_WRONG"]);
    }
    let right = shown(&app, test.app.clock.now().timestamp() + 30);
    assert_eq!(
        open(&test, "chief", &right).await.refusals(),
        ["BAD_CREDENTIALS"],
        "locked, and says no more than that"
    );
}

#[tokio::test]
async fn an_administrator_resets_a_lost_phone_and_its_sessions_end() {
    let test = TestApp::new().await;
    let chief = hire(&test, "chief", Role::ChiefAccountant).await;
    hire(&test, "boss", Role::Administrator).await;
    let first = token(&test, "chief").await;
    enrol(&test, &first).await;
    let reset = "mutation($id: ID!) { secondFactorReset(input: { id: $id }) { removed errors { code } } }";
    let who = json!({ "id": id::encode("User", chief) });
    let denied = test.graphql(reset, who.clone()).with_token(&first).await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
    let boss = token(&test, "boss").await;
    let done = test.graphql(reset, who).with_token(&boss).await;
    assert_eq!(done.at("/secondFactorReset/removed"), true);
    assert_eq!(viewer(&test, &first).await.codes(), ["UNAUTHENTICATED"]);
    assert_eq!(sign_in(&test, "chief", PASSWORD).await.refusals(), [] as [&str; 0]);
}

#[tokio::test]
async fn its_owner_sees_renews_and_drops_it_with_a_code() {
    let test = TestApp::new().await;
    hire(&test, "chief", Role::ChiefAccountant).await;
    let first = token(&test, "chief").await;
    let ask = async |query: &str, code: Option<&str>| {
        let input = code.map(|code| json!({ "code": code }));
        test.graphql(query, json!({ "i": input })).with_token(&first).await
    };
    const STATE: &str = "{ secondFactor { onSince recoveryCodesLeft } }";
    const RENEW: &str = "mutation($i: SecondFactorProofInput!) { recoveryCodesRenew(input: $i) { recoveryCodes errors { code } } }";
    const DROP: &str =
        "mutation($i: SecondFactorProofInput) { secondFactorRemove(input: $i) { removed errors { code } } }";
    let off = ask(STATE, None).await;
    assert_eq!(off.at("/secondFactor"), &json!({ "onSince": null, "recoveryCodesLeft": 0 }));
    assert_eq!(ask(RENEW, Some("123456")).await.refusals(), ["SECOND_FACTOR_OFF"]);
    let (_, paper) = enrol(&test, &first).await;
    let on = ask(STATE, None).await;
    assert!(on.at("/secondFactor/onSince").is_string());
    assert_eq!(on.at("/secondFactor/recoveryCodesLeft"), 10);

    assert_eq!(ask(RENEW, Some("123456")).await.refusals(), ["SECOND_FACTOR_WRONG"]);
    let renewed = ask(RENEW, Some(&paper[0])).await;
    let next = renewed.at("/recoveryCodesRenew/recoveryCodes").as_array().unwrap().clone();
    assert_eq!(next.len(), 10);
    assert_eq!(open(&test, "chief", &paper[1]).await.refusals(), ["SECOND_FACTOR_WRONG"], "those of before");
    assert_eq!(open(&test, "chief", next[0].as_str().unwrap()).await.refusals(), [] as [&str; 0]);

    assert_eq!(ask(DROP, None).await.refusals(), ["SECOND_FACTOR_REQUIRED"], "an open screen is no proof");
    assert_eq!(ask(DROP, Some("nonsense")).await.refusals(), ["SECOND_FACTOR_WRONG"]);
    assert_eq!(ask(DROP, next[1].as_str()).await.refusals(), [] as [&str; 0]);
    assert_eq!(sign_in(&test, "chief", PASSWORD).await.refusals(), [] as [&str; 0]);

    let (app, _) = enrol(&test, &first).await;
    for _ in 0..5 {
        assert_eq!(ask(DROP, Some("123456")).await.refusals(), ["SECOND_FACTOR_WRONG"]);
    }
    let right = shown(&app, test.app.clock.now().timestamp() + 30);
    assert_eq!(ask(DROP, Some(&right)).await.refusals(), ["SECOND_FACTOR_WRONG"], "guesses count");
}

const SESSIONS: &str = "query($u: ID) { sessions(user: $u) { nodes { id current } } }";
const REVOKE: &str = "mutation($id: ID!) { sessionRevoke(input: { id: $id }) { revoked errors { code } } }";

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_owner() {
    let test = TestApp::new().await;
    let cashier = hire(&test, "cashier", Role::Cashier).await;
    hire(&test, "other", Role::Cashier).await;
    hire(&test, "boss", Role::Administrator).await;
    let (here, there) = (token(&test, "cashier").await, token(&test, "cashier").await);
    let mine = test.graphql(SESSIONS, json!({})).with_token(&here).await;
    let rows = mine.at("/sessions/nodes").as_array().unwrap().clone();
    assert_eq!(rows.len(), 2);
    let other = rows.iter().find(|row| row["current"] == false).unwrap()["id"].clone();

    let stranger = token(&test, "other").await;
    let refused = test.graphql(REVOKE, json!({ "id": other })).with_token(&stranger).await;
    assert_eq!(refused.refusals(), ["NOT_FOUND"], "sessions of others do not exist");
    let hidden =
        test.graphql(SESSIONS, json!({ "u": id::encode("User", cashier) })).with_token(&stranger).await;
    assert_eq!(hidden.codes(), ["FORBIDDEN"]);

    let ended = test.graphql(REVOKE, json!({ "id": other })).with_token(&here).await;
    assert_eq!(ended.at("/sessionRevoke/revoked"), true);
    assert_eq!(viewer(&test, &there).await.codes(), ["UNAUTHENTICATED"], "at once");
    assert_eq!(viewer(&test, &here).await.at("/viewer/login"), "cashier");

    let boss = token(&test, "boss").await;
    let seen = test.graphql(SESSIONS, json!({ "u": id::encode("User", cashier) })).with_token(&boss).await;
    let last = seen.at("/sessions/nodes/0/id").clone();
    assert_eq!(
        test.graphql(REVOKE, json!({ "id": last })).with_token(&boss).await.at("/sessionRevoke/revoked"),
        true
    );
    assert_eq!(viewer(&test, &here).await.codes(), ["UNAUTHENTICATED"]);
}

const PROPOSE: &str = "mutation($i: RoleChangeProposeInput!) { roleChangePropose(input: $i) {
    roleChange { id state added removed } errors { code field } } }";
const DECIDE: &str =
    "mutation($id: ID!, $yes: Boolean!) { roleChangeDecide(input: { id: $id, approve: $yes }) {
    roleChange { state decidedBy } errors { code } } }";

#[tokio::test]
async fn a_role_is_changed_by_two_people() {
    let test = TestApp::new().await;
    hire(&test, "boss", Role::Administrator).await;
    hire(&test, "second", Role::Administrator).await;
    hire(&test, "inspector", Role::Inspector).await;
    let (boss, second) = (token(&test, "boss").await, token(&test, "second").await);
    let inspector = token(&test, "inspector").await;

    let wish = json!({ "role": "inspector", "reason": "order 12", "permissions": ["PREMISES_READ", "METER_READ", "BILL_READ"] });
    let proposed = test.graphql(PROPOSE, json!({ "i": wish })).with_token(&boss).await;
    let change = proposed.at("/roleChangePropose/roleChange").clone();
    assert_eq!(change["state"], "PROPOSED");
    assert_eq!(change["added"], json!(["BILL_READ"]));
    let twice = test.graphql(PROPOSE, json!({ "i": wish })).with_token(&second).await;
    assert_eq!(twice.refusals(), ["ROLE_CHANGE_WAITS"]);
    let decide = json!({ "id": change["id"], "yes": true });
    let own = test.graphql(DECIDE, decide.clone()).with_token(&boss).await;
    assert_eq!(own.refusals(), ["SAME_PERSON"]);
    let before = viewer(&test, &inspector).await;
    assert!(
        before.at("/viewer/permissions").as_array().unwrap().contains(&json!("METER_WRITE")),
        "nothing yet"
    );

    let approved = test.graphql(DECIDE, decide.clone()).with_token(&second).await;
    assert_eq!(
        approved.at("/roleChangeDecide/roleChange"),
        &json!({ "state": "APPROVED", "decidedBy": "second" })
    );
    assert_eq!(
        viewer(&test, &inspector).await.codes(),
        ["UNAUTHENTICATED"],
        "nobody goes on with rights of yesterday"
    );
    let now = viewer(&test, &token(&test, "inspector").await).await;
    assert_eq!(now.at("/viewer/permissions"), &json!(["BILL_READ", "METER_READ", "PREMISES_READ"]));
    assert_eq!(test.graphql(DECIDE, decide).with_token(&second).await.refusals(), ["ROLE_CHANGE_DECIDED"]);
}

#[tokio::test]
async fn what_no_role_may_be() {
    let test = TestApp::new().await;
    hire(&test, "boss", Role::Administrator).await;
    hire(&test, "second", Role::Administrator).await;
    let (boss, second) = (token(&test, "boss").await, token(&test, "second").await);
    let name = json!({ "kk": "Кеңесші", "ru": "Консультант", "en": "Adviser" });
    for (role, permissions, reason, code) in [
        ("accountant", json!(["BILLING_RUN", "PAYMENT_RECORD"]), "r", "ROLE_MIXES_CHARGES_AND_PAYMENTS"),
        ("cashier", json!(["OWN_ACCOUNTS"]), "r", "ROLE_CABINET"),
        ("subscriber", json!(["OWN_ACCOUNTS", "BILL_READ"]), "r", "ROLE_CABINET"),
        ("Adviser 2", json!(["BILL_READ"]), "r", "ROLE_FORM"),
        ("cashier", json!(["BILL_READ"]), "  ", "EMPTY"),
        ("adviser", json!(["BILL_READ"]), "r", "EMPTY"),
    ] {
        let wish = json!({ "role": role, "permissions": permissions, "reason": reason });
        let refused = test.graphql(PROPOSE, json!({ "i": wish })).with_token(&boss).await;
        assert_eq!(refused.refusals(), [code], "{role}");
    }
    let wish = json!({ "role": "adviser", "permissions": ["BILL_READ"], "reason": "r", "name": name });
    let proposed = test.graphql(PROPOSE, json!({ "i": wish })).with_token(&boss).await;
    let change = json!({ "id": proposed.at("/roleChangePropose/roleChange/id"), "yes": true });
    assert_eq!(test.graphql(DECIDE, change).with_token(&second).await.refusals(), [] as [&str; 0]);
    let create =
        "mutation($i: UserCreateInput!) { userCreate(input: $i) { user { roles } errors { code } } }";
    let input = json!({ "login": "adviser.one", "name": "N", "password": PASSWORD, "roles": ["adviser"] });
    let hired = test.graphql(create, json!({ "i": input })).with_token(&boss).await;
    assert_eq!(
        hired.at("/userCreate/user/roles"),
        &json!(["adviser"]),
        "a role of one's own making can be given"
    );
}
