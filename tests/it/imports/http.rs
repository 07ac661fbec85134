//! Rejected rows come back as a file that can be mended.

use api::imports::http::rejected_rows;
use api::platform::messages::Language;
use domain::imports::ImportKind;
use futures_util::TryStreamExt;

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
    let mended = [lines[0], &lines[1].replace("9999999", "9900009"), &lines[2].replace("many", "6")].join("\n");
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
