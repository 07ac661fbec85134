//! Who holds an account changes, and not a tiyn is lost: somebody dies, heirs come, the flat is divided. The clock stands where the
//! story puts it.

use aiscra_tests::{Flat, Reply, TestApp, actor_of};
use api::platform::graphql::Gid;
use chrono::NaiveDate;
use domain::access::Role;
use domain::kernel::*;
use entities::ledger::close as books;
use serde_json::{Value as Json, json};

use super::month_of_a_city::{close, run_and_close};

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().expect("a day"))
}

async fn document(city: &TestApp, number: &str) -> String {
    let id: Option<i64> = city
        .scalar(&format!(
            "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
             VALUES ('act', '{number}', '2026-04-06', 'ЦОН', 'test', 'test') RETURNING id"
        ))
        .await;
    Gid(DocumentId(id.unwrap())).encode()
}

/// One act; the name of the mutation, the type of its input, what to read of the answer.
async fn act(city: &TestApp, role: Role, name: &str, kind: &str, input: Json, read: &str) -> Reply {
    let query =
        format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ {read} errors {{ code field message }} }} }}");
    city.graphql(&query, json!({ "i": input })).as_role(role).await
}

async fn done(city: &TestApp, role: Role, name: &str, kind: &str, input: Json, read: &str) -> Json {
    let reply = act(city, role, name, kind, input, read).await;
    assert_eq!(reply.refusals(), Vec::<&str>::new(), "{reply:?}");
    reply.data[name].clone()
}

async fn account(city: &TestApp, id: i64, read: &str) -> Json {
    let query = format!("query($id: ID!) {{ account(id: $id) {{ {read} }} }}");
    let reply =
        city.graphql(&query, json!({ "id": Gid(AccountId(id)).encode() })).as_role(Role::Auditor).await;
    assert_eq!(reply.errors, [] as [Json; 0], "{reply:?}");
    reply.data["account"].clone()
}

/// What is open of the city by service and component, in tiyn.
async fn open(city: &TestApp) -> Vec<String> {
    city.texts(
        "SELECT concat_ws(' ', service, component, sum(amount - settled)) FROM ledger.open_item
         WHERE amount <> settled GROUP BY service, component ORDER BY service, component",
    )
    .await
}

async fn whole(city: &TestApp) {
    assert_eq!(books::sub_ledger_difference(&city.app.db, None).await.unwrap(), Money::ZERO);
}

fn heir(name: &str, iin: &str, numerator: i32, denominator: i32) -> Json {
    json!({ "person": { "kind": "PERSON", "name": name, "identification": iin }, "numerator": numerator,
        "denominator": denominator })
}

#[tokio::test]
async fn died_heirs_and_a_flat_that_is_divided() {
    let city = TestApp::new().await;
    city.house(&[Flat::metered(2, 10_000), Flat::unmetered(1)]).await;
    for table in ["party", "account"] {
        city.sql(&format!("SELECT setval(pg_get_serial_sequence('subscribers.{table}', 'id'), 1000)")).await;
    }
    // March is billed and closed: 10.000 m³ × 66.00 × 1.16 = 765.60 and × 40.95 × 1.16 = 475.02.
    city.app.clock.set_today(day("2026-03-31"));
    run_and_close(&city, "2026-03").await;
    assert_eq!(close(&city, "2026-03").await["period"]["status"], "CLOSED");

    // The subscriber died on 28 March, in a closed month; it is registered on 10 April.
    city.app.clock.set_today(day("2026-04-10"));
    let died = document(&city, "С-1").await;
    let input = json!({ "personId": Gid(PartyId(1)).encode(), "date": "2026-03-28", "documentId": died });
    let person = done(
        &city,
        Role::OperatorMulti,
        "deathRegister",
        "DeathRegisterInput",
        input.clone(),
        "person { diedOn isEstate }",
    )
    .await;
    assert_eq!(person["person"], json!({ "diedOn": "2026-03-28", "isEstate": false }));
    let again =
        act(&city, Role::OperatorMulti, "deathRegister", "DeathRegisterInput", input, "person { id }").await;
    assert_eq!(again.refusals(), ["DEATH_KNOWN"]);

    let now =
        account(&city, 1, "version status balance holder { name isEstate } contract { party { isEstate } }")
            .await;
    assert_eq!(now["holder"], json!({ "name": "Абонент 1 (мұрагерлік / наследство)", "isEstate": true }));
    assert_eq!((&now["status"], &now["balance"]), (&json!("ACTIVE"), &json!("1240.62")), "nothing moved");
    // From the first day that no closed month covers; penalty rests from the day of death, as long as the setting says.
    let since =
        "SELECT string_agg(party_id || ' ' || valid, ', ' ORDER BY lower(valid)) FROM subscribers.holder
        WHERE account_id = 1 AND upper_inf(recorded)";
    let estate: i64 = city.scalar("SELECT id FROM subscribers.party WHERE estate_of = 1").await.unwrap();
    assert_eq!(
        city.scalar::<String>(since).await,
        Some(format!("1 [2020-01-01,2026-04-01), {estate} [2026-04-01,)"))
    );
    let rests = "SELECT concat_ws(' ', account_id, lower(valid), upper(valid)) FROM debt.moratorium";
    assert_eq!(city.texts(rests).await, ["1 2026-03-28 2026-09-27"], "183 days");
    let contact =
        entities::access::contact::of_account(&city.app.db, "1000001", city.app.clock.today()).await;
    assert!(contact.unwrap().is_none_or(|contact| contact.phone.is_none()), "an estate can't be reached");

    // Heirs: a third and two thirds, the second pays.
    city.app.clock.set_today(day("2026-04-25"));
    let certificate = document(&city, "Н-1").await;
    let heirs = |second: i32| {
        json!({ "accountId": Gid(AccountId(1)).encode(), "expectedVersion": now["version"], "date": "2026-04-20",
            "documentId": certificate, "payer": 1,
            "heirs": [heir("Әлиев Данияр", "850101300014", 1, 3), heir("Әлиева Айгүл", "900202400023", second, 3)] })
    };
    let wrong =
        act(&city, Role::OperatorMulti, "heirsEnter", "HeirsEnterInput", heirs(1), "account { id }").await;
    assert!(["SHARES_WRONG", "IDENTIFICATION_CONTROL_DIGIT"].contains(&wrong.refusals()[0]), "{wrong:?}");
    let mut input = heirs(2);
    for at in 0..2 {
        input["heirs"][at]["person"]["identification"] = Json::Null;
    }
    done(&city, Role::OperatorMulti, "heirsEnter", "HeirsEnterInput", input, "account { id }").await;
    let read =
        "version balance holder { name } owners { share part person { name } } bills { nodes { charged } }";
    let now = account(&city, 1, read).await;
    assert_eq!((&now["balance"], &now["holder"]["name"]), (&json!("1240.62"), &json!("Әлиева Айгүл")));
    // 1240.62 ÷ 3 = 413.54.
    assert_eq!(
        now["owners"],
        json!([{ "share": "1/3", "part": "413.54", "person": { "name": "Әлиев Данияр" } },
               { "share": "2/3", "part": "827.08", "person": { "name": "Әлиева Айгүл" } }])
    );
    let mine = "{ me { account { balance bills { nodes { charged } } } } }";
    let hers = city.graphql(mine, json!({})).as_subscriber(AccountId(1)).await;
    assert_eq!(
        hers.at("/me/account"),
        &json!({ "balance": "1240.62", "bills": { "nodes": [{ "charged": "1240.62" }] } }),
        "who inherits the debt sees it"
    );

    // The flat is divided: two accounts are opened without points, the meter goes with the first one.
    let mut ids = Vec::new();
    for number in ["2000001", "2000002"] {
        let input = json!({ "number": number, "sector": "MULTI", "consumerGroup": "POPULATION",
            "premiseId": Gid(PremiseId(1)).encode(), "holder": { "kind": "PERSON", "name": format!("Владелец {number}") },
            "openedOn": "2026-04-21", "residents": 1, "residentsSource": "DOCUMENT", "pointIds": [] });
        let opened =
            done(&city, Role::OperatorMulti, "accountOpen", "AccountOpenInput", input, "account { id }")
                .await;
        ids.push(opened["account"]["id"].clone());
    }
    let court = document(&city, "Р-1").await;
    let input = json!({ "date": "2026-04-21", "documentId": court, "reason": "раздел квартиры",
        "from": [{ "accountId": Gid(AccountId(1)).encode(), "expectedVersion": now["version"],
            "readings": [{ "pointId": Gid(PointId(1)).encode(), "value": "114.000" }] }],
        "to": [{ "accountId": ids[0], "numerator": 1, "denominator": 3, "pointIds": [Gid(PointId(1)).encode()] },
               { "accountId": ids[1], "numerator": 2, "denominator": 3 }] });
    let preview = city
        .graphql(
            "query($i: DivisionInput!) { divisionPreview(input: $i) { preview { charged carried balances { balance } }
                 errors { code message } } }",
            json!({ "i": input }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    // 4.000 m³ × 66.00 × 1.16 = 306.24 and × 40.95 × 1.16 = 190.01, each in two lines by the price lists of March and of April.
    // Item by item: 255.20 + 158.34 + 102.08 + 63.34 = 578.96, the rest is 1157.91.
    assert_eq!(
        preview.at("/divisionPreview/preview"),
        &json!({ "charged": "496.25", "carried": "1736.87", "balances": [{ "balance": "578.96" }, { "balance": "1157.91" }] }),
        "{preview:?}"
    );
    let before = open(&city).await;
    let proposed = done(
        &city,
        Role::OperatorMulti,
        "divisionPropose",
        "DivisionInput",
        input,
        "division { id state proposedBy }",
    )
    .await;
    assert_eq!(proposed["division"]["state"], "WAITING");
    assert_eq!(open(&city).await, before, "nothing happens before a second person");
    let decide = json!({ "id": proposed["division"]["id"], "agree": true });
    let read = "division { state decidedBy transferId to { share account { number } } }";
    let divided =
        done(&city, Role::ChiefAccountant, "divisionDecide", "DivisionDecideInput", decide.clone(), read)
            .await;
    assert_eq!(divided["division"]["state"], "DONE");
    whole(&city).await;

    let old = account(
        &city,
        1,
        "status closedOn balance successors { number balance } bills { nodes { isFinal charged } }",
    )
    .await;
    assert_eq!((&old["status"], &old["balance"]), (&json!("CLOSED"), &json!("0.00")));
    assert_eq!(
        old["successors"],
        json!([{ "number": "2000001", "balance": "578.96" }, { "number": "2000002", "balance": "1157.91" }]),
        "the number points to where everything went"
    );
    assert_eq!(old["bills"]["nodes"][0], json!({ "isFinal": true, "charged": "496.25" }));
    let by_account = city
        .texts(
            "SELECT concat_ws(' ', a.number, o.service, o.component, sum(o.amount - o.settled)) FROM ledger.open_item o
             JOIN subscribers.account a ON a.id = o.account_id WHERE o.amount <> o.settled AND a.premise_id = 1
             GROUP BY a.number, o.service, o.component ORDER BY 1",
        )
        .await;
    assert_eq!(
        by_account,
        [
            "2000001 sewerage_cold charge 22168",
            "2000001 water charge 35728",
            "2000002 sewerage_cold charge 44335",
            "2000002 water charge 71456"
        ]
    );

    // April is run: the first account goes on from the closing reading; nobody is charged for the same days twice.
    city.app.clock.set_today(day("2026-04-28"));
    city.sql(
        "INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, received_by)
         SELECT '2026-04-01', id, 1, 1, '2026-04-25', 115000, 'operator', 'accepted', 'test'
         FROM subscribers.account WHERE number = '2000001'",
    )
    .await;
    let run = run_and_close(&city, "2026-04").await;
    assert_eq!((&run["accounts"], &run["failures"]), (&json!(3), &json!(0)));
    let lines = "SELECT concat_ws(' ', a.number, l.basis, sum(l.liters)) FROM billing.charge_line l
        JOIN subscribers.account a ON a.id = l.account_id
        WHERE l.service = 'water' AND l.period = '2026-04-01' AND a.premise_id = 1 GROUP BY a.number, l.basis ORDER BY 1";
    assert_eq!(city.texts(lines).await, ["1000001 metered 4000", "2000001 metered 1000"]);
    assert_eq!(entities::billing::metered_twice(&city.app.db).await.unwrap(), 0);
    whole(&city).await;

    // The court takes its decision back: the balances return as they came, item by item.
    let back = document(&city, "О-1").await;
    let input = json!({ "id": divided["division"]["transferId"], "documentId": back });
    let other = actor_of(Role::ChiefAccountant);
    assert_ne!(other.label, "test.operator_multi", "not by who proposed it");
    done(
        &city,
        Role::ChiefAccountant,
        "transferReverse",
        "TransferReverseInput",
        input,
        "transfer { state }",
    )
    .await;
    assert_eq!(account(&city, 1, "balance").await["balance"], "1736.87");
    whole(&city).await;
}
