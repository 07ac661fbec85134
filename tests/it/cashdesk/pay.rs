//! Taking money: rounding of the total, one payment for one key, payments in the ledger at once.

use serde_json::json;

use super::*;

#[tokio::test]
async fn case_78_cash_is_rounded_once_and_a_card_never() {
    let city = desks().await;
    opened(&city).await;
    let take = async |sum: &str, more: Json| {
        let paid = pay_at(&city, cashier(), 1, &[(1, sum)], &format!("{sum}{more}"), more).await;
        ["cash", "card", "rounding", "change"].map(|name| paid[name].as_str().unwrap_or("?").to_owned())
    };
    assert_eq!(take("100.49", json!({})).await, ["100.00", "0.00", "-0.49", "0.00"]);
    assert_eq!(take("100.50", json!({})).await, ["101.00", "0.00", "0.50", "0.00"]);
    assert_eq!(take("100.51", json!({ "given": "200.00" })).await, ["101.00", "0.00", "0.49", "99.00"]);
    assert_eq!(take("200.49", json!({ "card": "200.49" })).await, ["0.00", "200.49", "0.00", "0.00"]);
    // Mixed: only the cash.
    assert_eq!(
        take("300.49", json!({ "card": "150.25", "given": "1000.00" })).await,
        ["150.00", "150.25", "-0.24", "850.00"]
    );
    // Several accounts: the total once, the largest line bears it.
    let both = pay_at(
        &city,
        cashier(),
        1,
        &[(1, "10.30"), (2, "20.30")],
        "both",
        json!({ "card": "15.00", "given": "20.00" }),
    )
    .await;
    assert_eq!(
        (&both["cash"], &both["change"], &both["rounding"]),
        (&json!("16.00"), &json!("4.00"), &json!("0.40"))
    );
    let lines: Vec<[&str; 3]> = both["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| ["asked", "cash", "card"].map(|name| line[name].as_str().unwrap()))
        .collect();
    assert_eq!(lines, [["10.30", "0.00", "10.30"], ["20.30", "16.00", "4.70"]]);
    // What was really taken is what the accounts are credited.
    let credited: Option<i64> = city.scalar("SELECT sum(amount)::bigint FROM payments.payment").await;
    assert_eq!(credited, Some(10_000 + 10_100 + 10_100 + 20_049 + 30_025 + 3_100));
    let channels = city
        .texts("SELECT concat_ws(' ', channel, count(*), sum(amount)) FROM payments.payment GROUP BY channel ORDER BY 1")
        .await;
    assert_eq!(channels, ["card 4 36574", "cash 5 46800"]);
    for (sum, more, code) in [
        ("0.49", json!({}), "CASH_ROUNDS_TO_NOTHING"),
        ("0.00", json!({}), "AMOUNT_NOT_POSITIVE"),
        ("-5.00", json!({}), "AMOUNT_NOT_POSITIVE"),
        ("10.00", json!({ "card": "10.01" }), "CASH_CARD_TOO_LARGE"),
        ("10.00", json!({ "given": "9.00" }), "CASH_GIVEN_TOO_LITTLE"),
        ("10.00", json!({ "card": "10.00", "given": "1.00" }), "CASH_NOT_DUE"),
        ("99999999.00", json!({}), "SUM_TOO_LARGE"),
    ] {
        assert_eq!(
            pay_at(&city, cashier(), 1, &[(1, sum)], &format!("bad{sum}{code}"), more).await,
            code,
            "{sum}"
        );
    }
    assert_eq!(
        pay_at(&city, cashier(), 1, &[(1, "1.00"), (1, "2.00")], "twice", json!({})).await,
        "CASH_ACCOUNT_TWICE"
    );
    assert_eq!(pay_at(&city, cashier(), 1, &[(77, "1.00")], "nobody", json!({})).await, "NO_SUCH_ACCOUNT");
    assert_eq!(pay_at(&city, cashier(), 1, &[], "empty", json!({})).await, "AMOUNT_NOT_POSITIVE");
    books_agree(&city).await;
}

#[tokio::test]
async fn case_79_a_payment_is_split_between_services_to_the_tiyn_in_the_order_of_the_setting() {
    let city = desks().await;
    opened(&city).await;
    // A third service of the same month, and older penalty.
    city.sql(
        "INSERT INTO ledger.open_item (account_id, sector, service, component, origin, due_on, amount, source, source_id)
         VALUES (1, 'multi', 'sewerage_hot', 'charge', '2026-03-01', '2026-04-25', 10000, 'opening', 1),
                (1, 'multi', 'water', 'penalty', '2026-01-01', '2026-02-25', 500, 'opening', 1)",
    )
    .await;
    let settled = async |payment: &str| {
        city.texts(&format!(
            "SELECT concat_ws(' ', i.component, i.service, s.amount) FROM ledger.settlement s
             JOIN ledger.open_item i ON i.account_id = s.account_id AND i.id = s.open_item_id
             WHERE s.source = 'payment' AND s.source_id = (SELECT id FROM payments.payment WHERE external_id LIKE '%-{payment}/1')
             ORDER BY s.id"
        ))
        .await
    };
    // One tiyn goes to one thing: the penalty comes first by the setting.
    pay_at(&city, cashier(), 1, &[(1, "0.01")], "tiyn", json!({ "card": "0.01" })).await;
    assert_eq!(settled("tiyn").await, ["penalty water 1"]);
    pay_at(&city, cashier(), 1, &[(1, "4.99")], "rest", json!({ "card": "4.99" })).await;
    assert_eq!(settled("rest").await, ["penalty water 499"]);
    // One tiyn over three services is one part, and no tiyn is lost.
    pay_at(&city, cashier(), 1, &[(1, "0.01")], "one", json!({ "card": "0.01" })).await;
    assert_eq!(settled("one").await.len(), 1);
    pay_at(&city, cashier(), 1, &[(1, "1000.00")], "split", json!({})).await;
    let parts = settled("split").await;
    assert_eq!(parts.len(), 3, "{parts:?}");
    let sum: i64 = parts.iter().map(|part| part.rsplit(' ').next().unwrap().parse::<i64>().unwrap()).sum();
    assert_eq!(sum, 100_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn case_80_two_desks_take_money_for_one_account_at_the_same_moment() {
    let city = desks().await;
    opened(&city).await;
    open(&city, second(), 2).await.ok();
    let mut all = Vec::new();
    for n in 0..10 {
        let city = &city;
        all.push(async move {
            let (who, id) = if n % 2 == 0 { (cashier(), 1) } else { (second(), 2) };
            pay_at(city, who, id, &[(1, "700.50")], &format!("both-{n}"), json!({ "card": "700.50" })).await
        });
    }
    let done = futures_util::future::join_all(all).await;
    assert!(done.iter().all(|one| one["card"] == "700.50"), "{done:?}");
    let paid: Option<i64> =
        city.scalar("SELECT sum(amount)::bigint FROM payments.payment WHERE account_id = 1").await;
    assert_eq!(paid, Some(700_500));
    // Five thousand and something was owed: the rest is an advance, and nothing is settled twice.
    let over: Option<i64> =
        city.scalar("SELECT count(*) FROM ledger.open_item WHERE abs(settled) > abs(amount)").await;
    assert_eq!(over, Some(0));
    let left: Option<i64> =
        city.scalar("SELECT sum(amount - settled)::bigint FROM ledger.open_item WHERE account_id = 1").await;
    assert_eq!(left, Some(558_279 - 700_500));
    books_agree(&city).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_takes_money_once_however_often_it_comes() {
    let city = desks().await;
    let shift = opened(&city).await;
    let first = pay(&city, "100.00", "lost").await;
    let (again, once_more) = tokio::join!(pay(&city, "100.00", "lost"), pay(&city, "100.00", "lost"));
    assert_eq!((&again, &once_more), (&first, &first));
    // Ten at the same moment are one.
    let many = futures_util::future::join_all((0..10).map(|_| pay(&city, "50.00", "parallel"))).await;
    assert!(many.iter().all(|one| one == &many[0] && one["cash"] == "50.00"), "{many:?}");
    let taken: Option<i64> = city.scalar("SELECT count(*) FROM cashdesk.operation").await;
    assert_eq!(taken, Some(2));
    // Whoever lost the answer can ask for it.
    let asked = city
        .graphql(
            "query($d: ID!, $k: String!) { cashOperationByKey(deskId: $d, key: $k) { id } }",
            json!({ "d": desk(1), "k": "test-key-lost" }),
        )
        .as_actor(cashier())
        .await;
    assert_eq!(asked.at("/cashOperationByKey/id"), &first["id"]);
    // The same key with another sum is no answer to the first.
    let other = act(
        &city,
        cashier(),
        "cashPay",
        json!({ "deskId": desk(1), "lines": [{ "accountId": account(1), "amount": "101.00" }], "idempotencyKey": "test-key-lost" }),
    )
    .await;
    assert_eq!(other.codes(), ["IDEMPOTENCY_CONFLICT"]);
    // The key is the operation's: another kind of it under the same key is refused.
    assert_eq!(pay_in(&city, "100.00", "lost").await, "CASH_KEY_USED");
    // The answer is there also when the shift is long closed.
    close_even(&city, &shift, 15_000).await;
    assert_eq!(pay(&city, "100.00", "lost").await["id"], first["id"]);
    books_agree(&city).await;
}

#[tokio::test]
async fn the_limits_of_the_desk_hold_here_too() {
    let city = desks().await;
    opened(&city).await;
    city.sql("UPDATE tariffs.setting SET value = '\"500\"' WHERE code = 'payments.max_amount'").await;
    assert_eq!(pay(&city, "501.00", "1").await, "SUM_TOO_LARGE");
    assert_eq!(
        pay_at(&city, cashier(), 1, &[(1, "600.00")], "2", json!({ "card": "600.00" })).await,
        "SUM_TOO_LARGE"
    );
    assert_eq!(pay(&city, "500.00", "3").await["cash"], "500.00");
    city.sql("DELETE FROM tariffs.setting WHERE code = 'cashdesk.cash_unit'").await;
    assert_eq!(pay(&city, "1.00", "4").await, "MISSING_SETTING");
}
