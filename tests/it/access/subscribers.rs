//! Sign-in of subscribers with a one-time code.

use aiscra_tests::{Reply, TestApp, for_each_bus, for_each_bus_with};
use domain::access::Role;
use serde_json::json;

const PHONE: &str = "+7 701 555 12 34";

/// Two accounts of one holder, a third of somebody else. Returns nothing: the ids are 1, 2, 3 and the numbers 100001 …
async fn three_accounts(test: &TestApp) {
    let sealed = |text: &str| format!("'\\x{}'::bytea", hex(&test.app.vault.seal(text)));
    test.sql("INSERT INTO premises.district (id, code, name_kk, name_ru, name_en) VALUES (901, 't901', 'a', 'b', 'c')").await;
    test.sql("INSERT INTO premises.street (id, code, name_kk, name_ru) VALUES (901, 's901', 'a', 'b')").await;
    test.sql("INSERT INTO premises.building (id, district_id, street_id, house, kind) VALUES (901, 901, 901, '1', 'apartment')").await;
    for (party, phone, email) in [(1, PHONE, "a@example.org"), (2, "+7 702 555 77 88", "b@example.org")] {
        test.sql(&format!(
            "INSERT INTO subscribers.party (id, kind, name, phone, email, language) VALUES ({party}, 'person', 'P', {}, {}, 'kk')",
            sealed(phone),
            sealed(email)
        ))
        .await;
    }
    for (account, party) in [(1, 1), (2, 1), (3, 2)] {
        test.sql(&format!("INSERT INTO premises.premise (id, building_id, number, kind) VALUES ({account}, 901, '{account}', 'flat')")).await;
        test.sql(&format!(
            "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
             VALUES ({account}, '10000{account}', 'multi', 'population', 901, 901, {account}, '2025-01-01')"
        ))
        .await;
        test.sql(&format!(
            "INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by) VALUES ({account}, {party}, '[2025-01-01,)', 'test')"
        ))
        .await;
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn send(test: &TestApp, number: &str, channel: &str) -> Reply {
    let query =
        "mutation($n: String!, $c: CodeChannel) { loginCodeSend(input: { accountNumber: $n, channel: $c }) {
        sentTo expiresIn errors { code } } }";
    test.graphql(query, json!({ "n": number, "c": channel })).await
}

async fn confirm(test: &TestApp, number: &str, code: &str) -> Reply {
    let query =
        "mutation($n: String!, $c: String!) { loginCodeConfirm(input: { accountNumber: $n, code: $c }) {
        session { accessToken refreshToken } errors { code } } }";
    test.graphql(query, json!({ "n": number, "c": code })).await
}

/// The code in the newest message to the holder.
async fn received(test: &TestApp, number: &str) -> String {
    let reply = test
        .graphql(
            "query($n: String!) { devMessages(account: $n) { body recipient channel } }",
            json!({ "n": number }),
        )
        .await;
    let body = reply.text("/devMessages/0/body").to_owned();
    body.chars().filter(char::is_ascii_digit).take(6).collect()
}

async fn me(test: &TestApp, token: &str) -> Reply {
    test.graphql("{ me { account { number } accounts { nodes { number } } } }", json!({}))
        .with_token(token)
        .await
}

#[tokio::test]
async fn a_code_opens_the_holders_own_accounts() {
    for_each_bus(async |test: TestApp| {
        three_accounts(&test).await;
        let sent = send(&test, "100001", "SMS").await;
        assert_eq!(sent.text("/loginCodeSend/sentTo"), "+7 *** *** ** 34");
        let code = received(&test, "100001").await;
        let opened = confirm(&test, "100001", &code).await;
        let token = opened.text("/loginCodeConfirm/session/accessToken");
        let seen = me(&test, token).await;
        assert_eq!(seen.text("/me/account/number"), "100001");
        let numbers = seen.at("/me/accounts/nodes");
        assert_eq!(
            numbers,
            &json!([{ "number": "100001" }, { "number": "100002" }]),
            "both of the holder, no other"
        );
        assert_eq!(confirm(&test, "100001", &code).await.refusals(), ["CODE_WRONG"], "a code works once");
        let staff = test.graphql("{ viewer { login } }", json!({})).with_token(token).await;
        assert_eq!(staff.codes(), ["FORBIDDEN"]);
    })
    .await;
}

#[tokio::test]
async fn a_code_comes_by_e_mail_too() {
    let test = TestApp::new().await;
    three_accounts(&test).await;
    assert_eq!(send(&test, "100003", "EMAIL").await.text("/loginCodeSend/sentTo"), "b***@***");
    let code = received(&test, "100003").await;
    confirm(&test, "100003", &code).await.text("/loginCodeConfirm/session/accessToken");
}

#[tokio::test]
async fn nobody_learns_which_numbers_exist() {
    let test = TestApp::new().await;
    three_accounts(&test).await;
    let began = std::time::Instant::now();
    let known = send(&test, "100001", "SMS").await;
    let known_took = began.elapsed();
    let unknown = send(&test, "999999", "SMS").await;
    let unknown_took = began.elapsed() - known_took;
    let shape = |reply: &Reply| {
        reply
            .text("/loginCodeSend/sentTo")
            .chars()
            .map(|c| if c.is_ascii_digit() { '0' } else { c })
            .collect::<String>()
    };
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(known.at("/loginCodeSend/expiresIn"), unknown.at("/loginCodeSend/expiresIn"));
    assert!(known_took.abs_diff(unknown_took).as_millis() < 200, "{known_took:?} {unknown_took:?}");
    assert_eq!(send(&test, "999999", "SMS").await.data, unknown.data, "always the same");
    assert_eq!(confirm(&test, "999999", "000000").await.refusals(), ["CODE_WRONG"]);
    assert_eq!(test.scalar::<i64>("SELECT count(*) FROM platform.message").await, Some(1));
}

#[tokio::test]
async fn a_code_allows_five_guesses_and_five_minutes() {
    for_each_bus(async |test: TestApp| {
        three_accounts(&test).await;
        send(&test, "100001", "SMS").await.ok();
        let code = received(&test, "100001").await;
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            assert_eq!(confirm(&test, "100001", wrong).await.refusals(), ["CODE_WRONG"]);
        }
        assert_eq!(
            confirm(&test, "100001", &code).await.refusals(),
            ["CODE_WRONG"],
            "the sixth guess is not looked at"
        );

        send(&test, "100001", "SMS").await.ok();
        let code = received(&test, "100001").await;
        assert_eq!(
            confirm(&test, "100003", &code).await.refusals(),
            ["CODE_WRONG"],
            "a code of another account"
        );
        test.sql("UPDATE access.login_code SET expires_at = now() - interval '1 second'").await;
        assert_eq!(confirm(&test, "100001", &code).await.refusals(), ["CODE_WRONG"], "too old");
    })
    .await;
}

#[tokio::test]
async fn codes_cannot_be_asked_for_without_end() {
    for_each_bus_with(
        |config| config.demo = false,
        async |test: TestApp| {
            for number in ["100001", "999999"] {
                for _ in 0..3 {
                    assert!(send(&test, number, "SMS").await.refusals().is_empty());
                }
                assert_eq!(send(&test, number, "SMS").await.refusals(), ["TOO_MANY_REQUESTS"]);
            }
            let hidden = test.graphql("{ devMessages { body } }", json!({})).await;
            assert_eq!(hidden.codes(), ["DEMO_ONLY"], "outside the demo there is no outbox to look into");
        },
    )
    .await;
}

#[tokio::test]
async fn who_moves_out_is_signed_out() {
    for_each_bus(async |test: TestApp| {
    three_accounts(&test).await;
    send(&test, "100003", "SMS").await.ok();
    let code = received(&test, "100003").await;
    let opened = confirm(&test, "100003", &code).await;
    let token = opened.text("/loginCodeConfirm/session/accessToken");
    // Straight in the tables: moving is another subsystem's act.
    test.sql("UPDATE subscribers.holder SET valid = '[2025-01-01,2026-03-01)' WHERE account_id = 3").await;
    test.sql("INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by) VALUES (3, 1, '[2026-03-01,)', 'test')").await;
    assert_eq!(me(&test, token).await.codes(), ["UNAUTHENTICATED"]);
    })
    .await;
}

#[tokio::test]
async fn the_cabinet_dies_with_the_move() {
    let move_in = "mutation($id: ID!) { accountMoveIn(input: { id: $id, expectedVersion: 1, date: \"2026-03-10\",
        holder: { kind: PERSON, name: \"Сейтқали Айгүл\", phone: \"+7 705 111 22 33\" } }) { account { version } errors { code } } }";
    let move_out =
        "mutation($id: ID!) { accountMoveOut(input: { id: $id, expectedVersion: 1, date: \"2026-03-10\" }) {
        account { version } errors { code } } }";
    let refresh = "mutation($t: String!) { sessionRefresh(input: { refreshToken: $t }) { session { accessToken } errors { code } } }";
    // Who may leave without a final bill is a legal entity.
    for (query, role, sector) in
        [(move_in, Role::OperatorMulti, "multi"), (move_out, Role::OperatorLegal, "legal")]
    {
        let test = TestApp::new().await;
        three_accounts(&test).await;
        test.sql("SELECT setval(pg_get_serial_sequence('subscribers.party', 'id'), 1000)").await;
        test.sql(&format!("UPDATE subscribers.account SET sector = '{sector}' WHERE id = 1")).await;
        send(&test, "100001", "SMS").await.ok();
        let opened = confirm(&test, "100001", &received(&test, "100001").await).await;
        let token = opened.text("/loginCodeConfirm/session/accessToken").to_owned();
        let kept = opened.text("/loginCodeConfirm/session/refreshToken").to_owned();
        send(&test, "100002", "SMS").await.ok();
        let other = confirm(&test, "100002", &received(&test, "100002").await).await;
        let other = other.text("/loginCodeConfirm/session/accessToken").to_owned();
        // A code is on its way to who leaves.
        send(&test, "100001", "SMS").await.ok();
        let code = received(&test, "100001").await;

        let id = api::platform::graphql::id::encode("Account", 1);
        let moved = test.graphql(query, json!({ "id": id })).as_role(role).await;
        assert_eq!(moved.refusals(), [""; 0]);
        assert_eq!(me(&test, &token).await.codes(), ["UNAUTHENTICATED"]);
        let again = test.graphql(refresh, json!({ "t": kept })).await;
        assert!(
            again.data.pointer("/sessionRefresh/session").is_none_or(serde_json::Value::is_null),
            "{again:?}"
        );
        assert_eq!(
            confirm(&test, "100001", &code).await.refusals(),
            ["CODE_WRONG"],
            "nor opens the next one's cabinet"
        );
        let told = "SELECT count(*) FROM platform.outbox WHERE event->'fact'->>'type' = 'session_revoked'";
        assert_eq!(test.scalar::<i64>(told).await, Some(1), "open sockets hear of it");

        // His other account is his still; the one he left is shown to him only while nobody came after him: its final bill is his.
        let seen = me(&test, &other).await;
        let shown = match query == move_in {
            true => json!([{ "number": "100002" }]),
            false => json!([{ "number": "100001" }, { "number": "100002" }]),
        };
        assert_eq!(seen.at("/me/accounts/nodes"), &shown);
    }
}
