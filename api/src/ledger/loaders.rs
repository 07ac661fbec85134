//! Edges of the ledger: one statement each per list.

use chrono::NaiveDate;
use domain::kernel::*;
use entities::ledger::item::{self, Balance, Item};

use crate::edge;

edge!(
    /// What an account owes; with a day, only of its month and later.
    BalanceOf((AccountId, Option<NaiveDate>)) => Balance, |app, keys| async {
        let rows = item::balances(&app.db, &keys).await?;
        let row_of = |account: AccountId| rows.iter().find(|row| row.account_id == account.0).copied();
        Ok(keys.into_iter().filter_map(|key| Some((key, row_of(key.0)?))).collect())
    }
);
edge!(
    /// What is left in tiyn of all that was owed at the end of a month; with a day, only of its month and later.
    LeftOf((AccountId, Period, Option<NaiveDate>)) => i64, |app, keys| async {
        let rest = item::left(&app.db, &keys).await?;
        Ok(keys.into_iter().filter_map(|key| Some((key, *rest.get(&(key.0, key.1))?))).collect())
    }
);
edge!(
    /// An open item, named by its account and id.
    ItemByKey((AccountId, OpenItemId)) => Item, |app, keys| async {
        let rows = item::by_ids(&app.db, keys.iter().map(|(account, id)| (account.0, id.0)).collect()).await?;
        Ok(rows.into_iter().map(|row| ((AccountId(row.account_id), OpenItemId(row.id)), row)).collect())
    }
);
