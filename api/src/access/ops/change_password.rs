use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use domain::AccessEvent;
use domain::access::{Actor, PasswordFault, Principal, check_password};
use domain::kernel::UserId;
use entities::access::session;
use entities::access::staff::{self, Staff};
use entities::kernel::{Change, Tx};
use uuid::Uuid;

use crate::app::App;
use crate::platform::{Outcome, Refusal, auth};
use crate::refuse;

/// How long a password is good that an administrator gave to somebody who forgot theirs.
const RESET_LIFE: Duration = Duration::hours(24);
/// The same for somebody new, who may begin to work after the holidays.
const FIRST_LIFE: Duration = Duration::days(14);

/// Until when the first password of somebody new is good.
pub fn first_password_until(now: DateTime<Utc>) -> DateTime<Utc> {
    now + FIRST_LIFE
}

/// A refusal of the rule of passwords, beside the field it was typed into.
pub fn password_fits(password: &str, login: &str, field: &'static str) -> Result<(), Refusal> {
    let code = match check_password(password, login) {
        Ok(()) => return Ok(()),
        Err(PasswordFault::Short) => "PASSWORD_SHORT",
        Err(PasswordFault::Long) => "PASSWORD_LONG",
        Err(PasswordFault::LikeLogin) => "PASSWORD_LIKE_LOGIN",
        Err(PasswordFault::Simple) => "PASSWORD_SIMPLE",
    };
    Err(Refusal::new(code).at(field))
}

/// Changes the caller's own password. The one of now is asked for, unless this session was opened with a password that an
/// administrator gave: it was typed a moment ago. A wrong one counts like one at the door. All other sessions end.
pub async fn change_password(app: &Arc<App>, actor: &Actor, current: Option<&str>, new: &str) -> Outcome<()> {
    let (Principal::User(user), Some(session)) = (&actor.principal, actor.session) else {
        refuse!("FORBIDDEN")
    };
    let Some(owner) = staff::find(&app.db, user.0).await? else { refuse!("NOT_FOUND") };
    if let Err(refusal) = password_fits(new, &owner.login, "new") {
        refuse!(refusal);
    }
    let current = current.filter(|text| !text.is_empty());
    if current == Some(new) {
        refuse!(Refusal::new("PASSWORD_SAME").at("new"));
    }
    // Counted before it is looked at, as at the door: a session that somebody left open is no place to guess.
    let Some(secret) = staff::attempt(&app.db, &owner.login).await? else {
        refuse!(Refusal::new("PASSWORD_WRONG").at("current"))
    };
    let kept = Some(secret.password_hash.as_str());
    let same = auth::verify_password(new, kept).await;
    match current {
        Some(current) if auth::verify_password(current, kept).await => {}
        // The same request once more: the password is the new one already.
        _ if same && !actor.password_due => {
            staff::forgive(&app.db, user.0).await?;
            return Ok(Ok(()));
        }
        None if same => {
            staff::forgive(&app.db, user.0).await?;
            refuse!(Refusal::new("PASSWORD_SAME").at("new"))
        }
        None if actor.password_due => {}
        None => refuse!(Refusal::new("EMPTY").at("current")),
        Some(_) => {
            let mut tx = Tx::begin(&app.db, actor.clone()).await?;
            tx.audit(Change::new("user", user.0, "password_change_refused"));
            tx.commit_silently("a refused change is for the trail only").await?;
            refuse!(Refusal::new("PASSWORD_WRONG").at("current"))
        }
    }
    let hash = auth::hash_password(new).await;

    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    // Somebody may have given another one since it was read.
    if staff::password_hash(&tx, user.0).await?.as_deref() != kept {
        refuse!("CONFLICT");
    }
    staff::set_password(&tx, user.0, &hash, None).await?;
    let ended = session::revoke_but(&tx, "user", user.0, Some(session), "password changed").await?;
    let how = serde_json::json!({ "oneTime": actor.password_due, "sessionsEnded": ended.len() });
    told(&mut tx, *user, "password_changed", how, &ended);
    tx.commit().await?;
    for session in &ended {
        auth::forget(app, *session).await;
    }
    // This one may do everything from now on, in every process.
    auth::look_again(app, session).await;
    Ok(Ok(()))
}

/// A password that is shown to the administrator once and kept nowhere.
#[derive(Clone)]
pub struct OneTime {
    pub user: Staff,
    pub password: String,
    pub until: DateTime<Utc>,
    pub ended: Vec<Uuid>,
}

/// Gives somebody a password for one sign-in, good for a day; it opens nothing but the change of it. Sessions end, failures are
/// forgiven; a second factor stays.
pub async fn reset_password(tx: &mut Tx, app: &App, user: UserId) -> Outcome<OneTime> {
    if tx.actor().principal == Principal::User(user) {
        refuse!("OWN_PASSWORD");
    }
    let Some(before) = staff::lock(tx, user.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if !before.active {
        refuse!("USER_DISABLED");
    }
    let password = auth::one_time_password();
    let until = app.clock.now() + RESET_LIFE;
    staff::set_password(tx, user.0, &auth::hash_password(&password).await, Some(until)).await?;
    let ended = session::revoke_all(tx, "user", user.0, "password reset").await?;
    let how = serde_json::json!({ "until": until, "sessionsEnded": ended.len() });
    told(tx, user, "password_reset", how, &ended);
    let Some(user) = staff::find(tx, user.0).await? else { refuse!("NOT_FOUND") };
    Ok(Ok(OneTime { password, until: user.one_time_until.unwrap_or(until), user, ended }))
}

/// The trail and the facts of it; no password is among them.
fn told(tx: &mut Tx, user: UserId, action: &'static str, how: serde_json::Value, ended: &[Uuid]) {
    tx.audit(Change::new("user", user.0, action).after(how));
    tx.emit(AccessEvent::UserChanged { user });
    for session in ended {
        tx.emit(AccessEvent::SessionRevoked { session: *session });
    }
}
