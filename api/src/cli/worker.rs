//! Works off background jobs, relays facts.

use std::sync::Arc;
use std::time::Duration;

use anyhow::bail;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::Config;
use crate::platform::graphql::switches;
use crate::platform::outbox::relay;
use crate::platform::{clock, jobs};

pub async fn run() -> anyhow::Result<()> {
    let config = Config::load()?;
    if config.redis_url.is_none() {
        bail!("a separate worker needs redis_url: without Redis `serve` cannot hear it");
    }
    let app = App::connect(config).await?;
    let stop = app.closing.clone();
    let background = start(&app, &stop, true).await?;
    tracing::info!("working");
    told_to_stop().await;
    stop.cancel();
    background.wait().await;
    Ok(())
}

/// Tasks beside the server.
pub struct Background {
    tasks: JoinSet<()>,
}

impl Background {
    /// Waits for running work to reach a stop; what does not end in time is taken up again by the next process.
    pub async fn wait(mut self) {
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(20), all).await.is_err() {
            tracing::warn!("a job did not stop in time and will be resumed by the next worker");
        }
    }
}

/// Starts what every process needs, and with `work` the jobs and the relay.
pub async fn start(app: &Arc<App>, stop: &CancellationToken, work: bool) -> anyhow::Result<Background> {
    let mut tasks = JoinSet::new();
    app.hub.start(app).await?;
    clock::follow(app).await?;
    switches::follow(app).await?;
    crate::payments::channel::follow(app).await?;
    if work {
        tasks.spawn(relay::run(app.clone(), stop.clone()));
        let works = Arc::new(crate::wiring::jobs::works());
        for _ in 0..2 {
            tasks.spawn(jobs::run_forever(app.clone(), works.clone(), stop.clone()));
        }
    }
    Ok(Background { tasks })
}

/// SIGINT or SIGTERM.
pub async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("signals of the process can be listened to");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
