use domain::AccessEvent;
use domain::access::Principal;
use domain::kernel::{DistrictId, Sector, UserId};
use entities::access::session;
use entities::access::staff::{self, Staff};
use entities::kernel::{Change, Tx};
use uuid::Uuid;

use super::create_user::{seen, unknown_role};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// What changes of a member of the staff; what is absent stays.
#[derive(Debug, Clone)]
pub struct UpdateUser {
    pub id: UserId,
    pub expected_version: i32,
    pub name: Option<String>,
    pub active: Option<bool>,
    pub roles: Option<Vec<String>>,
    pub sectors: Option<Vec<Sector>>,
    pub districts: Option<Vec<DistrictId>>,
}

/// Changes a user; the sessions of a user whose rights changed are over. Nobody changes their own rights.
pub async fn update_user(tx: &mut Tx, cmd: UpdateUser) -> Outcome<(Staff, Vec<Uuid>)> {
    let Some(before) = staff::lock(tx, cmd.id.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if before.version != cmd.expected_version {
        refuse!(Refusal::new("CONFLICT").at("expectedVersion"));
    }
    let mut user = before.clone();
    if let Some(name) = cmd.name {
        if name.trim().is_empty() {
            refuse!(Refusal::new("EMPTY").at("name"));
        }
        user.name = name.trim().to_owned();
    }
    if let Some(roles) = cmd.roles {
        if let Some(refusal) = unknown_role(tx, &roles).await? {
            refuse!(refusal);
        }
        user.roles = roles;
        user.roles.sort();
    }
    user.active = cmd.active.unwrap_or(user.active);
    if let Some(sectors) = cmd.sectors {
        user.sectors = sectors.iter().map(|s| s.code().to_owned()).collect();
    }
    if let Some(districts) = cmd.districts {
        user.districts = districts.iter().map(|d| d.0).collect();
    }
    let rights =
        |user: &Staff| (user.active, user.roles.clone(), user.sectors.clone(), user.districts.clone());
    let other_rights = rights(&user) != rights(&before);
    if other_rights && tx.actor().principal == Principal::User(cmd.id) {
        refuse!("OWN_RIGHTS");
    }

    staff::update(tx, &user).await?;
    let ended = if other_rights {
        session::revoke_all(tx, "user", user.id, "rights changed").await?
    } else {
        Vec::new()
    };
    tx.audit(Change::new("user", user.id, "updated").before(seen(&before)).after(seen(&user)));
    tx.emit(AccessEvent::UserChanged { user: cmd.id });
    for session in &ended {
        tx.emit(AccessEvent::SessionRevoked { session: *session });
    }
    let Some(user) = staff::find(tx, user.id).await? else { refuse!("NOT_FOUND") };
    Ok(Ok((user, ended)))
}

/// Opens the lock that wrong passwords closed.
pub async fn unlock_user(tx: &mut Tx, id: UserId) -> Outcome<Staff> {
    let Some(before) = staff::lock(tx, id.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    staff::forgive(tx, before.id).await?;
    tx.audit(Change::new("user", before.id, "unlocked"));
    tx.emit(AccessEvent::UserChanged { user: id });
    Ok(Ok(Staff { locked_until: None, ..before }))
}
