//! The forms of tokens. Access tokens are signed and short; everything that lives longer is a random word whose hash is kept.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use entities::kernel::crypto::derive;
use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Life of an access token.
pub const ACCESS_SECONDS: i64 = 600;
/// How the token of an integration begins.
pub const CLIENT_PREFIX: &str = "aic_";

#[derive(Serialize, Deserialize)]
struct Claims {
    sid: Uuid,
    iat: i64,
    exp: i64,
}

/// Keys of the installation for tokens and codes.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    code_key: [u8; 32],
}

impl Tokens {
    pub fn new(secret: &[u8]) -> Self {
        let key = derive(secret, b"jwt");
        Self {
            encoding: EncodingKey::from_secret(&key),
            decoding: DecodingKey::from_secret(&key),
            code_key: derive(secret, b"login-code"),
        }
    }

    /// A signed token of one session.
    pub fn access(&self, session: Uuid, now: DateTime<Utc>) -> String {
        let claims = Claims { sid: session, iat: now.timestamp(), exp: now.timestamp() + ACCESS_SECONDS };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .expect("claims are plain data")
    }

    /// The session of a token that is ours and not over.
    pub fn session(&self, token: &str) -> Option<Uuid> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 5;
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation).ok()?;
        Some(data.claims.sid)
    }

    /// What is kept of a one-time code: useless without the key, since six digits could be tried out.
    pub fn code_hash(&self, account: i64, code: &str) -> Vec<u8> {
        self.mac(&format!("{account}/{code}"))
    }

    /// A stable number that tells nothing, for answers about accounts that do not exist.
    pub fn decoy(&self, number: &str) -> u64 {
        let mac = self.mac(&format!("decoy/{number}"));
        u64::from_be_bytes(mac[..8].try_into().expect("eight bytes"))
    }

    fn mac(&self, text: &str) -> Vec<u8> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.code_key).expect("any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// A word nobody can guess: 256 random bits.
pub fn secret_word() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What is kept of a secret word.
pub fn sha256(word: &str) -> Vec<u8> {
    Sha256::digest(word.as_bytes()).to_vec()
}

#[cfg(test)]
#[allow(clippy::disallowed_methods)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_fresh_tokens_count() {
        let (ours, theirs) = (Tokens::new(b"ours"), Tokens::new(b"theirs"));
        let (id, now) = (Uuid::new_v4(), Utc::now());
        assert_eq!(ours.session(&ours.access(id, now)), Some(id));
        assert_eq!(ours.session(&theirs.access(id, now)), None);
        assert_eq!(ours.session(&ours.access(id, now - chrono::Duration::minutes(11))), None);
        assert_eq!(ours.session("nonsense"), None);
        let unsigned = format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), "e30");
        assert_eq!(ours.session(&unsigned), None);
    }
}
