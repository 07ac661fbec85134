//! Accounts that are divided or joined: two people do it, two people take it back as a whole, and not a tiyn is lost either way.

use aiscra_tests::{Reply, TestApp, actor_of};
use api::billing::ops;
use api::debt::ops as debt;
use api::payments::ops::{Adjustment, NewPayment, adjust, record};
use api::platform::graphql::Gid;
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::ledger::AdjustmentSource;
use entities::kernel::Tx;
use entities::ledger::close;
use serde_json::{Value as Json, json};

use super::final_bill::{house, issue};
use super::recalculate::{act, document, named, open, prepared};

fn id(account: i64) -> String {
    Gid(AccountId(account)).encode()
}

async fn ask(city: &TestApp, who: Actor, name: &str, kind: &str, input: Json) -> Reply {
    let read = "division { id state restMonth backReason } errors { code }";
    let query = format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ {read} }} }}");
    city.graphql(&query, json!({ "i": input })).as_actor(who).await
}

async fn done(city: &TestApp, who: Actor, name: &str, kind: &str, input: Json) -> Json {
    let reply = ask(city, who, name, kind, input).await;
    assert_eq!(reply.refusals(), Vec::<&str>::new(), "{reply:?}");
    reply.data[name]["division"].clone()
}

/// An account of a flat without points, opened for a division; its node id and number in the table.
async fn opened(city: &TestApp, number: &str, premise: i64) -> (String, i64) {
    let input = json!({ "number": number, "sector": "MULTI", "consumerGroup": "POPULATION",
        "premiseId": Gid(PremiseId(premise)).encode(), "holder": { "kind": "PERSON", "name": format!("Владелец {number}") },
        "openedOn": "2026-03-11", "residents": 1, "residentsSource": "DOCUMENT", "pointIds": [] });
    let query =
        "mutation($i: AccountOpenInput!) { accountOpen(input: $i) { account { id } errors { code } } }";
    let reply = city.graphql(query, json!({ "i": input })).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.refusals(), Vec::<&str>::new(), "{reply:?}");
    let row = city.scalar(&format!("SELECT id FROM subscribers.account WHERE number = '{number}'")).await;
    (reply.text("/accountOpen/account/id").to_owned(), row.unwrap())
}

/// A division of an account since 11 March: who takes over what share, with which points.
async fn divided(city: &TestApp, giver: i64, readings: Json, to: Json) -> Json {
    let version: i32 =
        city.scalar(&format!("SELECT version FROM subscribers.account WHERE id = {giver}")).await.unwrap();
    let input = json!({ "date": "2026-03-11", "documentId": document(city).await, "reason": "раздел",
        "from": [{ "accountId": id(giver), "expectedVersion": version, "readings": readings }], "to": to });
    let operator = actor_of(Role::OperatorMulti);
    let proposed = done(city, operator, "divisionPropose", "DivisionInput", input).await;
    let yes = json!({ "id": proposed["id"], "agree": true });
    let chief = actor_of(Role::ChiefAccountant);
    let division = done(city, chief, "divisionDecide", "DivisionDecideInput", yes).await;
    assert_eq!(division["state"], "DONE");
    division
}

/// Two accounts take over flat 2, which has no meter, by a third and two thirds; the point goes with the first.
async fn flat_in_two(city: &TestApp) -> (Json, [i64; 2]) {
    let (first, one) = opened(city, "2000001", 2).await;
    let (second, two) = opened(city, "2000002", 2).await;
    let to = json!([{ "accountId": first, "numerator": 1, "denominator": 3, "pointIds": [Gid(PointId(2)).encode()] },
        { "accountId": second, "numerator": 2, "denominator": 3 }]);
    (divided(city, 2, json!([]), to).await, [one, two])
}

async fn back(city: &TestApp, division: &Json) -> Reply {
    let input =
        json!({ "id": division["id"], "documentId": document(city).await, "reason": "суд отменил раздел" });
    ask(city, actor_of(Role::OperatorMulti), "divisionTakeBack", "DivisionBackInput", input).await
}

async fn agree(city: &TestApp, division: &Json, agree: bool) -> Reply {
    let input = json!({ "id": division["id"], "agree": agree });
    ask(city, actor_of(Role::ChiefAccountant), "divisionDecide", "DivisionDecideInput", input).await
}

/// What the registers say now of the accounts of a flat.
async fn known(city: &TestApp) -> Vec<String> {
    city.texts(
        "SELECT 'holder ' || account_id || ' ' || party_id || ' ' || valid FROM subscribers.holder WHERE upper_inf(recorded)
         UNION ALL SELECT 'residents ' || account_id || ' ' || residents || ' ' || valid FROM subscribers.residency
             WHERE upper_inf(recorded)
         UNION ALL SELECT 'point ' || account_id || ' ' || point_id || ' ' || valid FROM subscribers.account_point
             WHERE upper_inf(recorded)
         UNION ALL SELECT 'contract ' || account_id || ' ' || number || ' ' || valid FROM contracts.contract
             WHERE upper_inf(recorded)
         UNION ALL SELECT 'account ' || id || ' ' || status || ' ' || coalesce(closed_on::text, '') FROM subscribers.account
         ORDER BY 1",
    )
    .await
}

async fn balances(city: &TestApp) -> Vec<String> {
    assert_eq!(close::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
    city.texts(
        "SELECT concat_ws(' ', account_id, coalesce(service, 'advance'), sum(amount - settled)) FROM ledger.open_item
         GROUP BY account_id, coalesce(service, 'advance') HAVING sum(amount - settled) <> 0 ORDER BY 1",
    )
    .await
}

async fn charged(city: &TestApp) -> Json {
    let query = "{ period(period: \"2026-03\", sector: MULTI) { conditions(code: EVERY_ACCOUNT_CHARGED) {
        met accounts { nodes { id } } } } }";
    let asked = city.graphql(query, json!({})).as_role(Role::ChiefAccountant).await;
    asked.at("/period/conditions/0").clone()
}

async fn every_account_charged(city: &TestApp) -> bool {
    charged(city).await["met"] == true
}

#[tokio::test]
async fn what_is_disputed_is_not_divided() {
    let city = house().await;
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    let owed = Adjustment {
        account: AccountId(2),
        sector: Sector::Multi,
        service: Service::Water,
        component: Component::Charge,
        origin: "2025-12".parse().unwrap(),
        due_on: "2026-01-25".parse().unwrap(),
        net: "100.00".parse().unwrap(),
        vat: "16.00".parse().unwrap(),
    };
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::Accountant)).await.unwrap();
    adjust(&mut tx, AdjustmentSource::Correction, 900, &[owed], today, now).await.unwrap().unwrap();
    tx.commit_silently("test").await.unwrap();
    let (taker, _) = opened(&city, "2000001", 2).await;
    let input = json!({ "date": "2026-03-11", "documentId": document(&city).await, "reason": "раздел",
        "from": [{ "accountId": id(2), "expectedVersion": 1 }],
        "to": [{ "accountId": taker, "numerator": 1, "denominator": 1, "pointIds": [Gid(PointId(2)).encode()] }] });
    let operator = || actor_of(Role::OperatorMulti);
    let proposed = done(&city, operator(), "divisionPropose", "DivisionInput", input.clone()).await;

    let item = OpenItemId(city.scalar("SELECT id FROM ledger.open_item WHERE account_id = 2").await.unwrap());
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::Accountant)).await.unwrap();
    let one = Money::tenge("1.00").unwrap();
    let dispute = debt::open_dispute(&mut tx, AccountId(2), item, one, "спор", today, now);
    dispute.await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(agree(&city, &proposed, true).await.refusals(), ["ITEM_DISPUTED"]);
    let again = ask(&city, operator(), "divisionPropose", "DivisionInput", input).await;
    assert_eq!(again.refusals(), ["ITEM_DISPUTED"]);
    let kept = "SELECT count(*) FROM subscribers.account WHERE status = 'closed'";
    assert_eq!(city.scalar::<i64>(kept).await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_division_is_taken_back_as_a_whole_by_two_people() {
    let city = house().await;
    let contract = json!({ "number": "Д-2", "kind": "PUBLIC", "accountId": id(2), "signedOn": "2025-01-01", "from": "2025-01-01" });
    let sign = "mutation($i: ContractSignInput!) { contractSign(input: $i) { errors { code } } }";
    let signed = city.graphql(sign, json!({ "i": contract })).as_role(Role::OperatorMulti).await;
    assert_eq!(signed.refusals(), Vec::<&str>::new());
    let before = known(&city).await;
    let (division, [one, two]) = flat_in_two(&city).await;
    let divided_balances = balances(&city).await;
    assert!(divided_balances.iter().all(|row| !row.starts_with("2 ")), "{divided_balances:?}");
    let owed: i64 = city.scalar("SELECT sum(amount - settled)::bigint FROM ledger.open_item").await.unwrap();

    let waiting = back(&city, &division).await;
    assert_eq!(waiting.at("/divisionTakeBack/division/state"), "RETURNING", "{waiting:?}");
    assert_eq!(balances(&city).await, divided_balances, "nothing happens before a second person");
    let same = Actor { label: "test.operator_multi".into(), ..actor_of(Role::ChiefAccountant) };
    let yes = json!({ "id": division["id"], "agree": true });
    let refused = ask(&city, same, "divisionDecide", "DivisionDecideInput", yes).await;
    assert_eq!(refused.refusals(), ["SAME_PERSON"]);
    let declined = agree(&city, &division, false).await;
    assert_eq!(declined.at("/divisionDecide/division/state"), "DONE", "{declined:?}");
    assert_eq!(balances(&city).await, divided_balances);

    back(&city, &division).await.ok();
    let returned = agree(&city, &division, true).await;
    assert_eq!(
        returned.at("/divisionDecide/division"),
        &json!({ "id": division["id"], "state": "RETURNED", "restMonth": "2026-03", "backReason": "суд отменил раздел" })
    );
    assert_eq!(agree(&city, &division, true).await.refusals(), ["DIVISION_DECIDED"]);
    assert_eq!(back(&city, &division).await.refusals(), ["DIVISION_NOT_DONE"]);
    // The registers say of every account what they said, and of the two that never were nothing but that they are closed.
    let (never, now): (Vec<String>, Vec<String>) = known(&city).await.into_iter().partition(|row| {
        let account = row.split(' ').nth(1).unwrap_or_default();
        account == one.to_string() || account == two.to_string()
    });
    assert_eq!(now, before);
    assert_eq!(
        never,
        [format!("account {one} closed 2026-03-11"), format!("account {two} closed 2026-03-11")]
    );
    let after: i64 = city
        .scalar("SELECT sum(amount - settled)::bigint FROM ledger.open_item WHERE account_id = 2")
        .await
        .unwrap();
    assert_eq!(after, owed, "{:?}", balances(&city).await);
    assert_eq!(city.scalar::<i64>("SELECT count(*) FROM subscribers.successor").await, Some(0));

    // The final bill stands: March is run without the flat, and is not whole before a correction has charged the rest of its days.
    let run = issue(&city).await;
    assert_eq!(
        (run.accounts, run.excused, run.failures),
        (4, 2, 0),
        "flats 1 and 3, and two that never were"
    );
    assert!(!every_account_charged(&city).await);
    assert_eq!(
        charged(&city).await["accounts"]["nodes"],
        json!([{ "id": id(2) }]),
        "what is red opens into its row"
    );
    let (accountant, chief) = (named(Role::Accountant, "alia"), named(Role::ChiefAccountant, "berik"));
    let months = json!({ "accounts": [id(2)], "from": "2026-03", "to": "2026-03" });
    let batch = prepared(&city, &accountant, months).await;
    assert_eq!(batch["changed"], 1, "{batch}");
    assert!(!every_account_charged(&city).await, "it is looked at, not posted");
    act(&city, "correctionPost", &accountant, &batch).await;
    act(&city, "correctionConfirm", &chief, &batch).await;
    assert_eq!(open(&city, &batch["id"]).await["state"], "POSTED");
    assert!(every_account_charged(&city).await);
    // Three people of a whole month: 45 m³ × 66.00 × 1.16 = 3445.20 and × 40.95 × 1.16 = 2137.59.
    assert!(balances(&city).await.contains(&"2 water 344520".to_owned()));
    assert!(balances(&city).await.contains(&"2 sewerage_cold 213759".to_owned()));
}

#[tokio::test]
async fn what_stands_in_the_way_of_taking_it_back_is_said() {
    let city = house().await;
    let (division, [one, two]) = flat_in_two(&city).await;
    let (today, now) = (city.app.clock.today(), city.app.clock.now());
    // Money on a number that is to be nobody's.
    let payment = NewPayment {
        account: AccountId(two),
        sector: Sector::Multi,
        channel: "bank".into(),
        external_id: "1".into(),
        amount: Money::tenge("10.00").unwrap(),
        paid_on: today,
        import_batch: None,
        paid_at: None,
        target: None,
    };
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let paid = record(&mut tx, payment, today, now).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(back(&city, &division).await.refusals(), ["DIVISION_LEFT"]);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let taken = api::payments::ops::reverse_payment(&mut tx, paid, "test", None, today);
    taken.await.unwrap().unwrap();
    tx.commit().await.unwrap();

    // A dispute over what was carried over.
    let item = format!("SELECT min(id) FROM ledger.open_item WHERE account_id = {one} AND amount > settled");
    let item = OpenItemId(city.scalar(&item).await.unwrap());
    let mut tx = Tx::begin(&city.app.db, actor_of(Role::Accountant)).await.unwrap();
    let tiyn = Money::tenge("1.00").unwrap();
    let dispute = debt::open_dispute(&mut tx, AccountId(one), item, tiyn, "спор", today, now);
    dispute.await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(back(&city, &division).await.refusals(), ["ITEM_DISPUTED"]);
    city.sql("DELETE FROM debt.dispute").await;

    // Somebody came after.
    let version: i32 =
        city.scalar(&format!("SELECT version FROM subscribers.account WHERE id = {one}")).await.unwrap();
    let newcomer = json!({ "id": id(one), "expectedVersion": version, "date": "2026-03-20",
        "holder": { "kind": "PERSON", "name": "Сейтқали Айгүл" } });
    let denied = ask(
        &city,
        actor_of(Role::Auditor),
        "divisionTakeBack",
        "DivisionBackInput",
        json!({ "id": division["id"], "documentId": document(&city).await, "reason": "test" }),
    )
    .await;
    assert_eq!(denied.codes(), ["FORBIDDEN"]);
    let moved = city
        .graphql(
            "mutation($i: AccountMoveInInput!) { accountMoveIn(input: $i) { errors { code } } }",
            json!({ "i": newcomer }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(moved.refusals(), Vec::<&str>::new());

    // A run that waits, then one that is issued.
    let run = ops::run_now(&city.app, aiscra_tests::march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    assert_eq!(back(&city, &division).await.refusals(), ["RUN_IN_THE_WAY"]);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, RunId(run.id), &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(back(&city, &division).await.refusals(), ["DIVISION_BILLED"]);
}

/// Flat 1 is joined to flat 3, which keeps what it had.
#[tokio::test]
async fn joined_accounts_part_again_and_the_meter_goes_on_where_it_was() {
    let city = house().await;
    let (before, sums) = (known(&city).await, balances(&city).await);
    let readings = json!([{ "pointId": Gid(PointId(1)).encode(), "value": "103.500" }]);
    let to = json!([{ "accountId": id(3), "numerator": 1, "denominator": 1, "pointIds": [Gid(PointId(1)).encode()] }]);
    let division = divided(&city, 1, readings, to).await;
    let submit = json!({ "pointId": Gid(PointId(1)).encode(), "value": "104.000", "takenOn": "2026-03-25" });
    let query = "mutation($i: ReadingSubmitInput!) { readingSubmit(input: $i) { reading { id verdict } errors { code } } }";
    let read = city.graphql(query, json!({ "i": submit })).as_role(Role::OperatorMulti).await;
    assert_eq!(read.at("/readingSubmit/reading/verdict"), "ACCEPTED", "{read:?}");
    assert_eq!(back(&city, &division).await.refusals(), ["DIVISION_READ"]);
    // An operator would have taken it back before the cut-off.
    let late = city.scalar("SELECT id FROM readings.reading WHERE liters = 104000").await.unwrap();
    let tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    entities::readings::withdraw(&tx, ReadingId(late)).await.unwrap();
    tx.commit_silently("a test").await.unwrap();

    back(&city, &division).await.ok();
    let returned = agree(&city, &division, true).await;
    assert_eq!(returned.at("/divisionDecide/division/state"), "RETURNED", "{returned:?}");
    assert_eq!(known(&city).await, before);
    // 3.500 m³ × 66.00 × 1.16 = 267.96 and × 40.95 × 1.16 = 166.26 are flat 1's again; flat 3 owes what it owed.
    let mut expected = sums;
    expected.extend(["1 sewerage_cold 16626".to_owned(), "1 water 26796".to_owned()]);
    expected.sort();
    assert_eq!(balances(&city).await, expected);
    let read = city.graphql(query, json!({ "i": submit })).as_role(Role::OperatorMulti).await;
    assert_eq!(read.at("/readingSubmit/reading/verdict"), "ACCEPTED", "{read:?}");
    let whose = "SELECT account_id FROM readings.reading WHERE liters = 104000 AND verdict = 'accepted'";
    assert_eq!(city.scalar::<i64>(whose).await, Some(1), "the meter is flat 1's again");
    assert_eq!(issue(&city).await.failures, 0);
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);
}
