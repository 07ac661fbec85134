//! A reading is taken back until the cut-off of its month.

use aiscra_tests::Flat;
use chrono::NaiveDate;

use super::*;

const WITHDRAW: &str =
    "mutation($id: ID!) { readingWithdraw(input: { id: $id }) { reading { verdict } errors { code } } }";

#[tokio::test]
async fn what_it_had_replaced_counts_again() {
    let app = TestApp::new().await;
    app.app.clock.set_today(NaiveDate::from_ymd_opt(2026, 3, 24));
    app.house(&[Flat::metered(2, 5_000)]).await;
    let reply = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "106.000")).as_role(Role::OperatorMulti).await;
    let id = json!({ "id": reply.text("/readingSubmit/reading/id") });
    assert_eq!(kept(&app, 1).await, "105000 superseded, 106000 accepted");
    let gone = app.graphql(WITHDRAW, id.clone()).as_role(Role::OperatorMulti).await;
    assert_eq!(gone.text("/readingWithdraw/reading/verdict"), "WITHDRAWN");
    assert_eq!(kept(&app, 1).await, "105000 accepted, 106000 withdrawn");
    let again = app.graphql(WITHDRAW, id).as_role(Role::OperatorMulti).await;
    assert_eq!(again.refusals(), ["READING_NOT_STANDING"]);
}

#[tokio::test]
async fn a_subscriber_takes_back_only_what_he_sent_and_only_in_time() {
    let app = TestApp::new().await;
    app.app.clock.set_today(NaiveDate::from_ymd_opt(2026, 3, 24));
    let accounts = app.house(&[Flat::metered(2, 5_000), Flat::metered(1, 1_000)]).await;
    let desk = app.graphql(SUBMIT, at_desk(1, "2026-03-22", "106.000")).as_role(Role::OperatorMulti).await;
    let id = |reply: &aiscra_tests::Reply| json!({ "id": reply.text("/readingSubmit/reading/id") });
    let refused = app.graphql(WITHDRAW, id(&desk)).as_subscriber(accounts[0]).await;
    assert_eq!(refused.refusals(), ["READING_NOT_YOURS"]);

    let own = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "107.000")).as_subscriber(accounts[0]).await;
    let stranger = app.graphql(WITHDRAW, id(&own)).as_subscriber(accounts[1]).await;
    assert_eq!(stranger.refusals(), ["NOT_FOUND"]);
    app.app.clock.set_today(NaiveDate::from_ymd_opt(2026, 3, 26));
    let late = app.graphql(WITHDRAW, id(&own)).as_subscriber(accounts[0]).await;
    assert_eq!(late.refusals(), ["READING_TOO_LATE"]);
    app.app.clock.set_today(NaiveDate::from_ymd_opt(2026, 3, 25));
    let in_time = app.graphql(WITHDRAW, id(&own)).as_subscriber(accounts[0]).await;
    assert_eq!(in_time.refusals(), [""; 0]);
}

#[tokio::test]
async fn after_the_cut_off_staff_take_it_back_on_a_document() {
    let app = TestApp::new().await;
    app.app.clock.set_today(NaiveDate::from_ymd_opt(2026, 3, 24));
    let accounts = app.house(&[Flat::metered(2, 5_000)]).await;
    let own = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "107.000")).as_subscriber(accounts[0]).await;
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('act', 'A-1', '2026-03-26', 'test', 'a look at the meter', 'test')",
    )
    .await;
    app.app.clock.set_today(NaiveDate::from_ymd_opt(2026, 3, 26));
    const ON: &str = "mutation($id: ID!, $document: ID) {
        readingWithdraw(input: { id: $id, documentId: $document }) { reading { verdict } errors { code } } }";
    let id = own.text("/readingSubmit/reading/id");
    let on = |document: Json| json!({ "id": id, "document": document });
    let paper = json!(Gid(domain::kernel::DocumentId(1)).encode());
    let subscriber = app.graphql(ON, on(paper.clone())).as_subscriber(accounts[0]).await;
    assert_eq!(subscriber.refusals(), ["READING_TOO_LATE"], "a subscriber registers no documents");
    let without = app.graphql(ON, on(Json::Null)).as_role(Role::OperatorMulti).await;
    assert_eq!(without.refusals(), ["READING_TOO_LATE"]);
    let gone = app.graphql(ON, on(paper)).as_role(Role::OperatorMulti).await;
    assert_eq!(gone.text("/readingWithdraw/reading/verdict"), "WITHDRAWN");
    assert_eq!(kept(&app, 1).await, "105000 accepted, 107000 withdrawn");
}

const UNTIL: &str = "query($id: ID!) { account(id: $id) { readings { nodes { value withdrawableUntil } } } }";

#[tokio::test]
async fn until_when_is_said_to_whoever_may_and_the_mutation_agrees() {
    let app = TestApp::new().await;
    app.app.clock.set_today(NaiveDate::from_ymd_opt(2026, 3, 24));
    let accounts = app.house(&[Flat::metered(2, 5_000)]).await;
    app.graphql(SUBMIT, at_desk(1, "2026-03-22", "106.000")).as_role(Role::OperatorMulti).await;
    let own = app.graphql(SUBMIT, at_desk(1, "2026-03-24", "107.000")).as_subscriber(accounts[0]).await;
    const MINE: &str = "{ me { account { readings(first: 1) { nodes { value withdrawableUntil } } } } }";
    let mine = async || {
        let reply = app.graphql(MINE, json!({})).as_subscriber(accounts[0]).await;
        reply.at("/me/account/readings/nodes/0/withdrawableUntil").clone()
    };
    assert_eq!(mine().await, json!("2026-03-25"));
    let account = json!({ "id": Gid(accounts[0]).encode() });
    let seen = app.graphql(UNTIL, account.clone()).as_role(Role::Manager).await;
    assert_eq!(
        seen.at("/account/readings/nodes/0/withdrawableUntil"),
        &Json::Null,
        "he may not take anything back"
    );
    let seen = app.graphql(UNTIL, account).as_role(Role::OperatorMulti).await;
    assert_eq!(seen.text("/account/readings/nodes/0/withdrawableUntil"), "2026-03-25");
    assert_eq!(seen.at("/account/readings/nodes/1/withdrawableUntil"), &Json::Null, "it was replaced");

    app.app.clock.set_today(NaiveDate::from_ymd_opt(2026, 3, 26));
    assert_eq!(mine().await, Json::Null);
    let id = json!({ "id": own.text("/readingSubmit/reading/id") });
    let late = app.graphql(WITHDRAW, id).as_subscriber(accounts[0]).await;
    assert_eq!(late.refusals(), ["READING_TOO_LATE"]);
}
