//! Collection: penalty to the tiyn, disputes, write-offs, campaigns, warnings; who may what.

mod campaign;
mod certificate;
mod claim;
mod notice;
mod one_off;
mod penalty;
mod plan;
mod rights;
mod signatures;
mod succession;
mod write_off;

use aiscra_tests::{Flat, TestApp, actor_of};
use api::payments::ops::{Adjustment, adjust};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::kernel::Tx;
use entities::ledger::{close, item};
use serde_json::{Value as Json, json};

/// A house whose flats owe 1000 of water of December 2025 each, due on 25 January 2026; today is 26 March 2026.
async fn debtors(flats: usize) -> TestApp {
    let city = TestApp::new().await;
    city.house(&vec![Flat::unmetered(3); flats]).await;
    for account in 1..=flats as i64 {
        owe(&city, account, 900 + account, "2025-12", "2026-01-25").await;
    }
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '17', '2026-03-01', 'АУПК', 'взыскание', 'test')",
    )
    .await;
    city
}

async fn owe(city: &TestApp, account: i64, id: i64, origin: &str, due_on: &str) {
    let row = Adjustment {
        account: AccountId(account),
        sector: Sector::Multi,
        service: Service::Water,
        component: Component::Charge,
        origin: origin.parse().unwrap(),
        due_on: due_on.parse().unwrap(),
        net: "862.07".parse().unwrap(),
        vat: "137.93".parse().unwrap(),
    };
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    adjust(&mut tx, AdjustmentSource::Correction, id, &[row], today, now).await.unwrap().unwrap();
    tx.commit_silently("test").await.unwrap();
}

async fn owed(city: &TestApp, account: i64) -> String {
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    let trial: Option<i64> = city
        .scalar(
            "SELECT count(*) FROM (SELECT account_id, sum(amount) AS rest FROM ledger.account_total GROUP BY 1) t
             FULL JOIN (SELECT account_id, sum(amount - settled) AS rest FROM ledger.open_item GROUP BY 1) o USING (account_id)
             WHERE coalesce(t.rest, 0) <> coalesce(o.rest, 0)",
        )
        .await;
    assert_eq!(trial, Some(0), "totals and items tell the same story");
    let found = item::balances(&city.app.db, &[(AccountId(account), None)]).await.unwrap();
    Money::from_tiyn(found.first().map_or(0, |row| row.balance)).to_string()
}

fn account(id: i64) -> String {
    Gid(AccountId(id)).encode()
}

fn document() -> String {
    Gid(DocumentId(1)).encode()
}

async fn item_of(city: &TestApp, account: i64) -> String {
    let id: Option<i64> = city
        .scalar(&format!(
            "SELECT min(id) FROM ledger.open_item WHERE account_id = {account} AND amount > settled"
        ))
        .await;
    Gid(OpenItemId(id.unwrap())).encode()
}

/// A mutation of one field with variables; its payload.
async fn act(city: &TestApp, role: Role, text: &str, variables: Json) -> Json {
    let reply = city.graphql(text, variables).as_actor(actor_of(role)).await;
    let data = reply.ok().as_object().unwrap();
    data.values().next().unwrap().clone()
}

/// Who asks for an act of two people, and who agrees to it.
fn two(asks: Role, agrees: Role) -> (Actor, Actor) {
    (actor_of(asks), actor_of(agrees))
}

fn code(payload: &Json) -> &str {
    payload["errors"][0]["code"].as_str().unwrap_or("")
}

async fn pay(city: &TestApp, account_id: i64, sum: &str, on: &str, key: &str) {
    let paid = act(
        city,
        Role::Integration,
        "mutation($a: ID!, $s: Money!, $d: Date!, $k: String!) { paymentRecord(input: { accountId: $a, amount: $s, paidOn: $d,
            channel: BANK, externalId: $k, idempotencyKey: $k }) { payment { id } errors { code } } }",
        json!({ "a": account(account_id), "s": sum, "d": on, "k": key }),
    )
    .await;
    assert_eq!(code(&paid), "", "{paid}");
}

/// Takes the payment of a key back.
async fn take_back(city: &TestApp, key: &str) {
    let id: Option<i64> =
        city.scalar(&format!("SELECT id FROM payments.payment WHERE external_id = '{key}'")).await;
    let back = act(
        city,
        Role::ChiefAccountant,
        "mutation($id: ID!, $k: String!) { paymentReverse(input: { id: $id, reason: \"bounced\", idempotencyKey: $k }) { errors { code } } }",
        json!({ "id": Gid(PaymentId(id.unwrap())).encode(), "k": format!("back-{key}") }),
    )
    .await;
    assert_eq!(code(&back), "", "{back}");
}

/// One look of the watch.
async fn looked_at(city: &TestApp) {
    act(city, Role::OperatorMulti, "mutation { debtRefresh { job { id } errors { code } } }", json!({}))
        .await;
    city.run_jobs().await;
}

/// Reckons and posts penalty of March up to the 25th: (added, taken back).
async fn accrue(city: &TestApp) -> (String, String) {
    accrue_up_to(city, "2026-03-25").await
}

/// The same of the month of a day, up to that day.
async fn accrue_up_to(city: &TestApp, day: &str) -> (String, String) {
    let started = act(
        city,
        Role::Accountant,
        "mutation($m: Period!, $d: Date!) { penaltyReckon(input: { month: $m, sector: MULTI, upTo: $d }) {
            accrual { id } errors { code } } }",
        json!({ "m": &day[..7], "d": day }),
    )
    .await;
    assert_eq!(code(&started), "", "{started}");
    city.run_jobs().await;
    let before: Option<i64> = city.scalar("SELECT count(*) FROM debt.penalty").await;
    let looked = newest(city).await;
    assert_eq!(looked["state"], "READY", "{looked}");
    let posted = act(
        city,
        Role::Accountant,
        "mutation($id: ID!) { penaltyPost(input: { id: $id }) { accrual { id } errors { code } } }",
        json!({ "id": started["accrual"]["id"] }),
    )
    .await;
    assert_eq!(code(&posted), "", "{posted}");
    city.run_jobs().await;
    let row = newest(city).await;
    assert_eq!(row["state"], "POSTED", "{row}");
    let after: Option<i64> = city.scalar("SELECT count(*) FROM debt.penalty").await;
    assert!(after >= before, "what was accrued is kept");
    (row["added"].as_str().unwrap().to_owned(), row["takenBack"].as_str().unwrap().to_owned())
}

async fn newest(city: &TestApp) -> Json {
    let list = city
        .graphql(
            "{ penaltyAccruals(first: 1) { nodes { id state added takenBack accounts items error period } } }",
            json!({}),
        )
        .as_role(Role::Auditor)
        .await;
    list.at("/penaltyAccruals/nodes/0").clone()
}

fn both(added: &str, taken: &str) -> (String, String) {
    (added.to_owned(), taken.to_owned())
}
