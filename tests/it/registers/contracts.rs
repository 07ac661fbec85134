use aiscra_tests::TestApp;
use domain::access::Role;
use serde_json::{Value as Json, json};

use super::{act, city, gid, opened, opening};

const READ: &str = "contract { id number from to version party { name } account { number } }";

fn signing(id: &str, number: &str, from: &str) -> Json {
    json!({ "number": number, "kind": "PUBLIC", "accountId": id, "signedOn": from, "from": from })
}

#[tokio::test]
async fn a_contract_ends_and_its_past_stays() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    let signed = act(&app, "contractSign", signing(&id, "Д-1", "2025-01-01"), READ).await;
    let contract = signed.text("/contractSign/contract/id").to_owned();
    assert_eq!(signed.at("/contractSign/contract/account/number"), "1001");

    let overlap = act(&app, "contractSign", signing(&id, "Д-2", "2026-01-01"), READ).await;
    assert_eq!(overlap.refusals(), ["CONTRACT_OVERLAPS"]);

    let end = |version: i32| json!({ "id": contract, "expectedVersion": version, "on": "2025-12-31" });
    let ended = act(&app, "contractTerminate", end(1), READ).await;
    assert_eq!(ended.at("/contractTerminate/contract/id"), contract.as_str(), "the id stays");
    assert_eq!(ended.at("/contractTerminate/contract/to"), "2025-12-31");
    assert_eq!(act(&app, "contractTerminate", end(1), READ).await.refusals(), ["CONFLICT"]);
    let later = json!({ "id": contract, "expectedVersion": 2, "on": "2026-01-31" });
    assert_eq!(act(&app, "contractTerminate", later, READ).await.refusals(), ["CONTRACT_ENDED"]);

    let past = "SELECT count(*) FROM contracts.contract WHERE upper_inf(valid) AND NOT upper_inf(recorded)";
    assert_eq!(app.scalar::<i64>(past).await, Some(1), "what was known before");
    act(&app, "contractSign", signing(&id, "Д-2", "2026-01-01"), READ).await.ok();
    let taken = act(&app, "contractSign", signing(&id, "Д-1", "2025-12-31"), READ).await;
    assert_ne!(taken.refusals(), Vec::<&str>::new());

    let of_account = "query($id: ID!) { account(id: $id) { contracts { number from to } } }";
    let reply = app.graphql(of_account, json!({ "id": id })).as_role(Role::OperatorMulti).await;
    let all = json!([{ "number": "Д-2", "from": "2026-01-01", "to": null },
        { "number": "Д-1", "from": "2025-01-01", "to": "2025-12-31" }]);
    assert_eq!(reply.at("/account/contracts"), &all, "also those that are over");
    let reply = app.graphql(of_account, json!({ "id": id })).as_role(Role::Cashier).await;
    assert_eq!(reply.codes(), ["FORBIDDEN"]);

    let list = "{ contracts(search: \"д-\") { nodes { number } } }";
    let reply = app.graphql(list, json!({})).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.at("/contracts/nodes"), &json!([{ "number": "Д-2" }, { "number": "Д-1" }]), "each once");
    let reply = app.graphql(list, json!({})).as_role(Role::OperatorLegal).await;
    assert_eq!(reply.at("/contracts/nodes"), &json!([]));
}

#[tokio::test]
async fn numbers_of_contracts_are_unique_and_the_other_side_must_be_there() {
    let app = TestApp::new().await;
    city(&app).await;
    let one = opened(&app, opening("1001", "MULTI", 1)).await;
    let two = opened(&app, opening("1002", "MULTI", 2)).await;
    act(&app, "contractSign", signing(&one, "Д-1", "2025-01-01"), READ).await.ok();
    let reply = act(&app, "contractSign", signing(&two, "Д-1", "2025-01-01"), READ).await;
    assert_eq!(reply.refusals(), ["CONTRACT_NUMBER_TAKEN"]);
    let reply = act(&app, "contractSign", signing(&two, "Д-2", "2024-12-31"), READ).await;
    assert_eq!(reply.refusals(), ["NO_HOLDER"]);
}

#[tokio::test]
async fn an_agreed_volume_is_a_dated_fact_of_its_contract() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1001", "MULTI", 1)).await;
    opened(&app, opening("1002", "MULTI", 2)).await;
    let sign = act(&app, "contractSign", signing(&id, "Д-1", "2025-01-01"), READ).await;
    let contract = sign.text("/contractSign/contract/id").to_owned();
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', '5', '2026-03-01', 'ЦРА', 'объём', 'test')",
    )
    .await;
    let read = "contract { volumes { pointId volume from to source } }";
    let agree = |change: Json| {
        let mut input = json!({ "contractId": contract, "pointId": gid("Point", 1), "volume": "12.5", "from": "2026-03-01",
            "source": "приложение 1", "documentId": gid("Document", 1) });
        input.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        input
    };
    let volumes = async |change: Json| {
        let reply = act(&app, "volumeAgree", agree(change), read).await;
        assert_eq!(reply.refusals(), [""; 0]);
        let rows = reply.at("/volumeAgree/contract/volumes").as_array().unwrap().clone();
        let said = |row: &Json, name: &str| row[name].as_str().unwrap_or("…").to_owned();
        let line =
            |row: &Json| format!("{}: {} – {}", said(row, "volume"), said(row, "from"), said(row, "to"));
        rows.iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(volumes(json!({})).await, ["12.500: 2026-03-01 – …"]);
    assert_eq!(
        volumes(json!({ "volume": "20", "from": "2026-05-01", "to": "2026-05-31" })).await,
        ["12.500: 2026-06-01 – …", "20.000: 2026-05-01 – 2026-05-31", "12.500: 2026-03-01 – 2026-04-30"]
    );
    assert_eq!(
        volumes(json!({ "volume": null, "from": "2026-06-01" })).await,
        ["20.000: 2026-05-01 – 2026-05-31", "12.500: 2026-03-01 – 2026-04-30"]
    );
    for (change, code) in [
        (json!({ "pointId": gid("Point", 2) }), "POINT_ELSEWHERE"),
        (json!({ "from": "2024-12-31" }), "OUTSIDE_CONTRACT"),
        (json!({ "to": "2026-02-01" }), "DATES_WRONG"),
        (json!({ "from": "2026-04-10" }), "VOLUME_OF_WHOLE_MONTHS"),
        (json!({ "to": "2026-04-10" }), "VOLUME_OF_WHOLE_MONTHS"),
        (json!({ "source": " " }), "SOURCE_MISSING"),
        (json!({ "documentId": gid("Document", 9) }), "NO_SUCH_DOCUMENT"),
        (json!({ "contractId": gid("Contract", 9) }), "NO_SUCH_CONTRACT"),
    ] {
        let reply = act(&app, "volumeAgree", agree(change.clone()), read).await;
        assert_eq!(reply.refusals(), [code], "{change}");
    }
    let papers = "query($id: ID!) { account(id: $id) { contracts { volumes { documentId } } } }";
    let reply = app.graphql(papers, json!({ "id": id })).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.at("/account/contracts/0/volumes/0/documentId"), gid("Document", 1).as_str());
    let known = "SELECT count(*) FROM contracts.point_volume WHERE NOT upper_inf(recorded)";
    assert_eq!(app.scalar::<i64>(known).await, Some(2), "what was known before stays readable");
}

#[tokio::test]
async fn limits_of_two_contracts_of_a_year_are_told_apart() {
    let app = TestApp::new().await;
    city(&app).await;
    let id = opened(&app, opening("1003", "LEGAL", 10)).await;
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('contract', '6', '2026-03-01', 'ЦРА', 'лимит', 'test')",
    )
    .await;
    let act = async |name: &str, kind: &str, input: Json, read: &str| {
        let query = format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ {read} errors {{ code }} }} }}");
        let reply = app.graphql(&query, json!({ "i": input })).as_role(Role::OperatorLegal).await;
        assert_eq!(reply.refusals(), [""; 0], "{name}: {reply:?}");
        reply
    };
    let mut contracts = Vec::new();
    for (number, from, to, monthly) in
        [("Л-1", "2026-01-01", Json::from("2026-03-31"), "10"), ("Л-2", "2026-04-01", Json::Null, "20")]
    {
        let mut input = signing(&id, number, from);
        input["kind"] = "INDIVIDUAL".into();
        input["to"] = to;
        let signed = act("contractSign", "ContractSignInput", input, "contract { id }").await;
        let contract = signed.text("/contractSign/contract/id").to_owned();
        let limit = json!({ "contractId": contract, "service": "WATER", "monthly": monthly, "from": &from[..7],
            "source": "приложение 1", "documentId": gid("Document", 1) });
        act("limitSet", "LimitSetInput", limit, "contract { id }").await;
        contracts.push(contract);
    }
    let query = "query($id: ID!) { account(id: $id) { limitUse(year: 2026) { contractId monthly used } } }";
    let reply = app.graphql(query, json!({ "id": id })).as_role(Role::OperatorLegal).await;
    let used = json!([{ "contractId": contracts[0], "monthly": "10.000", "used": "0.000" },
        { "contractId": contracts[1], "monthly": "20.000", "used": "0.000" }]);
    assert_eq!(reply.at("/account/limitUse"), &used, "{reply:?}");
}
