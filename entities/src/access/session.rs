//! Sessions and their rotating refresh tokens.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::kernel::{Page, Result, Slice, Tx, sql};

/// A new session.
pub struct New<'a> {
    pub id: Uuid,
    /// `user` or `subscriber`.
    pub principal: &'a str,
    pub principal_id: i64,
    /// Who held the account at sign-in: when somebody else moves in, the session is over.
    pub party_id: Option<i64>,
    pub label: &'a str,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub expires_at: DateTime<Utc>,
}

pub async fn insert(tx: &Tx, new: New<'_>) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO access.session (id, principal, principal_id, party_id, label, user_agent, address, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            new.id.into(),
            new.principal.into(),
            new.principal_id.into(),
            new.party_id.into(),
            new.label.into(),
            new.user_agent.into(),
            new.address.into(),
            new.expires_at.into(),
        ],
    )
    .await?;
    Ok(())
}

/// The session of a token, with what its holder may do now.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Live {
    pub principal: String,
    pub principal_id: i64,
    pub label: String,
    pub sectors: Vec<String>,
    pub districts: Vec<i64>,
    pub permissions: Vec<String>,
    /// Accounts of the signed-in subscriber, the one of the sign-in among them.
    pub accounts: Vec<i64>,
    /// The password is one that an administrator gave: nothing is allowed but changing it.
    pub password_due: bool,
}

/// `None` when the session is over, its holder was switched off, or the account has another holder now.
pub async fn live(db: &impl ConnectionTrait, id: Uuid, today: NaiveDate) -> Result<Option<Live>> {
    sql::one(db, include_str!("sql/live_session.sql"), [id.into(), today.into()]).await
}

pub async fn add_refresh(tx: &Tx, session: Uuid, hash: &[u8]) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO access.refresh_token (hash, session_id) VALUES ($1, $2)",
        [hash.to_vec().into(), session.into()],
    )
    .await?;
    Ok(())
}

/// A refresh token as it was found.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Refresh {
    pub session_id: Uuid,
    pub principal: String,
    pub principal_id: i64,
    pub label: String,
    /// It was exchanged longer than [`LEEWAY_SECONDS`] ago: somebody has a copy.
    pub copied: bool,
    /// The session is neither revoked nor over.
    pub live: bool,
}

/// How long an exchanged token is still good for whoever never saw the answer: a page left while it was on its way, a
/// second tab that read the storage a moment too early, a phone that lost its network.
pub const LEEWAY_SECONDS: f64 = 30.0;

/// Finds a token under a lock of its session, so that its exchanges come one after another.
pub async fn lock_refresh(tx: &Tx, hash: &[u8]) -> Result<Option<Refresh>> {
    sql::one(
        tx,
        "SELECT r.session_id, s.principal, s.principal_id, s.label,
                coalesce(r.used_at < now() - make_interval(secs => $2), false) AS copied,
                s.revoked_at IS NULL AND s.expires_at > now() AS live
         FROM access.refresh_token r JOIN access.session s ON s.id = r.session_id
         WHERE r.hash = $1 FOR UPDATE",
        [hash.to_vec().into(), LEEWAY_SECONDS.into()],
    )
    .await
}

/// Every token of the session given out so far is spent from now on: a sibling made within the leeway must not live on
/// beside its brother, or a thief's chain would never meet the owner's.
pub async fn spend_refresh(tx: &Tx, session: Uuid) -> Result<()> {
    sql::run(
        tx,
        "UPDATE access.refresh_token SET used_at = now() WHERE session_id = $1 AND used_at IS NULL",
        [session.into()],
    )
    .await?;
    sql::run(tx, "UPDATE access.session SET seen_at = now() WHERE id = $1", [session.into()]).await?;
    Ok(())
}

/// Ends a session; `false` when it was over already.
pub async fn revoke(tx: &Tx, id: Uuid, reason: &str) -> Result<bool> {
    let touched = sql::run(
        tx,
        "UPDATE access.session SET revoked_at = now(), revoke_reason = $2 WHERE id = $1 AND revoked_at IS NULL",
        [id.into(), reason.into()],
    )
    .await?;
    Ok(touched == 1)
}

/// Ends every session of somebody; which ones.
pub async fn revoke_all(tx: &Tx, principal: &str, principal_id: i64, reason: &str) -> Result<Vec<Uuid>> {
    revoke_but(tx, principal, principal_id, None, reason).await
}

/// Ends every session of somebody but one; which ones.
pub async fn revoke_but(
    tx: &Tx,
    principal: &str,
    principal_id: i64,
    kept: Option<Uuid>,
    reason: &str,
) -> Result<Vec<Uuid>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: Uuid,
    }
    let rows: Vec<Id> = sql::all(
        tx,
        "UPDATE access.session SET revoked_at = now(), revoke_reason = $3
         WHERE principal = $1 AND principal_id = $2 AND revoked_at IS NULL AND id IS DISTINCT FROM $4 RETURNING id",
        [principal.into(), principal_id.into(), reason.into(), kept.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A session as its owner sees it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Seen {
    pub id: Uuid,
    pub user_agent: Option<String>,
    pub address: Option<String>,
    pub created_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Sessions of somebody that are not over, newest first. The key is (opened at, id).
pub async fn open_of(
    db: &impl ConnectionTrait,
    principal: &str,
    principal_id: i64,
    page: Page<(DateTime<Utc>, Uuid)>,
) -> Result<Slice<Seen>> {
    let (at, id) = page.after.unzip();
    let rows = sql::all(
        db,
        "SELECT id, user_agent, address, created_at, seen_at, expires_at FROM access.session
         WHERE principal = $1 AND principal_id = $2 AND revoked_at IS NULL AND expires_at > now()
           AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4))
         ORDER BY created_at DESC, id DESC LIMIT $5",
        [principal.into(), principal_id.into(), at.into(), id.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// How many sessions of each of some principals are not over; who has none is left out.
pub async fn count_open(
    db: &impl ConnectionTrait,
    principal: &str,
    ids: &[i64],
) -> Result<HashMap<i64, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        principal_id: i64,
        sessions: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT principal_id, count(*) AS sessions FROM access.session
         WHERE principal = $1 AND principal_id = ANY ($2) AND revoked_at IS NULL AND expires_at > now() GROUP BY principal_id",
        [principal.into(), ids.to_vec().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.principal_id, row.sessions)).collect())
}

/// Whose a session is: `user` or `subscriber`, and the row's id.
pub async fn owner(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<(String, i64)>> {
    #[derive(FromQueryResult)]
    struct Owner {
        principal: String,
        principal_id: i64,
    }
    let found: Option<Owner> =
        sql::one(db, "SELECT principal, principal_id FROM access.session WHERE id = $1", [id.into()]).await?;
    Ok(found.map(|owner| (owner.principal, owner.principal_id)))
}
