use domain::access::Role;
use domain::ledger::CloseReportCode;
use entities::ledger::report;
use serde_json::json;

use super::*;

const PROPOSE: &str = "mutation($a: ID!, $i: ID!, $d: ID!) { writeOffPropose(input: { items: [{ accountId: $a, openItemId: $i }],
    reason: \"hopeless\", documentId: $d }) { writeOff { id amount } errors { code } } }";
const AGREE: &str = "mutation($id: ID!) { writeOffDecide(input: { id: $id, agreed: true }) { writeOff { state } errors { code } } }";
const REVIVE: &str = "mutation($id: ID!, $a: ID!, $d: ID!) { writeOffRevive(input: { id: $id, accountId: $a, documentId: $d }) {
    writeOff { id } errors { code } } }";

#[tokio::test]
async fn a_debt_is_given_up_by_two_people_and_may_come_back() {
    let city = debtors(1).await;
    let item = json!({ "a": account(1), "i": item_of(&city, 1).await, "d": document() });
    let own = act(&city, Role::ChiefAccountant, PROPOSE, item.clone()).await;
    let alone = act(&city, Role::ChiefAccountant, AGREE, json!({ "id": own["writeOff"]["id"] })).await;
    assert_eq!(code(&alone), "SAME_PERSON");

    let proposed = act(&city, Role::Accountant, PROPOSE, item).await;
    assert_eq!(proposed["writeOff"]["amount"], "1000.00", "{proposed}");
    assert_eq!(owed(&city, 1).await, "1000.00", "nothing is posted yet");
    let id = proposed["writeOff"]["id"].clone();
    let agreed = act(&city, Role::ChiefAccountant, AGREE, json!({ "id": id })).await;
    assert_eq!(agreed["writeOff"]["state"], "POSTED", "{agreed}");
    assert_eq!(owed(&city, 1).await, "0.00");
    let kept: Option<i64> =
        city.scalar("SELECT sum(amount)::bigint FROM debt.off_balance WHERE revived_on IS NULL").await;
    assert_eq!(kept, Some(100_000));
    let vat: Option<i64> = city
        .scalar("SELECT count(*) FROM ledger.entry WHERE source = 'write_off' AND 'vat_payable' IN (debit, credit)")
        .await;
    assert_eq!(vat, Some(0), "no revenue and no VAT goes back");
    assert_eq!(
        code(&act(&city, Role::ChiefAccountant, AGREE, json!({ "id": id })).await),
        "WRITE_OFF_DECIDED"
    );

    let back = json!({ "id": id, "a": account(1), "d": document() });
    let revived = act(&city, Role::ChiefAccountant, REVIVE, back.clone()).await;
    assert_eq!(code(&revived), "", "{revived}");
    assert_eq!(owed(&city, 1).await, "1000.00");
    assert_eq!(code(&act(&city, Role::ChiefAccountant, REVIVE, back).await), "NOTHING_OFF_BALANCE");
    // The penalty of the time before stands once, that of the debt that came back begins today.
    assert_eq!(accrue(&city).await, both("43.64", "0.00"));
}

#[tokio::test]
async fn what_was_paid_since_is_not_given_up() {
    let city = debtors(1).await;
    let item = json!({ "a": account(1), "i": item_of(&city, 1).await, "d": document() });
    let proposed = act(&city, Role::Accountant, PROPOSE, item).await;
    pay(&city, 1, "10.00", "2026-03-26", "bank-part").await;
    let agreed = act(&city, Role::ChiefAccountant, AGREE, json!({ "id": proposed["writeOff"]["id"] })).await;
    assert_eq!(code(&agreed), "WRITE_OFF_CHANGED");
    assert_eq!(owed(&city, 1).await, "990.00");
}

#[tokio::test]
async fn an_interruption_moves_the_day_on_which_the_claim_expires() {
    let city = debtors(1).await;
    owe(&city, 1, 800, "2023-01", "2023-02-25").await;
    let list = "{ debtsExpiring(first: 5) { nodes { origin expiresOn interruptions } } }";
    let before = city.graphql(list, json!({})).as_role(Role::Accountant).await;
    assert_eq!(
        *before.at("/debtsExpiring/nodes"),
        json!([{ "origin": "2023-01", "expiresOn": "2026-02-25", "interruptions": 0 }])
    );
    // The auditor's report of the month says the same of the whole sector.
    let expired = async || {
        let month = "2026-03".parse().unwrap();
        let aged =
            report::figures(&city.app.db, CloseReportCode::Ageing, month, Sector::Multi).await.unwrap();
        aged.rows.iter().find(|row| row["what"] == "expired").map(|row| row["amount"].clone())
    };
    assert_eq!(expired().await, Some(json!(100_000)));
    let recorded = act(
        &city,
        Role::OperatorMulti,
        "mutation($a: ID!, $d: ID!) { limitationInterrupt(input: { accountId: $a, kind: ACKNOWLEDGED, onDay: \"2025-06-01\",
            documentId: $d }) { errors { code } } }",
        json!({ "a": account(1), "d": document() }),
    )
    .await;
    assert_eq!(code(&recorded), "");
    let after = city.graphql(list, json!({})).as_role(Role::Accountant).await;
    assert_eq!(after.at("/debtsExpiring/nodes/0/expiresOn"), "2028-06-01");
    assert_eq!(expired().await, None, "it is claimed for two years more");
}
