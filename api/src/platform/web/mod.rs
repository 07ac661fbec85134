//! The HTTP server around the graph: health, metrics, the two frontends.

mod address;
mod developers;
pub mod file;
mod health;
mod site;

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::{Compress, DefaultHeaders};
use actix_web::{App as ActixApp, HttpResponse, HttpServer, web};
use anyhow::Context;

use super::graphql::http::Graph;
use crate::payments::channel::lane::Lane;

pub use address::Proxies;
pub use developers::{developers, escaped};
pub use health::{health, metrics, ready};
pub use site::{Sites, admin, portal, samples};

/// Threads that answer.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, Into::into)
}

/// Binds and returns the server without running it; the address tells the port that was free.
pub fn server(graph: Graph, listen: &str) -> anyhow::Result<(Server, std::net::SocketAddr)> {
    let sites = web::Data::new(Sites::of(&graph.app.config));
    let app: web::Data<crate::app::App> = web::Data::from(Arc::clone(&graph.app));
    let graph = web::Data::new(graph);
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(graph.clone())
            .app_data(app.clone())
            .app_data(sites.clone())
            .app_data(web::Data::new(Lane::default()))
            .wrap(Compress::default())
            .wrap(
                DefaultHeaders::new()
                    .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                    .add((header::REFERRER_POLICY, "same-origin"))
                    .add((header::X_FRAME_OPTIONS, "DENY")),
            )
            .configure(crate::wiring::routes::configure)
            .default_service(web::to(async || HttpResponse::NotFound().finish()))
    })
    .workers(threads())
    .disable_signals()
    .shutdown_timeout(20)
    .keep_alive(Duration::from_secs(75))
    .bind(listen)
    .with_context(|| format!("listen: cannot bind {listen}"))?;
    let address = *server.addrs().first().context("listen: no address was bound")?;
    Ok((server.run(), address))
}
