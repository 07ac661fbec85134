//! The run: right to the tiyn, the same for any number of shards, resumable, reversible until issued.

use aiscra_tests::{BusKind, Flat, Meter, TestApp, march};
use api::billing::ops;
use api::ledger::ops::close_period;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::billing::run;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

const HOUSE: &[Flat] = &[
    Flat::unmetered(3),
    Flat::metered(2, 12_345),
    Flat::unmetered(0),
    Flat { residents: 1, meter: Some(Meter { initial: 7_000, march: None, verified_until: "2030-01-01" }) },
    Flat {
        residents: 2,
        meter: Some(Meter { initial: 7_000, march: Some(9_000), verified_until: "2025-12-01" }),
    },
    // A five-digit register that passes its end: 99 998.500 → 4.000 m³.
    Flat {
        residents: 4,
        meter: Some(Meter { initial: 99_998_500, march: Some(4_000), verified_until: "2030-01-01" }),
    },
    Flat::metered(1, 0),
];

async fn posted(city: &TestApp, shards: i32) -> run::Run {
    ops::run_now(&city.app, march(), Sector::Multi, Some(shards)).await.expect("works").expect("is allowed")
}

async fn gross(city: &TestApp, account: i64) -> Vec<(String, String, i64)> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        service: String,
        basis: String,
        gross: i64,
    }
    let rows: Vec<Row> = entities::kernel::sql::all(
        &city.app.db,
        "SELECT service, basis, gross FROM billing.charge_line WHERE account_id = $1 ORDER BY line",
        [account.into()],
    )
    .await
    .unwrap();
    rows.into_iter().map(|row| (row.service, row.basis, row.gross)).collect()
}

fn line(service: &str, basis: &str, gross: i64) -> (String, String, i64) {
    (service.into(), basis.into(), gross)
}

#[tokio::test]
async fn every_case_of_a_house_is_charged_to_the_tiyn() {
    let city = TestApp::new().await;
    city.house(HOUSE).await;
    let run = posted(&city, 3).await;
    assert_eq!((run.state.as_str(), run.accounts, run.failures), ("posted", 7, 0));

    // Three people without a meter: 3 × 15 m³ × 66 × 1.16 and the sewerage of it.
    assert_eq!(
        gross(&city, 1).await,
        [line("water", "norm", 344_520), line("sewerage_cold", "norm", 213_759)]
    );
    // 12.345 m³ by meter.
    assert_eq!(
        gross(&city, 2).await,
        [line("water", "metered", 94_513), line("sewerage_cold", "metered", 58_641)]
    );
    // Verification expired in December: the norm, whatever the meter says.
    assert_eq!(gross(&city, 5).await[0], line("water", "expired_norm", 229_680));
    // Rollover: 1.500 + 4.000 m³ = 5.500 × 66 × 1.16.
    assert_eq!(gross(&city, 6).await[0], line("water", "metered", 42_108));
    // Nothing used is still a bill.
    assert_eq!(gross(&city, 7).await, [line("water", "metered", 0), line("sewerage_cold", "metered", 0)]);
}

#[tokio::test]
async fn the_hash_does_not_know_the_number_of_shards_and_a_reversed_run_leaves_no_balance() {
    let city = TestApp::new().await;
    city.house(HOUSE).await;
    let mut hashes = Vec::new();
    for shards in [1, 2, 7, 64] {
        let run = posted(&city, shards).await;
        hashes.push((run.hash, run.gross, run.lines));
        let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
        let reversed = ops::reverse_run(&mut tx, RunId(run.id), None, city.app.clock.today()).await.unwrap();
        assert_eq!(reversed.unwrap().state, "reversed");
        tx.commit().await.unwrap();
        let left: Option<i64> = city.scalar("SELECT count(*) FROM ledger.open_item").await;
        assert_eq!(left, Some(0));
        let ledger: Option<i64> = city
            .scalar("SELECT coalesce(sum(debit - credit), 0)::bigint FROM ledger.trial_balance WHERE account = 'receivable'")
            .await;
        assert_eq!(ledger, Some(0), "the mirrored entries take the receivable back");
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1, "{hashes:?}");
}

#[tokio::test]
async fn killed_between_shards_it_goes_on_without_a_double_or_a_lost_line() {
    let city = TestApp::new().await;
    city.house(HOUSE).await;
    let whole = posted(&city, 4).await;
    // As if the process had died after the second shard: its rows are there, the others' are not.
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::reverse_run(&mut tx, RunId(whole.id), None, city.app.clock.today()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let started =
        ops::start_run(&mut tx, march(), Sector::Multi, Some(4), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    for _ in 0..3 {
        // A process of its own, gone in the middle again and again.
        let process = city.neighbour(BusKind::Memory).await;
        let cycle = ops::run_cycle(&process.app, RunId(started.id), &|_, _| {});
        let _ = tokio::time::timeout(std::time::Duration::from_millis(9), cycle).await;
    }
    let again = ops::run_cycle(&city.app, RunId(started.id), &|_, _| {}).await.unwrap();
    assert_eq!((again.hash, again.gross, again.lines), (whole.hash, whole.gross, whole.lines));
    let doubles: Option<i64> = city
        .scalar(&format!(
            "SELECT count(*) - count(DISTINCT (account_id, line)) FROM billing.charge_line WHERE run_id = {}",
            started.id
        ))
        .await;
    assert_eq!(doubles, Some(0));
}

#[tokio::test]
async fn the_month_through_the_api() {
    let city = TestApp::new().await;
    city.house(HOUSE).await;
    let ask = |query: &str, variables| city.graphql(query, variables);

    let preview = ask(
        "query($a: ID!) { billPreview(account: $a) { gross lines { line { basis } } } }",
        json!({ "a": api::platform::graphql::Gid(AccountId(1)).encode() }),
    )
    .as_role(Role::Accountant)
    .await;
    assert_eq!(preview.data["billPreview"]["gross"], "5582.79", "{preview:?}");

    const START: &str = "mutation($k: String!) { runStart(input: { period: \"2026-03\", sector: MULTI, idempotencyKey: $k }) {
        run { id state gross hash } errors { code message } } }";
    let start = ask(START, json!({ "k": "start-march" })).as_role(Role::Accountant).await;
    let id = start.data["runStart"]["run"]["id"].as_str().unwrap_or_else(|| panic!("{start:?}")).to_owned();
    let joined = ask(START, json!({ "k": "start-march-again" })).as_role(Role::Accountant).await;
    assert_eq!(joined.data["runStart"]["run"]["id"], id, "a second start joins the first");
    city.run_jobs().await;
    let run = ask(
        "query($id: ID!) { run(id: $id) { state gross accountsDone byService { service gross } } }",
        json!({ "id": id }),
    )
    .as_role(Role::Accountant)
    .await;
    assert_eq!(run.data["run"]["state"], "POSTED", "{run:?}");

    // Not issued: the subscriber sees nothing yet and owes nothing yet.
    const MINE: &str = "{ me { account { balance bills { nodes { charged } } } } }";
    let mine = ask(MINE, json!({})).as_subscriber(AccountId(1)).await;
    assert_eq!(
        mine.data["me"]["account"],
        json!({ "balance": "0.00", "bills": { "nodes": [] } }),
        "{mine:?}"
    );

    const ISSUE: &str = "mutation($id: ID!, $k: String!) { runIssue(input: { id: $id, idempotencyKey: $k }) {
        run { state } errors { code } } }";
    let forbidden = ask(ISSUE, json!({ "id": id, "k": "issue-march" })).as_role(Role::Accountant).await;
    assert_eq!(forbidden.errors[0]["extensions"]["code"], "FORBIDDEN");
    let issue = ask(ISSUE, json!({ "id": id, "k": "issue-march" })).as_role(Role::ChiefAccountant).await;
    assert_eq!(issue.data["runIssue"]["run"]["state"], "ISSUED", "{issue:?}");

    let mine = ask(MINE, json!({})).as_subscriber(AccountId(1)).await;
    assert_eq!(mine.data["me"]["account"]["balance"], "5582.79", "{mine:?}");
    let other =
        ask("query($id: ID!) { bill(id: $id) { charged } }", json!({ "id": bill_of(&city, 2).await }))
            .as_subscriber(AccountId(1))
            .await;
    assert_eq!(other.data["bill"], json!(null), "somebody else's bill does not exist for me: {other:?}");

    // Every bill explains itself and is equal.
    for account in 1..=7 {
        let explained = ask(
            "query($id: ID!) { bill(id: $id) { charged explanation { equal recalculated
                lines { equal tree { kind label value children { kind value source children { kind value source } } } } } } }",
            json!({ "id": bill_of(&city, account).await }),
        )
        .as_subscriber(AccountId(account))
        .await;
        let bill = &explained.data["bill"];
        assert_eq!(bill["explanation"]["equal"], true, "{explained:?}");
        assert_eq!(bill["explanation"]["recalculated"], bill["charged"]);
    }

    // Pay more than is owed: the rest is an advance.
    const PAY: &str = "mutation($a: ID!, $k: String!, $sum: Money!) { paymentRecord(input: { accountId: $a, amount: $sum,
        channel: BANK, externalId: \"line-1\", idempotencyKey: $k }) {
        payment { id amount allocations { amount openItem { service rest } } account { balance owed advance } } errors { code } } }";
    let account = api::platform::graphql::Gid(AccountId(1)).encode();
    let pay = json!({ "a": account, "k": "pay-number-1", "sum": "6000.00" });
    let paid = ask(PAY, pay.clone()).as_role(Role::Integration).await;
    let payment = &paid.data["paymentRecord"]["payment"];
    assert_eq!(
        payment["account"],
        json!({ "balance": "-417.21", "owed": "0.00", "advance": "417.21" }),
        "{paid:?}"
    );
    assert_eq!(payment["allocations"].as_array().unwrap().len(), 2);
    let repeat = ask(PAY, pay).as_role(Role::Integration).await;
    assert_eq!(
        repeat.data["paymentRecord"]["payment"]["id"], payment["id"],
        "the same request twice is one payment"
    );
    let other_sum = ask(PAY, json!({ "a": account, "k": "pay-number-2", "sum": "1.00" }))
        .as_role(Role::Integration)
        .await;
    assert_eq!(other_sum.data["paymentRecord"]["errors"][0]["code"], "PAYMENT_KEY_CONFLICT", "{other_sum:?}");

    // The books agree, the month closes, and nothing changes it any more.
    const PERIOD: &str =
        "{ period(period: \"2026-03\", sector: MULTI) { status conditions { code met found } charged paid } 
        trialBalance(period: \"2026-03\") { difference subLedgerDifference } }";
    let cockpit = ask(PERIOD, json!({})).as_role(Role::ChiefAccountant).await;
    let broken: Vec<_> = cockpit.data["period"]["conditions"]
        .as_array()
        .unwrap_or_else(|| panic!("{cockpit:?}"))
        .iter()
        .filter(|c| c["met"] == false)
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
    assert_eq!(cockpit.data["trialBalance"], json!({ "difference": "0.00", "subLedgerDifference": "0.00" }));
    const CLOSE: &str = "mutation { periodClose(input: { period: \"2026-03\", sector: MULTI }) { period { status } errors { code } } }";
    let closed = ask(CLOSE, json!({})).as_role(Role::ChiefAccountant).await;
    assert_eq!(closed.data["periodClose"]["period"]["status"], "CLOSED", "{closed:?}");

    let reverse = ask(
        "mutation($id: ID!) { runReverse(input: { id: $id, idempotencyKey: \"reverse-march\" }) { errors { code } } }",
        json!({ "id": id }),
    )
    .as_role(Role::ChiefAccountant)
    .await;
    assert_eq!(reverse.data["runReverse"]["errors"][0]["code"], "RUN_ISSUED");
    let forced = entities::kernel::sql::run(
        &city.app.db,
        "INSERT INTO ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, source, source_id)
         VALUES ('2026-03-01', 'multi', 1, '2026-03-31', 'receivable', 'opening', 100, 'opening', 1)",
        [],
    )
    .await;
    assert!(forced.unwrap_err().to_string().contains("PERIOD_CLOSED"), "the database itself refuses");
    let next: Option<i64> = city
        .scalar("SELECT amount FROM ledger.account_total WHERE account_id = 1 AND period = '2026-04-01' AND kind = 'opening'")
        .await;
    assert_eq!(next, Some(-41_721), "the advance is carried into April");
}

async fn bill_of(city: &TestApp, account: i64) -> String {
    let id: Option<i64> = city
        .scalar(&format!("SELECT id FROM billing.bill WHERE account_id = {account} AND NOT reversed"))
        .await;
    api::platform::graphql::Gid(BillId(id.expect("a bill"))).encode()
}

#[tokio::test]
async fn a_month_with_an_account_left_out_does_not_close() {
    let city = TestApp::new().await;
    city.house(HOUSE).await;
    let run = posted(&city, 2).await;
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    city.sql(
        "INSERT INTO subscribers.account (id, number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         VALUES (99, '1000099', 'multi', 'population', 1, 1, 1, '2026-03-05')",
    )
    .await;
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let refused = close_period(&mut tx, march(), Sector::Multi).await.unwrap().unwrap_err();
    assert_eq!(refused.code, "CLOSE_CONDITIONS_BROKEN");
    tx.rollback().await.unwrap();
    let rows = city
        .graphql(
            "{ period(period: \"2026-03\", sector: MULTI) { conditions { code met accounts { nodes { number } } } } }",
            json!({}),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    let conditions = rows.data["period"]["conditions"].as_array().unwrap().clone();
    let broken: Vec<_> = conditions.into_iter().filter(|c| c["met"] == false).collect();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!(broken[0]["code"], "EVERY_ACCOUNT_CHARGED");
    assert_eq!(broken[0]["accounts"]["nodes"], json!([{ "number": "1000099" }]));

    // The way out: it is charged by itself, here with nothing, for it has no point of supply.
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let late = ops::make_late_bills(&mut tx, &city.app, (march(), Sector::Multi), None).await;
    let late = late.unwrap().expect("is charged");
    assert_eq!((late.accounts, late.excused, late.gross), (1, 1, 0));
    let closed = close_period(&mut tx, march(), Sector::Multi).await.unwrap().expect("March closes");
    assert_eq!(closed.status, "closed");
}

#[tokio::test]
async fn a_price_that_waits_stops_its_month_and_no_other() {
    let city = TestApp::new().await;
    city.house(HOUSE).await;
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '12', '2026-03-01', 'Head', 'Prices', 'test')",
    )
    .await;
    let document = api::platform::graphql::id::encode(
        "Document",
        city.scalar("SELECT max(id) FROM archive.document").await.unwrap(),
    );
    let propose = async |net: &str, from: &str, to: Option<&str>| {
        let input = json!({ "service": "WATER", "consumerGroup": "POPULATION", "net": net, "from": from, "to": to,
            "source": "order № 12", "documentId": document });
        let query = "mutation($i: PriceProposeInput!) { pricePropose(input: $i) { proposal { id } errors { code } } }";
        let reply = city.graphql(query, json!({ "i": input })).as_role(Role::Accountant).await;
        reply.text("/pricePropose/proposal/id").to_owned()
    };
    let decide = async |name: &str, input: Json| {
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($i: {kind}!) {{ {name}(input: $i) {{ proposal {{ state }} errors {{ code }} }} }}"
        );
        city.graphql(&query, json!({ "i": input })).as_role(Role::ChiefAccountant).await.ok();
    };
    let gross = async || {
        let query = "query($a: ID!) { billPreview(account: $a) { gross } }";
        let account = api::platform::graphql::Gid(AccountId(1)).encode();
        let reply = city.graphql(query, json!({ "a": account })).as_role(Role::Accountant).await;
        reply.text("/billPreview/gross").to_owned()
    };
    let start = async |key: &str| {
        let query = "mutation($k: String!) { runStart(input: { period: \"2026-03\", sector: MULTI, idempotencyKey: $k }) {
            run { state } errors { code message } } }";
        city.graphql(query, json!({ "k": key })).as_role(Role::Accountant).await
    };
    let before = gross().await;
    propose("99", "2026-04-01", None).await;
    let early = propose("132", "2026-03-01", Some("2026-03-31")).await;
    assert_eq!(gross().await, before, "no preview sees what waits");
    let refused = start("march-early").await;
    assert_eq!(refused.refusals(), ["PRICE_WAITS"]);
    let message = refused.text("/runStart/errors/0/message");
    for word in ["132", "01/03/2026", "order № 12", "test.accountant"] {
        assert!(message.contains(word), "{message} does not say {word}");
    }

    decide("tariffConfirm", json!({ "id": early })).await;
    let confirmed = gross().await;
    assert_ne!(confirmed, before, "from now on it decides");
    // April's still waits and is nobody's business in March.
    start("march-again").await.ok();
    city.run_jobs().await;
    let billed: Option<i64> = city.scalar("SELECT charged FROM billing.bill WHERE account_id = 1").await;
    assert_eq!(Money::from_tiyn(billed.unwrap()).to_string(), confirmed);
}
