use domain::AccessEvent;
use domain::kernel::ClientId;
use entities::access::client::{self, Client};
use entities::kernel::{Change, Tx};

use super::NewToken;
use crate::platform::auth::{self, CLIENT_PREFIX};
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Gives an integration its next token; the one before works on for a day, so that nothing stops meanwhile.
pub async fn rotate_client(tx: &mut Tx, id: ClientId) -> Outcome<NewToken> {
    let Some(client) = client::lock(tx, id.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if !client.active {
        refuse!(Refusal::new("CLIENT_DISABLED").at("id"));
    }
    let token = format!("{CLIENT_PREFIX}{}", auth::secret_word());
    client::rotate(tx, id.0, &auth::sha256(&token)).await?;
    tx.audit(Change::new("client", id, "rotated"));
    tx.emit(AccessEvent::ClientChanged { client: id });
    Ok(Ok(NewToken { client: Client { version: client.version + 1, ..client }, token }))
}

/// Ends every token of an integration.
pub async fn disable_client(tx: &mut Tx, id: ClientId, expected_version: i32) -> Outcome<Client> {
    let Some(client) = client::lock(tx, id.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if client.version != expected_version {
        refuse!(Refusal::new("CONFLICT").at("expectedVersion"));
    }
    client::disable(tx, id.0).await?;
    tx.audit(Change::new("client", id, "disabled"));
    tx.emit(AccessEvent::ClientChanged { client: id });
    Ok(Ok(Client { active: false, version: client.version + 1, ..client }))
}
