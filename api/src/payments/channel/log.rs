//! The log of requests: gathered in memory, written some at a time, so that no payment waits for its line.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use entities::kernel::Broken;
use entities::payments::request::{self, Line};

use crate::app::App;

/// How long lines are gathered.
const GATHER: Duration = Duration::from_millis(200);
/// How long a database that is away is left alone.
const LATER: Duration = Duration::from_secs(2);
/// Lines kept while the database is away; what comes on top of them is counted in the process's log only.
const MOST: usize = 50_000;
/// Lines written at once.
const BATCH: usize = 2_000;
/// Refused requests of one writing that have a line of their own; the rest of a flood is counted.
const REFUSED: usize = 50;

#[derive(Default)]
pub struct Log {
    lines: Mutex<Waiting>,
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    lines: Vec<Line>,
    refused: usize,
    /// Somebody will write them.
    due: bool,
}

impl Log {
    /// Keeps a line. `refused`: the caller was not allowed to speak at all.
    pub fn push(app: &Arc<App>, mut line: Line, refused: bool) {
        let mut waiting = app.channels.log.lines.lock().expect("no panics under the lock");
        if waiting.lines.len() >= MOST {
            tracing::error!(channel = line.channel, outcome = line.outcome, "a request is not in the log");
            return;
        }
        if refused {
            waiting.refused += 1;
            line.counted_only = waiting.refused > REFUSED;
        }
        waiting.lines.push(line);
        if !std::mem::replace(&mut waiting.due, true) {
            tokio::spawn(write_later(app.clone(), GATHER));
        }
    }

    /// Writes what waits now: what comes meanwhile gathers for the next time, or under load there would be no end and no gathering.
    /// Nothing is lost when it fails.
    pub async fn flush(app: &App) -> Result<(), Broken> {
        let log = &app.channels.log;
        let _one = log.writing.lock().await;
        let mut left = {
            let mut waiting = log.lines.lock().expect("no panics under the lock");
            waiting.refused = 0;
            waiting.lines.len()
        };
        while left > 0 {
            let batch: Vec<Line> = {
                let mut waiting = log.lines.lock().expect("no panics under the lock");
                waiting.lines.drain(..left.min(BATCH)).collect()
            };
            left -= batch.len();
            if let Err(error) = request::write(&app.db, &batch).await {
                log.lines.lock().expect("no panics under the lock").lines.splice(0..0, batch);
                return Err(error);
            }
        }
        Ok(())
    }
}

async fn write_later(app: Arc<App>, mut pause: Duration) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.closing.cancelled() => {}
        }
        app.channels.log.lines.lock().expect("no panics under the lock").due = false;
        match Log::flush(&app).await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(error = %error, "requests of channels wait to be written");
                let mut waiting = app.channels.log.lines.lock().expect("no panics under the lock");
                if app.closing.is_cancelled() || std::mem::replace(&mut waiting.due, true) {
                    return;
                }
                pause = LATER;
            }
        }
    }
}
