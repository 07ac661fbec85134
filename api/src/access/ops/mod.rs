//! One act, one file, one transaction.

mod change_password;
mod change_role;
mod close_session;
mod confirm_code;
mod create_client;
mod create_user;
mod open_session;
mod refresh_session;
mod revoke_session;
mod second_factor;
mod second_signature;
mod send_code;
mod update_client;
mod update_user;
mod vouch;

pub use change_password::{OneTime, change_password, first_password_until, password_fits, reset_password};
pub use change_role::{ProposeRole, decide_role, propose_role};
pub use close_session::close_session;
pub use confirm_code::confirm_code;
pub use create_client::{CreateClient, NewToken, create_client};
pub use create_user::{CreateUser, create_user};
pub use open_session::open_session;
pub use refresh_session::refresh_session;
pub use revoke_session::revoke_session;
pub use second_factor::{
    confirm_second_factor, drop_second_factor, remove_second_factor, renew_recovery, start_second_factor,
};
pub use second_signature::{
    About, Seen, Signed, ask_second, decide_second, perform_kept, subject, withdraw_second,
};
pub use send_code::{CodeSent, Way, send_code};
pub use update_client::{disable_client, rotate_client};
pub use update_user::{UpdateUser, unlock_user, update_user};
pub use vouch::vouch;

use chrono::Duration;
use domain::AccessEvent;
use domain::access::{Actor, Principal, Scope};
use domain::kernel::{PartyId, UserId};
use entities::access::session;
use entities::kernel::{Change, PersonKey, Result, Tx};
use uuid::Uuid;

use self::second_factor::{Fits, paper_used};

use crate::app::App;
use crate::platform::auth;
use crate::platform::graphql::http::Origin;

/// What a signed-in caller goes on with.
#[derive(Debug, Clone)]
pub struct Opened {
    pub access_token: String,
    pub refresh_token: String,
}

/// Who a new session is for.
struct Holder {
    principal: Principal,
    label: String,
    /// The holder of the account, for subscribers.
    party: Option<i64>,
    life: Duration,
    /// What came beside the password.
    factor: Fits,
}

/// Opens a session in a transaction of its own.
async fn begin(app: &App, origin: &Origin, holder: Holder) -> Result<Opened> {
    let id = Uuid::new_v4();
    let (kind, row) = match holder.principal {
        Principal::User(id) => ("user", id.0),
        Principal::Subscriber(id) => ("subscriber", id.0),
        Principal::Client(_) | Principal::System => unreachable!("they have no sessions"),
    };
    let mut tx = Tx::begin(&app.db, signing_in(holder.principal.clone(), &holder.label, Some(id))).await?;
    session::insert(
        &tx,
        session::New {
            id,
            principal: kind,
            principal_id: row,
            party_id: holder.party,
            label: &holder.label,
            user_agent: origin.user_agent.clone(),
            address: origin.address.clone(),
            expires_at: app.clock.now() + holder.life,
        },
    )
    .await?;
    let opened =
        Opened { access_token: app.tokens.access(id, app.clock.now()), refresh_token: auth::secret_word() };
    session::add_refresh(&tx, id, &auth::sha256(&opened.refresh_token)).await?;
    let entity = if kind == "user" { "user" } else { "account" };
    let from = serde_json::json!({ "address": origin.address });
    let from = match holder.party {
        Some(person) => PersonKey::of(&tx, &app.vault, PartyId(person)).await?.seal(from),
        None => from,
    };
    tx.audit(Change::new(entity, row, "session_opened").after(from));
    paper_used(&mut tx, UserId(row), holder.factor);
    tx.emit(AccessEvent::SessionOpened { session: id });
    tx.commit().await?;
    Ok(opened)
}

/// Somebody at the door: a name for the audit trail, no rights yet.
fn signing_in(principal: Principal, label: &str, session: Option<Uuid>) -> Actor {
    Actor {
        principal,
        label: label.to_owned(),
        session,
        permissions: Default::default(),
        scope: Scope::Own(Default::default()),
        password_due: false,
    }
}
