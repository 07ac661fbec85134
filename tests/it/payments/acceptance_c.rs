//! Acceptance cases C: Kassa24.

use domain::payments::channel::ChannelOutcome;
use entities::kernel::Tx;

use super::bank::{ACCOUNT, Bank, KASSA24, NOON};

async fn ask(bank: &Bank, query: &str) -> super::bank::Told {
    bank.get(KASSA24.channel, query).await
}

#[tokio::test]
async fn c50_check_payment_status_cancel() {
    let bank = Bank::open().await;
    let seen = bank.check(KASSA24, ACCOUNT).await;
    assert_eq!(
        seen.body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response><code>0</code><message>OK</message></response>"
    );
    let paid = bank.pay(KASSA24, "77120045", ACCOUNT, "500.00").await;
    let id: i64 = bank.city.scalar("SELECT id FROM payments.payment").await.unwrap();
    assert_eq!((paid.code(), paid.text("authcode")), (0, Some(id.to_string())));
    let at: chrono::NaiveDateTime = paid.text("date").unwrap().parse().expect("a moment without a zone");
    let now = bank
        .city
        .app
        .clock
        .now()
        .with_timezone(&chrono::FixedOffset::east_opt(5 * 3600).unwrap())
        .naive_local();
    assert!((now - at).num_seconds().abs() < 60, "our time in Almaty: {at}");
    let status = ask(&bank, &KASSA24.status("77120045")).await;
    assert_eq!((status.code(), status.text("authcode")), (0, Some(id.to_string())));
    assert_eq!(ask(&bank, &KASSA24.cancel("77120045")).await.code(), 0);
    bank.whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c51_every_code() {
    let bank = Bank::open().await;
    assert_eq!(ask(&bank, "action=refund&number=1000001").await.code(), 1);
    assert_eq!(bank.check(KASSA24, "1999999").await.code(), 2);
    assert_eq!(bank.pay(KASSA24, "51", ACCOUNT, "-5").await.code(), 3);
    assert_eq!(bank.pay(KASSA24, "5_1", ACCOUNT, "5.00").await.code(), 4);
    assert_eq!(ask(&bank, &KASSA24.pay("51", ACCOUNT, "5.00", "20260230120000")).await.code(), 5);
    assert_eq!(ask(&bank, &KASSA24.status("51")).await.code(), 6);
    assert_eq!(bank.pay(KASSA24, "51", ACCOUNT, "5.00").await.code(), 0);
    ask(&bank, &KASSA24.cancel("51")).await;
    assert_eq!(ask(&bank, &KASSA24.status("51")).await.code(), 7);

    // While a payment waits for its account, its state is not known.
    let tx = Tx::begin(&bank.city.app.db, domain::access::Actor::system("test")).await.unwrap();
    entities::kernel::sql::run(&tx, "SELECT FROM ledger.open_item WHERE account_id = 1 FOR UPDATE", [])
        .await
        .unwrap();
    let looking = async {
        let mut told = ask(&bank, &KASSA24.status("52")).await;
        for _ in 0..100 {
            if told.code() == 8 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            told = ask(&bank, &KASSA24.status("52")).await;
        }
        tx.rollback().await.unwrap();
        told.code()
    };
    let (paid, seen) = tokio::join!(bank.pay(KASSA24, "52", ACCOUNT, "5.00"), looking);
    assert_eq!((paid.code(), seen), (0, 8));

    bank.set(KASSA24, "cancel_hours = 0").await;
    assert_eq!(ask(&bank, &KASSA24.cancel("52")).await.code(), 9);
    bank.set(KASSA24, "active = false").await;
    assert_eq!(bank.pay(KASSA24, "53", ACCOUNT, "5.00").await.code(), 10);
}

#[tokio::test]
async fn c52_the_commission_is_not_ours() {
    let bank = Bank::open().await;
    let query = format!("{}&commission=25.00", KASSA24.pay("52", ACCOUNT, "500.00", NOON));
    assert_eq!(ask(&bank, &query).await.code(), 0);
    let credited: Option<i64> = bank.city.scalar("SELECT amount FROM payments.payment").await;
    assert_eq!(credited, Some(50_000));
}

#[tokio::test]
async fn c53_dates_with_a_zone_and_a_fraction() {
    let bank = Bank::open().await;
    for (n, (date, day)) in [
        ("2026-03-25T23:30:00", "2026-03-25 18:30:00"),
        ("2026-03-25T23:30:00.123", "2026-03-25 18:30:00.123"),
        ("2026-03-25T23:30:00%2B03:00", "2026-03-26 20:30:00"),
        ("2026-03-25T23:30:00Z", "2026-03-26 23:30:00"),
    ]
    .into_iter()
    .enumerate()
    {
        let query = format!("action=payment&number={ACCOUNT}&amount=1.00&receipt=c53-{n}&date={date}");
        assert_eq!(ask(&bank, &query).await.code(), 0, "{date}");
        let kept: Option<String> = bank
            .city
            .scalar(&format!(
                "SELECT paid_on || ' ' || (paid_at AT TIME ZONE 'UTC')::time FROM payments.payment WHERE external_id = 'c53-{n}'"
            ))
            .await;
        assert_eq!(kept.as_deref(), Some(day), "the day is Almaty's");
    }
    // A channel whose clocks are in Moscow.
    bank.set(KASSA24, "zone = 'Europe/Moscow'").await;
    let query =
        format!("action=payment&number={ACCOUNT}&amount=1.00&receipt=moscow&date=2026-03-25T22:30:00");
    assert_eq!(ask(&bank, &query).await.code(), 0);
    let day: Option<String> =
        bank.city.scalar("SELECT paid_on::text FROM payments.payment WHERE external_id = 'moscow'").await;
    assert_eq!(day.as_deref(), Some("2026-03-26"), "half past midnight in Almaty");
}

#[tokio::test]
async fn c54_the_same_receipt_with_the_same_and_with_another_sum() {
    let bank = Bank::open().await;
    let first = bank.pay(KASSA24, "54", ACCOUNT, "500.00").await;
    assert_eq!(bank.pay(KASSA24, "54", ACCOUNT, "500.00").await, first, "the date of the answer too");
    KASSA24.says(&bank.pay(KASSA24, "54", ACCOUNT, "500.01").await, ChannelOutcome::NumberReused);
    assert_eq!(bank.payments().await, 1);
}

#[tokio::test]
async fn c55_a_receipt_nobody_has_seen_and_one_that_was_cancelled() {
    let bank = Bank::open().await;
    assert_eq!(ask(&bank, &KASSA24.status("55")).await.code(), 6);
    assert_eq!(ask(&bank, &KASSA24.cancel("55")).await.code(), 6);
    bank.pay(KASSA24, "55", ACCOUNT, "500.00").await;
    let back = ask(&bank, &KASSA24.cancel("55")).await;
    assert_eq!(back.code(), 0);
    assert_eq!(ask(&bank, &KASSA24.cancel("55")).await, back);
    assert_eq!(ask(&bank, &KASSA24.status("55")).await.code(), 7);
}

#[tokio::test]
async fn c56_an_account_above_two_to_the_thirty_first() {
    let bank = Bank::open().await;
    bank.city.sql("UPDATE subscribers.account SET number = '3000000001' WHERE id = 2").await;
    assert_eq!(bank.check(KASSA24, "3000000001").await.code(), 0);
    assert_eq!(bank.pay(KASSA24, "56", "3000000001", "1.00").await.code(), 0);
    let paid: Option<i64> = bank.city.scalar("SELECT account_id FROM payments.payment").await;
    assert_eq!(paid, Some(2));
}
