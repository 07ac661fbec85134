//! Instalments by the payer's dates: what came late but was in time, what went back.

use domain::access::Role;
use serde_json::json;

use super::*;

/// A plan of all that account 1 owes, its first part due on 27 March.
async fn agreed(city: &TestApp, parts: u32) {
    let made = act(
        city,
        Role::OperatorMulti,
        "mutation($a: ID!, $n: Int!, $d: ID!) { planAgree(input: { accountId: $a, parts: $n, first: \"2026-03-27\", documentId: $d }) {
            plan { id } errors { code } } }",
        json!({ "a": account(1), "n": parts, "d": document() }),
    )
    .await;
    assert_eq!(code(&made), "", "{made}");
}

/// Where the plan stands after the watch has looked on a day, and how many debts its money is tied to.
async fn stands_on(city: &TestApp, day: &str) -> String {
    city.app.clock.set_today(Some(day.parse().unwrap()));
    looked_at(city).await;
    let rows = city
        .texts(
            "SELECT concat_ws(' ', p.state, p.ended_on, (
                 SELECT count(*) FROM payments.earmark e JOIN payments.earmark_item i ON i.earmark_id = e.id
                 WHERE e.act = 'plan' AND e.act_id = p.id AND e.closed_on IS NULL)) FROM debt.plan p",
        )
        .await;
    rows[0].clone()
}

#[tokio::test]
async fn money_in_time_keeps_a_plan_however_late_it_comes() {
    let city = debtors(1).await;
    agreed(&city, 3).await;
    assert_eq!(stands_on(&city, "2026-03-30").await, "active 1", "three days for the bank's file");
    assert_eq!(stands_on(&city, "2026-03-31").await, "broken 2026-03-28 0");
    // Neither less than the part nor money of the day after keeps it.
    pay(&city, 1, "333.33", "2026-03-27", "bank-nearly").await;
    pay(&city, 1, "0.01", "2026-03-28", "bank-after").await;
    assert_eq!(stands_on(&city, "2026-03-31").await, "broken 2026-03-28 0");
    pay(&city, 1, "0.01", "2026-03-27", "bank-late-file").await;
    assert_eq!(stands_on(&city, "2026-04-01").await, "active 1", "it was paid in time");
    assert_eq!(stands_on(&city, "2026-04-01").await, "active 1");
    let told = "SELECT action FROM platform.audit_entry WHERE entity = 'plan' ORDER BY id";
    assert_eq!(city.texts(told).await, ["agreed", "broken", "revived"]);

    // The second part is paid a day late: that its money was here before anybody judged it makes it no earlier.
    city.app.clock.set_today(Some("2026-04-28".parse().unwrap()));
    pay(&city, 1, "333.33", "2026-04-28", "bank-a-day-late").await;
    assert_eq!(stands_on(&city, "2026-04-30").await, "active 1");
    assert_eq!(stands_on(&city, "2026-05-01").await, "broken 2026-04-28 0");
}

#[tokio::test]
async fn a_plan_whose_money_went_back_is_not_done() {
    let city = debtors(1).await;
    agreed(&city, 2).await;
    pay(&city, 1, "1000.00", "2026-03-26", "bank-all").await;
    assert_eq!(stands_on(&city, "2026-03-26").await, "done 2026-03-26 0");
    take_back(&city, "bank-all").await;
    assert_eq!(stands_on(&city, "2026-03-26").await, "active 1", "no part of it was due");
    assert_eq!(stands_on(&city, "2026-03-31").await, "broken 2026-03-28 0", "what went back was never paid");

    // A later agreement takes its place: it stays over, whatever comes.
    agreed_anew(&city).await;
    pay(&city, 1, "500.00", "2026-03-27", "bank-late-file").await;
    looked_at(&city).await;
    let states = city.texts("SELECT state FROM debt.plan ORDER BY id").await;
    assert_eq!(states, ["broken", "active"]);
}

async fn agreed_anew(city: &TestApp) {
    let made = act(
        city,
        Role::OperatorMulti,
        "mutation($a: ID!, $d: ID!) { planAgree(input: { accountId: $a, parts: 2, first: \"2026-04-10\", documentId: $d }) {
            plan { id } errors { code } } }",
        json!({ "a": account(1), "d": document() }),
    )
    .await;
    assert_eq!(code(&made), "", "{made}");
}
