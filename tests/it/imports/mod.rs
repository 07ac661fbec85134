//! Acts of `imports`, one file each.

mod balances;
mod bulk;
mod erasure;
mod http;
mod money;
mod samples;
mod undo;
mod workbooks;

use aiscra_tests::{TestApp, actor_of, for_each_bus};
use api::imports::ops::{Upload, upload};
use api::imports::spool::Spooled;
use api::platform::Refusal;
use domain::access::{Actor, Role};
use domain::imports::{ImportKind, ImportState};
use domain::kernel::{DocumentId, ImportBatchId, Period, Sector};
use entities::imports::{Batch, batch, row};
use entities::kernel::{Page, Tx};
use serde_json::json;

/// The order in which sample files stand on each other.
const ORDER: [ImportKind; 6] = [
    ImportKind::Premises,
    ImportKind::Accounts,
    ImportKind::Residents,
    ImportKind::Contracts,
    ImportKind::Meters,
    ImportKind::Readings,
];

fn sample(name: &str) -> String {
    let path = format!("{}/samples/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The whole city may be imported by this one: files of all sectors, money too.
fn importer() -> Actor {
    Actor::system("test.importer")
}

/// Districts, meter models, settings and March 2026 open: what an empty installation has before the first file.
async fn ground() -> TestApp {
    let app = TestApp::new().await;
    ground_on(&app).await;
    app
}

async fn ground_on(app: &TestApp) {
    for (id, code) in ["alatau", "almaly", "auezov", "bostandyk", "zhetysu", "medeu", "nauryzbay", "turksib"]
        .iter()
        .enumerate()
    {
        app.sql(&format!(
            "INSERT INTO premises.district (id, code, name_kk, name_ru, name_en) VALUES ({}, '{code}', '{code}', '{code}', '{code}')",
            id + 1
        ))
        .await;
    }
    app.sql(
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ('order', '17', '2026-03-01', 'АУПК', 'отмена загрузки', 'test')",
    )
    .await;
    for (name, digits) in
        [("ВК-15", 5), ("СХВ-15 / СГВ-15", 5), ("WFK20 / WFW20", 5), ("ВСКМ 90-50", 6), ("MTK-40", 6)]
    {
        app.sql(&format!(
            "INSERT INTO meters.model (name, manufacturer, digits, diameter_mm, interval_cold_months, interval_hot_months)
             VALUES ('{name}', 'T', {digits}, 15, 72, 48)"
        ))
        .await;
    }
    let mut tx = Tx::begin(&app.app.db, importer()).await.expect("a transaction");
    entities::tariffs::published(&tx).await.expect("published settings");
    for sector in Sector::ALL {
        let march = Period::new(2026, 3).expect("a month");
        api::ledger::ops::open_period(&mut tx, march, *sector, march.last_day())
            .await
            .expect("works")
            .expect("opens");
    }
    tx.commit().await.expect("commits");
}

async fn send(app: &TestApp, by: Actor, kind: ImportKind, text: &str) -> Result<ImportBatchId, Refusal> {
    send_bytes(app, by, kind, text.as_bytes()).await
}

async fn send_bytes(
    app: &TestApp,
    by: Actor,
    kind: ImportKind,
    bytes: &[u8],
) -> Result<ImportBatchId, Refusal> {
    let file = Spooled::of(bytes).await.expect("a file");
    let file = Upload { kind, filename: format!("{kind}.csv"), file };
    let mut tx = Tx::begin(&app.app.db, by).await.expect("a transaction");
    let id = upload(&mut tx, &app.app.vault, file).await.expect("works");
    if id.is_ok() {
        tx.commit().await.expect("commits");
        app.run_jobs().await;
    }
    id
}

async fn batch_of(app: &TestApp, id: ImportBatchId) -> Batch {
    let actor = importer();
    batch::find(&app.app.db, &actor.scope, &actor.label, id).await.expect("works").expect("a batch")
}

const COMMIT: &str = "mutation($id: ID!) { importCommit(input: { id: $id }) { importBatch { state } errors { code message } } }";
const UNDO: &str = "mutation($id: ID!, $d: ID) { importUndo(input: { id: $id, documentId: $d }) {
    importBatch { state } signature { id } errors { code message } } }";

/// A batch and the document that it is taken back on.
async fn on_document(app: &TestApp, id: ImportBatchId) -> serde_json::Value {
    use api::platform::graphql::Gid;
    let paper = app.scalar::<i64>("SELECT min(id) FROM archive.document").await.expect("a document");
    json!({ "id": Gid(id).encode(), "d": Gid(DocumentId(paper)).encode() })
}

/// Asks for an act on a batch as a person would, with a second one where two are wanted, and lets the worker do it.
async fn act(app: &TestApp, query: &str, id: ImportBatchId) -> Vec<String> {
    let both = (importer(), Actor::system("test.second"));
    let payload = app.signed(both, query, on_document(app, id).await).await;
    let errors = payload["errors"].as_array().expect("the query asks for errors { code }");
    let refusals = errors.iter().filter_map(|error| error["code"].as_str().map(str::to_owned)).collect();
    app.run_jobs().await;
    refusals
}

/// Sends a file and writes its right rows.
async fn take(app: &TestApp, kind: ImportKind, text: &str) -> Batch {
    let id = send(app, importer(), kind, text).await.expect("the file is taken");
    let checked = batch_of(app, id).await;
    assert_eq!(
        checked.state,
        ImportState::Checked,
        "{kind}: {:?} {:?}",
        checked.error_code,
        checked.error_detail
    );
    assert_eq!(act(app, COMMIT, id).await, [""; 0]);
    let done = batch_of(app, id).await;
    assert_eq!(done.state, ImportState::Committed, "{kind}: {:?} {:?}", done.error_code, done.error_detail);
    done
}

/// All sample files of the registers and of readings.
async fn city() -> (TestApp, Vec<Batch>) {
    let app = ground().await;
    let mut batches = Vec::new();
    for kind in ORDER {
        batches.push(take(&app, kind, &sample(kind.code())).await);
    }
    (app, batches)
}

/// Line, verdict and codes with their columns of every row.
async fn verdicts(app: &TestApp, id: ImportBatchId) -> Vec<String> {
    let rows = row::list(&app.app.db, id, None, Page { first: 100, after: None }).await.expect("works").rows;
    rows.into_iter()
        .map(|row| {
            let codes: Vec<String> =
                row.codes.iter().zip(&row.columns).map(|(code, column)| format!("{code}@{column}")).collect();
            format!("{} {} {}", row.line, row.verdict, codes.join(" ")).trim_end().to_owned()
        })
        .collect()
}

/// An actor that sees one sector only.
fn operator() -> Actor {
    actor_of(Role::OperatorPrivate)
}
