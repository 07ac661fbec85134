//! Two months of a small house through the API alone: readings come in, the month is run, issued, paid, closed; the next month
//! stands on it. The clock stands where the story puts it.

use aiscra_tests::{Flat, Meter, TestApp, march};
use api::platform::graphql::Gid;
use chrono::NaiveDate;
use domain::access::Role;
use domain::kernel::*;
use serde_json::{Value as Json, json};

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().expect("a day"))
}

/// The month of the office: start, run, issue, close. Gives the run.
pub async fn run_and_close(city: &TestApp, month: &str) -> Json {
    let start = city
        .graphql(
            "mutation($p: Period!, $k: String!) { runStart(input: { period: $p, sector: MULTI, idempotencyKey: $k }) {
                run { id } errors { code message } } }",
            json!({ "p": month, "k": format!("start-{month}") }),
        )
        .as_role(Role::Accountant)
        .await;
    let id = start.data["runStart"]["run"]["id"].clone();
    assert!(id.is_string(), "{start:?}");
    city.run_jobs().await;
    let issue = city
        .graphql(
            "mutation($id: ID!, $k: String!) { runIssue(input: { id: $id, idempotencyKey: $k }) {
                run { state accounts excused failures lines gross hash } errors { code message } } }",
            json!({ "id": id, "k": format!("issue-{month}") }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(issue.data["runIssue"]["errors"], json!([]), "{issue:?}");
    issue.data["runIssue"]["run"].clone()
}

pub async fn close(city: &TestApp, month: &str) -> Json {
    let closed = city
        .graphql(
            "mutation($p: Period!) { periodClose(input: { period: $p, sector: MULTI }) { period { status } errors { code message } } }",
            json!({ "p": month }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    closed.data["periodClose"].clone()
}

async fn submit(city: &TestApp, account: i64, value: &str) -> Json {
    let answer = city
        .graphql(
            "mutation($p: ID!, $v: Volume!) { readingSubmit(input: { pointId: $p, value: $v }) {
                reading { verdict period consumption reasons { code } estimate { gross } } errors { code message } } }",
            json!({ "p": Gid(PointId(account)).encode(), "v": value }),
        )
        .as_subscriber(AccountId(account))
        .await;
    assert_eq!(answer.errors, [] as [Json; 0], "{answer:?}");
    answer.data["readingSubmit"].clone()
}

async fn pay(city: &TestApp, account: i64, sum: &str, number: &str) -> Json {
    let paid = city
        .graphql(
            "mutation($a: ID!, $s: Money!, $n: String!) { paymentRecord(input: { accountId: $a, amount: $s, channel: BANK,
                externalId: $n, idempotencyKey: $n }) { payment { account { balance } } errors { code } } }",
            json!({ "a": Gid(AccountId(account)).encode(), "s": sum, "n": number }),
        )
        .as_role(Role::Integration)
        .await;
    assert_eq!(paid.data["paymentRecord"]["errors"], json!([]), "{paid:?}");
    paid.data["paymentRecord"]["payment"]["account"]["balance"].clone()
}

/// Charged, opening and closing of the newest bill as the subscriber sees it, and whether it explains itself.
async fn bill(city: &TestApp, account: i64) -> Json {
    let mine = city
        .graphql(
            "{ me { account { balance bills(first: 1) { nodes { period opening charged paid closing
                lines { service basis volume gross } explanation { equal } } } } } }",
            json!({}),
        )
        .as_subscriber(AccountId(account))
        .await;
    assert_eq!(mine.errors, [] as [Json; 0], "{mine:?}");
    mine.data["me"]["account"]["bills"]["nodes"][0].clone()
}

#[tokio::test]
async fn readings_bills_money_and_two_closed_months() {
    let city = TestApp::new().await;
    let unread = Meter { initial: 100_000, march: None, verified_until: "2030-01-01" };
    city.house(&[Flat { residents: 2, meter: Some(unread) }, Flat::unmetered(1)]).await;

    // 20 March: a resident submits from the phone and is answered at once.
    city.app.clock.set_today(day("2026-03-20"));
    let answer = submit(&city, 1, "108.500").await;
    let reading = &answer["reading"];
    assert_eq!(reading["verdict"], "ACCEPTED", "{answer}");
    assert_eq!(reading["consumption"], "8.500");
    // 8.5 m³ × (66 + 40.95) × 1.16, each line rounded once: 650.76 + 403.77.
    assert_eq!(reading["estimate"]["gross"], "1054.53");
    // A lower value is refused with a reason, and nothing is lost.
    let lower = submit(&city, 1, "90.000").await;
    assert_eq!(lower["reading"]["verdict"], "REJECTED", "{lower}");

    // 31 March: the office.
    city.app.clock.set_today(day("2026-03-31"));
    let run = run_and_close(&city, "2026-03").await;
    assert_eq!((&run["accounts"], &run["failures"], &run["lines"]), (&json!(2), &json!(0), &json!(4)));
    let mine = bill(&city, 1).await;
    assert_eq!(
        (&mine["charged"], &mine["opening"]),
        (&json!("1054.53"), &json!("0.00")),
        "the estimate came true"
    );
    assert_eq!(mine["explanation"]["equal"], true);

    // Paid in part before the close.
    assert_eq!(pay(&city, 1, "1000.00", "bank-march-1").await, "54.53");
    assert_eq!(close(&city, "2026-03").await["period"]["status"], "CLOSED");

    // April has opened by itself; a reading after the close counts there, and the debt is carried in.
    city.app.clock.set_today(day("2026-04-10"));
    let april = submit(&city, 1, "110.000").await;
    assert_eq!(
        (&april["reading"]["period"], &april["reading"]["consumption"]),
        (&json!("2026-04"), &json!("1.500")),
        "{april}"
    );
    assert_eq!(pay(&city, 1, "100.00", "bank-april-1").await, "-45.47");

    city.app.clock.set_today(day("2026-04-30"));
    run_and_close(&city, "2026-04").await;
    let mine = bill(&city, 1).await;
    // 20 March to 10 April: 11 days of March, 10 of April, when the price has another source; 1.500 m³ x 11/21 and x 10/21.
    let water = mine["lines"].as_array().unwrap().iter().filter(|line| line["service"] == "WATER");
    assert_eq!(water.map(|line| line["volume"].clone()).collect::<Vec<_>>(), ["0.786", "0.714"], "{mine}");
    assert_eq!((&mine["opening"], &mine["paid"]), (&json!("54.53"), &json!("100.00")), "{mine}");
    assert_eq!(close(&city, "2026-04").await["period"]["status"], "CLOSED");

    // The bill of a closed month still explains itself; closed again it is the same month, and it refuses to change.
    assert_eq!(bill(&city, 2).await["explanation"]["equal"], true);
    let again = close(&city, "2026-03").await;
    assert_eq!((&again["period"]["status"], &again["errors"]), (&json!("CLOSED"), &json!([])));
    let reopened = city
        .graphql(
            "mutation { periodReopen(input: { period: \"2026-03\", sector: MULTI }) { period { status } errors { code } } }",
            json!({}),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(reopened.refusals(), ["PERIOD_CLOSED"]);
    assert_eq!(march().next().to_string(), "2026-04");
}
