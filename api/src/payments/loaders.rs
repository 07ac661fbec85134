//! Edges of payments: one statement each per list.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use chrono::NaiveDate;
use domain::kernel::*;
use entities::kernel::{Page, Slice};
use entities::payments::payment::{self, Payment, Settled};
use entities::payments::transfer::{self, Part};

use crate::edge;
use crate::platform::graphql::loaders::{LoadError, Rows, gather};

edge!(
    /// A payment by id.
    PaymentById(PaymentId) => Payment, |app, ids| async {
        let rows = payment::by_ids(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (PaymentId(row.id), row)).collect())
    }
);

edge!(
    /// What a payment covers.
    SettledBy(PaymentId) => Vec<Settled>, |app, ids| async {
        let rows = payment::covers(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (PaymentId(row.payment_id), row))))
    }
);

edge!(
    /// What a transfer moves.
    PartsOfTransfer(TransferId) => Vec<Part>, |app, ids| async {
        Ok(gather(transfer::parts_of(&app.db, &ids).await?))
    }
);

/// A page of an account's payments.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PaymentsOf {
    pub account: AccountId,
    /// Only from this day on: the time of the account's present holder.
    pub since: Option<NaiveDate>,
    pub first: u64,
    pub after: Option<i64>,
}

#[async_trait::async_trait]
impl Loader<PaymentsOf> for Rows {
    type Value = Slice<Payment>;
    type Error = LoadError;

    async fn load(&self, keys: &[PaymentsOf]) -> Result<HashMap<PaymentsOf, Self::Value>, LoadError> {
        let asked = gather(keys.iter().map(|key| ((key.since, key.first, key.after), key.account)));
        let mut found = HashMap::new();
        for ((since, first, after), accounts) in asked {
            let ids = accounts.iter().map(|id| id.0).collect();
            let rows = payment::of_accounts(&self.app.db, ids, since, &Page { first, after })
                .await
                .map_err(Arc::new)?;
            let mut lists: HashMap<i64, Vec<Payment>> =
                gather(rows.into_iter().map(|row| (row.account_id, row))).into_iter().collect();
            for account in accounts {
                let rows = lists.remove(&account.0).unwrap_or_default();
                found.insert(PaymentsOf { account, since, first, after }, Slice::of(rows, first));
            }
        }
        Ok(found)
    }
}
