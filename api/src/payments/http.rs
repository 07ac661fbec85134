//! `/pay/{channel}`: where the programs of banks and terminals come to.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BodyStream, MessageBody};
use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, Bytes, BytesMut, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono_tz::Asia::Almaty;
use domain::payments::channel::{
    Asked, ChannelAuth, ChannelOutcome, DeniedAnswer, Pairs, TemporaryAnswer, mask_query, read,
};
use entities::kernel::{Broken, Db};
use entities::payments::request::Line;
use entities::payments::take;
use futures_util::{StreamExt, stream};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::channel::lane::Lane;
use super::channel::log::Log;
use super::channel::{Channel, Kept};
use super::docs;
use super::ops::{self, Ask, Reply};
use crate::app::App;
use crate::platform::metrics;

/// The most that a request may say.
const MAX_BODY: usize = 16 * 1024;
/// How long it may take to say it.
const BODY_TIME: Duration = Duration::from_secs(10);

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/pay/docs", web::get().to(docs::page))
        .route("/pay/docs/{language}", web::get().to(docs::page_in))
        .route("/pay/{channel}", web::route().to(handle))
        .route("/pay/{channel}/{secret}", web::route().to(handle));
}

/// What a request is from the outside.
struct Came<'a> {
    request: &'a HttpRequest,
    at: Instant,
    address: Option<IpAddr>,
    pairs: Pairs,
    body: Body,
}

/// What became of the body of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Read,
    /// Too large, or no form: the same again would be so too.
    Spoiled,
    /// It did not come to its end: what it would have said nobody knows.
    CutOff,
}

/// What becomes of it.
enum Way {
    Answered(Reply),
    /// HTTP says it: 401, 403.
    Denied(ChannelOutcome, StatusCode),
    /// Again later.
    Later,
}

async fn handle(
    request: HttpRequest,
    payload: web::Payload,
    app: web::Data<App>,
    lane: web::Data<Lane>,
) -> HttpResponse {
    let app = app.into_inner();
    let at = Instant::now();
    let code = request.match_info().query("channel");
    let kept = match app.channels.get(&app).await {
        Ok(kept) => kept,
        Err(error) => {
            tracing::error!(error = %error, "no channel is known: the database has not been read yet");
            return HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, 5)).finish();
        }
    };
    let Some(channel) = kept.channel(code) else { return HttpResponse::NotFound().finish() };
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "GET, POST")).finish();
    }
    let (pairs, body) = pairs(&request, payload).await;
    let came = Came { request: &request, at, address: app.proxies.caller(&request), pairs, body };
    let asked = read(channel.row.dialect, channel.row.account_form, &came.pairs);
    let asked = match body {
        Body::Read => asked,
        Body::Spoiled => Asked { act: Err(ChannelOutcome::CommandUnknown), ..asked },
        Body::CutOff => Asked { act: Err(ChannelOutcome::Temporary), ..asked },
    };
    let db = match lane.db(&app).await {
        Ok(db) => db,
        Err(error) => {
            broken(&channel, &error);
            return answer(&app, &channel, &came, &asked, Way::Later);
        }
    };
    let way = way(&app, db, &kept, &channel, &came, &asked).await;
    answer(&app, &channel, &came, &asked, way)
}

async fn way(app: &Arc<App>, db: &Db, kept: &Kept, channel: &Channel, came: &Came<'_>, asked: &Asked) -> Way {
    let page = asked.is_self_check() && came.pairs.iter().any(|pair| pair == ("format", "html"));
    let ask = Ask { db, channel, kept, asked, page };
    let entitled = entitled(app, channel, came);
    // Before anything is judged by what was not heard, a signature too; from where it comes is known without it.
    if came.body == Body::CutOff && entitled != Err(ChannelOutcome::Forbidden) {
        return told(channel, ask.plain(ChannelOutcome::Temporary));
    }
    if let Err(outcome) = entitled {
        return match (channel.row.denied, outcome) {
            (DeniedAnswer::Code, outcome) => Way::Answered(ask.plain(outcome)),
            (DeniedAnswer::Status, ChannelOutcome::Unauthorized)
                if channel.row.auth == ChannelAuth::Basic =>
            {
                Way::Denied(outcome, StatusCode::UNAUTHORIZED)
            }
            (DeniedAnswer::Status, outcome) => Way::Denied(outcome, StatusCode::FORBIDDEN),
        };
    }
    let budget = Duration::from_secs(u64::try_from(channel.row.answer_seconds).unwrap_or(12));
    let reply =
        match tokio::time::timeout(budget.saturating_sub(came.at.elapsed()), ops::take(app, ask)).await {
            Ok(Ok(reply)) => reply,
            // Whatever is broken here, the payer's money is not: the channel comes again.
            Ok(Err(error)) => {
                broken(channel, &error);
                ask.plain(ChannelOutcome::Temporary)
            }
            Err(_) => {
                tracing::warn!(channel = channel.row.code, "an answer was not ready in time");
                ask.plain(ChannelOutcome::Temporary)
            }
        };
    told(channel, reply)
}

/// What passes by itself is told as the channel wants it.
fn told(channel: &Channel, reply: Reply) -> Way {
    match reply.outcome {
        ChannelOutcome::Temporary if channel.row.temporary != TemporaryAnswer::Code => Way::Later,
        _ => Way::Answered(reply),
    }
}

fn broken(channel: &Channel, error: &Broken) {
    if take::passes(error) {
        tracing::warn!(error = %error, channel = channel.row.code, "a channel is told to come again");
    } else {
        tracing::error!(error = %error, channel = channel.row.code, "a channel is told to come again; this does not pass by itself");
    }
}

/// Whether whoever speaks may: from an allowed network, with what the channel shows of itself.
fn entitled(app: &App, channel: &Channel, came: &Came<'_>) -> Result<(), ChannelOutcome> {
    if !came.address.is_some_and(|address| channel.allows(address)) {
        return Err(ChannelOutcome::Forbidden);
    }
    let row = &channel.row;
    let path = came.request.match_info().get("secret");
    let is_secret = |word: &str| {
        row.secret_hash.as_deref().is_some_and(|kept| app.vault.is_secret(&row.code, word, kept))
    };
    let shown = match (row.auth, path) {
        (ChannelAuth::Path, Some(word)) => is_secret(word),
        (ChannelAuth::Path, None) | (_, Some(_)) => false,
        (ChannelAuth::None, None) => true,
        (ChannelAuth::Basic, None) => basic(came.request)
            .is_some_and(|(user, word)| is_secret(&word) && row.auth_user.as_deref() == Some(user.as_str())),
        (ChannelAuth::Hmac, None) => signed(channel, &came.pairs),
    };
    if shown { Ok(()) } else { Err(ChannelOutcome::Unauthorized) }
}

/// Name and password of an `Authorization: Basic` header.
fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, word) = value.split_once(' ')?;
    let plain = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(word.trim()).ok())??;
    let plain = String::from_utf8(plain).ok()?;
    plain.split_once(':').map(|(user, word)| (user.to_owned(), word.to_owned()))
}

/// `sign` is the hexadecimal HMAC-SHA256 of the other parameters.
fn signed(channel: &Channel, pairs: &Pairs) -> bool {
    let Some(key) = channel.key.as_deref() else { return false };
    let Some(signature) = pairs.signature().and_then(|text| hex::decode(text).ok()) else { return false };
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(pairs.signed().as_bytes());
    mac.verify_slice(&signature).is_ok()
}

/// Parameters of the query and of a form in the body.
async fn pairs(request: &HttpRequest, mut payload: web::Payload) -> (Pairs, Body) {
    let query = request.query_string().as_bytes();
    if *request.method() != Method::POST {
        return (Pairs::of([query]), Body::Read);
    }
    let read = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Body::CutOff)?;
            if body.len() + chunk.len() > MAX_BODY {
                return Err(Body::Spoiled);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    };
    let body = tokio::time::timeout(BODY_TIME, read).await.unwrap_or(Err(Body::CutOff));
    let kind =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let form = kind.split(';').next().is_some_and(|kind| {
        kind.trim().is_empty() || kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    });
    match body {
        Ok(body) if form || body.is_empty() => (Pairs::of([query, &body]), Body::Read),
        Ok(_) => (Pairs::of([query]), Body::Spoiled),
        Err(became) => (Pairs::of([query]), became),
    }
}

/// Sends what goes out and keeps a line of it.
fn answer(app: &Arc<App>, channel: &Channel, came: &Came<'_>, asked: &Asked, way: Way) -> HttpResponse {
    let (outcome, code, status, payment, notes) = match &way {
        Way::Answered(reply) => {
            let code = Some(i32::from(channel.code(reply.outcome)));
            let status = if reply.lost { 0 } else { 200 };
            (reply.outcome, code, status, reply.payment, reply.notes.as_slice())
        }
        Way::Denied(outcome, status) => (*outcome, None, i32::from(status.as_u16()), None, [].as_slice()),
        Way::Later => {
            let status = if channel.row.temporary == TemporaryAnswer::Silence { 0 } else { 503 };
            (ChannelOutcome::Temporary, None, status, None, [].as_slice())
        }
    };
    let refused = matches!(outcome, ChannelOutcome::Forbidden | ChannelOutcome::Unauthorized);
    let (now, micros) = (app.clock.now(), came.at.elapsed().as_micros());
    let hidden = |text: &Option<String>| {
        text.clone().filter(|text| domain::kernel::Identification::parse(text).is_err())
    };
    let line = Line {
        at: now,
        day: now.with_timezone(&Almaty).date_naive(),
        channel: channel.row.code.clone(),
        address: came.address,
        method: if *came.request.method() == Method::POST { "POST" } else { "GET" },
        command: asked.command.map(|command| command.code()),
        external_id: asked.number.clone(),
        account: hidden(&asked.account),
        amount: asked.amount.clone(),
        query: mask_query(&came.pairs),
        outcome: outcome.code(),
        code,
        status,
        micros: i64::try_from(micros).unwrap_or(i64::MAX),
        payment_id: payment,
        notes: notes.iter().map(|note| note.code()).collect(),
        counted_only: false,
    };
    metrics::channel(
        &channel.row.code,
        asked.command.map_or("-", |command| command.code()),
        outcome.code(),
        micros,
    );
    tracing::info!(
        channel = channel.row.code,
        command = line.command,
        outcome = line.outcome,
        ms = micros as f64 / 1000.0,
        body = ?came.body,
        "asked"
    );
    Log::push(app, line, refused);
    match way {
        Way::Answered(reply) if reply.lost => cut(),
        Way::Answered(reply) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, reply.content_type))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(reply.body),
        Way::Denied(_, status) => {
            let mut response = HttpResponse::build(status);
            if status == StatusCode::UNAUTHORIZED {
                response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"pay\", charset=\"UTF-8\""));
            }
            response.insert_header((header::CACHE_CONTROL, "no-store")).finish()
        }
        Way::Later if channel.row.temporary == TemporaryAnswer::Silence => cut(),
        Way::Later => HttpResponse::ServiceUnavailable().insert_header((header::RETRY_AFTER, 30)).finish(),
    }
}

/// An answer that breaks off: the connection ends and the caller knows nothing.
fn cut() -> HttpResponse {
    let broken =
        stream::once(async { Err::<Bytes, _>(std::io::Error::other("the answer is lost on purpose")) });
    HttpResponse::Ok().force_close().body(BodyStream::new(broken).boxed())
}
