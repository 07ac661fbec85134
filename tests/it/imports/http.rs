//! Rejected rows come back as a file that can be mended.

use api::imports::http::rejected_rows;
use api::platform::graphql::http::{Caller, Origin};
use api::platform::messages::Language;
use domain::imports::ImportKind;
use futures_util::{StreamExt, TryStreamExt};

use super::*;

async fn download(app: &TestApp, id: ImportBatchId) -> String {
    let batch = batch_of(app, id).await;
    let stream = rejected_rows(app.app.clone(), batch, Language::En);
    let chunks: Vec<_> = stream.try_collect().await.expect("a file");
    let bytes = chunks.concat();
    assert!(bytes.starts_with(b"\xEF\xBB\xBF"), "Excel reads it as UTF-8");
    String::from_utf8(bytes).expect("UTF-8").trim_start_matches('\u{feff}').to_owned()
}

#[tokio::test]
async fn rejected_rows_are_mended_and_sent_again() {
    let (app, _) = city().await;
    let done = take(&app, ImportKind::Residents, &sample("residents_with_errors")).await;
    let file = download(&app, done.id).await;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines[0], "account;residents;from;source;error;error_codes");
    assert_eq!(lines[1], "9999999;2;2026-03-01;egov;account: No such account;account: UNKNOWN_ACCOUNT");
    assert_eq!(lines.len() as i64, done.rows_rejected + 1);

    // Mended by hand: the account, the count; the rest is thrown away, the columns of errors stay where they are.
    let mended =
        [lines[0], &lines[1].replace("9999999", "9900009"), &lines[2].replace("many", "6")].join("\n");
    let again = take(&app, ImportKind::Residents, &mended).await;
    assert_eq!((again.rows_committed, again.rows_rejected), (2, 0), "{:#?}", verdicts(&app, again.id).await);
}

#[tokio::test]
async fn personal_data_comes_back_as_it_was_sent() {
    let (app, _) = city().await;
    take(&app, ImportKind::Premises, &sample("premises_with_errors")).await;
    let done = take(&app, ImportKind::Accounts, &sample("accounts_with_errors")).await;
    let file = download(&app, done.id).await;
    assert!(file.contains(";12-34;"), "{file}");
}

#[tokio::test]
async fn a_file_of_money_comes_back_with_its_totals() {
    let (app, _) = city().await;
    take(&app, ImportKind::Payments, &sample("payments")).await;
    let done = take(&app, ImportKind::Payments, &sample("payments_with_errors")).await;
    let file = download(&app, done.id).await;
    assert_eq!(file.lines().last(), Some("TOTAL;4;1201.00"), "{file}");
    let mended: String = file
        .lines()
        .filter(|line| line.starts_with("account") || line.starts_with("9999999"))
        .map(|line| format!("{}\n", line.replace("9999999", "9900005")))
        .collect();
    let again = take(&app, ImportKind::Payments, &format!("{mended}TOTAL;1;500.00\n")).await;
    assert_eq!(again.rows_committed, 1);
}

#[tokio::test]
async fn a_file_comes_over_http_and_is_watched_to_its_end() {
    for_each_bus(async |app: TestApp| {
    ground_on(&app).await;
    crate::access::hire(&app, "boss", Role::ChiefAccountant).await;
    let token = crate::access::sign_in(&app, "boss", crate::access::PASSWORD).await;
    let token = token.text("/sessionOpen/session/accessToken").to_owned();
    let served = app.serve().await;
    let http = reqwest::Client::new();
    let url = served.url("/imports/upload?kind=premises&filename=premises.csv");

    let nobody = http.post(&url).body(sample("premises")).send().await.expect("an answer");
    assert_eq!(nobody.status(), 401);
    let unknown =
        http.post(served.url("/imports/upload?kind=dreams")).bearer_auth(&token).body("a").send().await;
    assert_eq!(unknown.expect("an answer").status(), 400);
    let wrong =
        http.post(&url).bearer_auth(&token).header("Accept-Language", "en").body("a;b\n1;2\n").send().await;
    let wrong = wrong.expect("an answer");
    assert_eq!(wrong.status(), 422);
    let said: serde_json::Value = wrong.json().await.expect("JSON");
    assert_eq!(said["errors"][0]["code"], "IMPORT_MISSING_COLUMN");

    let taken = http.post(&url).bearer_auth(&token).body(sample("premises")).send().await.expect("an answer");
    assert_eq!(taken.status(), 200);
    let answer: serde_json::Value = taken.json().await.expect("JSON");
    let id = answer["id"].as_str().expect("an id").to_owned();

    // The watcher hears of every step until the dry run is over.
    let caller = Caller { actor: Some(importer()), language: Language::En, origin: Origin::default() };
    let query = format!(
        "subscription {{ importProgress(id: \"{id}\") {{ state rowsTotal rowsOk job {{ done total }} }} }}"
    );
    let (request, _) = app.graph.dress(async_graphql::Request::new(query), &caller);
    let mut steps = app.graph.schema.execute_stream(request);
    let first = steps.next().await.expect("a step").data.into_json().expect("JSON");
    assert_eq!(first["importProgress"]["state"], "CHECKING");
    app.run_jobs().await;
    api::platform::outbox::relay::pump(&app.app).await.expect("facts are told");
    let mut last = first;
    while let Some(step) = steps.next().await {
        last = step.data.into_json().expect("JSON");
    }
    assert_eq!(last["importProgress"]["state"], "CHECKED");
    assert_eq!(last["importProgress"]["rowsOk"], 40);

    let file = http.get(served.url(&format!("/imports/{id}/rejected.csv"))).bearer_auth(&token).send().await;
    let file = file.expect("an answer").text().await.expect("a text");
    assert_eq!(file.lines().count(), 1, "nothing was rejected: {file}");
    })
    .await;
}
