use aiscra_tests::TestApp;
use domain::access::Role;
use serde_json::{Value as Json, json};

use super::{account_id, act, city, opened, opening};

const ACCOUNT: &str =
    "account { version status closedOn holder { name } residents { residents } points { hot } }";

fn newcomer(id: &str, version: i32, date: &str) -> Json {
    json!({ "id": id, "expectedVersion": version, "date": date, "residents": 1, "residentsSource": "EGOV",
        "holder": { "kind": "PERSON", "name": "Сейтқали Айгүл" } })
}

#[tokio::test]
async fn the_new_holder_sees_nothing_of_the_old_one() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let sign = json!({ "number": "Д-1", "kind": "PUBLIC", "accountId": id, "signedOn": "2025-01-01", "from": "2025-01-01" });
    assert_eq!(act(&app, "contractSign", sign, "contract { id }").await.refusals(), Vec::<&str>::new());

    let reply = act(&app, "accountMoveIn", newcomer(&id, 1, "2026-03-10"), ACCOUNT).await;
    assert_eq!(reply.at("/accountMoveIn/account/holder/name"), "Сейтқали Айгүл");
    assert_eq!(reply.at("/accountMoveIn/account/residents/residents"), 1);

    let mine = "{ me { account { number holder { name } contract { number party { name } }
        residencies { nodes { residents from } } } accounts { nodes { number } } } }";
    let reply = app.graphql(mine, json!({})).as_subscriber(account_id(&id)).await;
    assert_eq!(reply.at("/me/accounts/nodes"), &json!([{ "number": "1001" }]));
    assert_eq!(reply.at("/me/account/holder/name"), "Сейтқали Айгүл");
    assert_eq!(reply.at("/me/account/contract"), &Json::Null, "the contract is the old holder's");
    assert_eq!(reply.at("/me/account/residencies/nodes"), &json!([{ "residents": 1, "from": "2026-03-10" }]));

    let theirs = "query($id: ID!) { account(id: $id) { contract { party { name } } residencies { nodes { residents } } } }";
    let reply = app.graphql(theirs, json!({ "id": id })).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.at("/account/residencies/nodes"), &json!([{ "residents": 1 }, { "residents": 3 }]));
    assert_eq!(reply.at("/account/contract/party/name"), "Қалиев Ғани Өтегенұлы");
}

#[tokio::test]
async fn a_subscriber_has_no_other_door() {
    let app = TestApp::new().await;
    city(&app).await;
    let mine = opened(&app, opening("1001", "MULTI", 1)).await;
    let other = opened(&app, opening("1002", "MULTI", 2)).await;
    let query = "query($id: ID!) { account(id: $id) { number } }";
    for id in [&mine, &other] {
        let reply = app.graphql(query, json!({ "id": id })).as_subscriber(account_id(&mine)).await;
        assert_eq!(reply.codes(), ["FORBIDDEN"]);
    }
    let reply = app.graphql("{ me { id } }", json!({})).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn a_closed_account_lets_its_points_go_and_can_live_again() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let out = |version: i32, date: &str| json!({ "id": id, "expectedVersion": version, "date": date });

    for (version, date, code) in
        [(1, "2026-03-27", "DAY_AHEAD"), (1, "2025-01-01", "DATE_TOO_EARLY"), (7, "2026-03-10", "CONFLICT")]
    {
        let reply = act(&app, "accountMoveOut", out(version, date), ACCOUNT).await;
        assert_eq!(reply.refusals(), [code]);
    }
    let reply = act(&app, "accountMoveOut", out(1, "2026-03-10"), ACCOUNT).await;
    assert_eq!(
        reply.at("/accountMoveOut/account"),
        &json!({ "version": 2, "status": "CLOSED", "closedOn": "2026-03-10", "holder": null, "residents": null, "points": [] })
    );
    assert_eq!(
        act(&app, "accountMoveOut", out(2, "2026-03-11"), ACCOUNT).await.refusals(),
        ["ACCOUNT_CLOSED"]
    );
    let count = json!({ "accountId": id, "residents": 2, "from": "2026-03-12", "source": "EGOV" });
    assert_eq!(act(&app, "residentsRecord", count, "residency { id }").await.refusals(), ["ACCOUNT_CLOSED"]);

    let mine = "{ me { account { residencies { nodes { residents to } } } } }";
    let reply = app.graphql(mine, json!({})).as_subscriber(account_id(&id)).await;
    assert_eq!(
        reply.at("/me/account/residencies/nodes"),
        &json!([{ "residents": 3, "to": "2026-03-09" }]),
        "who left still sees his own time"
    );

    let early = act(&app, "accountMoveIn", newcomer(&id, 2, "2026-03-09"), ACCOUNT).await;
    assert_eq!(early.refusals(), ["DATE_TOO_EARLY"]);
    let reply = act(&app, "accountMoveIn", newcomer(&id, 2, "2026-03-20"), ACCOUNT).await;
    assert_eq!(reply.at("/accountMoveIn/account/status"), "ACTIVE");
    assert_eq!(reply.at("/accountMoveIn/account/points").as_array().unwrap().len(), 2);
    let between = "SELECT count(*) FROM subscribers.account_point WHERE upper_inf(recorded) AND valid @> '2026-03-15'::date";
    assert_eq!(app.scalar::<i64>(between).await, Some(0), "nobody paid in between");
}

#[tokio::test]
async fn points_of_a_closed_account_may_be_another_ones_by_then() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let out = json!({ "id": id, "expectedVersion": 1, "date": "2026-03-10" });
    act(&app, "accountMoveOut", out, ACCOUNT).await.ok();
    let mut input = opening("1002", "MULTI", 1);
    input["openedOn"] = "2026-03-10".into();
    opened(&app, input).await;
    let reply = act(&app, "accountMoveIn", newcomer(&id, 2, "2026-03-20"), ACCOUNT).await;
    assert_eq!(reply.refusals(), ["POINT_TAKEN"]);
}
