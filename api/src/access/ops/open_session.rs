use std::sync::Arc;

use chrono::Duration;
use domain::access::Principal;
use domain::kernel::UserId;
use entities::access::staff;
use entities::kernel::{Change, Result, Tx};

use super::second_factor::second_factor_fits;
use super::{Holder, Opened, begin, signing_in};
use crate::app::App;
use crate::platform::graphql::http::Origin;
use crate::platform::{Outcome, auth};
use crate::refuse;

/// Signs in a member of the staff. Unknown, inactive, locked and wrong are one answer, given after the same time.
/// The second factor is asked for after the right password; failures are forgiven only when both fit.
pub async fn open_session(
    app: &Arc<App>,
    origin: &Origin,
    login: &str,
    password: &str,
    code: Option<&str>,
) -> Outcome<Opened> {
    let login = login.trim().to_lowercase();
    let secret = staff::attempt(&app.db, &login).await?;
    let hash = secret.as_ref().map(|secret| secret.password_hash.as_str());
    let fits = auth::verify_password(password, hash).await;
    let Some(secret) = secret else { refuse!("BAD_CREDENTIALS") };
    let principal = Principal::User(UserId(secret.id));
    if !fits {
        refused(app, origin, principal, &login, secret.id).await?;
        refuse!("BAD_CREDENTIALS")
    }
    if secret.over {
        refused(app, origin, principal, &login, secret.id).await?;
        refuse!("ONE_TIME_PASSWORD_OVER")
    }
    let factor = match second_factor_fits(&app.db, app, UserId(secret.id), &login, code).await? {
        Ok(factor) => factor,
        Err(refusal) => {
            if code.is_some() {
                refused(app, origin, principal, &login, secret.id).await?;
            }
            refuse!(refusal)
        }
    };
    staff::forgive(&app.db, secret.id).await?;
    let holder = Holder { principal, label: login, party: None, life: Duration::hours(12), factor };
    Ok(Ok(begin(app, origin, holder).await?))
}

async fn refused(app: &App, origin: &Origin, principal: Principal, login: &str, id: i64) -> Result<()> {
    let mut tx = Tx::begin(&app.db, signing_in(principal, login, None)).await?;
    tx.audit(
        Change::new("user", id, "sign_in_refused").after(serde_json::json!({ "address": origin.address })),
    );
    tx.commit_silently("a refused sign-in is for the trail only").await
}
