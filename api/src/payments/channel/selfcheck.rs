//! What an agent's own requests to its sandbox have shown of the published scenarios.

use chrono::Duration;
use domain::payments::channel::{
    Act, ChannelCommand, ChannelOutcome, Field, Logged, Pairs, PaymentNote, SelfCheckScenario, moment, read,
};
use entities::kernel::Broken;
use entities::payments::request::{self, Request};

use super::Channel;
use super::log::Log;
use crate::app::App;
use crate::payments::ops::{Ask, Reply};
use crate::platform::messages::{self, Language};
use crate::platform::web::escaped;

/// How far back requests count.
const DAYS: i64 = 30;

/// A scenario and whether it was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub scenario: SelfCheckScenario,
    pub shown: bool,
}

/// The scenarios that the channel's dialect knows, in the order of the specification.
pub async fn shown(app: &App, channel: &Channel) -> Result<Vec<Shown>, Broken> {
    Log::flush(app).await?;
    let since = app.clock.now() - Duration::days(DAYS);
    let rows = request::since(&app.db, &channel.row.code, since).await?;
    let log: Vec<Logged> = rows.iter().filter_map(|row| logged(channel, row)).collect();
    let knows = |command: Option<ChannelCommand>| {
        command.is_none_or(|command| channel.row.dialect.commands().contains(&command))
    };
    let known = SelfCheckScenario::ALL.iter().copied().filter(|scenario| knows(scenario.command()));
    Ok(known.map(|scenario| Shown { scenario, shown: scenario.shown(&log) }).collect())
}

fn logged(channel: &Channel, row: &Request) -> Option<Logged> {
    let asked = read(channel.row.dialect, channel.row.account_form, &Pairs::of([row.query.as_bytes()]));
    let dated = match &asked.act {
        Ok(Act::Pay(pay)) => moment(pay.dated, &channel.zone),
        _ => None,
    };
    let notes = row.notes.iter().filter_map(|note| PaymentNote::from_code(note));
    Some(Logged {
        at: row.at,
        command: asked.command,
        number: asked.number,
        account: asked.account,
        amount: asked.amount,
        dated: dated.map(|at| (channel.local(at), channel.local(row.at))),
        outcome: ChannelOutcome::from_code(&row.outcome)?,
        notes: notes.collect(),
    })
}

/// In the channel's spelling, or as a page for whoever writes the agent's program.
pub async fn reply(app: &App, ask: Ask<'_>) -> Result<Reply, Broken> {
    let shown = shown(app, ask.channel).await?;
    if ask.page {
        let plain = ask.plain(ChannelOutcome::Done);
        let body = page(ask.channel, &shown).into_bytes();
        return Ok(Reply { body, content_type: "text/html; charset=utf-8", ..plain });
    }
    let word = |shown| if shown { "shown" } else { "missing" };
    let field = |one: &Shown| Field { name: one.scenario.to_string(), value: word(one.shown).to_owned() };
    Ok(ask.listed(&shown.iter().map(field).collect::<Vec<_>>()))
}

/// What a scenario asks for, in words.
pub fn says(language: Language, scenario: SelfCheckScenario) -> String {
    messages::text(language, &format!("pay.scenario.{scenario}"), &[])
}

fn page(channel: &Channel, shown: &[Shown]) -> String {
    let language = channel.language;
    let text = |code: &str| escaped(&messages::text(language, code, &[]));
    let rows: String = shown
        .iter()
        .map(|one| {
            let (mark, word) = if one.shown { ("yes", "pay.shown") } else { ("no", "pay.missing") };
            format!(
                "<tr><td class=\"{mark}\">{}</td><td>{}</td><td><code>{}</code></td></tr>",
                text(word),
                escaped(&says(language, one.scenario)),
                one.scenario
            )
        })
        .collect();
    let done = shown.iter().filter(|one| one.shown).count();
    include_str!("../../../developers/selfcheck.html")
        .replace("{{LANGUAGE}}", language.code())
        .replace("{{TITLE}}", &text("pay.selfcheck"))
        .replace("{{CHANNEL}}", &escaped(&channel.row.code))
        .replace("{{DONE}}", &format!("{done} / {}", shown.len()))
        .replace("{{ROWS}}", &rows)
}
