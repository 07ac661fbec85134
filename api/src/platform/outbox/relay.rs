//! Numbers facts, tells everybody, seals the audit trail. Any number of processes may run it: one at a time numbers, and what
//! is told twice or in the wrong order the hubs put right by the numbers.

use std::sync::Arc;
use std::time::Duration;

use entities::kernel::{audit, outbox};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::platform::metrics;

/// Facts numbered at once.
const BATCH: i64 = 500;
/// Lines of the trail sealed at once.
const SEALED: i64 = 1_000;
/// A missed NOTIFY costs this long.
const IDLE: Duration = Duration::from_secs(1);
/// Rounds begin so far apart: the first fact goes at once, those of a crowd go together.
const PACE: Duration = Duration::from_millis(100);

/// Runs until told to stop.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let error = match outbox::Wakes::listen(&app.db).await {
            Ok(mut wakes) => relay(&app, &mut wakes, &stop).await.err().map(|e| format!("{e:#}")),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = error {
            tracing::error!(error, "the relay pauses");
            tokio::time::sleep(IDLE * 2).await;
        }
    }
}

async fn relay(app: &App, wakes: &mut outbox::Wakes, stop: &CancellationToken) -> anyhow::Result<()> {
    while !stop.is_cancelled() {
        let begun = Instant::now();
        let numbered = pump(app).await?;
        let sealed = audit::seal(&app.db, SEALED).await?;
        if numbered == BATCH as usize || sealed == SEALED {
            continue;
        }
        tokio::select! {
            woken = wakes.next() => woken?,
            () = tokio::time::sleep(IDLE) => {}
            () = stop.cancelled() => {}
        }
        tokio::time::sleep_until(begun + PACE).await;
    }
    Ok(())
}

/// One round: numbers what waits and tells it; how many. A bus that cannot be reached loses nothing: the hubs also look into
/// the table.
pub async fn pump(app: &App) -> anyhow::Result<usize> {
    let facts = outbox::number(&app.db, BATCH).await?;
    for fact in &facts {
        metrics::sent(&fact.topic);
        let told = async {
            app.bus.add(&format!("epoch:{}", fact.topic), 1, 0).await?;
            app.bus.publish(super::CHANNEL, &serde_json::to_string(fact)?).await
        };
        if let Err(error) = told.await {
            tracing::warn!(error = %error, seq = fact.seq, "a fact could not be published; hubs will find it");
        }
    }
    Ok(facts.len())
}
