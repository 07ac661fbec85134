//! One subscription of the bus per process, any number of listeners; numbers make up for what a bus may lose or repeat.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use entities::kernel::outbox::{self, Sent};
use entities::kernel::{Broken, Db};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OnceCell, broadcast};

use crate::app::App;
use crate::platform::cache::{Bus, Messages};

/// Facts read at once when something was missed.
const PAGE: i64 = 500;
/// How often the table is looked at when the bus is silent.
const LOOK: Duration = Duration::from_secs(2);

/// The process's own fan-out.
pub struct Hub {
    started: OnceCell<()>,
    facts: broadcast::Sender<Arc<Sent>>,
    /// Number of the last fact handed out.
    last: Arc<AtomicI64>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { started: OnceCell::new(), facts: broadcast::channel(1024).0, last: Arc::default() }
    }
}

impl Hub {
    /// Subscribes once; when it returns, nothing that happens from now on is missed.
    pub async fn start(&self, app: &App) -> anyhow::Result<()> {
        self.started
            .get_or_try_init(async || {
                let messages = app.bus.subscribe(super::CHANNEL).await?;
                self.last.store(outbox::last(&app.db).await?, Ordering::SeqCst);
                let pump = Pump {
                    db: app.db.clone(),
                    bus: app.bus.clone(),
                    facts: self.facts.clone(),
                    last: self.last.clone(),
                };
                tokio::spawn(pump.run(messages));
                anyhow::Ok(())
            })
            .await
            .copied()
    }
}

struct Pump {
    db: Db,
    bus: Arc<dyn Bus>,
    facts: broadcast::Sender<Arc<Sent>>,
    last: Arc<AtomicI64>,
}

impl Pump {
    async fn run(self, mut messages: Messages) {
        loop {
            let heard = tokio::time::timeout(LOOK, messages.next()).await;
            let done = match heard {
                Ok(Some(json)) => match serde_json::from_str::<Sent>(&json) {
                    Ok(fact) => self.hear(fact).await,
                    Err(error) => Err(error.into()),
                },
                // The bus went away; facts meanwhile are in the table.
                Ok(None) => {
                    tokio::time::sleep(LOOK).await;
                    match self.bus.subscribe(super::CHANNEL).await {
                        Ok(fresh) => {
                            messages = fresh;
                            self.catch_up().await
                        }
                        Err(error) => Err(error),
                    }
                }
                Err(_) => self.catch_up().await,
            };
            if let Err(error) = done {
                tracing::warn!(error = %error, "facts are late");
                tokio::time::sleep(LOOK).await;
            }
        }
    }

    async fn hear(&self, fact: Sent) -> anyhow::Result<()> {
        let last = self.last.load(Ordering::SeqCst);
        if fact.seq == last + 1 {
            self.hand_out(fact);
        } else if fact.seq > last {
            self.catch_up().await?;
        }
        Ok(())
    }

    async fn catch_up(&self) -> anyhow::Result<()> {
        loop {
            let missed = outbox::after(&self.db, self.last.load(Ordering::SeqCst), PAGE).await?;
            let more = missed.len() as i64 == PAGE;
            missed.into_iter().for_each(|fact| self.hand_out(fact));
            if !more {
                return Ok(());
            }
        }
    }

    fn hand_out(&self, fact: Sent) {
        self.last.store(fact.seq, Ordering::SeqCst);
        // No listener is not an error.
        let _ = self.facts.send(Arc::new(fact));
    }
}

/// Facts from now on that the predicate wants, in order, none lost, none repeated. Subscribe first, read the state then: what
/// changes between is in the stream.
pub async fn follow(
    app: &Arc<App>,
    wanted: impl Fn(&Sent) -> bool + Send + 'static,
) -> Result<BoxStream<'static, Sent>, Broken> {
    follow_from(app, None, wanted).await
}

/// The same after a number: first what has happened since, then what happens.
pub async fn follow_from(
    app: &Arc<App>,
    after: Option<i64>,
    wanted: impl Fn(&Sent) -> bool + Send + 'static,
) -> Result<BoxStream<'static, Sent>, Broken> {
    app.hub.start(app).await.map_err(|error| Broken::Custom(format!("{error:#}")))?;
    let mut facts = app.hub.facts.subscribe();
    let mut last = after.unwrap_or_else(|| app.hub.last.load(Ordering::SeqCst));
    let db = app.db.clone();
    Ok(Box::pin(async_stream::stream! {
        let mut behind = after.is_some();
        loop {
            while behind {
                match outbox::after(&db, last, PAGE).await {
                    Ok(missed) => {
                        behind = missed.len() as i64 == PAGE;
                        for fact in missed {
                            last = fact.seq;
                            if wanted(&fact) {
                                yield fact;
                            }
                        }
                    }
                    Err(error) => {
                        tracing::warn!(error = %error, "facts are late");
                        tokio::time::sleep(LOOK).await;
                    }
                }
            }
            match facts.recv().await {
                Ok(fact) if fact.seq <= last => {}
                Ok(fact) => {
                    last = fact.seq;
                    if wanted(&fact) {
                        yield Sent::clone(&fact);
                    }
                }
                // This listener was too slow for the memory; the table has it all.
                Err(RecvError::Lagged(_)) => behind = true,
                Err(RecvError::Closed) => return,
            }
        }
    }))
}
