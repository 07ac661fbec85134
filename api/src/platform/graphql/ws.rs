//! Subscriptions over `graphql-transport-ws`. The token comes in `connection_init`, never in a cookie: a page of somebody else
//! can open a socket but cannot sign in on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_ws::{AggregatedMessage, CloseCode, CloseReason};
use async_graphql::http::{WebSocket, WebSocketProtocols, WsMessage};
use async_graphql::{Data, Executor, Request, Response};
use domain::access::{Actor, Principal, Scope};
use domain::kernel::AccountId;
use entities::kernel::outbox::Sent;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::admit::admit;
use super::error::{ApiError, Code, translate};
use super::http::{Caller, Graph};
use super::limits::{MAX_BODY, ran};
use crate::app::App;
use crate::platform::outbox::follow;
use crate::platform::{auth, metrics};

const PROTOCOL: &str = "graphql-transport-ws";
/// Sockets one process holds.
const MAX_SOCKETS: i64 = 5_000;
/// Operations one socket runs at once.
const MAX_OPERATIONS: i64 = 50;
/// Messages of a client that wait to be read.
const QUEUE: usize = 64;
const PING: Duration = Duration::from_secs(20);
/// How often the session behind a socket is looked at.
const LOOK: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(60);
/// A socket that does not sign in by then is closed.
const SIGN_IN: Duration = Duration::from_secs(10);

/// Close codes of the protocol.
const UNAUTHORIZED: u16 = 4401;
const FORBIDDEN: u16 = 4403;
const INIT_TIMEOUT: u16 = 4408;

pub async fn handle(
    request: HttpRequest,
    body: web::Payload,
    graph: web::Data<Graph>,
) -> actix_web::Result<HttpResponse> {
    let offered = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|v| v.to_str().ok());
    if !offered.unwrap_or_default().split(',').any(|name| name.trim() == PROTOCOL) {
        return Ok(HttpResponse::BadRequest().body(format!("Sec-WebSocket-Protocol: {PROTOCOL}")));
    }
    let Some(place) = Place::take() else { return Ok(HttpResponse::ServiceUnavailable().finish()) };
    // The handshake's own headers give language and address; the token of the handshake, if any, does not count.
    let caller = Caller { actor: None, ..Caller::of(&graph.app, &request).await };
    let (mut response, session, messages) = actix_ws::handle(&request, body)?;
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, header::HeaderValue::from_static(PROTOCOL));
    let messages = messages.aggregate_continuations().max_continuation_size(MAX_BODY);
    actix_web::rt::spawn(async move {
        let reason = talk(Graph::clone(&graph), caller, session.clone(), messages).await;
        let _ = session.close(reason).await;
        drop(place);
    });
    Ok(response)
}

/// One of the process's sockets.
struct Place;

impl Place {
    fn take() -> Option<Self> {
        if metrics::SOCKETS.get() >= MAX_SOCKETS {
            return None;
        }
        metrics::SOCKETS.inc();
        Some(Self)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        metrics::SOCKETS.dec();
    }
}

/// Carries messages both ways until somebody ends it; why it ended.
async fn talk(
    graph: Graph,
    caller: Caller,
    mut session: actix_ws::Session,
    mut messages: actix_ws::AggregatedMessageStream,
) -> Option<CloseReason> {
    let (to_graph, from_client) = mpsc::channel::<String>(QUEUE);
    let who = Who::default();
    let executor =
        Spoken { graph: graph.clone(), caller: caller.clone(), who: who.clone(), running: Arc::default() };
    // Who was signed out somewhere is out here too, at once; the look from time to time is for what is no fact.
    let mut rights = follow(&graph.app, about_rights).await.ok()?;
    let signed_in = who.clone();
    let app = graph.app.clone();
    let socket = WebSocket::new(executor, ReceiverStream::new(from_client), WebSocketProtocols::GraphQLWS)
        .on_connection_init(async move |params: serde_json::Value| {
            let authorization = params["authorization"].as_str().or(params["Authorization"].as_str());
            let refused = || async_graphql::Error::new(Code::Unauthenticated.as_str());
            let authorization = authorization.ok_or_else(refused)?;
            let actor = auth::actor(&app, authorization).await.ok_or_else(refused)?;
            signed_in.is(&actor, authorization);
            let mut data = Data::default();
            data.insert(app.clone());
            data.insert(super::loaders::fresh(&app));
            data.insert(caller.language);
            data.insert(caller.origin);
            data.insert(actor);
            Ok(data)
        });
    let mut socket = std::pin::pin!(socket);
    let (mut tick, mut look) = (tokio::time::interval(PING), tokio::time::interval(LOOK));
    tick.reset();
    look.reset();
    let opened = Instant::now();
    let mut heard = opened;
    loop {
        tokio::select! {
            message = messages.next() => {
                heard = Instant::now();
                match message {
                    Some(Ok(AggregatedMessage::Text(text))) => {
                        if to_graph.try_send(text.to_string()).is_err() {
                            return reason(CloseCode::Policy, Code::TooManyRequests.as_str());
                        }
                    }
                    Some(Ok(AggregatedMessage::Ping(bytes))) => session.pong(&bytes).await.ok()?,
                    Some(Ok(AggregatedMessage::Pong(_))) => {}
                    Some(Ok(AggregatedMessage::Binary(_))) => return reason(CloseCode::Unsupported, "text only"),
                    Some(Ok(AggregatedMessage::Close(_)) | Err(_)) | None => return None,
                }
            }
            answer = socket.next() => match answer {
                Some(WsMessage::Text(text)) => session.text(text).await.ok()?,
                // The library closes with 1002 whatever was wrong with the sign-in.
                Some(WsMessage::Close(_, why)) if why == Code::Unauthenticated.as_str() => {
                    return reason(CloseCode::Other(FORBIDDEN), &why);
                }
                Some(WsMessage::Close(code, why)) => return reason(CloseCode::from(code), &why),
                None => return None,
            },
            _ = tick.tick() => {
                if heard.elapsed() > SILENCE {
                    return None;
                }
                session.ping(b"").await.ok()?;
            }
            () = tokio::time::sleep_until((opened + SIGN_IN).into()), if who.is_nobody() => {
                return reason(CloseCode::Other(INIT_TIMEOUT), "connection_init did not come");
            }
            Some(fact) = rights.next() => {
                if who.is_meant(&fact) && !who.looked_up(&graph.app).await {
                    return reason(CloseCode::Other(UNAUTHORIZED), "the session is over");
                }
            }
            _ = look.tick() => {
                if !who.is_still(&graph.app).await {
                    return reason(CloseCode::Other(UNAUTHORIZED), "the session is over");
                }
            }
            () = graph.app.closing.cancelled() => return reason(CloseCode::Away, "the server restarts"),
        }
    }
}

/// Facts after which somebody may be out, or may hear other things than before.
fn about_rights(fact: &Sent) -> bool {
    matches!(
        fact.name.as_str(),
        "access.session_revoked"
            | "access.user_changed"
            | "access.client_changed"
            | "subscribers.moved_in"
            | "subscribers.moved_out"
    )
}

/// Who signed in on a socket, and with what.
#[derive(Clone, Default)]
struct Who(Arc<std::sync::Mutex<Option<(Actor, String)>>>);

impl Who {
    fn is(&self, actor: &Actor, authorization: &str) {
        *self.0.lock().expect("no panics under the lock") = Some((actor.clone(), authorization.to_owned()));
    }

    fn actor(&self) -> Option<Actor> {
        self.0.lock().expect("no panics under the lock").as_ref().map(|(actor, _)| actor.clone())
    }

    fn is_nobody(&self) -> bool {
        self.0.lock().expect("no panics under the lock").is_none()
    }

    /// Whether a fact may have ended or changed what this listener may hear.
    fn is_meant(&self, fact: &Sent) -> bool {
        let Some(actor) = self.actor() else { return false };
        let said = |name: &str| fact.event["fact"][name].clone();
        let id = match actor.principal {
            Principal::User(id) => said("user") == id.0,
            Principal::Client(id) => said("client") == id.0,
            Principal::Subscriber(_) => {
                let account = said("account").as_i64().map(AccountId);
                account
                    .is_some_and(|account| matches!(&actor.scope, Scope::Own(own) if own.contains(&account)))
            }
            Principal::System => false,
        };
        id || actor.session.is_some_and(|session| said("session") == session.to_string())
    }

    /// The same as [`Who::is_still`], past what this process believes: a fact may come before the belief was corrected.
    async fn looked_up(&self, app: &Arc<App>) -> bool {
        if let Some(session) = self.actor().and_then(|actor| actor.session) {
            auth::look_again(app, session).await;
        }
        self.is_still(app).await
    }

    /// A socket outlives the minutes of its access token, but neither its session nor a change of rights.
    async fn is_still(&self, app: &Arc<App>) -> bool {
        let Some((actor, authorization)) = self.0.lock().expect("no panics under the lock").clone() else {
            return true;
        };
        let now = match actor.session {
            Some(session) => auth::by_session(app, session).await,
            None => auth::actor(app, &authorization).await,
        };
        now.is_some_and(|now| {
            now.permissions == actor.permissions
                && now.scope == actor.scope
                && now.password_due == actor.password_due
        })
    }
}

fn reason(code: CloseCode, why: &str) -> Option<CloseReason> {
    Some(CloseReason { code, description: Some(why.chars().take(100).collect()) })
}

/// Runs operations and words their errors.
#[derive(Clone)]
struct Spoken {
    graph: Graph,
    caller: Caller,
    who: Who,
    running: Arc<AtomicI64>,
}

struct Running(Arc<AtomicI64>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Spoken {
    fn refusal(&self, error: &ApiError) -> Response {
        Response::from_errors(vec![translate(error.refuse(), self.caller.language, false)])
    }
}

#[async_trait::async_trait]
impl Executor for Spoken {
    async fn execute(&self, request: Request) -> Response {
        self.graph.schema.execute(request).await
    }

    /// Lets the operation in as over HTTP, then asks before each event whether the listener may still hear it.
    fn execute_stream(
        &self,
        mut request: Request,
        session: Option<Arc<Data>>,
    ) -> BoxStream<'static, Response> {
        let own = self.clone();
        Box::pin(async_stream::stream! {
            let running = Running(own.running.clone());
            if running.0.fetch_add(1, Ordering::Relaxed) >= MAX_OPERATIONS {
                yield own.refusal(&ApiError::new(Code::TooManyRequests));
                return;
            }
            let app = &own.graph.app;
            let caller = Caller { actor: own.who.actor(), ..own.caller.clone() };
            if let Err(error) = admit(app, &mut request, &caller).await {
                yield own.refusal(&error);
                return;
            }
            let roots = match request.parsed_query() {
                Ok(document) => super::limits::roots(document, None),
                Err(_) => Vec::new(),
            };
            let mut answers = match session {
                Some(session) => own.graph.schema.execute_stream_with_session_data(request, session).boxed(),
                None => own.graph.schema.execute_stream(request).boxed(),
            };
            while let Some(mut answer) = answers.next().await {
                if !own.who.is_still(app).await {
                    yield own.refusal(&ApiError::new(Code::Unauthenticated));
                    return;
                }
                // What was switched off meanwhile says so instead of its next event.
                if let Ok(Some((field, why))) = app.switches.first_off(app, &roots).await {
                    yield own.refusal(&super::admit::off(&field, &why));
                    return;
                }
                let executed = ran(&answer);
                let errors = std::mem::take(&mut answer.errors);
                answer.errors =
                    errors.into_iter().map(|e| translate(e, own.caller.language, executed)).collect();
                yield answer;
            }
        })
    }
}
