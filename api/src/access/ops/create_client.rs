use chrono::{DateTime, Utc};
use domain::AccessEvent;
use domain::access::{Permission, Role};
use domain::kernel::{ClientId, DistrictId, Sector};
use entities::access::client::{self, Client};
use entities::access::role;
use entities::kernel::{Change, Tx};

use crate::platform::auth::{self, CLIENT_PREFIX};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// A new integration.
#[derive(Debug, Clone)]
pub struct CreateClient {
    pub name: String,
    pub permissions: Vec<Permission>,
    pub sectors: Vec<Sector>,
    pub districts: Vec<DistrictId>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// An integration with the token that is shown once and never again.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub client: Client,
    pub token: String,
}

/// Registers an outside program. It can be given only what the role of integrations allows.
pub async fn create_client(tx: &mut Tx, cmd: CreateClient) -> Outcome<NewToken> {
    if cmd.name.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("name"));
    }
    let allowed = role::permissions(tx, Role::Integration).await?;
    if let Some(too_much) = cmd.permissions.iter().find(|p| !allowed.iter().any(|code| code == p.code())) {
        refuse!(
            Refusal::new("PERMISSION_NOT_FOR_CLIENTS").at("permissions").with("detail", too_much.to_string())
        );
    }
    let token = format!("{CLIENT_PREFIX}{}", auth::secret_word());
    let mut client = Client {
        id: 0,
        name: cmd.name.trim().to_owned(),
        permissions: cmd.permissions.iter().map(|p| p.code().to_owned()).collect(),
        sectors: cmd.sectors.iter().map(|s| s.code().to_owned()).collect(),
        districts: cmd.districts.iter().map(|d| d.0).collect(),
        expires_at: cmd.expires_at,
        active: true,
        version: 1,
    };
    let Some(id) = client::insert(tx, &client, &auth::sha256(&token)).await? else {
        refuse!(Refusal::new("NAME_TAKEN").at("name"))
    };
    client.id = id;
    let after = serde_json::json!({
        "name": client.name, "permissions": client.permissions, "sectors": client.sectors,
        "districts": client.districts, "expiresAt": client.expires_at,
    });
    tx.audit(Change::new("client", id, "created").after(after));
    tx.emit(AccessEvent::ClientChanged { client: ClientId(id) });
    Ok(Ok(NewToken { client, token }))
}
