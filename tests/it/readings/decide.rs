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
