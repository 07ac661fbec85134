//! Changes of roles: proposed by one person, decided by another.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::kernel::{Db, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct RoleChange {
    pub id: i64,
    pub role: String,
    pub name_kk: Option<String>,
    pub name_ru: Option<String>,
    pub name_en: Option<String>,
    /// Everything the role is to allow.
    pub permissions: Vec<String>,
    /// What it allowed when this was proposed.
    pub before: Vec<String>,
    pub reason: String,
    pub document_id: Option<i64>,
    pub state: String,
    pub proposed_by: i64,
    pub proposed_login: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_login: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

const SELECT: &str = "SELECT c.id, c.role, c.name_kk, c.name_ru, c.name_en, c.permissions, c.before, c.reason, c.document_id, \
        c.state, c.proposed_by, p.login AS proposed_login, c.proposed_at, d.login AS decided_login, c.decided_at \
     FROM access.role_change c JOIN access.staff p ON p.id = c.proposed_by LEFT JOIN access.staff d ON d.id = c.decided_by";

/// Newest first.
pub async fn list(db: &Db, page: Page) -> Result<Slice<RoleChange>> {
    let rows = sql::all(
        db,
        &format!("{SELECT} WHERE ($1::bigint IS NULL OR c.id < $1) ORDER BY c.id DESC LIMIT $2"),
        [page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<RoleChange>> {
    sql::one(db, &format!("{SELECT} WHERE c.id = $1"), [id.into()]).await
}

/// The same, locked against another who decides.
pub async fn lock(tx: &Tx, id: i64) -> Result<Option<RoleChange>> {
    sql::one(tx, &format!("{SELECT} WHERE c.id = $1 FOR UPDATE OF c"), [id.into()]).await
}

/// What is proposed.
pub struct New<'a> {
    pub role: &'a str,
    /// In kk, ru, en; for a role that is new.
    pub names: Option<[String; 3]>,
    pub permissions: Vec<String>,
    pub before: Vec<String>,
    pub reason: &'a str,
    pub document: Option<i64>,
    pub proposed_by: i64,
}

/// The new row's id; `None` when a change of this role waits for a decision already.
pub async fn propose(tx: &Tx, new: New<'_>) -> Result<Option<i64>> {
    let [kk, ru, en] = new.names.map_or([None, None, None], |names| names.map(Some));
    sql::scalar(
        tx,
        "INSERT INTO access.role_change (role, name_kk, name_ru, name_en, permissions, before, reason, document_id, proposed_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id",
        [
            new.role.into(),
            kk.into(),
            ru.into(),
            en.into(),
            new.permissions.into(),
            new.before.into(),
            new.reason.into(),
            new.document.into(),
            new.proposed_by.into(),
        ],
    )
    .await
}

pub async fn decide(tx: &Tx, id: i64, by: i64, state: &str) -> Result<()> {
    sql::run(
        tx,
        "UPDATE access.role_change SET state = $3, decided_by = $2, decided_at = now() WHERE id = $1",
        [id.into(), by.into(), state.into()],
    )
    .await
    .map(drop)
}

/// Writes what the role allows, makes the role when it is new, and ends the sessions of everybody who has it.
pub async fn apply(tx: &Tx, change: &RoleChange) -> Result<Vec<Uuid>> {
    if let (Some(kk), Some(ru), Some(en)) = (&change.name_kk, &change.name_ru, &change.name_en) {
        sql::run(
            tx,
            "INSERT INTO access.role (code, name_kk, name_ru, name_en) VALUES ($1, $2, $3, $4)
             ON CONFLICT (code) DO UPDATE SET name_kk = $2, name_ru = $3, name_en = $4",
            [change.role.clone().into(), kk.clone().into(), ru.clone().into(), en.clone().into()],
        )
        .await?;
    }
    sql::run(
        tx,
        "WITH wanted AS (SELECT unnest($2::text[]) AS permission),
              gone AS (DELETE FROM access.role_permission WHERE role = $1 AND permission NOT IN (SELECT permission FROM wanted))
         INSERT INTO access.role_permission (role, permission) SELECT $1, permission FROM wanted ON CONFLICT DO NOTHING",
        [change.role.clone().into(), change.permissions.clone().into()],
    )
    .await?;
    #[derive(FromQueryResult)]
    struct Id {
        id: Uuid,
    }
    let ended: Vec<Id> = sql::all(
        tx,
        "UPDATE access.session s SET revoked_at = now(), revoke_reason = 'rights changed'
         FROM access.staff_role r
         WHERE r.role = $1 AND s.principal = 'user' AND s.principal_id = r.staff_id AND s.revoked_at IS NULL
         RETURNING s.id",
        [change.role.clone().into()],
    )
    .await?;
    Ok(ended.into_iter().map(|row| row.id).collect())
}
