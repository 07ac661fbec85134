//! The account, assembled: each subsystem adds a part.

use async_graphql::{Context, MergedObject};
use domain::kernel::AccountId;
use entities::subscribers::account;

use crate::billing::{AccountBilling, AccountOneOffs};
use crate::consumption::AccountConsumption;
use crate::contracts::AccountContract;
use crate::debt::{AccountCertificates, DebtPart};
use crate::ledger::AccountLedger;
use crate::payments::AccountPayments;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::{ApiError, Cx, Gid, Result};
use crate::readings::AccountReadings;
use crate::subscribers::AccountCore;
use crate::subscribers::loaders::AccountById;

/// Declares `Account` out of its parts; each is made from the account's row.
macro_rules! account {
    ($($part:ident),* $(,)?) => {
        /// A subscriber account (лицевой счёт).
        #[derive(MergedObject)]
        pub struct Account($($part),*);

        impl From<account::Model> for Account {
            fn from(row: account::Model) -> Self {
                Self($($part::from(&row)),*)
            }
        }
    };
}

account!(
    AccountCore,
    AccountContract,
    AccountReadings,
    AccountConsumption,
    AccountLedger,
    AccountBilling,
    AccountOneOffs,
    AccountPayments,
    DebtPart,
    AccountCertificates,
);

/// An account as the edge of another row, under the caller's scope; NOT_FOUND for an account of others.
pub async fn account_by_id(cx: &Context<'_>, id: AccountId) -> Result<Account> {
    let row = cx.loader().load_one(AccountById(id)).await?.ok_or_else(ApiError::not_found)?;
    if !row.in_scope(cx.scope()?) {
        return Err(ApiError::not_found());
    }
    Ok(Account::from(row))
}

/// Those of some accounts that the caller reaches, in their order; one statement.
pub async fn accounts_by_ids(cx: &Context<'_>, ids: Vec<AccountId>) -> Result<Vec<Account>> {
    let mut rows = cx.loader().load_many(ids.iter().copied().map(AccountById)).await?;
    let scope = cx.scope()?;
    let known = ids.into_iter().filter_map(|id| rows.remove(&AccountById(id)));
    Ok(known.filter(|row| row.in_scope(scope)).map(Account::from).collect())
}

impl Account {
    /// For the interface `Node`.
    pub async fn id(&self, cx: &Context<'_>) -> Result<Gid<AccountId>> {
        self.0.id(cx).await.map_err(|_| ApiError::not_found())
    }
}
