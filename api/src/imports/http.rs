//! Files over plain HTTP: a body of 64 MiB has no place inside of a GraphQL request, nor in memory.

use std::pin::pin;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use domain::access::{Actor, Permission};
use domain::imports::{ImportKind, RowVerdict};
use domain::kernel::{ImportBatchId, Money};
use entities::imports::{Batch, Row, batch, row};
use entities::kernel::Tx;
use futures_util::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::json;

use super::file::Layout;
use super::kinds;
use super::ops::{Upload, upload};
use super::spool::Spooled;
use super::types::{RowMessage, messages_of};
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::export::{Cell, ExportFormat, Table, TooManyRows};
use crate::platform::files::spool::{SpoolError, receive};
use crate::platform::graphql::Gid;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::messages::Language;
use crate::platform::web::file::{allowed, attachment, broken, missing, refused};

/// The largest file.
pub const MAX_FILE: usize = 64 * 1024 * 1024;
/// Rows of a download read at a time.
const CHUNK: i64 = 2_000;

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/imports/upload", web::post().to(take))
        .route("/imports/{id}/rejected.{format}", web::get().to(rejected));
}

#[derive(Deserialize)]
struct Asked {
    kind: String,
    filename: Option<String>,
}

/// `POST /imports/upload?kind=readings&filename=march.csv` with the file as the body → `{ "id": … }`.
async fn take(request: HttpRequest, body: web::Payload, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match allowed(&caller, &[Permission::ImportWrite]) {
        Ok(actor) => actor.clone(),
        Err(denied) => return denied.answer(&caller),
    };
    let bad = |what: &str| {
        refused(&caller, StatusCode::BAD_REQUEST, &Refusal::new("BAD_INPUT").with("detail", what))
    };
    let Ok(asked) = web::Query::<Asked>::from_query(request.query_string()) else { return bad("kind") };
    let Some(kind) = ImportKind::from_code(&asked.kind.to_lowercase()) else { return bad("kind") };

    let file = match receive(&request, body, MAX_FILE).await {
        Ok(received) => Spooled::read(received).await,
        Err(SpoolError::CutOff) => return bad("body"),
        Err(SpoolError::TooLarge) => {
            return refused(&caller, StatusCode::PAYLOAD_TOO_LARGE, &Refusal::new("IMPORT_TOO_LARGE"));
        }
        Err(SpoolError::Io(error)) => return broken(&caller, &error.into()),
    };
    let file = match file {
        Ok(file) => file,
        Err(error) => match error.refusal() {
            Some(refusal) => return refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
            None => return broken(&caller, &error.into()),
        },
    };

    let filename: String = asked.filename.clone().unwrap_or_default().chars().take(200).collect();
    match keep(&graph.app, actor, Upload { kind, filename, file }).await {
        Ok(Ok(id)) => HttpResponse::Ok().json(json!({ "id": Gid(id).encode() })),
        Ok(Err(refusal)) => refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => broken(&caller, &error),
    }
}

async fn keep(app: &App, actor: Actor, file: Upload) -> anyhow::Result<Result<ImportBatchId, Refusal>> {
    let mut tx = Tx::begin(&app.db, actor).await?;
    let outcome = upload(&mut tx, &app.vault, file).await?;
    match &outcome {
        Ok(_) => tx.commit().await?,
        Err(_) => tx.rollback().await?,
    }
    Ok(outcome)
}

/// `GET /imports/{id}/rejected.csv` or `.xlsx`: the rejected rows with what is wrong in two more columns; mended, it can be
/// sent again.
async fn rejected(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    graph: web::Data<Graph>,
) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match allowed(&caller, &[Permission::ImportWrite]) {
        Ok(actor) => actor,
        Err(denied) => return denied.answer(&caller),
    };
    let (id, extension) = path.into_inner();
    let format = [ExportFormat::Csv, ExportFormat::Xlsx].into_iter().find(|one| one.extension() == extension);
    let Some((Gid(id), format)) = Gid::<ImportBatchId>::decode(&id).zip(format) else {
        return missing(&caller);
    };
    let batch = match batch::find(&graph.app.db, &actor.scope, &actor.label, id).await {
        Ok(Some(batch)) => batch,
        Ok(None) => return missing(&caller),
        Err(error) => return broken(&caller, &error.into()),
    };
    if kinds::is_personal(batch.kind) && !actor.may(Permission::PersonalDataRead) {
        return refused(&caller, StatusCode::FORBIDDEN, &Refusal::new("FORBIDDEN"));
    }
    let name = format!("{}-rejected.{extension}", batch.kind);
    let (app, language) = (graph.app.clone(), caller.language);
    match format {
        ExportFormat::Csv => {
            attachment(format.content_type(), &name).streaming(rejected_rows(app, batch, language))
        }
        ExportFormat::Xlsx => match rejected_sheet(app, batch, language).await {
            Ok(bytes) => attachment(format.content_type(), &name).body(bytes),
            Err(error) => match error.downcast_ref::<TooManyRows>() {
                Some(TooManyRows(most)) => {
                    let refusal = Refusal::new("TOO_MANY_ROWS_FOR_XLSX").with("most", *most);
                    refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal)
                }
                None => broken(&caller, &error),
            },
        },
    }
}

/// The download as text, a chunk at a time.
pub fn rejected_rows(
    app: Arc<App>,
    batch: Batch,
    language: Language,
) -> impl Stream<Item = std::io::Result<Bytes>> {
    async_stream::try_stream! {
        let delimiter = batch.delimiter.bytes().next().unwrap_or(b';');
        yield Bytes::from_static(b"\xEF\xBB\xBF");
        for await records in rejected_records(app, batch, language) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
            for record in records.map_err(std::io::Error::other)? {
                writer.write_record(record).map_err(std::io::Error::other)?;
            }
            yield Bytes::from(writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))?);
        }
    }
}

/// The download as a workbook: every cell is text, so that nothing of it changes on the way through Excel.
pub async fn rejected_sheet(app: Arc<App>, batch: Batch, language: Language) -> anyhow::Result<Vec<u8>> {
    let mut records = pin!(rejected_records(app, batch, language));
    let mut table: Option<Table> = None;
    while let Some(chunk) = records.next().await {
        for record in chunk? {
            match &mut table {
                Some(table) => table.row(&record.into_iter().map(Cell::Text).collect::<Vec<_>>())?,
                None => table = Some(Table::xlsx(&record)?),
            }
        }
    }
    let table = table.ok_or_else(|| anyhow::anyhow!("a file without a header"))?;
    tokio::task::spawn_blocking(move || table.finish()).await?
}

/// The header, the rejected rows with what is wrong, and the line of totals of a file of money, so many at a time. Of rows whose
/// person was erased nothing is left to mend.
fn rejected_records(
    app: Arc<App>,
    batch: Batch,
    language: Language,
) -> impl Stream<Item = entities::kernel::Result<Vec<Vec<String>>>> {
    async_stream::try_stream! {
        let layout = Layout::new(batch.kind, &batch.header);
        let own: Vec<bool> = batch.header.iter().map(|name| !OURS.contains(&name.as_str())).collect();
        let ours = |fields: Vec<String>, said: [String; 2]| {
            let kept = fields.into_iter().zip(&own).filter(|(_, own)| **own).map(|(field, _)| field);
            kept.chain(said).collect::<Vec<_>>()
        };
        let amount = batch.header.iter().position(|name| name == "amount");
        yield vec![ours(batch.header.clone(), OURS.map(str::to_owned))];

        let (mut last, mut count, mut sum) = (0, 0_i64, Money::ZERO);
        loop {
            let rows = row::after(&app.db, batch.id, last, &[RowVerdict::Rejected], CHUNK).await?;
            let Some(end) = rows.last() else { break };
            last = end.line;
            let mut records = Vec::with_capacity(rows.len());
            for mut row in rows.into_iter().filter(|row| row.fields.iter().any(|field| !field.is_empty())) {
                layout.show(Some(&app.vault), &mut row.fields);
                count += 1;
                sum += amount.and_then(|at| Money::tenge(row.fields.get(at)?).ok()).unwrap_or_default();
                let said = wrong(&row, language);
                records.push(ours(row.fields, said));
            }
            yield records;
        }
        if batch.kind.needs_totals() {
            yield vec![vec!["TOTAL".to_owned(), count.to_string(), sum.to_string()]];
        }
    }
}

/// The columns that a download adds; in a file that comes back they are not the file's own.
const OURS: [&str; 2] = ["error", "error_codes"];

/// What is wrong with a row: texts and codes, each with its column.
fn wrong(row: &Row, language: Language) -> [String; 2] {
    let said = |text: fn(&RowMessage) -> &str| {
        let parts = messages_of(row, language).map(|m| match &m.column {
            Some(column) => format!("{column}: {}", text(&m)),
            None => text(&m).to_owned(),
        });
        parts.collect::<Vec<_>>().join(" | ")
    };
    [said(|m| &m.message), said(|m| &m.code)]
}
