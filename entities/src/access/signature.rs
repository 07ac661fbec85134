//! Requests for a second signature: what one person asked for, and what another one said to it.

use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission, SignatureState, SignedAct};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::Serialize;
use serde_json::Value as Json;

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, Serialize)]
pub struct Signature {
    pub id: SignatureId,
    pub act: SignedAct,
    /// Kind:id of the thing, or what tells a new one from others.
    pub subject: String,
    pub input: Json,
    /// What whoever decides must have.
    pub permission: Permission,
    pub sector: Option<Sector>,
    pub account_id: Option<AccountId>,
    pub about: Json,
    pub document_id: i64,
    pub state: SignatureState,
    pub asked_by: String,
    pub asked_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "s.id, s.act, s.subject, s.input, s.permission, s.sector, s.account_id, s.about, s.document_id, s.state, \
     s.asked_by, s.asked_at, s.decided_by, s.decided_at";

/// What is asked for.
pub struct New {
    pub act: SignedAct,
    pub subject: String,
    pub input: Json,
    pub permission: Permission,
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
    pub account: Option<AccountId>,
    pub about: Json,
    pub document: DocumentId,
}

/// Which requests are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<SignatureState>,
    pub acts: Option<Vec<SignedAct>>,
    pub subject: Option<String>,
    pub account: Option<AccountId>,
}

/// Own requests, and those of rows in scope that the caller has the right to. Bind [`viewer`] as `$1` to `$4`. What is of all sectors
/// or of all districts is for those who see all of them.
const VISIBLE: &str = "(s.asked_by = $1 OR s.permission = ANY ($2) AND ($3::text[] IS NULL OR s.sector = ANY ($3)) \
     AND ($4::bigint[] IS NULL OR s.district_id = ANY ($4)))";

fn viewer(actor: &Actor) -> [Value; 4] {
    let rights: Vec<String> = actor.permissions.iter().map(|right| right.code().to_owned()).collect();
    let scope = ScopeArgs::from(&actor.scope);
    [actor.label.clone().into(), rights.into(), scope.sectors.into(), scope.districts.into()]
}

/// `None` when a request of this act and subject waits already.
pub async fn ask(tx: &Tx, new: &New) -> Result<Option<Signature>> {
    sql::one(
        tx,
        &format!(
            "INSERT INTO access.second_signature AS s
                 (act, subject, input, permission, sector, district_id, account_id, about, document_id, asked_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             ON CONFLICT (act, subject) WHERE state = 'waiting' DO NOTHING RETURNING {COLUMNS}"
        ),
        [
            new.act.code().into(),
            new.subject.clone().into(),
            new.input.clone().into(),
            new.permission.code().into(),
            new.sector.map(|sector| sector.code().to_owned()).into(),
            new.district.map(|id| id.0).into(),
            new.account.map(|id| id.0).into(),
            new.about.clone().into(),
            new.document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// The one that waits, whoever asked for it.
pub async fn waiting(tx: &Tx, act: SignedAct, subject: &str) -> Result<Option<Signature>> {
    sql::one(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM access.second_signature s WHERE s.act = $1 AND s.subject = $2 AND s.state = 'waiting'"
        ),
        [act.code().into(), subject.into()],
    )
    .await
}

/// One that the caller sees, locked against another who decides.
pub async fn lock(tx: &Tx, id: SignatureId) -> Result<Option<Signature>> {
    let [label, rights, sectors, districts] = viewer(tx.actor());
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM access.second_signature s WHERE {VISIBLE} AND s.id = $5 FOR UPDATE"),
        [label, rights, sectors, districts, id.0.into()],
    )
    .await
}

pub async fn decide(tx: &Tx, id: SignatureId, state: SignatureState) -> Result<Signature> {
    let row = sql::one(
        tx,
        &format!(
            "UPDATE access.second_signature s SET state = $2, decided_by = $3, decided_at = now()
             WHERE s.id = $1 AND s.state = 'waiting' RETURNING {COLUMNS}"
        ),
        [id.0.into(), state.code().into(), tx.actor().label.clone().into()],
    )
    .await?;
    row.ok_or(Broken::RecordNotUpdated)
}

/// Newest first, of those that the caller sees.
pub async fn list(
    db: &impl ConnectionTrait,
    actor: &Actor,
    filter: &Filter,
    page: Page,
) -> Result<Slice<Signature>> {
    let [label, rights, sectors, districts] = viewer(actor);
    let codes = |acts: &Vec<SignedAct>| acts.iter().map(|act| act.code().to_owned()).collect::<Vec<_>>();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM access.second_signature s
             WHERE {VISIBLE} AND ($5::text IS NULL OR s.state = $5) AND ($6::text[] IS NULL OR s.act = ANY ($6))
               AND ($7::text IS NULL OR s.subject = $7) AND ($8::bigint IS NULL OR s.account_id = $8)
               AND ($9::bigint IS NULL OR s.id < $9)
             ORDER BY s.id DESC LIMIT $10"
        ),
        [
            label,
            rights,
            sectors,
            districts,
            filter.state.map(|state| state.code().to_owned()).into(),
            filter.acts.as_ref().map(codes).into(),
            filter.subject.clone().into(),
            filter.account.map(|id| id.0).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// How many wait for a decision of the caller.
pub async fn waiting_for(db: &impl ConnectionTrait, actor: &Actor) -> Result<i64> {
    let count: Option<i64> = sql::scalar(
        db,
        &format!(
            "SELECT count(*) FROM access.second_signature s WHERE {VISIBLE} AND s.asked_by <> $1 AND s.state = 'waiting'"
        ),
        viewer(actor),
    )
    .await?;
    Ok(count.unwrap_or_default())
}
