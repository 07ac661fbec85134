//! The demo's agents and their channels: sandboxes for everybody who comes, a terminal of this machine, links to pay on.

use std::sync::Arc;

use domain::access::Actor;
use domain::payments::channel::Dialect;
use entities::kernel::Tx;
use entities::payments::agent::Agent;
use entities::payments::channel;

use super::channel::usual;
use super::ops;
use crate::app::App;

/// Code, name in Kazakh, Russian, English.
const AGENTS: &[(&str, &str, &str, &str)] = &[
    ("sandbox", "Құмсалғыш", "Песочница", "Sandbox"),
    ("kaspi", "Kaspi Bank", "Kaspi Bank", "Kaspi Bank"),
    ("kassa24", "Kassa24", "Kassa24", "Kassa24"),
    ("qiwi", "QIWI Қазақстан", "QIWI Казахстан", "QIWI Kazakhstan"),
    ("rps", "RPS Asia", "RPS Asia", "RPS Asia"),
];

/// Whence the money of links comes: asked for, never brought.
const LINKS: &str = "kaspi-link";

/// Agent, code, dialect, whether a sandbox.
const CHANNELS: &[(&str, &str, Dialect, bool)] = &[
    ("sandbox", "sandbox", Dialect::Unified, true),
    ("sandbox", "sandbox-osmp", Dialect::Osmp, true),
    ("sandbox", "sandbox-kaspi", Dialect::Kaspi, true),
    ("sandbox", "sandbox-kassa24", Dialect::Kassa24, true),
    ("rps", "terminal", Dialect::Unified, false),
    ("qiwi", "qiwi", Dialect::Osmp, false),
    ("kaspi", "kaspi", Dialect::Kaspi, false),
    ("kaspi", LINKS, Dialect::Unified, false),
    ("kassa24", "kassa24", Dialect::Kassa24, false),
];

/// Does nothing where there are channels.
pub async fn seed_channels(app: &Arc<App>) -> anyhow::Result<()> {
    if !channel::all(&app.db).await?.is_empty() {
        return Ok(());
    }
    let refused = |refusal| anyhow::anyhow!("the seed was refused: {refusal:?}");
    let mut tx = Tx::begin(&app.db, Actor::system("seed")).await?;
    for &(code, name_kk, name_ru, name_en) in AGENTS {
        let agent = Agent {
            id: 0,
            code: code.into(),
            name_kk: name_kk.into(),
            name_ru: name_ru.into(),
            name_en: name_en.into(),
            bin: None,
            active: true,
            version: 1,
        };
        let agent = ops::create_agent(&mut tx, agent).await?.map_err(refused)?;
        for &(_, code, dialect, sandbox) in CHANNELS.iter().filter(|(of, ..)| *of == agent.code) {
            let mut new = usual(agent.id, code, dialect, sandbox);
            if code == LINKS {
                new.networks.clear();
            }
            let opened = ops::create_channel(&mut tx, new, &app.vault).await?.map_err(refused)?;
            // Sandboxes are for everybody; the terminal is of this machine; links are ours; the others wait for their counterparties.
            if sandbox || ["terminal", LINKS].contains(&code) {
                let id = domain::kernel::ChannelId(opened.channel.id);
                ops::switch_channel(&mut tx, id, true).await?.map_err(refused)?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}
