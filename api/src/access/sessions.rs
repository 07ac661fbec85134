//! Open sessions in the graph: seen and ended by their owner, and by who answers for users.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::{Permission, Principal};
use domain::kernel::UserId;
use entities::access::session::{Seen, open_of};
use futures_util::FutureExt;
use uuid::Uuid;

use super::ops::revoke_session;
use crate::platform::auth;
use crate::platform::graphql::*;

/// A session that is not over (сеанс).
#[derive(SimpleObject)]
pub struct OpenSession {
    /// Opaque id.
    pub id: ID,
    /// What the browser or program calls itself.
    pub user_agent: Option<String>,
    /// Network address it was opened from.
    pub address: Option<String>,
    /// Opened.
    pub opened_at: DateTime<Utc>,
    /// Last went on.
    pub seen_at: DateTime<Utc>,
    /// Over then, whatever happens.
    pub expires_at: DateTime<Utc>,
    /// Whether it is the one of this request.
    pub current: bool,
}

impl OpenSession {
    fn of(row: Seen, current: Option<Uuid>) -> Self {
        Self {
            current: current == Some(row.id),
            id: ID(row.id.simple().to_string()),
            user_agent: row.user_agent,
            address: row.address,
            opened_at: row.created_at,
            seen_at: row.seen_at,
            expires_at: row.expires_at,
        }
    }
}

/// Which session ends (завершение сеанса).
#[derive(InputObject)]
pub struct SessionRevokeInput {
    /// Id of the session.
    pub id: ID,
}

/// What became of it (сеанс завершён).
#[derive(SimpleObject)]
pub struct SessionRevokePayload {
    /// Whether it is over.
    pub revoked: bool,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

#[derive(Default)]
pub struct SessionQuery;

#[Object]
impl SessionQuery {
    /// Sessions that are not over, newest first: one's own, or of a user for who may see users (сеансы).
    #[graphql(guard = "signed_in()")]
    async fn sessions(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Of this user; one's own when absent.")] user: Option<Gid<UserId>>,
        #[graphql(desc = "Rows of the page, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to start after.")] after: Option<String>,
    ) -> Result<Conn<OpenSession>> {
        let actor = cx.actor()?;
        let (kind, owner) = match (user, &actor.principal) {
            (Some(user), _) if cx.may(Permission::UserRead) => ("user", user.0.0),
            (Some(_), _) => return Err(ApiError::new(Code::Forbidden)),
            (None, Principal::User(id)) => ("user", id.0),
            (None, Principal::Subscriber(id)) => ("subscriber", id.0),
            (None, Principal::Client(_) | Principal::System) => return Err(ApiError::new(Code::Forbidden)),
        };
        let (had_after, current) = (after.is_some(), actor.session);
        let slice = open_of(cx.db(), kind, owner, page_of(first, after)?).await?;
        Ok(connection(slice, had_after, |row| (row.created_at, row.id), |row| OpenSession::of(row, current)))
    }
}

#[derive(Default)]
pub struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Ends a session at once, its subscriptions too: one's own, or a user's for who answers for users (завершение сеанса).
    #[graphql(guard = "signed_in()")]
    async fn session_revoke(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] input: SessionRevokeInput,
    ) -> Result<SessionRevokePayload> {
        let Ok(id) = Uuid::parse_str(&input.id) else { return Err(ApiError::bad_input("id")) };
        let done = cx.write(|tx| revoke_session(tx, id).boxed()).await?;
        Ok(match done {
            Ok(()) => {
                auth::forget(cx.app(), id).await;
                SessionRevokePayload { revoked: true, errors: Vec::new() }
            }
            Err(refusal) => {
                SessionRevokePayload { revoked: false, errors: vec![UserError::of(&refusal, cx.language())] }
            }
        })
    }
}
