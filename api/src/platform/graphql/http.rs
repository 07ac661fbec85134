//! GraphQL over HTTP: POST with JSON, GET for queries only; the status and shape the specification asks of each media type.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use async_graphql::parser::types::{DocumentOperations, ExecutableDocument, OperationType};
use async_graphql::{Request, Response, Variables};
use domain::access::Actor;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use super::admit::admit;
use super::detail;
use super::error::{ApiError, Code, code_of, translate};
use super::limits::{BODY_TIME, MAX_BODY, ran};
use super::loaders;
use crate::app::App;
use crate::platform::messages::Language;
use crate::platform::{auth, metrics};
use crate::wiring::schema::ApiSchema;

/// What a server process answers with.
#[derive(Clone)]
pub struct Graph {
    pub app: Arc<App>,
    pub schema: ApiSchema,
}

/// Who asks, and in which language the answer goes.
#[derive(Debug, Clone)]
pub struct Caller {
    pub actor: Option<Actor>,
    pub language: Language,
    pub origin: Origin,
}

/// Where a request came from, for the list of sessions.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

/// An answer, whether the document ran at all, and what of the answer belongs into the HTTP status.
pub struct Answer {
    pub response: Response,
    pub executed: bool,
    pub refused: Option<ApiError>,
}

impl Caller {
    /// From the headers of a request; a token that is not valid makes nobody, and so does one that must change the password first.
    pub async fn of(app: &Arc<App>, request: &HttpRequest) -> Self {
        let caller = Self::presented(app, request).await.0;
        Self { actor: caller.actor.filter(|actor| !actor.password_due), ..caller }
    }

    /// The same for GraphQL, where guards know who must change the password first, and what is wrong with the token that was
    /// shown: a dead one is told so, whatever is asked. Its owner can do something about it; who wants to be nobody shows none.
    async fn presented(app: &Arc<App>, request: &HttpRequest) -> (Self, Option<Turned>) {
        let text = |name| request.headers().get(name).and_then(|v: &header::HeaderValue| v.to_str().ok());
        // Another scheme is for somebody else on the way, a gateway in front of us.
        let shown = text(header::AUTHORIZATION).filter(|value| value.to_lowercase().starts_with("bearer"));
        let (actor, wrong) = match shown {
            None => (None, None),
            Some(value) => match auth::look(app, value).await {
                Ok(Some(actor)) => (Some(actor), None),
                Ok(None) => {
                    (None, Some(Turned(StatusCode::UNAUTHORIZED, ApiError::new(Code::Unauthenticated))))
                }
                // It may well be good: nobody is signed out because the tables could not be asked.
                Err(auth::Unclear) => (
                    None,
                    Some(Turned(
                        StatusCode::SERVICE_UNAVAILABLE,
                        ApiError::new(Code::Internal).retry_after(5),
                    )),
                ),
            },
        };
        let caller = Self {
            actor,
            language: Language::accepted(text(header::ACCEPT_LANGUAGE).unwrap_or_default()),
            origin: Origin {
                address: request.peer_addr().map(|address| address.ip().to_string()),
                user_agent: text(header::USER_AGENT).map(|agent| agent.chars().take(200).collect()),
            },
        };
        (caller, wrong)
    }

    fn label(&self) -> &str {
        self.actor.as_ref().map_or("-", |actor| actor.label.as_str())
    }
}

impl Graph {
    /// Everything a resolver needs, put into one request.
    pub fn dress(&self, request: Request, caller: &Caller) -> Request {
        let request = request
            .data(self.app.clone())
            .data(loaders::fresh(&self.app))
            .data(caller.language)
            .data(caller.origin.clone());
        match &caller.actor {
            Some(actor) => request.data(actor.clone()),
            None => request,
        }
    }

    /// Runs one operation: one span, one measure, errors worded for the reader.
    pub async fn answer(&self, mut request: Request, caller: &Caller) -> Answer {
        self.app.documents.read(&mut request);
        let wanted = request.operation_name.clone();
        let (kind, root) = request
            .parsed_query()
            .ok()
            .and_then(|document| summary(document, wanted.as_deref()))
            .unwrap_or(("unknown", String::new()));
        let name: String = request.operation_name.as_deref().unwrap_or(&root).chars().take(64).collect();
        let span = tracing::info_span!("graphql", kind, operation = name, actor = caller.label());
        let began = Instant::now();
        let admitted = admit(&self.app, &mut request, caller).instrument(span.clone()).await;
        let request = self.dress(request, caller);

        let (mut response, refused) = match admitted {
            Ok(cost) => {
                let run = self.schema.execute(request).instrument(span.clone());
                let (response, refused) =
                    match tokio::time::timeout(self.app.config.operation_time(), run).await {
                        Ok(response) => (response, None),
                        // Dropped in its middle: what it began to write is rolled back.
                        Err(_) => refusal(ApiError::new(Code::Timeout).retry_after(5)),
                    };
                (cost.into_iter().fold(response, |response, cost| cost.told(response)), refused)
            }
            Err(error) => refusal(error),
        };
        let executed = refused.is_none() && ran(&response);
        let errors: Vec<_> = std::mem::take(&mut response.errors);
        response.errors = errors.into_iter().map(|e| translate(e, caller.language, executed)).collect();

        let seconds = began.elapsed().as_secs_f64();
        let outcome = response.errors.first().and_then(code_of).unwrap_or("OK").to_owned();
        metrics::operation(kind, if executed { &root } else { "-" }, &outcome, seconds);
        tracing::info!(parent: &span, ms = (seconds * 1e4).round() / 10.0, outcome, "answered");
        Answer { response, executed, refused }
    }
}

fn refusal(error: ApiError) -> (Response, Option<ApiError>) {
    (Response::from_errors(vec![error.refuse()]), Some(error))
}

/// Kind and first root field of the operation that will run.
fn summary(document: &ExecutableDocument, name: Option<&str>) -> Option<(&'static str, String)> {
    let operation = chosen(document, name)?;
    let kind = match operation.ty {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    };
    let root = operation.selection_set.node.items.iter().find_map(|item| match &item.node {
        async_graphql::parser::types::Selection::Field(field) => Some(field.node.name.node.to_string()),
        _ => None,
    });
    Some((kind, root.unwrap_or_default()))
}

fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a async_graphql::parser::types::OperationDefinition> {
    match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(&operation.node),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|o| &o.node),
        (DocumentOperations::Multiple(all), None) => {
            (all.len() == 1).then(|| all.values().next().map(|o| &o.node)).flatten()
        }
    }
}

/// The two media types of an answer; they differ in the status of a request that never ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Media {
    Response,
    Json,
}

impl Media {
    fn name(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The first acceptable one; nothing said means JSON, as old clients expect.
    fn accepted(request: &HttpRequest) -> Option<Self> {
        let Some(header) = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()) else {
            return Some(Self::Json);
        };
        header.split(',').find_map(|part| match part.split(';').next().unwrap_or_default().trim() {
            "application/graphql-response+json" => Some(Self::Response),
            "application/json" | "application/*" | "*/*" | "" => Some(Self::Json),
            _ => None,
        })
    }
}

/// Why a request was turned away before GraphQL saw it.
struct Turned(StatusCode, ApiError);

impl Turned {
    fn bad(detail: &str) -> Self {
        Self(StatusCode::BAD_REQUEST, ApiError::new(Code::BadRequest).detail(detail))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<serde_json::Value>,
    extensions: Option<serde_json::Value>,
}

/// The one handler of `/graphql`.
pub async fn handle(request: HttpRequest, payload: web::Payload, graph: web::Data<Graph>) -> HttpResponse {
    let (caller, wrong) = Caller::presented(&graph.app, &request).await;
    let Some(media) = Media::accepted(&request) else {
        let why =
            ApiError::new(Code::BadRequest).detail("application/graphql-response+json, application/json");
        return turned(&caller, Media::Json, Turned(StatusCode::NOT_ACCEPTABLE, why));
    };
    if let Some(wrong) = wrong {
        return turned(&caller, media, wrong);
    }
    let read = match *request.method() {
        _ if cross_site(&request) => Err(Turned(StatusCode::FORBIDDEN, ApiError::new(Code::CrossSite))),
        Method::POST => match tokio::time::timeout(BODY_TIME, from_post(&request, payload)).await {
            Ok(read) => read,
            Err(_) => Err(Turned(StatusCode::REQUEST_TIMEOUT, ApiError::new(Code::Timeout))),
        },
        Method::GET | Method::HEAD => from_get(&request),
        _ => {
            let why = ApiError::new(Code::BadRequest).detail("POST, GET");
            Err(Turned(StatusCode::METHOD_NOT_ALLOWED, why))
        }
    };
    match read {
        Ok(operation) => written(media, graph.answer(operation, &caller).await),
        Err(why) => turned(&caller, media, why),
    }
}

/// A browser says whose page sends the request. What a page can send without asking first (a link, an image, a form) is a GET or
/// has another content type than JSON; both are refused, so that nothing of ours can be set off from elsewhere.
fn cross_site(request: &HttpRequest) -> bool {
    let from = request.headers().get("sec-fetch-site").and_then(|v| v.to_str().ok());
    from.is_some_and(|from| !matches!(from, "same-origin" | "none"))
}

async fn from_post(request: &HttpRequest, mut payload: web::Payload) -> Result<Request, Turned> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    let mut parts = content_type.unwrap_or_default().split(';').map(str::trim);
    let json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|param| match param.to_lowercase().strip_prefix("charset=") {
        Some(charset) => charset.trim_matches('"') == "utf-8",
        None => true,
    });
    if !json || !utf8 {
        let why = ApiError::new(Code::BadRequest).detail("Content-Type: application/json");
        return Err(Turned(StatusCode::UNSUPPORTED_MEDIA_TYPE, why));
    }
    let too_large = || Turned(StatusCode::PAYLOAD_TOO_LARGE, ApiError::new(Code::TooLarge).detail(MAX_BODY));
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > MAX_BODY) {
        return Err(too_large());
    }
    let mut body = web::BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| Turned::bad(detail::CUT))?;
        if body.len() + chunk.len() > MAX_BODY {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    if body.trim_ascii_start().first() == Some(&b'[') {
        return Err(Turned(StatusCode::BAD_REQUEST, ApiError::new(Code::BatchRefused)));
    }
    let body: Body = serde_json::from_slice(&body).map_err(|_| Turned::bad(detail::NOT_JSON))?;
    operation(body)
}

fn from_get(request: &HttpRequest) -> Result<Request, Turned> {
    let query = web::Query::<std::collections::HashMap<String, String>>::from_query(request.query_string())
        .map_err(|_| Turned::bad(detail::QUERY_STRING))?;
    let json = |name: &str| {
        query
            .get(name)
            .filter(|text| !text.is_empty())
            .map(|text| serde_json::from_str(text).map_err(|_| Turned::bad(name)))
            .transpose()
    };
    let mut operation = operation(Body {
        query: query.get("query").cloned(),
        operation_name: query.get("operationName").filter(|name| !name.is_empty()).cloned(),
        variables: json("variables")?,
        extensions: json("extensions")?,
    })?;
    // Links, images and prefetchers send GET by themselves: nothing may change by it.
    let wanted = operation.operation_name.clone();
    // A document that does not parse is left for the schema to say so.
    let writes = operation.parsed_query().is_ok_and(|document| match chosen(document, wanted.as_deref()) {
        Some(operation) => operation.ty != OperationType::Query,
        None => document.operations.iter().any(|(_, o)| o.node.ty != OperationType::Query),
    });
    if writes {
        let why = ApiError::new(Code::BadRequest).detail(detail::GET_WRITES);
        return Err(Turned(StatusCode::METHOD_NOT_ALLOWED, why));
    }
    Ok(operation)
}

/// Checks the members of a request.
fn operation(body: Body) -> Result<Request, Turned> {
    let hashed = body.extensions.as_ref().is_some_and(|all| all["persistedQuery"]["sha256Hash"].is_string());
    let query = match body.query.filter(|query| !query.trim().is_empty()) {
        Some(query) => query,
        None if hashed => String::new(),
        None => return Err(Turned::bad("query")),
    };
    let variables = match body.variables {
        None | Some(serde_json::Value::Null) => Variables::default(),
        Some(map @ serde_json::Value::Object(_)) => Variables::from_json(map),
        Some(_) => return Err(Turned::bad("variables")),
    };
    if !matches!(body.extensions, None | Some(serde_json::Value::Null | serde_json::Value::Object(_))) {
        return Err(Turned::bad("extensions"));
    }
    let mut request = Request::new(query).variables(variables);
    if let Some(serde_json::Value::Object(extensions)) = body.extensions {
        let value = |json| async_graphql::Value::from_json(json).unwrap_or_default();
        request.extensions.0 = extensions.into_iter().map(|(name, json)| (name, value(json))).collect();
    }
    request.operation_name = body.operation_name.filter(|name| !name.is_empty());
    Ok(request)
}

/// The body of an answer; one that never ran has no `data`, not even an empty one.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [async_graphql::ServerError],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extensions: &'a BTreeMap<String, async_graphql::Value>,
}

fn written(media: Media, answer: Answer) -> HttpResponse {
    let told = Told {
        data: answer.executed.then_some(&answer.response.data),
        errors: &answer.response.errors,
        extensions: &answer.response.extensions,
    };
    let status = match (&answer.refused, media) {
        (Some(refused), _) => status_of(refused.code),
        (None, Media::Response) if !answer.executed => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    let mut response = HttpResponse::build(status);
    if let Some(seconds) = answer.refused.and_then(|refused| refused.retry_after) {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    response
        .insert_header((header::CONTENT_TYPE, media.name()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(serde_json::to_string(&told).unwrap_or_default())
}

/// The status of what was refused before it ran, in both media types.
fn status_of(code: Code) -> StatusCode {
    match code {
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::UntrustedDocument => StatusCode::FORBIDDEN,
        Code::UnknownDocument => StatusCode::NOT_FOUND,
        Code::OperationOff | Code::Timeout => StatusCode::SERVICE_UNAVAILABLE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn turned(caller: &Caller, media: Media, Turned(status, error): Turned) -> HttpResponse {
    metrics::operation("refused", "-", error.code.as_str(), 0.0);
    let error = translate(error.refuse(), caller.language, false);
    let mut response = HttpResponse::build(status);
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.insert_header((header::ALLOW, "POST, GET"));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""));
    }
    response
        .insert_header((header::CONTENT_TYPE, media.name()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(serde_json::json!({ "errors": [error] }).to_string())
}
