//! The same request twice gives the same answer, once.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::{Result, Tx, sql};

/// What an idempotency key means at this moment.
pub enum Claim {
    /// First time: do it, then [`store`] the result in the same transaction.
    Fresh,
    /// Done before with the same input: answer with this.
    Replay(Json),
    /// Used before with another input.
    Conflict,
}

fn hash(input: &impl serde::Serialize) -> Vec<u8> {
    Sha256::digest(serde_json::to_vec(input).expect("inputs are plain data")).to_vec()
}

/// Takes the key for this actor and operation; a concurrent holder of the same key is waited for.
pub async fn claim(tx: &Tx, operation: &str, key: &str, input: &impl serde::Serialize) -> Result<Claim> {
    let actor = tx.actor().label.clone();
    let hash = hash(input);
    let fresh = sql::run(
        tx,
        "INSERT INTO platform.idempotency (actor, operation, key, input_hash, result) VALUES ($1, $2, $3, $4, 'null')
         ON CONFLICT DO NOTHING",
        [actor.clone().into(), operation.into(), key.into(), hash.clone().into()],
    )
    .await?;
    if fresh == 1 {
        return Ok(Claim::Fresh);
    }
    let same: Option<Json> = sql::scalar(
        tx,
        "SELECT result FROM platform.idempotency WHERE actor = $1 AND operation = $2 AND key = $3 AND input_hash = $4",
        [actor.into(), operation.into(), key.into(), hash.into()],
    )
    .await?;
    Ok(same.map_or(Claim::Conflict, Claim::Replay))
}

/// Keeps the answer of a fresh claim.
pub async fn store(tx: &Tx, operation: &str, key: &str, result: &impl serde::Serialize) -> Result<()> {
    let json = serde_json::to_value(result).expect("results are plain data");
    sql::run(
        tx,
        "UPDATE platform.idempotency SET result = $4 WHERE actor = $1 AND operation = $2 AND key = $3",
        [tx.actor().label.clone().into(), operation.into(), key.into(), json.into()],
    )
    .await?;
    Ok(())
}
