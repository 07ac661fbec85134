//! Agents' registries: taken in, compared with our journal as a set, decided on by a person.

use std::collections::HashMap;

use chrono::NaiveDate;
use domain::PaymentsEvent;
use domain::access::Actor;
use domain::kernel::*;
use domain::payments::{
    MatchState, PaymentTarget, Registry as Said, RegistryState, RowDecision, SerialRule, SuspenseReason,
};
use entities::kernel::{Broken, Change, Tx, jobs};
use entities::payments::registry::{self, NewRegistry, NewRow, Registry, Row};
use entities::payments::terms::{self, RegistryTerms};
use entities::subscribers::account;

use super::deciding::{CHUNK, Deciding, Step, Which};
use super::record::record_many;
use super::suspense::{Unknown, suspend};
use super::{NewPayment, Recorded, masked};
use crate::adapters::registries::{moment, payer_day};
use crate::app::App;
use crate::payments::jobs::{MATCH_REGISTRY, RegistryArgs};
use crate::platform::clock::Clock;
use crate::platform::jobs::Behalf;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// A file that was read and believed.
#[derive(Debug, Clone)]
pub struct Taking {
    pub channel: ChannelId,
    /// The agent's day; what the file's name says, else the day of its first payment.
    pub business_date: Option<NaiveDate>,
    /// What the file's name says, else the next one of the day.
    pub serial: Option<i32>,
    pub filename: String,
    pub sha256: Vec<u8>,
    pub said: Said,
}

/// Keeps a file and queues its comparison. The same file again is the same registry.
pub async fn take_registry(tx: &mut Tx, taking: Taking, clock: &Clock) -> Outcome<RegistryId> {
    let Some(terms) = terms::find(tx, taking.channel).await? else {
        refuse!(Refusal::new("NO_REGISTRY_TERMS").at("channel"))
    };
    let zone = zone(&terms)?;
    let first = taking.said.rows.iter().map(|row| row.paid_at.date()).min();
    let Some(business) = taking.business_date.or(first) else {
        refuse!(Refusal::new("REGISTRY_DAY").at("businessDate"))
    };
    if business > clock.today() {
        refuse!(Refusal::new("FUTURE_DAY").at("businessDate"));
    }
    if let Some(known) = registry::same(tx, taking.channel, business, &taking.sha256).await? {
        tx.nothing_new("the same file again");
        return Ok(Ok(known));
    }
    let next = registry::last_serial(tx, taking.channel, business).await? + 1;
    let serial = taking.serial.unwrap_or(next);
    if serial < next {
        refuse!(Refusal::new("REGISTRY_SERIAL").at("serial").with("serial", serial).with("next", next));
    }
    let rows: Vec<NewRow> = taking
        .said
        .rows
        .iter()
        .map(|row| {
            let at = moment(row.paid_at, zone);
            NewRow {
                line: row.line.cast_signed(),
                external_id: row.external_id.clone(),
                account: row.account.clone(),
                amount: row.amount,
                fee: row.commission,
                paid_at: at,
                paid_on: payer_day(at),
                service: row.service,
            }
        })
        .collect();
    let new = NewRegistry {
        channel: taking.channel,
        business_date: business,
        serial,
        sha256: taking.sha256,
        filename: taking.filename,
        totals: taking.said.totals(),
        fee: rows.iter().map(|row| row.fee).sum(),
    };
    let id = registry::insert(tx, &new).await?;
    registry::put(tx, id, &rows).await?;
    queue(tx, id).await?;
    terms::end_alarm(tx, taking.channel, business).await?;
    tx.audit(Change::new("registry", id, "taken").after(serde_json::json!({
        "channel": terms.channel, "businessDate": business, "serial": serial, "file": new.filename,
        "rows": new.totals.count, "sum": new.totals.sum,
    })));
    tx.emit(PaymentsEvent::RegistryTaken { registry: id });
    Ok(Ok(id))
}

async fn queue(tx: &mut Tx, id: RegistryId) -> Result<(), Broken> {
    let args = RegistryArgs { registry: id, behalf: Behalf::of(tx.actor()), deciding: None };
    let job = jobs::enqueue(tx, MATCH_REGISTRY, &args, Some(&id.to_string())).await?;
    registry::set_job(tx, id, job).await.map(drop)
}

pub(super) fn zone(terms: &RegistryTerms) -> Result<chrono_tz::Tz, Broken> {
    terms.zone.parse().map_err(|_| Broken::Custom(format!("{} is no time zone", terms.zone)))
}

/// Compares a registry once more: what came since is found, what was decided stays.
pub async fn match_again(tx: &mut Tx, id: RegistryId) -> Outcome<Registry> {
    let Some(found) = registry::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if matches!(found.state, RegistryState::Superseded | RegistryState::Matching) {
        refuse!("REGISTRY_STATE");
    }
    queue(tx, id).await?;
    tx.audit(Change::new("registry", id, "matched"));
    tx.emit(PaymentsEvent::RegistryTaken { registry: id });
    registry::find(tx, id).await?.ok_or(Broken::RecordNotUpdated).map(Ok)
}

/// The comparison itself, as background work.
pub async fn run_match(app: &App, actor: Actor, id: RegistryId) -> Result<(), Broken> {
    let mut tx = Tx::begin(&app.db, actor).await?;
    let Some(found) = registry::lock(&tx, id).await? else { return Ok(()) };
    let terms = terms::find(&tx, ChannelId(found.channel_id)).await?;
    let Some(terms) = terms.filter(|_| found.state == RegistryState::Matching) else { return Ok(()) };
    if terms.serial_rule == SerialRule::Replaces {
        registry::supersede(&tx, &found).await?;
    }
    registry::match_rows(&tx, &found, &terms.zone).await?;
    tx.emit(PaymentsEvent::RegistryMatched { registry: id });
    tx.commit().await
}

/// Queues a decision on all rows of a state.
pub async fn decide_all(tx: &mut Tx, id: RegistryId, deciding: Deciding<MatchState>) -> Outcome<Registry> {
    allow!(deciding.check());
    let Some(of) = registry::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if of.state != RegistryState::Matched {
        refuse!("REGISTRY_STATE");
    }
    let Which::All(state) = deciding.which else { refuse!("ROW_DECIDED") };
    // The same decision twice is one job; another one waits for its turn.
    let key = format!("{id} {} {}", state.code(), deciding.decision.code());
    let behalf = Behalf::of(tx.actor());
    let args = RegistryArgs { registry: id, behalf, deciding: Some(deciding) };
    let job = jobs::enqueue(tx, MATCH_REGISTRY, &args, Some(&key)).await?;
    registry::note_job(tx, id, job).await?;
    registry::find(tx, id).await?.ok_or(Broken::RecordNotUpdated).map(Ok)
}

/// Decides on rows of a file, so many at most, after a line.
pub async fn decide_rows(
    tx: &mut Tx,
    id: RegistryId,
    deciding: &Deciding<MatchState>,
    after: i32,
    clock: &Clock,
) -> Outcome<Step> {
    allow!(deciding.check());
    let note = deciding.note();
    let Some(of) = registry::lock(tx, id).await? else { refuse!(Refusal::new("NOT_FOUND").at("id")) };
    if of.state != RegistryState::Matched {
        refuse!("REGISTRY_STATE");
    }
    let (lines, state) = deciding.asked();
    let rows = registry::lock_rows(tx, id, lines.clone(), state, after, CHUNK).await?;
    if rows.is_empty() {
        if lines.is_some() {
            refuse!("ROW_DECIDED");
        }
        return Ok(Ok(Step::default()));
    }
    let last = rows.last().map(|row| row.line).filter(|_| rows.len() as i64 == CHUNK);
    let looked = rows.len();
    allow!(deciding.refuse(rows.iter().map(|row| (row.line, row.state))));
    let Some(terms) = terms::find(tx, ChannelId(of.channel_id)).await? else { refuse!("NO_REGISTRY_TERMS") };
    let decided: Vec<(i32, Option<i64>)> = match deciding.decision {
        RowDecision::Explained => rows.iter().map(|row| (row.line, None)).collect(),
        RowDecision::Posted => allow!(record_rows(tx, &of, rows, lines.is_some(), clock).await?),
        RowDecision::Suspended => allow!(suspend_rows(tx, &of, &terms, rows, clock).await?),
    };
    registry::decide(tx, id, deciding.decision, note, &decided).await?;
    let sum = registry::sum_of(tx, id, decided.iter().map(|row| row.0).collect()).await?;
    tx.audit(
        Change::new("registry", id, deciding.decision.code())
            .after(serde_json::json!({ "rows": decided.len(), "sum": sum, "note": note })),
    );
    tx.emit(PaymentsEvent::RegistryDecided { registry: id, rows: decided.len() as i64 });
    Ok(Ok(Step { decided: decided.len(), left: looked - decided.len(), last }))
}

/// Records rows under the agent's numbers. Of rows that name no account, or a closed one that owes nothing, a person hears when they
/// were named; in bulk they wait on.
async fn record_rows(
    tx: &mut Tx,
    of: &Registry,
    rows: Vec<Row>,
    named: bool,
    clock: &Clock,
) -> Outcome<Vec<(i32, Option<i64>)>> {
    let accounts = open_accounts(tx, rows.iter().filter_map(|row| row.account_id).collect()).await?;
    let open = |row: &Row| row.account_id.and_then(|id| accounts.get(&id)).copied().flatten();
    if let Some(row) = rows.iter().find(|row| named && open(row).is_none()) {
        refuse!(
            Refusal::new("ROW_NO_ACCOUNT").with("line", row.line).with("account", masked(&row.account_raw))
        );
    }
    let (mut lines, mut payments) = (Vec::new(), Vec::new());
    for row in rows {
        let Some((account, sector)) = open(&row) else { continue };
        lines.push(row.line);
        payments.push(NewPayment {
            account,
            sector,
            channel: of.channel.clone(),
            target: target(&row),
            external_id: row.external_id,
            amount: Money::from_tiyn(row.amount),
            paid_on: row.paid_on,
            paid_at: row.paid_at,
            import_batch: None,
        });
    }
    let recorded = allow!(record_many(tx, &payments, clock.now()).await?);
    if named {
        allow!(all_taken(&recorded));
    }
    // Another use of a number since the comparison is no payment of this row: it is compared anew.
    let became = lines.into_iter().zip(recorded).filter_map(|(line, recorded)| match recorded {
        Recorded::New(id) | Recorded::Replayed(id) => Some((line, Some(id.0))),
        Recorded::TakenBack(_) | Recorded::KeyConflict(_) | Recorded::Gone | Recorded::Held => None,
    });
    Ok(Ok(became.collect()))
}

/// A person hears of a number that holds something else by now.
pub(super) fn all_taken(recorded: &[Recorded]) -> Result<(), Refusal> {
    for one in recorded {
        match one {
            Recorded::New(_) | Recorded::Replayed(_) => {}
            Recorded::TakenBack(_) => return Err(Refusal::new("PAYMENT_TAKEN_BACK")),
            Recorded::KeyConflict(_) => return Err(Refusal::new("PAYMENT_KEY_CONFLICT")),
            Recorded::Gone => return Err(Refusal::new("PAYMENT_SENT_BACK")),
            Recorded::Held => return Err(Refusal::new("PAYMENT_IN_SUSPENSE")),
        }
    }
    Ok(())
}

async fn suspend_rows(
    tx: &mut Tx,
    of: &Registry,
    terms: &RegistryTerms,
    rows: Vec<Row>,
    clock: &Clock,
) -> Outcome<Vec<(i32, Option<i64>)>> {
    let lines = rows.iter().map(|row| (row.line, None)).collect();
    let unknown = |row: Row| Unknown {
        channel: of.channel.clone(),
        agent: Some(AgentId(terms.agent_id)),
        amount: Money::from_tiyn(row.amount),
        paid_at: row.paid_at,
        paid_on: row.paid_on,
        reason: match row.account_id {
            Some(_) => SuspenseReason::ClosedAccount,
            None if row.account_raw.trim().is_empty() => SuspenseReason::NotNamed,
            None => SuspenseReason::UnknownAccount,
        },
        target: target(&row),
        external_id: row.external_id,
        account_raw: Some(masked(&row.account_raw)),
        payer: None,
        purpose: None,
        details: None,
        subject: None,
        registry: Some(RegistryId(of.id)),
        statement: None,
        line: row.line,
    };
    allow!(suspend(tx, rows.into_iter().map(unknown).collect(), clock).await?);
    Ok(Ok(lines))
}

fn target(row: &Row) -> Option<PaymentTarget> {
    row.service.as_deref().and_then(Service::from_code).map(PaymentTarget::Service)
}

/// Accounts that may be credited: open ones, and closed ones that still owe. None of one that may not.
pub(super) async fn open_accounts(
    tx: &Tx,
    ids: Vec<i64>,
) -> Result<HashMap<i64, Option<(AccountId, Sector)>>, Broken> {
    let ids: Vec<AccountId> =
        ids.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().map(AccountId).collect();
    let rows = account::by_ids(tx, ids).await?;
    let closed =
        rows.iter().filter(|row| row.closed_on.is_some()).map(|row| (row.id, None)).collect::<Vec<_>>();
    let owing: std::collections::BTreeSet<i64> = entities::ledger::item::balances(tx, &closed)
        .await?
        .into_iter()
        .filter(|balance| balance.owed > 0)
        .map(|balance| balance.account_id)
        .collect();
    let may = |row: &account::Model| row.closed_on.is_none() || owing.contains(&row.id.0);
    Ok(rows.iter().map(|row| (row.id.0, may(row).then_some((row.id, row.sector)))).collect())
}
