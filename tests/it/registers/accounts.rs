use aiscra_tests::TestApp;
use domain::access::Role;
use serde_json::json;

use super::{act, city, gid, open, opened, opening};

#[tokio::test]
async fn an_opened_account_shows_all_that_was_said() {
    let app = TestApp::new().await;
    city(&app).await;
    let mut input = opening("7496", "MULTI", 1);
    input["holder"]["identification"] = "900101 300811".into();
    input["holder"]["phone"] = "8 (701) 234-56-78".into();
    let id = opened(&app, input).await;

    let query = "query($id: ID!) { account(id: $id) {
        number sector consumerGroup status openedOn version address district { code } premise { number }
        holder { name kind identification phone email }
        residents { residents source from to recordedBy } points { id hot water sewerage amenity meter { serial } }
        contract { number } residencies { nodes { residents } } } }";
    let reply = app.graphql(query, json!({ "id": id })).as_role(Role::OperatorMulti).await;
    let account = reply.at("/account");
    assert_eq!(account["number"], "7496");
    assert_eq!(account["address"], "проспект Абая, 10, 1");
    assert_eq!(account["district"]["code"], "almaly");
    assert_eq!(account["holder"]["identification"], "900101300811", "blanks are dropped");
    assert_eq!(account["holder"]["phone"], "+77012345678");
    assert_eq!(account["holder"]["email"], serde_json::Value::Null);
    assert_eq!(account["residents"]["residents"], 3);
    assert_eq!(account["residents"]["source"], "egov");
    assert_eq!(account["points"].as_array().unwrap().len(), 2);
    assert_eq!(account["points"][1]["hot"], true);
    assert_eq!(account["contract"], serde_json::Value::Null);

    let looks =
        "SELECT count(*) FROM platform.audit_entry WHERE entity = 'party' AND action = 'personal_data_seen'";
    assert_eq!(
        app.scalar::<i64>(looks).await,
        Some(1),
        "one row for the request and the person, though two fields were seen"
    );
    let reply = app.graphql(query, json!({ "id": id })).as_role(Role::Cashier).await;
    assert_eq!(reply.codes(), ["FORBIDDEN"; 3], "an error for each denied field, never a silent null");
    assert_eq!(app.scalar::<i64>(looks).await, Some(1));
}

#[tokio::test]
async fn what_is_wrong_with_an_opening_is_said_in_words() {
    let app = TestApp::new().await;
    city(&app).await;
    opened(&app, opening("1001", "MULTI", 1)).await;

    type Change = fn(&mut serde_json::Value);
    let cases: [(&str, &str, Change); 14] = [
        ("ACCOUNT_NUMBER_TAKEN", "number", |i| i["number"] = "1001".into()),
        ("NUMBER_WRONG", "number", |i| i["number"] = "10 01".into()),
        ("POINT_TAKEN", "pointIds", |i| i["premiseId"] = gid("Premise", 1).into()),
        ("POINT_ELSEWHERE", "pointIds", |i| i["pointIds"] = json!([gid("Point", 3)])),
        ("NO_SUCH_PREMISE", "premiseId", |i| i["premiseId"] = gid("Premise", 999).into()),
        ("IDENTIFICATION_SHAPE", "identification", |i| i["holder"]["identification"] = "12345".into()),
        ("IDENTIFICATION_CONTROL_DIGIT", "identification", |i| {
            i["holder"]["identification"] = "900101300812".into();
        }),
        ("IDENTIFICATION_NEVER_ISSUED", "identification", |i| {
            i["holder"]["identification"] = "900101300801".into();
        }),
        ("IDENTIFICATION_KIND", "identification", |i| i["holder"]["identification"] = "971240001315".into()),
        ("PHONE_WRONG", "phone", |i| i["holder"]["phone"] = "12".into()),
        ("EMAIL_WRONG", "email", |i| i["holder"]["email"] = "nobody".into()),
        ("NAME_WRONG", "name", |i| i["holder"]["name"] = "  ".into()),
        ("RESIDENTS_WRONG", "residents", |i| i["residents"] = 100.into()),
        ("DAY_AHEAD", "openedOn", |i| i["openedOn"] = "2026-03-27".into()),
    ];
    for (code, field, change) in cases {
        let mut input = opening("1002", "MULTI", 2);
        change(&mut input);
        let reply = open(&app, input).await;
        assert_eq!(reply.refusals(), [code]);
        assert_eq!(reply.text("/accountOpen/errors/0/field"), field, "{code}");
        assert_ne!(reply.text("/accountOpen/errors/0/message"), code, "{code} has no words");
    }
    let mut input = opening("1002", "PRIVATE", 9);
    input["consumerGroup"] = "OTHER".into();
    assert_eq!(open(&app, input).await.refusals(), ["GROUP_OF_SECTOR"]);
    assert_eq!(
        app.scalar::<i64>("SELECT count(*) FROM subscribers.account").await,
        Some(1),
        "nothing else was written"
    );
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM subscribers.party").await, Some(1));
}

#[tokio::test]
async fn an_operator_opens_accounts_of_his_own_sector_only() {
    let app = TestApp::new().await;
    city(&app).await;
    let reply = app
        .graphql(super::OPEN, json!({ "input": opening("1001", "MULTI", 1) }))
        .as_role(Role::OperatorLegal)
        .await;
    assert_eq!(reply.refusals(), ["OUT_OF_SCOPE"]);
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM subscribers.account").await, Some(0));
}

#[tokio::test]
async fn who_comes_second_is_told() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("2001", "LEGAL", 10)).await;
    let query = "mutation($input: AccountUpdateInput!) { accountUpdate(input: $input) {
        account { version consumerGroup } errors { code } } }";
    let mut input = json!({ "id": id, "expectedVersion": 1, "consumerGroup": "BUDGET" });
    let bare = app.graphql(query, json!({ "input": input })).as_role(Role::OperatorLegal).await;
    assert_eq!(bare.refusals(), ["GROUP_WANTS_DOCUMENT"], "what decides money wants a document");
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', 'Г-1', '2026-03-05', 'test', 'Группа', 'test')",
    )
    .await;
    input["documentId"] = super::gid("Document", 1).into();
    let first = app.graphql(query, json!({ "input": input })).as_role(Role::OperatorLegal).await;
    assert_eq!(first.at("/accountUpdate/account"), &json!({ "version": 2, "consumerGroup": "BUDGET" }));
    let second = app.graphql(query, json!({ "input": input })).as_role(Role::OperatorLegal).await;
    assert_eq!(second.refusals(), ["CONFLICT"]);

    let trail =
        "SELECT before->>'consumer_group' || ' -> ' || (after->>'consumer_group') FROM platform.audit_entry
                 WHERE entity = 'account' AND action = 'changed'";
    assert_eq!(app.scalar::<String>(trail).await.as_deref(), Some("other -> budget"));
    let facts = "SELECT string_agg(name, ' ' ORDER BY id) FROM platform.outbox";
    assert_eq!(
        app.scalar::<String>(facts).await.as_deref(),
        Some("subscribers.account_opened subscribers.account_changed"),
        "a refused act tells nobody anything"
    );
}

#[tokio::test]
async fn a_person_known_by_number_is_one_person() {
    let app = TestApp::new().await;
    city(&app).await;
    for (number, premise) in [("1001", 1), ("1002", 2)] {
        let mut input = opening(number, "MULTI", premise);
        input["holder"]["identification"] = "900101300811".into();
        input["holder"]["phone"] = format!("701000000{premise}").into();
        opened(&app, input).await;
    }
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM subscribers.party").await, Some(1));
    let plain =
        "SELECT count(*) FROM subscribers.party WHERE encode(identification, 'escape') LIKE '%900101300811%'";
    assert_eq!(app.scalar::<i64>(plain).await, Some(0), "sealed at rest");
    let trail = "SELECT count(*) FROM platform.audit_entry WHERE concat(before, after) LIKE '%900101300811%'";
    assert_eq!(app.scalar::<i64>(trail).await, Some(0), "and absent from the trail");
}

#[tokio::test]
async fn a_document_that_is_not_registered_carries_nothing() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let input = json!({ "accountId": id, "residents": 4, "from": "2026-03-01", "source": "DOCUMENT",
        "documentId": gid("Document", 77) });
    let reply = act(&app, "residentsRecord", input, "residency { id }").await;
    assert_eq!(reply.refusals(), ["NO_SUCH_DOCUMENT"]);
}
