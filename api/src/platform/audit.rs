//! The audit trail as the graph shows it.

use async_graphql::{Context, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use entities::kernel::audit::{self, Entry};

use crate::platform::graphql::*;

/// One change: who, when, what, before and after (запись журнала).
#[derive(SimpleObject)]
pub struct AuditEntry {
    /// Number of the entry.
    pub id: ID,
    /// When (когда).
    pub at: DateTime<Utc>,
    /// Login, account number or name of the program (кто).
    pub actor: String,
    /// What kind of thing (объект).
    pub entity: String,
    /// Node id of the thing; none for changes of many at once.
    pub entity_id: Option<String>,
    /// What was done (действие).
    pub action: String,
    /// The thing before (до).
    pub before: Option<Json<serde_json::Value>>,
    /// The thing after; count, sum and hash for changes of many at once (после).
    pub after: Option<Json<serde_json::Value>>,
}

/// `import_batch` in tables is `ImportBatch` in ids.
fn kind_of(entity: &str) -> String {
    entity
        .split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        })
        .collect()
}

impl From<Entry> for AuditEntry {
    fn from(row: Entry) -> Self {
        Self {
            id: ID(id::encode("AuditEntry", row.id)),
            at: row.at,
            actor: row.actor,
            entity_id: row.entity_id.map(|row_id| id::encode(&kind_of(&row.entity), row_id)),
            entity: row.entity,
            action: row.action,
            before: row.before.map(Json),
            after: row.after.map(Json),
        }
    }
}

#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Changes, newest first, of one thing or of everything (журнал изменений).
    #[graphql(guard = "can(Permission::AuditRead)")]
    async fn audit_trail(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Kind of thing: account, user, payment …")] entity: Option<String>,
        #[graphql(desc = "Node id of one thing.")] entity_id: Option<ID>,
        #[graphql(desc = "Rows of the page, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to start after.")] after: Option<String>,
    ) -> Result<Conn<AuditEntry>> {
        let had_after = after.is_some();
        let row = match entity_id {
            None => None,
            Some(text) => Some(id::decode(&text).ok_or_else(|| ApiError::bad_input("entityId"))?.1),
        };
        if row.is_some() && entity.is_none() {
            return Err(ApiError::bad_input("entity"));
        }
        let slice = audit::list(cx.db(), entity, row, page_of(first, after)?).await?;
        Ok(connection(slice, had_after, |row| row.id, AuditEntry::from))
    }
}
