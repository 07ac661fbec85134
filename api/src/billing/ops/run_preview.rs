//! What the run of a month would come to: the same facts and the same rule over the whole sector, written nowhere but into the
//! preview's own few rows.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Actor;
use domain::billing::{Change as Changed, Preview, RunPreviewExceptionKind as Kind, causes, charge};
use domain::kernel::*;
use entities::billing::preview::{self, ChangeRow, Exception, RunPreview};
use entities::billing::run::{self, Run};
use entities::billing::{bill, input};
use entities::kernel::{Broken, Change, Db, Result, Tx};
use entities::tariffs;
use serde_json::json;

use super::start_run::obstacles;
use crate::app::App;
use crate::imbalance::ops::{Purpose, reckon_houses};
use crate::platform::Outcome;

/// Accounts between two looks at whether somebody asked to stop.
const STEP: i64 = 200;
/// As many accounts that left are compared as changes are kept.
const LEFT: i64 = 20;

/// Asks for a preview of a month and sector, or joins the one at work.
pub async fn start_preview(
    tx: &mut Tx,
    month: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
) -> Outcome<RunPreview> {
    let accounts = input::count(tx, month, sector).await?;
    let row = preview::create_or_join(tx, month, sector, known_at, accounts).await?;
    tx.audit(
        Change::new("run_preview", row.id, "start")
            .after(json!({ "period": month, "sector": sector, "known_at": row.known_at })),
    );
    Ok(Ok(row))
}

/// Brings a preview to its end. `go_on` hears how many accounts are done and says whether to go on; `None` when it said no.
/// Taken again after a crash it begins from the start: it has written nothing.
pub async fn preview_city(
    app: &App,
    id: RunPreviewId,
    go_on: impl Fn(i64) -> bool + Send + Sync,
) -> Result<Option<RunPreview>> {
    let db = &app.db;
    let missing = || Broken::RecordNotFound(format!("preview {id}"));
    let row = preview::find(db, id).await?.ok_or_else(missing)?;
    let (month, sector, known_at) = (row.period(), row.sector(), row.known_at);
    let previous = run::live(db, month.prev(), sector)
        .await?
        .filter(|run| matches!(run.state.as_str(), "posted" | "issued"));
    preview::begin(db, id, previous.as_ref().map(Run::run_id)).await?;

    input::know_facts(db).await?;
    let book = tariffs::book_of(db, month, known_at).await?;
    let reckoning = match sector {
        Sector::Multi => {
            Some(reckon_houses(app, Purpose::Preview(id), month, known_at, &|_, _| {}).await?.id)
        }
        _ => None,
    };
    let (mut result, mut stopped) = (Preview::default(), false);
    let before = previous.as_ref().map(Run::run_id);
    let surveyed = input::survey(db, month, sector, known_at, before, reckoning, |inputs, charged_before| {
        result.add(inputs.account, charge(&inputs, &book), before.map(|_| charged_before));
        if result.accounts % STEP == 1 && !go_on(result.accounts) {
            stopped = true;
            return Err(Broken::Custom("stopped".to_owned()));
        }
        Ok(())
    })
    .await;
    if stopped {
        return Ok(None);
    }
    surveyed?;

    if let Some(previous) = &previous {
        for (account, charged) in preview::left(db, previous, LEFT).await? {
            result.offer(Changed { account, gross: Money::ZERO, previous: charged, lines: Vec::new() });
        }
    }
    let exceptions = exceptions(db, &row, &result, app.clock.today()).await?;
    let changes = explained(db, previous.as_ref(), result.clone().changes()).await?;
    let mut tx = Tx::begin(db, Actor::system("billing")).await?;
    let done = preview::finish(&tx, id, &result, previous.as_ref(), exceptions, changes).await?;
    tx.audit(Change::new("run_preview", row.id, "finish").after(json!({
        "accounts": done.accounts, "lines": done.lines, "gross": Money::from_tiyn(done.gross), "hash": done.hash,
    })));
    tx.commit_silently("the job tells its watchers").await?;
    Ok(Some(done))
}

/// What a clerk should look at before the run: what stops it, who is not charged and why, what nobody decided.
async fn exceptions(db: &Db, row: &RunPreview, result: &Preview, today: NaiveDate) -> Result<Vec<Exception>> {
    let (month, sector) = (row.period(), row.sector());
    let mut found = Vec::new();
    if let Err(obstacles) = obstacles(db, month, sector, row.known_at, today).await? {
        found.extend(obstacles.into_iter().map(|refusal| {
            let args = refusal.args.iter().map(|(name, value)| ((*name).to_owned(), json!(value)));
            Exception::new(Kind::BlocksRun, refusal.code, args.collect())
        }));
    }
    if let Some(live) = run::live(db, month, sector).await? {
        let args = json!({ "run": live.id.to_string() });
        found.push(Exception::new(Kind::BlocksRun, "RUN_EXISTS", args));
    }
    for (reason, without) in &result.reasons {
        let code = match reason.kind {
            Kind::Excused => format!("EXCUSE_{}", reason.code.to_uppercase()),
            _ => reason.code.to_owned(),
        };
        let args = json!({ "code": reason.code, "detail": reason.detail.as_deref().unwrap_or("…") });
        let sample = without.sample.iter().map(|account| account.0).collect();
        found.push(Exception::new(reason.kind, &code, args).of(without.accounts, sample));
    }
    if let Some((accounts, sample)) = preview::undecided(db, month, sector).await? {
        found.push(Exception::new(Kind::Undecided, "READINGS_UNDECIDED", json!({})).of(accounts, sample));
    }
    Ok(found)
}

/// The largest changes with what led to them, by the lines of both months.
async fn explained(db: &Db, previous: Option<&Run>, changes: Vec<Changed>) -> Result<Vec<ChangeRow>> {
    let Some(previous) = previous else { return Ok(Vec::new()) };
    let bills: Vec<_> =
        changes.iter().map(|change| (change.account, previous.period(), previous.run_id())).collect();
    let rows = bill::lines(db, &bills).await?;
    let explain = |change: Changed| {
        let own = rows.iter().filter(|row| row.account_id == change.account.0);
        let old = own.map(bill::LineRow::to_line).collect::<Result<Vec<_>>>()?;
        Ok(ChangeRow::new(change.account, change.gross, change.previous, &causes(&old, &change.lines)))
    };
    changes.into_iter().map(explain).collect()
}
