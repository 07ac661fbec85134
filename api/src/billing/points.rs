//! Points that come into an account and leave it: objects of a contract, further inlets.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object};
use domain::access::Permission;
use domain::kernel::*;
use futures_util::FutureExt;

use super::ops;
use crate::payload;
use crate::platform::graphql::*;
use crate::wiring::account::Account;

/// A point comes into an account (включение точки в договор).
#[derive(Debug, Clone, InputObject)]
pub struct AccountPointIncludeInput {
    /// The account (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// The point, which nobody pays for on that day (точка подключения).
    pub point_id: Gid<PointId>,
    /// First day that it is charged to the account (с).
    pub from: Date,
    /// The contract, its annex or an act (основание).
    pub document_id: Gid<DocumentId>,
    /// What its meter shows on that day, m³; what it showed for whoever paid before unless said (начальное показание).
    pub value: Option<Volume>,
    /// The meter could not be read: it counts from what was read of it last, else from its first reading (показание не снято).
    #[graphql(default)]
    pub unread: bool,
}

/// A point leaves an account (исключение точки из договора).
#[derive(Debug, Clone, InputObject)]
pub struct AccountPointExcludeInput {
    /// The account (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// The point (точка подключения).
    pub point_id: Gid<PointId>,
    /// First day without it; not charged any more. The point's own first day takes the inclusion back (первый день без точки).
    pub date: Date,
    /// The paper (основание).
    pub document_id: Gid<DocumentId>,
    /// What its meter shows on the day before, m³ (конечное показание).
    pub value: Option<Volume>,
    /// The meter could not be read: its days are charged without it (показание не снято).
    #[graphql(default)]
    pub unread: bool,
    /// A reading that stands out was looked at and is right (необычное показание проверено).
    #[graphql(default)]
    pub doubtful_seen: bool,
}

payload!(
    /// What became of an act on a point of an account.
    AccountPointPayload {
        /// The account after it.
        account: Account
    }
);

#[derive(Default)]
pub struct PointsMutation;

#[Object]
impl PointsMutation {
    /// Charges a free point to an account from a day on: an object of its contract, a further inlet (включить объект, точку в договор).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn account_point_include(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which point, and from when.")] input: AccountPointIncludeInput,
    ) -> Result<AccountPointPayload> {
        let app = Arc::clone(cx.app());
        let done =
            cx.write(move |tx| async move { ops::include_point(tx, &app, input).await }.boxed()).await?;
        Ok(AccountPointPayload::of(done, cx.language()))
    }

    /// Ends that an account pays for a point, with the closing reading of its meter (исключить объект, точку из договора).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn account_point_exclude(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which point, and when.")] input: AccountPointExcludeInput,
    ) -> Result<AccountPointPayload> {
        let app = Arc::clone(cx.app());
        let done =
            cx.write(move |tx| async move { ops::exclude_point(tx, &app, input).await }.boxed()).await?;
        Ok(AccountPointPayload::of(done, cx.language()))
    }
}
