//! Corrections of what was billed: batches, their accounts, the pairs of lines and what the corrected months hand on.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::billing::{Carried, ChargeLine, CorrectionOutcome, CorrectionState, Inputs, Side};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value as Json, json};

use super::bill::LineRow;
use super::line;
use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Broken, Db, Page, Result, ScopeArgs, Slice, Tx, sql};

/// A batch. Sums are in tiyn, `owed_less` as a positive one.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Correction {
    pub id: i64,
    pub state: String,
    pub document_id: i64,
    pub reason: String,
    pub from_period: NaiveDate,
    pub to_period: NaiveDate,
    pub stages: i32,
    pub stages_done: i32,
    pub stage_period: Option<NaiveDate>,
    pub known_at: DateTime<Utc>,
    pub accounts: i64,
    pub accounts_done: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub skipped: i64,
    pub bills: i64,
    pub invoices: i64,
    pub entries: i64,
    pub owed_more: i64,
    pub owed_less: i64,
    pub net: i64,
    pub vat: i64,
    pub gross: i64,
    pub hash: Option<String>,
    pub staff: i64,
    pub second: Vec<String>,
    pub job_id: Option<i64>,
    pub error: Option<String>,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub previewed_at: Option<DateTime<Utc>>,
    pub asked_by: Option<String>,
    pub confirmed_by: Option<String>,
    pub posted_at: Option<DateTime<Utc>>,
    pub reversed_by: Option<String>,
    pub reversed_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, state, document_id, reason, from_period, to_period, stages, stages_done, stage_period, \
     known_at, accounts, accounts_done, changed, unchanged, skipped, bills, invoices, entries, owed_more, owed_less, net, vat, gross, \
     hash, staff, second, job_id, error, created_by, created_at, previewed_at, asked_by, confirmed_by, posted_at, reversed_by, \
     reversed_at";

impl Correction {
    pub fn correction_id(&self) -> CorrectionId {
        CorrectionId(self.id)
    }

    pub fn state(&self) -> CorrectionState {
        CorrectionState::from_code(&self.state).unwrap_or(CorrectionState::Stale)
    }

    /// The months that it looks at, first and last.
    pub fn months(&self) -> (Period, Period) {
        (Period::of(self.from_period), Period::of(self.to_period))
    }
}

pub async fn find(db: &impl ConnectionTrait, id: CorrectionId) -> Result<Option<Correction>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM billing.correction WHERE id = $1"), [id.0.into()]).await
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Correction>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM billing.correction WHERE id = ANY ($1)"), [ids.into()]).await
}

/// Locks the batch until the end of the transaction.
pub async fn lock(tx: &Tx, id: CorrectionId) -> Result<Option<Correction>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM billing.correction WHERE id = $1 FOR UPDATE"), [id.0.into()])
        .await
}

/// The condition that a reader reaches every account of the batch `c`: sums of a part would be nobody's.
const REACHED: &str = "($1::text[] IS NULL AND $2::bigint[] IS NULL AND $3::bigint[] IS NULL OR NOT EXISTS (
    SELECT FROM billing.correction_account ca JOIN subscribers.account a ON a.id = ca.account_id
    WHERE ca.correction_id = c.id AND NOT (($1::text[] IS NULL OR a.sector = ANY ($1))
      AND ($2::bigint[] IS NULL OR a.district_id = ANY ($2)) AND ($3::bigint[] IS NULL OR a.id = ANY ($3)))))";

/// A batch whose accounts the reader all reaches.
pub async fn visible_to(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: CorrectionId,
) -> Result<Option<Correction>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!("SELECT {COLUMNS} FROM billing.correction c WHERE {REACHED} AND c.id = $4"),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// Newest first.
pub async fn list(
    db: &Db,
    scope: &Scope,
    state: Option<CorrectionState>,
    page: Page,
) -> Result<Slice<Correction>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM billing.correction c
             WHERE ($4::text IS NULL OR state = $4) AND ($5::bigint IS NULL OR id < $5) AND {REACHED}
             ORDER BY id DESC LIMIT $6"
        ),
        [
            sectors,
            districts,
            accounts,
            state.map(|s| s.code().to_owned()).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// What a new batch is about.
#[derive(Debug, Clone)]
pub struct NewCorrection {
    pub document: DocumentId,
    pub reason: String,
    pub from: Period,
    pub to: Period,
    pub stages: u32,
    pub known_at: DateTime<Utc>,
}

pub async fn create(tx: &Tx, new: &NewCorrection) -> Result<CorrectionId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO billing.correction (state, document_id, reason, from_period, to_period, stages, known_at, created_by)
         VALUES ('reckoning', $1, $2, $3, $4, $5, $6, $7) RETURNING id",
        [
            new.document.0.into(),
            new.reason.clone().into(),
            new.from.first_day().into(),
            new.to.first_day().into(),
            (new.stages as i32).into(),
            new.known_at.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    id.map(CorrectionId).ok_or(Broken::RecordNotInserted)
}

/// Which accounts a batch takes in: the named ones, or all of a part of the city.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    pub accounts: Vec<i64>,
    /// Numbers, present or of an older system.
    pub numbers: Vec<String>,
    pub part: Option<Part>,
}

/// A part of the city.
#[derive(Debug, Clone)]
pub struct Part {
    pub sector: Option<String>,
    pub district: Option<i64>,
    pub building: Option<i64>,
}

/// Puts the accounts of the caller's scope into the batch; how many.
pub async fn take_in(tx: &Tx, id: CorrectionId, selection: Selection, today: NaiveDate) -> Result<u64> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    let part = selection.part.as_ref();
    let added = sql::run(
        tx,
        &format!(
            "INSERT INTO billing.correction_account (correction_id, account_id, sector, district_id, staff)
             SELECT $4, a.id, a.sector, a.district_id, coalesce(bool_or(p.is_staff), false)
             FROM subscribers.account a
             LEFT JOIN subscribers.holder h ON h.account_id = a.id AND upper_inf(h.recorded) AND h.valid @> $11::date
             LEFT JOIN subscribers.party p ON p.id = h.party_id
             WHERE {} AND (a.id = ANY ($5) OR a.number = ANY ($6)
                OR a.id IN (SELECT o.account_id FROM subscribers.old_number o WHERE o.number = ANY ($6))
                OR ($7 AND ($8::text IS NULL OR a.sector = $8) AND ($9::bigint IS NULL OR a.district_id = $9)
                    AND ($10::bigint IS NULL OR a.building_id = $10)))
             GROUP BY a.id",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            id.0.into(),
            selection.accounts.into(),
            selection.numbers.into(),
            part.is_some().into(),
            part.and_then(|p| p.sector.clone()).into(),
            part.and_then(|p| p.district).into(),
            part.and_then(|p| p.building).into(),
            today.into(),
        ],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE billing.correction SET accounts = $2 WHERE id = $1",
        [id.0.into(), (added as i64).into()],
    )
    .await?;
    Ok(added)
}

/// Of the numbers, those that no account of the caller's scope has, the first few.
pub async fn unknown_numbers(tx: &Tx, numbers: Vec<String>) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        number: String,
    }
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    let rows: Vec<Row> = sql::all(
        tx,
        &format!(
            "SELECT n.number FROM unnest($4::text[]) AS n (number)
             WHERE NOT EXISTS (SELECT FROM subscribers.account a WHERE {} AND (a.number = n.number
                 OR a.id = (SELECT o.account_id FROM subscribers.old_number o WHERE o.number = n.number)))
             ORDER BY 1 LIMIT 5",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, numbers.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.number).collect())
}

pub async fn set_job(tx: &Tx, id: CorrectionId, job: JobId) -> Result<u64> {
    sql::run(tx, "UPDATE billing.correction SET job_id = $2 WHERE id = $1", [id.0.into(), job.0.into()]).await
}

/// Moves the batch on; `false` when it is not in one of the states `from` any more.
pub async fn move_on(
    tx: &Tx,
    id: CorrectionId,
    from: &[CorrectionState],
    to: CorrectionState,
) -> Result<bool> {
    let from: Vec<String> = from.iter().map(|state| state.code().to_owned()).collect();
    let moved = sql::run(
        tx,
        "UPDATE billing.correction SET state = $3, error = NULL WHERE id = $1 AND state = ANY ($2)",
        [id.0.into(), from.into(), to.code().into()],
    )
    .await?;
    Ok(moved == 1)
}

/// Who sent it to be posted, on which business day; with the reasons for a second person, who then decides.
pub async fn asked(tx: &Tx, id: CorrectionId, today: NaiveDate, second: &[&str]) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.correction SET asked_by = $2, asked_on = $3, second = $4 WHERE id = $1",
        [
            id.0.into(),
            tx.actor().label.clone().into(),
            today.into(),
            second.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

pub async fn confirmed(tx: &Tx, id: CorrectionId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.correction SET confirmed_by = $2 WHERE id = $1",
        [id.0.into(), tx.actor().label.clone().into()],
    )
    .await
}

/// A sector of the batch whose run is at work or waits to be issued.
pub async fn run_not_issued(tx: &Tx, id: CorrectionId) -> Result<Option<NaiveDate>> {
    sql::scalar(
        tx,
        "SELECT r.period FROM billing.run r WHERE r.state IN ('snapshot', 'running', 'posted')
           AND r.sector IN (SELECT sector FROM billing.correction_account WHERE correction_id = $1) LIMIT 1",
        [id.0.into()],
    )
    .await
}

/// Whether a batch with accounts of the sector is being posted or taken back.
pub async fn at_work(db: &impl ConnectionTrait, sector: Sector) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM billing.correction c JOIN billing.correction_account a ON a.correction_id = c.id
             WHERE c.state IN ('posting', 'reversing') AND a.sector = $1)",
        [sector.code().into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// A later batch whose accounts and months overlap with this one, and which is in the books.
pub async fn corrected_again(tx: &Tx, id: CorrectionId) -> Result<Option<i64>> {
    sql::scalar(
        tx,
        "WITH touched AS (
             SELECT correction_id, account_id, period FROM billing.correction_month
             UNION SELECT correction_id, account_id, period FROM billing.correction_chain)
         SELECT l.correction_id FROM touched m
         JOIN touched l ON l.account_id = m.account_id AND l.period = m.period AND l.correction_id > m.correction_id
         JOIN billing.correction_account a ON a.correction_id = l.correction_id AND a.account_id = l.account_id
         WHERE m.correction_id = $1 AND a.outcome = 'posted' LIMIT 1",
        [id.0.into()],
    )
    .await
}

/// A month after those of the batch that was run since it was posted: it stands on the corrected ones.
pub async fn run_since(tx: &Tx, id: CorrectionId) -> Result<Option<NaiveDate>> {
    sql::scalar(
        tx,
        "SELECT r.period FROM billing.run r, billing.correction c
         WHERE c.id = $1 AND r.state NOT IN ('reversed', 'failed') AND r.started_at > c.posted_at
           AND r.sector IN (SELECT sector FROM billing.correction_account WHERE correction_id = c.id AND outcome = 'posted')
           AND EXISTS (SELECT FROM billing.correction_chain h WHERE h.correction_id = c.id
                       AND h.account_id = coalesce(r.account_id, h.account_id)
                       AND (NOT r.late OR EXISTS (
                           SELECT FROM billing.bill b
                           WHERE b.run_id = r.id AND b.period = r.period AND b.account_id = h.account_id))
                       AND h.period = (r.period - interval '1 month')::date)
         LIMIT 1",
        [id.0.into()],
    )
    .await
}

/// An account of a batch as the work takes it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Member {
    pub account_id: i64,
    pub sector: String,
    pub stage: i32,
    pub gross: i64,
}

impl Member {
    pub fn sector(&self) -> Sector {
        Sector::from_code(&self.sector).unwrap_or(Sector::Multi)
    }
}

/// The next accounts of the batch after an id.
pub async fn members(
    db: &impl ConnectionTrait,
    id: CorrectionId,
    outcome: Option<CorrectionOutcome>,
    after: i64,
    limit: i64,
) -> Result<Vec<Member>> {
    sql::all(
        db,
        "SELECT account_id, sector, stage, gross FROM billing.correction_account
         WHERE correction_id = $1 AND ($2::text IS NULL OR outcome = $2) AND account_id > $3 ORDER BY account_id LIMIT $4",
        [id.0.into(), outcome.map(|o| o.code().to_owned()).into(), after.into(), limit.into()],
    )
    .await
}

/// The same under a lock, of those whose sums are not in the books up to a part. `after` only spares looking at what is done.
pub async fn lock_unposted(
    tx: &Tx,
    id: CorrectionId,
    stage: u32,
    after: i64,
    limit: i64,
) -> Result<Vec<Member>> {
    sql::all(
        tx,
        "SELECT account_id, sector, stage, gross FROM billing.correction_account
         WHERE correction_id = $1 AND outcome IN ('changed', 'posted') AND stage < $2 AND account_id > $3
         ORDER BY account_id LIMIT $4 FOR UPDATE",
        [id.0.into(), (stage as i32).into(), after.into(), limit.into()],
    )
    .await
}

pub async fn lock_posted(tx: &Tx, id: CorrectionId, after: i64, limit: i64) -> Result<Vec<Member>> {
    sql::all(
        tx,
        "SELECT account_id, sector, stage, gross FROM billing.correction_account
         WHERE correction_id = $1 AND outcome = 'posted' AND account_id > $2 ORDER BY account_id LIMIT $3 FOR UPDATE",
        [id.0.into(), after.into(), limit.into()],
    )
    .await
}

/// What the reckoning found of an account.
#[derive(Debug, Clone)]
pub struct Found {
    pub account: AccountId,
    pub outcome: CorrectionOutcome,
    pub skip: Option<String>,
    pub detail: Option<String>,
    pub bills: i32,
    pub before: Money,
    pub after: Money,
    pub net: Money,
    pub vat: Money,
    pub entries: i32,
    pub causes: Vec<String>,
    pub hash: u128,
}

/// Rows of a step of the reckoning on their way in.
#[derive(Default)]
pub struct Step {
    lines: Rows,
    months: Vec<(i64, NaiveDate, Json, String, i64, i64)>,
    chain: Vec<(i64, NaiveDate, i64, Json)>,
    found: Vec<Found>,
}

impl Step {
    pub fn account(&mut self, found: Found) {
        self.found.push(found);
    }

    pub fn month(&mut self, inputs: &Inputs, causes: &[String], before: Money, after: Money) -> Result<()> {
        let proof = serde_json::to_value(inputs).map_err(|e| Broken::Json(e.to_string()))?;
        self.months.push((
            inputs.account.0,
            inputs.period.first_day(),
            proof,
            causes.join(","),
            before.tiyn(),
            after.tiyn(),
        ));
        Ok(())
    }

    /// What the month hands on now.
    pub fn chain(&mut self, account: AccountId, period: Period, run: RunId, point: PointId, now: &Carried) {
        let history: Vec<i64> = now.history.iter().map(|(_, volume)| volume.liters()).collect();
        let months: Vec<NaiveDate> = now.history.iter().map(|(period, _)| period.first_day()).collect();
        let row = json!({
            "period": period.first_day(), "account_id": account, "point_id": point, "run_id": run,
            "liters": now.volume.liters(), "basis": now.basis.code(), "meter_id": now.meter,
            "reading_id": now.reading.map(|r| r.id), "reading_day": now.reading.map(|r| r.day),
            "reading_liters": now.reading.map(|r| r.value.liters()),
            "months_without_reading": now.months_without_reading, "provisional": now.provisional.liters(),
            "history": history, "history_period": months,
        });
        self.chain.push((account.0, period.first_day(), point.0, row));
    }

    pub fn line(
        &mut self,
        id: CorrectionId,
        (account, period, number): (AccountId, Period, usize),
        side: Side,
        charged: &ChargeLine,
    ) -> Result<()> {
        let row = self
            .lines
            .row(5 + line::FIELDS)
            .i64(id.0)
            .i64(account.0)
            .date(period.first_day())
            .i32(number as i32)
            .text(side.code());
        line::put(row, charged)
    }

    /// Everything of the step in the caller's transaction; how many accounts are reckoned by now.
    pub async fn write(self, tx: &mut Tx, id: CorrectionId) -> Result<i64> {
        if !self.lines.is_empty() {
            let columns = line::COLUMNS;
            copy_in(
                tx.pg(),
                &format!(
                    "COPY billing.correction_line (correction_id, account_id, period, line, side, {columns})
                     FROM STDIN WITH (FORMAT binary)"
                ),
                self.lines,
            )
            .await?;
        }
        let months: Vec<Json> = self
            .months
            .into_iter()
            .map(|(account, period, inputs, causes, before, after)| {
                json!({ "account_id": account, "period": period, "inputs": inputs, "causes": causes, "before": before, "after": after })
            })
            .collect();
        sql::run(
            tx,
            "INSERT INTO billing.correction_month (correction_id, account_id, period, inputs, causes, before, after)
             SELECT $1, m.account_id, m.period, m.inputs, string_to_array(m.causes, ','), m.before, m.after
             FROM jsonb_to_recordset($2::jsonb)
                 AS m (account_id bigint, period date, inputs jsonb, causes text, before bigint, after bigint)",
            [id.0.into(), Json::Array(months).into()],
        )
        .await?;
        let chain: Vec<Json> = self
            .chain
            .into_iter()
            .map(|(account, period, point, row)| {
                json!({ "account_id": account, "period": period, "point_id": point, "after": row })
            })
            .collect();
        sql::run(
            tx,
            "INSERT INTO billing.correction_chain (correction_id, account_id, period, point_id, after)
             SELECT $1, m.account_id, m.period, m.point_id, m.after
             FROM jsonb_to_recordset($2::jsonb) AS m (account_id bigint, period date, point_id bigint, after jsonb)",
            [id.0.into(), Json::Array(chain).into()],
        )
        .await?;
        let reckoned = self.found.len() as i64;
        let found: Vec<Json> = self
            .found
            .into_iter()
            .map(|f| {
                json!({ "account_id": f.account, "outcome": f.outcome.code(), "skip": f.skip, "detail": f.detail, "bills": f.bills,
                    "before": f.before.tiyn(), "after": f.after.tiyn(), "net": f.net.tiyn(), "vat": f.vat.tiyn(),
                    "entries": f.entries, "causes": f.causes.join(","), "hash": format!("{:032x}", f.hash) })
            })
            .collect();
        sql::run(
            tx,
            "UPDATE billing.correction_account a SET outcome = f.outcome, skip = f.skip, detail = f.detail, bills = f.bills,
                 before = f.before, after = f.after, net = f.net, vat = f.vat, gross = f.net + f.vat, entries = f.entries,
                 causes = string_to_array(f.causes, ','), hash = f.hash
             FROM jsonb_to_recordset($2::jsonb) AS f (account_id bigint, outcome text, skip text, detail text, bills int, before bigint,
                 after bigint, net bigint, vat bigint, entries int, causes text, hash text)
             WHERE a.correction_id = $1 AND a.account_id = f.account_id",
            [id.0.into(), Json::Array(found).into()],
        )
        .await?;
        let done: Option<i64> = sql::scalar(
            tx,
            "UPDATE billing.correction SET accounts_done = accounts_done + $2 WHERE id = $1 RETURNING accounts_done",
            [id.0.into(), reckoned.into()],
        )
        .await?;
        Ok(done.unwrap_or_default())
    }
}

#[derive(Debug, FromQueryResult)]
struct Hash {
    hash: Option<String>,
}

/// Adds the accounts up: the preview is done.
pub async fn finish_preview(tx: &Tx, id: CorrectionId) -> Result<Correction> {
    let hashes: Vec<Hash> = sql::all(
        tx,
        "SELECT hash FROM billing.correction_account WHERE correction_id = $1 AND outcome = 'changed'",
        [id.0.into()],
    )
    .await?;
    let hash = hashes
        .iter()
        .filter_map(|row| u128::from_str_radix(row.hash.as_deref()?, 16).ok())
        .fold(0_u128, u128::wrapping_add);
    let done = sql::one(
        tx,
        &format!(
            "UPDATE billing.correction c SET state = 'previewed', previewed_at = clock_timestamp(), hash = $2, error = NULL,
                 changed = s.changed, unchanged = s.unchanged, skipped = s.skipped, bills = s.bills, invoices = s.invoices,
                 entries = s.entries, owed_more = s.owed_more, owed_less = s.owed_less, net = s.net, vat = s.vat,
                 gross = s.net + s.vat, staff = s.staff
             FROM (SELECT count(*) FILTER (WHERE outcome = 'changed') AS changed,
                          count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,
                          count(*) FILTER (WHERE outcome = 'skipped') AS skipped,
                          coalesce(sum(bills), 0)::bigint AS bills,
                          coalesce(sum(bills) FILTER (WHERE sector = 'legal'), 0)::bigint AS invoices,
                          coalesce(sum(entries), 0)::bigint AS entries,
                          coalesce(sum(gross) FILTER (WHERE gross > 0), 0)::bigint AS owed_more,
                          coalesce(-sum(gross) FILTER (WHERE gross < 0), 0)::bigint AS owed_less,
                          coalesce(sum(net), 0)::bigint AS net, coalesce(sum(vat), 0)::bigint AS vat,
                          count(*) FILTER (WHERE staff AND outcome = 'changed') AS staff
                   FROM billing.correction_account WHERE correction_id = $1) s
             WHERE c.id = $1 AND c.state = 'reckoning' RETURNING {}",
            COLUMNS.split(", ").map(|c| format!("c.{}", c.trim())).collect::<Vec<_>>().join(", ")
        ),
        [id.0.into(), format!("{hash:032x}").into()],
    )
    .await?;
    done.ok_or(Broken::RecordNotUpdated)
}

/// What is posted for an account: a service, component and month at one rate of VAT.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Posting {
    pub account_id: i64,
    pub period: NaiveDate,
    pub service: String,
    pub component: String,
    pub net: i64,
    pub vat: i64,
}

pub async fn postings(tx: &Tx, id: CorrectionId, accounts: Vec<i64>) -> Result<Vec<Posting>> {
    sql::all(
        tx,
        "SELECT account_id, period, service, component,
                sum(CASE side WHEN 'plus' THEN net ELSE -net END)::bigint AS net,
                sum(CASE side WHEN 'plus' THEN vat ELSE -vat END)::bigint AS vat
         FROM billing.correction_line WHERE correction_id = $1 AND account_id = ANY ($2)
         GROUP BY account_id, period, service, component, vat_rate
         HAVING sum(CASE side WHEN 'plus' THEN net ELSE -net END) <> 0 OR sum(CASE side WHEN 'plus' THEN vat ELSE -vat END) <> 0
         ORDER BY account_id, period, service, component, vat_rate",
        [id.0.into(), accounts.into()],
    )
    .await
}

/// The accounts stand in the books up to a part of their sums.
pub async fn mark_posted(tx: &Tx, id: CorrectionId, accounts: Vec<i64>, stage: u32) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.correction_account SET outcome = 'posted', stage = $3 WHERE correction_id = $1 AND account_id = ANY ($2)",
        [id.0.into(), accounts.into(), (stage as i32).into()],
    )
    .await
}

/// The chain of months goes on from what was corrected; what it said before is kept.
pub async fn move_chain(tx: &Tx, id: CorrectionId, accounts: Vec<i64>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE billing.correction_chain c SET before = to_jsonb(m) FROM consumption.month m
         WHERE c.correction_id = $1 AND c.account_id = ANY ($2)
           AND m.account_id = c.account_id AND m.period = c.period AND m.point_id = c.point_id",
        [id.0.into(), accounts.clone().into()],
    )
    .await?;
    put_chain(tx, id, accounts.clone(), "after").await?;
    moved(tx, id, accounts).await
}

/// The chain of months says again what it said before the batch.
pub async fn move_chain_back(tx: &Tx, id: CorrectionId, accounts: Vec<i64>) -> Result<()> {
    put_chain(tx, id, accounts.clone(), "before").await?;
    sql::run(
        tx,
        "DELETE FROM consumption.month m USING billing.correction_chain c
         WHERE c.correction_id = $1 AND c.account_id = ANY ($2) AND c.before IS NULL
           AND m.account_id = c.account_id AND m.period = c.period AND m.point_id = c.point_id",
        [id.0.into(), accounts.clone().into()],
    )
    .await?;
    moved(tx, id, accounts).await
}

async fn moved(tx: &Tx, id: CorrectionId, accounts: Vec<i64>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE billing.correction_account SET moved_at = clock_timestamp() WHERE correction_id = $1 AND account_id = ANY ($2)",
        [id.0.into(), accounts.into()],
    )
    .await
    .map(drop)
}

async fn put_chain(tx: &Tx, id: CorrectionId, accounts: Vec<i64>, column: &str) -> Result<()> {
    sql::run(
        tx,
        &format!(
            "INSERT INTO consumption.month
             SELECT n.* FROM billing.correction_chain c
             CROSS JOIN LATERAL jsonb_populate_record(NULL::consumption.month, c.{column}) n
             WHERE c.correction_id = $1 AND c.account_id = ANY ($2) AND c.{column} IS NOT NULL
             ON CONFLICT (account_id, period, point_id) DO UPDATE SET
                 liters = excluded.liters, basis = excluded.basis, meter_id = excluded.meter_id, reading_id = excluded.reading_id,
                 reading_day = excluded.reading_day, reading_liters = excluded.reading_liters,
                 months_without_reading = excluded.months_without_reading, provisional = excluded.provisional,
                 history = excluded.history, history_period = excluded.history_period"
        ),
        [id.0.into(), accounts.into()],
    )
    .await
    .map(drop)
}

pub async fn mark_reversed(tx: &Tx, id: CorrectionId, accounts: Vec<i64>) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.correction_account SET outcome = 'reversed' WHERE correction_id = $1 AND account_id = ANY ($2)",
        [id.0.into(), accounts.into()],
    )
    .await
}

/// How many accounts are at an outcome and, of those posted, at a part at least.
pub async fn count(
    db: &impl ConnectionTrait,
    id: CorrectionId,
    outcome: CorrectionOutcome,
    stage: u32,
) -> Result<i64> {
    let count = sql::scalar(
        db,
        "SELECT count(*) FROM billing.correction_account WHERE correction_id = $1 AND outcome = $2 AND stage >= $3",
        [id.0.into(), outcome.code().into(), (stage as i32).into()],
    )
    .await?;
    Ok(count.unwrap_or_default())
}

/// All accounts stand in the books up to a part.
pub async fn finish_posting(tx: &Tx, id: CorrectionId, stage: u32, period: Period) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.correction SET state = 'posted', posted_at = coalesce(posted_at, clock_timestamp()), stages_done = $2,
             stage_period = $3, error = NULL WHERE id = $1 AND state = 'posting'",
        [id.0.into(), (stage as i32).into(), period.first_day().into()],
    )
    .await
}

pub async fn begin_reversal(tx: &Tx, id: CorrectionId, document: Option<DocumentId>) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.correction SET reversed_by = $2, reversal_document_id = $3 WHERE id = $1",
        [id.0.into(), tx.actor().label.clone().into(), document.map(|d| d.0).into()],
    )
    .await
}

pub async fn finish_reversal(tx: &Tx, id: CorrectionId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE billing.correction SET state = 'reversed', reversed_at = clock_timestamp(), error = NULL
         WHERE id = $1 AND state = 'reversing'",
        [id.0.into()],
    )
    .await
}

/// Why the work stands still.
pub async fn show_error(db: &impl ConnectionTrait, id: CorrectionId, error: &str) -> Result<u64> {
    sql::run(db, "UPDATE billing.correction SET error = $2 WHERE id = $1", [id.0.into(), error.into()]).await
}

/// A sum of a batch by district or sector.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Total {
    pub district_id: i64,
    pub sector: String,
    pub accounts: i64,
    pub bills: i64,
    pub owed_more: i64,
    pub owed_less: i64,
}

/// What changes by district and sector.
pub async fn totals(db: &Db, id: CorrectionId) -> Result<Vec<Total>> {
    sql::all(
        db,
        "SELECT district_id, sector, count(*) AS accounts, sum(bills)::bigint AS bills,
                coalesce(sum(gross) FILTER (WHERE gross > 0), 0)::bigint AS owed_more,
                coalesce(-sum(gross) FILTER (WHERE gross < 0), 0)::bigint AS owed_less
         FROM billing.correction_account WHERE correction_id = $1 AND outcome IN ('changed', 'posted', 'reversed')
         GROUP BY district_id, sector ORDER BY district_id, sector",
        [id.0.into()],
    )
    .await
}

/// An account of a batch as people look at it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AccountRow {
    pub correction_id: i64,
    pub account_id: i64,
    pub outcome: String,
    pub skip: Option<String>,
    pub detail: Option<String>,
    pub staff: bool,
    pub bills: i32,
    pub before: i64,
    pub after: i64,
    pub gross: i64,
    pub causes: Vec<String>,
}

const ACCOUNT: &str =
    "correction_id, account_id, outcome, skip, detail, staff, bills, before, after, gross, causes";

/// The accounts of a batch, the largest change first; the key is (size of the change, account).
pub async fn accounts(
    db: &Db,
    id: CorrectionId,
    outcome: Option<CorrectionOutcome>,
    page: Page<(i64, i64)>,
) -> Result<Slice<AccountRow>> {
    let (size, account) = page.after.unzip();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {ACCOUNT} FROM billing.correction_account
             WHERE correction_id = $1 AND ($2::text IS NULL OR outcome = $2)
               AND ($3::bigint IS NULL OR (-abs(gross), account_id) > (-$3, $4))
             ORDER BY -abs(gross), account_id LIMIT $5"
        ),
        [
            id.0.into(),
            outcome.map(|o| o.code().to_owned()).into(),
            size.into(),
            account.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// What was done to one account, newest first: batches that are or were in the books.
pub async fn of_account(db: &Db, account: AccountId, page: Page) -> Result<Slice<(Correction, AccountRow)>> {
    let rows: Vec<AccountRow> = sql::all(
        db,
        &format!(
            "SELECT {ACCOUNT} FROM billing.correction_account
             WHERE account_id = $1 AND outcome IN ('posted', 'reversed') AND ($2::bigint IS NULL OR correction_id < $2)
             ORDER BY correction_id DESC LIMIT $3"
        ),
        [account.0.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    let batches = by_ids(db, rows.iter().map(|row| row.correction_id).collect()).await?;
    let mut batches: HashMap<i64, Correction> = batches.into_iter().map(|row| (row.id, row)).collect();
    let both = rows.into_iter().filter_map(|row| Some((batches.remove(&row.correction_id)?, row)));
    Ok(Slice::of(both.collect(), page.first))
}

const LINE: &str = "l.account_id, l.correction_id AS run_id, l.period, l.line, l.point_id, l.service, l.component, l.basis, l.from_day, \
     l.to_day, l.liters, l.price, l.coefficient, l.vat_rate, l.tariff_id, l.vat_id, l.band_id, l.norm_id, l.residency_id, \
     l.residents, l.meter_id, l.reading_prev, l.reading_last, l.net, l.vat, l.gross, l.special_id, l.building_id, l.limit_id";

/// The lines of one side of accounts in batches; one statement for any number of them.
pub async fn lines(
    db: &impl ConnectionTrait,
    keys: &[(CorrectionId, AccountId)],
    side: Side,
) -> Result<Vec<LineRow>> {
    sql::all(
        db,
        &format!(
            "SELECT {LINE} FROM unnest($1::bigint[], $2::bigint[]) AS k (correction_id, account_id)
             JOIN billing.correction_line l ON l.correction_id = k.correction_id AND l.account_id = k.account_id
             WHERE l.side = $3 ORDER BY l.correction_id, l.account_id, l.period, l.line"
        ),
        [
            keys.iter().map(|key| key.0.0).collect::<Vec<_>>().into(),
            keys.iter().map(|key| key.1.0).collect::<Vec<_>>().into(),
            side.code().into(),
        ],
    )
    .await
}

/// A month that a batch changes for an account, with what it was reckoned from.
#[derive(Debug, Clone)]
pub struct KeptMonth {
    pub inputs: Inputs,
    /// What all lines of the month came to, and what they come to now.
    pub before: Money,
    pub after: Money,
}

pub async fn month(
    db: &impl ConnectionTrait,
    id: CorrectionId,
    account: AccountId,
    period: Period,
) -> Result<Option<KeptMonth>> {
    #[derive(FromQueryResult)]
    struct Row {
        inputs: Json,
        before: i64,
        after: i64,
    }
    let row: Option<Row> = sql::one(
        db,
        "SELECT inputs, before, after FROM billing.correction_month
         WHERE correction_id = $1 AND account_id = $2 AND period = $3",
        [id.0.into(), account.0.into(), period.first_day().into()],
    )
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(KeptMonth {
        inputs: serde_json::from_value(row.inputs).map_err(|e| Broken::Json(e.to_string()))?,
        before: Money::from_tiyn(row.before),
        after: Money::from_tiyn(row.after),
    }))
}

/// The lines of one side by which months of accounts were corrected before: in the books, not taken back.
pub async fn standing(
    db: &impl ConnectionTrait,
    accounts: &[i64],
    from: Period,
    to: Period,
    side: Side,
    as_of: Option<DateTime<Utc>>,
) -> Result<Vec<LineRow>> {
    sql::all(
        db,
        &format!(
            "SELECT {LINE} FROM billing.correction_line l
             JOIN billing.correction_account a ON a.correction_id = l.correction_id AND a.account_id = l.account_id
             JOIN billing.correction c ON c.id = l.correction_id
             WHERE l.account_id = ANY ($1) AND l.period BETWEEN $2 AND $3 AND l.side = $4
               AND CASE WHEN $5::timestamptz IS NULL THEN a.outcome = 'posted'
                        ELSE a.outcome IN ('posted', 'reversed') AND c.posted_at <= $5
                             AND (c.reversed_at IS NULL OR c.reversed_at > $5) END
             ORDER BY l.account_id, l.period, l.correction_id, l.line"
        ),
        [
            accounts.to_vec().into(),
            from.first_day().into(),
            to.first_day().into(),
            side.code().into(),
            as_of.into(),
        ],
    )
    .await
}

/// What a correction, or a paid service, did to a bill of the month that it was posted in, before the bill was made.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OnBill {
    pub account_id: i64,
    pub period: NaiveDate,
    pub run_id: i64,
    pub id: i64,
    pub document_id: i64,
    pub reason: String,
    pub from_period: NaiveDate,
    pub to_period: NaiveDate,
    pub gross: i64,
}

/// Corrections on bills, each bill named by its account, month and run; one statement for any number of bills.
pub async fn on_bills(
    db: &impl ConnectionTrait,
    bills: &[(AccountId, Period, RunId)],
) -> Result<Vec<OnBill>> {
    sql::all(
        db,
        "SELECT b.account_id, b.period, b.run_id, c.id, c.document_id, c.reason, c.from_period, c.to_period, e.gross
         FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS b (account_id, period, run_id)
         JOIN billing.run r ON r.id = b.run_id
         CROSS JOIN LATERAL (
             SELECT e.source_id, sum(CASE WHEN e.debit = 'receivable' THEN e.amount ELSE -e.amount END)::bigint AS gross
             FROM ledger.entry e
             WHERE e.account_id = b.account_id AND e.period = b.period AND e.source = 'correction'
               AND 'receivable' IN (e.debit, e.credit) AND 'advance' NOT IN (e.debit, e.credit)
             GROUP BY e.source_id) e
         JOIN billing.correction c ON c.id = e.source_id AND c.posted_at < r.posted_at
         WHERE e.gross <> 0
         UNION ALL
         SELECT b.account_id, b.period, b.run_id, o.id, w.document_id, p.title_kk || ' / ' || p.title_ru,
                date_trunc('month', o.performed_on)::date, date_trunc('month', o.performed_on)::date, w.sign * o.gross
         FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS b (account_id, period, run_id)
         JOIN billing.run r ON r.id = b.run_id
         JOIN billing.one_off o ON o.account_id = b.account_id AND b.period IN (o.period, o.reversed_in)
         JOIN billing.paid_service p ON p.id = o.paid_service_id
         CROSS JOIN LATERAL (VALUES
             (1, o.period, o.recorded_at, o.document_id), (-1, o.reversed_in, o.reversed_at, o.reversal_document_id)
         ) AS w (sign, period, at, document_id)
         WHERE w.period = b.period AND w.at < r.posted_at
         ORDER BY 1, 2, 4",
        [
            bills.iter().map(|b| b.0.0).collect::<Vec<_>>().into(),
            bills.iter().map(|b| b.1.first_day()).collect::<Vec<_>>().into(),
            bills.iter().map(|b| b.2.0).collect::<Vec<_>>().into(),
        ],
    )
    .await
}
