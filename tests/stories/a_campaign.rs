//! A campaign through the office: four flats owe two months, are charged penalty and warned; who pays the debt by the day is let off the
//! penalty by the hourly look, the others stay where they were. Not a tiyn is lost on the way.

use aiscra_tests::{Flat, Reply, TestApp};
use api::platform::graphql::id::encode;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use entities::ledger::close as books;
use serde_json::{Value as Json, json};

use crate::office::{act, bill_month, close_month, on, paper, tried};

/// Debts and totals of the city agree, and debits are credits.
async fn whole(city: &TestApp, month: &str) {
    assert_eq!(books::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    let query = "query($p: Period!) { trialBalance(period: $p) { difference } }";
    let asked = city.graphql(query, json!({ "p": month })).as_role(Role::Auditor).await;
    assert_eq!(asked.text("/trialBalance/difference"), "0.00");
}

async fn account(city: &TestApp, id: i64) -> Json {
    let query = "query($id: ID!) { account(id: $id) { balance openItems(first: 20) { nodes { component amount settled } } } }";
    let reply = city.graphql(query, json!({ "id": encode("Account", id) })).as_role(Role::Auditor).await;
    reply.at("/account").clone()
}

async fn balances(city: &TestApp) -> Vec<String> {
    let mut all = Vec::new();
    for id in 1..=4 {
        all.push(account(city, id).await["balance"].as_str().unwrap().to_owned());
    }
    all
}

async fn penalty(city: &TestApp, id: i64) -> Money {
    let account = account(city, id).await;
    let items = account["openItems"]["nodes"].as_array().unwrap();
    let money = |item: &Json, name: &str| item[name].as_str().unwrap().parse::<Money>().unwrap();
    items
        .iter()
        .filter(|item| item["component"] == "PENALTY")
        .map(|item| money(item, "amount") - money(item, "settled"))
        .sum()
}

async fn pay(city: &TestApp, id: i64, sum: Money, paid_on: &str) {
    let input = json!({ "accountId": encode("Account", id), "amount": sum, "paidOn": paid_on, "channel": "BANK",
        "externalId": format!("bank-{id}-{paid_on}"), "idempotencyKey": format!("bank-{id}-{paid_on}") });
    act(city, Role::Integration, "paymentRecord", input, "payment { id }").await;
}

/// The look that is taken every hour.
async fn look(city: &TestApp) {
    let reply = city
        .graphql("mutation { debtRefresh { job { id } errors { code } } }", json!({}))
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(reply.refusals(), [""; 0], "{reply:?}");
    city.run_jobs().await;
}

/// Penalty of a month up to its last day, reckoned, looked at and posted: added and taken back.
async fn accrue(city: &TestApp, month: &str, up_to: &str) -> (String, String) {
    let input = json!({ "month": month, "sector": "MULTI", "upTo": up_to });
    let reckoned = act(city, Role::Accountant, "penaltyReckon", input, "accrual { id }").await;
    city.run_jobs().await;
    let input = json!({ "id": reckoned.text("/penaltyReckon/accrual/id") });
    act(city, Role::Accountant, "penaltyPost", input, "accrual { id }").await;
    city.run_jobs().await;
    let query = "{ penaltyAccruals(first: 1) { nodes { state added takenBack } } }";
    let row = city.graphql(query, json!({})).as_role(Role::Auditor).await;
    assert_eq!(row.text("/penaltyAccruals/nodes/0/state"), "POSTED", "{row:?}");
    let text = |name: &str| row.text(&format!("/penaltyAccruals/nodes/0/{name}")).to_owned();
    (text("added"), text("takenBack"))
}

async fn campaign(city: &TestApp, id: &str) -> Reply {
    let query = "query($id: ID!) { campaign(id: $id) { state
        forecast(takeUp: 50) { accounts debt penalty expectedPaid expectedGiven } outcome { accounts fulfilled given } } }";
    city.graphql(query, json!({ "id": id })).as_role(Role::Manager).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_pays_by_the_day_is_let_off_the_penalty() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(1), Flat::unmetered(2), Flat::unmetered(3), Flat::unmetered(1)]).await;
    city.sql("DELETE FROM ledger.period").await;
    let january = Period::new(2026, 1).unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::ledger::ops::open_period(&mut tx, january, Sector::Multi, january.last_day())
        .await
        .unwrap()
        .unwrap();
    tx.commit().await.unwrap();

    // January and February are billed and nobody pays: 15 m³ × 66.00 × 1.16 = 1148.40 and × 40.95 × 1.16 = 712.53 a month for each.
    for (month, last_day) in [("2026-01", "2026-01-31"), ("2026-02", "2026-02-28")] {
        on(&city, last_day);
        bill_month(&city, month, Sector::Multi).await;
        close_month(&city, month, Sector::Multi).await;
    }
    assert_eq!(balances(&city).await, ["3721.86", "7443.72", "11165.58", "3721.86"]);

    // End of March: penalty for January since 26 February and for February since 26 March, then March's own bill.
    on(&city, "2026-03-31");
    let (added, taken) = accrue(&city, "2026-03", "2026-03-31").await;
    let of =
        [penalty(&city, 1).await, penalty(&city, 2).await, penalty(&city, 3).await, penalty(&city, 4).await];
    assert_eq!((of.iter().copied().sum::<Money>().to_string(), taken.as_str()), (added, "0.00"));
    // 1860.93 × 18 % × 1.5 ÷ 365: 34 days of January's and 6 of February's; rounded by service and month.
    assert_eq!((of[0].to_string(), of[0]), ("55.06".to_owned(), of[3]));
    bill_month(&city, "2026-03", Sector::Multi).await;
    close_month(&city, "2026-03", Sector::Multi).await;
    whole(&city, "2026-03").await;

    // 1 April: all four are warned.
    on(&city, "2026-04-01");
    act(&city, Role::OperatorMulti, "noticesIssue", json!({ "sector": "MULTI" }), "job { id }").await;
    city.run_jobs().await;
    let notices =
        async || city.texts("SELECT account_id || ' ' || state FROM debt.notice ORDER BY account_id").await;
    assert_eq!(notices().await, ["1 warned", "2 warned", "3 warned", "4 warned"]);

    // 2 April: an accountant proposes, the forecast is looked at before anything starts, another person starts it.
    on(&city, "2026-04-02");
    let order = paper(&city, "Приказ 12", "2026-04-01").await;
    let terms = json!({ "nameKk": "Қарызсыз көктем", "nameRu": "Весна без долгов", "sectors": ["MULTI"], "groups": [],
        "debtFrom": "2026-01", "debtTo": "2026-02", "startsOn": "2026-04-02", "payBy": "2026-04-20", "percent": "100",
        "byApplication": false, "documentId": order });
    let proposed = act(&city, Role::Accountant, "campaignPropose", terms, "campaign { id state }").await;
    let id = proposed.text("/campaignPropose/campaign/id").to_owned();
    let stake: Money = of.iter().copied().sum();
    let forecast = campaign(&city, &id).await.at("/campaign/forecast/0").clone();
    assert_eq!((&forecast["accounts"], &forecast["debt"]), (&json!(4), &json!("26053.02")), "{forecast}");
    assert_eq!((&forecast["penalty"], &forecast["expectedPaid"]), (&json!(stake), &json!("13026.51")));
    let decide = json!({ "id": id, "agreed": true });
    let same = Actor { label: "test.accountant".into(), ..aiscra_tests::actor_of(Role::ChiefAccountant) };
    let query =
        "mutation($input: CampaignDecideInput!) { campaignDecide(input: $input) { errors { code } } }";
    let refused = city.graphql(query, json!({ "input": decide })).as_actor(same).await;
    assert_eq!(refused.refusals(), ["SAME_PERSON"]);
    act(&city, Role::ChiefAccountant, "campaignDecide", decide, "campaign { state }").await;
    city.run_jobs().await;
    let before = balances(&city).await;

    // Flat 1 pays the debt at once; flat 3 pays a part. Nothing is given for a part.
    on(&city, "2026-04-10");
    pay(&city, 1, "3721.86".parse().unwrap(), "2026-04-10").await;
    pay(&city, 3, "5000.00".parse().unwrap(), "2026-04-10").await;
    look(&city).await;
    let third: Money = before[2].parse().unwrap();
    // What is left of flat 1 is March.
    let now = balances(&city).await;
    assert_eq!((now[0].as_str(), &now[1], &now[3]), ("1860.93", &before[1], &before[3]));
    assert_eq!(now[2], (third - "5000.00".parse().unwrap()).to_string());

    // Flat 2 paid on the last day; the bank's line comes two days later, when flat 4 pays too: that is too late.
    on(&city, "2026-04-22");
    pay(&city, 2, "7443.72".parse().unwrap(), "2026-04-20").await;
    pay(&city, 4, "3721.86".parse().unwrap(), "2026-04-22").await;
    look(&city).await;
    let march = |people: i64| Money::from_tiyn(186_093 * people);
    let now = balances(&city).await;
    assert_eq!((&now[0], &now[1]), (&march(1).to_string(), &march(2).to_string()));
    assert_eq!(now[3], (march(1) + of[3]).to_string(), "a day late is late");
    assert_eq!(notices().await, ["1 paid", "2 paid", "3 warned", "4 warned"]);
    let early =
        tried(&city, Role::ChiefAccountant, "campaignEnd", json!({ "id": id }), "campaign { state }").await;
    assert_eq!(early.at("/campaignEnd/campaign/state"), "ENDED", "{early:?}");
    let seen = campaign(&city, &id).await;
    let outcome = json!([{ "accounts": 4, "fulfilled": 2, "given": of[0] + of[1] }]);
    assert_eq!(seen.at("/campaign/outcome"), &outcome);

    // The next accrual does not bring back what was given; April is billed and closed on whole books.
    on(&city, "2026-04-30");
    accrue(&city, "2026-04", "2026-04-30").await;
    let penalty = "SELECT DISTINCT account_id::text FROM ledger.open_item
                   WHERE component = 'penalty' AND amount > settled AND origin < '2026-03-01'";
    let charged_on = city.texts(penalty).await;
    assert!(!charged_on.iter().any(|flat| flat == "1" || flat == "2"), "given is given: {charged_on:?}");
    bill_month(&city, "2026-04", Sector::Multi).await;
    close_month(&city, "2026-04", Sector::Multi).await;
    whole(&city, "2026-04").await;
}
