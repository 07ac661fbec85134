//! What was owed on a day, as known at a moment: day by day the sums that a person would write down.

use aiscra_tests::{Flat, TestApp, march};
use api::billing::ops;
use api::payments::ops::{Adjustment, NewPayment, adjust, record, reverse_payment};
use api::platform::graphql::Gid;
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::debt::ageing;
use entities::kernel::Tx;
use entities::ledger::item;
use serde_json::{Value as Json, json};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn tx(city: &TestApp) -> Tx {
    Tx::begin(&city.app.db, Actor::system("test")).await.unwrap()
}

async fn pay(city: &TestApp, sum: &str, on: &str) -> PaymentId {
    let payment = NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: "bank".into(),
        external_id: format!("{sum} {on}"),
        amount: sum.parse().unwrap(),
        paid_on: day(on),
        import_batch: None,
        paid_at: None,
        target: None,
    };
    let mut tx = tx(city).await;
    let id = record(&mut tx, payment, city.app.clock.today(), city.app.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    id
}

async fn known(city: &TestApp, valid_on: &str, known_at: Option<DateTime<Utc>>) -> Json {
    let asked = city
        .graphql(
            "query($a: ID!, $v: Date!, $k: DateTime) { account(id: $a) {
                balance balanceAsOf(validOn: $v, knownAt: $k) { balance parts { service component amount } }
                residentsAsOf(validOn: $v, knownAt: $k) { residents } } }",
            json!({ "a": Gid(AccountId(1)).encode(), "v": valid_on, "k": known_at }),
        )
        .as_role(Role::Auditor)
        .await;
    asked.ok()["account"].clone()
}

async fn on(city: &TestApp, valid_on: &str) -> String {
    known(city, valid_on, None).await["balanceAsOf"]["balance"].as_str().unwrap().to_owned()
}

async fn aged(city: &TestApp, on: &str) -> String {
    let scope = domain::access::Scope::City;
    let rows = ageing::ages_of_past(&city.app.db, &scope, day(on)).await.unwrap();
    Money::from_tiyn(rows.iter().map(|row| row.owed).sum()).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_day_of_a_month_is_what_a_person_would_add_up() {
    let city = TestApp::with(|config| config.business_date = Some(day("2026-03-25"))).await;
    city.house(&[Flat::unmetered(3)]).await;
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let before_issue = city.app.clock.now();
    assert_eq!(on(&city, "2026-03-25").await, "0.00", "posted, but nobody was billed yet");
    let mut issue = tx(&city).await;
    ops::issue_run(&mut issue, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    issue.commit().await.unwrap();
    let bill: Option<i64> = city.scalar("SELECT charged FROM billing.bill").await;
    let bill = Money::from_tiyn(bill.unwrap());
    let left = |paid: &str| (bill - paid.parse::<Money>().unwrap()).to_string();

    // 26.03: 1000 are paid. 28.03: a file brings 500 that were paid on 27.03. 30.03: the first payment is taken back.
    city.app.clock.set_today(Some(day("2026-03-26")));
    let first = pay(&city, "1000.00", "2026-03-26").await;
    city.app.clock.set_today(Some(day("2026-03-28")));
    let before_file = city.app.clock.now();
    pay(&city, "500.00", "2026-03-27").await;
    city.app.clock.set_today(Some(day("2026-03-30")));
    let before_reversal = city.app.clock.now();
    let mut back = tx(&city).await;
    reverse_payment(&mut back, first, "not ours", None, day("2026-03-30")).await.unwrap().unwrap();
    back.commit().await.unwrap();
    // 31.03: a fee of 100.
    city.app.clock.set_today(Some(day("2026-03-31")));
    let fee = Adjustment {
        account: AccountId(1),
        sector: Sector::Multi,
        service: Service::Water,
        component: Component::Charge,
        origin: march(),
        due_on: day("2026-04-25"),
        net: "100.00".parse().unwrap(),
        vat: Money::ZERO,
    };
    let mut more = tx(&city).await;
    adjust(&mut more, AdjustmentSource::OneOff, 1, &[fee], day("2026-03-31"), city.app.clock.now())
        .await
        .unwrap()
        .unwrap();
    more.commit_silently("test").await.unwrap();

    for (valid_on, owed) in [
        ("2026-03-24", "0.00".to_owned()),
        ("2026-03-25", bill.to_string()),
        ("2026-03-26", left("1000.00")),
        ("2026-03-27", left("1500.00")),
        ("2026-03-28", left("1500.00")),
        ("2026-03-29", left("1500.00")),
        ("2026-03-30", left("500.00")),
        ("2026-03-31", left("400.00")),
        ("2026-04-30", left("400.00")),
    ] {
        assert_eq!(on(&city, valid_on).await, owed, "on {valid_on}");
        assert_eq!(aged(&city, valid_on).await, owed, "by age on {valid_on}");
    }
    // As known before: the file had not come, the reversal was not thought of, the bill not issued.
    let at = async |valid_on: &str, known_at| {
        known(&city, valid_on, Some(known_at)).await["balanceAsOf"]["balance"].clone()
    };
    assert_eq!(at("2026-03-28", before_file).await, json!(left("1000.00")));
    assert_eq!(at("2026-03-31", before_reversal).await, json!(left("1500.00")));
    assert_eq!(at("2026-03-31", before_issue).await, json!("0.00"));

    // Now it is what the items say, in all and part by part.
    let now = known(&city, "2026-03-31", None).await;
    assert_eq!(now["balance"], now["balanceAsOf"]["balance"]);
    let parts = now["balanceAsOf"]["parts"].as_array().unwrap();
    let items: Vec<String> = city
        .texts(
            "SELECT service || ' ' || component || ' ' || sum(amount - settled) FROM ledger.open_item WHERE amount <> settled
             GROUP BY service, component ORDER BY service, component",
        )
        .await;
    let said = |part: &Json| {
        let code = |name: &str| part[name].as_str().unwrap().to_lowercase();
        format!(
            "{} {} {}",
            code("service"),
            code("component"),
            part["amount"].as_str().unwrap().parse::<Money>().unwrap().tiyn()
        )
    };
    let mut parts: Vec<String> = parts.iter().map(said).collect();
    parts.sort();
    assert_eq!(parts, items);
    let found = item::balances(&city.app.db, &[(AccountId(1), None)]).await.unwrap();
    assert_eq!(json!(Money::from_tiyn(found[0].balance).to_string()), now["balance"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn residents_of_a_day_as_they_were_known() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    let before = city.app.clock.now();
    let typed = city
        .graphql(
            "mutation($a: ID!) { residentsRecord(input: { accountId: $a, residents: 5, source: DOCUMENT, from: \"2026-03-10\" }) {
                errors { code } } }",
            json!({ "a": Gid(AccountId(1)).encode() }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(typed.refusals(), [""; 0]);
    let residents =
        async |valid_on: &str, at| known(&city, valid_on, at).await["residentsAsOf"]["residents"].clone();
    assert_eq!(residents("2026-03-09", None).await, json!(3));
    assert_eq!(residents("2026-03-10", None).await, json!(5));
    assert_eq!(residents("2026-03-10", Some(before)).await, json!(3));
    assert_eq!(residents("2010-01-01", None).await, Json::Null);
}

/// Account by account the entries say what the items say, and what is settled is told by settlements.
#[tokio::test(flavor = "multi_thread")]
async fn a_city_of_four_months_owes_as_of_now_what_its_items_say() {
    let city = TestApp::with(|config| config.business_date = Some(march().last_day())).await;
    let wish = api::seed::Wish { accounts: 200, months: 4, current: march() };
    api::seed::run(&city.app, wish).await.expect("a city");
    let apart: Vec<String> = city
        .texts(
            "SELECT a.id || ' ' || coalesce(i.rest, 0) || ' ' || coalesce(e.rest, 0) FROM subscribers.account a
             LEFT JOIN (SELECT account_id, sum(amount - settled) AS rest FROM ledger.open_item o
                        WHERE NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)
                        GROUP BY 1) i ON i.account_id = a.id
             LEFT JOIN (SELECT e.account_id, sum(CASE WHEN debit IN ('receivable', 'advance') THEN amount ELSE 0 END
                               - CASE WHEN credit IN ('receivable', 'advance') THEN amount ELSE 0 END) AS rest
                        FROM ledger.entry e LEFT JOIN billing.run r ON e.source IN ('run', 'run_reversal') AND r.id = e.source_id
                        WHERE r.id IS NULL OR r.issued_at IS NOT NULL GROUP BY 1) e ON e.account_id = a.id
             WHERE coalesce(i.rest, 0) <> coalesce(e.rest, 0)",
        )
        .await;
    assert_eq!(apart, Vec::<String>::new());
    let open: Option<i64> = city
        .scalar(
            "SELECT count(*) FROM ledger.open_item o WHERE o.settled <> coalesce((SELECT sum(amount) FROM ledger.settlement s
                 WHERE s.account_id = o.account_id AND s.open_item_id = o.id), 0)",
        )
        .await;
    assert_eq!(open, Some(0), "what is settled is told by settlements, each with its day");
    let now = aged(&city, "2026-04-30").await;
    let owed: Option<i64> = city
        .scalar(
            "SELECT sum(amount - settled)::bigint FROM ledger.open_item o WHERE amount > settled AND amount > 0
             AND NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = o.source AND h.source_id = o.source_id)",
        )
        .await;
    assert_eq!(now, Money::from_tiyn(owed.unwrap()).to_string());
}
