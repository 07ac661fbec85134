//! From a token to an actor with rights and rows. The rows of session and roles are asked, not the token: what was revoked is
//! over within seconds, whatever the token says.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header;
use domain::access::{Actor, Permission, Principal, Role, Scope};
use domain::kernel::{AccountId, ClientId, DistrictId, Sector, UserId};
use entities::access::{client, role, session};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::token::{CLIENT_PREFIX, sha256};
use crate::app::App;

/// How long a process may believe what it read of a session.
const BELIEVE_SECONDS: u64 = 5;

/// The tables could not be asked: nothing is known of the token.
#[derive(Debug, Clone, Copy)]
pub struct Unclear;

/// Whoever an `Authorization` header names; nobody when the token is not valid any more.
pub async fn actor(app: &Arc<App>, authorization: &str) -> Option<Actor> {
    look(app, authorization).await.unwrap_or_default()
}

/// The same, telling a token that is not valid from one that could not be looked up.
pub async fn look(app: &Arc<App>, authorization: &str) -> Result<Option<Actor>, Unclear> {
    let Some((scheme, token)) = authorization.split_once(' ') else { return Ok(None) };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let found = match token.trim() {
        token if token.starts_with(CLIENT_PREFIX) => of_client(app, token).await,
        token => match app.tokens.session(token) {
            Some(session) => of_session(app, session).await,
            None => return Ok(None),
        },
    };
    found.map_err(|error| {
        tracing::error!(error = %error, "a caller could not be looked up");
        Unclear
    })
}

/// The same from a plain HTTP request, for routes beside GraphQL.
pub async fn actor_of(app: &Arc<App>, request: &HttpRequest) -> Option<Actor> {
    actor(app, request.headers().get(header::AUTHORIZATION)?.to_str().ok()?).await
}

/// Whoever a session belongs to, when it is not over.
pub async fn by_session(app: &App, session: Uuid) -> Option<Actor> {
    of_session(app, session).await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "a caller could not be looked up");
        None
    })
}

/// Makes every process forget a session at once.
pub async fn forget(app: &App, session: Uuid) {
    if let Err(error) = app.bus.set(&key(session), "null", BELIEVE_SECONDS * 2).await {
        tracing::warn!(error = %error, "a session is over but may be believed for some seconds");
    }
}

/// Makes every process believe what the tables say of a session now.
pub async fn look_again(app: &App, session: Uuid) {
    if let Err(error) = read(app, session).await {
        tracing::error!(error = %error, "a caller could not be looked up");
    }
}

fn key(session: Uuid) -> String {
    format!("actor:{}", session.simple())
}

/// What is kept of a session for some seconds.
#[derive(Serialize, Deserialize)]
struct Known {
    principal: String,
    id: i64,
    label: String,
    permissions: Vec<String>,
    sectors: Vec<String>,
    districts: Vec<i64>,
    accounts: Vec<i64>,
    #[serde(default)]
    password_due: bool,
}

async fn of_session(app: &App, id: Uuid) -> anyhow::Result<Option<Actor>> {
    if let Some(known) = believed(app, id).await? {
        return Ok(known);
    }
    // A thousand sockets of one session look at the same moment: one asks the tables, the others hear what it read.
    let _one = app.drawing.lock(&key(id)).await;
    match believed(app, id).await? {
        Some(known) => Ok(known),
        None => read(app, id).await,
    }
}

/// What this process may still believe of a session, if anything: that it is somebody's, or that it is over.
async fn believed(app: &App, id: Uuid) -> anyhow::Result<Option<Option<Actor>>> {
    let Some(json) = app.bus.get(&key(id)).await? else { return Ok(None) };
    let known: Option<Known> = serde_json::from_str(&json)?;
    Ok(Some(known.map(|known| known.actor(id))))
}

async fn read(app: &App, id: Uuid) -> anyhow::Result<Option<Actor>> {
    let Some(live) = session::live(&app.db, id, app.clock.today()).await? else {
        app.bus.set(&key(id), "null", BELIEVE_SECONDS).await?;
        return Ok(None);
    };
    let known = Known {
        principal: live.principal,
        id: live.principal_id,
        label: live.label,
        permissions: live.permissions,
        sectors: live.sectors,
        districts: live.districts,
        accounts: live.accounts,
        password_due: live.password_due,
    };
    app.bus.set(&key(id), &serde_json::to_string(&known)?, BELIEVE_SECONDS).await?;
    Ok(Some(known.actor(id)))
}

impl Known {
    fn actor(self, session: Uuid) -> Actor {
        let (principal, scope) = if self.principal == "subscriber" {
            let accounts = self.accounts.into_iter().map(AccountId).collect();
            (Principal::Subscriber(AccountId(self.id)), Scope::Own(accounts))
        } else {
            let scope = match self.password_due {
                true => Scope::Own(Default::default()),
                false => part(&self.sectors, &self.districts),
            };
            (Principal::User(UserId(self.id)), scope)
        };
        Actor {
            principal,
            label: self.label,
            session: Some(session),
            permissions: rights(&self.permissions),
            scope,
            password_due: self.password_due,
        }
    }
}

/// The token may do what was written for it, as far as the role of integrations still allows it.
async fn of_client(app: &App, token: &str) -> anyhow::Result<Option<Actor>> {
    let Some(client) = client::by_token(&app.db, &sha256(token)).await? else { return Ok(None) };
    let allowed = role::permissions(&app.db, Role::Integration).await?;
    let permissions: Vec<String> = client.permissions.into_iter().filter(|p| allowed.contains(p)).collect();
    Ok(Some(Actor {
        principal: Principal::Client(ClientId(client.id)),
        label: client.name,
        session: None,
        permissions: rights(&permissions),
        scope: part(&client.sectors, &client.districts),
        password_due: false,
    }))
}

/// Words of another version of the program are no rights.
fn rights(codes: &[String]) -> std::collections::BTreeSet<Permission> {
    codes.iter().filter_map(|code| Permission::from_code(code)).collect()
}

fn part(sectors: &[String], districts: &[i64]) -> Scope {
    if sectors.is_empty() && districts.is_empty() {
        return Scope::City;
    }
    Scope::Part {
        sectors: sectors.iter().filter_map(|code| Sector::from_code(code)).collect(),
        districts: districts.iter().copied().map(DistrictId).collect(),
    }
}
