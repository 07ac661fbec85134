//! What the stories have in common: the office at work through the graph, and the registers that a story begins with.

use aiscra_tests::{Reply, TestApp};
use api::platform::graphql::id::encode;
use domain::access::Role;
use domain::kernel::{AccountId, Sector};
use serde_json::{Value as Json, json};

pub fn on(city: &TestApp, day: &str) {
    city.app.clock.set_today(Some(day.parse().expect("a day")));
}

/// A registered paper; its node id.
pub async fn paper(city: &TestApp, number: &str, issued_on: &str) -> String {
    let done = city
        .graphql(
            "mutation($input: DocumentRegisterInput!) { documentRegister(input: $input) { document { id } errors { code } } }",
            json!({ "input": { "kind": "ACT", "number": number, "issuedOn": issued_on, "issuer": "ЦРА", "subject": number } }),
        )
        .as_role(Role::OperatorMulti)
        .await;
    done.text("/documentRegister/document/id").to_owned()
}

/// An act of the office by its input; it must be done.
pub async fn act(city: &TestApp, role: Role, name: &str, input: Json, read: &str) -> Reply {
    let reply = tried(city, role, name, input, read).await;
    assert_eq!(reply.refusals(), [""; 0], "{name}: {:#}", reply.data);
    reply
}

pub async fn tried(city: &TestApp, role: Role, name: &str, input: Json, read: &str) -> Reply {
    let kind = match name {
        "periodClose" => "PeriodInput".to_owned(),
        "correctionStage" => "CorrectionInput".to_owned(),
        _ => name[..1].to_uppercase() + &name[1..] + "Input",
    };
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ {read} errors {{ code field message }} }} }}"
    );
    let reply = city.graphql(&query, json!({ "input": input })).as_role(role).await;
    assert_eq!(reply.errors, [] as [Json; 0], "{name}: {reply:?}");
    reply
}

/// Runs a month of a sector and issues it.
pub async fn bill_month(city: &TestApp, month: &str, sector: Sector) {
    let sector = sector.code().to_uppercase();
    let start = json!({ "period": month, "sector": sector, "idempotencyKey": format!("s-{month}-{sector}") });
    let run = act(city, Role::ChiefAccountant, "runStart", start, "run { id }").await;
    city.run_jobs().await;
    let issue =
        json!({ "id": run.text("/runStart/run/id"), "idempotencyKey": format!("i-{month}-{sector}") });
    let done = act(city, Role::ChiefAccountant, "runIssue", issue, "run { failures }").await;
    assert_eq!(done.at("/runIssue/run/failures"), &json!(0));
}

pub async fn close_month(city: &TestApp, month: &str, sector: Sector) {
    let input = json!({ "period": month, "sector": sector.code().to_uppercase() });
    let done = act(city, Role::ChiefAccountant, "periodClose", input, "period { status }").await;
    assert_eq!(done.text("/periodClose/period/status"), "CLOSED");
}

/// The newest bill of an account as the office sees it: "service basis from to m3 × coefficient = sum", line by line; it has explained
/// itself to the tiyn.
pub async fn lines(city: &TestApp, account: i64) -> Vec<String> {
    let reply = city
        .graphql(
            "query($id: ID!) { node(id: $id) { ... on Account { bills(first: 1) { nodes {
                 lines { service basis from to volume coefficient gross } explanation { equal } } } } } }",
            json!({ "id": encode("Account", account) }),
        )
        .as_role(Role::ChiefAccountant)
        .await;
    assert_eq!(reply.errors, [] as [Json; 0], "{reply:?}");
    let bill = reply.at("/node/bills/nodes/0");
    assert_eq!(bill["explanation"]["equal"], true, "{bill:#}");
    let line = |line: &Json| {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_lowercase();
        let short = |name: &str| text(name)[5..].to_owned();
        let times =
            if text("coefficient") == "1" { String::new() } else { format!(" x{}", text("coefficient")) };
        format!(
            "{} {} {}..{} {}{times} = {}",
            text("service"),
            text("basis"),
            short("from"),
            short("to"),
            text("volume"),
            text("gross")
        )
    };
    bill["lines"].as_array().expect("lines").iter().map(line).collect()
}

/// What a resident hands in of a meter whose verification is over: it waits until somebody has looked at it.
pub async fn hand_in_late(city: &TestApp, account: i64, value: &str) {
    let reply = city
        .graphql(
            "mutation($p: ID!, $v: Volume!) { readingSubmit(input: { pointId: $p, value: $v }) {
                reading { id verdict reasons { code } } errors { code } } }",
            json!({ "p": encode("Point", account), "v": value }),
        )
        .as_subscriber(AccountId(account))
        .await;
    assert_eq!(
        reply.text("/readingSubmit/reading/reasons/0/code"),
        "VERIFICATION_EXPIRED",
        "{:#}",
        reply.data
    );
    let input = json!({ "id": reply.text("/readingSubmit/reading/id"), "accept": true });
    let done = act(city, Role::OperatorMulti, "readingDecide", input, "reading { verdict }").await;
    assert_eq!(done.text("/readingDecide/reading/verdict"), "ACCEPTED");
}

/// What a resident hands in from the phone; it must be accepted.
pub async fn hand_in(city: &TestApp, account: i64, value: &str) {
    let reply = city
        .graphql(
            "mutation($p: ID!, $v: Volume!) { readingSubmit(input: { pointId: $p, value: $v }) {
                reading { verdict reasons { code } } errors { code } } }",
            json!({ "p": encode("Point", account), "v": value }),
        )
        .as_subscriber(AccountId(account))
        .await;
    assert_eq!(reply.text("/readingSubmit/reading/verdict"), "ACCEPTED", "{:#}", reply.data);
}
