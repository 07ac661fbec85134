//! What two people decide, who may and who sees it.

use aiscra_tests::{TestApp, actor_of};
use api::imbalance::ops::Purpose;
use api::platform::graphql::Gid;
use domain::access::{Actor, Role, Scope};
use domain::kernel::*;
use serde_json::{Value as Json, json};

use super::{DOCUMENT, city, look, reckon, shares};

const PROPOSE: &str = "mutation($b: ID!, $d: ID!, $k: DecisionKind!, $m: ImbalanceMethod) {
    imbalancePropose(input: { buildingId: $b, period: \"2026-03\", kind: $k, method: $m, reason: \"Протокол дома\", documentId: $d }) {
        decision { id state proposedBy } errors { code field } } }";
const CONFIRM: &str =
    "mutation($id: ID!) { imbalanceConfirm(input: { id: $id }) { decision { state } errors { code } } }";
const DECLINE: &str =
    "mutation($id: ID!, $why: String) { imbalanceDecline(input: { id: $id, reason: $why }) {
    decision { state } errors { code } } }";

fn wish(kind: &str, method: Option<&str>) -> Json {
    json!({ "b": Gid(BuildingId(1)).encode(), "d": Gid(DocumentId(DOCUMENT)).encode(), "k": kind, "m": method })
}

async fn state(city: &TestApp) -> Option<String> {
    city.scalar("SELECT state || ' ' || coalesce(reason, '-') FROM imbalance.house ORDER BY reckoning_id DESC LIMIT 1").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_above_the_threshold_waits_until_two_people_decide() {
    let city = city(Some(60_000)).await;
    look(&city).await;
    assert_eq!(state(&city).await.as_deref(), Some("held above_threshold"));

    let asked = city.graphql(PROPOSE, wish("DISTRIBUTE", None)).as_role(Role::ChiefAccountant).await;
    assert_eq!(asked.refusals(), ["IMBALANCE_METHOD_WRONG"]);
    let asked = city.graphql(PROPOSE, wish("DISTRIBUTE", Some("EQUAL"))).as_role(Role::ChiefAccountant).await;
    let id = asked.text("/imbalancePropose/decision/id").to_owned();
    let again = city.graphql(PROPOSE, wish("DISTRIBUTE", Some("EQUAL"))).as_role(Role::ChiefAccountant).await;
    assert_eq!(again.text("/imbalancePropose/decision/id"), id, "the same wish again is the one that waits");
    let other = city.graphql(PROPOSE, wish("ZERO", None)).as_role(Role::Accountant).await;
    assert_eq!(other.refusals(), ["IMBALANCE_WAITS"]);

    let own = city.graphql(CONFIRM, json!({ "id": id })).as_role(Role::ChiefAccountant).await;
    assert_eq!(own.refusals(), ["SAME_PERSON"]);
    look(&city).await;
    assert_eq!(state(&city).await.as_deref(), Some("held above_threshold"), "one person decides nothing");

    let mut second = actor_of(Role::ChiefAccountant);
    second.label = "test.second".to_owned();
    for _ in 0..2 {
        let done = city.graphql(CONFIRM, json!({ "id": id })).as_actor(second.clone()).await;
        assert_eq!(done.text("/imbalanceConfirm/decision/state"), "CONFIRMED");
    }
    let made = reckon(&city, Purpose::Scenario(5)).await;
    assert_eq!(state(&city).await.as_deref(), Some("distributed decided"));
    assert_eq!(shares(&city, &made).await, [(1, 12_000), (2, 12_000), (3, 12_000)]);
    let trail = "SELECT count(*) FROM platform.audit_entry WHERE entity = 'imbalance_decision'";
    assert_eq!(city.scalar::<i64>(trail).await, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_is_taken_back_or_declined_with_a_reason() {
    let city = city(Some(60_000)).await;
    for (who, why, expected) in [
        (Role::Accountant, None, Ok("WITHDRAWN")),
        (Role::ChiefAccountant, None, Err("EMPTY")),
        (Role::ChiefAccountant, Some("нет протокола"), Ok("DECLINED")),
    ] {
        let asked = city.graphql(PROPOSE, wish("ZERO", None)).as_role(Role::Accountant).await;
        let id = asked.text("/imbalancePropose/decision/id").to_owned();
        let done = city.graphql(DECLINE, json!({ "id": id, "why": why })).as_role(who).await;
        match expected {
            Ok(state) => assert_eq!(done.text("/imbalanceDecline/decision/state"), state),
            Err(code) => assert_eq!(done.refusals(), [code]),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_decided_about_a_month_that_is_run() {
    let city = city(Some(25_000)).await;
    let asked = city.graphql(PROPOSE, wish("CARRY", None)).as_role(Role::Accountant).await;
    let id = asked.text("/imbalancePropose/decision/id").to_owned();
    api::billing::ops::run_now(&city.app, aiscra_tests::march(), Sector::Multi, None).await.unwrap().unwrap();
    let late = city.graphql(CONFIRM, json!({ "id": id })).as_role(Role::ChiefAccountant).await;
    assert_eq!(late.refusals(), ["IMBALANCE_MONTH_RUN"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_and_districts() {
    let city = city(Some(25_000)).await;
    let asked = city
        .graphql(
            "mutation { imbalanceLook(input: { period: \"2026-03\" }) { job { kind } errors { code } } }",
            json!({}),
        )
        .as_role(Role::Accountant)
        .await;
    assert_eq!(asked.text("/imbalanceLook/job/kind"), "imbalance.look");
    city.run_jobs().await;

    const LIST: &str = "{ imbalanceReckoning(period: \"2026-03\") { ofRun sums { state houses } }
        imbalanceHouses(period: \"2026-03\", search: \"абая 10\") { nodes { state total percent building { address } } } }";
    let seen = async |actor: Actor| {
        let reply = city.graphql(LIST, json!({})).as_actor(actor).await;
        reply.ok()["imbalanceHouses"]["nodes"].as_array().unwrap().len()
    };
    let reply = city.graphql(LIST, json!({})).as_role(Role::Auditor).await;
    assert_eq!(reply.text("/imbalanceHouses/nodes/0/total"), "1.000");
    assert_eq!(reply.text("/imbalanceHouses/nodes/0/percent"), "4.00");
    assert_eq!(reply.at("/imbalanceReckoning/sums/0/houses"), 1);
    assert_eq!(seen(actor_of(Role::OperatorMulti)).await, 1);
    assert_eq!(seen(actor_of(Role::OperatorLegal)).await, 0, "flats are not theirs");
    let mut elsewhere = actor_of(Role::OperatorMulti);
    elsewhere.scope = Scope::Part { sectors: [Sector::Multi].into(), districts: [DistrictId(2)].into() };
    assert_eq!(seen(elsewhere.clone()).await, 0);
    elsewhere.permissions = actor_of(Role::ChiefAccountant).permissions;
    let far = city.graphql(PROPOSE, wish("HOLD", None)).as_actor(elsewhere).await;
    assert_eq!(far.refusals(), ["NOT_FOUND"]);

    for role in [Role::Auditor, Role::OperatorMulti, Role::Cashier] {
        let denied = city.graphql(PROPOSE, wish("HOLD", None)).as_role(role).await;
        assert_eq!(denied.codes(), ["FORBIDDEN"], "{role}");
    }
    let denied = city.graphql(CONFIRM, json!({ "id": "x" })).as_role(Role::Accountant).await;
    assert!(!denied.codes().is_empty());
}
