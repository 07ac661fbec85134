//! Cash that is no payment: in, out, to the collectors, to another desk.

use serde_json::json;

use super::*;

async fn out(city: &TestApp, sum: &str, key: &str) -> Json {
    let input = json!({ "deskId": desk(1), "amount": sum, "person": "Главная касса", "basis": "Излишек лимита",
        "idempotencyKey": format!("test-key-{key}") });
    said(&act(city, cashier(), "cashPayOut", input).await)
}

pub async fn collect(city: &TestApp, sum: &str, bag: &str, key: &str) -> Json {
    let input = json!({ "deskId": desk(1), "amount": sum, "bag": bag, "collector": "АО «Инкассация», Сергеев", "basis": "Явочная карточка № 3",
        "idempotencyKey": format!("test-key-{key}") });
    said(&act(city, cashier(), "cashCollect", input).await)
}

#[tokio::test]
async fn case_72_nothing_goes_out_that_is_not_in_the_drawer() {
    let city = desks().await;
    opened(&city).await;
    pay_in(&city, "1000.00", "in").await;
    pay_at(&city, cashier(), 1, &[(1, "900.00")], "card", json!({ "card": "900.00" })).await;
    assert_eq!(out(&city, "1001.00", "a").await, "CASH_NOT_ENOUGH", "cards are no cash");
    assert_eq!(collect(&city, "1000.01", "12", "b").await, "CASH_WHOLE_UNITS");
    assert_eq!(collect(&city, "1001.00", "12", "c").await, "CASH_NOT_ENOUGH");
    assert_eq!(out(&city, "0.00", "d").await, "AMOUNT_NOT_POSITIVE");
    assert_eq!(out(&city, "-5.00", "e").await, "AMOUNT_NOT_POSITIVE");
    let done = out(&city, "400.00", "f").await;
    assert_eq!(
        (&done["kind"], &done["cash"], &done["order"]["kind"]),
        (&json!("PAY_OUT"), &json!("-400.00"), &json!("PAYOUT"))
    );
    let bag = collect(&city, "600.00", "12", "g").await;
    assert_eq!(
        (&bag["kind"], &bag["bag"], &bag["cash"]),
        (&json!("COLLECTION"), &json!("12"), &json!("-600.00"))
    );
    assert_eq!(collect(&city, "1.00", "13", "h").await, "CASH_NOT_ENOUGH", "to the last tenge");
    pay_in(&city, "5.00", "more").await;
    assert_eq!(collect(&city, "5.00", "12", "i").await, "CASH_BAG_TWICE");
    let way = city
        .texts("SELECT concat_ws(' ', debit, credit, amount) FROM cashdesk.entry WHERE debit = 'in_transit'")
        .await;
    assert_eq!(way, ["in_transit cash 60000"]);
    books_agree(&city).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_outflows_at_once_do_not_overdraw_the_drawer() {
    let city = desks().await;
    opened(&city).await;
    pay_in(&city, "1000.00", "in").await;
    let many = futures_util::future::join_all((0..8).map(|n| {
        let city = &city;
        async move { out(city, "300.00", &format!("out-{n}")).await }
    }))
    .await;
    assert_eq!(many.iter().filter(|one| one["cash"] == "-300.00").count(), 3, "{many:?}");
    assert_eq!(many.iter().filter(|one| **one == json!("CASH_NOT_ENOUGH")).count(), 5);
}

#[tokio::test]
async fn cash_goes_from_desk_to_desk_in_a_pair() {
    let city = desks().await;
    opened(&city).await;
    open(&city, second(), 2).await.ok();
    pay_in(&city, "1000.00", "in").await;
    let give = async |to: i64, sum: &str, key: &str| {
        let input = json!({ "deskId": desk(1), "toDeskId": desk(to), "amount": sum, "basis": "Размен", "idempotencyKey": format!("test-key-{key}") });
        said(&act(&city, cashier(), "cashHandOver", input).await)
    };
    let take = async |who: Actor, id: i64, of: &Json, key: &str| {
        let input =
            json!({ "deskId": desk(id), "id": of["id"], "idempotencyKey": format!("test-key-{key}") });
        said(&act(&city, who, "cashTakeOver", input).await)
    };
    assert_eq!(give(1, "1.00", "self").await, "CASH_TO_ITSELF");
    assert_eq!(give(2, "1001.00", "much").await, "CASH_NOT_ENOUGH");
    let out = give(2, "700.00", "give").await;
    assert_eq!(out["cash"], "-700.00");
    let way = async || {
        city.graphql("query { cashDesks { nodes { code onTheWay { cash } } } }", json!({}))
            .as_actor(chief())
            .await
            .at("/cashDesks/nodes")
            .clone()
    };
    assert_eq!(way().await[1]["onTheWay"], json!([{ "cash": "-700.00" }]), "it is seen at both ends");
    let on_the_way: Option<i64> =
        city.scalar("SELECT sum(CASE WHEN debit = 'handover' THEN amount ELSE -amount END)::bigint FROM cashdesk.entry WHERE 'handover' IN (debit, credit)").await;
    assert_eq!(on_the_way, Some(70_000));
    let taken = take(second(), 2, &out, "take").await;
    assert_eq!((&taken["kind"], &taken["cash"]), (&json!("HANDOVER_IN"), &json!("700.00")));
    assert_eq!(take(second(), 2, &out, "twice").await, "CASH_TAKEN_OVER");
    assert_eq!(way().await[1]["onTheWay"], json!([]));
    // What nobody took goes back where it came from.
    let back = give(2, "100.00", "back").await;
    assert_eq!(take(cashier(), 1, &back, "return").await["cash"], "100.00");
    let pair: Option<i64> =
        city.scalar("SELECT coalesce(sum(cash), 0)::bigint FROM cashdesk.operation WHERE kind IN ('handover_out', 'handover_in')").await;
    assert_eq!(pair, Some(0));
    books_agree(&city).await;
}
