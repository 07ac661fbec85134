use aiscra_tests::march;
use domain::access::Role;
use serde_json::json;

use super::*;

const ISSUE: &str = "mutation { noticesIssue(input: { sector: MULTI }) { job { id } errors { code } } }";
const LIST: &str = "{ notices(first: 5) { nodes { id state debt overdue deadline text { ru } } } }";

#[tokio::test]
async fn warned_paid_or_disconnected_and_connected_again() {
    let city = debtors(3).await;
    // Two months unpaid: accounts 1 and 2; account 3 owes for one only.
    owe(&city, 1, 701, "2026-01", "2026-02-25").await;
    owe(&city, 2, 702, "2026-01", "2026-02-25").await;
    let forecast = city
        .graphql(
            "{ noticeForecast { accounts debt months deadline } noticeCandidates { nodes { debt months } } }",
            json!({}),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(
        *forecast.at("/noticeForecast"),
        json!({ "accounts": 2, "debt": "4000.00", "months": 2, "deadline": "2026-04-25" })
    );
    assert_eq!(code(&act(&city, Role::OperatorMulti, ISSUE, json!({})).await), "");
    city.run_jobs().await;
    let rows = city.graphql(LIST, json!({})).as_role(Role::OperatorMulti).await;
    assert_eq!(rows.at("/notices/nodes").as_array().unwrap().len(), 2);
    assert!(rows.text("/notices/nodes/0/text/ru").contains("2\u{a0}000,00"), "{rows:?}");
    assert_eq!(code(&act(&city, Role::OperatorMulti, ISSUE, json!({})).await), "");
    city.run_jobs().await;
    let warned: Option<i64> = city.scalar("SELECT count(*) FROM debt.notice").await;
    assert_eq!(warned, Some(2), "warned twice they are warned once");

    let of = |id: i64| Gid(NoticeId(id)).encode();
    let first: Option<i64> = city.scalar("SELECT id FROM debt.notice WHERE account_id = 1").await;
    let act_on = json!({ "id": of(first.unwrap()), "on": "2026-03-26", "a": document() });
    let off = "mutation($id: ID!, $on: Date!, $a: ID!) { noticeDisconnect(input: { id: $id, on: $on, actId: $a }) { notice { state } errors { code } } }";
    assert_eq!(code(&act(&city, Role::OperatorMulti, off, act_on.clone()).await), "NOTICE_DEADLINE");
    city.sql("UPDATE debt.notice SET deadline = '2026-03-20'").await;

    pay(&city, 2, "2000.00", "2026-03-25", "bank-in-time").await;
    // Taken over after the warning, another's old debt is not what was warned of.
    let moved = act(
        &city,
        Role::Accountant,
        "mutation($f: ID!, $t: ID!, $d: ID!) { transferCreate(input: { fromId: $f, toId: $t, documentId: $d, reason: \"не тому\" }) {
            transfer { state } errors { code } } }",
        json!({ "f": account(3), "t": account(2), "d": document() }),
    )
    .await;
    assert_eq!(moved["transfer"]["state"], "POSTED", "{moved}");
    act(&city, Role::OperatorMulti, "mutation { debtRefresh { errors { code } } }", json!({})).await;
    city.run_jobs().await;
    let paid: Option<String> = city.scalar("SELECT state FROM debt.notice WHERE account_id = 2").await;
    assert_eq!(paid.as_deref(), Some("paid"));

    let done = act(&city, Role::OperatorMulti, off, act_on.clone()).await;
    assert_eq!(done["notice"]["state"], "DISCONNECTED", "{done}");
    let on = "mutation($id: ID!, $on: Date!, $a: ID!) { noticeReconnect(input: { id: $id, on: $on, actId: $a }) { notice { state fee } errors { code } } }";
    city.sql(
        "INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at)
         VALUES ('debt.reconnection_fee', '\"1160\"', '[2026-01-01,)', 'test', 'a', 'b', now())",
    )
    .await;
    let back = act(&city, Role::OperatorMulti, on, act_on).await;
    assert_eq!(back["notice"], json!({ "state": "RECONNECTED", "fee": "1160.00" }), "{back}");
    assert_eq!(owed(&city, 1).await, "3160.00");
}

/// Runs March; the service, basis, days and litres of the lines, and the excuses of bills without any.
async fn march_of(city: &TestApp) -> (Vec<String>, Vec<String>) {
    let run = api::billing::ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    assert_eq!(run.failures, 0);
    let lines = city
        .texts(
            "SELECT concat_ws(' ', service, basis, from_day, to_day, liters) FROM billing.charge_line
             WHERE run_id = (SELECT max(id) FROM billing.run) ORDER BY account_id, line",
        )
        .await;
    let excuses =
        city.texts("SELECT excuse FROM billing.bill WHERE NOT reversed AND excuse IS NOT NULL").await;
    (lines, excuses)
}

/// Disconnected on 1 March, connected again on the 11th: nobody pays the norm for the days between, and the act says why.
#[tokio::test]
async fn nothing_is_charged_for_the_days_of_a_disconnection() {
    let city = debtors(1).await;
    owe(&city, 1, 701, "2026-01", "2026-02-25").await;
    act(&city, Role::OperatorMulti, ISSUE, json!({})).await;
    city.run_jobs().await;
    city.sql("UPDATE debt.notice SET deadline = '2026-02-20'").await;
    let id: Option<i64> = city.scalar("SELECT id FROM debt.notice").await;
    let id = Gid(NoticeId(id.unwrap())).encode();
    let off = "mutation($id: ID!, $on: Date!, $a: ID!) { noticeDisconnect(input: { id: $id, on: $on, actId: $a }) { notice { state } errors { code } } }";
    let on = "mutation($id: ID!, $on: Date!, $a: ID!) { noticeReconnect(input: { id: $id, on: $on, actId: $a }) { notice { state } errors { code } } }";
    let said = json!({ "id": id, "on": "2026-03-01", "a": document() });
    let done = act(&city, Role::OperatorMulti, off, said).await;
    assert_eq!(done["notice"]["state"], "DISCONNECTED", "{done}");
    let cases =
        "SELECT concat_ws(' ', kind, point_id, lower(valid), coalesce(upper(valid)::text, 'on'), document_id)
         FROM consumption.special WHERE upper_inf(recorded)";
    assert_eq!(city.texts(cases).await, ["no_service 1 2026-03-01 on 1"]);
    assert_eq!(march_of(&city).await, (vec![], vec!["no_service".to_owned()]));

    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let run_id = RunId(city.scalar("SELECT max(id) FROM billing.run").await.unwrap());
    api::billing::ops::reverse_run(&mut tx, run_id, None, city.app.clock.today()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let said = json!({ "id": id, "on": "2026-03-11", "a": document() });
    let back = act(&city, Role::OperatorMulti, on, said).await;
    assert_eq!(back["notice"]["state"], "RECONNECTED", "{back}");
    assert_eq!(city.texts(cases).await, ["no_service 1 2026-03-01 2026-03-11 1"]);
    // 21 of 31 days of three people's 45 m³.
    let (lines, excuses) = march_of(&city).await;
    assert_eq!(
        lines,
        [
            "water no_service 2026-03-01 2026-03-11 0",
            "water norm 2026-03-11 2026-04-01 30484",
            "sewerage_cold no_service 2026-03-01 2026-03-11 0",
            "sewerage_cold norm 2026-03-11 2026-04-01 30484",
        ]
    );
    assert_eq!(excuses, [""; 0]);
}

#[tokio::test]
async fn a_plan_ends_the_warning_rests_the_penalty_and_breaks_visibly() {
    let city = debtors(1).await;
    owe(&city, 1, 701, "2026-01", "2026-02-25").await;
    act(&city, Role::OperatorMulti, ISSUE, json!({})).await;
    city.run_jobs().await;
    let agree = "mutation($a: ID!, $d: ID!) { planAgree(input: { accountId: $a, parts: 4, first: \"2026-03-27\", documentId: $d }) {
        plan { amount parts { dueOn amount covered } } errors { code } } }";
    let made = act(&city, Role::OperatorMulti, agree, json!({ "a": account(1), "d": document() })).await;
    assert_eq!(made["plan"]["amount"], "2000.00", "{made}");
    assert_eq!(made["plan"]["parts"][0]["amount"], "500.00");
    city.run_jobs().await;
    let state: Option<String> = city.scalar("SELECT state FROM debt.notice").await;
    assert_eq!(state.as_deref(), Some("plan"));
    // Kept since 1 March, it rests the penalty of March: January 4.44, February 20.71 and 3 days of the second debt.
    city.sql("UPDATE debt.plan SET agreed_on = '2026-03-01'").await;
    assert_eq!(accrue(&city).await, both("27.37", "0.00"));
    // The first part was due on 5 March and nothing came: from the 6th on penalty counts again.
    city.sql("UPDATE debt.plan_part SET due_on = '2026-03-05' WHERE due_on = '2026-03-27'").await;
    act(&city, Role::OperatorMulti, "mutation { debtRefresh { errors { code } } }", json!({})).await;
    city.run_jobs().await;
    let broken: Option<String> = city.scalar("SELECT state || ' ' || ended_on FROM debt.plan").await;
    assert_eq!(broken.as_deref(), Some("broken 2026-03-06"));
    // 20 days of both debts.
    assert_eq!(accrue(&city).await, both("29.58", "0.00"));
}

/// Disputes the whole of an item.
async fn dispute(city: &TestApp, of: i64, item: i64) {
    let opened = act(
        city,
        Role::OperatorMulti,
        "mutation($a: ID!, $i: ID!) { disputeOpen(input: { accountId: $a, openItemId: $i, amount: \"1000.00\", reason: \"wrong reading\" }) {
            dispute { id } errors { code } } }",
        json!({ "a": account(of), "i": Gid(OpenItemId(item)).encode() }),
    )
    .await;
    assert_eq!(code(&opened), "", "{opened}");
}

async fn items(city: &TestApp, of: i64) -> Vec<i64> {
    let rows = city
        .texts(&format!("SELECT id::text FROM ledger.open_item WHERE account_id = {of} ORDER BY id"))
        .await;
    rows.iter().map(|id| id.parse().unwrap()).collect()
}

#[tokio::test]
async fn a_month_that_is_disputed_as_a_whole_is_no_month_of_arrears() {
    let city = debtors(2).await;
    owe(&city, 1, 701, "2026-01", "2026-02-25").await;
    owe(&city, 2, 702, "2026-01", "2026-02-25").await;
    dispute(&city, 1, items(&city, 1).await[0]).await;
    let look = "{ noticeForecast { accounts debt } noticeCandidates { nodes { debt months } } }";
    let seen = city.graphql(look, json!({})).as_role(Role::OperatorMulti).await;
    // What is left of account 1 is large enough, but of one month.
    assert_eq!(*seen.at("/noticeForecast"), json!({ "accounts": 1, "debt": "2000.00" }));
    assert_eq!(*seen.at("/noticeCandidates/nodes"), json!([{ "debt": "2000.00", "months": 2 }]));
    // A month of which something is not disputed counts, with that alone.
    city.sql("UPDATE debt.dispute SET amount = 99999").await;
    let seen = city.graphql(look, json!({})).as_role(Role::OperatorMulti).await;
    assert_eq!(
        *seen.at("/noticeCandidates/nodes"),
        json!([{ "debt": "2000.00", "months": 2 }, { "debt": "1000.01", "months": 2 }])
    );
}

/// Today, of an account that was warned.
async fn disconnect(city: &TestApp, of: i64) -> Json {
    let id: Option<i64> = city.scalar(&format!("SELECT id FROM debt.notice WHERE account_id = {of}")).await;
    act(
        city,
        Role::OperatorMulti,
        "mutation($id: ID!, $a: ID!) { noticeDisconnect(input: { id: $id, on: \"2026-03-26\", actId: $a }) {
            notice { state overdue } errors { code } } }",
        json!({ "id": Gid(NoticeId(id.unwrap())).encode(), "a": document() }),
    )
    .await
}

#[tokio::test]
async fn a_debt_disputed_or_parted_after_the_warning_disconnects_nobody() {
    let city = debtors(3).await;
    for of in 1..=3 {
        owe(&city, of, 700 + of, "2026-01", "2026-02-25").await;
    }
    act(&city, Role::OperatorMulti, ISSUE, json!({})).await;
    city.run_jobs().await;
    city.sql("UPDATE debt.notice SET deadline = '2026-03-20'").await;
    // From here on no watch looks: the act has to see it by itself.
    for item in items(&city, 1).await {
        dispute(&city, 1, item).await;
    }
    assert_eq!(code(&disconnect(&city, 1).await), "NOTHING_OWED");
    let parted = act(
        &city,
        Role::OperatorMulti,
        "mutation($a: ID!, $d: ID!) { planAgree(input: { accountId: $a, parts: 4, first: \"2026-03-27\", documentId: $d }) { errors { code } } }",
        json!({ "a": account(2), "d": document() }),
    )
    .await;
    assert_eq!(code(&parted), "", "{parted}");
    assert_eq!(code(&disconnect(&city, 2).await), "PLAN_EXISTS");
    let states = city.texts("SELECT DISTINCT state FROM debt.notice").await;
    assert_eq!(states, ["warned"], "nobody has looked");

    // A dispute of one of two debts leaves the other one.
    dispute(&city, 3, items(&city, 3).await[0]).await;
    let done = disconnect(&city, 3).await;
    assert_eq!(done["notice"], json!({ "state": "DISCONNECTED", "overdue": "1000.00" }), "{done}");
    looked_at(&city).await;
    let states = city.texts("SELECT state FROM debt.notice ORDER BY account_id").await;
    assert_eq!(states, ["disputed", "plan", "disconnected"]);
}

#[tokio::test]
async fn a_warning_is_a_page_that_says_whom_how_much_and_by_when() {
    let city = debtors(2).await;
    owe(&city, 1, 701, "2026-01", "2026-02-25").await;
    api::access::demo::seed_demo_logins(&city.app).await.unwrap();
    assert_eq!(code(&act(&city, Role::OperatorMulti, ISSUE, json!({})).await), "");
    city.run_jobs().await;
    let listed = "{ notices(first: 5) { nodes { paperPath } } }";
    let rows = city.graphql(listed, json!({})).as_role(Role::OperatorMulti).await;
    let path = rows.text("/notices/nodes/0/paperPath").to_owned();

    let served = city.serve().await;
    let client = reqwest::Client::new();
    let get = async |login: &str| {
        let open = "mutation($l: String!, $p: String!) { sessionOpen(input: { login: $l, password: $p }) { session { accessToken } errors { code } } }";
        let session = city.graphql(open, json!({ "l": login, "p": api::access::demo::PASSWORD })).await;
        let token = session.text("/sessionOpen/session/accessToken");
        let answer = client.get(served.url(&path)).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap())
    };
    let (status, bytes) = get("operator.multi").await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    let pdf = lopdf::Document::load_mem(&bytes).unwrap();
    let pages: Vec<u32> = pdf.get_pages().keys().copied().collect();
    assert_eq!(pages.len(), 1);
    let text = pdf.extract_text(&pages).unwrap().replace(['\u{a0}', '\n'], " ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for word in [
        "Су беруді тоқтата тұру туралы ескерту",
        "Уведомление о приостановлении подачи воды",
        "1000001",
        "Абонент 1",
        "2 000,00",
        "25.04.2026",
    ] {
        assert!(text.contains(word), "no {word} in {text}");
    }
    assert_eq!(get("operator.multi").await, (200, bytes), "the same bytes every time");
    assert_eq!(get("operator.private").await.0, 404, "of another sector");
    assert_eq!(get("cashier").await.0, 403);
    let looked: Option<i64> = city
        .scalar("SELECT count(*) FROM platform.audit_entry WHERE entity = 'notice' AND action = 'printed'")
        .await;
    assert_eq!(looked, Some(2), "looks of the staff are in the trail");
}
