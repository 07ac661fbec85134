use async_graphql::{Context, Object};
use domain::access::{Permission, Principal, Scope};
use domain::kernel::*;
use entities::subscribers::account;

use crate::platform::graphql::*;
use crate::wiring::account::{Account, account_by_id};
use crate::wiring::me::Me;

#[derive(Default)]
pub struct SubscribersQuery;

#[Object]
impl SubscribersQuery {
    /// One account of the caller's scope, by id or by number (лицевой счёт).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn account(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Option<Gid<AccountId>>,
        #[graphql(desc = "Number, also one of an older system.")] number: Option<String>,
    ) -> Result<Option<Account>> {
        let found = match (id, number) {
            (Some(id), None) => account::find(cx.db(), cx.scope()?, id.0).await?,
            (None, Some(number)) => account::by_number(cx.db(), cx.scope()?, &number).await?,
            _ => return Err(ApiError::bad_input("id or number")),
        };
        Ok(Some(found.ok_or_else(ApiError::not_found)?.into()))
    }

    /// The subscriber's own door (личный кабинет).
    #[graphql(guard = "can(Permission::OwnAccounts)")]
    async fn me(&self, cx: &Context<'_>) -> Result<Me> {
        let Principal::Subscriber(account) = cx.actor()?.principal else {
            return Err(ApiError::new(Code::Forbidden));
        };
        Ok(Me(MeCore(account)))
    }
}

/// The registers' part of the subscriber's own door: the account he signed in with.
pub struct MeCore(pub AccountId);

#[Object]
impl MeCore {
    /// Node id: the same as of the account signed in with.
    async fn id(&self) -> Gid<AccountId> {
        Gid(self.0)
    }

    /// The account signed in with (мой лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0).await
    }

    /// All accounts of the subscriber (мои лицевые счета), by number.
    async fn accounts(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Account>> {
        let page = page_of::<String>(first, after)?;
        let filter = account::Filter::default();
        let own = match cx.scope()? {
            scope @ Scope::Own(_) => scope,
            _ => return Err(ApiError::new(Code::Forbidden)),
        };
        let slice = account::list(cx.db(), own, filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.number.clone(), Account::from))
    }
}
