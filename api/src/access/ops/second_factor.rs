//! The second factor of the staff: codes by time (RFC 6238), and codes on paper for a lost phone.

use domain::AccessEvent;
use domain::access::Actor;
use domain::kernel::UserId;
use entities::access::{session, staff, totp};
use entities::kernel::crypto::Vault;
use entities::kernel::{Broken, Change, Db, Result, Tx};
use rand::RngCore;
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

use crate::app::App;
use crate::platform::auth::{one_time_password, sha256};
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// As authenticator apps show it.
const ISSUER: &str = "AISCRA";
/// Codes on paper made at once.
const PAPER: usize = 10;

/// What an authenticator app is given; shown once.
#[derive(Debug, Clone)]
pub struct Started {
    /// In base32, to be typed.
    pub secret: String,
    /// `otpauth://…`, to be opened on the phone itself.
    pub uri: String,
    /// The same as a QR code: SVG.
    pub qr: String,
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
    let uri = code.to_url().map_err(|error| Broken::Custom(error.to_string()))?;
    let qr = documents::qr::svg(&uri).map_err(|error| Broken::Custom(error.to_string()))?;
    let started = Started { secret: code.secret().to_base32(), uri, qr };
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
    let (paper, hashes) = fresh_paper();
    totp::confirm(tx, user.0, step as i64, hashes).await?;
    tx.audit(Change::new("user", user.0, "second_factor_on"));
    tx.emit(AccessEvent::UserChanged { user });
    Ok(Ok(paper))
}

/// Codes for a lost phone, and what is kept of them: letters and digits that nobody takes for another.
fn fresh_paper() -> (Vec<String>, Vec<Vec<u8>>) {
    let paper: Vec<String> = (0..PAPER).map(|_| one_time_password()).collect();
    let hashes = paper.iter().map(|word| sha256(word)).collect();
    (paper, hashes)
}

/// A code on paper as it was shown, however it was typed: capitals, blanks, no dashes.
fn as_on_paper(typed: &str) -> String {
    let letters: Vec<char> =
        typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// How a code that is asked for beside the password fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fits {
    /// Nothing is asked for.
    NotAsked,
    /// The app shows it.
    App,
    /// It stood on paper, where so many are left.
    Paper { left: i32 },
}

/// Whether what came beside the password opens the door.
pub(super) async fn second_factor_fits(
    db: &Db,
    app: &App,
    user: UserId,
    login: &str,
    code: Option<&str>,
) -> Result<std::result::Result<Fits, Refusal>> {
    let Some(found) = totp::find(db, user.0).await?.filter(|found| found.confirmed) else {
        return Ok(Ok(Fits::NotAsked));
    };
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Ok(Err(Refusal::new("SECOND_FACTOR_REQUIRED").at("code")));
    };
    let now = app.clock.now().timestamp().unsigned_abs();
    let fits = match kept(&app.vault, &found.secret, login)?.check(code, now) {
        // A code opens once: who looked over the shoulder comes too late.
        Some(step) => totp::take_step(db, user.0, step as i64).await?.then_some(Fits::App),
        None => {
            let mut left = totp::take_recovery(db, user.0, sha256(code)).await?;
            if left.is_none() {
                left = totp::take_recovery(db, user.0, sha256(&as_on_paper(code))).await?;
            }
            left.map(|left| Fits::Paper { left })
        }
    };
    Ok(fits.ok_or_else(|| Refusal::new("SECOND_FACTOR_WRONG").at("code")))
}

/// A code asked for in the middle of a session, before its second factor changes: whoever finds an open screen has neither phone nor
/// paper. Guesses count like those at the door.
async fn proven(app: &App, user: UserId, code: Option<&str>) -> Outcome<Fits> {
    let Some(owner) = staff::find(&app.db, user.0).await? else { refuse!("NOT_FOUND") };
    if totp::find(&app.db, user.0).await?.is_none_or(|found| !found.confirmed) {
        refuse!("SECOND_FACTOR_OFF");
    }
    if staff::attempt(&app.db, &owner.login).await?.is_none() {
        refuse!(Refusal::new("SECOND_FACTOR_WRONG").at("code"));
    }
    let fits = allow!(second_factor_fits(&app.db, app, user, &owner.login, code).await?);
    staff::forgive(&app.db, user.0).await?;
    Ok(Ok(fits))
}

/// The trail of a code on paper: who looks after users sees that a phone may be lost.
pub(super) fn paper_used(tx: &mut Tx, user: UserId, fits: Fits) {
    if let Fits::Paper { left } = fits {
        let after = serde_json::json!({ "left": left });
        tx.audit(Change::new("user", user.0, "recovery_code_used").after(after));
    }
}

/// Other codes on paper in the place of those of before; shown once.
pub async fn renew_recovery(app: &App, actor: &Actor, user: UserId, code: &str) -> Outcome<Vec<String>> {
    let fits = allow!(proven(app, user, Some(code)).await?);
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    paper_used(&mut tx, user, fits);
    let (paper, hashes) = fresh_paper();
    totp::set_recovery(&tx, user.0, hashes).await?;
    tx.audit(Change::new("user", user.0, "recovery_codes_renewed"));
    tx.emit(AccessEvent::UserChanged { user });
    tx.commit().await?;
    Ok(Ok(paper))
}

/// Takes one's own second factor away, with a code of it.
pub async fn drop_second_factor(app: &App, actor: &Actor, user: UserId, code: Option<&str>) -> Outcome<()> {
    let fits = allow!(proven(app, user, code).await?);
    let mut tx = Tx::begin(&app.db, actor.clone()).await?;
    paper_used(&mut tx, user, fits);
    allow!(remove_second_factor(&mut tx, user, true).await?);
    tx.commit().await?;
    Ok(Ok(()))
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
