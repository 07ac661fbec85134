//! Cache and fan-out: Redis when there is one, the process itself when there is not, behind one trait.

pub mod infographic;
mod memory;
mod redis;

use std::pin::Pin;
use std::sync::Arc;

use futures_util::Stream;

use crate::config::Config;

/// Messages of one channel as they arrive.
pub type Messages = Pin<Box<dyn Stream<Item = String> + Send>>;

/// What the program needs of a cache and a message bus.
#[async_trait::async_trait]
pub trait Bus: Send + Sync {
    /// Tells every process.
    async fn publish(&self, channel: &str, message: &str) -> anyhow::Result<()>;
    /// Everything published to the channel from now on.
    async fn subscribe(&self, channel: &str) -> anyhow::Result<Messages>;
    async fn get(&self, key: &str) -> anyhow::Result<Option<String>>;
    /// The values of several keys in one round trip, in their order.
    async fn get_many(&self, keys: &[String]) -> anyhow::Result<Vec<Option<String>>>;
    async fn set(&self, key: &str, value: &str, seconds: u64) -> anyhow::Result<()>;
    /// Adds to a counter and returns its new value; a fresh one lives for `seconds` (0 = for ever).
    async fn add(&self, key: &str, count: i64, seconds: u64) -> anyhow::Result<i64>;
    /// Whether it answers.
    async fn ping(&self) -> anyhow::Result<()>;
    fn name(&self) -> &'static str;
}

/// Redis at the configured address, or the process itself.
pub async fn connect(config: &Config) -> anyhow::Result<Arc<dyn Bus>> {
    Ok(match config.redis_url.as_deref().filter(|url| !url.is_empty()) {
        Some(url) => {
            Arc::new(redis::Redis::connect(url, config.redis_prefix.as_deref().unwrap_or("aiscra")).await?)
        }
        None => Arc::new(memory::Memory::default()),
    })
}
