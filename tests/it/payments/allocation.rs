//! What payments are for: named by a payer, tied by a court, changed by a person; and payments of the wrong account.

use aiscra_tests::{TestApp, actor_of};
use api::debt::ops as debt;
use api::payments::ops::target_of_act;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::debt::{ClaimChoice, ClaimCostKind, ClaimKind};
use domain::kernel::*;
use domain::payments::{EarmarkAct, PaymentTarget};
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

use super::reconcile::{act, document, owed, paid, paid_for, whole};
use super::record::issued;

/// Account 1 by service, account 2 after it.
const BEFORE: [&str; 4] =
    ["1 sewerage_cold 213759", "1 water 344520", "2 sewerage_cold 58641", "2 water 94513"];

fn treasurer() -> Actor {
    actor_of(Role::Treasurer)
}

async fn preview(city: &TestApp, amount: &str, target: Json) -> Json {
    let reply = city
        .graphql(
            "query($id: ID!, $a: Money!, $t: PaymentTargetInput) { paymentPreview(accountId: $id, amount: $a, target: $t) {
                 advance allocations { amount openItem { service component } } errors { code } } }",
            json!({ "id": Gid(AccountId(1)).encode(), "a": amount, "t": target }),
        )
        .as_role(Role::Treasurer)
        .await;
    reply.at("/paymentPreview").clone()
}

fn parts(preview: &Json) -> Vec<String> {
    let part = |row: &Json| {
        let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
        format!(
            "{} {} {}",
            text(&row["openItem"]["service"]),
            text(&row["openItem"]["component"]),
            text(&row["amount"])
        )
    };
    let mut parts: Vec<String> = preview["allocations"].as_array().unwrap().iter().map(part).collect();
    parts.sort();
    parts
}

async fn item(city: &TestApp, service: &str) -> OpenItemId {
    let sql = format!("SELECT id FROM ledger.open_item WHERE account_id = 1 AND service = '{service}'");
    OpenItemId(city.scalar(&sql).await.unwrap())
}

/// Acceptance case 79.
#[tokio::test]
async fn case_79_a_sum_is_split_to_the_tiyn_by_target_and_policy() {
    let city = issued().await;
    assert_eq!(owed(&city).await, BEFORE);
    let all = preview(&city, "5582.79", Json::Null).await;
    assert_eq!(parts(&all), ["SEWERAGE_COLD CHARGE 2137.59", "WATER CHARGE 3445.20"]);
    // Pro rata: 61.71 % and 38.29 % of a hundred; the odd tiyn goes to the larger remainder.
    let some = preview(&city, "100.00", Json::Null).await;
    assert_eq!(parts(&some), ["SEWERAGE_COLD CHARGE 38.29", "WATER CHARGE 61.71"]);
    let tiyn = preview(&city, "0.01", Json::Null).await;
    assert_eq!(parts(&tiyn), ["WATER CHARGE 0.01"]);
    let named = preview(&city, "2200.00", json!({ "service": "SEWERAGE_COLD" })).await;
    assert_eq!(
        parts(&named),
        ["SEWERAGE_COLD CHARGE 2137.59", "WATER CHARGE 62.41"],
        "first what it names, then the rest"
    );
    let other = preview(&city, "100.00", json!({ "bill": "2026-02" })).await;
    assert_eq!(parts(&other), parts(&some), "a month that owes nothing leaves all of it to the policy");
    let more = preview(&city, "6000.00", json!({ "bill": "2026-03" })).await;
    assert_eq!(more["advance"], "417.21");
    let foreign = preview(&city, "1.00", json!({ "earmark": Gid(EarmarkId(7)).encode() })).await;
    assert_eq!(foreign["errors"][0]["code"], "NO_SUCH_EARMARK");

    // Penalty comes before the debt, until two people sign another policy for the sector.
    city.sql(
        "INSERT INTO ledger.open_item (account_id, sector, service, component, origin, due_on, amount, source, source_id)
         VALUES (1, 'multi', 'water', 'penalty', '2026-03-01', '2026-03-25', 4000, 'test', 1)",
    )
    .await;
    let before = preview(&city, "50.00", Json::Null).await;
    assert!(parts(&before).contains(&"WATER PENALTY 40.00".to_owned()), "{before}");
    let policy = |sector: &str, value: &str| {
        format!(
            "INSERT INTO tariffs.setting (code, value, valid, recorded, source, proposed_by, confirmed_by, confirmed_at)
             SELECT 'payments.allocation_order.{sector}', to_jsonb('{value}'::text), valid, recorded, 'test', 'one', 'two', now()
             FROM tariffs.setting WHERE code = 'payments.allocation_order' ORDER BY id DESC LIMIT 1"
        )
    };
    city.sql(&policy("legal", "cost,principal,penalty")).await;
    assert_eq!(parts(&preview(&city, "50.00", Json::Null).await), parts(&before), "of another sector");
    city.sql(&policy("multi", "cost,principal,penalty")).await;
    let after = preview(&city, "50.00", Json::Null).await;
    assert_eq!(parts(&after), ["SEWERAGE_COLD CHARGE 19.14", "WATER CHARGE 30.86"]);
}

#[tokio::test]
async fn a_payment_never_crosses_the_contracts_of_one_holder() {
    let city = issued().await;
    city.sql("UPDATE subscribers.holder SET party_id = 1 WHERE account_id = 2").await;
    paid(&city, "1", "6000.00").await;
    assert_eq!(owed(&city).await, ["1 advance -41721", "2 sewerage_cold 58641", "2 water 94513"]);
}

#[tokio::test]
async fn money_of_a_court_covers_nothing_but_its_claim() {
    let city = issued().await;
    let paper = document(&city).await;
    let claim = item(&city, "sewerage_cold").await;
    let input = json!({ "accountId": Gid(AccountId(1)).encode(), "kind": "COURT", "reference": " 2-117/2026 ",
        "documentId": paper, "items": [Gid(claim).encode()] });
    let read = "earmark { id kind reference owed held }";
    let (made, _) = act(&city, treasurer(), "earmarkCreate", read, input.clone()).await;
    assert_eq!(
        (&made["earmark"]["reference"], &made["earmark"]["owed"]),
        (&json!("2-117/2026"), &json!("2137.59")),
    );
    let id = Gid::<EarmarkId>::decode(made["earmark"]["id"].as_str().unwrap()).unwrap().0;
    for (change, code) in [
        (json!({ "reference": "  " }), "EMPTY"),
        (json!({ "documentId": Gid(DocumentId(77)).encode() }), "NO_SUCH_DOCUMENT"),
        (json!({ "accountId": Gid(AccountId(2)).encode() }), "NOTHING_OWED"),
        (json!({ "items": [Gid(OpenItemId(777)).encode()] }), "NOTHING_OWED"),
    ] {
        let mut wrong = input.clone();
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(act(&city, treasurer(), "earmarkCreate", read, wrong).await.1, [code]);
    }

    // More than the claim: the rest is paid ahead, and the water is owed as it was.
    paid_for(&city, "1", "3000.00", Some(PaymentTarget::Earmark(id))).await.unwrap();
    assert_eq!(
        owed(&city).await,
        ["1 advance -86241", "1 water 344520", "2 sewerage_cold 58641", "2 water 94513"]
    );
    let said = city
        .graphql(
            "query($id: ID!) { account(id: $id) { earmarks { owed held closedOn }
                 payments(first: 1) { nodes { target { earmark { reference } service bill } } } } }",
            json!({ "id": Gid(AccountId(1)).encode() }),
        )
        .as_role(Role::Treasurer)
        .await;
    assert_eq!(
        said.at("/account/earmarks"),
        &json!([{ "owed": "0.00", "held": "862.41", "closedOn": null }])
    );
    let target = json!({ "earmark": { "reference": "2-117/2026" }, "service": null, "bill": null });
    assert_eq!(said.at("/account/payments/nodes/0/target"), &target);

    let (closed, _) = act(
        &city,
        treasurer(),
        "earmarkClose",
        "earmark { held closedOn }",
        json!({ "id": Gid(id).encode() }),
    )
    .await;
    assert_eq!(closed["earmark"]["held"], "0.00");
    assert_eq!(
        owed(&city).await,
        ["1 water 258279", "2 sewerage_cold 58641", "2 water 94513"],
        "untied, it covers the rest"
    );
    let again =
        act(&city, treasurer(), "earmarkClose", "earmark { held }", json!({ "id": Gid(id).encode() })).await;
    assert_eq!(again.1, ["EARMARK_CLOSED"]);
    let late = paid_for(&city, "2", "1.00", Some(PaymentTarget::Earmark(id))).await.unwrap_err();
    assert_eq!(late.code, "NO_SUCH_EARMARK");
}

async fn begin(city: &TestApp) -> Tx {
    Tx::begin(&city.app.db, actor_of(Role::Accountant)).await.unwrap()
}

/// What account 1 owes and has paid ahead, by component and month, as `component service month tiyn`.
async fn parts_owed(city: &TestApp) -> Vec<String> {
    city.texts(
        "SELECT concat_ws(' ', component, service, to_char(origin, 'YYYY-MM'), sum(amount - settled)) FROM ledger.open_item
         WHERE account_id = 1 GROUP BY component, service, origin HAVING sum(amount - settled) <> 0 ORDER BY 1",
    )
    .await
}

#[tokio::test]
async fn money_of_instalments_covers_the_plan_as_its_parts_fall_due() {
    let city = issued().await;
    let paper = Gid::<DocumentId>::decode(&document(&city).await).unwrap().0;
    city.sql("UPDATE ledger.open_item SET due_on = '2026-03-25'").await;
    // An older month of the plan, and a penalty that it leaves out: by the policy it would come first.
    city.sql(
        "INSERT INTO ledger.open_item (account_id, sector, service, component, origin, due_on, amount, source, source_id) VALUES
             (1, 'multi', 'water', 'charge', '2026-02-01', '2026-03-01', 10000, 'test', 1),
             (1, 'multi', 'water', 'penalty', '2026-01-01', '2026-05-25', 4000, 'test', 2)",
    )
    .await;
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let mut tx = begin(&city).await;
    let plan = debt::agree_plan(&mut tx, AccountId(1), 2, today, paper, today, now).await.unwrap().unwrap();
    let target = target_of_act(&tx, EarmarkAct::Plan, plan.id).await.unwrap();
    tx.commit().await.unwrap();
    assert!(target.is_some(), "a plan ties the money that comes for it");

    paid_for(&city, "1", "150.00", target).await.unwrap();
    // The older month as a whole, what is left of it pro rata over the next.
    let expected =
        ["charge sewerage_cold 2026-03 211845", "charge water 2026-03 341434", "penalty water 2026-01 4000"];
    assert_eq!(parts_owed(&city).await, expected);
    paid_for(&city, "2", "6000.00", target).await.unwrap();
    assert_eq!(
        parts_owed(&city).await,
        ["advance 2026-03 -46721", "penalty water 2026-01 4000"],
        "and nothing else"
    );

    let untied = json!({ "id": Gid(EarmarkId(1)).encode() });
    assert_eq!(act(&city, treasurer(), "earmarkClose", "earmark { id }", untied).await.1, ["EARMARK_OF_ACT"]);
    let mut tx = begin(&city).await;
    debt::cancel_plan(&mut tx, PlanId(plan.id), today, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(parts_owed(&city).await, ["advance 2026-03 -42721"], "over, its money is like any other");
    let late = paid_for(&city, "3", "1.00", target).await.unwrap_err();
    assert_eq!(late.code, "NO_SUCH_EARMARK");
}

#[tokio::test]
async fn money_of_a_claim_covers_its_costs_and_its_debts_and_is_free_when_it_is_over() {
    let city = issued().await;
    let paper = Gid::<DocumentId>::decode(&document(&city).await).unwrap().0;
    city.sql("UPDATE ledger.open_item SET due_on = '2026-03-25'").await;
    city.sql("UPDATE tariffs.setting SET value = to_jsonb('500'::text) WHERE code = 'debt.claim_min_sum'")
        .await;
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let wanted = debt::Wanted {
        account: AccountId(1),
        kind: ClaimKind::Court,
        choice: ClaimChoice::Items(vec![item(&city, "sewerage_cold").await]),
        penalty_up_to: None,
    };
    let mut tx = begin(&city).await;
    let claim = debt::prepare_claim(&mut tx, &wanted, today, paper, None, today, now).await.unwrap().unwrap();
    let costing = debt::Costing {
        claim: ClaimId(claim.id),
        kind: ClaimCostKind::StateFee,
        amount: Money::tenge("64.13").unwrap(),
        on: today,
        document: paper,
    };
    debt::charge_cost(&mut tx, costing, today, now).await.unwrap().unwrap();
    let target = target_of_act(&tx, EarmarkAct::Claim, claim.id).await.unwrap();
    tx.commit().await.unwrap();
    let said = city
        .graphql(
            "query($id: ID!) { account(id: $id) { earmarks { kind act owed } } }",
            json!({ "id": Gid(AccountId(1)).encode() }),
        )
        .as_role(Role::Treasurer)
        .await;
    assert_eq!(
        said.at("/account/earmarks"),
        &json!([{ "kind": "COURT", "act": "CLAIM", "owed": "2201.72" }])
    );

    paid_for(&city, "1", "100.00", target).await.unwrap();
    let first = parts_owed(&city).await;
    assert_eq!(first[0], "charge sewerage_cold 2026-03 210172", "costs first: {first:?}");
    paid_for(&city, "2", "2900.00", target).await.unwrap();
    assert_eq!(owed(&city).await[..2], ["1 advance -79828", "1 water 344520"], "the water is of no claim");
    let mut tx = begin(&city).await;
    assert_eq!(debt::close_claims(&mut tx, today, now).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(owed(&city).await[0], "1 water 264692", "over, what is left covers the rest");
}

#[tokio::test]
async fn a_payment_is_allocated_anew_as_new_entries_and_can_still_be_taken_back() {
    let city = issued().await;
    let paper = document(&city).await;
    let payment = paid(&city, "1", "1000.00").await;
    assert_eq!(owed(&city).await[..2], ["1 sewerage_cold 175470", "1 water 282809"]);
    let rows =
        async |table: &str| city.scalar::<i64>(&format!("SELECT count(*) FROM {table}")).await.unwrap();
    let (entries, settlements) = (rows("ledger.entry").await, rows("ledger.settlement").await);
    let input = |target: Json| json!({ "id": Gid(payment).encode(), "target": target, "documentId": paper, "reason": "заявление абонента" });
    let read = "reallocation { moved reason doneBy }";
    let (done, _) =
        act(&city, treasurer(), "paymentReallocate", read, input(json!({ "service": "SEWERAGE_COLD" })))
            .await;
    // 617.11 of the thousand had covered the water.
    let expected = json!({ "moved": "617.11", "reason": "заявление абонента", "doneBy": "test.treasurer" });
    assert_eq!(done["reallocation"], expected);
    assert_eq!(owed(&city).await[..2], ["1 sewerage_cold 113759", "1 water 344520"]);
    assert!(
        rows("ledger.entry").await > entries && rows("ledger.settlement").await > settlements,
        "nothing was edited"
    );
    let same =
        act(&city, treasurer(), "paymentReallocate", read, input(json!({ "service": "SEWERAGE_COLD" })))
            .await;
    assert_eq!(same.1, ["NOTHING_TO_REALLOCATE"]);
    let bare = act(&city, treasurer(), "paymentReallocate", read, json!({ "id": Gid(payment).encode(), "documentId": Gid(DocumentId(77)).encode(), "reason": "нет документа" })).await;
    assert_eq!(bare.1, ["NO_SUCH_DOCUMENT"]);
    let (back, _) = act(&city, treasurer(), "paymentReallocate", read, input(Json::Null)).await;
    assert_eq!(back["reallocation"]["moved"], "617.11");
    assert_eq!(owed(&city).await[..2], ["1 sewerage_cold 175470", "1 water 282809"]);

    act(&city, treasurer(), "paymentReallocate", read, input(json!({ "service": "WATER" }))).await;
    let reverse =
        json!({ "id": Gid(payment).encode(), "reason": "ошибка", "idempotencyKey": "take-it-back" });
    let (gone, codes) =
        act(&city, actor_of(Role::ChiefAccountant), "paymentReverse", "payment { reversed }", reverse).await;
    assert_eq!((gone["payment"]["reversed"].clone(), codes), (json!(true), vec![]));
    assert_eq!(owed(&city).await, BEFORE);
    let late = act(&city, treasurer(), "paymentReallocate", read, input(Json::Null)).await;
    assert_eq!(late.1, ["PAYMENT_REVERSED"]);

    for role in [Role::Accountant, Role::Cashier, Role::Auditor] {
        let denied = city
            .graphql(
                "mutation($i: PaymentReallocateInput!) { paymentReallocate(input: $i) { errors { code } } }",
                json!({ "i": input(Json::Null) }),
            )
            .as_role(role)
            .await;
        assert_eq!(denied.codes(), ["FORBIDDEN"], "{role}");
    }
}

#[tokio::test]
async fn a_payment_of_the_wrong_account_moves_by_two_people_and_back() {
    let city = issued().await;
    let paper = document(&city).await;
    let payment = paid(&city, "1", "2000.00").await;
    let after_payment = owed(&city).await;
    let input = |to: i64| json!({ "id": Gid(payment).encode(), "toId": Gid(AccountId(to)).encode(), "documentId": paper, "reason": "не тот счёт" });
    let read = "transfer { id state kind payment { id } to { number } }";
    for (to, code) in [(1, "TRANSFER_TO_ITSELF"), (77, "NO_SUCH_ACCOUNT")] {
        assert_eq!(act(&city, treasurer(), "paymentMove", read, input(to)).await.1, [code]);
    }
    let (made, _) = act(&city, treasurer(), "paymentMove", read, input(2)).await;
    assert_eq!(
        (&made["transfer"]["state"], &made["transfer"]["to"]["number"]),
        (&json!("WAITING"), &json!("1000002"))
    );
    assert_eq!(owed(&city).await, after_payment, "nothing moves before somebody agrees");
    assert_eq!(act(&city, treasurer(), "paymentMove", read, input(2)).await.1, ["TRANSFER_WAITS"]);
    let id = made["transfer"]["id"].clone();
    let chief = || actor_of(Role::ChiefAccountant);
    let yes = json!({ "id": id, "agree": true });
    let alone = Actor { label: "test.treasurer".into(), ..chief() };
    assert_eq!(act(&city, alone, "transferDecide", "transfer { id }", yes.clone()).await.1, ["SAME_PERSON"]);
    let (agreed, codes) = act(&city, chief(), "transferDecide", "transfer { state }", yes).await;
    assert_eq!((&agreed["transfer"]["state"], codes), (&json!("POSTED"), vec![]));
    // Account 2 owed 1531.54; what is left of the two thousand it has paid ahead.
    assert_eq!(owed(&city).await, ["1 sewerage_cold 213759", "1 water 344520", "2 advance -46846"]);
    let days =
        city.texts("SELECT DISTINCT valid_on::text FROM ledger.settlement WHERE source = 'transfer'").await;
    assert_eq!(days, ["2026-03-25"], "discharged on the payer's day");

    let reverse =
        json!({ "id": Gid(payment).encode(), "reason": "ошибка", "idempotencyKey": "take-it-back" });
    let refused = act(&city, chief(), "paymentReverse", "payment { reversed }", reverse.clone()).await;
    assert_eq!(refused.1, ["PAYMENT_MOVED"]);
    assert_eq!(act(&city, treasurer(), "paymentMove", read, input(2)).await.1, ["PAYMENT_MOVED"]);
    let other = Actor { label: "test.other".into(), ..chief() };
    let undo = json!({ "id": id, "documentId": paper });
    let (undone, codes) = act(&city, other, "transferReverse", "transfer { state }", undo).await;
    assert_eq!((&undone["transfer"]["state"], codes), (&json!("REVERSED"), vec![]));
    assert_eq!(owed(&city).await, after_payment);
    act(&city, chief(), "paymentReverse", "payment { reversed }", reverse).await;
    assert_eq!(owed(&city).await, BEFORE);
    whole(&city).await;
}
