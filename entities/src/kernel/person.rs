//! What the audit trail says about a person is sealed by a key of that person's own. Erasing destroys the key: the trail and
//! its chain stay as they were, and nobody can read them any more.

use std::collections::HashMap;

use domain::access::Actor;
use domain::kernel::PartyId;
use sea_orm::FromQueryResult;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::audit::Entry;
use super::crypto::{Cipher, Vault};
use super::{Change, Db, Result, Tx, sql};

/// Seals values about one person.
pub struct PersonKey {
    person: PartyId,
    cipher: Cipher,
}

impl PersonKey {
    /// The person's key, made when the trail speaks of the person for the first time.
    pub async fn of(tx: &Tx, vault: &Vault, person: PartyId) -> Result<Self> {
        let (made, wrapped) = vault.make_key();
        let kept: Option<Option<Vec<u8>>> = sql::scalar(
            tx,
            "INSERT INTO platform.person_key AS k (person_id, key) VALUES ($1, $2)
             ON CONFLICT (person_id) DO UPDATE SET key = k.key RETURNING key",
            [person.0.into(), wrapped.into()],
        )
        .await?;
        // Of somebody erased nothing is kept readable: the key just made is written nowhere.
        let cipher = match kept.flatten() {
            Some(kept) => vault.unwrap_key(&kept).ok_or_else(|| {
                sea_orm::DbErr::Custom(format!("the key of person {person} was made under another secret"))
            })?,
            None => made,
        };
        Ok(Self { person, cipher })
    }

    /// The value as the trail may keep it.
    pub fn seal(&self, value: impl Serialize) -> Json {
        let plain = serde_json::to_vec(&value).expect("values of the trail are plain data");
        json!({ "person": self.person, "sealed": hex::encode(self.cipher.seal(&plain)) })
    }
}

/// Destroys the key; `false` when that was done before.
pub async fn erase(tx: &Tx, person: PartyId, document: i64) -> Result<bool> {
    let by = tx.actor().label.clone();
    let touched = sql::run(
        tx,
        "INSERT INTO platform.person_key AS k (person_id, key, erased_at, erased_by, document_id)
         VALUES ($1, NULL, now(), $2, $3)
         ON CONFLICT (person_id) DO UPDATE SET key = NULL, erased_at = now(), erased_by = $2, document_id = $3
         WHERE k.erased_at IS NULL",
        [person.0.into(), by.into(), document.into()],
    )
    .await?;
    Ok(touched == 1)
}

/// Writes down that somebody looked at personal data: one row per person, all in one statement, before anything is shown.
pub async fn seen(db: &Db, by: &Actor, people: &[PartyId]) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let mut tx = Tx::begin(db, by.clone()).await?;
    for person in people {
        tx.audit(Change::new("party", *person, "personal_data_seen"));
    }
    tx.commit_silently("a look changes nothing that anybody waits for").await
}

/// How a line of the trail can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Nothing personal in it.
    Plain,
    /// About a person; opened for this reader.
    Opened,
    /// About a person; this reader may not.
    Sealed,
    /// About a person whose data were destroyed.
    Erased,
}

/// A line of the trail as one reader sees it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub entry: Entry,
    pub privacy: Privacy,
    pub person: Option<PartyId>,
}

/// Opens what is sealed if the reader brings the vault; values that stay closed are left out. One statement for all lines.
pub async fn show(db: &Db, vault: Option<&Vault>, entries: Vec<Entry>) -> Result<Vec<Shown>> {
    #[derive(FromQueryResult)]
    struct Kept {
        person_id: i64,
        key: Option<Vec<u8>>,
    }
    let mut people: Vec<i64> = entries.iter().filter_map(about).collect();
    people.sort_unstable();
    people.dedup();
    let kept: Vec<Kept> = if people.is_empty() {
        Vec::new()
    } else {
        sql::all(
            db,
            "SELECT person_id, key FROM platform.person_key WHERE person_id = ANY ($1)",
            [people.into()],
        )
        .await?
    };
    let keys: HashMap<i64, Option<Vec<u8>>> = kept.into_iter().map(|row| (row.person_id, row.key)).collect();
    Ok(entries.into_iter().map(|entry| one(&keys, vault, entry)).collect())
}

fn one(keys: &HashMap<i64, Option<Vec<u8>>>, vault: Option<&Vault>, mut entry: Entry) -> Shown {
    let Some(person) = about(&entry) else { return Shown { entry, privacy: Privacy::Plain, person: None } };
    let privacy = match (keys.get(&person).and_then(Option::as_ref), vault) {
        (None, _) => Privacy::Erased,
        (Some(_), None) => Privacy::Sealed,
        (Some(key), Some(vault)) => {
            let cipher = vault.unwrap_key(key);
            for value in [&mut entry.before, &mut entry.after].into_iter().flatten() {
                if let Some(plain) = cipher.as_ref().and_then(|cipher| open(cipher, value)) {
                    *value = plain;
                }
            }
            Privacy::Opened
        }
    };
    if privacy != Privacy::Opened {
        (entry.before, entry.after) = (None, None);
    }
    Shown { entry, privacy, person: Some(PartyId(person)) }
}

/// Whom a sealed line is about.
fn about(entry: &Entry) -> Option<i64> {
    [&entry.before, &entry.after].into_iter().flatten().find_map(|value| {
        value.get("sealed")?;
        value.get("person")?.as_i64()
    })
}

fn open(cipher: &Cipher, value: &Json) -> Option<Json> {
    let sealed = hex::decode(value.get("sealed")?.as_str()?).ok()?;
    serde_json::from_slice(&cipher.open(&sealed)?).ok()
}
