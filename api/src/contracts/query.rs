use async_graphql::{Context, Object};
use domain::access::Permission;
use entities::contracts::contract;

use super::types::Contract;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct ContractsQuery;

#[Object]
impl ContractsQuery {
    /// Contracts of the caller's accounts, newest first (договоры).
    #[graphql(guard = "can(Permission::ContractRead)")]
    async fn contracts(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Beginning of the number of the contract or of the account.")] search: Option<
            String,
        >,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Contract>> {
        let page = page_of::<i64>(first, after)?;
        let slice = contract::list(cx.db(), cx.scope()?, search, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Contract))
    }
}
