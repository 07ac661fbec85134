//! JWT of minutes, rotating refresh tokens, one-time codes.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header;
use domain::access::Actor;

use crate::app::App;

/// Whoever an `Authorization` header names, with rights and rows; nobody when the token is not valid any more.
pub async fn actor(_app: &Arc<App>, _authorization: &str) -> Option<Actor> {
    None
}

/// The same from a plain HTTP request, for routes beside GraphQL.
pub async fn actor_of(app: &Arc<App>, request: &HttpRequest) -> Option<Actor> {
    actor(app, request.headers().get(header::AUTHORIZATION)?.to_str().ok()?).await
}
