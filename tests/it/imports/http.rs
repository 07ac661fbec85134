//! Rejected rows come back as a file that can be mended.

use api::imports::http::{MAX_FILE, rejected_rows};
use api::platform::graphql::http::{Caller, Origin};
use api::platform::messages::Language;
use domain::imports::ImportKind;
use futures_util::{StreamExt, TryStreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
    let request = app.graph.dress(async_graphql::Request::new(query), &caller);
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

/// A signed-in server and the token of somebody who may import.
pub(super) async fn served(app: &TestApp) -> (aiscra_tests::Served, String) {
    crate::access::hire(app, "boss", Role::ChiefAccountant).await;
    let token = crate::access::sign_in(app, "boss", crate::access::PASSWORD).await;
    (app.serve().await, token.text("/sessionOpen/session/accessToken").to_owned())
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("KiB") / 1024
}

#[tokio::test]
async fn a_body_is_refused_while_it_grows_too_large() {
    let app = ground().await;
    let (served, token) = served(&app).await;
    let head = |length: &str| {
        format!(
            "POST /imports/upload?kind=premises HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{length}\r\n\r\n"
        )
    };

    // Said beforehand: nothing of the body is waited for.
    let mut wire = TcpStream::connect(&served.base).await.expect("connects");
    wire.write_all(head(&format!("Content-Length: {}", MAX_FILE + 1)).as_bytes()).await.expect("sends");
    assert!(answer(&mut wire).await.starts_with("HTTP/1.1 413"));

    // Not said: it is cut where it grows too large, and was never in memory.
    let before = peak();
    let mut wire = TcpStream::connect(&served.base).await.expect("connects");
    wire.write_all(head("Transfer-Encoding: chunked").as_bytes()).await.expect("sends");
    let chunk = [b"100000\r\n".to_vec(), vec![b'a'; 0x10_0000], b"\r\n".to_vec()].concat();
    for _ in 0..=MAX_FILE / 0x10_0000 {
        if wire.write_all(&chunk).await.is_err() {
            break;
        }
    }
    let said = answer(&mut wire).await;
    assert!(said.starts_with("HTTP/1.1 413") && said.contains("IMPORT_TOO_LARGE"), "{said}");
    // Under cargo test other tests of this process have memory of their own.
    if std::env::var_os("NEXTEST").is_some() {
        assert!(peak() - before < 16, "{} MiB more for a body of 64", peak() - before);
    }
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM imports.batch").await, Some(0));
}

/// What comes back until the other side has said all.
async fn answer(wire: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&said).contains("}]}") {
        match tokio::time::timeout(std::time::Duration::from_secs(20), wire.read(&mut buffer)).await {
            Ok(Ok(count)) if count > 0 => said.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_body_that_is_cut_off_leaves_nothing() {
    let app = ground().await;
    let (served, token) = served(&app).await;
    let text = sample("premises");
    let mut wire = TcpStream::connect(&served.base).await.expect("connects");
    let head = format!(
        "POST /imports/upload?kind=premises HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n",
        text.len()
    );
    wire.write_all(head.as_bytes()).await.expect("sends");
    wire.write_all(&text.as_bytes()[..text.len() / 2]).await.expect("sends half");
    wire.shutdown().await.expect("hangs up");
    let said = answer(&mut wire).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 400"), "{said}");
    assert_eq!(app.scalar::<i64>("SELECT count(*) FROM imports.batch").await, Some(0));

    // The whole of it is taken afterwards: nothing remembers the half.
    let http = reqwest::Client::new();
    let url = served.url("/imports/upload?kind=premises");
    let taken = http.post(&url).bearer_auth(&token).body(text).send().await.expect("an answer");
    assert_eq!(taken.status(), 200);
}

#[tokio::test]
async fn a_body_in_an_old_encoding_comes_in_with_a_remark() {
    let app = ground().await;
    let (served, token) = served(&app).await;
    let url = served.url("/imports/upload?kind=payments&filename=old.csv");
    let mut body = b"account;amount;paid_on;channel;external_id\n9900001;10.00;2026-03-05;".to_vec();
    body.extend_from_slice(b"\xE1\xE0\xED\xEA;1\nTOTAL;1;10.00\n");
    let taken =
        reqwest::Client::new().post(&url).bearer_auth(&token).body(body).send().await.expect("an answer");
    assert_eq!(taken.status(), 200);
    let kept = "SELECT fields[4] || ' ' || legacy_encoding FROM imports.row r JOIN imports.batch b ON b.id = r.batch_id";
    assert_eq!(app.scalar::<String>(kept).await.as_deref(), Some("банк true"));
}
