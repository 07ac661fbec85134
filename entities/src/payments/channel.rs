//! Ways on which agents' programs talk to us, with everything that is particular about each.

use std::collections::HashMap;

use domain::payments::channel::{
    AccountForm, ChannelAuth, ClosedPolicy, DatePolicy, DeniedAnswer, Dialect, Spelling, TemporaryAnswer,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use serde::Serialize;
use serde_json::Value as Json;

use crate::kernel::{Broken, Db, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct Channel {
    pub id: i64,
    pub code: String,
    pub agent_id: i64,
    pub dialect: Dialect,
    pub spelling: Spelling,
    pub sandbox: bool,
    pub active: bool,
    /// As PostgreSQL spells them: `10.0.0.0/8`.
    pub networks: Vec<String>,
    pub auth: ChannelAuth,
    pub auth_user: Option<String>,
    /// Never in the trail.
    #[serde(skip)]
    pub secret_hash: Option<Vec<u8>>,
    #[serde(skip)]
    pub secret_sealed: Option<Vec<u8>>,
    /// Tiyn.
    pub least: i64,
    pub most: Option<i64>,
    pub zone: String,
    pub language: String,
    pub echo: Option<String>,
    pub account_form: AccountForm,
    pub temporary: TemporaryAnswer,
    pub denied: DeniedAnswer,
    pub dates: DatePolicy,
    pub closed: ClosedPolicy,
    pub duplicate_minutes: i32,
    pub cancel_hours: Option<i32>,
    pub answer_seconds: i32,
    pub shows: Vec<String>,
    /// Outcome to number.
    pub codes: Json,
    pub registry_format: Option<String>,
    pub note: Option<String>,
    pub version: i32,
}

const COLUMNS: &str = "id, code, agent_id, dialect, spelling, sandbox, active, networks::text[] AS networks, auth, auth_user, \
     secret_hash, secret_sealed, least, most, zone, language, echo, account_form, temporary, denied, dates, closed, \
     duplicate_minutes, cancel_hours, answer_seconds, shows, codes, registry_format, note, version";

/// All of them: a few dozen at most.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Channel>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM payments.channel ORDER BY id"), []).await
}

pub async fn list(db: &Db, page: Page) -> Result<Slice<Channel>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.channel WHERE ($1::bigint IS NULL OR id > $1) ORDER BY id LIMIT $2"
        ),
        [page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn find(db: &impl ConnectionTrait, id: i64) -> Result<Option<Channel>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM payments.channel WHERE id = $1"), [id.into()]).await
}

pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Channel>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM payments.channel WHERE id = $1 FOR UPDATE"), [id.into()])
        .await
}

/// Whose money comes on which of these channels; other codes are none.
pub async fn agents_of(db: &impl ConnectionTrait, codes: Vec<String>) -> Result<HashMap<String, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        code: String,
        agent_id: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT code, agent_id FROM payments.channel WHERE code = ANY ($1) AND NOT sandbox",
        [codes.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.agent_id)).collect())
}

/// What an edit may change, `$3…` in this order; the code and the agent are for ever.
const SAYS: &[&str] = &[
    "dialect",
    "spelling",
    "sandbox",
    "active",
    "networks",
    "auth",
    "auth_user",
    "secret_hash",
    "secret_sealed",
    "least",
    "most",
    "zone",
    "language",
    "echo",
    "account_form",
    "temporary",
    "denied",
    "dates",
    "closed",
    "duplicate_minutes",
    "cancel_hours",
    "answer_seconds",
    "shows",
    "codes",
    "registry_format",
    "note",
];

fn values(channel: &Channel) -> Vec<Value> {
    let c = channel.clone();
    vec![
        c.dialect.code().into(),
        c.spelling.code().into(),
        c.sandbox.into(),
        c.active.into(),
        c.networks.into(),
        c.auth.code().into(),
        c.auth_user.into(),
        c.secret_hash.into(),
        c.secret_sealed.into(),
        c.least.into(),
        c.most.into(),
        c.zone.into(),
        c.language.into(),
        c.echo.into(),
        c.account_form.code().into(),
        c.temporary.code().into(),
        c.denied.code().into(),
        c.dates.code().into(),
        c.closed.code().into(),
        c.duplicate_minutes.into(),
        c.cancel_hours.into(),
        c.answer_seconds.into(),
        c.shows.into(),
        c.codes.into(),
        c.registry_format.into(),
        c.note.into(),
    ]
}

fn places() -> Vec<String> {
    let place = |(at, name): (usize, &&str)| match *name {
        "networks" => format!("${}::text[]::cidr[]", at + 3),
        _ => format!("${}", at + 3),
    };
    SAYS.iter().enumerate().map(place).collect()
}

/// Its id; the code must be free.
pub async fn insert(tx: &Tx, channel: &Channel) -> Result<i64> {
    let id = sql::scalar(
        tx,
        &format!(
            "INSERT INTO payments.channel (code, agent_id, {}) VALUES ($1, $2, {}) RETURNING id",
            SAYS.join(", "),
            places().join(", ")
        ),
        [channel.code.clone().into(), channel.agent_id.into()].into_iter().chain(values(channel)),
    )
    .await?;
    id.ok_or(Broken::RecordNotInserted)
}

/// Writes everything but the code and the agent, with the next version. `false` when it is not the expected one any more.
pub async fn update(tx: &Tx, channel: &Channel) -> Result<bool> {
    let sets: Vec<String> =
        SAYS.iter().zip(places()).map(|(name, place)| format!("{name} = {place}")).collect();
    let touched = sql::run(
        tx,
        &format!(
            "UPDATE payments.channel SET {}, version = version + 1 WHERE id = $1 AND version = $2",
            sets.join(", ")
        ),
        [channel.id.into(), channel.version.into()].into_iter().chain(values(channel)),
    )
    .await?;
    Ok(touched == 1)
}
