use actix_web::{HttpResponse, web};
use entities::kernel::sql;
use serde_json::json;

use crate::app::App;

/// The process answers.
pub async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }))
}

/// The process can serve: database, bus and migrations are as this program needs them.
pub async fn ready(app: web::Data<App>) -> HttpResponse {
    let database = sql::answers(&app.db).await.is_ok();
    let bus = app.bus.ping().await.is_ok();
    let migrations = database && migration::is_current(&app.db).await.unwrap_or(false);
    let body =
        json!({ "database": database, "bus": bus, "busKind": app.bus.name(), "migrations": migrations });
    if database && bus && migrations {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().json(body)
    }
}

pub async fn metrics() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(crate::platform::metrics::text())
}
