//! Certificates of no debt: only for who owes nothing, numbered without gaps, the same paper every time, checked by anybody.

use super::*;

const ISSUE: &str = "mutation($a: ID!) { certificateIssue(input: { accountId: $a }) {
    certificate { id number code notDue disputed paperPath } errors { code message } } }";
const CHECK: &str = "query($n: String!, $c: String!) { certificateCheck(number: $n, code: $c) { number on accountEnds valid notDue } }";

async fn ask(city: &TestApp, id: i64) -> Json {
    act(city, Role::OperatorMulti, ISSUE, json!({ "a": account(id) })).await
}

#[tokio::test]
async fn given_once_nothing_is_overdue() {
    let city = debtors(3).await;
    let refused = ask(&city, 1).await;
    assert_eq!(code(&refused), "CERTIFICATE_DEBT");
    assert!(refused["errors"][0]["message"].as_str().unwrap().contains("1,000.00"), "{refused}");

    pay(&city, 1, "1000.00", "2026-03-25", "paid-in-full").await;
    // Charged for March and due on 25 April: owed, not overdue.
    owe(&city, 1, 801, "2026-03", "2026-04-25").await;
    let given = ask(&city, 1).await["certificate"].clone();
    assert_eq!((&given["number"], &given["notDue"]), (&json!("2026-000001"), &json!("1000.00")), "{given}");
    assert_eq!(
        ask(&city, 1).await["certificate"]["id"],
        given["id"],
        "asked again on the same day it is the same one"
    );

    // A disputed sum counts as no debt, and stands on the paper.
    let dispute = "mutation($a: ID!, $i: ID!) { disputeOpen(input: { accountId: $a, openItemId: $i, amount: \"1000.00\", reason: \"не мой долг\" }) {
        dispute { id } errors { code } } }";
    let opened =
        act(&city, Role::OperatorMulti, dispute, json!({ "a": account(2), "i": item_of(&city, 2).await }))
            .await;
    assert_eq!(code(&opened), "", "{opened}");
    let second = ask(&city, 2).await["certificate"].clone();
    assert_eq!(
        (&second["number"], &second["disputed"]),
        (&json!("2026-000002"), &json!("1000.00")),
        "{second}"
    );
    assert_eq!(code(&ask(&city, 3).await), "CERTIFICATE_DEBT", "a refusal takes no number");
    pay(&city, 3, "1500.00", "2026-03-25", "paid-and-more").await;
    assert_eq!(ask(&city, 3).await["certificate"]["number"], "2026-000003");

    // Whoever was shown the paper learns that it stands, and no name.
    let check =
        |number: &Json, code: &Json| city.graphql(CHECK, json!({ "n": number, "c": code })).as_anonymous();
    let found = check(&given["number"], &given["code"]).await;
    assert_eq!(found.at("/certificateCheck/valid"), &json!(true));
    assert_eq!(found.text("/certificateCheck/accountEnds").len(), 4);
    for (number, code) in [(&second["number"], &given["code"]), (&given["number"], &second["code"])] {
        assert_eq!(check(number, code).await.at("/certificateCheck"), &Json::Null);
    }

    let back = "mutation($id: ID!, $d: ID!) { certificateWithdraw(input: { id: $id, documentId: $d }) { certificate { withdrawnAt } errors { code } } }";
    let withdrawn =
        act(&city, Role::ChiefAccountant, back, json!({ "id": given["id"], "d": document() })).await;
    assert_eq!(code(&withdrawn), "", "{withdrawn}");
    assert_eq!(check(&given["number"], &given["code"]).await.at("/certificateCheck/valid"), &json!(false));
    assert_eq!(
        ask(&city, 1).await["certificate"]["number"],
        "2026-000004",
        "a new one may be given after it"
    );
}

#[tokio::test]
async fn asked_by_the_subscriber_and_printed_to_the_byte() {
    let city = debtors(2).await;
    pay(&city, 1, "1000.00", "2026-03-25", "paid-in-full").await;
    let mine = city.graphql(ISSUE, json!({ "a": account(1) })).as_subscriber(AccountId(1)).await;
    let path = mine.text("/certificateIssue/certificate/paperPath").to_owned();
    let foreign = city.graphql(ISSUE, json!({ "a": account(2) })).as_subscriber(AccountId(1)).await;
    assert_eq!(foreign.text("/certificateIssue/errors/0/code"), "NOT_FOUND");

    let (first, second) = (printed(&city, &path).await, printed(&city, &path).await);
    assert!(first.starts_with(b"%PDF-"), "a PDF");
    assert_eq!(first, second, "the same bytes every time");
}

async fn printed(city: &TestApp, path: &str) -> Vec<u8> {
    use entities::debt::certificate;
    let id = path.trim_start_matches("/files/certificates/").trim_end_matches(".pdf");
    let Gid(id) = Gid::<CertificateId>::decode(id).expect("a node id");
    let row = certificate::find(&city.app.db, &domain::access::Scope::City, id).await.unwrap().unwrap();
    let paper = api::debt::ops::certificate_paper(&city.app, &row).await.unwrap().unwrap();
    tokio::task::spawn_blocking(move || documents::PRESS.certificate(&paper).expect("a paper")).await.unwrap()
}
