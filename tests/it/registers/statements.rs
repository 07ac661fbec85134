use aiscra_tests::{TestApp, count_statements};
use domain::access::Role;
use serde_json::json;

use super::{act, city, opened, opening};

/// Every list of the registers with all of its edges.
const LISTS: &[&str] = &[
    "query($n: Int) { accounts(first: $n) { nodes { number address district { code } premise { building { street { code } } }
        holder { name phone } residents { residents } residencies(first: 2) { nodes { residents } }
        points { hot amenity meter { serial model { name } } } contract { number party { name } account { number } } } } }",
    "query($n: Int) { accounts(first: $n, search: \"Абай 10\", sort: NEWEST) { nodes { number address } } }",
    "query($n: Int) { buildings(first: $n) { nodes { address district { code } street { code }
        premises(first: 2) { nodes { address points { hot meter { serial } } } } } } }",
    "query($n: Int) { contracts(first: $n) { nodes { number party { name } account { address holder { name } } } } }",
    "query($n: Int) { meters(first: $n) { nodes { serial model { name } verifiedUntil } } }",
    "query($n: Int) { meterModels(first: $n) { nodes { name } } }",
    "query($n: Int) { streets(first: $n) { nodes { nameKk } } }",
    "query($n: Int) { settings(first: $n) { nodes { code document { number } } } }",
    "query($n: Int) { tariffProposals(first: $n) { nodes { id version { ... on Price { net document { number } } }
        replaces { ... on Price { net document { number } } } } } }",
];

#[tokio::test]
async fn a_longer_page_costs_no_more_statements() {
    let app = TestApp::new().await;
    city(&app).await;
    app.sql(
        "INSERT INTO meters.model (id, name, manufacturer, digits, diameter_mm, interval_cold_months, interval_hot_months)
         SELECT n, 'СВК-' || n, 'Завод', 5, 15, 60, 48 FROM generate_series(1, 8) n",
    )
    .await;
    app.sql(
        "WITH streets AS (
             INSERT INTO premises.street (id, code, name_kk, name_ru)
             SELECT n, to_char(n, 'FM0000'), n || ' көшесі', 'улица ' || n FROM generate_series(11, 18) n RETURNING id)
         INSERT INTO premises.building (id, district_id, street_id, house, kind) SELECT id, 1, id, '1', 'private' FROM streets",
    )
    .await;
    for n in 1..=8 {
        let mut input = opening(&format!("100{n}"), "MULTI", n);
        input["holder"]["phone"] = format!("701000000{n}").into();
        let id = opened(&app, input).await;
        let sign = json!({ "number": format!("Д-{n}"), "kind": "PUBLIC", "accountId": id, "signedOn": "2025-01-01", "from": "2025-01-01" });
        act(&app, "contractSign", sign, "contract { id }").await.ok();
        app.sql(&format!(
            "WITH m AS (INSERT INTO meters.meter (model_id, serial) VALUES ({n}, 'S{n}') RETURNING id)
             INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by) SELECT id, {n}, '[2025-01-01,)', 'test' FROM m"
        ))
        .await;
    }
    app.sql(
        "WITH papers AS (
             INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
             SELECT 'order', n::text, '2026-01-01', 'Head', 'Due day', 'test' FROM generate_series(1, 9) n RETURNING id, number)
         INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, document_id)
         SELECT 'billing.due_day', '\"25\"', daterange(d::date, d::date + 1), 'test', 'test',
                (SELECT id FROM papers WHERE number = extract(day FROM d)::int::text)
         FROM generate_series('2026-01-01'::date, '2026-01-09', '1 day') d",
    )
    .await;
    app.sql(
        "INSERT INTO tariffs.price (service, consumer_group, net, valid, source, recorded_by, document_id)
         SELECT 'water', 'population', 66, '[2025-01-01,)', 'test', 'test', max(id) FROM archive.document",
    )
    .await;
    app.sql(
        "INSERT INTO tariffs.proposal (kind, service, consumer_group, net, valid, source, document_id, proposed_by)
         SELECT 'price', 'water', 'population', n, daterange('2026-05-01'::date + n, '2026-05-01'::date + n + 1), 'test', id, 'test'
         FROM (SELECT id, row_number() OVER (ORDER BY id)::int AS n FROM archive.document) d",
    )
    .await;
    for list in LISTS {
        let ask = async |n: i32| {
            let call = app.graphql(list, json!({ "n": n })).as_role(Role::Auditor);
            let (reply, statements) = count_statements(call.into_future()).await;
            let rows =
                reply.ok().as_object().unwrap().values().next().unwrap()["nodes"].as_array().unwrap().len();
            (rows, statements)
        };
        ask(2).await;
        let ((few, cost_of_few), (many, cost_of_many)) = (ask(2).await, ask(100).await);
        assert_eq!((few, many >= 8), (2, true), "{list}: {many} rows");
        // Two edges that ask the same loader share a batch or not, as they happen to meet; six more rows would show.
        assert!(
            cost_of_many <= cost_of_few + 2,
            "{cost_of_few} for {few} rows, {cost_of_many} for {many}: {list}"
        );
    }
}
