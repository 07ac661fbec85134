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

async fn ask(app: &TestApp, who: &str, name: &str, input: Json) -> Reply {
    let (kind, read) = match name {
        "priceRecord" => ("PriceRecordInput", "price { net from to document { number kind } }"),
        "normRecord" => ("NormRecordInput", "norm { volume from to }"),
        "vatRecord" => ("VatRecordInput", "vatRate { rate from to source document { number } }"),
        "bandsRecord" => (
            "BandsRecordInput",
            "bandSet { mode from to suspended bands { upto coefficient } document { number } }",
        ),
        "bandsSuspend" => ("BandsSuspendInput", "bandSet { from to suspended bands { upto } source }"),
        "settingPropose" => ("SettingProposeInput", "setting { id value confirmedBy }"),
        _ => ("SettingConfirmInput", "setting { id proposedBy confirmedBy }"),
    };
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ {read} errors {{ code field message }} }} }}"
    );
    app.graphql(&query, json!({ "input": input })).as_actor(called(who)).await
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
    let input = |net: &str, from: &str| {
        json!({ "service": "WATER", "consumerGroup": "POPULATION", "net": net, "from": from, "source": "order № 12",
            "documentId": document })
    };
    let reply = ask(&app, "chief", "priceRecord", input("70.5", "2026-03-15")).await;
    assert_eq!(
        reply.at("/priceRecord/price"),
        &json!({ "net": "70.50", "from": "2026-03-15", "to": null,
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

    for (change, code) in [
        (json!({ "net": "-1" }), "PRICE_WRONG"),
        (json!({ "net": "1.00001" }), "PRICE_WRONG"),
        (json!({ "to": "2026-03-01" }), "DATES_WRONG"),
        (json!({ "source": " " }), "SOURCE_MISSING"),
        (json!({ "documentId": gid("Document", 99) }), "NO_SUCH_DOCUMENT"),
    ] {
        let mut wrong = input("80", "2026-04-01");
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        assert_eq!(ask(&app, "chief", "priceRecord", wrong).await.refusals(), [code], "{change}");
    }
    app.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-03-01', 'legal', 'closed', 'test')").await;
    assert_eq!(
        ask(&app, "chief", "priceRecord", input("80", "2026-03-31")).await.refusals(),
        ["PERIOD_CLOSED"]
    );
    let norm = json!({ "amenity": "HOUSEHOLD", "service": "WATER", "volume": "14.500", "from": "2026-04-01",
        "source": "order № 12", "documentId": document });
    let reply = ask(&app, "chief", "normRecord", norm).await;
    assert_eq!(reply.at("/normRecord/norm/volume"), "14.500");
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
    let reply =
        ask(&app, "chief", "vatRecord", on_paper("2026-07-01", Json::Null, json!({ "rate": "0.18" }))).await;
    assert_eq!(
        reply.at("/vatRecord/vatRate"),
        &json!({ "rate": "0.18", "from": "2026-07-01", "to": null, "source": "order № 12", "document": { "number": "12" } })
    );
    let bands =
        json!({ "mode": "WHOLE", "bands": [{ "upto": "3", "coefficient": "1" }, { "coefficient": "1.5" }] });
    let reply = ask(&app, "chief", "bandsRecord", on_paper("2026-04-01", Json::Null, bands.clone())).await;
    assert_eq!(reply.at("/bandsRecord/bandSet/bands/0"), &json!({ "upto": "3.000", "coefficient": "1" }));
    assert_eq!(reply.at("/bandsRecord/bandSet/document/number"), "12");
    let reply =
        ask(&app, "chief", "bandsSuspend", on_paper("2026-06-01", "2026-08-31".into(), json!({}))).await;
    assert_eq!(
        reply.at("/bandsSuspend/bandSet"),
        &json!({ "from": "2026-06-01", "to": "2026-08-31", "suspended": true, "bands": [], "source": "order № 12" })
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
        ("vatRecord", json!({ "rate": "16" }), "RATE_WRONG"),
        ("vatRecord", json!({ "rate": "0.16", "source": "" }), "SOURCE_MISSING"),
        ("bandsRecord", wrong_bands(json!([])), "BANDS_COUNT"),
        ("bandsRecord", wrong_bands(json!([{ "upto": "3", "coefficient": "1" }])), "BANDS_LAST"),
        ("bandsRecord", wrong_bands(json!([{ "coefficient": "x" }])), "BANDS_COEFFICIENT"),
        ("bandsSuspend", json!({ "documentId": gid("Document", 99) }), "NO_SUCH_DOCUMENT"),
        ("bandsSuspend", json!({ "to": "2026-05-01" }), "DATES_WRONG"),
    ] {
        let input = on_paper("2026-10-01", Json::Null, change);
        assert_eq!(ask(&app, "chief", name, input).await.refusals(), [code], "{name}");
    }
    app.sql("INSERT INTO ledger.period (period, sector, status, opened_by) VALUES ('2026-04-01', 'legal', 'closed', 'test')").await;
    let closed = on_paper("2026-04-30", Json::Null, bands);
    assert_eq!(ask(&app, "chief", "bandsRecord", closed).await.refusals(), ["PERIOD_CLOSED"]);
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
