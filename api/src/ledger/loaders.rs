//! Edges of the ledger: one statement each per list.

use domain::kernel::*;
use entities::ledger::item::{self, Balance, Item};

use crate::edge;

edge!(
    /// What an account owes.
    BalanceOf(AccountId) => Balance, |app, ids| async {
        let rows = item::balances(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (AccountId(row.account_id), row)).collect())
    }
);
edge!(
    /// An open item, named by its account and id.
    ItemByKey((AccountId, OpenItemId)) => Item, |app, keys| async {
        let rows = item::by_ids(&app.db, keys.iter().map(|(account, id)| (account.0, id.0)).collect()).await?;
        Ok(rows.into_iter().map(|row| ((AccountId(row.account_id), OpenItemId(row.id)), row)).collect())
    }
);
