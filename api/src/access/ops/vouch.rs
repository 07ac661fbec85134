use std::sync::Arc;

use domain::access::Principal;
use domain::kernel::UserId;
use entities::access::staff::{self, Staff};
use entities::kernel::{Broken, Change, Tx};

use super::second_factor::{paper_used, second_factor_fits};
use super::signing_in;
use crate::app::App;
use crate::platform::{Outcome, auth};
use crate::refuse;

/// A second person signs what the first one does, at the same screen, with own credentials: no session is opened. Guesses count like those at
/// the door, and one answer is given for unknown, inactive, locked and wrong.
pub async fn vouch(app: &Arc<App>, login: &str, password: &str, code: Option<&str>) -> Outcome<Staff> {
    let login = login.trim().to_lowercase();
    let secret = staff::attempt(&app.db, &login).await?;
    let hash = secret.as_ref().map(|secret| secret.password_hash.as_str());
    let fits = auth::verify_password(password, hash).await;
    let Some(secret) = secret.filter(|secret| fits && !secret.over) else { refuse!("BAD_CREDENTIALS") };
    let factor = match second_factor_fits(&app.db, app, UserId(secret.id), &login, code).await? {
        Ok(factor) => factor,
        Err(refusal) => refuse!(refusal),
    };
    staff::forgive(&app.db, secret.id).await?;
    let found = staff::find(&app.db, secret.id).await?;
    let found = found.ok_or_else(|| Broken::RecordNotFound(format!("user {}", secret.id)))?;
    // A password that an administrator gave opens nothing but its own change.
    if found.one_time_until.is_some() {
        refuse!("BAD_CREDENTIALS");
    }
    let mut tx = Tx::begin(&app.db, signing_in(Principal::User(UserId(secret.id)), &login, None)).await?;
    tx.audit(Change::new("user", secret.id, "vouched"));
    paper_used(&mut tx, UserId(secret.id), factor);
    tx.commit_silently("a signature is told by what was signed").await?;
    Ok(Ok(found))
}
