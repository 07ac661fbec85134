//! Money given back: never more than is unapplied, by two people above the setting, once for each key, conserved to the tiyn.

use aiscra_tests::{TestApp, actor_of};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::payments::PaymentTarget;
use serde_json::{Value as Json, json};

use super::reconcile::{act, document, ledger, owed, paid, paid_for};
use super::record::issued;

const READ: &str = "refund { id state amount means second number }";

fn treasurer() -> Actor {
    actor_of(Role::Treasurer)
}

fn chief() -> Actor {
    actor_of(Role::ChiefAccountant)
}

async fn refund(
    city: &TestApp,
    payment: PaymentId,
    amount: &str,
    paper: &str,
    key: &str,
) -> (Json, Vec<String>) {
    let input = json!({ "paymentId": Gid(payment).encode(), "amount": amount, "documentId": paper, "reason": "переплата",
        "requisites": "KZ86125KZT5004100100", "idempotencyKey": key });
    act(city, treasurer(), "refundCreate", READ, input).await
}

#[tokio::test]
async fn what_is_unapplied_goes_back_once_for_each_key() {
    let city = issued().await;
    let paper = document(&city).await;
    // 5582.79 is owed: 417.21 is left.
    let payment = paid(&city, "1", "6000.00").await;
    for (amount, code) in [("417.22", "REFUND_ABOVE_CREDIT"), ("0.00", "AMOUNT_NOT_POSITIVE")] {
        assert_eq!(refund(&city, payment, amount, &paper, "first-refund").await.1, [code]);
    }
    assert_eq!(ledger(&city, "bank_clearing").await, "6000.00");
    let (done, codes) = refund(&city, payment, "400.00", &paper, "first-refund").await;
    assert_eq!(codes, [""; 0]);
    assert_eq!((&done["refund"]["state"], &done["refund"]["means"]), (&json!("POSTED"), &json!("bank")));
    assert_eq!(owed(&city).await[0], "1 advance -1721");
    assert_eq!(ledger(&city, "bank_clearing").await, "5600.00");
    assert_eq!(
        refund(&city, payment, "400.00", &paper, "first-refund").await.0,
        done,
        "the same key is the same refund"
    );
    assert_eq!(refund(&city, payment, "17.21", &paper, "first-refund").await.1, ["REFUND_KEY_CONFLICT"]);
    assert_eq!(refund(&city, payment, "17.22", &paper, "other-refund").await.1, ["REFUND_ABOVE_CREDIT"]);
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM payments.refund").await, Some(1));
    let sealed: Option<i64> = city
        .scalar("SELECT count(*) FROM payments.refund WHERE position('KZ86'::bytea IN requisites) > 0")
        .await;
    assert_eq!(sealed, Some(0), "requisites are sealed");

    // The bank pays it, on a day that has been.
    let id = done["refund"]["id"].clone();
    let pay = |on: &str| json!({ "id": id, "paidOn": on, "reference": "881" });
    assert_eq!(act(&city, treasurer(), "refundPay", READ, pay("2099-01-01")).await.1, ["FUTURE_DAY"]);
    let (told, _) = act(&city, treasurer(), "refundPay", READ, pay("2026-03-26")).await;
    assert_eq!(told["refund"]["state"], "PAID");
    assert_eq!(act(&city, treasurer(), "refundPay", READ, pay("2026-03-26")).await.1, ["REFUND_DECIDED"]);
    // It comes back: the money is the account's again.
    let (back, _) = act(&city, treasurer(), "refundReturn", READ, json!({ "id": id })).await;
    assert_eq!(back["refund"]["state"], "RETURNED");
    assert_eq!(owed(&city).await[0], "1 advance -41721");
    assert_eq!(ledger(&city, "bank_clearing").await, "6000.00");
    assert_eq!(
        act(&city, treasurer(), "refundReturn", READ, json!({ "id": id })).await.1,
        ["REFUND_DECIDED"]
    );

    for role in [Role::Accountant, Role::Cashier, Role::ChiefAccountant, Role::Auditor] {
        let input = json!({ "paymentId": Gid(payment).encode(), "amount": "1.00", "documentId": paper, "reason": "переплата", "idempotencyKey": "denied-one" });
        let denied = city
            .graphql(
                "mutation($i: RefundCreateInput!) { refundCreate(input: $i) { errors { code } } }",
                json!({ "i": input }),
            )
            .as_role(role)
            .await;
        assert_eq!(denied.codes(), ["FORBIDDEN"], "{role}");
    }
}

#[tokio::test]
async fn no_payer_gets_more_than_he_paid() {
    let city = issued().await;
    let paper = document(&city).await;
    paid(&city, "1", "6000.00").await;
    let small = paid(&city, "2", "100.00").await;
    assert_eq!(refund(&city, small, "100.01", &paper, "too-much-1").await.1, ["REFUND_ABOVE_PAYMENT"]);
    assert_eq!(refund(&city, small, "60.00", &paper, "a-part-of-it").await.1, [""; 0]);
    assert_eq!(refund(&city, small, "40.01", &paper, "too-much-2").await.1, ["REFUND_ABOVE_PAYMENT"]);
    assert_eq!(refund(&city, small, "40.00", &paper, "the-rest-of-it").await.1, [""; 0]);
    assert_eq!(owed(&city).await[0], "1 advance -41721");
    // What has gone back cannot be taken back as a payment.
    let reverse = json!({ "id": Gid(small).encode(), "reason": "ошибка", "idempotencyKey": "take-it-back" });
    let (_, codes) = act(&city, chief(), "paymentReverse", "payment { reversed }", reverse).await;
    assert_eq!(codes, ["PAYMENT_REFUNDED"]);
}

#[tokio::test]
async fn a_refund_holds_its_payment_where_it_is() {
    let city = issued().await;
    let paper = document(&city).await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('100'::text) WHERE code = 'payments.refund_alone'")
        .await;
    let payment = paid(&city, "1", "6000.00").await;
    let (waits, _) = refund(&city, payment, "400.00", &paper, "a-large-one").await;
    assert_eq!(waits["refund"]["state"], "WAITING");
    let id = Gid(payment).encode();
    let back = json!({ "id": id, "reason": "ошибка", "idempotencyKey": "take-it-back" });
    let other =
        json!({ "id": id, "toId": Gid(AccountId(2)).encode(), "documentId": paper, "reason": "не тот счёт" });
    let anew =
        json!({ "id": id, "target": { "service": "WATER" }, "documentId": paper, "reason": "заявление" });
    let reverse =
        async || act(&city, chief(), "paymentReverse", "payment { reversed }", back.clone()).await.1;
    assert_eq!(reverse().await, ["PAYMENT_REFUNDED"]);
    assert_eq!(
        act(&city, treasurer(), "paymentMove", "transfer { id }", other).await.1,
        ["PAYMENT_REFUNDED"]
    );
    let moved = act(&city, treasurer(), "paymentReallocate", "reallocation { moved }", anew).await;
    assert_eq!(moved.1, ["PAYMENT_REFUNDED"]);

    // Declined, it lets the payment go; what is gone is not given back, whatever waits.
    city.sql("UPDATE payments.refund SET state = 'declined'").await;
    assert_eq!(reverse().await, [""; 0]);
    city.sql("UPDATE payments.refund SET state = 'waiting'").await;
    let yes = json!({ "id": waits["refund"]["id"], "agree": true });
    assert_eq!(act(&city, chief(), "refundDecide", READ, yes).await.1, ["PAYMENT_REVERSED"]);
    owed(&city).await;
}

#[tokio::test]
async fn money_that_is_tied_to_debts_stays_unless_the_payment_itself_left_it() {
    let city = issued().await;
    let paper = document(&city).await;
    let claim = "SELECT id FROM ledger.open_item WHERE account_id = 1 AND service = 'sewerage_cold'";
    let claim = OpenItemId(city.scalar(claim).await.unwrap());
    let input = json!({ "accountId": Gid(AccountId(1)).encode(), "kind": "COURT", "reference": "2-117/2026",
        "documentId": paper, "items": [Gid(claim).encode()] });
    let (made, _) = act(&city, treasurer(), "earmarkCreate", "earmark { id }", input).await;
    let id = Gid::<EarmarkId>::decode(made["earmark"]["id"].as_str().unwrap()).unwrap().0;
    // 2137.59 is claimed: 862.41 is left of the first and tied, 54.80 of the second.
    let tied = paid_for(&city, "1", "3000.00", Some(PaymentTarget::Earmark(id))).await.unwrap();
    let free = paid(&city, "2", "3500.00").await;
    assert_eq!(owed(&city).await[0], "1 advance -91721");
    assert_eq!(refund(&city, free, "54.81", &paper, "too-much-1").await.1, ["REFUND_ABOVE_CREDIT"]);
    assert_eq!(refund(&city, free, "54.80", &paper, "what-is-free").await.1, [""; 0]);
    assert_eq!(refund(&city, tied, "862.41", &paper, "what-is-its-own").await.1, [""; 0]);
    assert_eq!(owed(&city).await, ["2 sewerage_cold 58641", "2 water 94513"]);
}

#[tokio::test]
async fn above_the_setting_two_people_give_it_back() {
    let city = issued().await;
    let paper = document(&city).await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('100'::text) WHERE code = 'payments.refund_alone'")
        .await;
    let payment = paid(&city, "1", "6000.00").await;
    let (waits, _) = refund(&city, payment, "400.00", &paper, "a-large-one").await;
    assert_eq!(
        (&waits["refund"]["state"], &waits["refund"]["second"]),
        (&json!("WAITING"), &json!(["limit"]))
    );
    assert_eq!(owed(&city).await[0], "1 advance -41721", "nothing goes before somebody agrees");
    let promised = refund(&city, payment, "17.22", &paper, "another-one").await;
    assert_eq!(promised.1, ["REFUND_ABOVE_CREDIT"], "what waits is promised");
    let id = waits["refund"]["id"].clone();
    let yes = json!({ "id": id, "agree": true });
    let alone = Actor { label: "test.treasurer".into(), ..chief() };
    assert_eq!(act(&city, alone, "refundDecide", READ, yes.clone()).await.1, ["SAME_PERSON"]);
    let (agreed, _) = act(&city, chief(), "refundDecide", READ, yes.clone()).await;
    assert_eq!(agreed["refund"]["state"], "POSTED");
    assert_eq!(owed(&city).await[0], "1 advance -1721");
    assert_eq!(act(&city, chief(), "refundDecide", READ, yes).await.1, ["REFUND_DECIDED"]);

    let other = paid(&city, "2", "500.00").await;
    let (waits, _) = refund(&city, other, "500.00", &paper, "declined-one").await;
    let no = json!({ "id": waits["refund"]["id"], "agree": false });
    let (declined, _) = act(&city, chief(), "refundDecide", READ, no).await;
    assert_eq!(declined["refund"]["state"], "DECLINED");
    assert_eq!(owed(&city).await[0], "1 advance -51721");
}

#[tokio::test]
async fn what_one_person_gives_back_in_parts_is_one_sum_of_the_month() {
    let city = issued().await;
    let paper = document(&city).await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('100'::text) WHERE code = 'payments.refund_alone'")
        .await;
    let payment = paid(&city, "1", "6000.00").await;
    let give = async |amount: &str, key: &str| {
        refund(&city, payment, amount, &paper, key).await.0["refund"]["state"].clone()
    };
    assert_eq!(give("60.00", "the-first-part").await, "POSTED");
    assert_eq!(give("40.00", "the-second-part").await, "POSTED");
    assert_eq!(give("0.01", "the-third-part").await, "WAITING", "a tiyn above the setting");
    city.sql("UPDATE payments.refund SET asked_on = '2026-02-27' WHERE state = 'posted'").await;
    assert_eq!(give("100.00", "of-another-month").await, "POSTED");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_once_one_is_given() {
    let city = issued().await;
    let paper = document(&city).await;
    let payment = paid(&city, "1", "6000.00").await;
    let (one, two) = tokio::join!(
        refund(&city, payment, "400.00", &paper, "one-of-two"),
        refund(&city, payment, "400.00", &paper, "two-of-two")
    );
    let mut codes = [one.1, two.1];
    codes.sort();
    assert_eq!(codes, [vec![], vec!["REFUND_ABOVE_CREDIT".to_owned()]]);
    assert_eq!(owed(&city).await[0], "1 advance -1721");
}
