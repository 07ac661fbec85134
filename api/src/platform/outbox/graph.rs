//! Facts as subscriptions.

use async_graphql::{Context, SimpleObject, Subscription};
use chrono::{DateTime, Utc};
use domain::access::{Permission, Scope};
use domain::kernel::AccountId;
use entities::access::contact;
use entities::kernel::ScopeArgs;
use entities::kernel::outbox::Sent;
use futures_util::{Stream, StreamExt};

use super::follow_from;
use crate::platform::graphql::{ApiError, Cx, Gid, Result, can, id};

/// Something that became true (событие).
#[derive(SimpleObject)]
pub struct LiveEvent {
    /// Where to go on from after a break: `events(after:)`.
    pub cursor: String,
    /// The subsystem it belongs to: billing, readings, payments …
    pub topic: String,
    /// What happened: `billing.run_posted`.
    pub name: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The account it is about, if it is about one.
    pub account_id: Option<Gid<AccountId>>,
}

/// Numbers of facts look like node ids but are none.
const CURSOR: &str = "Fact";

/// The number of the last fact that a listener saw.
fn cursor(after: Option<String>) -> Result<Option<i64>> {
    match after.map(|text| id::decode(&text)) {
        None => Ok(None),
        Some(Some((kind, seq))) if kind == CURSOR => Ok(Some(seq)),
        Some(_) => Err(ApiError::bad_input("after")),
    }
}

impl From<Sent> for LiveEvent {
    fn from(fact: Sent) -> Self {
        Self {
            cursor: id::encode(CURSOR, fact.seq),
            topic: fact.topic,
            name: fact.name,
            at: fact.at,
            account_id: fact.account_id.map(|id| Gid(AccountId(id))),
        }
    }
}

#[derive(Default)]
pub struct EventSubscription;

#[Subscription]
impl EventSubscription {
    /// Facts of the city as they become true; resumable (события).
    #[graphql(guard = "can(Permission::EventRead)")]
    async fn events(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of these subsystems; all when absent.")] topics: Option<Vec<String>>,
        #[graphql(desc = "Cursor of the last fact seen: first come those since.")] after: Option<String>,
    ) -> Result<impl Stream<Item = LiveEvent>> {
        let after = cursor(after)?;
        let wanted = move |fact: &Sent| topics.as_ref().is_none_or(|topics| topics.contains(&fact.topic));
        let facts = follow_from(cx.app(), after, wanted).await?;
        let (app, scope) = (cx.app().clone(), cx.scope()?.clone());
        Ok(facts.filter_map(move |fact| {
            let (app, scope) = (app.clone(), scope.clone());
            async move {
                let seen = match (fact.account_id, &scope) {
                    (None, _) | (_, Scope::City) => true,
                    (Some(account), scope) => {
                        contact::in_scope(&app.db, &ScopeArgs::from(scope), account).await.unwrap_or(false)
                    }
                };
                seen.then(|| fact.into())
            }
        }))
    }

    /// What happens to the subscriber's own accounts, and that bills of a run were issued (события по своим счетам).
    #[graphql(guard = "can(Permission::OwnAccounts)")]
    async fn account_events(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Cursor of the last fact seen: first come those since.")] after: Option<String>,
    ) -> Result<impl Stream<Item = LiveEvent>> {
        let after = cursor(after)?;
        let Scope::Own(own) = cx.scope()?.clone() else { return Err(ApiError::not_found()) };
        let wanted = move |fact: &Sent| match fact.account_id {
            Some(id) => own.contains(&AccountId(id)),
            // One fact of a run speaks to everybody who may have a new bill.
            None => fact.name == "billing.run_issued",
        };
        Ok(follow_from(cx.app(), after, wanted).await?.map(LiveEvent::from))
    }
}
