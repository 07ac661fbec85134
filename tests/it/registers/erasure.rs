//! The trail about a person is sealed by the person's own key; erasing destroys the key and keeps the chain.

use aiscra_tests::{Reply, TestApp};
use domain::access::Role;
use entities::kernel::audit;
use serde_json::{Value as Json, json};

use super::{act, city, gid, opened, opening};

/// Everything that would tell who it was.
const TELLING: [&str; 4] = ["Қалиев", "900101300811", "7012345678", "ghani@"];

/// Account 1001, whose first holder has left on 10 March 2026; the holders' node ids.
async fn someone_left(app: &TestApp) -> (String, [String; 2]) {
    city(app).await;
    let mut input = opening("1001", "MULTI", 1);
    input["holder"]["identification"] = "900101300811".into();
    input["holder"]["phone"] = "+7 701 234 56 78".into();
    input["holder"]["email"] = "ghani@example.kz".into();
    let account = opened(app, input).await;
    let newcomer = json!({ "id": account, "expectedVersion": 1, "date": "2026-03-10",
        "holder": { "kind": "PERSON", "name": "Сейтқали Айгүл" } });
    assert_eq!(act(app, "accountMoveIn", newcomer, "account { id }").await.refusals(), [""; 0]);
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('application', '17', '2026-03-20', 'ЦРА', 'об уничтожении данных', 'test')",
    )
    .await;
    (account, [gid("Party", 1), gid("Party", 2)])
}

async fn erase(app: &TestApp, person: &str, document: i64) -> Reply {
    let query = "mutation($i: PersonEraseInput!) { personErase(input: $i) {
        person { name erasedAt identification phone email } errors { code message } } }";
    let input = json!({ "id": person, "documentId": gid("Document", document) });
    app.graphql(query, json!({ "i": input })).as_role(Role::ChiefAccountant).await
}

async fn trail(app: &TestApp, person: &str, role: Role) -> Json {
    let query = "query($id: ID!) { auditTrail(entity: \"party\", entityId: $id) {
        nodes { action privacy before after } } }";
    let reply = app.graphql(query, json!({ "id": person })).as_role(role).await;
    let lines = reply.at("/auditTrail/nodes").as_array().unwrap().clone();
    lines.into_iter().find(|line| line["action"] == "recorded").expect("the line of the first day")
}

/// Rows of the trail that tell who it was, to whoever reads the table.
async fn told(app: &TestApp) -> i64 {
    let like = TELLING.map(|word| format!("t::text LIKE '%{word}%'")).join(" OR ");
    app.scalar(&format!("SELECT count(*) FROM platform.audit_entry t WHERE {like}")).await.unwrap()
}

#[tokio::test]
async fn the_trail_about_a_person_opens_for_those_who_may_and_each_look_is_a_line() {
    let app = TestApp::new().await;
    let (_, [left, _]) = someone_left(&app).await;
    assert_eq!(told(&app).await, 0, "the table itself tells nothing");

    let looks = "SELECT count(*) FROM platform.audit_entry WHERE action = 'personal_data_seen'";
    let line = trail(&app, &left, Role::Administrator).await;
    assert_eq!(line, json!({ "action": "recorded", "privacy": "SEALED", "before": null, "after": null }));
    assert_eq!(app.scalar::<i64>(looks).await, Some(0));

    let line = trail(&app, &left, Role::ChiefAccountant).await;
    assert_eq!(line["privacy"], "OPENED");
    assert_eq!(line["after"]["name"], "Қалиев Ғани Өтегенұлы");
    assert_eq!(line["after"]["identification"], "900101300811");
    assert_eq!(line["after"]["phone"], "+77012345678");
    assert_eq!(app.scalar::<i64>(looks).await, Some(1), "one line for the person, however many were shown");
}

#[tokio::test]
async fn erasing_destroys_what_is_known_and_keeps_the_chain() {
    let app = TestApp::new().await;
    let (account, [left, stays]) = someone_left(&app).await;
    while audit::seal(&app.app.db, 1_000).await.unwrap() > 0 {}

    let reply = erase(&app, &left, 1).await;
    let person = reply.at("/personErase/person");
    assert_eq!((&person["name"], &person["phone"]), (&json!("—"), &Json::Null), "{reply:?}");
    assert_ne!(person["erasedAt"], Json::Null);

    assert_eq!(trail(&app, &left, Role::ChiefAccountant).await["privacy"], "ERASED");
    assert_eq!(trail(&app, &left, Role::ChiefAccountant).await["after"], Json::Null);
    assert_eq!(trail(&app, &stays, Role::ChiefAccountant).await["after"]["name"], "Сейтқали Айгүл");
    assert_eq!(audit::first_broken_batch(&app.app.db, 0).await.unwrap(), None);
    while audit::seal(&app.app.db, 1_000).await.unwrap() > 0 {}
    assert_eq!(audit::first_broken_batch(&app.app.db, 0).await.unwrap(), None);

    assert_eq!(told(&app).await, 0);
    let kept = "SELECT count(*) FROM subscribers.party WHERE id = 1 AND identification IS NULL AND identification_index IS NULL
                AND phone IS NULL AND phone_index IS NULL AND email IS NULL AND email_index IS NULL";
    assert_eq!(app.scalar::<i64>(kept).await, Some(1));
    let keys = "SELECT count(*) FROM platform.person_key WHERE key IS NULL AND document_id = 1";
    assert_eq!(app.scalar::<i64>(keys).await, Some(1));
    assert_eq!(erase(&app, &left, 1).await.refusals(), ["PERSON_ERASED"]);

    // The same person comes again: a new row with a key of its own.
    let back = json!({ "id": account, "expectedVersion": 2, "date": "2026-03-20",
        "holder": { "kind": "PERSON", "name": "Қалиев Ғани Өтегенұлы", "identification": "900101300811" } });
    assert_eq!(act(&app, "accountMoveIn", back, "account { id }").await.refusals(), [""; 0]);
    assert_eq!(trail(&app, &gid("Party", 3), Role::ChiefAccountant).await["privacy"], "OPENED");
}

#[tokio::test]
async fn everybody_who_held_an_account_is_told_to_the_office() {
    let app = TestApp::new().await;
    let (account, [left, stays]) = someone_left(&app).await;
    let query = "query($id: ID!) { account(id: $id) { holders { party { id } from to } } }";
    let reply = app.graphql(query, json!({ "id": account })).as_role(Role::ChiefAccountant).await;
    let days = json!([{ "party": { "id": stays }, "from": "2026-03-10", "to": null },
        { "party": { "id": left }, "from": "2025-01-01", "to": "2026-03-09" }]);
    assert_eq!(reply.at("/account/holders"), &days, "{reply:?}");
    // Who lives there now need not know who did before.
    let now = app.graphql(query, json!({ "id": account })).as_subscriber(domain::kernel::AccountId(1));
    assert_eq!(now.await.codes(), ["FORBIDDEN"]);
}

#[tokio::test]
async fn whoever_is_still_tied_to_the_utility_is_not_erased() {
    let app = TestApp::new().await;
    let (_, [left, stays]) = someone_left(&app).await;
    let item = async |origin: &str, amount: i64| {
        app.sql("DELETE FROM ledger.open_item").await;
        app.sql(&format!(
            "INSERT INTO ledger.open_item (account_id, sector, component, origin, due_on, amount, source, source_id)
             VALUES (1, 'multi', 'charge', '{origin}', '{origin}', {amount}, 'run', 1)"
        ))
        .await;
    };
    assert_eq!(erase(&app, &stays, 1).await.refusals(), ["PERSON_HOLDS_ACCOUNT"]);
    assert_eq!(erase(&app, &gid("Party", 99), 1).await.refusals(), ["NO_SUCH_PERSON"]);
    assert_eq!(erase(&app, &left, 99).await.refusals(), ["NO_SUCH_DOCUMENT"]);
    for (origin, amount, refusals) in [
        ("2025-05-01", 100, vec!["PERSON_OWES"]),
        ("2026-03-01", 100, vec!["PERSON_OWES"]),
        ("2025-05-01", -100, vec!["PERSON_IS_OWED"]),
        ("2026-04-01", 100, vec![]),
    ] {
        item(origin, amount).await;
        let reply = erase(&app, &left, 1).await;
        assert_eq!(reply.refusals(), refusals, "{amount} of {origin}");
    }
    let query = "mutation($i: PersonEraseInput!) { personErase(input: $i) { errors { code } } }";
    let input = json!({ "i": { "id": left, "documentId": gid("Document", 1) } });
    for role in [Role::Administrator, Role::OperatorMulti, Role::Accountant, Role::Auditor] {
        assert_eq!(app.graphql(query, input.clone()).as_role(role).await.codes(), ["FORBIDDEN"], "{role}");
    }
}
