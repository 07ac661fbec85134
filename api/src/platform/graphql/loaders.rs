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
