//! Registries and statements come over plain HTTP: a body of megabytes has no place inside of a GraphQL request.

use std::io::Read;

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use domain::access::{Actor, Permission, Scope};
use domain::kernel::*;
use domain::payments::WrongFile;
use entities::kernel::Tx;
use entities::payments::{registry, terms};
use serde::Deserialize;
use serde_json::json;

use super::ops::{self, Taking, TakingStatement};
use crate::adapters::{registries, statements};
use crate::app::App;
use crate::platform::files::spool::{Received, SpoolError, receive};
use crate::platform::graphql::Gid;
use crate::platform::graphql::http::{Caller, Graph};
use crate::platform::web::file::{allowed, broken, refused};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// The largest file.
pub const MAX_FILE: usize = 64 * 1024 * 1024;

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/payments/registries", web::post().to(take_registry))
        .route("/payments/statements", web::post().to(take_statement));
}

/// What is said of a registry beside its bytes.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RegistryFile {
    /// Node id of the channel.
    pub channel: String,
    pub date: Option<NaiveDate>,
    pub serial: Option<i32>,
    pub filename: Option<String>,
}

#[derive(Deserialize)]
struct OfStatement {
    filename: Option<String>,
}

/// `POST /payments/registries?channel={node id}&filename=QIWI_1_202603251.csv` with the file as the body → `{ "id": …, "date": … }`. Day and
/// serial number are those of the name unless `date` and `serial` say otherwise.
async fn take_registry(request: HttpRequest, body: web::Payload, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match whoever(&caller) {
        Ok(actor) => actor,
        Err(answer) => return *answer,
    };
    let Ok(asked) = web::Query::<RegistryFile>::from_query(request.query_string()) else {
        return bad(&caller, "channel");
    };
    let received = match body_of(&caller, &request, body).await {
        Ok(received) => received,
        Err(answer) => return answer,
    };
    match registry_of(&graph.app, actor, asked.0, received).await {
        Ok(Ok(id)) => match registry::find(&graph.app.db, id).await {
            Ok(Some(row)) => {
                HttpResponse::Ok().json(json!({ "id": Gid(id).encode(), "date": row.business_date }))
            }
            Ok(None) => refused(&caller, StatusCode::NOT_FOUND, &Refusal::new("NOT_FOUND")),
            Err(error) => broken(&caller, &error.into()),
        },
        Ok(Err(refusal)) => refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => broken(&caller, &error.into()),
    }
}

/// `POST /payments/statements?filename=march.sta` with the file as the body → `{ "ids": […] }`: MT940, camt.053 or the text of 1C.
async fn take_statement(request: HttpRequest, body: web::Payload, graph: web::Data<Graph>) -> HttpResponse {
    let caller = Caller::of(&graph.app, &request).await;
    let actor = match whoever(&caller) {
        Ok(actor) => actor,
        Err(answer) => return *answer,
    };
    let Ok(asked) = web::Query::<OfStatement>::from_query(request.query_string()) else {
        return bad(&caller, "filename");
    };
    let received = match body_of(&caller, &request, body).await {
        Ok(received) => received,
        Err(answer) => return answer,
    };
    match statement_of(&graph.app, actor, named(asked.0.filename), received).await {
        Ok(Ok(ids)) => {
            let ids: Vec<String> = ids.into_iter().map(|id| Gid(id).encode()).collect();
            HttpResponse::Ok().json(json!({ "ids": ids }))
        }
        Ok(Err(refusal)) => refused(&caller, StatusCode::UNPROCESSABLE_ENTITY, &refusal),
        Err(error) => broken(&caller, &error.into()),
    }
}

/// Who may bring them: with the right, and the whole city.
fn whoever(caller: &Caller) -> Result<Actor, Box<HttpResponse>> {
    match allowed(caller, &[Permission::ReconcileWrite]) {
        Ok(actor) if actor.scope == Scope::City => Ok(actor.clone()),
        Ok(_) => Err(Box::new(refused(caller, StatusCode::FORBIDDEN, &Refusal::new("FORBIDDEN")))),
        Err(denied) => Err(Box::new(denied.answer(caller))),
    }
}

fn bad(caller: &Caller, what: &str) -> HttpResponse {
    refused(caller, StatusCode::BAD_REQUEST, &Refusal::new("BAD_INPUT").with("detail", what))
}

async fn body_of(
    caller: &Caller,
    request: &HttpRequest,
    body: web::Payload,
) -> Result<Received, HttpResponse> {
    receive(request, body, MAX_FILE).await.map_err(|error| match error {
        SpoolError::CutOff => bad(caller, "body"),
        SpoolError::TooLarge => {
            refused(caller, StatusCode::PAYLOAD_TOO_LARGE, &Refusal::new("IMPORT_TOO_LARGE"))
        }
        SpoolError::Io(error) => broken(caller, &error.into()),
    })
}

fn named(filename: Option<String>) -> String {
    filename.unwrap_or_default().chars().take(200).collect()
}

/// Why a file was not taken, as people read it.
fn worded(wrong: WrongFile) -> Refusal {
    let line = wrong.line.map_or_else(String::new, |line| line.to_string());
    Refusal::new(wrong.code.code()).with("line", line).with("detail", wrong.detail)
}

/// Reads a file beside the runtime: a large one takes a second.
async fn read<T: Send + 'static>(
    mut received: Received,
    parse: impl FnOnce(&[u8]) -> Result<T, WrongFile> + Send + 'static,
) -> Outcome<T> {
    let parsed = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::with_capacity(received.bytes);
        received.file.read_to_end(&mut bytes)?;
        std::io::Result::Ok(parse(&bytes))
    });
    let broken = |error: String| entities::kernel::Broken::Custom(error);
    let parsed = parsed.await.map_err(|error| broken(error.to_string()))?;
    Ok(parsed.map_err(|error| broken(error.to_string()))?.map_err(worded))
}

/// A registry of a channel, from the bytes of its file.
pub async fn registry_of(
    app: &App,
    actor: Actor,
    asked: RegistryFile,
    received: Received,
) -> Outcome<RegistryId> {
    let Some(Gid(channel)) = Gid::<ChannelId>::decode(&asked.channel) else {
        refuse!(Refusal::new("NO_REGISTRY_TERMS").at("channel"))
    };
    let Some(terms) = terms::find(&app.db, channel).await? else {
        refuse!(Refusal::new("NO_REGISTRY_TERMS").at("channel"))
    };
    let (layout, sha256) = (terms.layout()?, received.sha256.clone());
    let said = match read(received, move |bytes| registries::read(bytes, &layout)).await? {
        Ok(said) => said,
        Err(refusal) => refuse!(refusal),
    };
    let filename = named(asked.filename);
    let of_name = registries::named(&filename);
    let taking = Taking {
        channel,
        business_date: asked.date.or(of_name.map(|name| name.day)),
        serial: asked.serial.or(of_name.map(|name| name.serial.cast_signed())),
        filename,
        sha256,
        said,
    };
    let mut tx = Tx::begin(&app.db, actor).await?;
    finish(ops::take_registry(&mut tx, taking, &app.clock).await?, tx).await
}

/// The statements of a bank's file.
pub async fn statement_of(
    app: &App,
    actor: Actor,
    filename: String,
    received: Received,
) -> Outcome<Vec<StatementId>> {
    let sha256 = received.sha256.clone();
    let said = match read(received, statements::read).await? {
        Ok(said) => said,
        Err(refusal) => refuse!(refusal),
    };
    let mut tx = Tx::begin(&app.db, actor).await?;
    let taking = TakingStatement { filename, sha256, said };
    finish(ops::take_statement(&mut tx, &app.vault, taking, &app.clock).await?, tx).await
}

async fn finish<T>(done: Result<T, Refusal>, tx: Tx) -> Outcome<T> {
    match &done {
        Ok(_) => tx.commit().await?,
        Err(_) => tx.rollback().await?,
    }
    Ok(done)
}
