//! The file of an official document, over plain HTTP.

use std::io::{Read, Seek};
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use domain::access::{Actor, Permission};
use domain::kernel::DocumentId;
use entities::archive::{self, Document};
use entities::kernel::{Change, Tx};
use futures_util::Stream;
use serde::Deserialize;
use serde_json::json;

use super::ops::{AttachFile, FileType, attach_file};
use crate::app::App;
use crate::platform::Refusal;
use crate::platform::files::spool::{SpoolError, receive};
use crate::platform::graphql::Gid;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::web::file::{allowed, attachment, broken, missing, refused};

/// The largest file: some dozens of scanned pages.
pub const MAX_FILE: usize = 20 * 1024 * 1024;

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/files/documents/{id}", web::post().to(take))
        .route("/files/documents/{id}", web::get().to(give));
}

/// Where the file of a document is got and brought.
pub fn path_of(id: DocumentId) -> String {
    format!("/files/documents/{}", Gid(id).encode())
}

#[derive(Deserialize)]
struct Asked {
    filename: Option<String>,
}

/// `POST /files/documents/{node id}?filename=order.pdf` with the file as the body → `{ "id", "name", "bytes", "sha256" }`.
async fn take(
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Payload,
    graph: web::Data<Graph>,
) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match allowed(&caller, &[Permission::DocumentWrite]) {
        Ok(actor) => actor.clone(),
        Err(denied) => return denied.answer(&caller),
    };
    let Some(Gid(id)) = Gid::<DocumentId>::decode(&id) else { return missing(&caller) };
    let name =
        web::Query::<Asked>::from_query(request.query_string()).ok().and_then(|asked| asked.0.filename);
    let mut received = match receive(&request, body, MAX_FILE).await {
        Ok(received) => received,
        Err(SpoolError::CutOff) => {
            let refusal = Refusal::new("BAD_INPUT").with("detail", "body");
            return refused(&caller, StatusCode::BAD_REQUEST, &refusal);
        }
        Err(SpoolError::TooLarge) => {
            let refusal = Refusal::new("DOCUMENT_FILE_TOO_LARGE").with("most", MAX_FILE >> 20);
            return refused(&caller, StatusCode::PAYLOAD_TOO_LARGE, &refusal);
        }
        Err(SpoolError::Io(error)) => return broken(&caller, &error.into()),
    };
    let mut head = Vec::new();
    let looked = (&received.file).take(16).read_to_end(&mut head).and_then(|_| received.file.rewind());
    if let Err(error) = looked {
        return broken(&caller, &error.into());
    }
    let Some(kind) = FileType::of(&head) else {
        return refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &Refusal::new("DOCUMENT_FILE_TYPE"));
    };
    let cmd = AttachFile { document: id, name: name.unwrap_or_default(), kind, file: received };
    match keep(&graph.app, actor, cmd).await {
        Ok(Ok(document)) => HttpResponse::Ok().json(json!({
            "id": Gid(id).encode(),
            "name": document.file_name,
            "bytes": document.file_bytes,
            "sha256": document.file_sha256.map(hex::encode),
        })),
        Ok(Err(refusal)) if refusal.code == "NOT_FOUND" => missing(&caller),
        Ok(Err(refusal)) => refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => broken(&caller, &error),
    }
}

async fn keep(app: &App, actor: Actor, cmd: AttachFile) -> anyhow::Result<Result<Document, Refusal>> {
    let mut tx = Tx::begin(&app.db, actor).await?;
    let outcome = attach_file(&mut tx, cmd).await?;
    match &outcome {
        Ok(_) => tx.commit().await?,
        Err(_) => tx.rollback().await?,
    }
    Ok(outcome)
}

/// `GET /files/documents/{node id}`: to whoever may read documents. Any of them may name people: each look is in the trail.
async fn give(request: HttpRequest, id: web::Path<String>, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match allowed(&caller, &[Permission::DocumentRead]) {
        Ok(actor) => actor,
        Err(denied) => return denied.answer(&caller),
    };
    let Some(Gid(id)) = Gid::<DocumentId>::decode(&id) else { return missing(&caller) };
    match look(&graph.app, actor, id).await {
        Ok(Some((content_type, name))) => {
            attachment(&content_type, &name).streaming(pieces(graph.app.clone(), id))
        }
        Ok(None) => missing(&caller),
        Err(error) => broken(&caller, &error),
    }
}

/// Media type and name of a document's file; that somebody looks is written down before anything is shown.
async fn look(app: &App, actor: &Actor, id: DocumentId) -> anyhow::Result<Option<(String, String)>> {
    let found = archive::find(&app.db, id.0).await?;
    let Some(file) = found.and_then(|document| document.file_type.zip(document.file_name)) else {
        return Ok(None);
    };
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    tx.audit(Change::new("document", id, "file_seen"));
    tx.commit_silently("a look changes nothing that anybody waits for").await?;
    Ok(Some(file))
}

fn pieces(app: Arc<App>, id: DocumentId) -> impl Stream<Item = std::io::Result<Bytes>> {
    async_stream::try_stream! {
        let mut next = 0;
        while let Some(piece) = archive::part(&app.db, id.0, next).await.map_err(std::io::Error::other)? {
            next += 1;
            yield Bytes::from(piece);
        }
    }
}
