//! The figures of closing a month, the rows behind a broken one, and the trial balance.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::ledger::{CloseConditionCode, Conditions, PeriodStatus};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Result, Slice, sql};

#[derive(Debug, FromQueryResult)]
struct Figures {
    status: Option<String>,
    earlier: Option<String>,
    active_accounts: i64,
    billed_accounts: i64,
    excused_accounts: i64,
    draft_bills: i64,
    work_in_progress: i64,
    doubtful_readings: i64,
    debits: i64,
    credits: i64,
    sub_ledger: i64,
    general_ledger: i64,
    charged: i64,
    posted: i64,
    paid: i64,
    allocated: i64,
    unreconciled: i64,
    opening: i64,
    last_closing: Option<i64>,
    readings_received: i64,
    readings_kept: i64,
    unconfirmed_settings: i64,
    wrong_numbers: i64,
    exceptions: i64,
}

/// Counts everything that decides whether the month may be closed, in one statement.
pub async fn conditions(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<Conditions> {
    let row: Option<Figures> =
        sql::one(db, include_str!("sql/conditions.sql"), [period.first_day().into(), sector.code().into()])
            .await?;
    let row = row.ok_or_else(|| sea_orm::DbErr::RecordNotFound("figures".into()))?;
    let status = |code: Option<String>| code.as_deref().and_then(PeriodStatus::from_code);
    Ok(Conditions {
        status: status(row.status).unwrap_or(PeriodStatus::Closed),
        earlier: status(row.earlier),
        active_accounts: row.active_accounts,
        billed_accounts: row.billed_accounts,
        excused_accounts: row.excused_accounts,
        draft_bills: row.draft_bills,
        work_in_progress: row.work_in_progress,
        doubtful_readings: row.doubtful_readings,
        debits: Money::from_tiyn(row.debits),
        credits: Money::from_tiyn(row.credits),
        sub_ledger: Money::from_tiyn(row.sub_ledger),
        general_ledger: Money::from_tiyn(row.general_ledger),
        charged: Money::from_tiyn(row.charged),
        posted: Money::from_tiyn(row.posted),
        paid: Money::from_tiyn(row.paid),
        allocated: Money::from_tiyn(row.allocated),
        unreconciled: row.unreconciled,
        opening: Money::from_tiyn(row.opening),
        last_closing: row.last_closing.map(Money::from_tiyn),
        readings_received: row.readings_received,
        readings_kept: row.readings_kept,
        unconfirmed_settings: row.unconfirmed_settings,
        wrong_numbers: row.wrong_numbers,
        exceptions: row.exceptions,
    })
}

/// The accounts that break a condition; conditions that are not about accounts have none.
fn rows_of(condition: CloseConditionCode) -> Option<&'static str> {
    Some(match condition {
        CloseConditionCode::EveryAccountCharged => {
            "SELECT a.account_id AS id FROM ledger.active_accounts($1::date, $2) a
             WHERE NOT EXISTS (SELECT FROM ledger.charged_accounts($1::date, $2) c WHERE c.account_id = a.account_id)"
        }
        CloseConditionCode::ReadingsDecided => {
            "SELECT DISTINCT r.account_id AS id FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
             WHERE a.sector = $2 AND r.period = $1 AND r.verdict = 'doubtful'"
        }
        CloseConditionCode::ChargesPosted => {
            "SELECT l.account_id AS id FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id
             WHERE l.period = $1 AND r.sector = $2 AND r.state NOT IN ('reversed', 'failed')
             GROUP BY l.account_id, l.run_id
             HAVING sum(l.gross) <> (
                 SELECT coalesce(sum(CASE WHEN e.debit = 'receivable' THEN e.amount ELSE -e.amount END), 0) FROM ledger.entry e
                 WHERE e.account_id = l.account_id AND e.period = $1 AND e.source = 'run' AND e.source_id = l.run_id)"
        }
        CloseConditionCode::SubLedgerEqualsLedger => {
            "SELECT coalesce(o.account_id, e.account_id) AS id
             FROM (SELECT account_id, sum(amount - settled) AS rest FROM ledger.open_item WHERE sector = $2 GROUP BY 1) o
             FULL JOIN (
                 SELECT account_id, sum(CASE WHEN debit IN ('receivable', 'advance') THEN amount ELSE 0 END
                                        - CASE WHEN credit IN ('receivable', 'advance') THEN amount ELSE 0 END) AS rest
                 FROM ledger.entry WHERE sector = $2 AND $1::date IS NOT NULL GROUP BY 1) e USING (account_id)
             WHERE coalesce(o.rest, 0) <> coalesce(e.rest, 0)"
        }
        CloseConditionCode::ExceptionsDecided => {
            "SELECT DISTINCT f.account_id AS id FROM billing.run_failure f JOIN billing.run r ON r.id = f.run_id
             WHERE r.period = $1 AND r.sector = $2 AND r.state NOT IN ('reversed', 'failed')"
        }
        CloseConditionCode::NumbersWhole => {
            "SELECT p.account_id AS id FROM payments.payment p
             WHERE p.period = $1 AND p.sector = $2 AND p.reverses IS NULL
               AND NOT EXISTS (SELECT FROM payments.payment o WHERE o.reverses = p.id)
               AND NOT EXISTS (SELECT FROM payments.payment_key k
                               WHERE k.channel = p.channel AND k.external_id = p.external_id AND k.payment_id = p.id)
             UNION
             SELECT b.account_id FROM billing.bill b JOIN billing.run r ON r.id = b.run_id
             WHERE b.period = $1 AND r.sector = $2 AND NOT b.reversed AND r.state IN ('posted', 'issued')
             GROUP BY b.account_id HAVING count(*) > 1"
        }
        _ => return None,
    })
}

#[derive(FromQueryResult)]
struct Id {
    id: i64,
}

/// The accounts behind a broken condition, by id.
pub async fn broken_accounts(
    db: &Db,
    period: Period,
    sector: Sector,
    condition: CloseConditionCode,
    page: Page,
) -> Result<Slice<i64>> {
    let Some(rows) = rows_of(condition) else { return Ok(Slice { rows: Vec::new(), has_next: false }) };
    let ids: Vec<Id> = sql::all(
        db,
        &format!(
            "SELECT x.id FROM ({rows}) x WHERE ($3::bigint IS NULL OR x.id > $3) ORDER BY x.id LIMIT $4"
        ),
        [period.first_day().into(), sector.code().into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(ids.into_iter().map(|row| row.id).collect(), page.first))
}

/// What of a month's money is not reconciled: a day of an agent's channel, or a shift of a desk that has no Z.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Unreconciled {
    /// The agent's day, by his own clock; of a shift the day it was opened on.
    pub day: NaiveDate,
    pub channel_id: Option<i64>,
    /// Its code.
    pub channel: Option<String>,
    /// Registries of the day that came.
    pub files: i64,
    /// Rows of them that nobody has decided.
    pub undecided: i64,
    pub shift_id: Option<i64>,
    /// Code of the desk.
    pub desk: Option<String>,
    pub number: Option<i32>,
}

/// So many at most are named: whoever works them off asks again.
const NAMED: i64 = 200;

/// What stands against `PaymentsReconciled`, day by day.
pub async fn unreconciled(db: &Db, period: Period, sector: Sector) -> Result<Vec<Unreconciled>> {
    sql::all(
        db,
        "SELECT day, channel_id, channel, files, undecided, shift_id, desk, number FROM ledger.unreconciled($1, $2)
         ORDER BY day, channel, shift_id LIMIT $3",
        [period.first_day().into(), sector.code().into(), NAMED.into()],
    )
    .await
}

/// Work that stands against `NothingAtWork`.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AtWork {
    /// run, import, correction, amendment or penalty.
    pub kind: String,
    pub id: i64,
    /// Of a file its name, of corrections and amendments the reason.
    pub name: Option<String>,
    /// Nobody works on it: somebody has to decide.
    pub waits: bool,
    pub since: DateTime<Utc>,
}

/// What stands against `NothingAtWork`, the oldest first.
pub async fn at_work(db: &Db, period: Period, sector: Sector) -> Result<Vec<AtWork>> {
    sql::all(
        db,
        "SELECT kind, id, name, waits, since FROM ledger.at_work($1::date, $2) ORDER BY since, kind, id LIMIT $3",
        [period.first_day().into(), sector.code().into(), NAMED.into()],
    )
    .await
}

/// One line of the trial balance, in tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TrialRow {
    pub sector: String,
    pub account: String,
    pub debit: i64,
    pub credit: i64,
}

pub async fn trial_balance(db: &Db, period: Period, sectors: &[Sector]) -> Result<Vec<TrialRow>> {
    sql::all(
        db,
        "SELECT sector, account, debit, credit FROM ledger.trial_balance
         WHERE period = $1 AND sector = ANY ($2) ORDER BY sector, account",
        [
            period.first_day().into(),
            sectors.iter().map(|sector| sector.code().to_owned()).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

/// Open items less the ledger's receivables and advances, over all time: always zero. Closed months are folded.
pub async fn sub_ledger_difference(db: &impl ConnectionTrait, sector: Option<Sector>) -> Result<Money> {
    let mut difference = Money::ZERO;
    for sector in Sector::ALL.iter().copied().filter(|one| sector.is_none_or(|wanted| *one == wanted)) {
        let tiyn: Option<i64> = sql::scalar(
            db,
            "WITH folded AS (SELECT max(period) AS upto, (max(period) + interval '1 month')::date AS since
                             FROM ledger.closed_balance WHERE sector = $1)
             SELECT ((SELECT coalesce(sum(amount - settled), 0) FROM ledger.open_item WHERE sector = $1 AND amount <> settled)
                   - (SELECT coalesce(sum(debit - credit), 0) FROM ledger.closed_balance
                      WHERE sector = $1 AND period = (SELECT upto FROM folded) AND account IN ('receivable', 'advance'))
                   - (SELECT coalesce(sum(CASE WHEN debit IN ('receivable', 'advance') THEN amount ELSE 0 END
                                          - CASE WHEN credit IN ('receivable', 'advance') THEN amount ELSE 0 END), 0)
                      FROM ledger.entry
                      WHERE sector = $1 AND period >= coalesce((SELECT since FROM folded), '-infinity')))::bigint",
            [sector.code().into()],
        )
        .await?;
        difference += Money::from_tiyn(tiyn.unwrap_or_default());
    }
    Ok(difference)
}

/// Months whose entries are no longer what they were when they were closed: always none. Reads the whole ledger: for `doctor`.
pub async fn tampered(db: &impl ConnectionTrait) -> Result<Vec<(Period, Sector)>> {
    #[derive(FromQueryResult)]
    struct Row {
        period: NaiveDate,
        sector: String,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "WITH live AS (
             SELECT period, sector, account, sum(debit) OVER upto AS debit, sum(credit) OVER upto AS credit
             FROM ledger.trial_balance WINDOW upto AS (PARTITION BY sector, account ORDER BY period)
         )
         SELECT c.period, c.sector FROM ledger.closed_balance c
         LEFT JOIN LATERAL (
             SELECT l.debit, l.credit FROM live l
             WHERE l.sector = c.sector AND l.account = c.account AND l.period <= c.period ORDER BY l.period DESC LIMIT 1
         ) l ON true
         GROUP BY c.period, c.sector
         HAVING bool_or((c.debit, c.credit) IS DISTINCT FROM (coalesce(l.debit, 0), coalesce(l.credit, 0)))
         ORDER BY c.period, c.sector",
        [],
    )
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((Period::of(row.period), Sector::from_code(&row.sector)?)))
        .collect())
}

/// Charged and paid in a month, in tiyn, by the totals that pictures and bills stand on.
#[derive(Debug, Clone, Copy, Default, FromQueryResult)]
pub struct Turnover {
    pub charged: i64,
    pub paid: i64,
    pub accounts: i64,
}

pub async fn turnover(db: &Db, period: NaiveDate, sector: Sector) -> Result<Turnover> {
    let row = sql::one(
        db,
        "SELECT coalesce(sum(amount) FILTER (WHERE kind = 'charge'), 0)::bigint AS charged,
                coalesce(-sum(amount) FILTER (WHERE kind = 'payment'), 0)::bigint AS paid,
                -- Who was active in a closed month is what its report says: registers go on changing.
                coalesce((
                    SELECT (x.kept ->> 'accounts')::bigint
                    FROM ledger.close_figures f
                    JOIN ledger.period p ON p.period = f.period AND p.sector = f.sector AND p.status = 'closed'
                    CROSS JOIN LATERAL jsonb_array_elements(f.figures) AS x (kept)
                    WHERE f.period = $1 AND f.sector = $2 AND f.report = 'accounts' AND x.kept ->> 'what' = 'active'
                    ORDER BY f.version DESC LIMIT 1
                ), (SELECT count(*) FROM ledger.active_accounts($1::date, $2))) AS accounts
         FROM ledger.account_total WHERE period = $1 AND sector = $2",
        [period.into(), sector.code().into()],
    )
    .await?;
    Ok(row.unwrap_or_default())
}
