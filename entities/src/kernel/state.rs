//! Small values of the program itself: the demo's business date, the mark of a loaded city.

use sea_orm::ConnectionTrait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{Result, sql};

pub async fn get<T: DeserializeOwned>(db: &impl ConnectionTrait, key: &str) -> Result<Option<T>> {
    let json: Option<Json> =
        sql::scalar(db, "SELECT value FROM platform.state WHERE key = $1", [key.into()]).await?;
    Ok(json.and_then(|value| serde_json::from_value(value).ok()))
}

pub async fn set(db: &impl ConnectionTrait, key: &str, value: &impl Serialize) -> Result<()> {
    let json = serde_json::to_value(value).expect("state is plain data");
    sql::run(
        db,
        "INSERT INTO platform.state (key, value) VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, at = now()",
        [key.into(), json.into()],
    )
    .await?;
    Ok(())
}
