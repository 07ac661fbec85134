//! Whoever came with a file and is erased is erased from the file's rows too.

use domain::access::Role;
use domain::imports::ImportKind;

use super::*;

/// Whoever came with the sample, has left the account, and may be erased on document 1.
async fn someone_left(app: &TestApp) -> i64 {
    let one = "SELECT h.party_id FROM subscribers.holder h JOIN subscribers.party p ON p.id = h.party_id
               WHERE p.kind = 'person' AND (SELECT count(*) FROM subscribers.holder o WHERE o.party_id = p.id) = 1
               ORDER BY 1 LIMIT 1";
    let party: i64 = app.scalar(one).await.expect("a person of the sample");
    app.sql(&format!(
        "UPDATE subscribers.holder SET valid = daterange(lower(valid), lower(valid) + 1) WHERE party_id = {party}"
    ))
    .await;
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('application', '17', '2026-03-20', 'ЦРА', 'об уничтожении данных', 'test')",
    )
    .await;
    party
}

async fn erase(app: &TestApp, party: i64) {
    let query =
        "mutation($i: PersonEraseInput!) { personErase(input: $i) { person { name } errors { code } } }";
    let input = json!({ "i": { "id": api::platform::graphql::id::encode("Party", party),
        "documentId": api::platform::graphql::id::encode("Document", 1) } });
    let reply = app.graphql(query, input).as_role(Role::ChiefAccountant).await;
    assert_eq!(reply.at("/personErase/person/name"), "—", "{reply:?}");
}

#[tokio::test]
async fn the_rows_that_brought_a_person_are_blanked_and_no_others() {
    let (app, _) = city().await;
    let made: Option<i64> = app.scalar("SELECT count(*) FROM platform.person_key").await;
    assert_eq!(made, Some(0), "a file writes one line of the trail for all its rows, so nobody gets a key");
    let whole = "SELECT count(*) FROM imports.row r JOIN imports.batch b ON b.id = r.batch_id
                 WHERE b.kind = 'accounts' AND array_to_string(r.fields, '') <> ''";
    let before: i64 = app.scalar(whole).await.expect("a count");
    let party = someone_left(&app).await;
    erase(&app, party).await;
    assert_eq!(app.scalar::<i64>(whole).await, Some(before - 1));
}

/// Rows that never were written stand for nobody in the registers; they are known by what they carry.
#[tokio::test]
async fn rejected_rows_about_the_person_are_blanked_and_no_others() {
    let (app, _) = city().await;
    let sample = sample("accounts");
    let mut lines = sample.lines();
    let header = lines.next().expect("a header");
    let [first, second] =
        [lines.next(), lines.next()].map(|line| line.expect("a line").split(';').collect::<Vec<_>>());
    let (number, own, phone, email) = (first[0], first[8], first[9], first[10]);
    let other = second[8];
    // The street is unknown: no row can be written.
    let row = |account: &str, name: &str, identification: &str, phone: &str, email: &str| {
        format!(
            "{account};multi;population;none;1;1;person;{name};{identification};{phone};{email};ru;2026-03-01\n"
        )
    };
    let file = [
        row("9909001", "by the number of the person", own, "", ""),
        row(number, "by the account, since the number can't be read", "123", "", ""),
        row("9909003", "by the phone, written otherwise", "", &phone.replacen("+7", "8 ", 1), ""),
        row("9909004", "by the e-mail", "", "", &email.to_uppercase()),
        row(number, "somebody else at the same account", other, phone, email),
        row("9909006", "nobody known", "", "+77770000000", ""),
    ];
    let text = format!("{header}\n{}", file.concat());
    let id = send(&app, importer(), ImportKind::Accounts, &text).await.expect("taken");
    assert_eq!(batch_of(&app, id).await.rows_rejected, 6, "{:#?}", verdicts(&app, id).await);

    let party = someone_left(&app).await;
    let account: Option<String> = app
        .scalar(&format!(
            "SELECT a.number FROM subscribers.account a JOIN subscribers.holder h ON h.account_id = a.id WHERE h.party_id = {party}"
        ))
        .await;
    assert_eq!(account.as_deref(), Some(number), "the person of the first line");
    erase(&app, party).await;

    let names = format!(
        "SELECT string_agg(fields[8], ', ' ORDER BY line) FROM imports.row WHERE batch_id = {} AND fields[8] <> ''",
        id.0
    );
    assert_eq!(
        app.scalar::<String>(&names).await.as_deref(),
        Some("somebody else at the same account, nobody known")
    );
    let left = format!(
        "SELECT count(*) FROM imports.row WHERE batch_id = {} AND array_to_string(fields, '') = '' AND subjects IS NULL",
        id.0
    );
    assert_eq!(
        app.scalar::<i64>(&left).await,
        Some(4),
        "nothing of the row is left, not even what it was known by"
    );

    // What goes back to be mended has no empty rows; what is judged again is still rejected and breaks nothing.
    let batch = batch_of(&app, id).await;
    let file =
        api::imports::http::rejected_rows(app.app.clone(), batch, api::platform::messages::Language::En);
    let chunks: Vec<_> = futures_util::TryStreamExt::try_collect(file).await.expect("a file");
    let chunks: Vec<u8> = chunks.into_iter().flatten().collect();
    assert_eq!(String::from_utf8(chunks).expect("UTF-8").lines().count(), 3);
}
