//! Special cases from the act to the bill: a torn seal is charged once, on its own days and less what was billed for them.

use aiscra_tests::{Flat, Reply, TestApp, actor_of, march};
use api::billing::ops;
use api::platform::graphql::id::encode;
use domain::access::{Actor, Role};
use domain::kernel::*;
use entities::kernel::Tx;
use serde_json::{Value as Json, json};

async fn house() -> TestApp {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 10_000), Flat::unmetered(3), Flat::unmetered(1)]).await;
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', '17', '2026-03-16', 'ЦРА', 'срыв пломбы', 'test')",
    )
    .await;
    city
}

async fn act(city: &TestApp, name: &str, input: Json, read: &str) -> Reply {
    let kind = name[..1].to_uppercase() + &name[1..] + "Input";
    let query =
        format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ {read} errors {{ code field }} }} }}");
    city.graphql(&query, json!({ "input": input })).as_role(Role::OperatorMulti).await
}

fn special(account: i64, change: Json) -> Json {
    let mut input = json!({ "accountId": encode("Account", account), "documentId": encode("Document", 1) });
    input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    input
}

async fn run(city: &TestApp) -> i64 {
    let run = ops::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    assert_eq!(run.failures, 0);
    run.id
}

async fn lines(city: &TestApp, account: i64) -> Vec<String> {
    city.texts(&format!(
        "SELECT concat_ws(' ', service, basis, from_day, to_day, liters) FROM billing.charge_line
         WHERE account_id = {account} AND run_id = (SELECT max(id) FROM billing.run) ORDER BY line"
    ))
    .await
}

#[tokio::test]
async fn a_torn_seal_is_charged_once_less_what_its_days_cost_already() {
    let city = house().await;
    let torn = special(
        1,
        json!({ "kind": "TORN_SEAL", "from": "2026-03-02", "to": "2026-03-15", "diameterMm": 15,
                                  "pointId": encode("Point", 1) }),
    );
    let read = "special { id kind from to lastCheckOn }";
    let first = act(&city, "specialRecord", torn.clone(), read).await;
    assert_eq!(first.refusals(), Vec::<&str>::new(), "{:#}", first.data);
    let again = act(&city, "specialRecord", torn, read).await;
    assert_eq!(
        again.at("/specialRecord/special/id"),
        first.at("/specialRecord/special/id"),
        "the same act twice"
    );

    // 14 days at 18.3218 m³; of the 10 m³ between 24 February and 20 March (24 days), 14 lie on its days: 5.833.
    run(&city).await;
    assert_eq!(
        lines(&city, 1).await,
        [
            "water metered 2026-02-25 2026-03-21 10000",
            "water capacity 2026-03-02 2026-03-16 250672",
            "sewerage_cold metered 2026-02-25 2026-03-21 10000",
        ]
    );
    let history: Option<i64> =
        city.scalar("SELECT history[1] FROM consumption.month WHERE account_id = 1 AND point_id = 1").await;
    assert_eq!(history, Some(10_000), "kept out of the averages");

    let id = first.text("/specialRecord/special/id");
    let back = json!({ "id": id, "documentId": encode("Document", 1) });
    assert_eq!(
        act(&city, "specialWithdraw", back.clone(), "special { id }").await.refusals(),
        ["SPECIAL_CHARGED"]
    );
    let run_id = RunId(city.scalar("SELECT max(id) FROM billing.run").await.unwrap());
    let seen = entities::billing::run::find(&city.app.db, run_id).await.unwrap().unwrap();
    let newer = entities::billing::newer::count(&city.app.db, &seen).await.unwrap();
    assert_eq!(newer, 0, "what is not believed keeps no bills back");
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::reverse_run(&mut tx, run_id, None, city.app.clock.today()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    act(&city, "specialWithdraw", back, "special { id }").await.ok();
    run(&city).await;
    assert_eq!(lines(&city, 1).await.len(), 2, "without the case nothing is left of it");
}

#[tokio::test]
async fn what_is_known_after_the_month_is_issued_is_charged_by_a_later_one_and_by_no_recalculation() {
    let city = house().await;
    let run_id = RunId(run(&city).await);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, run_id, &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let torn = special(
        1,
        json!({ "kind": "TORN_SEAL", "from": "2026-03-02", "to": "2026-03-15", "diameterMm": 15,
                                  "pointId": encode("Point", 1) }),
    );
    act(&city, "specialRecord", torn, "special { id }").await.ok();

    let now = city.app.clock.now() + chrono::Duration::seconds(5);
    let specials = async |month: Period| {
        let inputs =
            entities::billing::input::preview(&city.app.db, month, Sector::Multi, now, &[AccountId(1)]).await;
        inputs.unwrap()[0].points[0].specials.clone()
    };
    assert_eq!(specials(march()).await, [], "March is billed as it was");
    let april = specials(march().next()).await;
    assert_eq!(april.len(), 1, "April charges it");
    // Of 10 m³ between 24 February and 20 March, 14 of 24 days were billed already.
    assert_eq!(april[0].billed, Volume::from_liters(5_833));
}

/// What a recalculation of March finds now; nothing of it is posted.
async fn found(city: &TestApp, key: &str) -> Vec<String> {
    let input = json!({ "accounts": [encode("Account", 1)], "from": "2026-03", "to": "2026-03", "reason": "акт отменён",
        "documentId": encode("Document", 1), "idempotencyKey": key });
    let query =
        "mutation($i: CorrectionCreateInput!) { correctionCreate(input: $i) { errors { code field } } }";
    let reply = city.graphql(query, json!({ "i": input })).as_role(Role::Accountant).await;
    assert_eq!(reply.refusals(), [""; 0], "{reply:?}");
    city.run_jobs().await;
    city.texts(
        "SELECT concat_ws(' ', side, service, basis, from_day, to_day, liters) FROM billing.correction_line
         WHERE correction_id = (SELECT max(id) FROM billing.correction) ORDER BY line",
    )
    .await
}

#[tokio::test]
async fn charged_days_are_taken_back_by_two_people_and_a_recalculation_finds_them() {
    let city = house().await;
    let torn = json!({ "kind": "TORN_SEAL", "from": "2026-03-02", "to": "2026-03-15", "diameterMm": 15,
                       "pointId": encode("Point", 1) });
    let recorded = act(&city, "specialRecord", special(1, torn), "special { id chargedTo }").await;
    assert_eq!(recorded.at("/specialRecord/special/chargedTo"), &Json::Null);
    let id = recorded.text("/specialRecord/special/id");
    let run_id = RunId(run(&city).await);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, run_id, &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!(found(&city, "as it was billed").await, [""; 0], "the case stands");

    // One person alone takes nothing of it back, and neither does whoever has no right to correct.
    let whole = json!({ "id": id, "documentId": encode("Document", 1) });
    let mut shorter = whole.clone();
    shorter["on"] = json!("2026-03-08");
    let alone = act(&city, "specialWithdraw", whole.clone(), "special { id }").await;
    assert_eq!(alone.refusals(), ["SPECIAL_CHARGED"]);
    let alone = act(&city, "specialEnd", shorter.clone(), "special { id }").await;
    assert_eq!(alone.refusals(), ["SPECIAL_CHARGED"]);
    let query = "mutation($i: SpecialTakeBackInput!) { specialTakeBack(input: $i) { signature { id } errors { code } } }";
    let stranger = city.graphql(query, json!({ "i": shorter })).as_role(Role::OperatorMulti).await;
    assert_eq!(stranger.codes(), ["FORBIDDEN"]);
    let mut wrong = whole.clone();
    wrong["on"] = json!("2026-03-15");
    let refused = city.graphql(query, json!({ "i": wrong })).as_role(Role::Accountant).await;
    assert_eq!(refused.refusals(), ["DATES_WRONG"], "no day goes");

    // Sealed again on the 9th after all: seven days at 18.3218 m³ are 128.252, less 7 of 24 days of 10 m³.
    let (accountant, chief) = (actor_of(Role::Accountant), actor_of(Role::ChiefAccountant));
    let own = city.signed((accountant.clone(), accountant.clone()), query, json!({ "i": shorter })).await;
    assert_eq!(own["errors"][0]["code"], "SAME_PERSON", "{own}");
    let agreed = city.signed((accountant.clone(), chief.clone()), query, json!({ "i": shorter })).await;
    assert_eq!(agreed["signature"]["state"], "AGREED", "{agreed}");
    let known = city
        .texts("SELECT concat_ws(' ', lower(valid), upper(valid), upper_inf(recorded)) FROM consumption.special ORDER BY id")
        .await;
    assert_eq!(
        known,
        ["2026-03-02 2026-03-09 t", "2026-03-02 2026-03-16 f"],
        "what was known stays readable"
    );
    assert_eq!(
        found(&city, "shortened").await,
        [
            "minus water capacity 2026-03-02 2026-03-16 250672",
            "plus water capacity 2026-03-02 2026-03-09 125335",
        ]
    );

    let agreed = city.signed((accountant.clone(), chief.clone()), query, json!({ "i": whole })).await;
    assert_eq!(agreed["signature"]["state"], "AGREED", "{agreed}");
    let gone = city.signed((accountant, chief), query, json!({ "i": whole })).await;
    assert_eq!(gone["errors"][0]["code"], "NO_SUCH_SPECIAL", "{gone}");
    assert_eq!(found(&city, "taken back").await, ["minus water capacity 2026-03-02 2026-03-16 250672"]);

    // Recorded anew, with another pipe: what the case that is gone charged is no part of what was billed for its days.
    let anew = json!({ "kind": "TORN_SEAL", "from": "2026-03-02", "to": "2026-03-15", "diameterMm": 20,
                       "pointId": encode("Point", 1) });
    act(&city, "specialRecord", special(1, anew), "special { id }").await.ok();
    let now = city.app.clock.now() + chrono::Duration::seconds(5);
    let april = march().next();
    let inputs =
        entities::billing::input::preview(&city.app.db, april, Sector::Multi, now, &[AccountId(1)]).await;
    let specials = &inputs.unwrap()[0].points[0].specials;
    assert_eq!(specials.len(), 1);
    assert_eq!(specials[0].billed, Volume::from_liters(5_833));
}

#[tokio::test]
async fn a_capacity_is_charged_no_longer_than_its_cap() {
    let city = house().await;
    let read = "special { id from to cappedOn }";
    let case = |kind: &str, account: i64, from: &str, to: Json| {
        special(
            account,
            json!({ "kind": kind, "from": from, "to": to, "diameterMm": 15, "pointId": encode("Point", account) }),
        )
    };
    // Tampering ends on the day on which it was found, two months after it began at most.
    let open = act(&city, "specialRecord", case("TAMPERING", 1, "2025-12-01", Json::Null), read).await;
    assert_eq!(open.refusals(), ["SPECIAL_FOUND_ON"]);
    let ahead =
        act(&city, "specialRecord", case("TAMPERING", 1, "2025-12-01", json!("2026-03-27")), read).await;
    assert_eq!(ahead.refusals(), ["FUTURE_DAY"]);
    let found =
        act(&city, "specialRecord", case("TAMPERING", 1, "2025-12-01", json!("2026-03-20")), read).await;
    assert_eq!(found.text("/specialRecord/special/from"), "2026-01-21");

    // A leak that goes on: two months back from today, and no day more.
    let leak = act(&city, "specialRecord", case("LEAK", 2, "2026-01-10", Json::Null), read).await;
    let leak = leak.at("/specialRecord/special").clone();
    assert_eq!(
        (&leak["from"], &leak["to"], &leak["cappedOn"]),
        (&json!("2026-01-26"), &Json::Null, &json!("2026-03-25"))
    );
    // Ended before any bill charges it, a connection without permission reaches back from its end.
    let tapped = act(&city, "specialRecord", case("UNAUTHORISED", 3, "2025-01-01", Json::Null), read).await;
    let tapped = tapped.at("/specialRecord/special").clone();
    assert_eq!((&tapped["from"], &tapped["cappedOn"]), (&json!("2025-03-26"), &json!("2026-03-25")));
    let end = |id: &Json, on: &str| json!({ "id": id, "on": on, "documentId": encode("Document", 1) });
    let ended = act(&city, "specialEnd", end(&tapped["id"], "2026-02-28"), read).await;
    let ended = ended.at("/specialEnd/special").clone();
    assert_eq!(
        (&ended["from"], &ended["to"], &ended["cappedOn"]),
        (&json!("2025-03-01"), &json!("2026-02-28"), &Json::Null)
    );

    let back = json!({ "id": tapped["id"], "documentId": encode("Document", 1) });
    act(&city, "specialWithdraw", back, "special { id }").await.ok();

    let run_id = RunId(run(&city).await);
    let charged = "SELECT concat_ws(' ', min(from_day), max(to_day)) FROM billing.charge_line
         WHERE account_id = 2 AND basis = 'capacity'";
    assert_eq!(city.texts(charged).await, ["2026-01-26 2026-03-26"]);
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    ops::issue_run(&mut tx, run_id, &city.app.clock).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    // Mended later: April has nothing left to charge.
    act(&city, "specialEnd", end(&leak["id"], "2026-04-10"), read).await.ok();
    let now = city.app.clock.now() + chrono::Duration::seconds(5);
    let april = march().next();
    let inputs =
        entities::billing::input::preview(&city.app.db, april, Sector::Multi, now, &[AccountId(2)]).await;
    let special = inputs.unwrap()[0].points[0].specials[0].clone();
    let day: chrono::NaiveDate = "2026-03-26".parse().unwrap();
    assert_eq!(
        (special.from.to_string(), special.to, special.billed_upto),
        ("2026-01-26".to_owned(), Some(day), Some(day))
    );
}

#[tokio::test]
async fn people_away_days_without_service_and_a_house_paid_in_bulk() {
    let city = house().await;
    let away =
        special(2, json!({ "kind": "ABSENCE", "from": "2026-03-11", "to": "2026-03-31", "people": 1 }));
    act(&city, "specialRecord", away, "special { id }").await.ok();
    let dry = special(3, json!({ "kind": "NO_SERVICE", "from": "2026-03-05", "to": "2026-03-14" }));
    let going_on = special(3, json!({ "kind": "NO_SERVICE", "from": "2026-03-25" }));
    act(&city, "specialRecord", dry, "special { id }").await.ok();
    let open = act(&city, "specialRecord", going_on, "special { id }").await;
    let end = json!({ "id": open.text("/specialRecord/special/id"), "on": "2026-03-26", "documentId": encode("Document", 1) });
    let ended = act(&city, "specialEnd", end, "special { id to }").await;
    assert_eq!(ended.at("/specialEnd/special/to"), "2026-03-26");
    assert_eq!(ended.at("/specialEnd/special/id"), open.at("/specialRecord/special/id"), "the id stays");

    run(&city).await;
    let water = |lines: Vec<String>| lines.into_iter().filter(|l| l.starts_with("water")).collect::<Vec<_>>();
    assert_eq!(
        water(lines(&city, 2).await),
        ["water norm 2026-03-01 2026-03-11 14516", "water norm 2026-03-11 2026-04-01 20323"]
    );
    assert_eq!(
        water(lines(&city, 3).await),
        [
            "water norm 2026-03-01 2026-03-05 1936",
            "water no_service 2026-03-05 2026-03-15 0",
            "water norm 2026-03-15 2026-03-25 4839",
            "water no_service 2026-03-25 2026-03-27 0",
            "water norm 2026-03-27 2026-04-01 2419",
        ]
    );

    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let run_id = RunId(city.scalar("SELECT max(id) FROM billing.run").await.unwrap());
    ops::reverse_run(&mut tx, run_id, None, city.app.clock.today()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    crate::imbalance::house_meter(&city, None).await;
    crate::imbalance::condominium(&city).await;
    let bulk = special(1, json!({ "bulk": true, "payer": "8000", "from": "2026-03" }));
    let read = "account { bulkBilling { from to payer documentId } }";
    let said = act(&city, "bulkBillingSet", bulk, read).await;
    let known =
        json!([{ "from": "2026-03-01", "to": null, "payer": "8000", "documentId": encode("Document", 1) }]);
    assert_eq!(said.at("/bulkBillingSet/account/bulkBilling"), &known);
    run(&city).await;
    let excuses = city.texts("SELECT DISTINCT excuse FROM billing.bill WHERE NOT reversed").await;
    assert_eq!(excuses, ["billed_in_bulk"]);
}

/// The reading of 20 March is believed once somebody was let to the meter before it.
#[tokio::test]
async fn where_nobody_is_let_to_the_meter_its_readings_are_not_believed() {
    let city = house().await;
    let shut =
        special(1, json!({ "kind": "NO_ACCESS", "from": "2026-03-15", "pointId": encode("Point", 1) }));
    let shut = act(&city, "specialRecord", shut, "special { id }").await;
    run(&city).await;
    // It was measured in no month before: the norm of two.
    assert_eq!(lines(&city, 1).await[0], "water norm 2026-03-01 2026-04-01 30000");
    let mut tx = Tx::begin(&city.app.db, Actor::system("test")).await.unwrap();
    let run_id = RunId(city.scalar("SELECT max(id) FROM billing.run").await.unwrap());
    ops::reverse_run(&mut tx, run_id, None, city.app.clock.today()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let end = json!({ "id": shut.text("/specialRecord/special/id"), "on": "2026-03-18", "documentId": encode("Document", 1) });
    act(&city, "specialEnd", end, "special { to }").await.ok();
    run(&city).await;
    assert_eq!(lines(&city, 1).await[0], "water metered 2026-02-25 2026-03-21 10000");
}

#[tokio::test]
async fn what_is_said_wrongly_is_refused_and_strangers_say_nothing() {
    let city = house().await;
    let read = "special { id }";
    for (change, code) in [
        (json!({ "kind": "ABSENCE", "from": "2026-03-11" }), "RESIDENTS_WRONG"),
        (json!({ "kind": "LEAK", "from": "2026-03-11", "pointId": encode("Point", 1) }), "DIAMETER_WRONG"),
        (json!({ "kind": "LEAK", "from": "2026-03-11", "diameterMm": 20 }), "NO_SUCH_POINT"),
        (
            json!({ "kind": "LEAK", "from": "2026-03-11", "diameterMm": 20, "pointId": encode("Point", 2) }),
            "POINT_ELSEWHERE",
        ),
        (json!({ "kind": "NO_ACCESS", "from": "2026-03-11" }), "NO_SUCH_POINT"),
        (json!({ "kind": "NO_SERVICE", "from": "2026-03-11", "to": "2026-03-10" }), "DATES_WRONG"),
        (
            json!({ "kind": "NO_SERVICE", "from": "2026-03-11", "documentId": encode("Document", 99) }),
            "NO_SUCH_DOCUMENT",
        ),
    ] {
        assert_eq!(act(&city, "specialRecord", special(1, change), read).await.refusals(), [code]);
    }
    let query = "mutation($input: SpecialRecordInput!) { specialRecord(input: $input) { errors { code } } }";
    city.sql("UPDATE subscribers.account SET sector = 'legal', consumer_group = 'other' WHERE id = 3").await;
    let input = special(3, json!({ "kind": "STOPPED", "from": "2026-03-11" }));
    let reply = city.graphql(query, json!({ "input": input })).as_role(Role::OperatorLegal).await;
    assert_eq!(reply.refusals(), ["STOPPED_LEGAL"]);
    let input = special(1, json!({ "kind": "NO_SERVICE", "from": "2026-03-11" }));
    let reply = city.graphql(query, json!({ "input": input })).as_role(Role::Cashier).await;
    assert_eq!(reply.codes(), ["FORBIDDEN"]);
    let recorded: Option<i64> = city.scalar("SELECT count(*) FROM consumption.special").await;
    assert_eq!(recorded, Some(0));

    let plot = |meters: i32| json!({ "pointId": encode("Point", 1), "squareMeters": meters, "from": "2026-03-01", "documentId": encode("Document", 1) });
    assert_eq!(act(&city, "plotSet", plot(0), "account { id }").await.refusals(), ["AREA_WRONG"]);
    act(&city, "plotSet", plot(625), "account { id }").await.ok();
    let said = act(&city, "plotSet", plot(400), "account { plots { pointId squareMeters from to } }").await;
    let known =
        json!([{ "pointId": encode("Point", 1), "squareMeters": "400", "from": "2026-03-01", "to": null }]);
    assert_eq!(said.at("/plotSet/account/plots"), &known, "the register tells what is known now");
    let areas = city
        .texts("SELECT concat_ws(' ', area_dm2, upper_inf(recorded)) FROM premises.plot ORDER BY id")
        .await;
    assert_eq!(areas, ["62500 f", "40000 t"], "what was known before stays readable");
}

/// Sewers since the 11th, a house declared dilapidated on the 16th: acts on documents, each day charged as it was.
#[tokio::test]
async fn services_and_amenity_are_recorded_from_a_day_on() {
    let city = house().await;
    let supply = |change: Json| {
        let mut input = json!({ "pointId": encode("Point", 2), "water": true, "sewerage": false, "amenity": "HOUSEHOLD",
            "from": "2026-03-01", "to": "2026-03-10", "documentId": encode("Document", 1) });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        input
    };
    let read = "account { points { id sewerage amenity suppliedSince } }";
    for (change, code) in [
        (json!({ "to": "2026-02-27" }), "DATES_WRONG"),
        (json!({ "amenity": "WATERING" }), "AMENITY_WRONG"),
        (json!({ "pointId": encode("Point", 77) }), "NO_SUCH_POINT"),
        (json!({ "documentId": encode("Document", 99) }), "NO_SUCH_DOCUMENT"),
        (json!({ "sewerage": true, "to": null }), "SUPPLY_SAME"),
    ] {
        assert_eq!(
            act(&city, "supplySet", supply(change.clone()), read).await.refusals(),
            [code],
            "{change}"
        );
    }
    act(&city, "supplySet", supply(json!({})), read).await.ok();
    let dilapidated = supply(
        json!({ "pointId": encode("Point", 3), "sewerage": true, "amenity": "DILAPIDATED", "from": "2026-03-16", "to": null }),
    );
    let said = act(&city, "supplySet", dilapidated, read).await;
    let known = json!([{ "id": encode("Point", 3), "sewerage": true, "amenity": "DILAPIDATED", "suppliedSince": "2026-03-16" }]);
    assert_eq!(said.at("/supplySet/account/points"), &known);
    let query = "mutation($input: SupplySetInput!) { supplySet(input: $input) { errors { code } } }";
    let reply = city.graphql(query, json!({ "input": supply(json!({})) })).as_role(Role::Cashier).await;
    assert_eq!(reply.codes(), ["FORBIDDEN"]);
    run(&city).await;
    assert_eq!(
        lines(&city, 2).await,
        [
            "water norm 2026-03-01 2026-03-11 14516",
            "water norm 2026-03-11 2026-04-01 30484",
            "sewerage_cold norm 2026-03-11 2026-04-01 30484",
        ]
    );
    let third = ["water norm 2026-03-01 2026-03-16 7258", "water norm 2026-03-16 2026-04-01 2772"];
    assert_eq!(lines(&city, 3).await[..2], third);
}
