use aiscra_tests::{Reply, TestApp, actor_of};
use api::platform::messages::Language;
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Actor, Role};
use domain::kernel::*;
use domain::tariffs::{Amenity, setting};
use entities::kernel::Tx;
use entities::tariffs::{book, published, unconfirmed};
use serde_json::{Value as Json, json};

use super::gid;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn called(label: &str) -> Actor {
    Actor { label: label.to_owned(), ..actor_of(Role::ChiefAccountant) }
}

async fn now(app: &TestApp) -> DateTime<Utc> {
    app.scalar("SELECT clock_timestamp()").await.unwrap()
}

async fn publish(app: &TestApp) -> u64 {
    let tx = Tx::begin(&app.app.db, Actor::system("test")).await.unwrap();
    let added = published(&tx).await.unwrap();
    tx.commit_silently("a test").await.unwrap();
    added
}

async fn document(app: &TestApp) -> String {
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '12', '2026-03-01', 'Head', 'Rules', 'test')",
    )
    .await;
    gid("Document", app.scalar("SELECT max(id) FROM archive.document").await.unwrap())
}

const VERSION: &str = "... on Price { id net from to proposedBy confirmedBy document { number kind } }
    ... on Norm { volume from to } ... on VatRate { rate from to source document { number } }
    ... on BandSet { mode from to suspended source bands { upto coefficient } document { number } }";

async fn ask_as(app: &TestApp, who: Actor, name: &str, input: Json) -> Reply {
    let proposal = || {
        format!(
            "proposal {{ id state proposedBy decidedBy reason closedBefore version {{ {VERSION} }} replaces {{ {VERSION} }} }}"
        )
    };
    let read = match name {
        "settingPropose" => "setting { id value confirmedBy }".to_owned(),
        "settingConfirm" => "setting { id proposedBy confirmedBy }".to_owned(),
        "settingDecline" => "setting { id confirmedBy declinedBy declineReason }".to_owned(),
        _ => proposal(),
    };
    let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ {read} errors {{ code field message }} }} }}"
    );
    app.graphql(&query, json!({ "input": input })).as_actor(who).await
}

async fn ask(app: &TestApp, who: &str, name: &str, input: Json) -> Reply {
    ask_as(app, called(who), name, input).await
}

/// Proposed by Anna, confirmed by Bota: the version.
async fn confirmed(app: &TestApp, name: &str, input: Json) -> Json {
    let proposed = ask(app, "anna", name, input).await;
    let id = proposed.text(&format!("/{name}/proposal/id"));
    let reply = ask(app, "bota", "tariffConfirm", json!({ "id": id })).await;
    assert_eq!(reply.at("/tariffConfirm/proposal/state"), "CONFIRMED");
    reply.at("/tariffConfirm/proposal/version").clone()
}

fn new_price(document: &str, net: &str, from: &str) -> Json {
    json!({ "service": "WATER", "consumerGroup": "POPULATION", "net": net, "from": from, "source": "order № 12",
        "documentId": document })
}

#[tokio::test]
async fn the_published_values_are_loaded_once_and_price_march() {
    let app = TestApp::new().await;
    assert!(publish(&app).await > 50);
    assert_eq!(publish(&app).await, 0, "again changes nothing");

    let book = book(&app.app.db, day("2026-03-01"), day("2026-04-01"), now(&app).await).await.unwrap();
    let on = day("2026-03-31");
    let price = |service, group| book.price(service, group, on).unwrap().value.to_string();
    assert_eq!(price(Service::Water, ConsumerGroup::Population), "66");
    assert_eq!(price(Service::SewerageCold, ConsumerGroup::Population), "40.95");
    assert_eq!(price(Service::SewerageHot, ConsumerGroup::Budget), "145.5");
    assert_eq!(book.vat(on).unwrap().value.to_string(), "0.16");
    assert_eq!(book.norm(Amenity::Dilapidated, Service::Water, on).unwrap().value.to_string(), "5.370");
    assert!(book.bands.is_empty(), "suspended");
    assert_eq!(book.methods.rounding(Sector::Legal, on).unwrap().value, Rounding::HalfUp);
    assert!(unconfirmed(&app.app.db, day("2026-03-01"), day("2026-04-01")).await.unwrap().is_empty());

    let september =
        entities::tariffs::book(&app.app.db, day("2025-09-01"), day("2025-10-01"), now(&app).await)
            .await
            .unwrap();
    assert_eq!(september.bands[0].value.bands.len(), 4);

    let query = "{ prices(on: \"2026-03-26\") { service consumerGroup net from to source demo } vatRates { rate from to }
        norms { volume } bandSets { mode bands { upto coefficient } to } settings(code: \"billing.due_day\") { nodes { value demo } } }";
    let reply = app.graphql(query, json!({})).as_role(Role::Accountant).await;
    assert_eq!(reply.at("/prices").as_array().unwrap().len(), 9);
    assert_eq!(
        reply.at("/prices/0"),
        &json!({ "service": "WATER", "consumerGroup": "BUDGET", "net": "393.30", "from": "2026-01-01", "to": "2026-03-31",
            "source": "price list of the utility, 01.01.2026", "demo": false })
    );
    assert_eq!(reply.at("/vatRates/1"), &json!({ "rate": "0.12", "from": "2024-09-01", "to": "2025-12-31" }));
    assert_eq!(reply.at("/bandSets/0/bands/3"), &json!({ "upto": null, "coefficient": "2.0" }));
    assert_eq!(reply.at("/settings/nodes"), &json!([{ "value": "25", "demo": true }]));
}

#[tokio::test]
async fn a_new_price_is_known_from_now_on_and_not_before() {
    let app = TestApp::new().await;
    publish(&app).await;
    let (before, document) = (now(&app).await, document(&app).await);
    let input = |net: &str, from: &str| new_price(&document, net, from);
    let version = confirmed(&app, "pricePropose", input("70.5", "2026-03-15")).await;
    let id = version["id"].clone();
    assert_eq!(
        version,
        json!({ "id": id, "net": "70.50", "from": "2026-03-15", "to": null, "proposedBy": "anna", "confirmedBy": "bota",
            "document": { "number": "12", "kind": "ORDER" } })
    );

    let price = async |known_at, on: &str| {
        let book = book(&app.app.db, day("2026-03-01"), day("2026-05-01"), known_at).await.unwrap();
        book.price(Service::Water, ConsumerGroup::Population, day(on)).unwrap().value.to_string()
    };
    let after = now(&app).await;
    assert_eq!(price(before, "2026-03-20").await, "66", "a bill of that moment can be counted again");
    assert_eq!(price(after, "2026-03-14").await, "66");
    assert_eq!(price(after, "2026-03-15").await, "70.5");
    assert_eq!(price(after, "2026-04-20").await, "70.5");
    let listed = app
        .graphql(
            "{ prices(on: \"2026-03-20\") { id service consumerGroup net proposedBy confirmedBy } }",
            json!({}),
        )
        .as_role(Role::Accountant)
        .await;
    let (new, published): (Vec<_>, Vec<_>) =
        listed.at("/prices").as_array().unwrap().iter().partition(|price| price["id"] == id);
    assert_eq!((new[0]["net"].as_str(), new[0]["confirmedBy"].as_str()), (Some("70.50"), Some("bota")));
    assert_eq!(published[0]["proposedBy"], "published list");
    assert_eq!(published[0]["confirmedBy"], Json::Null);

    for (change, code) in [
        (json!({ "net": "-1" }), "PRICE_WRONG"),
        (json!({ "net": "1.00001" }), "PRICE_WRONG"),
        (json!({ "to": "2026-03-01" }), "DATES_WRONG"),
        (json!({ "source": " " }), "SOURCE_MISSING"),
        (json!({ "documentId": gid("Document", 99) }), "NO_SUCH_DOCUMENT"),
    ] {
        let mut wrong = input("80", "2026-04-01");
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(ask(&app, "chief", "pricePropose", wrong).await.refusals(), [code], "{change}");
    }
    app.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-03-01', 'legal', 'closed', 'test')").await;
    // What was found wrong after the close is proposed all the same, and says what it does not change by itself.
    let late = ask(&app, "chief", "pricePropose", input("80", "2026-03-31")).await;
    assert_eq!(late.at("/pricePropose/proposal/closedBefore"), "2026-04-01");
    let norm = json!({ "amenity": "HOUSEHOLD", "service": "WATER", "volume": "14.500", "from": "2026-04-01",
        "source": "order № 12", "documentId": document });
    assert_eq!(confirmed(&app, "normPropose", norm).await["volume"], "14.500");
}

/// What waits for a second person, by id.
async fn waiting(app: &TestApp) -> Vec<Json> {
    let reply = app
        .graphql("{ tariffProposals(state: PROPOSED) { nodes { id } } }", json!({}))
        .as_role(Role::Accountant)
        .await;
    let nodes = reply.at("/tariffProposals/nodes").as_array().unwrap();
    nodes.iter().map(|node| node["id"].clone()).collect()
}

#[tokio::test]
async fn a_tariff_takes_two_people() {
    let app = TestApp::new().await;
    publish(&app).await;
    let document = document(&app).await;
    let net = async || {
        let book = book(&app.app.db, day("2026-03-01"), day("2026-05-01"), now(&app).await).await.unwrap();
        book.price(Service::Water, ConsumerGroup::Population, day("2026-03-20")).unwrap().value.to_string()
    };
    let accountant = || Actor { label: "anna".into(), ..actor_of(Role::Accountant) };
    let input = new_price(&document, "70.5", "2026-03-15");
    let proposed = ask_as(&app, accountant(), "pricePropose", input.clone()).await;
    let proposal = proposed.at("/pricePropose/proposal").clone();
    let id = json!({ "id": proposal["id"] });
    assert_eq!(net().await, "66", "a proposal decides nothing");
    assert_eq!((&proposal["state"], &proposal["proposedBy"]), (&json!("PROPOSED"), &json!("anna")));
    assert_eq!(proposal["version"]["confirmedBy"], Json::Null);
    // What is in force on its days: the price of the first quarter, and the one after it.
    let gives_way: Vec<_> = proposal["replaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|old| (&old["net"], &old["from"], &old["to"]))
        .collect();
    assert_eq!(
        gives_way,
        [
            (&json!("66.00"), &json!("2026-01-01"), &json!("2026-03-31")),
            (&json!("66.00"), &json!("2026-04-01"), &Json::Null)
        ]
    );
    assert_eq!(waiting(&app).await, [proposal["id"].clone()]);

    // The same again is the same; another one for some of these days has to wait, other days and other prices need not.
    let again = ask_as(&app, accountant(), "pricePropose", input.clone()).await;
    assert_eq!(again.at("/pricePropose/proposal/id"), &proposal["id"]);
    assert_eq!(ask(&app, "vera", "pricePropose", input.clone()).await.refusals(), ["TARIFF_WAITS"]);
    let other = new_price(&document, "71", "2026-04-01");
    assert_eq!(ask_as(&app, accountant(), "pricePropose", other).await.refusals(), ["TARIFF_WAITS"]);
    let mut budget = input.clone();
    budget["consumerGroup"] = "BUDGET".into();
    ask(&app, "vera", "pricePropose", budget).await.ok();
    assert_eq!(waiting(&app).await.len(), 2);

    // Not the same person, whatever the rights; not without the right.
    assert_eq!(ask(&app, "anna", "tariffConfirm", id.clone()).await.refusals(), ["SAME_PERSON"]);
    assert_eq!(ask_as(&app, accountant(), "tariffConfirm", id.clone()).await.codes(), ["FORBIDDEN"]);
    let auditor = actor_of(Role::Auditor);
    assert_eq!(ask_as(&app, auditor.clone(), "pricePropose", input).await.codes(), ["FORBIDDEN"]);
    assert_eq!(ask_as(&app, auditor, "tariffDecline", id.clone()).await.codes(), ["FORBIDDEN"]);
    assert_eq!(
        ask(&app, "bota", "tariffConfirm", json!({ "id": gid("Tariff", 999_999) })).await.refusals(),
        ["NOT_FOUND"]
    );
    assert_eq!(net().await, "66");

    let known = now(&app).await;
    let reply = ask(&app, "bota", "tariffConfirm", id.clone()).await;
    let done = reply.at("/tariffConfirm/proposal").clone();
    assert_eq!((&done["state"], &done["decidedBy"]), (&json!("CONFIRMED"), &json!("bota")));
    assert_eq!(done["version"]["id"], proposal["id"], "the version has the proposal's id");
    assert_eq!(done["replaces"], proposal["replaces"], "what gave way stays readable");
    assert_eq!(net().await, "70.5");
    let earlier = book(&app.app.db, day("2026-03-01"), day("2026-05-01"), known).await.unwrap();
    let earlier = earlier.price(Service::Water, ConsumerGroup::Population, day("2026-03-20")).unwrap();
    assert_eq!(earlier.value.to_string(), "66", "as it was known before");

    // The same request again is answered, another's is too late; nothing is written twice.
    let rows = "SELECT count(*) FROM tariffs.price";
    let before: Option<i64> = app.scalar(rows).await;
    let again = ask(&app, "bota", "tariffConfirm", id.clone()).await;
    assert_eq!(again.at("/tariffConfirm/proposal"), &done);
    assert_eq!(ask(&app, "vera", "tariffConfirm", id.clone()).await.refusals(), ["TARIFF_DECIDED"]);
    assert_eq!(ask(&app, "anna", "tariffDecline", id).await.refusals(), ["TARIFF_DECIDED"]);
    assert_eq!(app.scalar::<i64>(rows).await, before);

    let trail = "SELECT string_agg(concat_ws(' ', actor, action, document_id IS NOT NULL, before IS NOT NULL, after IS NOT NULL), ', '
        ORDER BY id) FROM platform.audit_entry WHERE entity = 'price' AND entity_id = (SELECT min(id) FROM tariffs.proposal)";
    assert_eq!(
        app.scalar::<String>(trail).await.as_deref(),
        Some("anna proposed t f t, bota confirmed t t t")
    );
    let told = "SELECT string_agg(name, ', ' ORDER BY id) FROM platform.outbox WHERE topic = 'tariffs'";
    assert_eq!(
        app.scalar::<String>(told).await.as_deref(),
        Some("tariffs.tariff_proposed, tariffs.tariff_proposed, tariffs.tariff_recorded")
    );
}

#[tokio::test]
async fn a_proposal_is_declined_by_another_or_taken_back_and_decides_nothing() {
    let app = TestApp::new().await;
    publish(&app).await;
    let document = document(&app).await;
    let propose = async |net: &str| {
        let input = new_price(&document, net, "2026-04-01");
        let reply = ask(&app, "anna", "pricePropose", input).await;
        reply.text("/pricePropose/proposal/id").to_owned()
    };
    let first = propose("80").await;
    let colleague = Actor { label: "dana".into(), ..actor_of(Role::Accountant) };
    let why = |id: &str, reason: Json| json!({ "id": id, "reason": reason });
    let wrong = why(&first, "the order says 70".into());
    assert_eq!(ask_as(&app, colleague, "tariffDecline", wrong.clone()).await.refusals(), ["FORBIDDEN"]);
    assert_eq!(ask(&app, "bota", "tariffDecline", why(&first, " ".into())).await.refusals(), ["EMPTY"]);
    let declined = ask(&app, "bota", "tariffDecline", wrong.clone()).await;
    let proposal = declined.at("/tariffDecline/proposal").clone();
    assert_eq!(
        (&proposal["state"], &proposal["reason"], &proposal["decidedBy"], &proposal["replaces"]),
        (&json!("DECLINED"), &json!("the order says 70"), &json!("bota"), &json!([]))
    );
    assert_eq!(ask(&app, "bota", "tariffDecline", wrong).await.at("/tariffDecline/proposal"), &proposal);
    assert_eq!(
        ask(&app, "bota", "tariffConfirm", json!({ "id": first })).await.refusals(),
        ["TARIFF_DECIDED"]
    );

    let second = propose("70").await;
    assert_ne!(first, second, "a declined one does not stand in the way");
    let back = ask(&app, "anna", "tariffDecline", why(&second, Json::Null)).await;
    assert_eq!(back.at("/tariffDecline/proposal/state"), "WITHDRAWN");
    assert!(waiting(&app).await.is_empty());
    let versions: Option<i64> =
        app.scalar("SELECT count(*) FROM tariffs.price WHERE recorded_by <> 'published list'").await;
    assert_eq!(versions, Some(0));
}

#[tokio::test]
async fn a_proposal_whose_days_were_closed_meanwhile_says_so_and_a_setting_is_refused() {
    let app = TestApp::new().await;
    publish(&app).await;
    let document = document(&app).await;
    let proposed = ask(&app, "anna", "pricePropose", new_price(&document, "70", "2026-03-15")).await;
    let id = json!({ "id": proposed.text("/pricePropose/proposal/id") });
    app.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-03-01', 'legal', 'closed', 'test')").await;
    let waits = app
        .graphql("{ tariffProposals(state: PROPOSED) { nodes { id closedBefore } } }", json!({}))
        .as_actor(called("bota"))
        .await;
    let one = json!({ "id": id["id"], "closedBefore": "2026-04-01" });
    assert_eq!(waits.at("/tariffProposals/nodes"), &json!([one]));
    let confirmed = ask(&app, "bota", "tariffConfirm", id).await;
    assert_eq!(confirmed.at("/tariffConfirm/proposal/state"), "CONFIRMED");
    assert_eq!(
        confirmed.at("/tariffConfirm/proposal/closedBefore"),
        &Json::Null,
        "it does not wait any more"
    );
    assert!(waiting(&app).await.is_empty());

    let setting = json!({ "code": "billing.due_day", "value": "20", "from": "2026-03-15", "source": "order № 12",
        "documentId": document });
    assert_eq!(ask(&app, "anna", "settingPropose", setting).await.refusals(), ["PERIOD_CLOSED"]);
}

#[tokio::test]
async fn a_setting_takes_two_people() {
    let app = TestApp::new().await;
    publish(&app).await;
    let document = document(&app).await;
    let (from, to) = (day("2026-03-01"), day("2026-06-01"));
    let propose = |code: &str, value: &str| json!({ "code": code, "value": value, "from": "2026-04-01", "source": "order № 12", "documentId": document });
    for (code, value, refusal) in
        [("billing.no_such", "1", "SETTING_UNKNOWN"), (setting::DUE_DAY, "32", "SETTING_VALUE")]
    {
        assert_eq!(ask(&app, "anna", "settingPropose", propose(code, value)).await.refusals(), [refusal]);
    }
    let due = async |on: &str| {
        let book = book(&app.app.db, from, to, now(&app).await).await.unwrap();
        book.methods.due_day(day(on)).unwrap().value
    };
    let proposed = ask(&app, "anna", "settingPropose", propose(setting::DUE_DAY, "20")).await;
    let id = json!({ "id": proposed.text("/settingPropose/setting/id") });
    assert_eq!(due("2026-04-15").await, 25, "a proposal decides nothing");

    assert_eq!(ask(&app, "anna", "settingConfirm", id.clone()).await.refusals(), ["SAME_PERSON"]);
    let before = now(&app).await;
    let confirmed = ask(&app, "bota", "settingConfirm", id.clone()).await;
    assert_eq!(confirmed.at("/settingConfirm/setting/confirmedBy"), "bota");
    assert_eq!((due("2026-03-31").await, due("2026-04-01").await), (25, 20));
    let earlier = book(&app.app.db, from, to, before).await.unwrap();
    assert_eq!(earlier.methods.due_day(day("2026-04-15")).unwrap().value, 25, "as it was known before");
    assert_eq!(ask(&app, "vera", "settingConfirm", id).await.refusals(), ["SETTING_CONFIRMED"]);

    let reply = app
        .graphql(
            "mutation($input: SettingConfirmInput!) { settingConfirm(input: $input) { errors { code } } }",
            json!({ "input": { "id": gid("Setting", 1) } }),
        )
        .as_role(Role::Accountant)
        .await;
    assert_eq!(reply.codes(), ["FORBIDDEN"], "who records may not confirm");
}

#[tokio::test]
async fn a_proposed_value_is_declined_with_a_reason_or_taken_back() {
    let app = TestApp::new().await;
    publish(&app).await;
    let document = document(&app).await;
    let propose = async |value: &str| {
        let input = json!({ "code": setting::DUE_DAY, "value": value, "from": "2026-04-01", "source": "order № 12", "documentId": document });
        ask(&app, "anna", "settingPropose", input).await.text("/settingPropose/setting/id").to_owned()
    };
    let id = propose("20").await;
    let bare = json!({ "id": id });
    assert_eq!(ask(&app, "bota", "settingDecline", bare.clone()).await.refusals(), ["EMPTY"]);
    let with = json!({ "id": id, "reason": " not the day of the order " });
    for time in ["at first", "again"] {
        let declined = ask(&app, "bota", "settingDecline", with.clone()).await;
        let setting = declined.at("/settingDecline/setting");
        assert_eq!(
            (&setting["declinedBy"], &setting["declineReason"], &setting["confirmedBy"]),
            (&json!("bota"), &json!("not the day of the order"), &Json::Null),
            "{time}"
        );
    }
    for (who, act) in [("vera", "settingConfirm"), ("anna", "settingConfirm"), ("vera", "settingDecline")] {
        assert_eq!(
            ask(&app, who, act, with_reason(act, &id)).await.refusals(),
            ["TARIFF_DECIDED"],
            "{who} {act}"
        );
    }
    let (from, to) = (day("2026-03-01"), day("2026-06-01"));
    let book = book(&app.app.db, from, to, now(&app).await).await.unwrap();
    assert_eq!(book.methods.due_day(day("2026-04-15")).unwrap().value, 25);

    let own = propose("21").await;
    let back = ask(&app, "anna", "settingDecline", json!({ "id": own })).await;
    assert_eq!(back.at("/settingDecline/setting/declinedBy"), "anna");
    let listed = app
        .graphql(
            "query($c: String) { settings(code: $c, first: 9) { nodes { value declinedBy declineReason } } }",
            json!({ "c": setting::DUE_DAY }),
        )
        .as_actor(called("vera"))
        .await;
    let ended = listed
        .at("/settings/nodes")
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| !one["declinedBy"].is_null())
        .count();
    assert_eq!(ended, 2, "what came to nothing stays to be seen: {listed:?}");
    let trail: Option<i64> = app
        .scalar("SELECT count(*) FROM platform.audit_entry WHERE entity = 'setting' AND action IN ('declined', 'withdrawn')")
        .await;
    assert_eq!(trail, Some(2));
    // What was declined may be proposed anew, and confirmed once.
    let id = json!({ "id": propose("22").await });
    for time in ["at first", "again"] {
        let confirmed = ask(&app, "bota", "settingConfirm", id.clone()).await;
        assert_eq!(confirmed.at("/settingConfirm/setting/confirmedBy"), "bota", "{time}");
    }
    assert_eq!(ask(&app, "anna", "settingDecline", id).await.refusals(), ["SETTING_CONFIRMED"]);
}

fn with_reason(act: &str, id: &str) -> Json {
    if act == "settingDecline" { json!({ "id": id, "reason": "no" }) } else { json!({ "id": id }) }
}

#[tokio::test]
async fn a_run_is_told_what_nobody_confirmed() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    let (from, to) = (day("2026-04-01"), day("2026-05-01"));
    let input = json!({ "code": setting::CUT_OFF_DAY, "value": "20", "from": "2026-04-10", "source": "order № 12",
        "documentId": document });
    let proposed = ask(&app, "anna", "settingPropose", input).await;
    assert_eq!(unconfirmed(&app.app.db, from, to).await.unwrap(), [setting::CUT_OFF_DAY]);
    let id = json!({ "id": proposed.text("/settingPropose/setting/id") });
    ask(&app, "bota", "settingConfirm", id).await.ok();
    assert_eq!(
        unconfirmed(&app.app.db, from, to).await.unwrap(),
        [setting::CUT_OFF_DAY],
        "the days before the tenth have no value"
    );
    assert!(unconfirmed(&app.app.db, day("2026-04-10"), to).await.unwrap().is_empty());
}

/// What a day is priced by, as known now: rate of VAT, bands.
async fn prices(app: &TestApp, on: &str) -> (String, usize) {
    let book = book(&app.app.db, day("2026-03-01"), day("2026-12-31"), now(app).await).await.unwrap();
    let bands =
        book.bands(Service::Water, ConsumerGroup::Population, day(on)).map_or(0, |b| b.value.bands.len());
    (book.vat(day(on)).unwrap().value.to_string(), bands)
}

#[tokio::test]
async fn vat_bands_and_their_suspension_are_dated_facts_on_a_document() {
    let app = TestApp::new().await;
    publish(&app).await;
    let document = document(&app).await;
    let on_paper = |from: &str, to: Json, rest: Json| {
        let mut input = json!({ "from": from, "to": to, "source": "order № 12", "documentId": document });
        input.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        input
    };
    let before = now(&app).await;
    let vat = on_paper("2026-07-01", Json::Null, json!({ "rate": "0.18" }));
    assert_eq!(
        confirmed(&app, "vatPropose", vat).await,
        json!({ "rate": "0.18", "from": "2026-07-01", "to": null, "source": "order № 12", "document": { "number": "12" } })
    );
    let bands =
        json!({ "mode": "WHOLE", "bands": [{ "upto": "3", "coefficient": "1" }, { "coefficient": "1.5" }] });
    let version = confirmed(&app, "bandsPropose", on_paper("2026-04-01", Json::Null, bands.clone())).await;
    assert_eq!(version["bands"][0], json!({ "upto": "3.000", "coefficient": "1" }));
    assert_eq!(version["document"]["number"], "12");
    let version =
        confirmed(&app, "suspensionPropose", on_paper("2026-06-01", "2026-08-31".into(), json!({}))).await;
    assert_eq!(
        version,
        json!({ "mode": "WHOLE", "from": "2026-06-01", "to": "2026-08-31", "suspended": true, "bands": [],
            "source": "order № 12", "document": { "number": "12" } })
    );
    for (on, vat, count) in [
        ("2026-03-31", "0.16", 0),
        ("2026-04-01", "0.16", 2),
        ("2026-05-31", "0.16", 2),
        ("2026-06-01", "0.16", 0),
        ("2026-07-01", "0.18", 0),
        ("2026-09-01", "0.18", 2),
    ] {
        assert_eq!(prices(&app, on).await, (vat.to_owned(), count), "{on}");
    }
    let known =
        entities::tariffs::book(&app.app.db, day("2026-04-01"), day("2026-12-31"), before).await.unwrap();
    assert_eq!(
        (known.vat(day("2026-09-01")).unwrap().value.to_string().as_str(), known.bands.len()),
        ("0.16", 0)
    );

    let wrong_bands = |bands: Json| json!({ "mode": "WHOLE", "bands": bands });
    for (name, change, code) in [
        ("vatPropose", json!({ "rate": "16" }), "RATE_WRONG"),
        ("vatPropose", json!({ "rate": "0.16", "source": "" }), "SOURCE_MISSING"),
        ("bandsPropose", wrong_bands(json!([])), "BANDS_COUNT"),
        ("bandsPropose", wrong_bands(json!([{ "upto": "3", "coefficient": "1" }])), "BANDS_LAST"),
        ("bandsPropose", wrong_bands(json!([{ "coefficient": "x" }])), "BANDS_COEFFICIENT"),
        ("suspensionPropose", json!({ "documentId": gid("Document", 99) }), "NO_SUCH_DOCUMENT"),
        ("suspensionPropose", json!({ "to": "2026-05-01" }), "DATES_WRONG"),
    ] {
        let input = on_paper("2026-10-01", Json::Null, change);
        assert_eq!(ask(&app, "chief", name, input).await.refusals(), [code], "{name}");
    }
    app.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-04-01', 'legal', 'closed', 'test')").await;
    let closed = on_paper("2026-04-30", Json::Null, bands);
    assert_eq!(ask(&app, "chief", "bandsPropose", closed).await.refusals(), [""; 0], "set right afterwards");
}

#[tokio::test]
async fn what_the_program_wrote_into_tables_is_read_in_the_readers_language() {
    let app = TestApp::new().await;
    publish(&app).await;
    let query = "{ vatRates { source } settings(code: \"payments.allocation_order\") { nodes { name valueName source } } }";
    for (language, source, name, value) in [
        (
            Language::Ru,
            "Налоговый кодекс, ставка с 01.01.2026",
            "Очерёдность погашения задолженности",
            "издержки",
        ),
        (
            Language::Kk,
            "Салық кодексі, 01.01.2026 бастап мөлшерлеме",
            "Берешекті өтеу кезектілігі",
            "шығындар",
        ),
        (Language::En, "Tax Code, rate from 01.01.2026", "Order in which a payment covers debts", "costs"),
    ] {
        let reply = app.graphql(query, json!({})).as_role(Role::Accountant).in_language(language).await;
        assert_eq!(reply.text("/vatRates/0/source"), source);
        assert_eq!(reply.text("/settings/nodes/0/name"), name);
        assert!(reply.text("/settings/nodes/0/valueName").starts_with(value));
    }
}
