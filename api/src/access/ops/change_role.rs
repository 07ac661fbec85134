//! What a role allows is changed by two people: one proposes, another decides.

use std::collections::BTreeSet;

use domain::AccessEvent;
use domain::access::{Permission, Principal, Role};
use domain::kernel::{DocumentId, UserId};
use entities::access::role;
use entities::access::role_change::{self, New, RoleChange};
use entities::kernel::{Change, Tx};
use uuid::Uuid;

use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// What a role is to allow from now on.
#[derive(Debug, Clone)]
pub struct ProposeRole {
    pub role: String,
    /// In kk, ru and en; asked for when the role is new.
    pub names: Option<[String; 3]>,
    pub permissions: Vec<Permission>,
    pub reason: String,
    pub document: Option<DocumentId>,
}

/// Rights that are never in the same hands, whoever signs it.
fn mixed(permissions: &BTreeSet<Permission>) -> bool {
    permissions.contains(&Permission::BillingRun) && permissions.contains(&Permission::PaymentRecord)
}

pub async fn propose_role(tx: &mut Tx, cmd: ProposeRole) -> Outcome<RoleChange> {
    let Principal::User(by) = tx.actor().principal else { refuse!("FORBIDDEN") };
    let code = cmd.role.trim();
    if !(3..=40).contains(&code.len()) || !code.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
        refuse!(Refusal::new("ROLE_FORM").at("role"));
    }
    if cmd.reason.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    let permissions: BTreeSet<Permission> = cmd.permissions.into_iter().collect();
    if mixed(&permissions) {
        refuse!(Refusal::new("ROLE_MIXES_CHARGES_AND_PAYMENTS").at("permissions"));
    }
    // The subscriber's door is the subscriber's alone, and opens nothing else.
    let cabinet = code == Role::Subscriber.code();
    if permissions.contains(&Permission::OwnAccounts) != cabinet || (cabinet && permissions.len() > 1) {
        refuse!(Refusal::new("ROLE_CABINET").at("permissions"));
    }
    let known = role::all(tx).await?.into_iter().find(|row| row.code == code);
    let names = match (&known, cmd.names) {
        (None, None) => refuse!(Refusal::new("EMPTY").at("name")),
        (_, names) => names.map(|names| names.map(|name| name.trim().to_owned())),
    };
    if names.as_ref().is_some_and(|names| names.iter().any(String::is_empty)) {
        refuse!(Refusal::new("EMPTY").at("name"));
    }
    let new = New {
        role: code,
        names,
        permissions: permissions.iter().map(|permission| permission.code().to_owned()).collect(),
        before: known.map(|row| row.permissions).unwrap_or_default(),
        reason: cmd.reason.trim(),
        document: cmd.document.map(|id| id.0),
        proposed_by: by.0,
    };
    let Some(id) = role_change::propose(tx, new).await? else {
        refuse!(Refusal::new("ROLE_CHANGE_WAITS").at("role"));
    };
    let Some(change) = role_change::find(tx, id).await? else { refuse!("NOT_FOUND") };
    tx.audit(Change::new("role_change", id, "proposed").after(seen(&change)).document(change.document_id));
    tx.emit(AccessEvent::RoleChanged { change: id });
    Ok(Ok(change))
}

/// Approves or rejects; a proposer may take back the own proposal but never approve it. Sessions of everybody who has the role
/// end, so that nobody goes on with rights of yesterday.
pub async fn decide_role(tx: &mut Tx, id: i64, approve: bool) -> Outcome<(RoleChange, Vec<Uuid>)> {
    let Principal::User(by) = tx.actor().principal else { refuse!("FORBIDDEN") };
    let Some(change) = role_change::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if change.state != "proposed" {
        refuse!("ROLE_CHANGE_DECIDED");
    }
    if approve && UserId(change.proposed_by) == by {
        refuse!("SAME_PERSON");
    }
    let mut ended = Vec::new();
    if approve {
        // What was read when it was proposed must still stand: else it would take back what somebody decided since.
        let now = role::all(tx).await?.into_iter().find(|row| row.code == change.role);
        if now.map(|row| row.permissions).unwrap_or_default() != change.before {
            refuse!("CONFLICT");
        }
        ended = role_change::apply(tx, &change).await?;
    }
    role_change::decide(tx, id, by.0, if approve { "approved" } else { "rejected" }).await?;
    let Some(change) = role_change::find(tx, id).await? else { refuse!("NOT_FOUND") };
    let what = if approve { "approved" } else { "rejected" };
    tx.audit(Change::new("role_change", id, what).after(seen(&change)).document(change.document_id));
    tx.emit(AccessEvent::RoleChanged { change: id });
    for session in &ended {
        tx.emit(AccessEvent::SessionRevoked { session: *session });
    }
    Ok(Ok((change, ended)))
}

fn seen(change: &RoleChange) -> serde_json::Value {
    serde_json::json!({
        "role": change.role, "before": change.before, "permissions": change.permissions, "reason": change.reason,
    })
}
