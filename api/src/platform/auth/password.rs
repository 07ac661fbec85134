//! Passwords: argon2id, away from the threads that answer, two at a time so that guessing cannot take all memory.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use rand::{Rng, RngCore};
use tokio::sync::Semaphore;

static TURNS: Semaphore = Semaphore::const_new(2);

/// What an unknown login is checked against, so that it takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| digest("nobody's password"));

fn digest(password: &str) -> String {
    let mut bytes = [0_u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    let salt = SaltString::encode_b64(&bytes).expect("16 bytes are a salt");
    Argon2::default()
        .hash_password(password.as_bytes(), &salt)
        .expect("default parameters are right")
        .to_string()
}

/// A password to be said over the phone and typed once: letters and digits that nobody takes for another, 59 random bits.
pub fn one_time() -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let group =
        |_| (0..4).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect::<String>();
    (0..3).map(group).collect::<Vec<_>>().join("-")
}

/// The hash to keep, salt and parameters inside.
pub async fn hash(password: &str) -> String {
    let password = password.to_owned();
    let _turn = TURNS.acquire().await.expect("never closed");
    tokio::task::spawn_blocking(move || digest(&password)).await.expect("hashing does not panic")
}

/// Whether the password fits. Without a hash it takes the same time and says no.
pub async fn verify(password: &str, hash: Option<&str>) -> bool {
    let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
    let _turn = TURNS.acquire().await.expect("never closed");
    let work = move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let fits = PasswordHash::new(&hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        known && fits
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(false)
}
