//! Who sees which desk, who sets one up, and what the office reads.

use serde_json::json;

use super::*;

#[tokio::test]
async fn a_cashier_sees_own_desks_and_the_chief_all() {
    let city = desks().await;
    let shift = opened(&city).await;
    let codes = async |who: Actor| {
        let reply =
            city.graphql("query { cashDesks { nodes { code mine } } }", json!({})).as_actor(who).await;
        let nodes = reply.at("/cashDesks/nodes").as_array().unwrap().clone();
        nodes.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes(cashier()).await, ["01"]);
    assert_eq!(codes(second()).await, ["02"]);
    assert_eq!(codes(chief()).await, ["01", "02"]);
    assert_eq!(codes(actor_of(Role::Auditor)).await, ["01", "02"]);
    let seen = async |who: Actor| {
        let reply = city
            .graphql("query($id: ID!) { cashShift(id: $id) { number } }", json!({ "id": shift }))
            .as_actor(who)
            .await;
        reply.at("/cashShift").is_object()
    };
    assert!(seen(cashier()).await && !seen(second()).await && seen(chief()).await);
    assert_eq!(pay_at(&city, second(), 1, &[(1, "1.00")], "other", json!({})).await, "NOT_FOUND");
    // The chief may sit at the desk, but not in somebody else's shift.
    assert_eq!(pay_at(&city, chief(), 1, &[(1, "1.00")], "chief", json!({})).await, "NOT_YOUR_SHIFT");
    for role in [Role::OperatorMulti, Role::Accountant, Role::Administrator] {
        let denied = city.graphql(
            "mutation($d: ID!) { shiftOpen(input: { deskId: $d }) { errors { code } } }",
            json!({ "d": desk(1) }),
        );
        assert_eq!(denied.as_role(role).await.codes(), ["FORBIDDEN"], "{role}");
    }
    // Who fell ill does not keep the desk: the chief counts with somebody else and closes.
    let counted = count(&city, chief(), &shift, 0, json!({})).await;
    assert_eq!(sign(&city, second(), &counted["id"]).await, ["NOT_FOUND"], "not from another desk");
    assert_eq!(sign(&city, cashier(), &counted["id"]).await, [""; 0]);
    assert_eq!(close_with(&city, chief(), &shift, &counted["id"], None).await.refusals(), [""; 0]);
}

#[tokio::test]
async fn a_desk_is_set_up_by_the_chief_and_not_changed_under_a_shift() {
    let city = issued().await;
    api::access::demo::seed_demo_logins(&city.app).await.unwrap();
    let save = async |who: Actor, more: Json| {
        let mut input = json!({ "code": "07", "nameKk": "Жетінші", "nameRu": "Седьмая", "nameEn": "Seventh", "provider": "NONE", "cashiers": ["cashier"] });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        city.graphql(
            "mutation($i: DeskSaveInput!) { deskSave(input: $i) { desk { id code version cashiers active } errors { code field } } }",
            json!({ "i": input }),
        )
        .as_actor(who)
        .await
    };
    assert_eq!(save(cashier(), json!({})).await.codes(), ["FORBIDDEN"]);
    assert_eq!(save(chief(), json!({ "code": "а б" })).await.refusals(), ["DESK_CODE"]);
    assert_eq!(save(chief(), json!({ "cashiers": ["nobody"] })).await.refusals(), ["NO_SUCH_LOGIN"]);
    assert_eq!(save(chief(), json!({ "cashbox": "SWK1" })).await.refusals(), ["DESK_CASHBOX"]);
    let none = save(chief(), json!({ "provider": "WEBKASSA", "cashbox": "SWK1" })).await;
    assert_eq!(none.refusals(), ["FISCAL_NO_ACCESS"], "this installation has no access to it");
    let made = save(chief(), json!({ "cashiers": ["Cashier", " cashier "] })).await;
    assert_eq!(made.at("/deskSave/desk/cashiers"), &json!(["cashier"]));
    assert_eq!(save(chief(), json!({})).await.refusals(), ["DESK_CODE_TAKEN"]);
    let id = made.at("/deskSave/desk/id").clone();
    let sits = Actor { label: "cashier".into(), ..cashier() };
    let shift = city
        .graphql(
            "mutation($d: ID!) { shiftOpen(input: { deskId: $d }) { shift { id } errors { code } } }",
            json!({ "d": id }),
        )
        .as_actor(sits)
        .await;
    assert_eq!(shift.refusals(), [""; 0]);
    let change = |more: Json| {
        let mut input = json!({ "id": id, "version": 1 });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        input
    };
    assert_eq!(save(chief(), change(json!({ "version": 9 }))).await.refusals(), ["CONFLICT"]);
    assert_eq!(save(chief(), change(json!({ "code": "08" }))).await.refusals(), ["DESK_SHIFT_OPEN"]);
    assert_eq!(save(chief(), change(json!({ "cashiers": [] }))).await.refusals(), ["DESK_SHIFT_OPEN"]);
    let done = save(chief(), change(json!({ "active": false, "nameRu": "Седьмая, закрыта" }))).await;
    assert_eq!(done.at("/deskSave/desk/version"), 2);
}

#[tokio::test]
async fn the_office_reads_sums_by_desk_cashier_sector_and_day() {
    let city = desks().await;
    opened(&city).await;
    open(&city, second(), 2).await.ok();
    let sale =
        pay_at(&city, cashier(), 1, &[(1, "100.00"), (2, "50.00")], "1", json!({ "card": "30.00" })).await;
    pay_at(&city, second(), 2, &[(2, "70.00")], "2", json!({})).await;
    let wrong = pay(&city, "999.00", "3").await;
    super::refund::void(&city, &wrong, "4").await;
    super::refund::refund(&city, &sale, json!([{ "n": 2, "cash": "20.00" }]), "5").await;
    let report = async |by: &str| {
        let query = format!(
            "query {{ cashReport(by: {by}, from: \"2026-03-01\", to: \"2026-03-31\") {{
                 rows {{ of sales cash card refunds refundedCash }} total {{ cash card refundedCash }} }} }}"
        );
        city.graphql(&query, json!({})).as_role(Role::ChiefAccountant).await.at("/cashReport").clone()
    };
    let rows = |report: &Json| {
        let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let row = |row: &Json| {
            ["of", "sales", "cash", "card", "refunds", "refundedCash"].map(|name| text(&row[name])).join(" ")
        };
        report["rows"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(rows(&report("DESK").await), ["01 1 120.00 30.00 1 20.00", "02 1 70.00 0.00 0 0.00"]);
    assert_eq!(
        rows(&report("CASHIER").await),
        ["test.cashier 1 120.00 30.00 1 20.00", "test.second 1 70.00 0.00 0 0.00"]
    );
    assert_eq!(rows(&report("SECTOR").await), ["multi 2 190.00 30.00 1 20.00"]);
    assert_eq!(rows(&report("DAY").await), ["2026-03-26 2 190.00 30.00 1 20.00"]);
    assert_eq!(
        report("DESK").await["total"],
        json!({ "cash": "190.00", "card": "30.00", "refundedCash": "20.00" })
    );
    let denied = city.graphql(
        "query { cashReport(by: DESK, from: \"2026-03-01\", to: \"2026-03-31\") { total { cash } } }",
        json!({}),
    );
    assert_eq!(denied.as_actor(cashier()).await.codes(), ["FORBIDDEN"]);
    books_agree(&city).await;
}

#[tokio::test]
async fn a_hand_over_shows_the_other_desk_and_nothing_of_it() {
    let city = desks().await;
    opened(&city).await;
    open(&city, second(), 2).await.ok();
    pay_in(&city, "1000.00", "in").await;
    pay_at(&city, second(), 2, &[(2, "70.00")], "there", json!({})).await;
    let give = json!({ "deskId": desk(1), "toDeskId": desk(2), "amount": "700.00", "basis": "Размен", "idempotencyKey": "test-key-give" });
    let out = said(&act(&city, cashier(), "cashHandOver", give).await);
    let there = async |who: Actor| {
        let query = "query($id: ID!) { cashOperation(id: $id) { cash toDesk { code name { ru } onTheWay { id }
                         openShift { number counts { total } orders { number } operations { nodes { id receipt { id } } } } } } }";
        let reply = city.graphql(query, json!({ "id": out["id"] })).as_actor(who).await;
        reply.at("/cashOperation").clone()
    };
    let told = json!({ "cash": "-700.00", "toDesk": { "code": "02", "name": { "ru": "Вторая" }, "onTheWay": [], "openShift": null } });
    assert_eq!(there(cashier()).await, told);
    let seen = there(chief()).await;
    assert_eq!(seen["toDesk"]["openShift"]["operations"]["nodes"].as_array().unwrap().len(), 1);
    assert_eq!(seen["toDesk"]["onTheWay"].as_array().unwrap().len(), 1);

    // From the other end: what comes, from which desk, and no word of the shift or the paper of it.
    let comes = async |read: &str| {
        let query = format!("query {{ cashDesks {{ nodes {{ onTheWay {{ {read} }} }} }} }}");
        city.graphql(&query, json!({})).as_actor(second()).await
    };
    let seen = comes("cash desk { code openShift { id } } order { number } receipt { id }").await;
    let way = json!([{ "cash": "-700.00", "desk": { "code": "01", "openShift": null }, "order": null, "receipt": null }]);
    assert_eq!(seen.at("/cashDesks/nodes/0/onTheWay"), &way);
    assert_eq!(comes("shift { turnover { sales { card } } }").await.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn a_list_of_shifts_takes_as_many_statements_as_one() {
    let city = desks().await;
    let read = async |desks: &[i64]| {
        for (at, id) in desks.iter().enumerate() {
            open(&city, if *id == 1 { cashier() } else { second() }, *id).await.ok();
            let who = if *id == 1 { cashier() } else { second() };
            pay_at(&city, who, *id, &[(1, "10.00")], &format!("of-{id}-{at}"), json!({})).await;
        }
        let query = "query { cashDesks { nodes { onTheWay { id } openShift { operations { nodes { id } } orders { id }
                         turnover { expected } } } } }";
        let (reply, statements) =
            aiscra_tests::count_statements(async { city.graphql(query, json!({})).as_actor(chief()).await })
                .await;
        reply.ok();
        statements
    };
    assert_eq!(read(&[1]).await, read(&[2]).await, "one open shift, and two");
}
