//! The second factor of the staff: codes by time (RFC 6238), and codes on paper for a lost phone.

use domain::AccessEvent;
use domain::kernel::UserId;
use entities::access::{session, staff, totp};
use entities::kernel::crypto::Vault;
use entities::kernel::{Broken, Change, Db, Result, Tx};
use rand::RngCore;
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

use crate::app::App;
use crate::platform::auth::{secret_word, sha256};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// As authenticator apps show it.
const ISSUER: &str = "AISCRA";
/// Codes on paper made at once.
const PAPER: usize = 10;

/// What an authenticator app is given; shown once.
#[derive(Debug, Clone)]
pub struct Started {
    /// In base32, to be typed.
    pub secret: String,
    /// `otpauth://…`, to be scanned.
    pub uri: String,
}

/// 160 random bits, as RFC 4226 recommends.
fn fresh() -> [u8; 20] {
    let mut bytes = [0; 20];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn of(secret: Secret, login: &str) -> std::result::Result<Totp, Broken> {
    Builder::new()
        .with_secret(secret)
        .with_issuer(Some(ISSUER))
        .with_account_name(login)
        .build()
        .map_err(|error| Broken::Custom(error.to_string()))
}

fn kept(vault: &Vault, sealed: &[u8], login: &str) -> std::result::Result<Totp, Broken> {
    let secret = vault.open(sealed).and_then(|text| Secret::try_from_base32(text).ok());
    of(secret.ok_or_else(|| Broken::Custom("a second factor of another secret".into()))?, login)
}

/// Begins: nothing is asked at sign-in until the first code is confirmed.
pub async fn start_second_factor(tx: &mut Tx, vault: &Vault, user: UserId) -> Outcome<Started> {
    let Some(owner) = staff::find(tx, user.0).await? else { refuse!("NOT_FOUND") };
    let code = of(Secret::new_stack(fresh()), &owner.login)?;
    let started = Started {
        secret: code.secret().to_base32(),
        uri: code.to_url().map_err(|error| Broken::Custom(error.to_string()))?,
    };
    if !totp::start(tx, user.0, vault.seal(&started.secret)).await? {
        refuse!("SECOND_FACTOR_ON");
    }
    tx.audit(Change::new("user", user.0, "second_factor_started"));
    tx.emit(AccessEvent::UserChanged { user });
    Ok(Ok(started))
}

/// The app shows the right code: from now on it is asked for. Answers the codes on paper, shown once.
pub async fn confirm_second_factor(tx: &mut Tx, app: &App, user: UserId, code: &str) -> Outcome<Vec<String>> {
    let Some(owner) = staff::lock(tx, user.0).await? else { refuse!("NOT_FOUND") };
    let Some(found) = totp::find(tx, user.0).await? else { refuse!("SECOND_FACTOR_OFF") };
    if found.confirmed {
        refuse!("SECOND_FACTOR_ON");
    }
    let now = app.clock.now().timestamp().unsigned_abs();
    let Some(step) = kept(&app.vault, &found.secret, &owner.login)?.check(code.trim(), now) else {
        refuse!(Refusal::new("SECOND_FACTOR_WRONG").at("code"));
    };
    let paper: Vec<String> = (0..PAPER).map(|_| secret_word().chars().take(12).collect()).collect();
    totp::confirm(tx, user.0, step as i64, paper.iter().map(|word| sha256(word).to_vec()).collect()).await?;
    tx.audit(Change::new("user", user.0, "second_factor_on"));
    tx.emit(AccessEvent::UserChanged { user });
    Ok(Ok(paper))
}

/// Whether what came beside the password opens the door. `None` when nothing is asked for.
pub(super) async fn second_factor_fits(
    db: &Db,
    app: &App,
    user: UserId,
    login: &str,
    code: Option<&str>,
) -> Result<std::result::Result<(), Refusal>> {
    let Some(found) = totp::find(db, user.0).await?.filter(|found| found.confirmed) else {
        return Ok(Ok(()));
    };
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Ok(Err(Refusal::new("SECOND_FACTOR_REQUIRED").at("code")));
    };
    let now = app.clock.now().timestamp().unsigned_abs();
    let fits = match kept(&app.vault, &found.secret, login)?.check(code, now) {
        // A code opens once: who looked over the shoulder comes too late.
        Some(step) => totp::take_step(db, user.0, step as i64).await?,
        None => totp::take_recovery(db, user.0, sha256(code).to_vec()).await?,
    };
    Ok(if fits { Ok(()) } else { Err(Refusal::new("SECOND_FACTOR_WRONG").at("code")) })
}

/// Takes a second factor away: by its owner, or by an administrator for somebody who lost phone and paper. The sessions of
/// somebody else end with it.
pub async fn remove_second_factor(tx: &mut Tx, user: UserId, own: bool) -> Outcome<Vec<Uuid>> {
    if staff::lock(tx, user.0).await?.is_none() {
        refuse!(Refusal::new("NOT_FOUND").at("id"));
    }
    if !totp::remove(tx, user.0).await? {
        refuse!("SECOND_FACTOR_OFF");
    }
    let ended = match own {
        true => Vec::new(),
        false => session::revoke_all(tx, "user", user.0, "second factor taken away").await?,
    };
    tx.audit(Change::new("user", user.0, "second_factor_off"));
    tx.emit(AccessEvent::UserChanged { user });
    for session in &ended {
        tx.emit(AccessEvent::SessionRevoked { session: *session });
    }
    Ok(Ok(ended))
}
