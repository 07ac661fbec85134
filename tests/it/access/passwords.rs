//! Passwords: changed by their owner, given anew by an administrator, known to nobody else.

use aiscra_tests::{BusKind, Reply, TestApp, for_each_bus};
use api::platform::graphql::id;
use api::platform::messages::Language;
use domain::access::Role;
use serde_json::json;

use super::{PASSWORD, hire, refresh, sign_in, viewer};

const NEW: &str = "another horse, another staple";

async fn token(test: &TestApp, login: &str, password: &str) -> String {
    sign_in(test, login, password).await.text("/sessionOpen/session/accessToken").to_owned()
}

async fn change(test: &TestApp, token: &str, current: Option<&str>, new: &str) -> Reply {
    let query =
        "mutation($i: PasswordChangeInput!) { passwordChange(input: $i) { changed errors { code field } } }";
    test.graphql(query, json!({ "i": { "current": current, "new": new } })).with_token(token).await
}

async fn reset(test: &TestApp, token: &str, user: i64) -> Reply {
    let query = "mutation($i: PasswordResetInput!) { passwordReset(input: $i) {
        user { id lockedUntil oneTimePasswordUntil } password until errors { code field } } }";
    test.graphql(query, json!({ "i": { "id": id::encode("User", user) } })).with_token(token).await
}

#[tokio::test]
async fn one_s_own_password_is_changed_and_other_sessions_end() {
    for_each_bus(async |test: TestApp| {
        hire(&test, "cashier.one", Role::Cashier).await;
        let (here, there) =
            (token(&test, "cashier.one", PASSWORD).await, sign_in(&test, "cashier.one", PASSWORD).await);
        for (current, new, code, field) in [
            (Some(PASSWORD), "short", "PASSWORD_SHORT", "new"),
            (Some(PASSWORD), "my cashier.one word", "PASSWORD_LIKE_LOGIN", "new"),
            (Some(PASSWORD), "qwertyuiop", "PASSWORD_SIMPLE", "new"),
            (Some(PASSWORD), PASSWORD, "PASSWORD_SAME", "new"),
            (Some("not the password"), NEW, "PASSWORD_WRONG", "current"),
            (None, NEW, "EMPTY", "current"),
        ] {
            let refused = change(&test, &here, current, new).await;
            assert_eq!(refused.refusals(), [code], "{new}");
            assert_eq!(refused.at("/passwordChange/errors/0/field"), field);
            assert_eq!(refused.at("/passwordChange/changed"), false);
        }
        let done = change(&test, &here, Some(PASSWORD), NEW).await;
        assert_eq!(done.at("/passwordChange/changed"), true);
        let again = change(&test, &here, Some(PASSWORD), NEW).await;
        assert_eq!(again.data, done.data, "the same request twice is the same answer");

        assert_eq!(viewer(&test, &here).await.text("/viewer/login"), "cashier.one", "this session goes on");
        let other = there.text("/sessionOpen/session/accessToken");
        assert_eq!(viewer(&test, other).await.codes(), ["UNAUTHENTICATED"], "the other is over at once");
        let other = there.text("/sessionOpen/session/refreshToken");
        assert_eq!(refresh(&test, other).await.refusals(), ["SESSION_OVER"]);
        assert_eq!(sign_in(&test, "cashier.one", PASSWORD).await.refusals(), ["BAD_CREDENTIALS"]);
        token(&test, "cashier.one", NEW).await;
        let trail =
            |action: &str| format!("SELECT count(*) FROM platform.audit_entry WHERE action = '{action}'");
        assert_eq!(test.scalar::<i64>(&trail("password_changed")).await, Some(1));
        assert_eq!(test.scalar::<i64>(&trail("password_change_refused")).await, Some(1));
    })
    .await;
}

#[tokio::test]
async fn a_session_left_open_is_no_place_to_guess() {
    let test = TestApp::new().await;
    hire(&test, "cashier.one", Role::Cashier).await;
    let here = token(&test, "cashier.one", PASSWORD).await;
    for guess in 0..5 {
        let wrong = change(&test, &here, Some(&format!("guess number {guess}")), NEW).await;
        assert_eq!(wrong.refusals(), ["PASSWORD_WRONG"]);
    }
    let right = change(&test, &here, Some(PASSWORD), NEW).await;
    assert_eq!(right.refusals(), ["PASSWORD_WRONG"], "locked, and says no more than that");
    assert_eq!(sign_in(&test, "cashier.one", PASSWORD).await.refusals(), ["BAD_CREDENTIALS"], "the door too");
    test.sql("UPDATE access.staff SET locked_until = now() - interval '1 second'").await;
    assert_eq!(change(&test, &here, Some(PASSWORD), NEW).await.refusals(), [""; 0]);
    assert_eq!(test.scalar::<i32>("SELECT failed_count FROM access.staff").await, Some(0));
}

#[tokio::test]
async fn an_administrator_gives_a_password_that_opens_nothing_but_its_change() {
    let test = TestApp::on(BusKind::Redis).await;
    let neighbour = test.neighbour(BusKind::Redis).await;
    let forgetful = hire(&test, "operator.one", Role::OperatorPrivate).await;
    let boss = hire(&test, "boss", Role::Administrator).await;
    let before = token(&test, "operator.one", PASSWORD).await;
    for _ in 0..5 {
        sign_in(&test, "operator.one", "forgotten").await;
    }
    assert_eq!(reset(&test, &before, forgetful).await.codes(), ["FORBIDDEN"]);
    let boss_token = token(&test, "boss", PASSWORD).await;
    assert_eq!(reset(&test, &boss_token, boss).await.refusals(), ["OWN_PASSWORD"]);
    let given = reset(&test, &boss_token, forgetful).await;
    let once = given.text("/passwordReset/password").to_owned();
    assert_eq!(given.at("/passwordReset/user/oneTimePasswordUntil"), given.at("/passwordReset/until"));
    assert_eq!(given.at("/passwordReset/user/lockedUntil"), &json!(null), "failures are forgiven");
    assert_eq!(viewer(&neighbour, &before).await.codes(), ["UNAUTHENTICATED"], "sessions end everywhere");
    assert_eq!(sign_in(&test, "operator.one", PASSWORD).await.refusals(), ["BAD_CREDENTIALS"]);
    let hours: i32 = test
        .scalar("SELECT round(extract(epoch FROM one_time_until - now()) / 3600)::int FROM access.staff WHERE login = 'operator.one'")
        .await
        .unwrap();
    assert_eq!(hours, 24);

    let door = token(&test, "operator.one", &once).await;
    let seen = "{ viewer { login passwordDue permissions } businessDate }";
    let seen = test.graphql(seen, json!({})).with_token(&door).await;
    assert_eq!(
        seen.at("/viewer"),
        &json!({ "login": "operator.one", "passwordDue": true, "permissions": [] })
    );
    for query in [
        "{ accounts { nodes { id } } }",
        "{ users { nodes { id } } }",
        "{ sessions { nodes { id } } }",
        "{ secondFactor { onSince } }",
        "mutation { secondFactorStart { secret errors { code } } }",
        "mutation { businessDateSet(input: { date: \"2026-04-01\" }) { errors { code } } }",
    ] {
        let refused = test.graphql(query, json!({})).with_token(&door).await;
        assert_eq!(refused.codes(), ["PASSWORD_DUE"], "{query}");
    }
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let node = test.graphql(node, json!({ "id": id::encode("User", forgetful) })).with_token(&door).await;
    assert_eq!(node.codes(), ["PASSWORD_DUE"]);
    let served = test.serve().await;
    let file = reqwest::Client::new()
        .get(served.url(&format!("/files/made/{}", id::encode("File", 1))))
        .bearer_auth(&door)
        .send()
        .await
        .unwrap();
    assert_eq!(file.status(), 401, "nor by the doors beside GraphQL");

    assert_eq!(change(&test, &door, None, &once).await.refusals(), ["PASSWORD_SAME"]);
    assert_eq!(change(&test, &door, Some("wrong"), NEW).await.refusals(), ["PASSWORD_WRONG"]);
    assert_eq!(change(&neighbour, &door, None, NEW).await.refusals(), [""; 0], "not asked for once more");
    assert_eq!(change(&neighbour, &door, None, NEW).await.refusals(), [""; 0], "the same once more");
    let free = viewer(&test, &door).await;
    assert!(free.at("/viewer/permissions").as_array().unwrap().contains(&json!("ACCOUNT_READ")));
    test.graphql("{ accounts { nodes { id } } }", json!({})).with_token(&door).await.ok();
    assert_eq!(sign_in(&test, "operator.one", &once).await.refusals(), ["BAD_CREDENTIALS"], "good once");

    // Neither password stands anywhere that is kept or told.
    for table in ["platform.audit_entry", "platform.outbox", "access.staff", "access.session"] {
        for secret in [once.as_str(), NEW, PASSWORD] {
            let kept = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{secret}%'");
            assert_eq!(test.scalar::<i64>(&kept).await, Some(0), "{secret} in {table}");
        }
    }
    let trail = "query($id: ID!) { auditTrail(entity: \"user\", entityId: $id) { nodes { action actor } } }";
    let trail = test
        .graphql(trail, json!({ "id": id::encode("User", forgetful) }))
        .with_token(&token(&test, "boss", PASSWORD).await)
        .await;
    let nodes = trail.at("/auditTrail/nodes").as_array().unwrap();
    for (action, actor) in [("password_reset", "boss"), ("password_changed", "operator.one")] {
        assert!(nodes.contains(&json!({ "action": action, "actor": actor })), "{action}: {nodes:?}");
    }
}

#[tokio::test]
async fn a_one_time_password_is_over_in_time() {
    let test = TestApp::new().await;
    let late = hire(&test, "inspector.one", Role::Inspector).await;
    hire(&test, "boss", Role::Administrator).await;
    let boss = token(&test, "boss", PASSWORD).await;
    let once = reset(&test, &boss, late).await.text("/passwordReset/password").to_owned();
    let door = token(&test, "inspector.one", &once).await;
    test.sql("UPDATE access.staff SET one_time_until = now() - interval '1 second' WHERE one_time_until IS NOT NULL")
        .await;
    assert_eq!(sign_in(&test, "inspector.one", &once).await.refusals(), ["ONE_TIME_PASSWORD_OVER"]);
    assert_eq!(
        sign_in(&test, "inspector.one", "not it").await.refusals(),
        ["BAD_CREDENTIALS"],
        "told only to who knows it"
    );
    // What a process still believes of the session is gone within seconds.
    api::platform::auth::forget(&test.app, test.app.tokens.session(&door).unwrap()).await;
    assert_eq!(change(&test, &door, None, NEW).await.codes(), ["UNAUTHENTICATED"]);
    let next = reset(&test, &boss, late).await.text("/passwordReset/password").to_owned();
    assert_ne!(next, once);
    token(&test, "inspector.one", &next).await;

    test.sql("UPDATE access.staff SET active = false WHERE login = 'inspector.one'").await;
    assert_eq!(reset(&test, &boss, late).await.refusals(), ["USER_DISABLED"]);
}

#[tokio::test]
async fn a_first_password_is_changed_at_the_first_sign_in() {
    let test = TestApp::new().await;
    let create = "mutation($i: UserCreateInput!) { userCreate(input: $i) {
        user { oneTimePasswordUntil } errors { code field message } } }";
    let input = |password: &str| json!({ "i": { "login": "newcomer", "name": "N", "password": password, "roles": ["cashier"] } });
    let simple = test
        .graphql(create, input("Пароль-2026"))
        .as_role(Role::Administrator)
        .in_language(Language::Kk)
        .await;
    assert_eq!(simple.refusals(), ["PASSWORD_SIMPLE"]);
    assert!(simple.text("/userCreate/errors/0/message").contains("құпиясөз"));
    let made = test.graphql(create, input(PASSWORD)).as_role(Role::Administrator).await;
    assert!(made.at("/userCreate/user/oneTimePasswordUntil").is_string());
    let door = token(&test, "newcomer", PASSWORD).await;
    assert_eq!(
        test.graphql("{ accounts { nodes { id } } }", json!({})).with_token(&door).await.codes(),
        ["PASSWORD_DUE"]
    );
    assert_eq!(change(&test, &door, None, NEW).await.refusals(), [""; 0]);
    test.graphql("{ accounts { nodes { id } } }", json!({})).with_token(&door).await.ok();
}
