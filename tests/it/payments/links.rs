//! Links to pay on, against a provider that is strict, silent or wrong: nothing is recorded twice, and what is not known is asked again.

use aiscra_tests::TestApp;
use aiscra_tests::kaspi::{FakeKaspi, Mood};
use api::adapters::paylink::{Failed, State, Wanted};
use api::config::KaspiConfig;
use api::payments::ops;
use api::platform::graphql::Gid;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::agents::agent;
use super::record::issued;

fn configured(fake: &FakeKaspi) -> KaspiConfig {
    KaspiConfig {
        url: fake.base.clone(),
        bin: fake.bin().into(),
        device: "test".into(),
        trade_point: 1,
        identity_file: None,
    }
}

/// A house that can be paid by links.
async fn city(fake: &FakeKaspi) -> (TestApp, TestApp) {
    let base = issued().await;
    agent(&base, "kaspi-link", "").await;
    let kaspi = configured(fake);
    let city = base.neighbour_with(|config| config.kaspi = Some(kaspi)).await;
    (city, base)
}

async fn ask(city: &TestApp, amount: &str, key: &str) -> Json {
    let asked = city
        .graphql(
            "mutation($i: PaymentLinkCreateInput!) { paymentLinkCreate(input: $i) { link { id amount state url } errors { code field } } }",
            json!({ "i": { "accountId": Gid(AccountId(1)).encode(), "amount": amount, "idempotencyKey": key } }),
        )
        .as_subscriber(AccountId(1))
        .await;
    asked.ok()["paymentLinkCreate"].clone()
}

async fn state(city: &TestApp, id: &Json) -> Json {
    let found = city
        .graphql(
            "query($id: ID!) { paymentLink(id: $id) { state payment { amount channel through { ru } } } }",
            json!({ "id": id }),
        )
        .as_subscriber(AccountId(1))
        .await;
    found.at("/paymentLink").clone()
}

/// Time passes: every open link is due.
async fn watch(city: &TestApp) -> i64 {
    city.sql(
        "UPDATE payments.link SET next_check = now() - interval '1 second' WHERE next_check IS NOT NULL",
    )
    .await;
    ops::watch_links(&city.app).await.expect("works")
}

#[tokio::test]
async fn a_link_is_paid_and_its_money_recorded_once() {
    let fake = FakeKaspi::start().await;
    let (city, _base) = city(&fake).await;
    let made = ask(&city, "1000.50", "key-of-one-link").await;
    assert_eq!((&made["errors"], &made["link"]["state"]), (&json!([]), &json!("WAITING")));
    assert_eq!(
        ask(&city, "1000.50", "key-of-one-link").await["link"]["id"],
        made["link"]["id"],
        "pressed twice"
    );
    assert_eq!(ask(&city, "1000.51", "key-of-one-link").await["errors"][0]["code"], "PAYMENT_KEY_CONFLICT");
    let (number, paid) = fake.payments().remove(0);
    assert_eq!((fake.payments().len(), paid.amount), (1, 100_050));
    assert_eq!(made["link"]["url"], format!("https://pay.kaspi.kz/pay/{number}"));

    assert_eq!(watch(&city).await, 1);
    fake.becomes(number, "QrTokenCreated");
    assert_eq!(watch(&city).await, 1);
    assert_eq!(state(&city, &made["link"]["id"]).await["state"], "OPENED");
    fake.becomes(number, "Processed");
    let (one, two) = tokio::join!(watch(&city), watch(&city));
    assert!(one == 0 || two == 0);
    assert_eq!(watch(&city).await, 0);
    let found = state(&city, &made["link"]["id"]).await;
    assert_eq!(found["state"], "PAID");
    assert_eq!(
        found["payment"],
        json!({ "amount": "1000.50", "channel": "kaspi-link", "through": { "ru": "kaspi-link" } })
    );
    let kept = city.texts("SELECT channel || external_id || amount FROM payments.payment").await;
    assert_eq!(kept, [format!("kaspi-link{number}100050")]);
    let owes: Option<i64> =
        city.scalar("SELECT sum(debit - credit)::bigint FROM ledger.agent_turnover").await;
    assert_eq!(owes, Some(100_050), "the agent owes it");
}

#[tokio::test]
async fn what_is_not_known_is_asked_again_and_never_failed() {
    let fake = FakeKaspi::start().await;
    let (city, _base) = city(&fake).await;
    let made = ask(&city, "10.00", "key-of-one-link").await;
    let number = fake.payments()[0].0;
    fake.becomes(number, "Processed");
    fake.mood(Mood::Page);
    assert_eq!(watch(&city).await, 1);
    assert_eq!(state(&city, &made["link"]["id"]).await["state"], "WAITING");
    fake.mood(Mood::Well);
    assert_eq!(watch(&city).await, 0);
    assert_eq!(state(&city, &made["link"]["id"]).await["state"], "PAID");

    fake.mood(Mood::Page);
    let lost = ask(&city, "11.00", "key-of-a-lost-link").await;
    assert_eq!(lost["errors"][0]["code"], "PAY_LINK_FAILED");
    fake.mood(Mood::Well);
    let again = ask(&city, "11.00", "key-of-a-lost-link").await;
    assert_eq!(
        again["link"]["state"], "FAILED",
        "one intention is one link: the next one has a key of its own"
    );
    assert_eq!(ask(&city, "11.00", "key-of-another-link").await["link"]["state"], "WAITING");

    let third = ask(&city, "12.00", "key-of-a-third-link").await;
    city.sql("UPDATE payments.link SET expires_at = now() - interval '2 days' WHERE state = 'waiting'").await;
    watch(&city).await;
    assert_eq!(state(&city, &third["link"]["id"]).await["state"], "EXPIRED");
}

#[tokio::test]
async fn one_that_breaks_off_keeps_no_other_waiting() {
    let fake = FakeKaspi::start().await;
    let (city, _base) = city(&fake).await;
    let broken = ask(&city, "10.00", "key-of-a-broken-link").await;
    let whole = ask(&city, "11.00", "key-of-a-whole-link").await;
    let looks = "SELECT unique_key FROM platform.job WHERE kind = 'payments.links' ORDER BY id";
    assert_eq!(city.texts(looks).await, ["link 1", "link 2"], "each has a look of its own");
    for (number, _) in fake.payments() {
        fake.becomes(number, "Processed");
    }
    city.sql("ALTER TABLE payments.link ADD CONSTRAINT broken CHECK (amount <> 1000 OR state <> 'paid')")
        .await;
    assert_eq!(watch(&city).await, 1);
    assert_eq!(state(&city, &whole["link"]["id"]).await["state"], "PAID");
    assert_eq!(state(&city, &broken["link"]["id"]).await["state"], "WAITING");
    let later = "SELECT next_check > now() AND error IS NOT NULL FROM payments.link WHERE amount = 1000";
    assert_eq!(city.scalar::<bool>(later).await, Some(true), "put off");
    city.sql("ALTER TABLE payments.link DROP CONSTRAINT broken").await;
    assert_eq!(watch(&city).await, 0);
    assert_eq!(state(&city, &broken["link"]["id"]).await["state"], "PAID");
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM payments.payment").await, Some(2));
}

#[tokio::test]
async fn who_may_ask_and_what_is_refused() {
    let fake = FakeKaspi::start().await;
    let (city, base) = city(&fake).await;
    let mutation =
        "mutation($i: PaymentLinkCreateInput!) { paymentLinkCreate(input: $i) { errors { code } } }";
    let input = |account: i64, amount: &str| json!({ "i": { "accountId": Gid(AccountId(account)).encode(), "amount": amount, "idempotencyKey": "some-key-here" } });
    let others = city.graphql(mutation, input(2, "10.00")).as_subscriber(AccountId(1)).await;
    assert_eq!(others.refusals(), ["NO_SUCH_ACCOUNT"]);
    let wrong = city.graphql(mutation, input(1, "0.00")).as_subscriber(AccountId(1)).await;
    assert_eq!(wrong.refusals(), ["AMOUNT_NOT_POSITIVE"]);
    let mistyped = city.graphql(mutation, input(1, "99999999.00")).as_subscriber(AccountId(1)).await;
    assert_eq!(mistyped.refusals(), ["SUM_TOO_LARGE"]);
    assert_eq!(city.graphql(mutation, input(1, "10.00")).as_role(Role::Auditor).await.codes(), ["FORBIDDEN"]);
    let without = base.graphql(mutation, input(1, "10.00")).as_subscriber(AccountId(1)).await;
    assert_eq!(without.refusals(), ["NO_PAY_LINKS"], "a process without a provider");
    assert!(fake.payments().is_empty());
    for (app, offered) in [(&city, true), (&base, false)] {
        let said = app.graphql("{ paymentLinkOffered }", json!({})).as_subscriber(AccountId(1)).await;
        assert_eq!(said.at("/paymentLinkOffered"), offered);
    }
}

#[tokio::test]
async fn parts_are_given_back_as_long_as_something_is_left() {
    let fake = FakeKaspi::start().await;
    let (city, _base) = city(&fake).await;
    let port = city.app.ports.paylink.clone().expect("a provider");
    let wanted = Wanted { amount: Money::tenge("100.05").unwrap(), reference: "r-1".into() };
    let link = port.create(&wanted).await.unwrap();
    assert_eq!(port.state(&link.id).await, Ok(State::Waiting));
    assert!(matches!(port.taken(&link.id).await, Err(Failed::Refused { .. })), "nothing is taken yet");
    let number: i64 = link.id.parse().unwrap();
    fake.becomes(number, "Processed");
    let left = async || port.taken(&link.id).await.unwrap().refundable.to_string();
    assert_eq!(left().await, "100.05");
    port.refund(&link.id, Money::tenge("0.05").unwrap()).await.unwrap();
    port.refund(&link.id, Money::tenge("60").unwrap()).await.unwrap();
    assert_eq!(left().await, "40.00");
    let more = port.refund(&link.id, Money::tenge("40.01").unwrap()).await;
    assert!(matches!(more, Err(Failed::Refused { .. })), "{more:?}");
    assert_eq!(left().await, "40.00");
    fake.forget_devices();
    port.refund(&link.id, Money::tenge("1").unwrap()).await.expect("a device that is forgotten comes again");
    assert_eq!(left().await, "39.00");
    fake.mood(Mood::Page);
    assert!(matches!(port.state(&link.id).await, Err(Failed::Unknown(_))), "a page is no answer");
}

#[tokio::test]
async fn a_demo_plays_its_bank_itself() {
    let base = issued().await;
    agent(&base, "kaspi-link", "").await;
    let city = base.neighbour_with(|config| config.demo_bank = Some("http://office.test/".into())).await;
    let served = city.serve().await;
    let browser = reqwest::Client::new();
    let page = |link: &Json| {
        let id =
            link["url"].as_str().unwrap().strip_prefix("http://office.test").expect("the program's own page");
        format!("http://{}{id}", served.base)
    };

    let paid = ask(&city, "1000.50", "key-of-one-link").await["link"].clone();
    assert_eq!(watch(&city).await, 1);
    assert_eq!(state(&city, &paid["id"]).await["state"], "WAITING");
    let seen = browser.get(page(&paid)).header("accept-language", "kk").send().await.unwrap();
    assert!(seen.text().await.unwrap().contains("Төлеу"));
    assert_eq!(watch(&city).await, 1);
    assert_eq!(state(&city, &paid["id"]).await["state"], "OPENED");
    let act = async |link: &Json, act: &str| {
        browser
            .post(page(link))
            .body(format!("act={act}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .send()
            .await
            .unwrap()
    };
    for _ in 0..2 {
        assert!(act(&paid, "paid").await.text().await.unwrap().contains("Оплачено"), "pressed twice");
    }
    // What is paid is not declined afterwards.
    act(&paid, "declined").await;
    assert_eq!(watch(&city).await, 0);
    assert_eq!(state(&city, &paid["id"]).await["payment"]["amount"], "1000.50");

    let declined = ask(&city, "10.00", "key-of-another").await["link"].clone();
    act(&declined, "declined").await;
    assert_eq!(watch(&city).await, 0);
    assert_eq!(state(&city, &declined["id"]).await["state"], "FAILED");

    let port = city.app.ports.paylink.clone().expect("the demo's bank");
    let number = page(&paid).rsplit('/').next().unwrap().to_owned();
    let back = port.refund(&number, Money::from_tiyn(50)).await.unwrap();
    assert_eq!(port.taken(&number).await.unwrap().refundable, Money::from_tiyn(100_000));
    assert_ne!(port.refund(&number, Money::from_tiyn(50)).await.unwrap(), back);
    let more = port.refund(&number, Money::from_tiyn(100_000)).await;
    assert!(matches!(more, Err(Failed::Refused { .. })), "{more:?}");

    // Where there is no such bank there is no such page.
    let other = base.serve().await;
    let elsewhere = page(&paid).replace(&served.base, &other.base);
    assert_eq!(browser.get(elsewhere).send().await.unwrap().status(), 404);
}
