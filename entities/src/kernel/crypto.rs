//! Personal data at rest: an encrypted value to show, a keyed blind index to search.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};

/// Keys derived from the installation's one secret.
#[derive(Clone)]
pub struct Vault {
    cipher: Aes256Gcm,
    index_key: [u8; 32],
}

impl Vault {
    pub fn new(secret: &[u8]) -> Self {
        Self {
            cipher: Aes256Gcm::new_from_slice(&derive(secret, b"personal-data")).expect("32 bytes"),
            index_key: derive(secret, b"blind-index"),
        }
    }

    /// Nonce, then ciphertext.
    pub fn seal(&self, plain: &str) -> Vec<u8> {
        let mut nonce = [0_u8; 12];
        rand::rng().fill_bytes(&mut nonce);
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), plain.as_bytes()).expect("memory suffices");
        [nonce.as_slice(), &sealed].concat()
    }

    /// `None` when the value was sealed with another secret.
    pub fn open(&self, sealed: &[u8]) -> Option<String> {
        let (nonce, body) = sealed.split_first_chunk::<12>()?;
        let plain = self.cipher.decrypt(&Nonce::from(*nonce), body).ok()?;
        String::from_utf8(plain).ok()
    }

    /// The same for equal values (letters folded, blanks dropped); tells nothing without the key.
    pub fn blind(&self, plain: &str) -> Vec<u8> {
        let folded: String =
            plain.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.index_key).expect("any length");
        mac.update(folded.as_bytes());
        mac.finalize().into_bytes()[..16].to_vec()
    }
}

/// A key for one purpose out of the one secret.
pub fn derive(secret: &[u8], purpose: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"aiscra/")
        .chain_update(purpose)
        .chain_update(b"/")
        .chain_update(secret)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_secret_opens() {
        let (one, other) = (Vault::new(b"one"), Vault::new(b"other"));
        let sealed = one.seal("+7 701 000 00 00");
        assert_eq!(one.open(&sealed).as_deref(), Some("+7 701 000 00 00"));
        assert_eq!(other.open(&sealed), None);
        assert_ne!(one.seal("x"), one.seal("x"), "equal values must not look equal");
        assert_eq!(one.blind("+7 701"), one.blind("+7701"));
        assert_ne!(one.blind("+7701"), other.blind("+7701"));
    }
}
