//! Pictures of the city, kept on the bus. Freshness is arithmetic: the key of a picture holds the epochs of the subsystems it
//! is made of, and the relay moves an epoch with every fact. Nobody deletes anything; a fact makes the old key unreachable.

use std::sync::Arc;
use std::time::Duration;

use domain::Topic;
use domain::access::Scope;
use entities::kernel::outbox::Sent;
use entities::kernel::{Broken, ScopeArgs};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
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

/// The picture now, and again each time it has become another one.
pub async fn watch<P: Infographic>(
    app: &Arc<App>,
    scope: Scope,
    of: P::Of,
) -> Result<impl Stream<Item = Result<P, Broken>> + use<P>, Broken> {
    let wanted = |fact: &Sent| P::DEPENDS_ON.iter().any(|topic| topic.word() == fact.topic);
    let mut facts = outbox::follow(app, wanted).await?;
    let app = app.clone();
    Ok(async_stream::try_stream! {
        let mut shown: Option<P> = None;
        loop {
            let drawn = picture::<P>(&app, &scope, &of).await?;
            if shown.as_ref() != Some(&drawn) {
                shown = Some(drawn.clone());
                yield drawn;
            }
            if facts.next().await.is_none() {
                return;
            }
            let swarm = tokio::time::sleep(SWARM);
            tokio::pin!(swarm);
            loop {
                tokio::select! {
                    () = &mut swarm => break,
                    fact = facts.next() => if fact.is_none() { return },
                }
            }
        }
    })
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
    let scope = format!("{:?}{:?}{:?}", scope.sectors, scope.districts, scope.accounts);
    Ok(format!("picture:{}:{of}:{scope}:{}", P::NAME, epochs.join(".")))
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

/// One drawing of a picture at a time in this process.
#[derive(Default)]
pub struct Drawing(
    std::sync::Mutex<std::collections::HashMap<String, std::sync::Weak<tokio::sync::Mutex<()>>>>,
);

impl Drawing {
    async fn lock(&self, key: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let one = {
            let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.retain(|_, lock| lock.strong_count() > 0);
            match all.get(key).and_then(std::sync::Weak::upgrade) {
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
