use domain::access::Role;
use serde_json::json;

use super::*;

const PROPOSE: &str = "mutation($d: ID!) { campaignPropose(input: { nameKk: \"Қарыз\", nameRu: \"Погаси долги\", sectors: [MULTI], groups: [],
    debtFrom: \"2025-01\", debtTo: \"2026-01\", startsOn: \"2026-03-26\", payBy: \"2026-04-30\", percent: \"100\", byApplication: false,
    documentId: $d }) { campaign { id } errors { code } } }";
const START: &str = "mutation($id: ID!) { campaignDecide(input: { id: $id, agreed: true }) { campaign { state } errors { code } } }";

#[tokio::test]
async fn from_the_forecast_to_the_write_off() {
    let city = debtors(2).await;
    accrue(&city).await;
    let proposed = act(&city, Role::Accountant, PROPOSE, json!({ "d": document() })).await;
    let id = proposed["campaign"]["id"].clone();
    let look = "query($id: ID!) { campaign(id: $id) { state forecast(takeUp: 50) { accounts debt penalty expectedPaid expectedGiven }
        outcome { accounts fulfilled given } } }";
    let seen = city.graphql(look, json!({ "id": id })).as_role(Role::Manager).await;
    assert_eq!(
        *seen.at("/campaign/forecast"),
        json!([{ "accounts": 2, "debt": "2000.00", "penalty": "87.28", "expectedPaid": "1000.00", "expectedGiven": "43.64" }])
    );
    let forbidden = city.graphql(START, json!({ "id": id })).as_role(Role::Accountant).await;
    assert_eq!(forbidden.codes(), ["FORBIDDEN"]);
    let started = act(&city, Role::ChiefAccountant, START, json!({ "id": id })).await;
    assert_eq!(started["campaign"]["state"], "STARTED", "{started}");
    city.run_jobs().await;
    assert_eq!(owed(&city, 1).await, "1043.64", "nobody has paid");

    // All of the debt, and a part of it.
    pay(&city, 1, "1000.00", "2026-03-26", "bank-all").await;
    pay(&city, 2, "999.99", "2026-03-26", "bank-nearly").await;
    act(&city, Role::OperatorMulti, "mutation { debtRefresh { job { id } errors { code } } }", json!({}))
        .await;
    city.run_jobs().await;
    assert_eq!(owed(&city, 1).await, "0.00");
    assert_eq!(owed(&city, 2).await, "43.65");
    let seen = city.graphql(look, json!({ "id": id })).as_role(Role::Manager).await;
    assert_eq!(*seen.at("/campaign/outcome"), json!([{ "accounts": 2, "fulfilled": 1, "given": "43.64" }]));
    assert_eq!(accrue(&city).await, both("0.00", "0.00"), "what was given up does not come back");
}

/// Pays for the bill of a month; the payment.
async fn pay_bill(city: &TestApp, sum: &str, month: &str, key: &str) -> Json {
    let day = city.app.clock.today().to_string();
    let paid = act(
        city,
        Role::Integration,
        "mutation($a: ID!, $s: Money!, $d: Date!, $m: Period!, $k: String!) { paymentRecord(input: { accountId: $a, amount: $s, paidOn: $d,
            channel: BANK, externalId: $k, target: { bill: $m }, idempotencyKey: $k }) { payment { id } errors { code } } }",
        json!({ "a": account(1), "s": sum, "d": day, "m": month, "k": key }),
    )
    .await;
    assert_eq!(code(&paid), "", "{paid}");
    paid["payment"]["id"].clone()
}

#[tokio::test]
async fn only_what_covers_the_debt_that_was_named_counts_as_paid() {
    let city = debtors(1).await;
    accrue(&city).await;
    let proposed = act(&city, Role::Accountant, PROPOSE, json!({ "d": document() })).await;
    // Before the second person agrees, within the campaign's days: half of it is no part of the debt that is named.
    pay_bill(&city, "500.00", "2025-12", "bank-early").await;
    city.app.clock.set_today(Some("2026-03-28".parse().unwrap()));
    let started = act(&city, Role::ChiefAccountant, START, json!({ "id": proposed["campaign"]["id"] })).await;
    assert_eq!(started["campaign"]["state"], "STARTED", "{started}");
    city.run_jobs().await;
    assert_eq!(owed(&city, 1).await, "543.64", "what was paid before the start is not paid of it");

    // A bill of a month that is not the campaign's is another debt.
    owe(&city, 1, 950, "2024-12", "2026-04-25").await;
    pay_bill(&city, "1000.00", "2024-12", "bank-other").await;
    looked_at(&city).await;
    assert_eq!(owed(&city, 1).await, "543.64");

    // Money that went back was not paid.
    let bounced = pay_bill(&city, "500.00", "2025-12", "bank-bounced").await;
    let back = act(
        &city,
        Role::ChiefAccountant,
        "mutation($id: ID!) { paymentReverse(input: { id: $id, reason: \"bounced\", idempotencyKey: \"bounce-1\" }) { errors { code } } }",
        json!({ "id": bounced }),
    )
    .await;
    assert_eq!(code(&back), "");
    looked_at(&city).await;
    assert_eq!(owed(&city, 1).await, "543.64");

    // All but a tiyn, and all of it.
    pay_bill(&city, "499.99", "2025-12", "bank-nearly").await;
    looked_at(&city).await;
    assert_eq!(owed(&city, 1).await, "43.65");
    pay_bill(&city, "0.01", "2025-12", "bank-last").await;
    looked_at(&city).await;
    assert_eq!(owed(&city, 1).await, "0.00", "the whole debt is paid: the penalty goes");
}

#[tokio::test]
async fn what_was_given_is_owed_again_once_when_the_money_went_back() {
    let city = debtors(1).await;
    accrue(&city).await;
    let proposed = act(&city, Role::Accountant, PROPOSE, json!({ "d": document() })).await;
    let started = act(&city, Role::ChiefAccountant, START, json!({ "id": proposed["campaign"]["id"] })).await;
    assert_eq!(started["campaign"]["state"], "STARTED", "{started}");
    let given = "SELECT concat_ws(' ', given, given_on) FROM debt.campaign_account";
    let owed_of = "SELECT component || ' ' || sum(amount - settled) FROM ledger.open_item WHERE account_id = 1 AND amount <> settled
                   GROUP BY component ORDER BY 1";
    let told = "SELECT action || ' ' || (after ->> 'sum') FROM platform.audit_entry WHERE entity = 'campaign'
                AND action IN ('given', 'revived') ORDER BY id";

    pay_bill(&city, "1000.00", "2025-12", "bank-first").await;
    looked_at(&city).await;
    assert_eq!(owed(&city, 1).await, "0.00");
    assert_eq!(city.texts(given).await, ["4364 2026-03-26"]);
    let tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let late = "2026-04-01".parse().unwrap();
    entities::debt::campaign::give(&tx, CampaignId(1), &[(AccountId(1), Money::ZERO)], late).await.unwrap();
    tx.commit_silently("test").await.unwrap();
    assert_eq!(city.texts(given).await, ["4364 2026-03-26"], "given twice, it keeps its day");

    take_back(&city, "bank-first").await;
    assert_eq!(owed(&city, 1).await, "1000.00", "nobody has looked");
    // A second look finds nothing to take back.
    for _ in 0..2 {
        looked_at(&city).await;
        assert_eq!(owed(&city, 1).await, "1043.64");
        assert_eq!(city.texts(owed_of).await, ["charge 100000", "penalty 4364"]);
        assert_eq!(city.texts(given).await, [""]);
        assert_eq!(city.texts(told).await, ["given 43.64", "revived 43.64"]);
    }
    let bad_debt: Option<i64> = city
        .scalar(
            "SELECT sum(CASE WHEN debit = 'bad_debt' THEN amount ELSE -amount END)::bigint FROM ledger.entry
             WHERE 'bad_debt' IN (debit, credit)",
        )
        .await;
    assert_eq!(bad_debt, Some(0));
    assert_eq!(accrue(&city).await, both("0.00", "0.00"), "it is the same penalty");

    // Paid in time after all; then that goes back when the campaign is over.
    pay_bill(&city, "1000.00", "2025-12", "bank-second").await;
    looked_at(&city).await;
    assert_eq!(owed(&city, 1).await, "0.00");
    city.sql("UPDATE debt.campaign SET state = 'ended'").await;
    take_back(&city, "bank-second").await;
    looked_at(&city).await;
    assert_eq!(owed(&city, 1).await, "1043.64");
    assert_eq!(city.texts(given).await, [""]);
    assert_eq!(city.texts(told).await, ["given 43.64", "revived 43.64", "given 43.64", "revived 43.64"]);
}
