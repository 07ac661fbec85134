//! Files over plain HTTP: what every up- and download answers with.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use domain::access::{Actor, Permission};
use serde_json::json;

use crate::platform::Refusal;
use crate::platform::graphql::UserError;
use crate::platform::graphql::http::Caller;

/// `{ "errors": [{ "code", "message" }] }` in the reader's language.
pub fn refused(caller: &Caller, status: StatusCode, refusal: &Refusal) -> HttpResponse {
    let error = UserError::of(refusal, caller.language);
    HttpResponse::build(status).json(json!({ "errors": [{ "code": error.code, "message": error.message }] }))
}

/// Why somebody gets no file at all.
pub struct Denied(StatusCode, &'static str);

impl Denied {
    pub fn answer(&self, caller: &Caller) -> HttpResponse {
        refused(caller, self.0, &Refusal::new(self.1))
    }
}

/// The caller, if signed in and holding one of the rights; no rights named, anybody signed in.
pub fn allowed<'a>(caller: &'a Caller, rights: &[Permission]) -> Result<&'a Actor, Denied> {
    match &caller.actor {
        None => Err(Denied(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED")),
        Some(actor) if rights.is_empty() || rights.iter().any(|right| actor.may(*right)) => Ok(actor),
        Some(_) => Err(Denied(StatusCode::FORBIDDEN, "FORBIDDEN")),
    }
}

pub fn missing(caller: &Caller) -> HttpResponse {
    refused(caller, StatusCode::NOT_FOUND, &Refusal::new("NOT_FOUND"))
}

pub fn broken(caller: &Caller, error: &anyhow::Error) -> HttpResponse {
    tracing::error!(error = format!("{error:#}"), "a file could not be taken or given");
    refused(caller, StatusCode::INTERNAL_SERVER_ERROR, &Refusal::new("INTERNAL"))
}

/// The head of a file to be kept by whoever asked, and by nobody on the way.
pub fn attachment(content_type: &str, name: &str) -> actix_web::HttpResponseBuilder {
    let ascii: String =
        name.chars().map(|c| if c.is_ascii_graphic() && c != '"' { c } else { '_' }).collect();
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{}", percent(name)),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    response
}

/// As RFC 5987 wants a name with letters of any language.
fn percent(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    name.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}
