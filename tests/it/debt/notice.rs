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
