//! Changes of roles in the graph.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::kernel::DocumentId;
use entities::access::role_change;
use futures_util::FutureExt;

use super::ops::{ProposeRole, decide_role, propose_role};
use super::types::permissions;
use crate::payload;
use crate::platform::auth;
use crate::platform::graphql::*;

/// Ids of proposals are opaque like node ids.
const KIND: &str = "RoleChange";

/// Where a proposal stands (состояние предложения).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum RoleChangeState {
    /// Waits for a second person (предложено).
    Proposed,
    /// In force (утверждено).
    Approved,
    /// Rejected or taken back (отклонено).
    Rejected,
}

/// A change of what a role allows (изменение роли).
#[derive(SimpleObject)]
pub struct RoleChange {
    /// Opaque id.
    pub id: ID,
    /// Code of the role.
    pub role: String,
    /// Its names, when the role is new or renamed.
    pub name: Option<LocalName>,
    /// Everything the role is to allow.
    pub permissions: Vec<Permission>,
    /// Of it, what it did not allow before.
    pub added: Vec<Permission>,
    /// What it allowed before and is not to allow any more.
    pub removed: Vec<Permission>,
    /// Why.
    pub reason: String,
    /// Where the proposal stands.
    pub state: RoleChangeState,
    /// Login of who proposed it.
    pub proposed_by: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Login of who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
}

impl From<role_change::RoleChange> for RoleChange {
    fn from(row: role_change::RoleChange) -> Self {
        let (after, before) = (permissions(&row.permissions), permissions(&row.before));
        let name = match (row.name_kk, row.name_ru, row.name_en) {
            (Some(kk), Some(ru), Some(en)) => Some(LocalName { kk, ru, en }),
            _ => None,
        };
        Self {
            id: ID(id::encode(KIND, row.id)),
            role: row.role,
            name,
            added: after.iter().copied().filter(|one| !before.contains(one)).collect(),
            removed: before.into_iter().filter(|one| !after.contains(one)).collect(),
            permissions: after,
            reason: row.reason,
            state: match row.state.as_str() {
                "proposed" => RoleChangeState::Proposed,
                "approved" => RoleChangeState::Approved,
                _ => RoleChangeState::Rejected,
            },
            proposed_by: row.proposed_login,
            proposed_at: row.proposed_at,
            decided_by: row.decided_login,
            decided_at: row.decided_at,
        }
    }
}

/// Names in the three languages (наименования).
#[derive(InputObject)]
pub struct LocalNameInput {
    /// In Kazakh.
    pub kk: String,
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}

/// What a role is to allow (предложение изменить роль).
#[derive(InputObject)]
pub struct RoleChangeProposeInput {
    /// Code of the role, in small Latin letters; a new one makes a new role.
    pub role: String,
    /// Its names; needed when the role is new.
    pub name: Option<LocalNameInput>,
    /// Everything it is to allow, not the difference.
    pub permissions: Vec<Permission>,
    /// Why.
    pub reason: String,
    /// The official document it rests on.
    pub document_id: Option<Gid<DocumentId>>,
}

/// The second person's decision (решение второго лица).
#[derive(InputObject)]
pub struct RoleChangeDecideInput {
    /// Id of the proposal.
    pub id: ID,
    /// Approve, or reject.
    pub approve: bool,
}

payload!(
    /// A proposal, or why there is none (изменение роли).
    RoleChangePayload {
        /// The proposal.
        role_change: RoleChange
    }
);

#[derive(Default)]
pub struct RoleChangeQuery;

#[Object]
impl RoleChangeQuery {
    /// Proposed and decided changes of roles, newest first (изменения ролей).
    #[graphql(guard = "can(Permission::UserRead)")]
    async fn role_changes(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to start after.")] after: Option<String>,
    ) -> Result<Conn<RoleChange>> {
        let had_after = after.is_some();
        let slice = role_change::list(cx.db(), page_of(first, after)?).await?;
        Ok(connection(slice, had_after, |row| row.id, RoleChange::from))
    }
}

#[derive(Default)]
pub struct RoleChangeMutation;

#[Object]
impl RoleChangeMutation {
    /// Proposes what a role is to allow; another person decides (предложить изменение роли).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn role_change_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The role as it is to be.")] input: RoleChangeProposeInput,
    ) -> Result<RoleChangePayload> {
        let cmd = ProposeRole {
            role: input.role,
            names: input.name.map(|name| [name.kk, name.ru, name.en]),
            permissions: input.permissions,
            reason: input.reason,
            document: input.document_id.map(|id| id.0),
        };
        let done = cx.write(|tx| propose_role(tx, cmd).boxed()).await?;
        Ok(RoleChangePayload::of(done, cx.language()))
    }

    /// Approves or rejects a proposal of somebody else; sessions of who has the role end (решение по изменению роли).
    #[graphql(guard = "can(Permission::UserWrite)")]
    async fn role_change_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: RoleChangeDecideInput,
    ) -> Result<RoleChangePayload> {
        let Some((_, row)) = id::decode(&input.id).filter(|(kind, _)| kind == KIND) else {
            return Err(ApiError::bad_input("id"));
        };
        let done = cx.write(|tx| decide_role(tx, row, input.approve).boxed()).await?;
        if let Ok((_, ended)) = &done {
            for session in ended {
                auth::forget(cx.app(), *session).await;
            }
        }
        Ok(RoleChangePayload::of(done.map(|(change, _)| change), cx.language()))
    }
}
