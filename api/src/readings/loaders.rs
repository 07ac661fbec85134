//! Edges of readings: one statement each per list.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use domain::kernel::*;
use entities::kernel::{Page, Slice};
use entities::readings::{self, Reading};

use crate::edge;
use crate::platform::graphql::loaders::{LoadError, Rows, gather};

edge!(
    /// The last accepted reading of a point.
    LastReadingOf(PointId) => Reading, |app, ids| async {
        Ok(readings::last_of_points(&app.db, ids).await?.into_iter().map(|row| (row.point_id, row)).collect())
    }
);

/// A page of the readings of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReadingsOf {
    pub account: AccountId,
    /// Only of this day and later.
    pub since: Option<NaiveDate>,
    pub first: u64,
    pub after: Option<(NaiveDate, i64)>,
}

impl Loader<ReadingsOf> for Rows {
    type Value = Slice<Reading>;
    type Error = LoadError;

    async fn load(&self, keys: &[ReadingsOf]) -> Result<HashMap<ReadingsOf, Self::Value>, LoadError> {
        let asked = gather(keys.iter().map(|key| ((key.since, key.first, key.after), key.account)));
        let mut found = HashMap::new();
        for ((since, first, after), accounts) in asked {
            let page = Page { first, after };
            let slices =
                readings::of_accounts(&self.app.db, accounts, since, page).await.map_err(Arc::new)?;
            found.extend(
                slices
                    .into_iter()
                    .map(|(account, slice)| (ReadingsOf { account, since, first, after }, slice)),
            );
        }
        Ok(found)
    }
}
