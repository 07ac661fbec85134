//! Months, runs and the trial balance of a sector do not exist for those who do not see it, whatever they may do in their own.

use aiscra_tests::{Flat, TestApp, actor_of, march};
use api::billing::ops as billing;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use serde_json::json;

fn chief_of(sector: Sector) -> Actor {
    let scope = Scope::Part { sectors: [sector].into(), districts: Default::default() };
    Actor { scope, ..actor_of(Role::ChiefAccountant) }
}

#[tokio::test]
async fn another_sectors_month_is_neither_seen_nor_touched() {
    let city = TestApp::new().await;
    city.house(&[Flat::unmetered(3)]).await;
    city.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '1', '2026-03-01', 'АУПК', 'вскрытие', 'test')",
    )
    .await;
    let (own, other) = (chief_of(Sector::Multi), chief_of(Sector::Private));
    let run = billing::run_now(&city.app, march(), Sector::Multi, Some(1)).await.unwrap().unwrap();
    let (run, document) = (Gid(run.run_id()).encode(), Gid(DocumentId(1)).encode());

    let month = json!({ "period": "2026-03", "sector": "MULTI" });
    let with = |more: serde_json::Value| {
        let mut whole = month.clone();
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        whole
    };
    let reason = json!({ "reason": "ошибка", "documentId": document });
    let acts = [
        ("runStart", "RunStartInput", with(json!({ "idempotencyKey": "start-1234" })), "NO_SUCH_PERIOD"),
        (
            "runReverse",
            "RunReverseInput",
            json!({ "id": run, "idempotencyKey": "reverse-1234" }),
            "NOT_FOUND",
        ),
        ("runIssue", "RunIssueInput", json!({ "id": run, "idempotencyKey": "issue-1234" }), "NOT_FOUND"),
        ("periodOpen", "PeriodInput", with(json!({ "period": "2026-04" })), "NO_SUCH_PERIOD"),
        ("periodSoftClose", "PeriodInput", month.clone(), "NO_SUCH_PERIOD"),
        ("periodReopen", "PeriodInput", month.clone(), "NO_SUCH_PERIOD"),
        ("periodClose", "PeriodInput", month.clone(), "NO_SUCH_PERIOD"),
        ("periodReopeningRequest", "ReopeningRequestInput", with(reason), "NO_SUCH_PERIOD"),
        ("periodReopeningDecide", "ReopeningDecideInput", with(json!({ "confirm": true })), "NO_SUCH_PERIOD"),
        ("periodFile", "PeriodFileInput", with(json!({ "documentId": document })), "NO_SUCH_PERIOD"),
    ];
    for (name, kind, input, refusal) in acts {
        let text = format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ errors {{ code }} }} }}");
        let denied = city.graphql(&text, json!({ "i": input })).as_actor(other.clone()).await;
        assert_eq!(denied.refusals(), [refusal], "{name}");
    }
    let states = city
        .texts(
            "SELECT state FROM billing.run UNION ALL SELECT status FROM ledger.period WHERE sector = 'multi'",
        )
        .await;
    assert_eq!(states, ["posted", "open"]);

    let look = "query($id: ID!) { run(id: $id) { id } runs { nodes { id } }
        all: trialBalance(period: \"2026-03\") { rows { sector } } one: trialBalance(period: \"2026-03\", sector: MULTI) { rows { sector } } }";
    for (who, sees) in [(&own, true), (&other, false)] {
        let seen = city.graphql(look, json!({ "id": run })).as_actor(who.clone()).await;
        assert_eq!(seen.at("/run").is_object(), sees, "{who:?}");
        for rows in ["/runs/nodes", "/all/rows", "/one/rows"] {
            assert_eq!(!seen.at(rows).as_array().unwrap().is_empty(), sees, "{rows} of {who:?}");
        }
    }
    let issue = "mutation($id: ID!) { runIssue(input: { id: $id, idempotencyKey: \"issue-own-1234\" }) { run { state } errors { code } } }";
    let issued = city.graphql(issue, json!({ "id": run })).as_actor(own).await;
    assert_eq!(issued.at("/runIssue/run/state"), "ISSUED");
}
