//! The bus over Redis: any number of processes.

use anyhow::Context;
use futures_util::StreamExt;
use redis::AsyncCommands;
use redis::aio::ConnectionManager;

use super::{Bus, Messages};

pub struct Redis {
    client: redis::Client,
    connection: ConnectionManager,
    prefix: String,
}

impl Redis {
    pub async fn connect(url: &str, prefix: &str) -> anyhow::Result<Self> {
        let client = redis::Client::open(url).context("redis_url is not an address of Redis")?;
        let connection =
            client.get_connection_manager().await.context("redis_url: cannot connect to Redis")?;
        Ok(Self { client, connection, prefix: prefix.to_owned() })
    }

    /// Keys and channels of this installation only.
    fn own(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }
}

#[async_trait::async_trait]
impl Bus for Redis {
    async fn publish(&self, channel: &str, message: &str) -> anyhow::Result<()> {
        self.connection.clone().publish::<_, _, ()>(self.own(channel), message).await?;
        Ok(())
    }

    async fn subscribe(&self, channel: &str) -> anyhow::Result<Messages> {
        let mut pubsub = self.client.get_async_pubsub().await?;
        pubsub.subscribe(self.own(channel)).await?;
        let stream = pubsub.into_on_message();
        Ok(Box::pin(stream.filter_map(|message| async move { message.get_payload::<String>().ok() })))
    }

    async fn get(&self, key: &str) -> anyhow::Result<Option<String>> {
        Ok(self.connection.clone().get(self.own(key)).await?)
    }

    async fn get_many(&self, keys: &[String]) -> anyhow::Result<Vec<Option<String>>> {
        let own: Vec<String> = keys.iter().map(|key| self.own(key)).collect();
        Ok(self.connection.clone().mget(own).await?)
    }

    async fn set(&self, key: &str, value: &str, seconds: u64) -> anyhow::Result<()> {
        let mut connection = self.connection.clone();
        if seconds == 0 {
            connection.set::<_, _, ()>(self.own(key), value).await?;
        } else {
            connection.set_ex::<_, _, ()>(self.own(key), value, seconds).await?;
        }
        Ok(())
    }

    async fn add(&self, key: &str, count: i64, seconds: u64) -> anyhow::Result<i64> {
        let mut connection = self.connection.clone();
        let next: i64 = connection.incr(self.own(key), count).await?;
        if next == count && seconds > 0 {
            connection.expire::<_, ()>(self.own(key), seconds as i64).await?;
        }
        Ok(next)
    }

    async fn ping(&self) -> anyhow::Result<()> {
        redis::cmd("PING").query_async::<String>(&mut self.connection.clone()).await?;
        Ok(())
    }

    fn name(&self) -> &'static str {
        "redis"
    }
}
