//! Balances move between accounts in pairs: on a document, by two people above the setting, and back.

use aiscra_tests::{Flat, Reply, TestApp, actor_of, march};
use api::debt::ops as debt;
use api::payments::ops::{NewPayment, record};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use entities::ledger::close;
use serde_json::{Value as Json, json};

/// Two flats of one rule, both billed for March.
async fn billed() -> TestApp {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 10_000), Flat::metered(1, 5_000)]).await;
    let run = api::billing::ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    api::billing::ops::issue_run(&mut tx, run.run_id(), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', 'П-1', '2026-03-02', 'test', 'test', 'test')",
    )
    .await;
    city
}

fn input(more: Json) -> Json {
    let mut input = json!({ "fromId": Gid(AccountId(1)).encode(), "toId": Gid(AccountId(2)).encode(),
        "documentId": Gid(DocumentId(1)).encode(), "reason": "зачислено не тому" });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

async fn act(city: &TestApp, who: Actor, name: &str, kind: &str, input: Json) -> Reply {
    let read = "transfer { id state debt advance second }";
    let query = format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ {read} errors {{ code }} }} }}");
    city.graphql(&query, json!({ "i": input })).as_actor(who).await
}

async fn balances(city: &TestApp) -> Vec<String> {
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    city.texts(
        "SELECT concat_ws(' ', account_id, coalesce(service, 'advance'), sum(amount - settled)) FROM ledger.open_item
         GROUP BY account_id, coalesce(service, 'advance') HAVING sum(amount - settled) <> 0 ORDER BY 1",
    )
    .await
}

#[tokio::test]
async fn a_debt_moves_to_the_tiyn_and_back() {
    let city = billed().await;
    // 10.000 m³: 765.60 and 475.02; 5.000 m³: 382.80 and 237.51.
    let before = ["1 sewerage_cold 47502", "1 water 76560", "2 sewerage_cold 23751", "2 water 38280"];
    assert_eq!(balances(&city).await, before);
    let accountant = || actor_of(Role::Accountant);
    let seen = city
        .graphql(
            "query($i: TransferInput!) { transferPreview(input: $i) { preview { debt advance second fromBalance toBalance }
                 errors { code } } }",
            json!({ "i": input(json!({})) }),
        )
        .as_actor(accountant())
        .await;
    assert_eq!(
        seen.at("/transferPreview/preview"),
        &json!({ "debt": "1240.62", "advance": "0.00", "second": [], "fromBalance": "0.00", "toBalance": "1860.93" })
    );
    assert_eq!(balances(&city).await, before, "a preview keeps nothing");

    let done = act(&city, accountant(), "transferCreate", "TransferInput", input(json!({}))).await;
    assert_eq!(done.at("/transferCreate/transfer/state"), "POSTED", "{done:?}");
    assert_eq!(balances(&city).await, ["2 sewerage_cold 71253", "2 water 114840"]);
    let id = done.at("/transferCreate/transfer/id").clone();
    let back = json!({ "id": id, "documentId": Gid(DocumentId(1)).encode() });
    let alone = Actor { label: "test.accountant".into(), ..actor_of(Role::ChiefAccountant) };
    let refused = act(&city, alone, "transferReverse", "TransferReverseInput", back.clone()).await;
    assert_eq!(refused.refusals(), ["SAME_PERSON"]);
    let chief = actor_of(Role::ChiefAccountant);
    let reversed = act(&city, chief.clone(), "transferReverse", "TransferReverseInput", back.clone()).await;
    assert_eq!(reversed.at("/transferReverse/transfer/state"), "REVERSED", "{reversed:?}");
    assert_eq!(balances(&city).await, before);
    let twice = act(&city, chief, "transferReverse", "TransferReverseInput", back).await;
    assert_eq!(twice.refusals(), ["TRANSFER_DECIDED"]);
}

#[tokio::test]
async fn an_advance_pays_what_the_other_account_owes() {
    let city = billed().await;
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let payment = NewPayment {
        account: AccountId(1),
        sector: Sector::Multi,
        channel: "bank".into(),
        external_id: "1".into(),
        amount: Money::tenge("1740.62").unwrap(),
        paid_on: today,
        import_batch: None,
        paid_at: None,
        target: None,
    };
    record(&mut tx, payment, today, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(balances(&city).await, ["1 advance -50000", "2 sewerage_cold 23751", "2 water 38280"]);
    let accountant = || actor_of(Role::Accountant);
    let more = input(json!({ "advance": "500.01" }));
    let refused = act(&city, accountant(), "transferCreate", "TransferInput", more).await;
    assert_eq!(refused.refusals(), ["ADVANCE_TOO_SMALL"]);
    let some = input(json!({ "advance": "400.00" }));
    let done = act(&city, accountant(), "transferCreate", "TransferInput", some).await;
    assert_eq!(done.at("/transferCreate/transfer/advance"), "400.00", "{done:?}");
    let after = balances(&city).await;
    assert_eq!(after[0], "1 advance -10000");
    let owed: i64 = city
        .scalar("SELECT sum(amount - settled)::bigint FROM ledger.open_item WHERE account_id = 2")
        .await
        .unwrap();
    assert_eq!(owed, 62_031 - 40_000);
}

#[tokio::test]
async fn above_the_setting_two_people_decide() {
    let city = billed().await;
    city.sql(
        "UPDATE tariffs.setting SET value = to_jsonb('1000'::text) WHERE code = 'payments.transfer_alone'",
    )
    .await;
    let accountant = || actor_of(Role::Accountant);
    let chief = || actor_of(Role::ChiefAccountant);
    let done = act(&city, accountant(), "transferCreate", "TransferInput", input(json!({}))).await;
    assert_eq!(done.at("/transferCreate/transfer/state"), "WAITING", "{done:?}");
    assert_eq!(done.at("/transferCreate/transfer/second"), &json!(["limit"]));
    let before = balances(&city).await;
    let id = done.at("/transferCreate/transfer/id").clone();
    let yes = json!({ "id": id, "agree": true });
    let alone = Actor { label: "test.accountant".into(), ..chief() };
    let refused = act(&city, alone, "transferDecide", "TransferDecideInput", yes.clone()).await;
    assert_eq!(refused.refusals(), ["SAME_PERSON"]);
    assert_eq!(balances(&city).await, before);
    let agreed = act(&city, chief(), "transferDecide", "TransferDecideInput", yes.clone()).await;
    assert_eq!(agreed.at("/transferDecide/transfer/state"), "POSTED", "{agreed:?}");
    assert_eq!(balances(&city).await, ["2 sewerage_cold 71253", "2 water 114840"]);
    let twice = act(&city, chief(), "transferDecide", "TransferDecideInput", yes).await;
    assert_eq!(twice.refusals(), ["TRANSFER_DECIDED"]);

    // What was paid meanwhile can't be moved as if it were owed.
    let back = json!({ "fromId": Gid(AccountId(2)).encode(), "toId": Gid(AccountId(1)).encode() });
    let other = act(&city, accountant(), "transferCreate", "TransferInput", input(back)).await;
    let id = other.at("/transferCreate/transfer/id").clone();
    city.sql("UPDATE ledger.open_item SET settled = 1 WHERE account_id = 2 AND settled = 0").await;
    let late = json!({ "id": id, "agree": true });
    let changed = act(&city, chief(), "transferDecide", "TransferDecideInput", late).await;
    assert_eq!(changed.refusals(), ["TRANSFER_CHANGED"]);
    for (more, code) in [
        (json!({ "toId": Gid(AccountId(1)).encode() }), "TRANSFER_TO_ITSELF"),
        (json!({ "toId": Gid(AccountId(77)).encode() }), "NO_SUCH_ACCOUNT"),
        (json!({ "documentId": Gid(DocumentId(77)).encode() }), "NO_SUCH_DOCUMENT"),
    ] {
        let refused = act(&city, accountant(), "transferCreate", "TransferInput", input(more)).await;
        assert_eq!(refused.refusals(), [code]);
    }
}

/// Opens a dispute over an item of account 1, by its service.
async fn disputed(city: &TestApp, service: &str) -> DisputeId {
    let item = format!("SELECT id FROM ledger.open_item WHERE account_id = 1 AND service = '{service}'");
    let item = OpenItemId(city.scalar(&item).await.unwrap());
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::Accountant)).await.unwrap();
    let (one, today) = (Money::tenge("1.00").unwrap(), city.app.clock.today());
    let opened = debt::open_dispute(&mut tx, AccountId(1), item, one, "спор", today, city.app.clock.now());
    let id = opened.await.unwrap().unwrap().id;
    tx.commit().await.unwrap();
    DisputeId(id)
}

#[tokio::test]
async fn what_is_disputed_stays_where_it_is() {
    let city = billed().await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('1'::text) WHERE code = 'payments.transfer_alone'")
        .await;
    let (accountant, chief) = (|| actor_of(Role::Accountant), || actor_of(Role::ChiefAccountant));
    let create =
        async |more: Json| act(&city, accountant(), "transferCreate", "TransferInput", input(more)).await;
    let waiting = create(json!({})).await;
    assert_eq!(waiting.at("/transferCreate/transfer/state"), "WAITING", "{waiting:?}");
    let before = balances(&city).await;

    // Disputed after it was proposed: whoever decides is told, and nothing moves.
    let dispute = disputed(&city, "water").await;
    let yes = json!({ "id": waiting.at("/transferCreate/transfer/id"), "agree": true });
    let refused = act(&city, chief(), "transferDecide", "TransferDecideInput", yes.clone()).await;
    assert_eq!(refused.refusals(), ["ITEM_DISPUTED"]);
    assert_eq!(create(json!({})).await.refusals(), ["ITEM_DISPUTED"]);
    assert_eq!(balances(&city).await, before);
    // What nobody disputes moves.
    let sewerage: i64 = city
        .scalar("SELECT id FROM ledger.open_item WHERE account_id = 1 AND service = 'sewerage_cold'")
        .await
        .unwrap();
    let some = create(json!({ "items": [Gid(OpenItemId(sewerage)).encode()] })).await;
    assert_eq!(some.at("/transferCreate/transfer/debt"), "475.02", "{some:?}");

    // A later charge for the same month would be lessened in the disputed one's stead, so it stays too.
    city.sql(
        "INSERT INTO ledger.open_item (id, account_id, sector, service, component, origin, due_on, amount, source, source_id)
         SELECT 9000, account_id, sector, service, component, origin, due_on, 100, 'correction', 9000
         FROM ledger.open_item WHERE account_id = 1 AND service = 'water'",
    )
    .await;
    let beside = create(json!({ "items": [Gid(OpenItemId(9_000)).encode()] })).await;
    assert_eq!(beside.refusals(), ["ITEM_DISPUTED"]);
    city.sql("DELETE FROM ledger.open_item WHERE id = 9000").await;

    // Decided, it moves as it was proposed.
    let mut tx = Tx::begin(&city.app.db, chief()).await.unwrap();
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let decided = debt::decide_dispute(&mut tx, dispute, false, "долг верен", DocumentId(1), today, now);
    decided.await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let agreed = act(&city, chief(), "transferDecide", "TransferDecideInput", yes).await;
    assert_eq!(agreed.at("/transferDecide/transfer/state"), "POSTED", "{agreed:?}");
    assert_eq!(balances(&city).await, ["2 sewerage_cold 71253", "2 water 114840"]);

    // Disputed where it went, it does not go back either.
    city.sql(
        "INSERT INTO debt.dispute (account_id, open_item_id, amount, reason, opened_on, answer_by, opened_by)
         SELECT account_id, id, 1, 'спор', '2026-03-26', '2026-04-10', 'test' FROM ledger.open_item
         WHERE account_id = 2 AND service = 'water' AND source = 'transfer'",
    )
    .await;
    let back =
        json!({ "id": waiting.at("/transferCreate/transfer/id"), "documentId": Gid(DocumentId(1)).encode() });
    let kept = act(&city, chief(), "transferReverse", "TransferReverseInput", back).await;
    assert_eq!(kept.refusals(), ["ITEM_DISPUTED"]);
}

#[tokio::test]
async fn what_is_paid_by_instalments_stays_where_it_is() {
    let city = billed().await;
    city.sql("UPDATE ledger.open_item SET due_on = '2026-03-25'").await;
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::Accountant)).await.unwrap();
    let agreed = debt::agree_plan(&mut tx, AccountId(1), 3, today, DocumentId(1), today, now);
    let plan = agreed.await.unwrap().unwrap().id;
    tx.commit().await.unwrap();
    let create = async || {
        let accountant = actor_of(Role::Accountant);
        act(&city, accountant, "transferCreate", "TransferInput", input(json!({}))).await
    };
    let query = "mutation($i: TransferInput!) { transferCreate(input: $i) { errors { code message } } }";
    let refused = city.graphql(query, json!({ "i": input(json!({})) })).as_role(Role::Accountant).await;
    assert_eq!(
        refused.at("/transferCreate/errors/0"),
        &json!({ "code": "ITEM_IN_PLAN",
            "message": format!("What account 1000001 owes for 03/2026 is paid by instalments (plan {plan}): end or cancel the plan first") })
    );
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::Accountant)).await.unwrap();
    debt::cancel_plan(&mut tx, PlanId(plan), today, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let done = create().await;
    assert_eq!(done.at("/transferCreate/transfer/debt"), "1240.62", "{done:?}");
}
