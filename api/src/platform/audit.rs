//! The audit trail as the graph shows it.

use std::collections::BTreeSet;

use async_graphql::{Context, Enum, ID, Json, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::kernel::{DocumentId, PartyId};
use entities::kernel::Slice;
use entities::kernel::audit;
use entities::kernel::person::{self, Privacy, Shown};

use crate::platform::graphql::*;

/// How a line of the trail can be read (персональные данные в записи).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum AuditPrivacy {
    /// Nothing personal in it.
    Plain,
    /// About a person, and opened; the look was recorded.
    Opened,
    /// About a person; opening it needs the right to personal data.
    Sealed,
    /// About a person whose data were destroyed: nobody can open it.
    Erased,
}

impl From<Privacy> for AuditPrivacy {
    fn from(privacy: Privacy) -> Self {
        match privacy {
            Privacy::Plain => Self::Plain,
            Privacy::Opened => Self::Opened,
            Privacy::Sealed => Self::Sealed,
            Privacy::Erased => Self::Erased,
        }
    }
}

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
    /// Whether it says something personal, and whether that was opened (персональные данные).
    pub privacy: AuditPrivacy,
    /// The thing after; count, sum and hash for changes of many at once (после).
    pub after: Option<Json<serde_json::Value>>,
    /// Node id of the official document it rests on (документ-основание).
    pub document_id: Option<Gid<DocumentId>>,
}

/// Kinds whose numbers stand inside `before` and `after`; in the graph they are node ids like everywhere else.
const KINDS: [&str; 14] = [
    "account",
    "bill",
    "building",
    "contract",
    "document",
    "import_batch",
    "meter",
    "open_item",
    "party",
    "payment",
    "point",
    "premise",
    "reading",
    "run",
];

/// The value as the graph shows it: what names another thing does so by its node id, and `id` is the thing's own.
pub fn named(entity: &str, value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .into_iter()
                .map(|(key, value)| {
                    let kind = match key.as_str() {
                        "id" => Some(entity),
                        "person" => Some("party"),
                        other => KINDS.into_iter().find(|kind| *kind == other.trim_end_matches("_id")),
                    };
                    let value = match (kind, value.as_i64()) {
                        (Some(kind), Some(row)) => Value::String(id::encode(&kind_of(kind), row)),
                        _ => named("", value),
                    };
                    (key, value)
                })
                .collect(),
        ),
        Value::Array(rows) => Value::Array(rows.into_iter().map(|row| named("", row)).collect()),
        plain => plain,
    }
}

/// `import_batch` in tables is `ImportBatch` in ids.
pub fn kind_of(entity: &str) -> String {
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

impl From<Shown> for AuditEntry {
    fn from(Shown { entry: row, privacy, .. }: Shown) -> Self {
        let entity = row.entity.clone();
        Self {
            privacy: privacy.into(),
            id: ID(id::encode("AuditEntry", row.id)),
            at: row.at,
            actor: row.actor,
            entity_id: row.entity_id.map(|row_id| id::encode(&kind_of(&row.entity), row_id)),
            entity: row.entity,
            action: row.action,
            before: row.before.map(|value| Json(named(&entity, value))),
            after: row.after.map(|value| Json(named(&entity, value))),
            document_id: row.document_id.map(|row| Gid(DocumentId(row))),
        }
    }
}

#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Changes, newest first, of one thing or of everything (журнал изменений). What it says about people is opened for those
    /// who may see personal data, and each such look is a line of its own.
    #[graphql(guard = "can(Permission::AuditRead)")]
    #[allow(clippy::too_many_arguments)]
    async fn audit_trail(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Kind of thing: account, user, payment …")] entity: Option<String>,
        #[graphql(desc = "Node id of one thing.")] entity_id: Option<ID>,
        #[graphql(desc = "Who: login, account number or name of the program.")] actor: Option<String>,
        #[graphql(desc = "What was done: submit, decide, reverse …")] action: Option<String>,
        #[graphql(desc = "From this day, in Almaty.")] from: Option<Date>,
        #[graphql(desc = "To this day, included.")] to: Option<Date>,
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
        let filter = audit::Filter {
            entity,
            id: row,
            actor,
            action,
            from: from.map(|day| day.0),
            to: to.map(|day| day.0),
        };
        let found = audit::list(cx.db(), &filter, page_of(first, after)?).await?;
        let vault = cx.may(Permission::PersonalDataRead).then(|| &cx.app().vault);
        let shown = person::show(cx.db(), vault, found.rows).await?;
        let opened = shown.iter().filter(|line| line.privacy == Privacy::Opened);
        let people: BTreeSet<PartyId> = opened.filter_map(|line| line.person).collect();
        person::seen(cx.db(), cx.actor()?, &Vec::from_iter(people)).await?;
        let slice = Slice { rows: shown, has_next: found.has_next };
        Ok(connection(slice, had_after, |line| line.entry.id, AuditEntry::from))
    }
}
