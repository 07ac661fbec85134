use std::sync::Arc;

use domain::AccessEvent;
use domain::access::Principal;
use domain::kernel::{AccountId, UserId};
use entities::access::session;
use entities::kernel::{Change, Tx};

use super::{Opened, signing_in};
use crate::app::App;
use crate::platform::{Outcome, auth};
use crate::refuse;

/// Exchanges a refresh token for the next pair. A token that comes again within half a minute comes from somebody who
/// never saw the answer; later it has a second owner, and the whole session ends.
pub async fn refresh_session(app: &Arc<App>, token: &str) -> Outcome<Opened> {
    let hash = auth::sha256(token);
    let mut tx = Tx::begin(&app.db, signing_in(Principal::System, "access", None)).await?;
    let Some(found) = session::lock_refresh(&tx, &hash).await? else { refuse!("SESSION_OVER") };
    if !found.live {
        refuse!("SESSION_OVER")
    }
    let (entity, principal) = match found.principal.as_str() {
        "user" => ("user", Principal::User(UserId(found.principal_id))),
        _ => ("account", Principal::Subscriber(AccountId(found.principal_id))),
    };
    tx.act_as(signing_in(principal, &found.label, Some(found.session_id)));
    if found.copied {
        session::revoke(&tx, found.session_id, "a refresh token came twice").await?;
        tx.audit(Change::new(entity, found.principal_id, "session_stolen"));
        tx.emit(AccessEvent::SessionRevoked { session: found.session_id });
        tx.commit().await?;
        auth::forget(app, found.session_id).await;
        tracing::warn!(holder = found.label, "a refresh token came twice; the session is over");
        refuse!("SESSION_OVER")
    }
    let opened = Opened {
        access_token: app.tokens.access(found.session_id, app.clock.now()),
        refresh_token: auth::secret_word(),
    };
    session::spend_refresh(&tx, found.session_id).await?;
    session::add_refresh(&tx, found.session_id, &auth::sha256(&opened.refresh_token)).await?;
    tx.commit_silently("a session that goes on is no news").await?;
    Ok(Ok(opened))
}
