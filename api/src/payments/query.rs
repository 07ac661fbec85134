use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::kernel::*;
use entities::payments::payment;
use entities::subscribers::account;

use super::loaders::PaymentsOf;
use super::types::Payment;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::subscribers::types::own_since;

#[derive(Default)]
pub struct PaymentsQuery;

#[Object]
impl PaymentsQuery {
    /// Payments of the caller's accounts, newest first (платежи).
    #[graphql(guard = "can(Permission::PaymentRead)")]
    async fn payments(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only posted in this month.")] period: Option<Period>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this channel.")] channel: Option<String>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Payment>> {
        let page = page_of::<i64>(first, after)?;
        let slice = payment::list(cx.db(), cx.scope()?, period, sector, channel, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Payment))
    }
}

/// The part of an account that payments add.
pub struct AccountPayments(AccountId);

impl From<&account::Model> for AccountPayments {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl AccountPayments {
    /// Payments, newest first (платежи).
    #[graphql(guard = "can_any([Permission::PaymentRead, Permission::OwnAccounts])")]
    async fn payments(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Payment>> {
        let page = page_of::<i64>(first, after)?;
        let since = own_since(cx, self.0).await?;
        let key = PaymentsOf { account: self.0, since, first: page.first, after: page.after };
        let slice = cx.loader().load_one(key).await?.ok_or_else(ApiError::not_found)?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Payment))
    }
}
