use chrono::{DateTime, Utc};
use domain::AccessEvent;
use domain::access::{Role, default_sectors};
use domain::kernel::{DistrictId, DocumentId, Sector, UserId};
use entities::access::role;
use entities::access::staff::{self, Staff};
use entities::kernel::{Change, Result, Tx};

use crate::platform::messages::Language;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// A new member of the staff.
#[derive(Debug, Clone)]
pub struct CreateUser {
    pub login: String,
    pub name: String,
    pub password_hash: String,
    /// The password is one that somebody else knows: good until then, and to be changed at the first sign-in.
    pub one_time_until: Option<DateTime<Utc>>,
    pub roles: Vec<String>,
    /// None: what the roles start with.
    pub sectors: Option<Vec<Sector>>,
    pub districts: Vec<DistrictId>,
    pub language: Language,
    pub document: Option<DocumentId>,
}

pub async fn create_user(tx: &mut Tx, cmd: CreateUser) -> Outcome<Staff> {
    if !(3..=40).contains(&cmd.login.len())
        || !cmd.login.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    {
        refuse!(Refusal::new("LOGIN_FORM").at("login"));
    }
    if cmd.name.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("name"));
    }
    if let Some(refusal) = unknown_role(tx, &cmd.roles).await? {
        refuse!(refusal);
    }
    let sectors = cmd.sectors.unwrap_or_else(|| sectors_of(&cmd.roles));
    let new = staff::New {
        login: &cmd.login.to_lowercase(),
        name: cmd.name.trim(),
        password_hash: &cmd.password_hash,
        one_time_until: cmd.one_time_until,
        language: cmd.language.code(),
        sectors: sectors.iter().map(|s| s.code().to_owned()).collect(),
        districts: cmd.districts.iter().map(|d| d.0).collect(),
        roles: cmd.roles,
    };
    let Some(id) = staff::insert(tx, new).await? else { refuse!(Refusal::new("LOGIN_TAKEN").at("login")) };
    let Some(user) = staff::find(tx, id).await? else { refuse!("NOT_FOUND") };
    tx.audit(Change::new("user", id, "created").after(seen(&user)).document(cmd.document.map(|d| d.0)));
    tx.emit(AccessEvent::UserChanged { user: UserId(id) });
    Ok(Ok(user))
}

/// Roles that people of the staff may have; the other two belong to subscribers and programs.
pub(super) async fn unknown_role(tx: &Tx, roles: &[String]) -> Result<Option<Refusal>> {
    let outside = [Role::Subscriber.code(), Role::Integration.code()];
    let known: Vec<String> = role::all(tx).await?.into_iter().map(|row| row.code).collect();
    let unknown = roles.iter().find(|code| !known.contains(code) || outside.contains(&code.as_str()));
    Ok(unknown.map(|code| Refusal::new("ROLE_UNKNOWN").at("roles").with("detail", code)))
}

/// Only when every role is bound to sectors is the user bound to them.
fn sectors_of(roles: &[String]) -> Vec<Sector> {
    let each: Vec<_> = roles.iter().filter_map(|code| Role::from_code(code)).map(default_sectors).collect();
    if each.iter().any(|sectors| sectors.is_empty()) { Vec::new() } else { each.concat() }
}

/// What the trail keeps of a user: everything but the password.
pub(super) fn seen(user: &Staff) -> serde_json::Value {
    serde_json::json!({
        "login": user.login, "name": user.name, "active": user.active, "roles": user.roles,
        "sectors": user.sectors, "districts": user.districts,
    })
}
