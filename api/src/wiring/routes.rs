//! Every path the server answers.

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::platform::graphql::{http, ws};
use crate::platform::web as site;

/// Routes of subsystems that speak plain HTTP: uploads and downloads. One line each.
const SUBSYSTEMS: &[fn(&mut ServiceConfig)] = &[
    crate::archive::http::routes,
    crate::imports::http::routes,
    crate::billing::http::routes,
    crate::cashdesk::http::routes,
    crate::debt::http::routes,
    crate::payments::http::routes,
    crate::payments::demo_bank::routes,
    crate::payments::uploads::routes,
    crate::platform::files::routes,
];

pub fn configure(config: &mut ServiceConfig) {
    config
        .route("/graphql", web::route().to(http::handle))
        .route("/graphql/ws", web::get().to(ws::handle))
        .route("/health", web::get().to(site::health))
        .route("/ready", web::get().to(site::ready))
        .route("/metrics", web::get().to(site::metrics))
        .route("/developers", web::get().to(site::developers))
        .route("/samples/{path:.*}", web::get().to(site::samples))
        .route("/", web::get().to(to_portal))
        .route("/admin", web::get().to(with_slash))
        .route("/portal", web::get().to(with_slash))
        .route("/admin/{path:.*}", web::get().to(site::admin))
        .route("/portal/{path:.*}", web::get().to(site::portal));
    for subsystem in SUBSYSTEMS {
        subsystem(config);
    }
}

async fn to_portal() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/portal/")).finish()
}

async fn with_slash(request: HttpRequest) -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, format!("{}/", request.path())))
        .finish()
}
