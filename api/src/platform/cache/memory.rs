//! The bus of a single process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use super::{Bus, Messages};

/// From how many values on the dead ones are looked for.
const SWEEP: usize = 4096;

#[derive(Default)]
pub struct Memory {
    channels: Mutex<HashMap<String, broadcast::Sender<String>>>,
    values: Mutex<HashMap<String, (String, Option<Instant>)>>,
}

impl Memory {
    fn channel(&self, name: &str) -> broadcast::Sender<String> {
        let mut channels = self.channels.lock().expect("no panics under the lock");
        channels.entry(name.to_owned()).or_insert_with(|| broadcast::channel(4096).0).clone()
    }

    /// The values under their lock; when there are many, those that nobody will ask for again go first.
    fn values(&self) -> MutexGuard<'_, HashMap<String, (String, Option<Instant>)>> {
        let mut values = self.values.lock().expect("no panics under the lock");
        if values.len() >= SWEEP && values.len().is_power_of_two() {
            let now = Instant::now();
            values.retain(|_, (_, until)| until.is_none_or(|until| until > now));
        }
        values
    }

    fn until(seconds: u64) -> Option<Instant> {
        (seconds > 0).then(|| Instant::now() + Duration::from_secs(seconds))
    }
}

#[async_trait::async_trait]
impl Bus for Memory {
    async fn publish(&self, channel: &str, message: &str) -> anyhow::Result<()> {
        // No listener is not an error.
        let _ = self.channel(channel).send(message.to_owned());
        Ok(())
    }

    async fn subscribe(&self, channel: &str) -> anyhow::Result<Messages> {
        let stream = BroadcastStream::new(self.channel(channel).subscribe());
        Ok(Box::pin(stream.filter_map(|message| async { message.ok() })))
    }

    async fn get(&self, key: &str) -> anyhow::Result<Option<String>> {
        let mut values = self.values();
        match values.get(key) {
            Some((_, Some(until))) if *until <= Instant::now() => {
                values.remove(key);
                Ok(None)
            }
            found => Ok(found.map(|(value, _)| value.clone())),
        }
    }

    async fn get_many(&self, keys: &[String]) -> anyhow::Result<Vec<Option<String>>> {
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.push(self.get(key).await?);
        }
        Ok(found)
    }

    async fn set(&self, key: &str, value: &str, seconds: u64) -> anyhow::Result<()> {
        let mut values = self.values();
        values.insert(key.to_owned(), (value.to_owned(), Self::until(seconds)));
        Ok(())
    }

    async fn add(&self, key: &str, count: i64, seconds: u64) -> anyhow::Result<i64> {
        let mut values = self.values();
        let entry = values.entry(key.to_owned()).or_insert_with(|| ("0".to_owned(), Self::until(seconds)));
        if entry.1.is_some_and(|until| until <= Instant::now()) {
            *entry = ("0".to_owned(), Self::until(seconds));
        }
        let next = entry.0.parse::<i64>().unwrap_or(0) + count;
        entry.0 = next.to_string();
        Ok(next)
    }

    async fn ping(&self) -> anyhow::Result<()> {
        Ok(())
    }

    fn name(&self) -> &'static str {
        "memory"
    }
}
