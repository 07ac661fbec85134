//! Files over plain HTTP: a body of 64 MiB has no place inside of a GraphQL request, nor in memory.

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use domain::access::{Actor, Permission};
use domain::imports::{ImportKind, RowVerdict};
use domain::kernel::{ImportBatchId, Money};
use entities::imports::{Batch, Row, batch, row};
use entities::kernel::Tx;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;

use super::file::Layout;
use super::kinds;
use super::ops::{Upload, upload};
use super::spool::{Spool, SpoolError, Spooled};
use super::types::{RowMessage, messages_of};
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::graphql::Gid;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::messages::Language;
use crate::platform::web::file::{broken, refused};

/// The largest file.
pub const MAX_FILE: usize = 64 * 1024 * 1024;
/// Files on their way in at a time, so much room they take on disk at most; the others wait.
static ROOM: Semaphore = Semaphore::const_new(8);
/// A sender who is silent for so long has gone.
const SILENCE: Duration = Duration::from_secs(30);
/// Rows of a download read at a time.
const CHUNK: i64 = 2_000;

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/imports/upload", web::post().to(take))
        .route("/imports/{id}/rejected.csv", web::get().to(rejected));
}

#[derive(Deserialize)]
struct Asked {
    kind: String,
    filename: Option<String>,
}

/// `POST /imports/upload?kind=readings&filename=march.csv` with the file as the body → `{ "id": … }`.
async fn take(request: HttpRequest, body: web::Payload, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match allowed(&caller) {
        Ok(actor) => actor.clone(),
        Err((status, code)) => return refused(&caller, status, &Refusal::new(code)),
    };
    let bad = |what: &str| {
        refused(&caller, StatusCode::BAD_REQUEST, &Refusal::new("BAD_INPUT").with("detail", what))
    };
    let Ok(asked) = web::Query::<Asked>::from_query(request.query_string()) else { return bad("kind") };
    let Some(kind) = ImportKind::from_code(&asked.kind.to_lowercase()) else { return bad("kind") };

    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    let too_large = || refused(&caller, StatusCode::PAYLOAD_TOO_LARGE, &Refusal::new("IMPORT_TOO_LARGE"));
    if declared.is_some_and(|length: usize| length > MAX_FILE) {
        return too_large();
    }
    let _room = ROOM.acquire().await;
    let file = match spool(body).await {
        Ok(Some(file)) => file,
        Ok(None) => return bad("body"),
        Err(SpoolError::TooLarge) => return too_large(),
        Err(SpoolError::Io(error)) => return broken(&caller, &error.into()),
    };

    let filename: String = asked.filename.clone().unwrap_or_default().chars().take(200).collect();
    match keep(&graph.app, actor, Upload { kind, filename, file }).await {
        Ok(Ok(id)) => HttpResponse::Ok().json(json!({ "id": Gid(id).encode() })),
        Ok(Err(refusal)) => refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => broken(&caller, &error),
    }
}

/// The whole body, or nothing when it was cut off.
async fn spool(mut body: web::Payload) -> Result<Option<Spooled>, SpoolError> {
    let mut spool = Spool::new(MAX_FILE)?;
    loop {
        match tokio::time::timeout(SILENCE, body.next()).await {
            Ok(Some(Ok(chunk))) => spool.push(&chunk).await?,
            Ok(None) => return Ok(Some(spool.finish().await?)),
            Ok(Some(Err(_))) | Err(_) => return Ok(None),
        }
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

/// `GET /imports/{id}/rejected.csv`: the rejected rows with what is wrong in two more columns; mended, it can be sent again.
async fn rejected(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match allowed(&caller) {
        Ok(actor) => actor,
        Err((status, code)) => return refused(&caller, status, &Refusal::new(code)),
    };
    let missing = || refused(&caller, StatusCode::NOT_FOUND, &Refusal::new("NOT_FOUND"));
    let Some(Gid(id)) = Gid::<ImportBatchId>::decode(&id) else { return missing() };
    let batch = match batch::find(&graph.app.db, &actor.scope, &actor.label, id).await {
        Ok(Some(batch)) => batch,
        Ok(None) => return missing(),
        Err(error) => return broken(&caller, &error.into()),
    };
    if kinds::is_personal(batch.kind) && !actor.may(Permission::PersonalDataRead) {
        return refused(&caller, StatusCode::FORBIDDEN, &Refusal::new("FORBIDDEN"));
    }
    let name = format!("attachment; filename=\"{}-rejected.csv\"", batch.kind);
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(rejected_rows(graph.app.clone(), batch, caller.language))
}

/// The download: rejected rows with what is wrong, a chunk at a time.
pub fn rejected_rows(
    app: std::sync::Arc<App>,
    batch: Batch,
    language: Language,
) -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    async_stream::try_stream! {
        let layout = Layout::new(batch.kind, &batch.header);
        let delimiter = batch.delimiter.bytes().next().unwrap_or(b';');
        let own: Vec<bool> = batch.header.iter().map(|name| !OURS.contains(&name.as_str())).collect();
        let amount = batch.header.iter().position(|name| name == "amount");
        let head = batch.header.iter().map(String::as_str).filter(|name| !OURS.contains(name)).chain(OURS);
        let mut text = vec![0xEF, 0xBB, 0xBF];
        text.extend(record(delimiter, head)?);
        yield Bytes::from(text);

        let (mut last, mut count, mut sum) = (0, 0_i64, Money::ZERO);
        loop {
            let rows = row::after(&app.db, batch.id, last, &[RowVerdict::Rejected], CHUNK).await;
            let rows = rows.map_err(std::io::Error::other)?;
            let Some(end) = rows.last() else { break };
            last = end.line;
            let mut text = Vec::new();
            for mut row in rows {
                layout.show(Some(&app.vault), &mut row.fields);
                count += 1;
                sum += amount.and_then(|at| Money::tenge(row.fields.get(at)?).ok()).unwrap_or_default();
                let (messages, codes) = wrong(&row, language);
                let kept = row.fields.iter().zip(&own).filter(|(_, own)| **own).map(|(field, _)| field.as_str());
                text.extend(record(delimiter, kept.chain([messages.as_str(), codes.as_str()]))?);
            }
            yield Bytes::from(text);
        }
        if batch.kind.needs_totals() {
            let (count, sum) = (count.to_string(), sum.to_string());
            yield Bytes::from(record(delimiter, ["TOTAL", count.as_str(), sum.as_str()].into_iter())?);
        }
    }
}

/// The columns that a download adds; in a file that comes back they are not the file's own.
const OURS: [&str; 2] = ["error", "error_codes"];

/// What is wrong with a row: texts and codes, each with its column.
fn wrong(row: &Row, language: Language) -> (String, String) {
    let said = |text: fn(&RowMessage) -> &str| {
        let parts = messages_of(row, language).map(|m| match &m.column {
            Some(column) => format!("{column}: {}", text(&m)),
            None => text(&m).to_owned(),
        });
        parts.collect::<Vec<_>>().join(" | ")
    };
    (said(|m| &m.message), said(|m| &m.code))
}

fn record<'a>(delimiter: u8, fields: impl Iterator<Item = &'a str>) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(Vec::new());
    writer.write_record(fields).map_err(std::io::Error::other)?;
    writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

/// The caller, if it may; else the status and code of the answer.
fn allowed(caller: &Caller) -> Result<&Actor, (StatusCode, &'static str)> {
    match &caller.actor {
        None => Err((StatusCode::UNAUTHORIZED, "UNAUTHENTICATED")),
        Some(actor) if !actor.may(Permission::ImportWrite) => Err((StatusCode::FORBIDDEN, "FORBIDDEN")),
        Some(actor) => Ok(actor),
    }
}
