//! Whoever came with a file and is erased is erased from the file's rows too.

use domain::access::Role;

use super::*;

#[tokio::test]
async fn the_rows_that_brought_a_person_are_blanked_and_no_others() {
    let (app, _) = city().await;
    let made: Option<i64> = app.scalar("SELECT count(*) FROM platform.person_key").await;
    assert_eq!(made, Some(0), "a file writes one line of the trail for all its rows, so nobody gets a key");

    let one = "SELECT h.party_id FROM subscribers.holder h JOIN subscribers.party p ON p.id = h.party_id
               WHERE p.kind = 'person' AND (SELECT count(*) FROM subscribers.holder o WHERE o.party_id = p.id) = 1
               ORDER BY 1 LIMIT 1";
    let party: i64 = app.scalar(one).await.expect("a person of the sample");
    let whole = "SELECT count(*) FROM imports.row r JOIN imports.batch b ON b.id = r.batch_id
                 WHERE b.kind = 'accounts' AND array_to_string(r.fields, '') <> ''";
    let before: i64 = app.scalar(whole).await.expect("a count");
    app.sql(&format!(
        "UPDATE subscribers.holder SET valid = daterange(lower(valid), lower(valid) + 1) WHERE party_id = {party}"
    ))
    .await;
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('application', '17', '2026-03-20', 'ЦРА', 'об уничтожении данных', 'test')",
    )
    .await;
    let query =
        "mutation($i: PersonEraseInput!) { personErase(input: $i) { person { name } errors { code } } }";
    let input = json!({ "i": { "id": api::platform::graphql::id::encode("Party", party),
        "documentId": api::platform::graphql::id::encode("Document", 1) } });
    let reply = app.graphql(query, input).as_role(Role::ChiefAccountant).await;
    assert_eq!(reply.at("/personErase/person/name"), "—");
    assert_eq!(app.scalar::<i64>(whole).await, Some(before - 1));
}
