use domain::access::Role;
use serde_json::json;

use super::*;

const AGES: &str =
    "{ debtAges { sector bucket accounts owed principal penalty } debtors { nodes { owed oldest } } }";

#[tokio::test]
async fn everybody_sees_the_debts_of_his_sector_only() {
    let city = debtors(2).await;
    let seen = city.graphql(AGES, json!({})).as_role(Role::OperatorMulti).await;
    assert_eq!(
        *seen.at("/debtAges"),
        json!([{ "sector": "MULTI", "bucket": "DAYS_60", "accounts": 2, "owed": "2000.00", "principal": "2000.00", "penalty": "0.00" }])
    );
    assert_eq!(seen.at("/debtors/nodes").as_array().unwrap().len(), 2);
    let other = city.graphql(AGES, json!({})).as_role(Role::OperatorPrivate).await;
    assert_eq!(*other.at("/debtAges"), json!([]));
    assert_eq!(*other.at("/debtors/nodes"), json!([]));
    let cashier = city.graphql(AGES, json!({})).as_role(Role::Cashier).await;
    assert_eq!(cashier.codes(), ["FORBIDDEN", "FORBIDDEN"]);
}

#[tokio::test]
async fn a_subscriber_sees_his_own_penalty_and_nobody_elses() {
    let city = debtors(2).await;
    accrue(&city).await;
    let ask = "{ me { account { debt { penalty { amount } } } } }";
    let own = city.graphql(ask, json!({})).as_subscriber(AccountId(1)).await;
    assert_eq!(own.at("/me/account/debt/penalty").as_array().unwrap().len(), 3);
    let other = "query($id: ID!) { account(id: $id) { debt { penalty { amount } } } }";
    let other = city.graphql(other, json!({ "id": account(2) })).as_subscriber(AccountId(1)).await;
    assert_eq!(other.codes(), ["FORBIDDEN"]);
    let hidden = "{ me { account { debt { offBalance { amount } } } } }";
    let hidden = city.graphql(hidden, json!({})).as_subscriber(AccountId(1)).await;
    assert_eq!(hidden.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn who_is_bound_to_a_sector_disputes_nothing_of_another() {
    let city = debtors(1).await;
    let refused = act(
        &city,
        Role::OperatorPrivate,
        "mutation($a: ID!, $i: ID!) { disputeOpen(input: { accountId: $a, openItemId: $i, amount: \"1.00\", reason: \"mine\" }) { errors { code } } }",
        json!({ "a": account(1), "i": item_of(&city, 1).await }),
    )
    .await;
    assert_eq!(code(&refused), "NOT_FOUND");
}
