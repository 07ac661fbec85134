//! Personal data at rest: an encrypted value to show, a keyed blind index to search.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};

/// One key that seals and opens: nonce, then ciphertext.
#[derive(Clone)]
pub struct Cipher(Aes256Gcm);

impl Cipher {
    fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new_from_slice(key).expect("32 bytes"))
    }

    pub fn seal(&self, plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0_u8; 12];
        rand::rng().fill_bytes(&mut nonce);
        let sealed = self.0.encrypt(&Nonce::from(nonce), plain).expect("memory suffices");
        [nonce.as_slice(), &sealed].concat()
    }

    /// `None` when the value was sealed with another key.
    pub fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_first_chunk::<12>()?;
        self.0.decrypt(&Nonce::from(*nonce), body).ok()
    }
}

/// Keys derived from the installation's one secret.
#[derive(Clone)]
pub struct Vault {
    cipher: Cipher,
    index_key: [u8; 32],
}

impl Vault {
    pub fn new(secret: &[u8]) -> Self {
        Self {
            cipher: Cipher::new(&derive(secret, b"personal-data")),
            index_key: derive(secret, b"blind-index"),
        }
    }

    pub fn seal(&self, plain: &str) -> Vec<u8> {
        self.cipher.seal(plain.as_bytes())
    }

    /// `None` when the value was sealed with another secret.
    pub fn open(&self, sealed: &[u8]) -> Option<String> {
        String::from_utf8(self.cipher.open(sealed)?).ok()
    }

    /// A new key, and the same key as it may be kept.
    pub fn make_key(&self) -> (Cipher, Vec<u8>) {
        let mut key = [0_u8; 32];
        rand::rng().fill_bytes(&mut key);
        (Cipher::new(&key), self.cipher.seal(&key))
    }

    /// A kept key; `None` when it was made under another secret.
    pub fn unwrap_key(&self, kept: &[u8]) -> Option<Cipher> {
        let key: [u8; 32] = self.cipher.open(kept)?.try_into().ok()?;
        Some(Cipher::new(&key))
    }

    /// Of an account's number: never the same as of a phone or an ИИН of the same digits.
    pub fn blind_account(&self, number: &str) -> Vec<u8> {
        self.blind(&format!("account:{number}"))
    }

    /// What is kept of a secret word that an outside program shows; the same word of somebody else is kept as something else.
    pub fn secret(&self, of: &str, word: &str) -> Vec<u8> {
        self.secret_mac(of, word).finalize().into_bytes().to_vec()
    }

    /// Whether the word is the kept one, in a time that does not tell how nearly.
    pub fn is_secret(&self, of: &str, word: &str, kept: &[u8]) -> bool {
        self.secret_mac(of, word).verify_slice(kept).is_ok()
    }

    fn secret_mac(&self, of: &str, word: &str) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.index_key).expect("any length");
        mac.update(format!("secret:{of}:{word}").as_bytes());
        mac
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
        let kept = one.secret("kaspi", "Word");
        assert!(one.is_secret("kaspi", "Word", &kept));
        for (vault, of, word) in [(&one, "qiwi", "Word"), (&one, "kaspi", "word"), (&other, "kaspi", "Word")]
        {
            assert!(!vault.is_secret(of, word, &kept), "{of} {word}");
        }
    }

    #[test]
    fn a_kept_key_opens_only_under_its_secret() {
        let vault = Vault::new(b"one");
        let (key, kept) = vault.make_key();
        let sealed = key.seal(b"a name");
        assert_eq!(vault.unwrap_key(&kept).unwrap().open(&sealed).as_deref(), Some(b"a name".as_slice()));
        assert!(Vault::new(b"other").unwrap_key(&kept).is_none());
        assert_eq!(vault.make_key().0.open(&sealed), None);
    }
}
