use domain::AccessEvent;
use domain::access::{Permission, Principal};
use entities::access::session;
use entities::kernel::{Change, Tx};
use uuid::Uuid;

use crate::platform::Outcome;
use crate::refuse;

/// Ends a session: one's own, or that of a member of the staff by who answers for users.
pub async fn revoke_session(tx: &mut Tx, id: Uuid) -> Outcome<()> {
    let Some((kind, owner)) = session::owner(tx, id).await? else { refuse!("NOT_FOUND") };
    let own = match &tx.actor().principal {
        Principal::User(user) => kind == "user" && user.0 == owner,
        Principal::Subscriber(account) => kind == "subscriber" && account.0 == owner,
        Principal::Client(_) | Principal::System => false,
    };
    let of_staff = kind == "user" && tx.actor().may(Permission::UserWrite);
    if !own && !of_staff {
        refuse!("NOT_FOUND");
    }
    if !session::revoke(tx, id, if own { "ended by its owner" } else { "ended by an administrator" }).await? {
        refuse!("SESSION_OVER");
    }
    let entity = if kind == "user" { "user" } else { "account" };
    tx.audit(Change::new(entity, owner, "session_revoked"));
    tx.emit(AccessEvent::SessionRevoked { session: id });
    Ok(Ok(()))
}
