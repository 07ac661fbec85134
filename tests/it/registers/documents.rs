//! The file of an official document: attached once, given to whoever may read documents, each look in the trail.

use aiscra_tests::{Served, TestApp};
use api::archive::http::MAX_FILE;
use domain::access::Role;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

const PDF: &[u8] = b"%PDF-1.7\n% \xD3\xD3 nothing of it is read\n%%EOF\n";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

/// A registered document, a server, and tokens of who may write documents, who may read them, and who may neither.
async fn office() -> (TestApp, Served, [String; 3]) {
    let app = TestApp::new().await;
    let register = "mutation($i: DocumentRegisterInput!) { documentRegister(input: $i) { errors { code } } }";
    for number in ["12/ө", "13"] {
        let input = json!({ "kind": "CERTIFICATE", "number": number, "issuedOn": "2026-03-01", "issuer": "ЦОН", "subject": "О составе семьи" });
        let reply = app.graphql(register, json!({ "i": input })).as_role(Role::Accountant).await;
        assert_eq!(reply.refusals(), [""; 0]);
    }
    let mut tokens = Vec::new();
    for (login, role) in
        [("writer", Role::Accountant), ("reader", Role::Auditor), ("nobody", Role::Inspector)]
    {
        crate::access::hire(&app, login, role).await;
        let reply = crate::access::sign_in(&app, login, crate::access::PASSWORD).await;
        tokens.push(reply.text("/sessionOpen/session/accessToken").to_owned());
    }
    let served = app.serve().await;
    (app, served, tokens.try_into().expect("three"))
}

fn path(document: i64) -> String {
    api::archive::http::path_of(domain::kernel::DocumentId(document))
}

async fn attach(served: &Served, token: &str, document: i64, name: &str, body: Vec<u8>) -> (u16, Json) {
    let url = served.url(&format!("{}?filename={name}", path(document)));
    let answer =
        reqwest::Client::new().post(url).bearer_auth(token).body(body).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

async fn get(served: &Served, token: &str, document: i64) -> reqwest::Response {
    reqwest::Client::new()
        .get(served.url(&path(document)))
        .bearer_auth(token)
        .send()
        .await
        .expect("an answer")
}

async fn looks(app: &TestApp) -> i64 {
    let sql = "SELECT count(*) FROM platform.audit_entry WHERE entity = 'document' AND action = 'file_seen'";
    app.scalar(sql).await.expect("a count")
}

#[tokio::test]
async fn a_file_is_attached_once_and_every_look_is_written_down() {
    let (app, served, [writer, reader, nobody]) = office().await;
    // More than one piece, and an end of its own.
    let file = [PDF, &vec![7; (2 << 20) + 5]].concat();
    let hash = hex::encode(Sha256::digest(&file));
    assert_eq!(get(&served, &reader, 1).await.status(), 404, "there is none yet");
    assert_eq!(attach(&served, &nobody, 1, "a.pdf", file.clone()).await.0, 403);
    assert_eq!(attach(&served, &reader, 1, "a.pdf", file.clone()).await.0, 403);
    assert_eq!(attach(&served, "", 1, "a.pdf", file.clone()).await.0, 401);

    let name = "%D0%9F%D1%80%D0%B8%D0%BA%D0%B0%D0%B7.pdf";
    let (status, taken) = attach(&served, &writer, 1, name, file.clone()).await;
    assert_eq!(
        (status, &taken["name"], &taken["sha256"]),
        (200, &json!("Приказ.pdf"), &json!(hash)),
        "{taken}"
    );
    let told = "SELECT count(*) FROM platform.outbox WHERE topic = 'archive' AND event->'fact'->>'type' = 'file_attached'";
    assert_eq!(app.scalar::<i64>(told).await, Some(1));

    let again = attach(&served, &writer, 1, "other-name.pdf", file.clone()).await;
    assert_eq!(again, (200, taken), "the same file is the same answer");
    let (status, refused) = attach(&served, &writer, 1, name, PNG.to_vec()).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (422, &json!("DOCUMENT_HAS_FILE")));
    assert_eq!(app.scalar::<i64>(told).await, Some(1), "neither was told again");

    let query = "{ documents { nodes { number file { name contentType bytes sha256 attachedBy url } } } }";
    let shown = app.graphql(query, json!({})).as_role(Role::Auditor).await;
    assert_eq!(shown.at("/documents/nodes/0/file"), &Json::Null);
    assert_eq!(
        shown.at("/documents/nodes/1/file"),
        &json!({ "name": "Приказ.pdf", "contentType": "application/pdf", "bytes": file.len(), "sha256": hash,
                 "attachedBy": "writer", "url": path(1) })
    );

    assert_eq!(looks(&app).await, 0);
    let given = get(&served, &reader, 1).await;
    let head = |name: &str| {
        given.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!(
        (head("content-type"), head("x-content-type-options")),
        ("application/pdf".into(), "nosniff".into())
    );
    assert!(head("content-disposition").starts_with("attachment"), "{}", head("content-disposition"));
    assert_eq!(given.bytes().await.expect("bytes"), file);
    assert_eq!(looks(&app).await, 1);
    assert_eq!(get(&served, &nobody, 1).await.status(), 403);
    assert_eq!(get(&served, &reader, 99).await.status(), 404);
    assert_eq!(looks(&app).await, 1, "who saw nothing did not look");

    // Not even past the program.
    for sql in [
        "UPDATE archive.document SET file_name = 'x' WHERE id = 1",
        "UPDATE archive.document SET file_sha256 = NULL WHERE id = 1",
        "UPDATE archive.document_part SET data = '' WHERE document_id = 1",
        "DELETE FROM archive.document_part WHERE document_id = 1",
    ] {
        let tx = entities::kernel::Tx::begin(&app.app.db, domain::access::Actor::system("test"))
            .await
            .expect("begins");
        assert!(entities::kernel::sql::run(&tx, sql, []).await.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn only_what_its_content_says_to_be_a_paper_is_taken() {
    let (app, served, [writer, ..]) = office().await;
    for (name, body) in [
        ("a.pdf", b"<html><script>alert(1)</script>".to_vec()),
        ("a.pdf", Vec::new()),
        ("a.pdf", b"%PD".to_vec()),
        ("a.xlsx", b"PK\x03\x04 and so on".to_vec()),
    ] {
        let (status, refused) = attach(&served, &writer, 1, name, body).await;
        assert_eq!((status, &refused["errors"][0]["code"]), (422, &json!("DOCUMENT_FILE_TYPE")), "{name}");
    }
    let (status, refused) = attach(&served, &writer, 1, "a.pdf", [PDF, &vec![0; MAX_FILE]].concat()).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (413, &json!("DOCUMENT_FILE_TOO_LARGE")));
    assert_eq!(attach(&served, &writer, 99, "a.pdf", PDF.to_vec()).await.0, 404);
    let none = "SELECT count(*) FROM archive.document_part";
    assert_eq!(app.scalar::<i64>(none).await, Some(0));

    let (status, taken) = attach(&served, &writer, 1, "", PNG.to_vec()).await;
    assert_eq!((status, &taken["name"]), (200, &json!("12-ө.png")), "called by the document's number");
    let (status, taken) =
        attach(&served, &writer, 2, "scan.exe", b"\xFF\xD8\xFF\xE0 and so on".to_vec()).await;
    assert_eq!((status, &taken["name"]), (200, &json!("scan.exe.jpg")));
}

#[tokio::test]
async fn of_two_files_at_once_one_stays() {
    let (app, served, [writer, ..]) = office().await;
    let files: Vec<Vec<u8>> = (0..6).map(|n| [PDF, &[n; 100_000]].concat()).collect();
    let sent = files.iter().map(|file| attach(&served, &writer, 1, "a.pdf", file.clone()));
    let answers = futures_util::future::join_all(sent).await;
    let (taken, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == 200);
    assert_eq!((taken.len(), refused.len()), (1, 5), "{refused:?}");
    let kept: Option<Vec<u8>> =
        app.scalar("SELECT string_agg(data, '' ORDER BY part) FROM archive.document_part").await;
    assert_eq!(json!(hex::encode(Sha256::digest(kept.expect("bytes")))), taken[0].1["sha256"]);
}
