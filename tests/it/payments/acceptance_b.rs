//! Acceptance cases B: Kaspi.

use std::time::{Duration, Instant};

use domain::payments::channel::ChannelOutcome;
use entities::kernel::Tx;
use serde_json::json;

use super::bank::{ACCOUNT, Bank, KASPI, KASPI_XML, NOON, OWED};

#[tokio::test]
async fn b42_shapes_of_json_and_xml() {
    let bank = Bank::open().await;
    bank.city.sql("UPDATE subscribers.party SET name = 'Иванов Айбек'").await;
    bank.set(KASPI, "shows = '{payer,address,services,readings}'").await;
    let seen = bank.check(KASPI, ACCOUNT).await;
    assert_eq!(seen.kind, "application/json; charset=utf-8");
    let told = seen.json();
    assert_eq!((&told["txn_id"], &told["result"], &told["sum"]), (&json!("1"), &json!(0), &json!(OWED)));
    assert_eq!(told["fields"]["field1"], json!({ "@name": "Плательщик", "#text": "И***в А." }));
    assert_eq!(told["fields"]["field2"], json!({ "@name": "Адрес", "#text": "проспект Абая, 10-1" }));
    assert_eq!(told["fields"]["field3"], json!({ "@name": "К оплате", "#text": OWED }));
    assert_eq!(told["fields"]["field4"]["@name"], "Водоснабжение");

    let paid = bank.pay(KASPI, "42", ACCOUNT, "3410.20").await;
    let id: i64 = bank.city.scalar("SELECT id FROM payments.payment").await.unwrap();
    let told = paid.json();
    for name in ["prv_txn_id", "prv_txn"] {
        assert_eq!(told[name], json!(id.to_string()), "{name}");
    }
    assert_eq!((&told["sum"], &told["result"]), (&json!("3410.20"), &json!(0)));
    let paid = bank.pay(KASPI_XML, "42", ACCOUNT, "3410.20").await;
    assert_eq!(paid.kind, "text/xml; charset=utf-8");
    let id: i64 = bank.city.scalar("SELECT max(id) FROM payments.payment").await.unwrap();
    assert_eq!(paid.text("prv_txn"), Some(id.to_string()));
    assert_eq!((paid.text("prv_txn_id"), paid.text("osmp_txn_id")), (None, None));
    assert_eq!(paid.text("txn_id").as_deref(), Some("42"));
    let meters = bank.check(KASPI, "1000002").await;
    let last = meters.fields().into_iter().find(|(name, _)| name == "Последнее показание");
    assert_eq!(last.map(|(_, value)| value).as_deref(), Some("112.345 (20.03.2026)"));
}

#[tokio::test]
async fn b43_not_found_is_1_and_what_is_wrong_is_5() {
    let bank = Bank::open().await;
    for tongue in [KASPI, KASPI_XML] {
        assert_eq!(bank.check(tongue, "1999999").await.code(), 1);
        assert_eq!(bank.check(tongue, "letters").await.code(), 1);
        assert_eq!(bank.pay(tongue, "43", "1999999", "1.00").await.code(), 1);
        assert_eq!(bank.pay(tongue, "43", ACCOUNT, "1,00").await.code(), 5);
        assert_eq!(bank.get(tongue.channel, "command=refund").await.code(), 5);
    }
}

#[tokio::test]
async fn b44_a_repeat_is_0_and_never_3() {
    let bank = Bank::open().await;
    let first = bank.pay(KASPI, "44", ACCOUNT, "100.00").await;
    for _ in 0..3 {
        let again = bank.pay(KASPI, "44", ACCOUNT, "100.00").await;
        assert_eq!((again.code(), &again), (0, &first));
    }
}

#[tokio::test]
async fn b45_a_second_payment_of_the_month_is_0() {
    let bank = Bank::open().await;
    for number in ["45", "46", "47"] {
        assert_eq!(bank.pay(KASPI, number, ACCOUNT, "100.00").await.code(), 0);
    }
    assert_eq!(bank.payments().await, 3);
}

#[tokio::test]
async fn b46_the_sum_of_a_check_is_the_debt_and_never_less_than_nothing() {
    let bank = Bank::open().await;
    assert_eq!(bank.check(KASPI, ACCOUNT).await.text("sum").as_deref(), Some(OWED));
    bank.pay(KASPI, "46", ACCOUNT, "6000.00").await;
    let told = bank.check(KASPI, ACCOUNT).await;
    assert_eq!(told.text("sum").as_deref(), Some("0.00"));
    assert_eq!(told.field("Аванс").as_deref(), Some("417.21"));
}

#[tokio::test(flavor = "multi_thread")]
async fn b47_an_answer_comes_within_fifteen_seconds_whoever_holds_the_account() {
    let bank = Bank::open().await;
    let tx = Tx::begin(&bank.city.app.db, domain::access::Actor::system("test")).await.unwrap();
    entities::kernel::sql::run(&tx, "SELECT FROM ledger.open_item WHERE account_id = 1 FOR UPDATE", [])
        .await
        .unwrap();
    let begun = Instant::now();
    let told = futures_util::future::join_all(
        ["1", "2", "3"].map(|number| bank.pay(KASPI, number, ACCOUNT, "1.00")),
    )
    .await;
    assert!(begun.elapsed() < Duration::from_secs(13), "{:?}", begun.elapsed());
    told.iter().for_each(|told| KASPI.says(told, ChannelOutcome::Temporary));
    tx.rollback().await.unwrap();
    KASPI.says(&bank.pay(KASPI, "1", ACCOUNT, "1.00").await, ChannelOutcome::Done);
}

#[tokio::test]
async fn b48_never_422_a_redirect_or_429() {
    let bank = Bank::open().await;
    let pay = KASPI.pay("48", ACCOUNT, "1.00", NOON);
    let mut queries =
        vec![String::new(), "x".into(), "&&&==".into(), "%".into(), "command=%FF".into(), "a=".repeat(500)];
    queries
        .extend(["command", "txn_id", "account", "sum", "txn_date"].map(|name| pay.replace(name, "other")));
    for query in &queries {
        assert_eq!(bank.get(KASPI.channel, query).await.status, 200, "{query}");
    }
    for _ in 0..300 {
        assert_eq!(bank.check(KASPI, ACCOUNT).await.status, 200, "a bank has no budget");
    }
}

#[tokio::test]
async fn b49_one_tiyn_is_kept() {
    let bank = Bank::open().await;
    KASPI.says(&bank.pay(KASPI, "49", ACCOUNT, "0.01").await, ChannelOutcome::Done);
    assert_eq!(bank.balance(1).await, "5582.78");
    let kept: Option<i64> = bank.city.scalar("SELECT amount FROM payments.payment").await;
    assert_eq!(kept, Some(1));
    bank.whole().await;
}
