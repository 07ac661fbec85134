use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::payments::ops::{NewPayment, record};
use api::platform::graphql::{Date, Gid};
use api::subscribers::inputs::AccountMoveOutInput;
use api::subscribers::ops::move_out;
use domain::access::{Actor, Role};
use domain::kernel::{Money, Sector};
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use super::{account_id, act, city, gid, opened, opening};

const ACCOUNT: &str =
    "account { version status closedOn holder { name } residents { residents } points { hot } }";

fn newcomer(id: &str, version: i32, date: &str) -> Json {
    json!({ "id": id, "expectedVersion": version, "date": date, "residents": 1, "residentsSource": "EGOV",
        "holder": { "kind": "PERSON", "name": "Сейтқали Айгүл" } })
}

/// Moves out of a household's account, as a final bill does after it took the closing readings; the code of a refusal.
async fn left(app: &TestApp, id: &str, version: i32, date: &str) -> Result<(), &'static str> {
    let input = AccountMoveOutInput {
        id: Gid(account_id(id)),
        expected_version: version,
        date: Date(date.parse().expect("a day")),
        document_id: None,
    };
    let mut tx = Tx::begin(&app.app.db, actor_of(Role::OperatorMulti)).await.expect("a transaction");
    let done = move_out(&mut tx, app.app.clone(), input).await.expect("works");
    match done {
        Ok(_) => tx.commit().await.map_err(|_| "BROKEN"),
        Err(refusal) => Err(refusal.code),
    }
}

#[tokio::test]
async fn the_new_holder_sees_nothing_of_the_old_one() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let sign = json!({ "number": "Д-1", "kind": "PUBLIC", "accountId": id, "signedOn": "2025-01-01", "from": "2025-01-01" });
    assert_eq!(act(&app, "contractSign", sign, "contract { id }").await.refusals(), Vec::<&str>::new());

    let reply = act(&app, "accountMoveIn", newcomer(&id, 1, "2026-03-10"), ACCOUNT).await;
    assert_eq!(reply.at("/accountMoveIn/account/holder/name"), "Сейтқали Айгүл");
    assert_eq!(reply.at("/accountMoveIn/account/residents/residents"), 1);

    let mine = "{ me { account { number holder { name } contract { number party { name } }
        residencies { nodes { residents from } } } accounts { nodes { number } } } }";
    let reply = app.graphql(mine, json!({})).as_subscriber(account_id(&id)).await;
    assert_eq!(reply.at("/me/accounts/nodes"), &json!([{ "number": "1001" }]));
    assert_eq!(reply.at("/me/account/holder/name"), "Сейтқали Айгүл");
    assert_eq!(
        reply.at("/me/account/contract"),
        &json!({ "number": "1001-20260310", "party": { "name": "Сейтқали Айгүл" } }),
        "the public contract begins with her"
    );
    assert_eq!(reply.at("/me/account/residencies/nodes"), &json!([{ "residents": 1, "from": "2026-03-10" }]));

    let theirs = "query($id: ID!) { account(id: $id) { contract { party { name } } residencies { nodes { residents } } } }";
    let reply = app.graphql(theirs, json!({ "id": id })).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.at("/account/residencies/nodes"), &json!([{ "residents": 1 }, { "residents": 3 }]));
    assert_eq!(reply.at("/account/contract/party/name"), "Сейтқали Айгүл");
    let contracts =
        "SELECT string_agg(c.number || ' ' || p.name || ' ' || c.valid, ', ' ORDER BY lower(c.valid))
        FROM contracts.contract c JOIN subscribers.party p ON p.id = c.party_id WHERE upper_inf(c.recorded)";
    assert_eq!(
        app.scalar::<String>(contracts).await.as_deref(),
        Some("Д-1 Қалиев Ғани Өтегенұлы [2025-01-01,2026-03-10), 1001-20260310 Сейтқали Айгүл [2026-03-10,)")
    );
}

#[tokio::test]
async fn a_contract_follows_the_holder() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let other = opened(&app, opening("1002", "MULTI", 2)).await;
    let sign = |account: &str, number: &str, from: &str, to: Json| json!({ "number": number, "kind": "PUBLIC", "accountId": account, "signedOn": from, "from": from, "to": to });
    for input in [
        sign(&id, "Д-1", "2025-01-01", "2026-03-31".into()),
        sign(&id, "Д-2", "2026-04-01", Json::Null),
        sign(&other, "Д-3", "2025-01-01", Json::Null),
    ] {
        assert_eq!(act(&app, "contractSign", input, "contract { id }").await.refusals(), Vec::<&str>::new());
    }
    app.sql(
        "INSERT INTO contracts.point_volume (contract_id, point_id, liters, valid, recorded_by)
         SELECT id, 1, 5000, valid, 'test' FROM contracts.contract WHERE number = 'Д-1'",
    )
    .await;
    let known =
        "SELECT string_agg(c.number || ' ' || c.valid, ', ' ORDER BY lower(c.valid)) FROM contracts.contract c
        JOIN subscribers.account a ON a.id = c.account_id WHERE a.number = '1001' AND upper_inf(c.recorded)";

    // Who leaves takes his contracts along: the one that was to begin later never does.
    assert_eq!(left(&app, &id, 1, "2026-03-10").await, Ok(()));
    assert_eq!(app.scalar::<String>(known).await.as_deref(), Some("Д-1 [2025-01-01,2026-03-10)"));
    let volume = "SELECT string_agg(valid::text, ', ') FROM contracts.point_volume WHERE upper_inf(recorded)";
    assert_eq!(app.scalar::<String>(volume).await.as_deref(), Some("[2025-01-01,2026-03-10)"));
    let forgotten = "SELECT count(*) FROM contracts.contract WHERE NOT upper_inf(recorded)";
    assert_eq!(app.scalar::<i64>(forgotten).await, Some(2), "what was known before stays readable");

    // A number may be given; one that is taken is refused and nothing happens.
    let later = act(&app, "accountMoveIn", newcomer(&id, 2, "2026-03-20"), ACCOUNT).await;
    assert_eq!(later.refusals(), ["CLOSED_THIS_MONTH"], "a month has one run of days");
    let mut input = newcomer(&id, 2, "2026-03-10");
    input["contractNumber"] = "Д-3".into();
    assert_eq!(
        act(&app, "accountMoveIn", input.clone(), ACCOUNT).await.refusals(),
        ["CONTRACT_NUMBER_TAKEN"]
    );
    input["contractNumber"] = "Д-4".into();
    assert_eq!(act(&app, "accountMoveIn", input, ACCOUNT).await.refusals(), Vec::<&str>::new());
    assert_eq!(
        app.scalar::<String>(known).await.as_deref(),
        Some("Д-1 [2025-01-01,2026-03-10), Д-4 [2026-03-10,)")
    );
    let of_other = "SELECT valid::text FROM contracts.contract WHERE number = 'Д-3'";
    assert_eq!(app.scalar::<String>(of_other).await.as_deref(), Some("[2025-01-01,)"));
}

#[tokio::test]
async fn an_organisation_signs_its_contract() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("3001", "LEGAL", 10)).await;
    let comes = |number: Json, version: i32, date: &str| {
        json!({ "id": id, "expectedVersion": version, "date": date, "contractNumber": number,
            "holder": { "kind": "ORGANISATION", "name": "ТОО «Үлгі»" } })
    };
    let query = "mutation($input: AccountMoveInInput!) { accountMoveIn(input: $input) { account { contract { number kind } } errors { code } } }";
    for (number, version, date, contract) in [
        (Json::Null, 1, "2026-03-10", Json::Null),
        ("И-7".into(), 2, "2026-03-12", json!({ "number": "И-7", "kind": "INDIVIDUAL" })),
    ] {
        let input = json!({ "input": comes(number, version, date) });
        let reply = app.graphql(query, input).as_role(Role::OperatorLegal).await;
        assert_eq!(reply.refusals(), Vec::<&str>::new());
        assert_eq!(reply.at("/accountMoveIn/account/contract"), &contract);
    }
}

#[tokio::test]
async fn bills_readings_and_money_of_the_old_holder_are_not_there_for_the_new_one() {
    let app = TestApp::new().await;
    let account = app.house(&[Flat::metered(2, 10_000)]).await[0];
    app.sql("SELECT setval(pg_get_serial_sequence('subscribers.party', 'id'), 1000)").await;
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
    record(&mut tx, payment, app.app.clock.today(), app.app.clock.now())
        .await
        .expect("works")
        .expect("is recorded");
    tx.commit().await.expect("commits");

    let mine = "{ me { account { holder { name } balance bills { nodes { id } } readings { nodes { id } }
        payments { nodes { id } } openItems { nodes { id } } residencies { nodes { residents } } } } }";
    let before = app.graphql(mine, json!({})).as_subscriber(account).await;
    let ids: Vec<String> = ["bills", "payments"]
        .iter()
        .map(|list| before.text(&format!("/me/account/{list}/nodes/0/id")).to_owned())
        .collect();
    assert_eq!(before.at("/me/account/readings/nodes").as_array().map(Vec::len), Some(2));
    assert_ne!(before.text("/me/account/balance"), "0.00");

    app.app.clock.set_today(chrono::NaiveDate::from_ymd_opt(2026, 4, 5));
    let input = newcomer(&gid("Account", account.0), 1, "2026-04-02");
    assert_eq!(act(&app, "accountMoveIn", input, ACCOUNT).await.refusals(), Vec::<&str>::new());
    let after = app.graphql(mine, json!({})).as_subscriber(account).await;
    assert_eq!(
        after.at("/me/account"),
        &json!({
            "holder": { "name": "Сейтқали Айгүл" }, "balance": "0.00", "bills": { "nodes": [] }, "readings": { "nodes": [] },
            "payments": { "nodes": [] }, "openItems": { "nodes": [] }, "residencies": { "nodes": [{ "residents": 1 }] },
        })
    );
    let node = "query($id: ID!) { node(id: $id) { id } }";
    for id in ids {
        let reply = app.graphql(node, json!({ "id": id })).as_subscriber(account).await;
        assert_eq!(reply.codes(), ["NOT_FOUND"], "not by its id either");
        let reply = app.graphql(node, json!({ "id": id })).as_role(Role::Auditor).await;
        assert_eq!(reply.text("/node/id"), id);
    }
    let bill = "query($id: ID!) { bill(id: $id) { id } }";
    let reply = app
        .graphql(bill, json!({ "id": before.at("/me/account/bills/nodes/0/id") }))
        .as_subscriber(account)
        .await;
    assert!(reply.codes() == ["NOT_FOUND"] || reply.data.pointer("/bill") == Some(&Json::Null), "{reply:?}");
}

#[tokio::test]
async fn a_subscriber_has_no_other_door() {
    let app = TestApp::new().await;
    city(&app).await;
    let mine = opened(&app, opening("1001", "MULTI", 1)).await;
    let other = opened(&app, opening("1002", "MULTI", 2)).await;
    let query = "query($id: ID!) { account(id: $id) { number } }";
    for id in [&mine, &other] {
        let reply = app.graphql(query, json!({ "id": id })).as_subscriber(account_id(&mine)).await;
        assert_eq!(reply.codes(), ["FORBIDDEN"]);
    }
    let reply = app.graphql("{ me { id } }", json!({})).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn a_closed_account_lets_its_points_go_and_can_live_again() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    for (version, date, code) in
        [(1, "2026-03-27", "DAY_AHEAD"), (1, "2025-01-01", "DATE_TOO_EARLY"), (7, "2026-03-10", "CONFLICT")]
    {
        assert_eq!(left(&app, &id, version, date).await, Err(code));
    }
    assert_eq!(left(&app, &id, 1, "2026-03-10").await, Ok(()));
    let query = format!("query($id: ID!) {{ {} }}", ACCOUNT.replacen("account", "account(id: $id)", 1));
    let reply = app.graphql(&query, json!({ "id": id })).as_role(Role::OperatorMulti).await;
    assert_eq!(
        reply.at("/account"),
        &json!({ "version": 2, "status": "CLOSED", "closedOn": "2026-03-10", "holder": null, "residents": null, "points": [] })
    );
    assert_eq!(left(&app, &id, 2, "2026-03-11").await, Err("ACCOUNT_CLOSED"));
    let count = json!({ "accountId": id, "residents": 2, "from": "2026-03-12", "source": "EGOV" });
    assert_eq!(act(&app, "residentsRecord", count, "residency { id }").await.refusals(), ["ACCOUNT_CLOSED"]);

    let mine = "{ me { account { residencies { nodes { residents to } } } } }";
    let reply = app.graphql(mine, json!({})).as_subscriber(account_id(&id)).await;
    assert_eq!(
        reply.at("/me/account/residencies/nodes"),
        &json!([{ "residents": 3, "to": "2026-03-09" }]),
        "who left still sees his own time"
    );

    let early = act(&app, "accountMoveIn", newcomer(&id, 2, "2026-03-09"), ACCOUNT).await;
    assert_eq!(early.refusals(), ["DATE_TOO_EARLY"]);
    let reply = act(&app, "accountMoveIn", newcomer(&id, 2, "2026-03-20"), ACCOUNT).await;
    assert_eq!(reply.refusals(), ["CLOSED_THIS_MONTH"]);
    app.app.clock.set_today(Some("2026-04-20".parse().unwrap()));
    let reply = act(&app, "accountMoveIn", newcomer(&id, 2, "2026-04-20"), ACCOUNT).await;
    assert_eq!(reply.at("/accountMoveIn/account/status"), "ACTIVE", "{reply:?}");
    assert_eq!(reply.at("/accountMoveIn/account/points").as_array().unwrap().len(), 2);
    let between = "SELECT count(*) FROM subscribers.account_point WHERE upper_inf(recorded) AND valid @> '2026-04-15'::date";
    assert_eq!(app.scalar::<i64>(between).await, Some(0), "nobody paid in between");
}

#[tokio::test]
async fn a_household_is_left_with_a_final_bill_and_a_legal_entity_without_one() {
    let app = TestApp::new().await;
    city(&app).await;
    let out = |id: &str, version: i32| json!({ "id": id, "expectedVersion": version, "date": "2026-03-10" });
    let flat = opened(&app, opening("1001", "MULTI", 1)).await;
    let reply = act(&app, "accountMoveOut", out(&flat, 1), ACCOUNT).await;
    assert_eq!(reply.refusals(), ["FINAL_BILL_NEEDED"]);
    let shop = opened(&app, opening("3001", "LEGAL", 10)).await;
    let query = format!(
        "mutation($input: AccountMoveOutInput!) {{ accountMoveOut(input: $input) {{ {ACCOUNT} errors {{ code }} }} }}"
    );
    let close = async |version: i32| {
        app.graphql(&query, json!({ "input": out(&shop, version) })).as_role(Role::OperatorLegal).await
    };
    assert_eq!(close(7).await.refusals(), ["CONFLICT"]);
    assert_eq!(close(1).await.at("/accountMoveOut/account/status"), "CLOSED");
    assert_eq!(close(2).await.refusals(), ["ACCOUNT_CLOSED"]);
}

#[tokio::test]
async fn points_of_a_closed_account_may_be_another_ones_by_then() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    assert_eq!(left(&app, &id, 1, "2026-03-10").await, Ok(()));
    let mut input = opening("1002", "MULTI", 1);
    input["openedOn"] = "2026-03-10".into();
    opened(&app, input).await;
    let reply = act(&app, "accountMoveIn", newcomer(&id, 2, "2026-03-10"), ACCOUNT).await;
    assert_eq!(reply.refusals(), ["POINT_TAKEN"]);
}
