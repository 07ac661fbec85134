//! Edges of readings: one statement each per list.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use domain::kernel::*;
use domain::readings::MovedCutOffs;
use domain::tariffs::MethodBook;
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

edge!(
    /// The reading of a point that waits for a person.
    WaitingOf(PointId) => Reading, |app, ids| async {
        Ok(readings::waiting_of_points(&app.db, ids).await?.into_iter().map(|row| (row.point_id, row)).collect())
    }
);

/// What "may it still be taken back" depends on besides the reading: once a request.
#[derive(Debug, Clone)]
pub struct Rules {
    pub methods: Arc<MethodBook>,
    pub closed: Arc<HashSet<(Sector, Period)>>,
    pub moved: Arc<MovedCutOffs>,
}

edge!(
    /// The rules of now.
    RulesNow(()) => Rules, |app, _ids| async {
        let methods = Arc::new(readings::methods(&app.db).await?);
        let closed = Arc::new(readings::closed_months(&app.db).await?);
        let moved = Arc::new(readings::moved_cut_offs(&app.db).await?);
        Ok::<_, entities::kernel::Broken>(vec![((), Rules { methods, closed, moved })])
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

#[async_trait::async_trait]
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
