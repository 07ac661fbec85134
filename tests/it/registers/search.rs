use aiscra_tests::{TestApp, count_statements};
use api::platform::messages::Language;
use domain::access::{Role, Scope};
use entities::kernel::Page;
use entities::subscribers::search::{self, Filter};
use serde_json::json;

use super::{act, city, opened, opening};

async fn found(app: &TestApp, role: Role, search: &str) -> Vec<String> {
    let query = "query($s: String) { accounts(search: $s) { nodes { number } } }";
    let reply = app.graphql(query, json!({ "s": search })).as_role(role).await;
    let nodes = reply.at("/accounts/nodes").as_array().unwrap();
    nodes.iter().map(|n| n["number"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn any_spelling_of_anything_finds_the_account() {
    let app = TestApp::new().await;
    city(&app).await;
    let mut input = opening("1001", "MULTI", 1);
    input["holder"]["name"] = "Әбдіғалиев Қайрат".into();
    input["holder"]["identification"] = "900101300811".into();
    input["holder"]["phone"] = "+7 701 234 56 78".into();
    opened(&app, input).await;
    let mut input = opening("1002", "MULTI", 2);
    input["holder"]["name"] = "Семёнова Алёна".into();
    let second = opened(&app, input).await;

    for (search, numbers) in [
        ("100", vec!["1001", "1002"]),
        ("1001", vec!["1001"]),
        ("абдигалиев", vec!["1001"]),
        ("ӘБДІҒАЛИЕВ қайрат", vec!["1001"]),
        ("Кайрат Абдигалиев", vec!["1001"]),
        ("семенова", vec!["1002"]),
        ("Абай", vec!["1001", "1002"]),
        ("пр. Абая, д. 10, кв. 2", vec!["1002"]),
        ("Абай даңғылы 10-1", vec!["1001"]),
        ("Абая 11", vec![]),
        ("900101300811", vec!["1001"]),
        ("8 701 234 56 78", vec!["1001"]),
        ("%", vec![]),
        ("Абдыгалиев", vec!["1001"]),
        ("Нет такого", vec![]),
    ] {
        assert_eq!(found(&app, Role::OperatorMulti, search).await, numbers, "{search}");
    }
    for search in ["900101300811", "87012345678"] {
        assert_eq!(
            found(&app, Role::Cashier, search).await,
            Vec::<String>::new(),
            "no right to personal data: {search}"
        );
    }

    let newcomer = json!({ "id": second, "expectedVersion": 1, "date": "2026-03-10",
        "holder": { "kind": "PERSON", "name": "Оспанова Дана" } });
    act(&app, "accountMoveIn", newcomer, "account { id }").await.ok();
    assert_eq!(found(&app, Role::OperatorMulti, "Оспанова").await, ["1002"]);
    assert_eq!(
        found(&app, Role::OperatorMulti, "Семенова").await,
        Vec::<String>::new(),
        "she holds nothing now"
    );

    let kazakh = app
        .graphql("{ accounts(first: 1) { nodes { address } } }", json!({}))
        .as_role(Role::OperatorMulti)
        .in_language(Language::Kk)
        .await;
    assert_eq!(kazakh.at("/accounts/nodes/0/address"), "Абай даңғылы, 10, 1");
}

/// Streets and people of a real city's kind, an account for each.
async fn town(app: &TestApp) {
    city(app).await;
    for (n, (kk, ru)) in [
        ("Сәтбаев көшесі", "улица Сатпаева"),
        ("Жандосов көшесі", "улица Жандосова"),
        ("Қабанбай батыр көшесі", "улица Кабанбай батыра"),
        ("Сейфуллин даңғылы", "проспект Сейфуллина"),
        ("Көктем-1 шағын ауданы", "микрорайон Коктем-1"),
        ("8 Наурыз көшесі", "улица 8 Марта"),
    ]
    .iter()
    .enumerate()
    {
        let n = n + 11;
        app.sql(&format!(
            "INSERT INTO premises.street (id, code, name_kk, name_ru) VALUES ({n}, 'S{n}', '{kk}', '{ru}')"
        ))
        .await;
        app.sql(&format!("INSERT INTO premises.building (id, district_id, street_id, house, kind) VALUES ({n}, 1, {n}, '7', 'private')")).await;
        app.sql(&format!(
            "INSERT INTO premises.premise (id, building_id, number, kind) VALUES ({n}, {n}, '', 'house')"
        ))
        .await;
    }
    for (number, premise, name) in [
        ("4000001", 1, "Исмаилов Данияр Серикович"),
        ("4000002", 2, "Нұрланова Әсел"),
        ("4000003", 3, "Ким Алексей"),
        ("4000011", 11, "Петров Иван"),
        ("4000012", 12, "Сәтбаев Қаныш"),
        ("4000013", 13, "Омарова Гүлнар"),
        ("4000014", 14, "Ли Юрий"),
        ("4000015", 15, "Алатау-2 КСК"),
        ("4000016", 16, "Алиев Олжас"),
    ] {
        let mut input = opening(number, if premise > 10 { "PRIVATE" } else { "MULTI" }, premise);
        input["holder"]["name"] = name.into();
        opened(app, input).await;
    }
}

#[tokio::test]
async fn a_slip_of_the_finger_finds_what_was_meant() {
    let app = TestApp::new().await;
    town(&app).await;
    let flats = vec!["4000001", "4000002", "4000003"];
    for (search, numbers) in [
        // Four or five letters: one of them may be wrong.
        ("абаи", flats.clone()),
        ("Абйа", flats.clone()),
        ("Аьай", flats.clone()),
        ("дбай", flats.clone()),
        ("абаи 10", flats.clone()),
        ("абаи 10-2", vec!["4000002"]),
        ("абаи 11", vec![]),
        ("абой", flats.clone()),
        ("кмм", vec![]),
        // A number of the street's name, of a person's name, and none of either.
        ("Коктем-1 7", vec!["4000015"]),
        ("көктем 1", vec!["4000015"]),
        ("коктем 1, дом 8", vec![]),
        ("кактем-1, 7", vec!["4000015"]),
        ("8 марта 7", vec!["4000016"]),
        ("алатау 2 кск", vec!["4000015"]),
        ("алатау 2 ксз", vec![]),
        ("алотау-2", vec!["4000015"]),
        ("алотау-3", vec![]),
        ("Ким", vec!["4000003"]),
        // A street in Kazakh, in Russian, by ear.
        ("сатпаев", vec!["4000011"]),
        ("Сәтбаев", vec!["4000012", "4000011"]),
        ("Сатбаева", vec!["4000011", "4000012"]),
        ("сатапев 7", vec!["4000011"]),
        ("жадносов", vec!["4000012"]),
        ("Жандасова 7", vec!["4000012"]),
        ("Кабамбай батыр", vec!["4000013"]),
        ("сеифулин", vec!["4000014"]),
        // Latin letters, as phones and passports have them.
        ("Ismailov", vec!["4000001"]),
        ("ismailov daniyar", vec!["4000001"]),
        ("Abay 10-2", vec!["4000002"]),
        ("Zhandosova", vec!["4000012"]),
        ("Nurlanova Asel", vec!["4000002"]),
        // A name with its street, with its house.
        ("Петров Сатпаева", vec!["4000011"]),
        ("сатпаева 7, петров", vec!["4000011"]),
        ("петров сатпаева 8", vec![]),
        ("Петров Абая", vec![]),
        ("Петров 7", vec!["4000011"]),
        ("Петров 8", vec![]),
        ("алиев 8 марта 7", vec!["4000016"]),
        ("Ким Абая 10", vec!["4000003"]),
        // People.
        ("исмиалов", vec!["4000001"]),
        ("Исмаелов", vec!["4000001"]),
        ("даниар исмаилов", vec!["4000001"]),
        ("Данияр Исмаилов", vec!["4000001"]),
        ("нурлонова", vec!["4000002"]),
        ("Асель Нурланова", vec!["4000002"]),
        ("гульнар", vec!["4000013"]),
        ("исмиалов петров", vec![]),
        ("зхщъы", vec![]),
    ] {
        assert_eq!(found(&app, Role::Auditor, search).await, numbers, "{search}");
    }
    // Who is called so comes before those who have it inside a name or a street.
    let short = found(&app, Role::Auditor, "ли").await;
    assert_eq!(short[0], "4000014");
    assert!(short.contains(&"4000016".to_owned()), "{short:?}");
}

#[tokio::test]
async fn digits_go_to_the_exact_number_first() {
    let app = TestApp::new().await;
    town(&app).await;
    for statement in [
        "INSERT INTO subscribers.old_number SELECT '40000', id FROM subscribers.account WHERE number = '4000014'",
        "INSERT INTO meters.model (id, name, manufacturer, digits, diameter_mm, interval_cold_months, interval_hot_months)
         VALUES (1, 'M', 'M', 5, 15, 60, 48)",
        "INSERT INTO meters.meter (id, model_id, serial) VALUES (1, 1, '4000001'), (2, 1, '40000029'), (3, 1, 'AB-77')",
        "INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by)
         VALUES (1, 2, '[2026-01-01,)', 't'), (2, 3, '[2026-01-01,)', 't'), (3, 3, '[2025-01-01,2025-12-31)', 't')",
    ] {
        app.sql(statement).await;
    }
    for (search, numbers) in [
        ("4000001", vec!["4000001", "4000002"]), // the account, then the meter of this serial number
        (
            "40000",
            vec![
                "4000014", "4000001", "4000002", "4000003", "4000011", "4000012", "4000013", "4000015",
                "4000016",
            ],
        ),
        ("40000029", vec!["4000003"]),
        ("400000", vec!["4000001", "4000002", "4000003"]),
        ("AB-77", vec![]), // stands there no more
        ("9", vec![]),
    ] {
        assert_eq!(found(&app, Role::Auditor, search).await, numbers, "{search}");
    }

    // The order holds over pages.
    let query = "query($after: String) { accounts(search: \"40000\", first: 2, after: $after) { nodes { number } pageInfo { hasNextPage endCursor } } }";
    let (mut after, mut numbers) = (serde_json::Value::Null, Vec::new());
    loop {
        let reply = app.graphql(query, json!({ "after": after })).as_role(Role::Auditor).await;
        let page = reply.at("/accounts");
        numbers.extend(
            page["nodes"].as_array().unwrap().iter().map(|n| n["number"].as_str().unwrap().to_owned()),
        );
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(
        numbers,
        ["4000014", "4000001", "4000002", "4000003", "4000011", "4000012", "4000013", "4000015", "4000016"]
    );
}

#[tokio::test]
async fn whatever_is_searched_for_costs_the_same_statements() {
    let app = TestApp::new().await;
    town(&app).await;
    let mut counts = Vec::new();
    for searches in [["4000001", "40", "Омарова", "абая 10-1"], ["исмиалов", "абаи", "абаи 10-1", "зхщъы"]]
    {
        let mut used = Vec::new();
        for text in searches {
            let filter = Filter { search: Some(text.to_owned()), ..Filter::default() };
            let page = Page { first: 20, after: None };
            let look = search::accounts(&app.app.db, &Scope::City, &filter, page);
            used.push(count_statements(look).await.1);
        }
        assert!(used.iter().all(|one| *one == used[0]), "{used:?}");
        counts.push(used[0]);
    }
    assert_eq!(counts[0], 1, "an exact look is one statement");
    assert!(counts[1] <= 9, "then one transaction of candidates and one page: {counts:?}");
}

#[tokio::test]
async fn searches_go_by_indexes() {
    let app = TestApp::new().await;
    town(&app).await;
    for statement in [
        "INSERT INTO subscribers.party (kind, name) SELECT 'person', 'Тұлға ' || md5(n::text) FROM generate_series(1, 20000) n",
        "INSERT INTO premises.street (id, code, name_kk, name_ru)
         SELECT 100 + n, 'M' || n, md5(n::text), md5(n::text) FROM generate_series(1, 200) n",
        "INSERT INTO premises.building (id, district_id, street_id, house, kind)
         SELECT 1000 + n, 1, 101 + n % 200, n::text, 'apartment' FROM generate_series(0, 999) n",
        "INSERT INTO premises.premise (id, building_id, number, kind)
         SELECT 10000 + n, 1000 + n % 1000, n::text, 'flat' FROM generate_series(1, 20000) n",
        "INSERT INTO subscribers.account (number, sector, consumer_group, district_id, building_id, premise_id, opened_on)
         SELECT (5000000 + n)::text, 'multi', 'population', 1, 1000 + n % 1000, 10000 + n, '2025-01-01'
         FROM generate_series(1, 20000) n",
        "INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by)
         SELECT a.id, p.id, '[2025-01-01,)', 't' FROM (SELECT id, row_number() OVER (ORDER BY id) n FROM subscribers.account WHERE number > '5') a
         JOIN (SELECT id, row_number() OVER (ORDER BY id) n FROM subscribers.party WHERE name LIKE 'Тұлға%') p USING (n)",
        "INSERT INTO meters.model (id, name, manufacturer, digits, diameter_mm, interval_cold_months, interval_hot_months)
         VALUES (1, 'M', 'M', 5, 15, 60, 48)",
        "INSERT INTO meters.meter (model_id, serial) SELECT 1, 'X' || n FROM generate_series(1, 20000) n",
        "VACUUM ANALYZE",
    ] {
        app.sql(statement).await;
    }
    // One connection, whose counters can be asked for at once.
    let mut options = sea_orm::ConnectOptions::new(app.app.config.database_url.clone());
    options.max_connections(1);
    let db = sea_orm::Database::connect(options).await.expect("a connection");
    for text in ["4000001", "5000777", "исмаилов", "исмиалов", "абаи 10-1", "исмаилов абая 10", "Ismailov"]
    {
        let before = scanned(&db).await;
        let filter = Filter { search: Some(text.to_owned()), ..Filter::default() };
        let page = Page { first: 20, after: None };
        let found = search::accounts(&db, &Scope::City, &filter, page).await.expect("works");
        assert!(!found.rows.is_empty(), "{text}");
        let after = scanned(&db).await;
        let read: Vec<_> =
            after.iter().zip(&before).map(|((table, after), (_, before))| (table, after - before)).collect();
        assert!(read.iter().all(|(_, rows)| *rows < 5_000), "{text} read rows one after another: {read:?}");
    }
}

/// Rows that the large tables gave to sequential scans so far.
async fn scanned(db: &entities::kernel::Db) -> Vec<(String, i64)> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        relname: String,
        rows: i64,
    }
    entities::kernel::sql::run(db, "SELECT pg_stat_force_next_flush()", []).await.expect("a flush");
    let rows: Vec<Row> = entities::kernel::sql::all(
        db,
        "SELECT relname::text, seq_tup_read AS rows FROM pg_stat_user_tables
         WHERE (schemaname, relname) IN (('subscribers', 'account'), ('subscribers', 'party'), ('subscribers', 'holder'), ('meters', 'meter'))
         ORDER BY relname",
        [],
    )
    .await
    .expect("counters");
    rows.into_iter().map(|row| (row.relname, row.rows)).collect()
}

#[tokio::test]
async fn pages_follow_each_other_in_either_order() {
    let app = TestApp::new().await;
    city(&app).await;
    for n in 1..=7 {
        opened(&app, opening(&format!("10{:02}", 10 - n), "MULTI", n)).await;
    }
    for (sort, expected) in [
        ("NUMBER", ["1003", "1004", "1005", "1006", "1007", "1008", "1009"]),
        ("NEWEST", ["1003", "1004", "1005", "1006", "1007", "1008", "1009"]),
    ] {
        let (mut after, mut got) = (serde_json::Value::Null, Vec::new());
        loop {
            let query =
                "query($after: String, $sort: AccountSort) { accounts(first: 3, after: $after, sort: $sort) {
                nodes { number } pageInfo { hasNextPage hasPreviousPage endCursor } } }";
            let reply = app
                .graphql(query, json!({ "after": after, "sort": sort }))
                .as_role(Role::OperatorMulti)
                .await;
            let page = reply.at("/accounts");
            assert_eq!(page["pageInfo"]["hasPreviousPage"], !after.is_null());
            got.extend(
                page["nodes"].as_array().unwrap().iter().map(|n| n["number"].as_str().unwrap().to_owned()),
            );
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(got, expected, "{sort}");
    }
    let reply = app
        .graphql("{ accounts(after: \"nonsense\") { nodes { number } } }", json!({}))
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(reply.codes(), ["BAD_INPUT"]);
}

#[tokio::test]
async fn debtors_are_those_who_owe_something() {
    let app = TestApp::new().await;
    city(&app).await;
    for n in 1..=3 {
        opened(&app, opening(&format!("100{n}"), "MULTI", n)).await;
    }
    app.sql(
        "INSERT INTO ledger.open_item (account_id, sector, component, origin, due_on, amount, settled, source, source_id)
         SELECT id, 'multi', 'charge', '2026-02-01', '2026-03-25', CASE number WHEN '1003' THEN -500 ELSE 1000 END,
                CASE number WHEN '1002' THEN 1000 ELSE 0 END, 'run', 1
         FROM subscribers.account",
    )
    .await;
    let query = "{ accounts(debtorsOnly: true) { nodes { number } } }";
    let reply = app.graphql(query, json!({})).as_role(Role::OperatorMulti).await;
    assert_eq!(
        reply.at("/accounts/nodes"),
        &json!([{ "number": "1001" }]),
        "1002 has paid, 1003 has overpaid"
    );
    let narrowed = async |filter: &str| {
        let query = format!("{{ accounts({filter}: true) {{ nodes {{ number }} }} }}");
        app.graphql(&query, json!({})).as_role(Role::OperatorMulti).await.at("/accounts/nodes").clone()
    };
    assert_eq!(narrowed("creditOnly").await, json!([{ "number": "1003" }]));
    assert_eq!(narrowed("staffOnly").await, json!([]));
    app.sql(
        "UPDATE subscribers.party SET is_staff = true WHERE id = (
             SELECT h.party_id FROM subscribers.holder h JOIN subscribers.account a ON a.id = h.account_id WHERE a.number = '1002')",
    )
    .await;
    assert_eq!(narrowed("staffOnly").await, json!([{ "number": "1002" }]));
}
