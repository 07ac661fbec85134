use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::json;

use super::*;

/// 6 days of January 4.44, February 20.71, 25 days of March 18.49.
const FULL: &str = "43.64";

#[tokio::test]
async fn accrued_twice_it_is_accrued_once_and_taken_back_it_is_gone() {
    let city = debtors(2).await;
    assert_eq!(accrue(&city).await, both("87.28", "0.00"));
    assert_eq!(owed(&city, 1).await, "1043.64");
    assert_eq!(accrue(&city).await, both("0.00", "0.00"));
    assert_eq!(owed(&city, 1).await, "1043.64");

    let first: Option<i64> = city.scalar("SELECT min(id) FROM debt.accrual").await;
    let reversed = act(
        &city,
        Role::ChiefAccountant,
        "mutation($id: ID!, $d: ID!) { penaltyReverse(input: { id: $id, documentId: $d }) { accrual { state } errors { code } } }",
        json!({ "id": Gid(AccrualId(first.unwrap())).encode(), "d": document() }),
    )
    .await;
    assert_eq!(code(&reversed), "", "{reversed}");
    city.run_jobs().await;
    assert_eq!(owed(&city, 1).await, "1000.00");
    let kinds: Option<i64> = city
        .scalar(
            "SELECT sum(amount)::bigint FROM ledger.account_total WHERE account_id = 1 AND kind = 'penalty'",
        )
        .await;
    assert_eq!(kinds, Some(0));
    assert_eq!(accrue(&city).await, both("87.28", "0.00"), "what was taken back is accrued anew");
}

#[tokio::test]
async fn a_payment_that_comes_late_with_an_earlier_date_mends_the_months_to_the_tiyn() {
    let city = debtors(1).await;
    assert_eq!(accrue(&city).await.0, FULL);
    // The bank's file says 1 February: six days of delay, 4.44 of penalty. The order covers penalty first.
    pay(&city, 1, "1004.44", "2026-02-01", "bank-late-1").await;
    assert_eq!(owed(&city, 1).await, "39.20");
    assert_eq!(accrue(&city).await, both("0.00", "39.20"));
    assert_eq!(owed(&city, 1).await, "0.00");
    assert_eq!(accrue(&city).await, both("0.00", "0.00"));

    let told = city
        .graphql(
            "{ me { account { debt { penalty { month amount days { from to days overdue baseRate multiplier } } } } } }",
            json!({}),
        )
        .as_subscriber(AccountId(1))
        .await;
    let months = told.at("/me/account/debt/penalty");
    assert_eq!(
        *months,
        json!([{ "month": "2026-01", "amount": "4.44", "days": [
            { "from": "2026-01-26", "to": "2026-01-31", "days": 6, "overdue": "1000.00", "baseRate": "18", "multiplier": "1.5" }] }])
    );
}

#[tokio::test]
async fn a_payment_taken_back_brings_its_penalty_back() {
    let city = debtors(1).await;
    pay(&city, 1, "1000.00", "2026-01-25", "bank-in-time").await;
    assert_eq!(accrue(&city).await, both("0.00", "0.00"));
    let id: Option<i64> = city.scalar("SELECT id FROM payments.payment").await;
    let back = act(
        &city,
        Role::ChiefAccountant,
        "mutation($id: ID!) { paymentReverse(input: { id: $id, reason: \"bounced\", idempotencyKey: \"bounce-1\" }) { errors { code } } }",
        json!({ "id": Gid(PaymentId(id.unwrap())).encode() }),
    )
    .await;
    assert_eq!(code(&back), "", "{back}");
    assert_eq!(accrue(&city).await, both(FULL, "0.00"));
}

#[tokio::test]
async fn a_moratorium_takes_back_what_was_accrued_for_its_days() {
    let city = debtors(1).await;
    accrue(&city).await;
    let recorded = act(
        &city,
        Role::Accountant,
        "mutation($d: ID!) { moratoriumRecord(input: { sector: MULTI, from: \"2026-02-01\", to: \"2026-02-10\", reason: \"flood\",
            documentId: $d }) { moratorium { id } errors { code } } }",
        json!({ "d": document() }),
    )
    .await;
    assert_eq!(code(&recorded), "", "{recorded}");
    // 18 days of February are left: 13.32.
    assert_eq!(accrue(&city).await, both("0.00", "7.39"));
    let withdrawn = act(
        &city,
        Role::Accountant,
        "mutation($id: ID!) { moratoriumWithdraw(input: { id: $id }) { errors { code } } }",
        json!({ "id": recorded["moratorium"]["id"] }),
    )
    .await;
    assert_eq!(code(&withdrawn), "");
    assert_eq!(accrue(&city).await, both("7.39", "0.00"));
}

const OPEN: &str =
    "mutation($a: ID!, $i: ID!, $s: Money!) { disputeOpen(input: { accountId: $a, openItemId: $i, amount: $s,
    reason: \"wrong reading\" }) { dispute { id answerBy } errors { code } } }";
const DECIDE: &str =
    "mutation($id: ID!, $for: Boolean!, $d: ID!) { disputeDecide(input: { id: $id, forSubscriber: $for,
    decision: \"checked\", documentId: $d }) { dispute { state } errors { code } } }";

#[tokio::test]
async fn a_disputed_sum_rests_and_only_that_sum() {
    let city = debtors(1).await;
    accrue(&city).await;
    let item = item_of(&city, 1).await;
    let sum = |sum: &str| json!({ "a": account(1), "i": item, "s": sum });
    assert_eq!(code(&act(&city, Role::OperatorMulti, OPEN, sum("1000.01")).await), "MORE_THAN_OWED");
    let opened = act(&city, Role::OperatorMulti, OPEN, sum("400.00")).await;
    assert_eq!(opened["dispute"]["answerBy"], "2026-04-10", "{opened}");
    assert_eq!(code(&act(&city, Role::OperatorMulti, OPEN, sum("1.00")).await), "DISPUTE_EXISTS");

    // As if it had been opened on 15 February: 14 days of February and 25 of March on 600.
    city.sql("UPDATE debt.dispute SET opened_on = '2026-02-15'").await;
    // February 10.36 + 6.21, March 11.10.
    assert_eq!(accrue(&city).await, both("0.00", "11.53"));

    let id = opened["dispute"]["id"].clone();
    let lost =
        act(&city, Role::ChiefAccountant, DECIDE, json!({ "id": id, "for": false, "d": document() })).await;
    assert_eq!(lost["dispute"]["state"], "AGAINST", "{lost}");
    assert_eq!(accrue(&city).await, both("0.00", "0.00"), "the time of the dispute stays free");
    let again =
        act(&city, Role::ChiefAccountant, DECIDE, json!({ "id": id, "for": true, "d": document() })).await;
    assert_eq!(code(&again), "DISPUTE_DECIDED");
}

#[tokio::test]
async fn decided_for_the_subscriber_it_was_never_owed() {
    let city = debtors(1).await;
    accrue(&city).await;
    let item = item_of(&city, 1).await;
    let opened =
        act(&city, Role::OperatorMulti, OPEN, json!({ "a": account(1), "i": item, "s": "1000.00" })).await;
    let won = json!({ "id": opened["dispute"]["id"], "for": true, "d": document() });
    assert_eq!(act(&city, Role::ChiefAccountant, DECIDE, won).await["dispute"]["state"], "FOR");
    assert_eq!(owed(&city, 1).await, FULL, "only the penalty is left");
    assert_eq!(accrue(&city).await, both("0.00", FULL));
    assert_eq!(owed(&city, 1).await, "0.00");
}

#[tokio::test]
async fn an_earlier_day_than_was_posted_is_refused() {
    let city = debtors(1).await;
    accrue(&city).await;
    let refused = act(
        &city,
        Role::Accountant,
        "mutation { penaltyReckon(input: { month: \"2026-02\", sector: MULTI }) { errors { code } } }",
        json!({}),
    )
    .await;
    assert_eq!(code(&refused), "PENALTY_DAY_TOO_EARLY");
}

#[tokio::test]
async fn what_moves_to_another_account_bears_each_day_once_and_its_time_goes_on() {
    let city = debtors(2).await;
    city.sql("UPDATE ledger.open_item SET origin = '2025-11-01' WHERE account_id = 2").await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('1'::text) WHERE code = 'payments.transfer_alone'")
        .await;
    city.sql(
        "INSERT INTO debt.interruption (account_id, open_item_id, kind, on_day, document_id, recorded_by)
         SELECT account_id, id, 'acknowledged', '2026-02-10', 1, 'test' FROM ledger.open_item WHERE account_id = 1",
    )
    .await;
    let expires = async || {
        let seen = city
            .graphql(
                "{ debtsExpiring(within: 1100) { nodes { account { number } dueOn expiresOn } } }",
                json!({}),
            )
            .as_role(Role::ChiefAccountant)
            .await;
        let mut days: Vec<(String, String)> = seen
            .at("/debtsExpiring/nodes")
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                (row["dueOn"].as_str().unwrap().to_owned(), row["expiresOn"].as_str().unwrap().to_owned())
            })
            .collect();
        days.sort_unstable();
        days
    };
    let before = expires().await;
    assert_eq!(before.len(), 2, "{before:?}");
    assert_ne!(before[0].1, before[1].1, "one of them was interrupted");

    city.app.clock.set_today(Some("2026-03-01".parse().unwrap()));
    let proposed = act(
        &city,
        Role::Accountant,
        "mutation($f: ID!, $t: ID!, $d: ID!) { transferCreate(input: { fromId: $f, toId: $t, documentId: $d, reason: \"не тому\" }) {
            transfer { id state } errors { code } } }",
        json!({ "f": account(1), "t": account(2), "d": document() }),
    )
    .await;
    assert_eq!(proposed["transfer"]["state"], "WAITING", "{proposed}");
    city.app.clock.set_today(Some("2026-03-11".parse().unwrap()));
    let agreed = act(
        &city,
        Role::ChiefAccountant,
        "mutation($id: ID!) { transferDecide(input: { id: $id, agree: true }) { transfer { state } errors { code } } }",
        json!({ "id": proposed["transfer"]["id"] }),
    )
    .await;
    assert_eq!(agreed["transfer"]["state"], "POSTED", "{agreed}");
    city.app.clock.set_today(Some("2026-03-26".parse().unwrap()));
    assert_eq!(expires().await, before, "neither the day nor what interrupted it is another");
    // What moved by the rule before has begun anew with the day of the proposal: its migration puts that right.
    city.sql("UPDATE ledger.open_item SET due_on = '2026-03-01' WHERE source = 'transfer'").await;
    city.sql("UPDATE payments.transfer_part SET due_on = '2026-03-01'").await;
    assert_ne!(expires().await, before);
    city.sql(include_str!("../../../migration/sql/payments/0015_due_of_transfers.sql")).await;
    assert_eq!(expires().await, before);

    // Of 1000 for 26 January to 25 March: up to 10 March here, from 11 March there, besides the other's own.
    accrue(&city).await;
    let sums = city.texts("SELECT account_id || ' ' || sum(amount) FROM debt.penalty GROUP BY account_id ORDER BY account_id").await;
    assert_eq!(sums, ["1 3255", "2 5474"]);

    // Taken back, it never moved.
    let back = act(
        &city,
        Role::ChiefAccountant,
        "mutation($id: ID!, $d: ID!) { transferReverse(input: { id: $id, documentId: $d }) { transfer { state } errors { code } } }",
        json!({ "id": proposed["transfer"]["id"], "d": document() }),
    )
    .await;
    assert_eq!(back["transfer"]["state"], "REVERSED", "{back}");
    assert_eq!(expires().await, before);
    accrue(&city).await;
    let sums = city.texts("SELECT account_id || ' ' || sum(amount) FROM debt.penalty GROUP BY account_id ORDER BY account_id").await;
    assert_eq!(sums, ["1 4365", "2 4364"]);
}
