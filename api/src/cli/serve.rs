//! Answers HTTP and WebSocket, and works off background jobs beside it unless told not to.

use anyhow::bail;

use crate::app::App;
use crate::config::Config;
use crate::payments::channel::log::Log;
use crate::platform::graphql::http::Graph;
use crate::platform::web;
use crate::wiring::schema::schema;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Address and port; port 0 takes a free one
    #[arg(long)]
    listen: Option<String>,
    /// Leave background jobs to separate workers
    #[arg(long)]
    no_worker: bool,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let mut config = Config::load()?;
    if args.listen.is_some() {
        config.listen = args.listen;
    }
    if args.no_worker && config.redis_url.is_none() {
        bail!("--no-worker needs redis_url: without Redis other processes cannot be heard");
    }
    let listen = config.listen.clone().unwrap_or_else(|| "127.0.0.1:8080".into());
    let app = App::connect(config).await?;
    if !migration::is_current(&app.db).await? {
        bail!("the database is older than this program: run `aiscra migrate`");
    }

    let stop = app.closing.clone();
    let background = super::worker::start(&app, &stop, !args.no_worker).await?;
    let (server, address) = web::server(Graph { app: app.clone(), schema: schema() }, &listen)?;
    tracing::info!(%address, bus = app.bus.name(), demo = app.config.demo, today = %app.clock.today(), "serving");

    let handle = server.handle();
    let signal = stop.clone();
    tokio::spawn(async move {
        super::worker::told_to_stop().await;
        tracing::info!("stopping: running requests and jobs may end");
        signal.cancel();
        handle.stop(true).await;
    });
    server.await?;
    stop.cancel();
    if let Err(error) = Log::flush(&app).await {
        tracing::warn!(error = %error, "the last requests of channels are not in the log");
    }
    background.wait().await;
    Ok(())
}
