//! What a resolver sees of the request.

use std::sync::Arc;

use async_graphql::Context;
use domain::access::{Actor, Permission, Scope};
use entities::kernel::idempotency::{self, Claim};
use entities::kernel::{Db, Tx};
use futures_util::future::BoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{ApiError, Code, Result};
use crate::app::App;
use crate::platform::messages::Language;
use crate::platform::{Outcome, Refusal};

/// Short ways from `Context` to what resolvers need.
pub trait Cx {
    fn app(&self) -> &Arc<App>;
    fn db(&self) -> &Db {
        &self.app().db
    }
    fn language(&self) -> Language;
    /// The caller; UNAUTHENTICATED when nobody signed in.
    fn actor(&self) -> Result<&Actor>;
    fn scope(&self) -> Result<&Scope> {
        Ok(&self.actor()?.scope)
    }
    fn may(&self, permission: Permission) -> bool {
        self.actor().is_ok_and(|actor| actor.may(permission))
    }
    /// Runs an operation in one transaction: commits what it allowed, rolls back what it refused.
    fn write<'a, T, F>(
        &'a self,
        act: F,
    ) -> impl Future<Output = Result<std::result::Result<T, Refusal>>> + Send + 'a
    where
        T: Send + 'a,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome<T>> + Send + 'a;
    /// Runs an operation and takes everything back: what it would do, by the very act that would do it.
    fn rehearse<'a, T, F>(
        &'a self,
        act: F,
    ) -> impl Future<Output = Result<std::result::Result<T, Refusal>>> + Send + 'a
    where
        T: Send + 'a,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome<T>> + Send + 'a;
    /// `write` under an idempotency key: a repeat gives the stored answer, another input under the key is refused.
    fn write_once<'a, I, T, F>(
        &'a self,
        operation: &'static str,
        key: &'a str,
        input: &'a I,
        act: F,
    ) -> impl Future<Output = Result<std::result::Result<T, Refusal>>> + Send + 'a
    where
        I: Serialize + Sync,
        T: Serialize + DeserializeOwned + Send + Sync + 'a,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome<T>> + Send + 'a;
}

impl Cx for Context<'_> {
    fn app(&self) -> &Arc<App> {
        self.data_unchecked::<Arc<App>>()
    }

    fn language(&self) -> Language {
        self.data_opt::<Language>().copied().unwrap_or(Language::Ru)
    }

    fn actor(&self) -> Result<&Actor> {
        self.data_opt::<Actor>().ok_or_else(|| ApiError::new(Code::Unauthenticated))
    }

    async fn write<'a, T, F>(&'a self, act: F) -> Result<std::result::Result<T, Refusal>>
    where
        T: Send + 'a,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome<T>> + Send + 'a,
    {
        let mut tx = Tx::begin(self.db(), self.actor()?.clone()).await?;
        let outcome = act(&mut tx).await;
        finish(tx, outcome).await
    }

    async fn rehearse<'a, T, F>(&'a self, act: F) -> Result<std::result::Result<T, Refusal>>
    where
        T: Send + 'a,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome<T>> + Send + 'a,
    {
        let mut tx = Tx::begin(self.db(), self.actor()?.clone()).await?;
        let outcome = act(&mut tx).await;
        tx.rollback().await?;
        Ok(outcome?)
    }

    async fn write_once<'a, I, T, F>(
        &'a self,
        operation: &'static str,
        key: &'a str,
        input: &'a I,
        act: F,
    ) -> Result<std::result::Result<T, Refusal>>
    where
        I: Serialize + Sync,
        T: Serialize + DeserializeOwned + Send + Sync + 'a,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome<T>> + Send + 'a,
    {
        let mut tx = Tx::begin(self.db(), self.actor()?.clone()).await?;
        match idempotency::claim(&tx, operation, key, input).await? {
            Claim::Conflict => return Err(ApiError::new(Code::IdempotencyConflict)),
            Claim::Replay(json) => {
                tx.rollback().await?;
                let value = serde_json::from_value(json)
                    .map_err(|e| entities::kernel::Broken::Json(e.to_string()))?;
                return Ok(Ok(value));
            }
            Claim::Fresh => {}
        }
        let outcome = act(&mut tx).await;
        if let Ok(Ok(value)) = &outcome {
            idempotency::store(&tx, operation, key, value).await?;
        }
        finish(tx, outcome).await
    }
}

async fn finish<T>(tx: Tx, outcome: Outcome<T>) -> Result<std::result::Result<T, Refusal>> {
    match outcome? {
        Ok(value) => {
            tx.commit().await?;
            Ok(Ok(value))
        }
        Err(refusal) => {
            tx.rollback().await?;
            Ok(Err(refusal))
        }
    }
}
