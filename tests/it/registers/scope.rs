use aiscra_tests::{TestApp, actor_of};
use domain::access::{Actor, Role, Scope};
use domain::kernel::{DistrictId, Sector};
use entities::kernel::Page;
use entities::subscribers::search::{self, Filter};
use serde_json::json;

use super::{account_id, city, gid, opened, opening};

fn within(sectors: &[Sector], districts: &[i64]) -> Actor {
    let scope = Scope::Part {
        sectors: sectors.iter().copied().collect(),
        districts: districts.iter().map(|&d| DistrictId(d)).collect(),
    };
    Actor { scope, ..actor_of(Role::Auditor) }
}

#[tokio::test]
async fn rows_of_others_do_not_exist() {
    let app = TestApp::new().await;
    city(&app).await;
    let flat = opened(&app, opening("1001", "MULTI", 1)).await;
    let house = opened(&app, opening("2001", "PRIVATE", 9)).await;
    let shop = opened(&app, opening("3001", "LEGAL", 10)).await;
    let sees: [(Actor, &[&str]); 6] = [
        (actor_of(Role::Auditor), &["1001", "2001", "3001"]),
        (actor_of(Role::OperatorMulti), &["1001"]),
        (actor_of(Role::OperatorLegal), &["3001"]),
        (within(&[], &[2]), &["2001"]),
        (within(&[Sector::Multi, Sector::Legal], &[1]), &["1001", "3001"]),
        (within(&[Sector::Private], &[1]), &[]),
    ];
    for (actor, numbers) in sees {
        let list = app.graphql("{ accounts { nodes { number } } }", json!({})).as_actor(actor.clone()).await;
        let got: Vec<&str> = list
            .at("/accounts/nodes")
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n["number"].as_str().unwrap())
            .collect();
        assert_eq!(got, numbers);

        for (id, number) in [(&flat, "1001"), (&house, "2001"), (&shop, "3001")] {
            let one = "query($id: ID, $number: String) { account(id: $id, number: $number) { number } }";
            for variables in [json!({ "id": id }), json!({ "number": number })] {
                let reply = app.graphql(one, variables).as_actor(actor.clone()).await;
                match numbers.contains(&number) {
                    true => assert_eq!(reply.text("/account/number"), number),
                    false => assert_eq!(reply.codes(), ["NOT_FOUND"], "{number}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn the_row_and_the_statement_answer_alike() {
    let app = TestApp::new().await;
    city(&app).await;
    let mut ids = Vec::new();
    for (number, sector, premise) in [("1001", "MULTI", 1), ("2001", "PRIVATE", 9), ("3001", "LEGAL", 10)] {
        ids.push(account_id(&opened(&app, opening(number, sector, premise)).await));
    }
    let mut scopes = vec![Scope::City, Scope::Own([ids[1]].into()), Scope::Own(Default::default())];
    for sectors in [vec![], vec![Sector::Multi], vec![Sector::Private, Sector::Legal]] {
        for districts in
            [vec![], vec![DistrictId(1)], vec![DistrictId(1), DistrictId(2)], vec![DistrictId(9)]]
        {
            scopes.push(Scope::Part {
                sectors: sectors.iter().copied().collect(),
                districts: districts.into_iter().collect(),
            });
        }
    }
    let db = &app.app.db;
    let all = entities::subscribers::account::by_ids(db, ids).await.unwrap();
    for scope in scopes {
        let page = Page { first: 100, after: None };
        let mut by_sql: Vec<_> = search::accounts(db, &scope, &Filter::default(), page)
            .await
            .unwrap()
            .rows
            .iter()
            .map(|found| found.account.id)
            .collect();
        by_sql.sort();
        let mut by_row: Vec<_> = all.iter().filter(|a| a.in_scope(&scope)).map(|a| a.id).collect();
        by_row.sort();
        assert_eq!(by_sql, by_row, "{scope:?}");
    }
}

#[tokio::test]
async fn houses_and_premises_follow_the_district() {
    let app = TestApp::new().await;
    city(&app).await;
    let query = "query($id: ID!) { premise(id: $id) { address building { kind premises(first: 3) { nodes { number } pageInfo { hasNextPage } } } } }";
    let variables = json!({ "id": gid("Premise", 1) });
    let reply = app.graphql(query, variables.clone()).as_actor(within(&[], &[1])).await;
    assert_eq!(reply.at("/premise/building/premises/nodes/2/number"), "3");
    assert_eq!(reply.at("/premise/building/premises/pageInfo/hasNextPage"), true);
    let reply = app.graphql(query, variables).as_actor(within(&[], &[2])).await;
    assert_eq!(reply.codes(), ["NOT_FOUND"]);

    let list = "query($s: String) { buildings(search: $s) { nodes { address } } }";
    for (search, actor, found) in [
        ("толе би 7а", actor_of(Role::Auditor), vec!["улица Толе би, 7А"]),
        ("Төле би", actor_of(Role::Auditor), vec!["улица Толе би, 7А"]),
        ("Төле би 8", actor_of(Role::Auditor), vec![]),
        ("Төле би", within(&[], &[1]), vec![]),
    ] {
        let reply = app.graphql(list, json!({ "s": search })).as_actor(actor).await;
        let got: Vec<&str> = reply
            .at("/buildings/nodes")
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n["address"].as_str().unwrap())
            .collect();
        assert_eq!(got, found, "{search}");
    }
}
