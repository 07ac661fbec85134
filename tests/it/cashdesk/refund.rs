//! Undoing: a void at once, a return later; never more than was taken, by the same means, on a basis.

use serde_json::json;

use super::*;
use crate::payments::reconcile;

pub async fn void(city: &TestApp, sale: &Json, key: &str) -> Json {
    let input = json!({ "deskId": desk(1), "saleId": sale["id"], "reason": "не тот счёт", "idempotencyKey": format!("test-key-{key}") });
    said(&act(city, cashier(), "cashVoid", input).await)
}

pub async fn refund(city: &TestApp, sale: &Json, lines: Json, key: &str) -> Json {
    let input = json!({ "deskId": desk(1), "saleId": sale["id"], "lines": lines, "basis": "Заявление № 7 от 26.03.2026",
        "person": "Абонент 1", "idempotencyKey": format!("test-key-{key}") });
    said(&act(city, cashier(), "cashRefund", input).await)
}

#[tokio::test]
async fn case_76_a_return_has_a_basis_and_never_exceeds_its_sale_also_in_a_later_shift() {
    let city = desks().await;
    let shift = opened(&city).await;
    let sale =
        pay_at(&city, cashier(), 1, &[(1, "1000.00"), (2, "300.00")], "sale", json!({ "card": "600.00" }))
            .await;
    close_even(&city, &shift, 70_000).await;
    opened(&city).await;

    let without = json!({ "deskId": desk(1), "saleId": sale["id"], "lines": [{ "n": 1, "cash": "1.00" }], "basis": "   ",
        "person": "Абонент 1", "idempotencyKey": "test-key-basis" });
    let without = act(&city, cashier(), "cashRefund", without).await;
    assert_eq!(said(&without), "EMPTY");
    // Line 1 was paid 600 by card and 400 in cash; line 2 300 in cash.
    assert_eq!(refund(&city, &sale, json!([{ "n": 1, "cash": "400.01" }]), "a").await, "REFUND_TOO_MUCH");
    assert_eq!(
        refund(&city, &sale, json!([{ "n": 2, "card": "1.00" }]), "b").await,
        "REFUND_TOO_MUCH",
        "by the same means"
    );
    assert_eq!(refund(&city, &sale, json!([{ "n": 3, "cash": "1.00" }]), "c").await, "NOT_FOUND");
    assert_eq!(refund(&city, &sale, json!([{ "n": 1 }]), "d").await, "AMOUNT_NOT_POSITIVE");
    assert_eq!(refund(&city, &sale, json!([{ "n": 1, "cash": "0.50" }]), "e").await, "CASH_WHOLE_UNITS");

    let before = account_balance(&city, 1).await;
    let part = refund(&city, &sale, json!([{ "n": 1, "cash": "150.00", "card": "200.50" }]), "f").await;
    assert_eq!((&part["cash"], &part["card"]), (&json!("-150.00"), &json!("-200.50")));
    assert_eq!(part["order"]["kind"], "PAYOUT");
    assert_eq!(account_balance(&city, 1).await, before + 35_050, "it is owed again");
    assert_eq!(refund(&city, &sale, json!([{ "n": 1, "cash": "250.01" }]), "g").await, "REFUND_TOO_MUCH");
    assert_eq!(
        refund(&city, &sale, json!([{ "n": 1, "cash": "250.00", "card": "399.50" }]), "h").await["cash"],
        "-250.00"
    );
    assert_eq!(
        refund(&city, &sale, json!([{ "n": 1, "card": "0.01" }]), "i").await,
        "REFUND_TOO_MUCH",
        "nothing is left of it"
    );
    // The sale stays as it was; the payer's date stays with what is left.
    let stands = city
        .texts(
            "SELECT concat_ws(' ', account_id, channel, sum(CASE WHEN reverses IS NULL THEN amount ELSE -amount END))
             FROM payments.payment GROUP BY account_id, channel ORDER BY 1",
        )
        .await;
    assert_eq!(stands, ["1 card 0", "1 cash 0", "2 cash 30000"]);
    let seen = city
        .graphql(
            "query($id: ID!) { cashOperation(id: $id) { cash card returnedCash returnedCard undone } }",
            json!({ "id": sale["id"] }),
        )
        .as_actor(cashier())
        .await;
    assert_eq!(
        seen.at("/cashOperation"),
        &json!({ "cash": "700.00", "card": "600.00", "returnedCash": "400.00", "returnedCard": "600.00", "undone": false })
    );
    // A repeat is the same return.
    let again = refund(&city, &sale, json!([{ "n": 1, "cash": "150.00", "card": "200.50" }]), "f").await;
    assert_eq!(again["id"], part["id"]);
    books_agree(&city).await;
}

async fn account_balance(city: &TestApp, id: i64) -> i64 {
    city.scalar(&format!(
        "SELECT sum(amount - settled)::bigint FROM ledger.open_item WHERE account_id = {id}"
    ))
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_returns_at_once_give_back_no_more_than_was_taken() {
    let city = desks().await;
    opened(&city).await;
    let sale = pay(&city, "1000.00", "sale").await;
    let (one, two) = tokio::join!(
        refund(&city, &sale, json!([{ "n": 1, "cash": "600.00" }]), "one"),
        refund(&city, &sale, json!([{ "n": 1, "cash": "600.00" }]), "two")
    );
    let done = [&one, &two].iter().filter(|said| said["cash"] == "-600.00").count();
    assert_eq!(done, 1, "{one} {two}");
    books_agree(&city).await;
}

#[tokio::test]
async fn case_77_a_void_in_a_closed_shift_is_refused() {
    let city = desks().await;
    let shift = opened(&city).await;
    let before = account_balance(&city, 1).await;
    let wrong = pay(&city, "500.00", "wrong").await;
    let done = void(&city, &wrong, "void").await;
    assert_eq!((&done["kind"], &done["cash"]), (&json!("VOID"), &json!("-500.00")));
    assert_eq!(account_balance(&city, 1).await, before, "as if it never was");
    assert_eq!(void(&city, &wrong, "again").await, "CASH_VOIDED");
    assert_eq!(refund(&city, &wrong, json!([{ "n": 1, "cash": "1.00" }]), "r").await, "CASH_VOIDED");
    assert_eq!(void(&city, &done, "of-a-void").await, "CASH_NOT_A_SALE");

    let sale = pay(&city, "700.00", "sale").await;
    let part = pay(&city, "200.00", "part").await;
    refund(&city, &part, json!([{ "n": 1, "cash": "50.00" }]), "back").await;
    assert_eq!(void(&city, &part, "late").await, "CASH_RETURNED");
    close_even(&city, &shift, 85_000).await;
    assert_eq!(void(&city, &sale, "none").await, "NO_OPEN_SHIFT");
    opened(&city).await;
    assert_eq!(void(&city, &sale, "closed").await, "VOID_OTHER_SHIFT");
    // In the register of the shift it is no sale: Z holds both.
    let z: Option<String> = city
        .scalar("SELECT concat_ws(' ', z -> 'sales' ->> 'cash', z -> 'voids' ->> 'cash', z -> 'refunds' ->> 'cash') FROM cashdesk.shift WHERE id = 1")
        .await;
    assert_eq!(z.as_deref(), Some("1400.00 500.00 50.00"));
    books_agree(&city).await;
}

#[tokio::test]
async fn the_office_does_not_take_back_what_the_desk_took() {
    let city = desks().await;
    opened(&city).await;
    let sale = pay(&city, "500.00", "sale").await;
    let id: i64 = city.scalar("SELECT id FROM payments.payment").await.unwrap();
    let reverse = city.graphql(
        "mutation($id: ID!) { paymentReverse(input: { id: $id, reason: \"ошибка кассы\", idempotencyKey: \"take-back-desk\" }) {
             payment { id } errors { code } } }",
        json!({ "id": Gid(PaymentId(id)).encode() }),
    );
    assert_eq!(reverse.as_role(Role::ChiefAccountant).await.refusals(), ["PAYMENT_OF_DESK"]);
    let paper = crate::payments::reconcile::document(&city).await;
    let refund = city.graphql(
        "mutation($id: ID!, $d: ID!) { refundCreate(input: { paymentId: $id, amount: \"1.00\", documentId: $d, reason: \"переплата\",
             idempotencyKey: \"refund-of-desk\" }) { refund { id } errors { code } } }",
        json!({ "id": Gid(PaymentId(id)).encode(), "d": paper }),
    );
    assert_eq!(refund.as_role(Role::Treasurer).await.refusals(), ["PAYMENT_OF_DESK"]);
    books_agree(&city).await;
    assert_eq!(void(&city, &sale, "void").await["kind"], "VOID", "the desk does");
    books_agree(&city).await;
}

#[tokio::test]
async fn what_was_paid_for_a_claim_goes_back_in_part_also_when_the_claim_is_over() {
    let city = desks().await;
    opened(&city).await;
    let paper = reconcile::document(&city).await;
    let of: i64 = city
        .scalar("SELECT id FROM ledger.open_item WHERE account_id = 1 AND service = 'sewerage_cold'")
        .await
        .unwrap();
    let input = json!({ "accountId": account(1), "kind": "COURT", "reference": "2-117/2026", "documentId": paper,
        "items": [Gid(OpenItemId(of)).encode()] });
    let office = || actor_of(Role::Treasurer);
    let (made, _) = reconcile::act(&city, office(), "earmarkCreate", "earmark { id }", input).await;
    let lines = json!([{ "accountId": account(1), "amount": "1000.00", "target": { "earmark": made["earmark"]["id"] } }]);
    let input = json!({ "deskId": desk(1), "lines": lines, "idempotencyKey": "test-key-claim" });
    let sale = said(&act(&city, cashier(), "cashPay", input).await);
    assert_eq!(sale["cash"], "1000.00", "{sale}");
    let over = json!({ "id": made["earmark"]["id"] });
    let (_, codes) = reconcile::act(&city, office(), "earmarkClose", "earmark { id }", over).await;
    assert_eq!(codes, [""; 0]);
    let back = refund(&city, &sale, json!([{ "n": 1, "cash": "300.00" }]), "back").await;
    assert_eq!(back["cash"], "-300.00", "{back}");
    assert_eq!(account_balance(&city, 1).await, 558_279 - 70_000);
    books_agree(&city).await;
}

#[tokio::test]
async fn a_receipt_of_two_accounts_takes_as_many_statements_as_one_of_one() {
    let city = desks().await;
    opened(&city).await;
    let mut counts = Vec::new();
    for (key, lines) in [("warm", vec![1]), ("one", vec![1]), ("two", vec![1, 2])] {
        let lines: Vec<(i64, &str)> = lines.into_iter().map(|of| (of, "10.00")).collect();
        let (sale, statements) =
            aiscra_tests::count_statements(pay_at(&city, cashier(), 1, &lines, key, json!({}))).await;
        assert_eq!(sale["kind"], "SALE", "{sale}");
        counts.push(statements);
    }
    assert_eq!(counts[1], counts[2]);
}
