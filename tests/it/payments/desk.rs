//! What may be brought one by one: money over the counter in a shift only, nothing above the limit; and what a payment would do, seen
//! before it is done.

use aiscra_tests::TestApp;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::record::{bank, issued};

async fn take(city: &TestApp, actor: Actor, channel: &str, sum: &str, day: &str) -> Vec<(String, String)> {
    let done = city
        .graphql(
            "mutation($a: ID!, $s: Money!, $c: PaymentChannel!, $d: Date!, $k: String!) { paymentRecord(input: {
                accountId: $a, amount: $s, channel: $c, paidOn: $d, idempotencyKey: $k }) { payment { id } errors { code field message } } }",
            json!({ "a": Gid(AccountId(1)).encode(), "s": sum, "c": channel, "d": day,
                    "k": format!("{channel}-{sum}-{day}") }),
        )
        .as_actor(actor)
        .await;
    done.refusals();
    let errors = done.data["paymentRecord"]["errors"].as_array().unwrap().clone();
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| (text(&error["code"]), text(&error["field"]))).collect()
}

#[tokio::test]
async fn people_bring_no_money_outside_of_a_shift_and_nobody_a_mistyped_sum() {
    let city = issued().await;
    let cashier = || aiscra_tests::actor_of(Role::Cashier);
    let refused = |code: &str, field: &str| vec![(code.to_owned(), field.to_owned())];
    for channel in ["CASH", "CARD"] {
        for day in ["2026-03-26", "2026-03-23", "1990-01-01"] {
            let told = take(&city, cashier(), channel, "10.00", day).await;
            assert_eq!(told, refused("CASH_NEEDS_SHIFT", "channel"), "{channel} {day}");
        }
    }
    assert_eq!(
        take(&city, cashier(), "BANK", "10.00", "2026-03-26").await,
        refused("DESK_TAKES_CASH", "channel")
    );
    assert_eq!(take(&city, cashier(), "CASH", "10.00", "2026-03-27").await, refused("FUTURE_DAY", "paidOn"));
    for actor in [cashier(), bank()] {
        let told = take(&city, actor, "CASH", "99999999999999.00", "2026-03-26").await;
        assert_eq!(told, refused("SUM_TOO_LARGE", "amount"));
    }
    assert_eq!(
        take(&city, bank(), "BANK", "10.00", "2026-02-10").await,
        [],
        "programs bring their papers' days"
    );
    let taken: Option<i64> = city.scalar("SELECT sum(amount)::bigint FROM payments.payment").await;
    assert_eq!(taken, Some(1_000));
}

#[tokio::test]
async fn the_limit_is_a_setting_and_without_it_nothing_is_taken() {
    let city = issued().await;
    city.sql("UPDATE tariffs.setting SET value = '\"9\"' WHERE code = 'payments.max_amount'").await;
    let codes = |told: Vec<(String, String)>| told.into_iter().map(|one| one.0).collect::<Vec<_>>();
    assert_eq!(codes(take(&city, bank(), "BANK", "9.01", "2026-03-26").await), ["SUM_TOO_LARGE"]);
    assert_eq!(take(&city, bank(), "BANK", "9.00", "2026-03-26").await, []);
    city.sql("DELETE FROM tariffs.setting WHERE code = 'payments.max_amount'").await;
    assert_eq!(codes(take(&city, bank(), "BANK", "8.00", "2026-03-26").await), ["MISSING_SETTING"]);
}

async fn preview(city: &TestApp, sum: &str) -> Json {
    let seen = city
        .graphql(
            "query($a: ID!, $s: Money!) { paymentPreview(accountId: $a, amount: $s) { period advance balance
                allocations { amount openItem { service origin } } errors { code } } }",
            json!({ "a": Gid(AccountId(1)).encode(), "s": sum }),
        )
        .as_role(Role::Cashier)
        .await;
    seen.ok()["paymentPreview"].clone()
}

#[tokio::test]
async fn what_a_payment_would_do_is_seen_before_and_is_what_it_does() {
    let city = issued().await;
    let seen = preview(&city, "6000.00").await;
    assert_eq!((&seen["advance"], &seen["balance"]), (&json!("417.21"), &json!("-417.21")));
    assert_eq!(seen["period"], "2026-03");
    let paid: Option<i64> = city.scalar("SELECT count(*) FROM payments.payment").await;
    assert_eq!(paid, Some(0), "nothing is recorded");
    let done = city
        .graphql(
            "mutation($a: ID!) { paymentRecord(input: { accountId: $a, amount: \"6000.00\", channel: BANK,
                idempotencyKey: \"as-previewed\" }) { payment { period allocations { amount openItem { service origin } } } errors { code } } }",
            json!({ "a": Gid(AccountId(1)).encode() }),
        )
        .as_actor(bank())
        .await;
    assert_eq!(done.at("/paymentRecord/payment/allocations"), &seen["allocations"]);
    assert!(seen["allocations"].as_array().unwrap().len() > 1, "{seen}");
    assert_eq!(preview(&city, "6000000.00").await["errors"][0]["code"], "SUM_TOO_LARGE");
    assert_eq!(preview(&city, "0.00").await["errors"][0]["code"], "AMOUNT_NOT_POSITIVE");
}
