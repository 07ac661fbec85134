use aiscra_tests::TestApp;
use api::platform::messages::Language;
use domain::access::Role;
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
}
