//! Sign-in of the staff.

use aiscra_tests::{TestApp, count_statements, for_each_bus};
use api::platform::auth;
use domain::access::Role;
use domain::kernel::AccountId;
use serde_json::json;

use super::{PASSWORD, hire, refresh, sign_in, viewer};

#[tokio::test]
async fn the_right_password_opens_a_session() {
    for_each_bus(async |test: TestApp| {
        hire(&test, "inspector.one", Role::Inspector).await;
        let reply = sign_in(&test, " Inspector.One ", PASSWORD).await;
        assert_eq!(reply.at("/sessionOpen/session/expiresIn"), 600);
        let token = reply.text("/sessionOpen/session/accessToken");
        let me = viewer(&test, token).await;
        assert_eq!(me.text("/viewer/login"), "inspector.one");
        assert!(me.at("/viewer/permissions").as_array().unwrap().contains(&"READING_WRITE".into()));
        let trail: Option<i64> =
            test.scalar("SELECT count(*) FROM platform.audit_entry WHERE action = 'session_opened'").await;
        assert_eq!(trail, Some(1));
        assert_eq!(viewer(&test, &format!("{token}x")).await.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[tokio::test]
async fn logins_of_rows_are_told_by_name_to_the_staff() {
    let test = TestApp::new().await;
    hire(&test, "cashier.one", Role::Cashier).await;
    test.sql("UPDATE access.staff SET name = 'Сейтқали Айгүл', active = false WHERE login = 'cashier.one'")
        .await;
    let query = "query($l: [String!]!) { staffNames(logins: $l) { login name } }";
    let logins = json!({ "l": ["seed", "cashier.one", "1000001"] });
    let reply = test.graphql(query, logins.clone()).as_role(Role::OperatorMulti).await;
    assert_eq!(
        reply.at("/staffNames"),
        &json!([{ "login": "cashier.one", "name": "Сейтқали Айгүл" }]),
        "also who has left"
    );
    let subscriber = test.graphql(query, logins.clone()).as_subscriber(AccountId(1));
    assert_eq!(subscriber.await.codes(), ["FORBIDDEN"]);
    let many = json!({ "l": vec!["x"; 101] });
    assert_ne!(test.graphql(query, many).as_role(Role::OperatorMulti).await.codes(), [""; 0]);
}

#[tokio::test]
async fn unknown_wrong_inactive_and_locked_are_one_answer() {
    let test = TestApp::new().await;
    hire(&test, "known", Role::Cashier).await;
    hire(&test, "gone", Role::Cashier).await;
    test.sql("UPDATE access.staff SET active = false WHERE login = 'gone'").await;
    let unknown = sign_in(&test, "unknown", PASSWORD).await;
    let wrong = sign_in(&test, "known", "wrong").await;
    let inactive = sign_in(&test, "gone", PASSWORD).await;
    test.sql("UPDATE access.staff SET locked_until = now() + interval '1 minute' WHERE login = 'known'")
        .await;
    let locked = sign_in(&test, "known", PASSWORD).await;
    for reply in [&unknown, &wrong, &inactive, &locked] {
        assert_eq!(reply.refusals(), ["BAD_CREDENTIALS"]);
        assert_eq!(reply.data, unknown.data);
    }
}

#[tokio::test]
async fn failures_lock_for_longer_and_longer() {
    let test = TestApp::new().await;
    hire(&test, "cashier.one", Role::Cashier).await;
    let locked_for = "SELECT round(extract(epoch FROM locked_until - now()))::int FROM access.staff";
    let fail =
        async || assert_eq!(sign_in(&test, "cashier.one", "wrong").await.refusals(), ["BAD_CREDENTIALS"]);
    for _ in 0..4 {
        fail().await;
    }
    assert_eq!(test.scalar::<Option<i32>>(locked_for).await.flatten(), None, "four failures are forgiven");
    for expected in [60, 120, 240] {
        fail().await;
        let seconds: i32 = test.scalar(locked_for).await.unwrap();
        assert!((expected - 5..=expected).contains(&seconds), "{seconds} instead of {expected}");
        assert_eq!(sign_in(&test, "cashier.one", PASSWORD).await.refusals(), ["BAD_CREDENTIALS"], "locked");
        test.sql("UPDATE access.staff SET locked_until = now() - interval '1 second'").await;
    }
    sign_in(&test, "cashier.one", PASSWORD).await.text("/sessionOpen/session/accessToken");
    assert_eq!(test.scalar::<i32>("SELECT failed_count FROM access.staff").await, Some(0));
}

#[tokio::test]
async fn parallel_guesses_do_not_outrun_the_lock() {
    let test = TestApp::new().await;
    hire(&test, "cashier.one", Role::Cashier).await;
    futures_util::future::join_all((0..12).map(|_| sign_in(&test, "cashier.one", "wrong"))).await;
    let tried: i64 = test
        .scalar("SELECT count(*) FROM platform.audit_entry WHERE action = 'sign_in_refused'")
        .await
        .unwrap();
    assert_eq!(tried, 5, "only five passwords were looked at");
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_copy_ends_the_session() {
    for_each_bus(async |test: TestApp| {
        hire(&test, "auditor.one", Role::Auditor).await;
        let first = sign_in(&test, "auditor.one", PASSWORD).await;
        let first_refresh = first.text("/sessionOpen/session/refreshToken");
        let second = refresh(&test, first_refresh).await;
        let access = second.text("/sessionRefresh/session/accessToken");
        assert_eq!(viewer(&test, access).await.text("/viewer/login"), "auditor.one");

        test.sql("UPDATE access.refresh_token SET used_at = used_at - interval '31 seconds'").await;
        assert_eq!(refresh(&test, first_refresh).await.refusals(), ["SESSION_OVER"], "used before");
        let next = second.text("/sessionRefresh/session/refreshToken");
        assert_eq!(refresh(&test, next).await.refusals(), ["SESSION_OVER"], "the whole session is over");
        assert_eq!(viewer(&test, access).await.codes(), ["UNAUTHENTICATED"], "the access token too, at once");
        assert_eq!(refresh(&test, "nonsense").await.refusals(), ["SESSION_OVER"]);
        let stolen: Option<i64> =
            test.scalar("SELECT count(*) FROM platform.audit_entry WHERE action = 'session_stolen'").await;
        assert_eq!(stolen, Some(1));
    })
    .await;
}

#[tokio::test]
async fn whoever_never_saw_the_answer_may_ask_again_and_only_one_chain_goes_on() {
    for_each_bus(async |test: TestApp| {
        hire(&test, "auditor.one", Role::Auditor).await;
        let opened = sign_in(&test, "auditor.one", PASSWORD).await;
        let token = opened.text("/sessionOpen/session/refreshToken");
        // Two tabs at one moment, or a page left while the answer was on its way.
        let (a, b) = tokio::join!(refresh(&test, token), refresh(&test, token));
        let next =
            |reply: &aiscra_tests::Reply| reply.text("/sessionRefresh/session/refreshToken").to_owned();
        let (kept, lost) = (next(&a), next(&b));
        assert_ne!(kept, lost);
        let after = refresh(&test, &kept).await;
        // The brother that nobody kept is spent together with the kept one: who has it later has a copy.
        test.sql("UPDATE access.refresh_token SET used_at = used_at - interval '31 seconds'").await;
        assert_eq!(refresh(&test, &lost).await.refusals(), ["SESSION_OVER"]);
        assert_eq!(refresh(&test, &next(&after)).await.refusals(), ["SESSION_OVER"], "both owners are out");
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_the_access_token_in_every_process() {
    let test = TestApp::on(aiscra_tests::BusKind::Redis).await;
    let neighbour = test.neighbour(aiscra_tests::BusKind::Redis).await;
    hire(&test, "manager.one", Role::Manager).await;
    let opened = sign_in(&test, "manager.one", PASSWORD).await;
    let token = opened.text("/sessionOpen/session/accessToken");
    assert_eq!(viewer(&neighbour, token).await.text("/viewer/login"), "manager.one");
    let closed = test
        .graphql("mutation { sessionClose(input: {}) { closed errors { code } } }", serde_json::json!({}))
        .with_token(token)
        .await;
    assert_eq!(closed.at("/sessionClose/closed"), true);
    assert_eq!(viewer(&neighbour, token).await.codes(), ["UNAUTHENTICATED"]);
    assert_eq!(
        refresh(&test, opened.text("/sessionOpen/session/refreshToken")).await.refusals(),
        ["SESSION_OVER"]
    );
}

#[tokio::test]
async fn many_looks_at_one_session_are_one_look_into_the_tables() {
    for_each_bus(async |test: TestApp| {
        hire(&test, "many.sockets", Role::Auditor).await;
        let signed = sign_in(&test, "many.sockets", PASSWORD).await;
        let bearer = format!("Bearer {}", signed.text("/sessionOpen/session/accessToken"));
        let looks = futures_util::future::join_all((0..50).map(|_| auth::actor(&test.app, &bearer)));
        let (found, statements) = count_statements(looks).await;
        assert!(found.iter().all(Option::is_some));
        assert_eq!(statements, 1);
    })
    .await;
}
