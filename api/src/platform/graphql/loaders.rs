//! DataLoaders of a request: every edge of a list is one statement, whatever the length of the list.
//!
//! A subsystem implements `async_graphql::dataloader::Loader<SomeKey>` for [`Rows`] in its own folder and calls
//! `cx.loader().load_one(key)`.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Context;
use async_graphql::dataloader::DataLoader;

use crate::app::App;

/// What every loader reads from.
pub struct Rows {
    pub app: Arc<App>,
}

/// Why a batch could not be read; cloned to every waiting edge.
pub type LoadError = Arc<entities::kernel::Broken>;

impl From<LoadError> for super::ApiError {
    fn from(error: LoadError) -> Self {
        tracing::error!(error = %error, "a batch could not be read");
        Self::new(super::Code::Internal)
    }
}

/// Fresh for each request, so that nobody sees what another request loaded. No waiting: a batch is what is ready at once.
pub fn fresh(app: &Arc<App>) -> DataLoader<Rows> {
    DataLoader::new(Rows { app: app.clone() }, tokio::spawn).delay(Duration::ZERO)
}

pub trait Loaders {
    fn loader(&self) -> &DataLoader<Rows>;
}

impl Loaders for Context<'_> {
    fn loader(&self) -> &DataLoader<Rows> {
        self.data_unchecked::<DataLoader<Rows>>()
    }
}

/// Declares an edge: a key around an id, and the one statement that answers a whole list of them.
/// `edge!(/// doc  HolderOf(AccountId) => Holder, |rows, ids| …future of Result<Vec<(AccountId, Holder)>>)`.
#[macro_export]
macro_rules! edge {
    ($(#[$doc:meta])* $key:ident($id:ty) => $value:ty, |$rows:ident, $ids:ident| $load:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $key(pub $id);

        #[async_trait::async_trait]
        impl async_graphql::dataloader::Loader<$key> for $crate::platform::graphql::loaders::Rows {
            type Value = $value;
            type Error = $crate::platform::graphql::loaders::LoadError;

            async fn load(
                &self,
                keys: &[$key],
            ) -> Result<std::collections::HashMap<$key, $value>, Self::Error> {
                let $rows = &self.app;
                let $ids: Vec<$id> = keys.iter().map(|key| key.0).collect();
                let found: Vec<($id, $value)> = $load.await.map_err(std::sync::Arc::new)?;
                Ok(found.into_iter().map(|(id, value)| ($key(id), value)).collect())
            }
        }
    };
}

/// Several values of one key as one list, in the order they came.
pub fn gather<K: Eq + std::hash::Hash, V>(rows: impl IntoIterator<Item = (K, V)>) -> Vec<(K, Vec<V>)> {
    let mut lists: std::collections::HashMap<K, Vec<V>> = std::collections::HashMap::new();
    for (key, value) in rows {
        lists.entry(key).or_default().push(value);
    }
    lists.into_iter().collect()
}
