//! Moving out: the account is closed on a day and billed up to it at once. A final bill is a run of one account, so that it is
//! charged, posted, shown, explained and corrected as every other bill.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::BillingEvent;
use domain::kernel::*;
use domain::readings::{Channel, Verdict};
use domain::subscribers::AccountStatus;
use entities::billing::bill::{self, Bill, LineRow};
use entities::billing::run::{self, Run};
use entities::billing::{final_bill, input};
use entities::imbalance::reckoning;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::ledger::item;
use entities::readings::{ActReading, Reading, act_reading};
use entities::subscribers::account;
use serde_json::json;

use super::obstacles_alone;
use super::run_cycle::charge_and_issue;
use crate::app::App;
use crate::platform::graphql::{Date, Gid};
use crate::platform::{Outcome, Refusal};
use crate::readings::ops::{Decide, Submit, decide, submit};
use crate::subscribers::inputs::{AccountMoveOutInput, AccountOpenInput};
use crate::subscribers::ops::{move_out, open_account, open_day};
use crate::{allow, refuse};

/// Who leaves, when, and what the meters show then.
#[derive(Debug, Clone)]
pub struct Leaving {
    pub account: AccountId,
    /// The version that the caller saw.
    pub version: i32,
    /// First day without the holder.
    pub day: NaiveDate,
    pub document: DocumentId,
    /// Of the last day.
    pub readings: Vec<(PointId, Volume)>,
    /// Nobody could read the meters that are not in `readings`.
    pub unread: bool,
    /// Readings that the rule doubts were looked at and are right.
    pub seen: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Left {
    pub account: account::Model,
    /// Nothing where the month of the last day was issued already: a correction takes back what was charged beyond it.
    pub bill: Option<Bill>,
    pub lines: Vec<LineRow>,
    pub readings: Vec<Reading>,
    /// Owed on the account after all, in tiyn.
    pub balance: Money,
}

/// Takes the closing readings, ends the holder's time and charges the days that are not billed yet.
pub async fn make_final_bill(tx: &mut Tx, app: &Arc<App>, leaving: Leaving) -> Outcome<Left> {
    let scope = tx.scope().clone();
    let Some(before) = account::find(tx, &scope, leaving.account).await? else { refuse!("NO_SUCH_ACCOUNT") };
    if before.version != leaving.version {
        refuse!("CONFLICT");
    }
    if before.status == AccountStatus::Closed {
        refuse!("ACCOUNT_CLOSED");
    }
    let today = app.clock.today();
    if leaving.day > today {
        refuse!(Refusal::new("DAY_AHEAD").at("date"));
    }
    let Some(last_day) = leaving.day.pred_opt().filter(|day| *day >= before.opened_on) else {
        refuse!(Refusal::new("DATE_TOO_EARLY").at("date"));
    };
    let month = Period::of(last_day);
    let legal = before.sector == Sector::Legal;
    // Legal entities on the list of a condominium stand on the run of its flats.
    let sectors = if legal { vec![Sector::Multi, Sector::Legal] } else { vec![before.sector] };
    run::beside(tx, &sectors).await?;
    let billed = match run::live(tx, month, before.sector).await? {
        Some(run) if run.state == "issued" => true,
        // Its facts were taken with the holder in: it is issued or reversed first.
        Some(_) => refuse!(Refusal::new("RUN_IN_THE_WAY").at("date").with("period", month)),
        None => false,
    };
    // A final bill bears no share of a house; one that is shared out already can't be left to the others any more.
    if legal
        && !billed
        && run::live(tx, month, Sector::Multi).await?.is_some()
        && reckoning::is_member(tx, leaving.account, month).await?
    {
        refuse!(Refusal::new("FINAL_BILL_AFTER_SHARES").at("date").with("period", month));
    }

    // A reading of a closed month would count for the next one, in which nobody is charged any more.
    if !leaving.readings.is_empty() {
        allow!(open_day(tx, Some(before.sector), last_day, "date").await?);
    }
    let points = account::points_on(tx, leaving.account, last_day).await?;
    let readings = allow!(closing_readings(tx, &leaving, &points, last_day, today).await?);
    let out = AccountMoveOutInput {
        id: Gid(leaving.account),
        expected_version: leaving.version,
        date: Date(leaving.day),
        document_id: Some(Gid(leaving.document)),
    };
    let account = allow!(move_out(tx, app.clone(), out).await?);
    let mut left = Left { account, bill: None, lines: Vec::new(), readings, balance: Money::ZERO };
    if !billed {
        let run = allow!(charge(tx, app, &left.account, month).await?);
        left.account = account::settled(tx, leaving.account, leaving.day).await?;
        left.bill = bill::of_run(tx, run.run_id(), leaving.account).await?;
        left.lines = bill::lines(tx, &[(leaving.account, month, run.run_id())]).await?;
        tx.audit(
            Change::new("run", run.id, "final")
                .after(json!({ "account": leaving.account, "upto": leaving.day, "gross": Money::from_tiyn(run.gross) }))
                .document(Some(leaving.document.0)),
        );
        tx.emit(BillingEvent::RunIssued { run: run.run_id() });
    }
    let balance = item::balances(tx, &[(leaving.account, None)]).await?.pop();
    left.balance = Money::from_tiyn(balance.map_or(0, |row| row.balance));
    Ok(Ok(left))
}

/// Every meter at the points that the account gives up is read on the last day, or said not to be; a reading that does not count stops
/// the act.
pub(super) async fn closing_readings(
    tx: &mut Tx,
    leaving: &Leaving,
    points: &[PointId],
    last_day: NaiveDate,
    today: NaiveDate,
) -> Outcome<Vec<Reading>> {
    let unread = final_bill::metered(tx, points, last_day).await?;
    let unread: Vec<_> =
        unread.into_iter().filter(|point| !leaving.readings.iter().any(|(of, _)| of == point)).collect();
    if !unread.is_empty() && !leaving.unread {
        refuse!(Refusal::new("CLOSING_READINGS_MISSING").at("readings").with("count", unread.len()));
    }
    let mut taken = Vec::with_capacity(leaving.readings.len());
    for (point, value) in &leaving.readings {
        let cmd = Submit {
            account: Some(leaving.account),
            point: *point,
            value: *value,
            day: last_day,
            channel: Channel::Operator,
            client_ref: None,
            closing: true,
        };
        let mut reading = allow!(submit(tx, today, cmd).await?);
        if reading.verdict == Verdict::Doubtful && leaving.seen {
            let yes = Decide { id: reading.id, accept: true, document: Some(leaving.document), why: None };
            reading = allow!(decide(tx, yes).await?);
        }
        if reading.verdict != Verdict::Accepted {
            let doubtful = reading.verdict == Verdict::Doubtful;
            let code = if doubtful { "CLOSING_READING_DOUBTFUL" } else { "CLOSING_READING_WRONG" };
            refuse!(Refusal::new(code).at("readings").with("value", *value));
        }
        taken.push(reading);
    }
    Ok(Ok(taken))
}

/// Charges and issues the days of the month that are the account's.
async fn charge(tx: &mut Tx, app: &Arc<App>, account: &account::Model, month: Period) -> Outcome<Run> {
    let sector = account.sector;
    // Taken after everything that was recorded just now.
    let known_at = bitemporal::moment(tx).await?;
    let due_on = match obstacles_alone(tx, month, sector, known_at, app.clock.today()).await? {
        Ok(due_on) => due_on,
        Err(mut obstacles) => refuse!(obstacles.swap_remove(0)),
    };
    let Some(run) = run::create_final(tx, month, sector, due_on, known_at, account.id).await? else {
        refuse!("FINAL_BILL_EXISTS")
    };
    input::snapshot_one(tx, month, sector, run.run_id(), known_at, account.id).await?;
    charge_and_issue(tx, app, &run, "FINAL_BILL_NOT_CHARGED").await
}

/// Opens an account for whoever comes after somebody: its meters go on from what they showed when that one left.
pub async fn take_over(tx: &mut Tx, app: Arc<App>, input: AccountOpenInput) -> Outcome<account::Model> {
    let day = input.opened_on.0;
    let account = allow!(open_account(tx, app, input).await?);
    let points = account::points_on(tx, account.id, day).await?;
    let left = final_bill::left_at(tx, &points, day).await?;
    begin_at(tx, account.id, &left).await?;
    Ok(Ok(account))
}

/// The account's meters begin at what others left.
pub(super) async fn begin_at(
    tx: &mut Tx,
    account: AccountId,
    left: &[final_bill::Left],
) -> Result<(), Broken> {
    for left in left {
        let reading = ActReading {
            account: Some(account),
            point: left.point_id,
            meter: left.meter_id,
            day: left.taken_on,
            value: left.liters,
            channel: Channel::Operator,
            last: false,
            consumption: None,
        };
        let id = act_reading(tx, reading).await?;
        let taken =
            json!({ "account": account, "point": left.point_id, "day": left.taken_on, "value": left.liters });
        tx.audit(Change::new("reading", id, "taken_over").after(taken));
    }
    Ok(())
}
