//! Long work and those who watch it: what it says of itself is told beside it, never instead of it.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use super::{Cancelled, Handle};

/// How often watchers hear of progress.
const TICK: Duration = Duration::from_millis(300);

/// What work says of itself while it goes on.
#[derive(Default)]
pub struct Progress {
    done: AtomicI64,
    total: AtomicI64,
    stop: AtomicBool,
}

/// What becomes of work when somebody asks its job to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It ends where it stands: what its transaction has not committed is gone.
    AtOnce,
    /// It hears of it and ends in its own way.
    InItsOwnWay,
}

impl Progress {
    /// So much is done; whether to go on.
    pub fn say(&self, done: i64, total: i64) -> bool {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        !self.stop.load(Ordering::Relaxed)
    }

    /// What it said last.
    pub fn said(&self) -> (i64, i64) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }
}

impl Handle {
    /// Runs the work; what it says goes to the job's watchers and, before that, to `tell` whenever it is something new. Telling
    /// waits for rows that the work holds, so both must go on.
    pub async fn beside<T, F>(
        &self,
        progress: &Progress,
        stopped: Stopped,
        work: impl Future<Output = T> + Send,
        tell: impl Fn(i64, i64) -> F + Send,
    ) -> anyhow::Result<T>
    where
        F: Future<Output = anyhow::Result<()>> + Send,
    {
        let telling = async {
            let mut shown = (-1, -1);
            loop {
                tokio::time::sleep(TICK).await;
                let now = progress.said();
                if now != shown {
                    shown = now;
                    if let Err(error) = tell(now.0, now.1).await {
                        break error;
                    }
                }
                match self.progress(now.0, now.1, None).await {
                    Err(error) if error.is::<Cancelled>() && stopped == Stopped::InItsOwnWay => {
                        progress.stop.store(true, Ordering::Relaxed);
                    }
                    Err(error) => break error,
                    Ok(()) => {}
                }
            }
        };
        tokio::select! {
            result = work => Ok(result),
            ended = telling => Err(ended),
        }
    }
}
