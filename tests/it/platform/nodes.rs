//! Things by their ids and lists by their pages: what is true of every kind.

use std::collections::BTreeSet;

use aiscra_tests::{Flat, TestApp, march};
use api::payments::ops::{NewPayment, record};
use api::platform::graphql::id::encode;
use domain::access::{Actor, Role, Scope};
use domain::kernel::{AccountId, DistrictId, Money, Sector};
use entities::kernel::Tx;
use serde_json::json;

const NODE: &str = "query($id: ID!) { node(id: $id) { id } }";

/// A thing of every kind; whether it belongs to rows that a scope decides about.
async fn things(app: &TestApp) -> Vec<(&'static str, i64, bool)> {
    let account = app.house(&[Flat::metered(2, 10_000), Flat::unmetered(1)]).await[0];
    let run = api::billing::ops::run_now(&app.app, march(), Sector::Multi, Some(1))
        .await
        .expect("works")
        .expect("runs");
    let mut tx = Tx::begin(&app.app.db, Actor::system("test")).await.expect("a transaction");
    let issued = api::billing::ops::issue_run(&mut tx, run.run_id(), &app.app.clock).await;
    issued.expect("works").expect("is issued");
    let payment = NewPayment {
        account,
        sector: Sector::Multi,
        channel: "bank".into(),
        external_id: "1".into(),
        amount: Money::tenge("100.00").expect("money"),
        paid_on: app.app.clock.today(),
        import_batch: None,
        paid_at: None,
        target: None,
    };
    let payment = record(&mut tx, payment, app.app.clock.today(), app.app.clock.now())
        .await
        .expect("works")
        .expect("is recorded");
    tx.commit().await.expect("commits");
    crate::access::hire(app, "clerk", Role::Cashier).await;
    for sql in [
        "INSERT INTO contracts.contract (number, kind, account_id, party_id, signed_on, valid, recorded_by)
         VALUES ('C-1', 'public', 1, 1, '2020-01-01', '[2020-01-01,)', 'test')",
        "INSERT INTO billing.run_preview (period, sector, status, known_at, accounts, created_by)
         VALUES ('2026-03-01', 'multi', 'done', now(), 0, 'test')",
        "INSERT INTO billing.scenario (name, period, sectors, changes, keeps_accounts, status, known_at, created_by)
         VALUES ('test', '2026-03-01', '{multi}', '[]', false, 'done', now(), 'test')",
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '1', '2026-03-01', 'test', 'test', 'test')",
        "INSERT INTO platform.job (kind, args, state, created_by) VALUES ('test', '{}', 'done', 'test')",
        "INSERT INTO access.client (name, permissions, token_hash) VALUES ('test', '{}', 'x')",
    ] {
        app.sql(sql).await;
    }
    let row = async |sql: &str| app.scalar::<i64>(sql).await.expect("a row");
    vec![
        ("Account", 1, true),
        ("Bill", row("SELECT id FROM billing.bill WHERE account_id = 1").await, true),
        ("Contract", row("SELECT id FROM contracts.contract").await, true),
        ("LedgerPeriod", api::ledger::types::LedgerPeriod::row(march(), Sector::Multi), true),
        ("Meter", row("SELECT id FROM meters.meter").await, true),
        ("Payment", payment.0, true),
        ("Premise", 1, true),
        ("Run", run.id, true),
        ("RunPreview", row("SELECT id FROM billing.run_preview").await, true),
        ("Scenario", row("SELECT id FROM billing.scenario").await, true),
        ("Client", row("SELECT id FROM access.client").await, false),
        ("Document", row("SELECT max(id) FROM archive.document").await, false),
        ("Job", row("SELECT max(id) FROM platform.job").await, false),
        ("User", row("SELECT max(id) FROM access.staff").await, false),
    ]
}

#[tokio::test]
async fn a_thing_of_others_is_not_there_by_its_id_either() {
    let app = TestApp::new().await;
    let things = things(&app).await;
    let kinds = app
        .graphql("{ __type(name: \"Node\") { possibleTypes { name } } }", json!({}))
        .as_role(Role::Auditor)
        .await;
    let kinds: BTreeSet<&str> = kinds
        .at("/__type/possibleTypes")
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["name"].as_str().unwrap())
        .collect();
    let tried: BTreeSet<&str> = things.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, tried, "every kind of node is tried here");

    let everybody = Actor::system("test");
    let elsewhere = |sectors: &[Sector], districts: &[i64]| Actor {
        scope: Scope::Part {
            sectors: sectors.iter().copied().collect(),
            districts: districts.iter().map(|id| DistrictId(*id)).collect(),
        },
        ..Actor::system("test")
    };
    let powerless = Actor { permissions: BTreeSet::new(), ..Actor::system("test") };
    for (kind, row, has_scope) in things {
        let id = encode(kind, row);
        let ask = async |actor: &Actor| app.graphql(NODE, json!({ "id": id })).as_actor(actor.clone()).await;
        assert_eq!(ask(&everybody).await.text("/node/id"), id, "{kind} is there");
        assert_eq!(ask(&powerless).await.codes(), ["NOT_FOUND"], "{kind} without a right");
        let neighbour = app.graphql(NODE, json!({ "id": id })).as_subscriber(AccountId(2)).await;
        assert_eq!(neighbour.codes(), ["NOT_FOUND"], "{kind} for another subscriber");
        let nobody = app.graphql(NODE, json!({ "id": id })).as_anonymous().await;
        assert_eq!(nobody.codes(), ["UNAUTHENTICATED"], "{kind}");
        let foreign = ask(&elsewhere(&[Sector::Legal], &[2])).await;
        match has_scope {
            true => assert_eq!(foreign.codes(), ["NOT_FOUND"], "{kind} of another sector and district"),
            false => assert_eq!(foreign.text("/node/id"), id, "{kind} belongs to the whole city"),
        }
        let missing =
            app.graphql(NODE, json!({ "id": encode(kind, 999_999_999) })).as_actor(everybody.clone()).await;
        assert_eq!(missing.codes(), ["NOT_FOUND"], "{kind} that is not");
    }
}

#[tokio::test]
async fn a_page_larger_than_a_page_is_refused() {
    let app = TestApp::new().await;
    app.house(&[Flat::unmetered(1)]).await;
    let query = "query($type: String!) { __type(name: $type) { fields { name args { name type { kind } } type { ofType { name } } } } }";
    let mut tried = 0;
    for of in ["Query", "Account"] {
        let fields = app.graphql(query, json!({ "type": of })).as_role(Role::Auditor).await;
        for field in fields.at("/__type/fields").as_array().unwrap() {
            let args = field["args"].as_array().unwrap();
            let of_list = field["type"]["ofType"]["name"].as_str().unwrap_or_default();
            let pages = of_list.ends_with("Connection") && args.iter().any(|arg| arg["name"] == "first");
            if !pages || args.iter().any(|arg| arg["type"]["kind"] == "NON_NULL") {
                continue;
            }
            let name = field["name"].as_str().unwrap();
            for (first, codes) in
                [(101, vec!["BAD_INPUT"]), (0, vec!["BAD_INPUT"]), (-1, vec!["BAD_INPUT"]), (100, vec![])]
            {
                let list = format!("{name}(first: {first}) {{ pageInfo {{ hasNextPage }} }}");
                let query = match of {
                    "Query" => format!("{{ {list} }}"),
                    _ => format!("{{ account(number: \"1000001\") {{ {list} }} }}"),
                };
                let reply = app.graphql(&query, json!({})).as_actor(Actor::system("test")).await;
                // One's own sessions: the program has none to ask for.
                if reply.codes() == ["FORBIDDEN"] {
                    continue;
                }
                assert_eq!(reply.codes(), codes, "{of}.{name}(first: {first})");
            }
            tried += 1;
        }
    }
    assert!(tried >= 15, "lists of the root and of an account: {tried}");
}
