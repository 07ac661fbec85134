//! Edges of the imbalance: one statement each per list.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use domain::kernel::*;
use entities::imbalance::decision::{self, DecisionRow};
use entities::imbalance::share::{self, Told};

use crate::edge;
use crate::platform::graphql::loaders::{LoadError, Rows};

edge!(
    /// A decision by id.
    DecisionById(ImbalanceDecisionId) => DecisionRow, |app, ids| async {
        Ok(decision::by_ids(&app.db, ids).await?.into_iter().map(|row| (row.id, row)).collect())
    }
);

/// What a bill, named by account, month and run, says of its house.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ToldOf {
    pub account: AccountId,
    pub period: Period,
    pub run: RunId,
}

#[async_trait::async_trait]
impl Loader<ToldOf> for Rows {
    type Value = Told;
    type Error = LoadError;

    async fn load(&self, keys: &[ToldOf]) -> Result<HashMap<ToldOf, Self::Value>, LoadError> {
        let bills: Vec<_> = keys.iter().map(|key| (key.account, key.period, key.run)).collect();
        let rows = share::told(&self.app.db, &bills).await.map_err(Arc::new)?;
        let key = |told: &Told| ToldOf {
            account: told.share.account_id,
            period: Period::of(told.house.period),
            run: RunId(told.run_id),
        };
        Ok(rows.into_iter().map(|told| (key(&told), told)).collect())
    }
}
