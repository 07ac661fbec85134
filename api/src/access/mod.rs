//! Who may do what: staff, subscribers, integrations, sessions, roles.

use async_graphql::{Context, Object, Subscription};

use crate::platform::graphql::{Cx, Date};

#[derive(Default)]
pub struct AccessQuery;

#[Object]
impl AccessQuery {
    /// The business date that prices, periods and deadlines go by (операционная дата).
    async fn business_date(&self, cx: &Context<'_>) -> Date {
        cx.app().clock.today().into()
    }
}

#[derive(Default)]
pub struct AccessMutation;

#[Object]
impl AccessMutation {
    /// Nothing yet.
    async fn nothing(&self) -> bool {
        true
    }
}

#[derive(Default)]
pub struct AccessSubscription;

#[Subscription]
impl AccessSubscription {
    /// Nothing yet.
    async fn nothing(&self) -> impl futures_util::Stream<Item = bool> {
        futures_util::stream::empty()
    }
}
