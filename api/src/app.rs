//! What a process of the program holds, built once; the tests build the same.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use entities::kernel::crypto::Vault;
use entities::kernel::{Broken, Db};
use sea_orm::{ConnectOptions, Database};
use tokio_util::sync::CancellationToken;

use crate::adapters::Ports;
use crate::config::Config;
use crate::payments::channel::Channels;
use crate::platform::auth::Tokens;
use crate::platform::cache::Bus;
use crate::platform::cache::infographic::{Drawing, Watching};
use crate::platform::clock::Clock;
use crate::platform::graphql::documents::Documents;
use crate::platform::graphql::switches::Switches;
use crate::platform::outbox::{Hub, Nudge};
use crate::platform::web::Proxies;

/// The fewest that a thread has for itself.
const LEAST_SHARE: u32 = 4;
/// How long a connection may lie idle and still be believed to be there.
const BELIEVED: Duration = Duration::from_secs(1);

/// Shared by every request and job.
pub struct App {
    pub db: Db,
    pub bus: Arc<dyn Bus>,
    pub clock: Clock,
    pub config: Config,
    pub vault: Vault,
    pub tokens: Tokens,
    pub hub: Hub,
    pub nudge: Nudge,
    pub proxies: Proxies,
    pub channels: Channels,
    pub switches: Switches,
    pub drawing: Drawing,
    pub watching: Watching,
    pub documents: Documents,
    /// Cancelled when the process should end: open sockets are told.
    pub closing: CancellationToken,
    pub ports: Ports,
}

impl App {
    pub async fn connect(config: Config) -> anyhow::Result<Arc<Self>> {
        let options = options(&config, config.connections());
        let db = Database::connect(options).await.context("database_url: cannot connect to PostgreSQL")?;
        let bus = crate::platform::cache::connect(&config).await?;
        Ok(Arc::new(Self {
            clock: Clock::new(config.business_date),
            vault: Vault::new(&config.secret),
            tokens: Tokens::new(&config.secret),
            hub: Hub::default(),
            nudge: Nudge::default(),
            proxies: Proxies::of(&config.trusted_proxies)?,
            channels: Channels::default(),
            switches: Switches::default(),
            drawing: Drawing::default(),
            watching: Watching::default(),
            documents: Documents::default(),
            closing: CancellationToken::new(),
            ports: Ports::from_config(&config, &db)?,
            bus,
            db,
            config,
        }))
    }
    /// Connections of its own for one thread of the server, where nobody waits longer for a lock; as many for all threads together as
    /// the program has besides. None is opened before it is needed.
    pub async fn share_of_a_thread(&self, patience: Duration) -> Result<Db, Broken> {
        let threads = u32::try_from(crate::platform::web::threads()).unwrap_or(1);
        let mut options = options(&self.config, (self.config.connections() / threads).max(LEAST_SHARE));
        let patience = format!("{}ms", patience.as_millis());
        options
            .min_connections(0)
            .connect_lazy(true)
            .map_sqlx_postgres_opts(move |opts| opts.options([("lock_timeout", &patience)]));
        Database::connect(options).await
    }
}

fn options(config: &Config, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(config.database_url.clone());
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        // A connection in use a moment ago needs no ping: it would double the round trips of every read.
        .test_before_acquire_if_idle_for(BELIEVED)
        .sqlx_logging_level(tracing::log::LevelFilter::Debug);
    options
}
