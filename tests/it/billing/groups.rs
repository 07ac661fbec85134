//! Another group of consumers from a day on: its days have its price, and months that were billed are put right by a correction.

use aiscra_tests::{TestApp, march};
use api::billing::ops;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::recalculate::{act, city, document, named, open, prepared, whole};

/// A shop billed in all three months within no limit, every price of whose lines is that of the group `other`.
async fn shop(city: &TestApp) -> i64 {
    city.scalar(
        "SELECT l.account_id FROM billing.charge_line l JOIN subscribers.account a ON a.id = l.account_id
         WHERE l.period BETWEEN '2025-12-01' AND '2026-02-01' AND a.sector = 'legal' AND a.consumer_group = 'other'
           AND a.status = 'active'
         GROUP BY 1 HAVING count(DISTINCT l.period) = 3 AND bool_and(l.limit_id IS NULL AND l.component = 'charge')
            AND bool_and(l.liters > 0) AND count(DISTINCT l.point_id) = 1
            AND count(DISTINCT l.service) FILTER (WHERE l.service IN ('water', 'sewerage_cold')) = 2
         ORDER BY 1 LIMIT 1",
    )
    .await
    .expect("a shop")
}

/// Everything of the account's days is of another group from a day on.
async fn set(city: &TestApp, account: i64, from: &str) {
    let version: i32 =
        city.scalar(&format!("SELECT version FROM subscribers.account WHERE id = {account}")).await.unwrap();
    let input = json!({ "accountId": Gid(AccountId(account)).encode(), "expectedVersion": version,
        "consumerGroup": "BUDGET", "from": from, "documentId": document(city).await });
    let done = city
        .graphql(
            "mutation($i: ConsumerGroupSetInput!) { consumerGroupSet(input: $i) { errors { code } } }",
            json!({ "i": input }),
        )
        .as_role(Role::OperatorLegal)
        .await;
    assert_eq!(done.refusals(), Vec::<&str>::new(), "{done:?}");
}

async fn price(city: &TestApp, service: Service, group: &str, day: &str) -> Decimal {
    city.scalar(&format!(
        "SELECT net FROM tariffs.price WHERE service = '{}' AND consumer_group = '{group}' AND valid @> '{day}'::date AND upper_inf(recorded)",
        service.code()
    ))
    .await
    .expect("a price")
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_eleventh_on_the_month_has_two_prices() {
    let city = city(300).await;
    let account = shop(&city).await;
    let preview = async || {
        let now = city.app.clock.now();
        let found =
            ops::preview_bill(&city.app.db, AccountId(account), Sector::Legal, march(), now).await.unwrap();
        found.expect("is billed").expect("is charged")
    };
    let before = preview().await;
    set(&city, account, "2026-03-11").await;
    let after = preview().await;
    assert!(after.holds());
    let volume = |lines: &[domain::billing::ChargeLine], service: Service| -> Volume {
        lines.iter().filter(|line| line.service == service).map(|line| line.volume).sum()
    };
    let day: chrono::NaiveDate = "2026-03-11".parse().unwrap();
    for service in [Service::Water, Service::SewerageCold] {
        let lines = || after.charges.lines.iter().filter(move |line| line.service == service);
        assert_eq!(
            volume(&after.charges.lines, service),
            volume(&before.charges.lines, service),
            "only the price is another"
        );
        let (other, budget) = (
            price(&city, service, "other", "2026-03-10").await,
            price(&city, service, "budget", "2026-03-11").await,
        );
        assert!(lines().any(|line| line.to == day) && lines().any(|line| line.from == day), "{after:?}");
        for line in lines() {
            let expected = if line.from < day { other } else { budget };
            assert_eq!(line.price.normalize(), expected.normalize(), "{line:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_group_of_three_closed_months_is_the_difference_of_the_prices() {
    let city = city(300).await;
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let account = shop(&city).await;
    let part = json!({ "accounts": [Gid(AccountId(account)).encode()] });
    // Without a document that dates it, months that were billed keep their group.
    city.sql(&format!("UPDATE subscribers.account SET consumer_group = 'budget' WHERE id = {account}")).await;
    let none = prepared(&city, &accountant, part.clone()).await;
    assert_eq!((none["changed"].as_i64(), none["unchanged"].as_i64()), (Some(0), Some(1)), "{none}");
    city.sql(&format!("UPDATE subscribers.account SET consumer_group = 'other' WHERE id = {account}")).await;

    let opened: Option<String> =
        city.scalar(&format!("SELECT opened_on::text FROM subscribers.account WHERE id = {account}")).await;
    set(&city, account, &opened.unwrap()).await;
    // By hand: the volume of each line at the other group's price of its days.
    let lines = city
        .texts(&format!(
            "SELECT concat_ws(' ', l.liters, l.vat_rate, (SELECT (p.net * 10000)::bigint FROM tariffs.price p
                 WHERE p.service = l.service AND p.consumer_group = 'budget' AND p.valid @> l.from_day AND upper_inf(p.recorded)), l.gross)
             FROM billing.charge_line l
             WHERE l.account_id = {account} AND l.period BETWEEN '2025-12-01' AND '2026-02-01'"
        ))
        .await;
    let mut difference = Money::ZERO;
    for line in &lines {
        let numbers: Vec<i64> = line.split(' ').map(|number| number.parse().unwrap()).collect();
        let [liters, vat_rate, price, gross] = numbers[..] else { panic!("{line}") };
        let exact = Decimal::new(liters, 3) * Decimal::new(price, 4);
        let exact = exact * (Decimal::ONE + Decimal::new(vat_rate, 4));
        difference += Money::rounded(exact, Rounding::HalfUp) - Money::from_tiyn(gross);
    }
    assert!(!difference.is_zero());

    let mut input = part;
    input["reason"] = "the group of consumers".into();
    let batch = prepared(&city, &accountant, input).await;
    assert_eq!((batch["changed"].as_i64(), batch["bills"].as_i64()), (Some(1), Some(3)), "{batch}");
    let money = |field: &str| batch[field].as_str().unwrap().parse::<Money>().unwrap();
    assert_eq!(money("net") + money("vat"), difference);
    let both = "SELECT count(*) FROM billing.correction_line WHERE side = 'plus' AND account_id = ";
    assert_eq!(city.scalar::<i64>(&format!("{both}{account}")).await, Some(lines.len() as i64));

    let _ = act(&city, "correctionPost", &accountant, &batch).await;
    if open(&city, &batch["id"]).await["state"] == "WAITING" {
        assert_eq!(act(&city, "correctionConfirm", &chief, &batch).await, Vec::<String>::new());
    }
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTED");
    whole(&city).await;
}
