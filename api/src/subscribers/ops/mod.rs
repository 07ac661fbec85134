//! One act, one file.

mod erase_person;
mod move_in;
mod move_out;
mod open_account;
mod record_residents;
mod set_group;
mod succeed;
mod undo;
mod update_account;

use std::result::Result;

use chrono::NaiveDate;
use domain::AccessEvent;
use domain::kernel::*;
use domain::subscribers::PartyKind;
use entities::access::{login_code, session};
use entities::kernel::crypto::Vault;
use entities::kernel::{Broken, Change, PersonKey, Tx, bitemporal};
use entities::subscribers::account;
use entities::subscribers::party::{self, Particulars};
use validator::ValidateEmail;

pub use erase_person::erase_person;
pub use move_in::move_in;
pub use move_out::{close_account, move_out};
pub use open_account::open_account;
pub use record_residents::record_residents;
pub use set_group::set_group;
pub use succeed::{enter_heirs, record_owners, register_death};
pub use undo::{annul, live_on};
pub use update_account::update_account;

use super::inputs::PartyInput;
use super::phone;
use crate::platform::messages::Language;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// What was typed about a person, checked and spelled one way.
fn particulars(input: &PartyInput) -> Result<Particulars, Refusal> {
    let given =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let name = input.name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > 300 {
        return Err(Refusal::new("NAME_WRONG").at("name"));
    }
    let identification = match given(&input.identification) {
        Some(text) => Some(identification(&text, input.kind)?),
        None => None,
    };
    let phone = match given(&input.phone) {
        Some(text) => Some(phone::normal(&text).ok_or_else(|| Refusal::new("PHONE_WRONG").at("phone"))?),
        None => None,
    };
    let email = given(&input.email);
    if email.as_ref().is_some_and(|email| !email.validate_email()) {
        return Err(Refusal::new("EMAIL_WRONG").at("email"));
    }
    let language = input.language.unwrap_or(Language::Ru).code().to_owned();
    Ok(Particulars { kind: input.kind, name, identification, phone, email, language })
}

fn identification(text: &str, kind: PartyKind) -> Result<String, Refusal> {
    let code = match Identification::parse(text) {
        Ok(number) => {
            let of = match number.kind() {
                IdentificationKind::Person => PartyKind::Person,
                IdentificationKind::Organisation => PartyKind::Organisation,
            };
            // A sole proprietor is an organisation here and keeps the ИИН of the person.
            if kind == PartyKind::Organisation || of == kind {
                return Ok(number.as_str().to_owned());
            }
            "IDENTIFICATION_KIND"
        }
        Err(InvalidIdentification::Shape) => "IDENTIFICATION_SHAPE",
        Err(InvalidIdentification::ControlDigit) => "IDENTIFICATION_CONTROL_DIGIT",
        Err(InvalidIdentification::NeverIssued) => "IDENTIFICATION_NEVER_ISSUED",
    };
    Err(Refusal::new(code).at("identification"))
}

/// Writes a party and tells the trail, whose values only the person's own key opens.
async fn keep_party(tx: &mut Tx, vault: &Vault, given: Particulars) -> Result<party::Model, Broken> {
    let kept = party::keep(tx, vault, given).await?;
    let key = PersonKey::of(tx, vault, kept.after.id).await?;
    let action = if kept.before.is_some() { "changed" } else { "recorded" };
    let mut change = Change::new("party", kept.after.id, action).after(key.seal(plain(vault, &kept.after)));
    if let Some(before) = &kept.before {
        change = change.before(key.seal(plain(vault, before)));
    }
    tx.audit(change);
    Ok(kept.after)
}

/// What a party says about itself.
fn plain(vault: &Vault, party: &party::Model) -> serde_json::Value {
    let open = |sealed: &Option<Vec<u8>>| sealed.as_deref().and_then(|sealed| vault.open(sealed));
    serde_json::json!({
        "kind": party.kind, "name": party.name, "identification": open(&party.identification),
        "phone": open(&party.phone), "email": open(&party.email), "language": party.language,
    })
}

/// The account of the caller's scope, locked.
async fn locked(tx: &Tx, id: AccountId) -> Outcome<account::Model> {
    match account::lock(tx, id).await? {
        Some(row) => Ok(Ok(row)),
        None => refuse!("NO_SUCH_ACCOUNT"),
    }
}

/// The same, if it is still the one that the caller saw.
async fn unchanged(tx: &Tx, id: AccountId, version: i32) -> Outcome<account::Model> {
    let row = allow!(locked(tx, id).await?);
    if row.version != version {
        refuse!("CONFLICT");
    }
    Ok(Ok(row))
}

/// Refuses a day of a month that is closed for the sector: its bills stand.
pub async fn open_day(tx: &Tx, sector: Option<Sector>, day: NaiveDate, field: &'static str) -> Outcome<()> {
    match bitemporal::first_open_day(tx, sector).await? {
        Some(first) if day < first => {
            refuse!(Refusal::new("PERIOD_CLOSED").at(field).with("day", day).with("first", first))
        }
        _ => Ok(Ok(())),
    }
}

/// The same of a fact: one of a closed month is recorded on a document. Its bills stand, and a correction reckons them anew.
pub async fn open_day_or_paper(
    tx: &Tx,
    sector: Option<Sector>,
    day: NaiveDate,
    field: &'static str,
    document: Option<DocumentId>,
) -> Outcome<()> {
    match document {
        Some(_) => Ok(Ok(())),
        None => open_day(tx, sector, day, field).await,
    }
}

/// The cabinet of who leaves is closed behind him: his sessions end, and codes on their way to him open nothing.
async fn end_access(tx: &mut Tx, account: AccountId) -> Result<(), Broken> {
    login_code::forget(tx, account.0).await?;
    for session in session::revoke_all(tx, "subscriber", account.0, "the holder left").await? {
        tx.emit(AccessEvent::SessionRevoked { session });
    }
    Ok(())
}

fn residents(count: i32) -> Result<i32, Refusal> {
    if (0..=99).contains(&count) { Ok(count) } else { Err(Refusal::new("RESIDENTS_WRONG").at("residents")) }
}

/// The row after a change, for the answer.
async fn answer<T>(found: Result<Option<T>, Broken>) -> Outcome<T> {
    found?.map(Ok).ok_or(Broken::RecordNotInserted)
}
