//! Agents, their channels, and what somebody has to look at.

use domain::PaymentsEvent;
use domain::kernel::*;
use domain::payments::channel::{ChannelAuth, network};
use entities::kernel::crypto::Vault;
use entities::kernel::{Change, Tx};
use entities::payments::agent::{self, Agent};
use entities::payments::channel::{self, Channel};
use entities::payments::incident::{self, Incident};

use crate::platform::auth::secret_word;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// The shortest word that a counterparty may choose.
const SHORTEST: usize = 16;

/// A channel, with a new secret that is shown once and never again.
#[derive(Debug, Clone)]
pub struct Opened {
    pub channel: Channel,
    pub secret: Option<String>,
}

/// Codes of agents and channels are segments of addresses.
fn code_fits(code: &str) -> bool {
    (2..=31).contains(&code.len())
        && code.starts_with(|c: char| c.is_ascii_lowercase())
        && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn agent_fits(agent: &Agent) -> Result<(), Refusal> {
    if !code_fits(&agent.code) {
        return Err(Refusal::new("CODE_FORM").at("code"));
    }
    for (name, field) in [(&agent.name_kk, "nameKk"), (&agent.name_ru, "nameRu"), (&agent.name_en, "nameEn")]
    {
        if name.trim().is_empty() {
            return Err(Refusal::new("EMPTY").at(field));
        }
    }
    match agent.bin.as_deref().map(Identification::parse) {
        Some(Err(InvalidIdentification::Shape)) => Err(Refusal::new("IDENTIFICATION_SHAPE").at("bin")),
        Some(Err(InvalidIdentification::ControlDigit)) => {
            Err(Refusal::new("IDENTIFICATION_CONTROL_DIGIT").at("bin"))
        }
        Some(Err(InvalidIdentification::NeverIssued)) => {
            Err(Refusal::new("IDENTIFICATION_NEVER_ISSUED").at("bin"))
        }
        Some(Ok(_)) | None => Ok(()),
    }
}

pub async fn create_agent(tx: &mut Tx, mut new: Agent) -> Outcome<Agent> {
    allow!(agent_fits(&new));
    new.id =
        allow!(unless(agent::insert(tx, &new).await, &[("agent_code_key", "CODE_TAKEN", Some("code"))])?);
    tx.audit(Change::new("agent", new.id, "created").after(&new));
    tx.emit(PaymentsEvent::AgentChanged { agent: AgentId(new.id) });
    Ok(Ok(Agent { version: 1, ..new }))
}

/// Changes everything but the code.
pub async fn update_agent(tx: &mut Tx, wanted: Agent) -> Outcome<Agent> {
    let Some(before) = agent::lock(tx, wanted.id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if before.version != wanted.version {
        refuse!(Refusal::new("CONFLICT").at("expectedVersion"));
    }
    let after = Agent { code: before.code.clone(), ..wanted };
    allow!(agent_fits(&after));
    agent::update(tx, &after).await?;
    tx.audit(Change::new("agent", after.id, "updated").before(&before).after(&after));
    tx.emit(PaymentsEvent::AgentChanged { agent: AgentId(after.id) });
    Ok(Ok(Agent { version: before.version + 1, ..after }))
}

fn channel_fits(channel: &Channel) -> Result<(), Refusal> {
    if !code_fits(&channel.code) {
        return Err(Refusal::new("CODE_FORM").at("code"));
    }
    if let Some(wrong) = channel.networks.iter().find(|text| network(text).is_none()) {
        return Err(Refusal::new("NETWORK_WRONG").at("networks").with("network", wrong));
    }
    if channel.zone.parse::<chrono_tz::Tz>().is_err() {
        return Err(Refusal::new("ZONE_UNKNOWN").at("zone"));
    }
    if !channel.dialect.spellings().contains(&channel.spelling) {
        return Err(Refusal::new("SPELLING_OF_DIALECT").at("spelling"));
    }
    if (channel.auth == ChannelAuth::Basic)
        != channel.auth_user.as_deref().is_some_and(|user| !user.trim().is_empty())
    {
        return Err(Refusal::new("EMPTY").at("authUser"));
    }
    if channel.least < 1 || channel.most.is_some_and(|most| most < channel.least) {
        return Err(Refusal::new("AMOUNT_NOT_POSITIVE").at("least"));
    }
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let tag = |tag: &str| {
        (1..=31).contains(&tag.len())
            && tag.chars().all(letter)
            && !tag.starts_with(|c: char| c.is_ascii_digit())
    };
    if channel.echo.as_deref().is_some_and(|echo| !tag(echo)) {
        return Err(Refusal::new("CODE_FORM").at("echo"));
    }
    Ok(())
}

/// Networks as the database spells them: an address with bits outside of its network is the network.
fn networks(channel: &mut Channel) {
    let read = |text: &String| network(text).map(|network| network.trunc().to_string());
    channel.networks = channel.networks.iter().filter_map(read).collect();
}

/// Gives the channel a secret where its way of showing itself needs one and it has none.
fn secret_for(channel: &mut Channel, vault: &Vault) -> Option<String> {
    let needed = match channel.auth {
        ChannelAuth::None => false,
        ChannelAuth::Basic | ChannelAuth::Path => channel.secret_hash.is_none(),
        ChannelAuth::Hmac => channel.secret_sealed.is_none(),
    };
    needed.then(|| new_secret(channel, vault, secret_word()))
}

fn new_secret(channel: &mut Channel, vault: &Vault, word: String) -> String {
    channel.secret_hash = Some(vault.secret(&channel.code, &word));
    channel.secret_sealed = (channel.auth == ChannelAuth::Hmac).then(|| vault.seal(&word));
    word
}

/// Opens a channel of an agent; it starts switched off.
pub async fn create_channel(tx: &mut Tx, mut new: Channel, vault: &Vault) -> Outcome<Opened> {
    allow!(channel_fits(&new));
    networks(&mut new);
    let secret = secret_for(&mut new, vault);
    new.active = false;
    new.version = 1;
    new.id = allow!(unless(
        channel::insert(tx, &new).await,
        &[
            ("channel_code_key", "CODE_TAKEN", Some("code")),
            ("channel_code_check", "CODE_TAKEN", Some("code")),
            ("channel_code_is_free", "CODE_TAKEN", Some("code")),
            ("channel_agent_id_fkey", "NOT_FOUND", Some("agentId")),
        ],
    )?);
    tx.audit(Change::new("channel", new.id, "created").after(&new));
    tx.emit(PaymentsEvent::ChannelChanged { channel: ChannelId(new.id) });
    Ok(Ok(Opened { channel: new, secret }))
}

/// Changes the settings of a channel. Its code, its agent and whether it is a sandbox are for ever: payments are kept under them.
pub async fn update_channel(tx: &mut Tx, wanted: Channel, vault: &Vault) -> Outcome<Opened> {
    let Some(before) = channel::lock(tx, wanted.id).await? else {
        refuse!(Refusal::new("NOT_FOUND").at("id"))
    };
    if before.version != wanted.version {
        refuse!(Refusal::new("CONFLICT").at("expectedVersion"));
    }
    let mut after = Channel {
        code: before.code.clone(),
        agent_id: before.agent_id,
        sandbox: before.sandbox,
        active: before.active,
        secret_hash: before.secret_hash.clone(),
        secret_sealed: before.secret_sealed.clone(),
        ..wanted
    };
    allow!(channel_fits(&after));
    networks(&mut after);
    let secret = secret_for(&mut after, vault);
    changed(tx, "updated", &before, after, secret).await
}

/// Switches a channel on or off.
pub async fn switch_channel(tx: &mut Tx, id: ChannelId, on: bool) -> Outcome<Opened> {
    let Some(before) = channel::lock(tx, id.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if before.active == on {
        tx.nothing_new("it was so already");
        return Ok(Ok(Opened { channel: before, secret: None }));
    }
    let after = Channel { active: on, ..before.clone() };
    changed(tx, if on { "switched_on" } else { "switched_off" }, &before, after, None).await
}

/// Gives a channel another secret; the one before ends at once. `word`: what the counterparty insists on.
pub async fn renew_secret(
    tx: &mut Tx,
    id: ChannelId,
    word: Option<String>,
    vault: &Vault,
) -> Outcome<Opened> {
    let Some(before) = channel::lock(tx, id.0).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if before.auth == ChannelAuth::None {
        refuse!(Refusal::new("CHANNEL_NEEDS_NO_SECRET").at("id"));
    }
    let plain = |word: &String| word.chars().all(|c| c.is_ascii_graphic() && !"/?#%".contains(c));
    if word.as_ref().is_some_and(|word| word.len() < SHORTEST || !plain(word)) {
        refuse!(Refusal::new("SECRET_FORM").at("secret"));
    }
    let mut after = before.clone();
    let secret = new_secret(&mut after, vault, word.unwrap_or_else(secret_word));
    changed(tx, "secret_renewed", &before, after, Some(secret)).await
}

async fn changed(
    tx: &mut Tx,
    action: &'static str,
    before: &Channel,
    after: Channel,
    secret: Option<String>,
) -> Outcome<Opened> {
    if !channel::update(tx, &after).await? {
        refuse!(Refusal::new("CONFLICT").at("expectedVersion"));
    }
    tx.audit(Change::new("channel", after.id, action).before(before).after(&after));
    tx.emit(PaymentsEvent::ChannelChanged { channel: ChannelId(after.id) });
    Ok(Ok(Opened { channel: Channel { version: after.version + 1, ..after }, secret }))
}

/// Somebody has looked at it.
pub async fn close_incident(tx: &mut Tx, id: IncidentId, note: &str) -> Outcome<Incident> {
    if note.trim().is_empty() {
        refuse!(Refusal::new("EMPTY").at("note"));
    }
    if !incident::decide(tx, id, note.trim()).await? {
        let known = incident::find(tx, id).await?.is_some();
        refuse!(Refusal::new(if known { "INCIDENT_CLOSED" } else { "NOT_FOUND" }).at("id"));
    }
    tx.audit(Change::new("incident", id, "close").after(serde_json::json!({ "note": note.trim() })));
    tx.emit(PaymentsEvent::IncidentChanged { incident: id });
    match incident::find(tx, id).await? {
        Some(row) => Ok(Ok(row)),
        None => refuse!(Refusal::new("NOT_FOUND").at("id")),
    }
}
