use std::sync::Arc;

use domain::AccessEvent;
use domain::access::Actor;
use entities::access::session;
use entities::kernel::{Result, Tx};

use super::signing_in;
use crate::app::App;
use crate::platform::auth;

/// Ends the session of the refresh token, or the caller's own. Whether there was one to end.
pub async fn close_session(app: &Arc<App>, actor: Option<&Actor>, token: Option<&str>) -> Result<bool> {
    let who = actor.cloned().unwrap_or_else(|| signing_in(domain::access::Principal::System, "access", None));
    let own = who.session;
    let mut tx = Tx::begin(&app.db, who).await?;
    let id = match token {
        Some(token) => session::lock_refresh(&tx, &auth::sha256(token)).await?.map(|found| found.session_id),
        None => own,
    };
    let Some(id) = id else { return Ok(false) };
    let closed = session::revoke(&tx, id, "signed out").await?;
    tx.emit(AccessEvent::SessionRevoked { session: id });
    tx.commit().await?;
    auth::forget(app, id).await;
    Ok(closed)
}
