//! Pictures of the city, kept on the bus. Freshness is arithmetic: the key of a picture holds the epochs of the subsystems it
//! is made of, and the relay moves an epoch with every fact. Nobody deletes anything; a fact makes the old key unreachable.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use domain::Topic;
use domain::access::Scope;
use entities::kernel::outbox::Sent;
use entities::kernel::{Broken, ScopeArgs};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;

use crate::app::App;
use crate::platform::graphql::loaders::LoadError;
use crate::platform::outbox;

/// Unreachable keys go away after this; a relay that died shows an old picture no longer than this.
const KEPT: u64 = 600;
/// Facts come in swarms: a picture is drawn once for those of a moment.
const SWARM: Duration = Duration::from_millis(250);

/// A picture: what it is called, what it is made of, how it is drawn.
#[async_trait::async_trait]
pub trait Infographic: Serialize + DeserializeOwned + Send + Sync + Clone + PartialEq + 'static {
    /// `subsystem.name`, as in keys and spans.
    const NAME: &'static str;
    /// A fact of these makes it stale.
    const DEPENDS_ON: &'static [Topic];
    /// What it is asked for besides the scope; its `Display` is part of the key.
    type Of: std::fmt::Display + Clone + Send + Sync + 'static;

    async fn draw(app: &App, scope: &ScopeArgs, of: &Self::Of) -> Result<Self, Broken>;
}

/// The picture from the bus, or drawn now. Many who ask at once wait for one drawing.
pub async fn picture<P: Infographic>(app: &App, scope: &Scope, of: &P::Of) -> Result<P, Broken> {
    let scope = ScopeArgs::from(scope);
    let key = match key::<P>(app, &scope, of).await {
        Ok(key) => key,
        // A bus that is away costs speed, never the answer.
        Err(error) => {
            tracing::warn!(error = %error, "pictures are drawn without the bus");
            return P::draw(app, &scope, of).await;
        }
    };
    if let Some(found) = kept(app, &key).await {
        return Ok(found);
    }
    let _one = app.drawing.lock(&key).await;
    if let Some(found) = kept(app, &key).await {
        return Ok(found);
    }
    let drawn = P::draw(app, &scope, of).await?;
    let json = serde_json::to_string(&drawn).map_err(|e| Broken::Json(e.to_string()))?;
    if let Err(error) = app.bus.set(&key, &json, KEPT).await {
        tracing::warn!(error = %error, "a picture could not be kept");
    }
    Ok(drawn)
}

/// The picture now, and again each time it has become another one. Whoever watches the same picture in this process shares one
/// drawing of it: a fact costs the same whether one listens or a thousand.
pub async fn watch<P: Infographic>(
    app: &Arc<App>,
    scope: Scope,
    of: P::Of,
) -> Result<impl Stream<Item = Result<Arc<P>, LoadError>> + use<P>, Broken> {
    let shown = app.watching.join::<P>(app, scope, of).await?;
    Ok(WatchStream::new(shown).filter_map(|shown| async { shown }))
}

/// What is shown to those who watch: nothing yet, a picture, or why there is none.
type Shown<P> = Option<Result<Arc<P>, LoadError>>;

/// The pictures that are watched in this process, each by one drawer and any number of listeners.
#[derive(Default)]
pub struct Watching(std::sync::Mutex<HashMap<String, Weak<dyn Any + Send + Sync>>>);

impl Watching {
    /// How many are watched now.
    pub fn count(&self) -> usize {
        self.all().len()
    }

    async fn join<P: Infographic>(
        &self,
        app: &Arc<App>,
        scope: Scope,
        of: P::Of,
    ) -> Result<watch::Receiver<Shown<P>>, Broken> {
        let key = format!("{}:{of}:{}", P::NAME, words(&ScopeArgs::from(&scope)));
        if let Some(known) = self.listen(&key) {
            return Ok(known);
        }
        // Facts are followed before the first drawing: what changes between is in the stream.
        let wanted = |fact: &Sent| P::DEPENDS_ON.iter().any(|topic| topic.word() == fact.topic);
        let facts = outbox::follow(app, wanted).await?;
        let mut all = self.all();
        // Somebody else may have begun meanwhile.
        if let Some(known) = all.get(&key).and_then(listen) {
            return Ok(known);
        }
        let (shown, listener) = watch::channel(None);
        let shown = Arc::new(shown);
        let known: Arc<dyn Any + Send + Sync> = shown.clone();
        all.insert(key.clone(), Arc::downgrade(&known));
        tokio::spawn(draw_on::<P>(app.clone(), key, scope, of, facts, shown));
        Ok(listener)
    }

    fn listen<P: Infographic>(&self, key: &str) -> Option<watch::Receiver<Shown<P>>> {
        self.all().get(key).and_then(listen)
    }

    /// Ends a drawing that nobody watches; under the lock, so that nobody joins what ends.
    fn leave<P: Infographic>(&self, key: &str, shown: &watch::Sender<Shown<P>>) -> bool {
        let mut all = self.all();
        let alone = shown.receiver_count() == 0;
        if alone {
            all.remove(key);
        }
        alone
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<String, Weak<dyn Any + Send + Sync>>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn listen<P: Infographic>(known: &Weak<dyn Any + Send + Sync>) -> Option<watch::Receiver<Shown<P>>> {
    known.upgrade()?.downcast_ref::<watch::Sender<Shown<P>>>().map(watch::Sender::subscribe)
}

/// Draws until nobody watches any more.
async fn draw_on<P: Infographic>(
    app: Arc<App>,
    key: String,
    scope: Scope,
    of: P::Of,
    mut facts: impl Stream<Item = Sent> + Unpin,
    shown: Arc<watch::Sender<Shown<P>>>,
) {
    loop {
        match picture::<P>(&app, &scope, &of).await {
            Ok(drawn) => {
                shown.send_if_modified(|shown| {
                    let same = matches!(shown, Some(Ok(known)) if **known == drawn);
                    if !same {
                        *shown = Some(Ok(Arc::new(drawn)));
                    }
                    !same
                });
            }
            Err(error) => {
                // Those who listen hear it and end; whoever comes next begins anew.
                app.watching.all().remove(&key);
                shown.send_replace(Some(Err(Arc::new(error))));
                return;
            }
        }
        loop {
            tokio::select! {
                fact = facts.next() => match fact {
                    Some(_) => break,
                    None => {
                        app.watching.all().remove(&key);
                        return;
                    }
                },
                () = shown.closed() => if app.watching.leave(&key, &shown) { return },
            }
        }
        let swarm = tokio::time::sleep(SWARM);
        tokio::pin!(swarm);
        loop {
            tokio::select! {
                () = &mut swarm => break,
                fact = facts.next() => if fact.is_none() { break },
            }
        }
    }
}

/// The scope as part of a key.
fn words(scope: &ScopeArgs) -> String {
    format!("{:?}{:?}{:?}", scope.sectors, scope.districts, scope.accounts)
}

async fn key<P: Infographic>(app: &App, scope: &ScopeArgs, of: &P::Of) -> anyhow::Result<String> {
    let epochs: Vec<String> = P::DEPENDS_ON.iter().map(|topic| format!("epoch:{}", topic.word())).collect();
    let epochs: Vec<String> = app
        .bus
        .get_many(&epochs)
        .await?
        .into_iter()
        .map(|epoch| epoch.unwrap_or_else(|| "0".into()))
        .collect();
    Ok(format!("picture:{}:{of}:{}:{}", P::NAME, words(scope), epochs.join(".")))
}

async fn kept<P: Infographic>(app: &App, key: &str) -> Option<P> {
    let json = app
        .bus
        .get(key)
        .await
        .inspect_err(|error| tracing::warn!(error = %error, "no picture from the bus"))
        .ok()??;
    serde_json::from_str(&json).ok()
}

/// One drawing of a picture, one look at a session, one worker of a cash register at a time in this process.
#[derive(Default)]
pub struct Drawing(std::sync::Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>);

impl Drawing {
    /// Whoever asks for the same key waits until this is dropped.
    pub async fn lock(&self, key: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let one = {
            let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.retain(|_, lock| lock.strong_count() > 0);
            match all.get(key).and_then(Weak::upgrade) {
                Some(lock) => lock,
                None => {
                    let lock = Arc::new(tokio::sync::Mutex::new(()));
                    all.insert(key.to_owned(), Arc::downgrade(&lock));
                    lock
                }
            }
        };
        one.lock_owned().await
    }
}
