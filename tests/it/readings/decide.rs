//! A doubtful reading waits for a person.

use aiscra_tests::Flat;

use super::*;

const DECIDE: &str = "mutation($id: ID!, $accept: Boolean!) {
    readingDecide(input: { id: $id, accept: $accept }) { reading { verdict reasons { code } } errors { code } } }";

#[tokio::test]
async fn a_person_decides_once() {
    let app = TestApp::new().await;
    app.house(&[Flat::metered(2, 5_000)]).await;
    let reply = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "900.000")).as_role(Role::OperatorMulti).await;
    assert_eq!(said(reply.at("/readingSubmit/reading")), "DOUBTFUL ABOVE_CAPACITY");
    assert_eq!(kept(&app, 1).await, "105000 accepted, 900000 doubtful", "until then it does not count");
    let id = reply.text("/readingSubmit/reading/id");

    let inspector = app.graphql(DECIDE, json!({ "id": id, "accept": true })).as_role(Role::Manager).await;
    assert_eq!(inspector.codes(), ["FORBIDDEN"]);
    let done = app.graphql(DECIDE, json!({ "id": id, "accept": true })).as_role(Role::OperatorMulti).await;
    assert_eq!(done.text("/readingDecide/reading/verdict"), "ACCEPTED");
    assert_eq!(kept(&app, 1).await, "105000 superseded, 900000 accepted");
    let again = app.graphql(DECIDE, json!({ "id": id, "accept": false })).as_role(Role::OperatorMulti).await;
    assert_eq!(again.refusals(), ["READING_NOT_DOUBTFUL"]);
}

#[tokio::test]
async fn an_accepted_reading_ends_the_wait_of_a_doubtful_one() {
    let app = TestApp::new().await;
    app.house(&[Flat::metered(2, 5_000)]).await;
    assert_eq!(desk(&app, 1, "2026-03-22", "900.000").await, "DOUBTFUL ABOVE_CAPACITY");
    assert_eq!(desk(&app, 1, "2026-03-24", "106.000").await, "ACCEPTED");
    assert_eq!(kept(&app, 1).await, "105000 superseded, 900000 superseded, 106000 accepted");
}

#[tokio::test]
async fn in_a_closed_month_a_decision_rests_on_a_document() {
    let app = TestApp::new().await;
    app.house(&[Flat::metered(2, 5_000)]).await;
    let reply = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "900.000")).as_role(Role::OperatorMulti).await;
    let id = reply.text("/readingSubmit/reading/id");
    app.sql("UPDATE ledger.period SET status = 'closed'").await;
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', 'A-1', '2026-04-02', 'test', 'a look at the meter', 'test')",
    )
    .await;
    const ON: &str = "mutation($id: ID!, $document: ID) {
        readingDecide(input: { id: $id, accept: true, documentId: $document }) { reading { verdict } errors { code } } }";
    let paper = |id: i64| json!(Gid(domain::kernel::DocumentId(id)).encode());
    for (document, code) in [(Json::Null, "PERIOD_CLOSED"), (paper(99), "NO_SUCH_DOCUMENT")] {
        let input = json!({ "id": id, "document": document });
        assert_eq!(app.graphql(ON, input).as_role(Role::OperatorMulti).await.refusals(), [code]);
    }
    let input = json!({ "id": id, "document": paper(1) });
    let done = app.graphql(ON, input).as_role(Role::OperatorMulti).await;
    assert_eq!(done.text("/readingDecide/reading/verdict"), "ACCEPTED");
    assert_eq!(kept(&app, 1).await, "105000 superseded, 900000 accepted");
}

const REJECT: &str = "mutation($id: ID!, $why: String) {
    readingDecide(input: { id: $id, accept: false, why: $why }) { reading { verdict decidedWhy decidedBy } errors { code field } } }";

#[tokio::test]
async fn a_rejection_says_why_and_the_subscriber_reads_it() {
    let app = TestApp::new().await;
    let accounts = app.house(&[Flat::metered(2, 5_000)]).await;
    let reply = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "900.000")).as_role(Role::OperatorMulti).await;
    let id = reply.text("/readingSubmit/reading/id").to_owned();
    for silent in [Json::Null, json!("  ")] {
        let reply =
            app.graphql(REJECT, json!({ "id": id, "why": silent })).as_role(Role::OperatorMulti).await;
        assert_eq!(reply.refusals(), ["READING_REASON_MISSING"]);
    }
    let long = "ы".repeat(301);
    let reply = app.graphql(REJECT, json!({ "id": id, "why": long })).as_role(Role::OperatorMulti).await;
    assert_eq!(reply.refusals(), ["READING_REASON_LONG"]);
    let done = app
        .graphql(REJECT, json!({ "id": id, "why": " Цифры переставлены " }))
        .as_role(Role::OperatorMulti)
        .await;
    assert_eq!(done.text("/readingDecide/reading/verdict"), "REJECTED");
    const MINE: &str = "{ me { account { readings(first: 1) { nodes { decidedWhy } } } } }";
    let mine = app.graphql(MINE, json!({})).as_subscriber(accounts[0]).await;
    assert_eq!(mine.text("/me/account/readings/nodes/0/decidedWhy"), "Цифры переставлены");
    const WHO: &str = "{ me { account { readings(first: 1) { nodes { decidedBy } } } } }";
    let who = app.graphql(WHO, json!({})).as_subscriber(accounts[0]).await;
    assert_eq!(who.codes(), ["FORBIDDEN"], "names of staff are not told");
}

const QUEUE: &str = "query($sector: Sector, $reason: Reason, $after: String) {
    waitingReadingCount(sector: $sector, reason: $reason)
    waitingReadings(sector: $sector, reason: $reason, first: 1, after: $after) {
        nodes { value account { number points { waitingReading { value } } } } pageInfo { hasNextPage endCursor } } }";

#[tokio::test]
async fn the_queue_holds_what_waits_the_longest_first_and_only_of_the_scope() {
    let app = TestApp::new().await;
    app.house(&[Flat::metered(2, 5_000), Flat::metered(1, 1_000)]).await;
    assert_eq!(desk(&app, 1, "2026-03-23", "900.000").await, "DOUBTFUL ABOVE_CAPACITY");
    assert_eq!(desk(&app, 2, "2026-03-24", "800.000").await, "DOUBTFUL ABOVE_CAPACITY");
    let ask = async |role: Role, variables: Json| app.graphql(QUEUE, variables).as_role(role).await;
    let first = ask(Role::OperatorMulti, json!({})).await;
    assert_eq!(first.at("/waitingReadingCount"), &json!(2));
    assert_eq!(first.text("/waitingReadings/nodes/0/value"), "900.000");
    assert_eq!(first.text("/waitingReadings/nodes/0/account/points/0/waitingReading/value"), "900.000");
    assert_eq!(first.at("/waitingReadings/pageInfo/hasNextPage"), &json!(true));
    let next =
        ask(Role::OperatorMulti, json!({ "after": first.text("/waitingReadings/pageInfo/endCursor") })).await;
    assert_eq!(next.text("/waitingReadings/nodes/0/value"), "800.000");
    assert_eq!(next.at("/waitingReadings/pageInfo/hasNextPage"), &json!(false));

    let none = |reply: aiscra_tests::Reply| {
        (reply.at("/waitingReadingCount").clone(), reply.at("/waitingReadings/nodes").clone())
    };
    let empty = (json!(0), json!([]));
    assert_eq!(none(ask(Role::OperatorPrivate, json!({})).await), empty, "another sector's");
    assert_eq!(none(ask(Role::Auditor, json!({ "sector": "LEGAL" })).await), empty);
    assert_eq!(none(ask(Role::Auditor, json!({ "reason": "UNUSUAL_JUMP" })).await), empty);
    assert_eq!(ask(Role::Cashier, json!({})).await.codes(), ["FORBIDDEN"; 2]);

    // Decided, it waits no more; nor does one that was replaced.
    assert_eq!(desk(&app, 1, "2026-03-24", "106.000").await, "ACCEPTED");
    assert_eq!(ask(Role::Auditor, json!({})).await.at("/waitingReadingCount"), &json!(1));
}
