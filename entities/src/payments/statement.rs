//! Bank statements and what their lines are.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::payments::{LineState, Neighbours, RowDecision, StatementFormat, StatementState};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Broken, Page, Result, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Statement {
    pub id: i64,
    pub account: String,
    pub from_day: NaiveDate,
    pub to_day: NaiveDate,
    pub opening: i64,
    pub closing: i64,
    pub sum_in: i64,
    pub sum_out: i64,
    pub lines_total: i64,
    pub filename: String,
    pub state: StatementState,
    pub error: Option<String>,
    pub job_id: Option<i64>,
    pub uploaded_by: String,
    pub uploaded_at: DateTime<Utc>,
}

const COLUMNS: &str = "s.id, s.account, s.from_day, s.to_day, s.opening, s.closing, s.sum_in, s.sum_out, s.lines_total, s.filename, s.state, \
     s.error, s.job_id, s.uploaded_by, s.uploaded_at";

pub async fn find(db: &impl ConnectionTrait, id: StatementId) -> Result<Option<Statement>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM payments.statement s WHERE s.id = $1"), [id.0.into()]).await
}

pub async fn lock(tx: &Tx, id: StatementId) -> Result<Option<Statement>> {
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM payments.statement s WHERE s.id = $1 FOR UPDATE"),
        [id.0.into()],
    )
    .await
}

/// Newest first.
pub async fn list(db: &impl ConnectionTrait, page: Page) -> Result<Slice<Statement>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.statement s WHERE ($1::bigint IS NULL OR s.id < $1) ORDER BY s.id DESC LIMIT $2"
        ),
        [page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// The statements that a file made before.
pub async fn same(tx: &Tx, sha256: &[u8]) -> Result<Vec<StatementId>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        "SELECT id FROM payments.statement WHERE sha256 = $1 AND state <> 'failed' ORDER BY part",
        [sha256.to_vec().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| StatementId(row.id)).collect())
}

/// The statements of an account that one from a day to a day stands among.
pub async fn neighbours(
    db: &impl ConnectionTrait,
    account: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Neighbours> {
    #[derive(FromQueryResult)]
    struct Row {
        before: bool,
        after: bool,
        opening: i64,
        closing: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT s.to_day < $2 AS before, s.from_day > $3 AS after, s.opening, s.closing FROM payments.statement s
         WHERE s.account = $1 AND s.state <> 'failed' AND (
             s.to_day >= $2 AND s.from_day <= $3
             OR s.to_day = (SELECT max(b.to_day) FROM payments.statement b
                            WHERE b.account = $1 AND b.state <> 'failed' AND b.to_day < $2)
             OR s.from_day = (SELECT min(a.from_day) FROM payments.statement a
                              WHERE a.account = $1 AND a.state <> 'failed' AND a.from_day > $3))
         ORDER BY s.id",
        [account.into(), from.into(), to.into()],
    )
    .await?;
    let mut among = Neighbours::default();
    for row in rows {
        let (opening, closing) = (Money::from_tiyn(row.opening), Money::from_tiyn(row.closing));
        match (row.before, row.after) {
            (true, _) => among.before.push(closing),
            (_, true) => among.after.push(opening),
            (false, false) => among.beside.push((opening, closing)),
        }
    }
    Ok(among)
}

/// A statement to be kept.
#[derive(Debug, Clone)]
pub struct NewStatement {
    pub format: StatementFormat,
    pub account: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub opening: Money,
    pub closing: Money,
    pub came: Money,
    pub went: Money,
    pub lines: usize,
    pub filename: String,
    pub sha256: Vec<u8>,
    pub part: i32,
}

/// A line on its way in.
#[derive(Debug, Clone)]
pub struct NewLine {
    pub n: i32,
    pub key: String,
    pub day: NaiveDate,
    pub amount: Money,
    pub document: String,
    pub reference: String,
    pub payer: String,
    /// Identification numbers masked.
    pub purpose: String,
    pub purpose_code: Option<String>,
    /// Sealed: what is personal of it.
    pub details: Option<Vec<u8>>,
    pub subject: Option<Vec<u8>>,
    pub numbers: Vec<String>,
    pub named: Option<NaiveDate>,
    pub fee: Option<Money>,
}

pub async fn insert(tx: &Tx, new: &NewStatement) -> Result<StatementId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO payments.statement (account, from_day, to_day, opening, closing, sum_in, sum_out, lines_total, filename, sha256, part,
             format, state, uploaded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'matching', $13) RETURNING id",
        [
            new.account.clone().into(),
            new.from.into(),
            new.to.into(),
            new.opening.tiyn().into(),
            new.closing.tiyn().into(),
            new.came.tiyn().into(),
            new.went.tiyn().into(),
            (new.lines as i64).into(),
            new.filename.clone().into(),
            new.sha256.clone().into(),
            new.part.into(),
            new.format.code().into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    id.map(StatementId).ok_or(Broken::RecordNotInserted)
}

pub async fn put(tx: &mut Tx, id: StatementId, new: &[NewLine]) -> Result<()> {
    let mut rows = Rows::default();
    for line in new {
        rows.row(15)
            .i64(id.0)
            .i32(line.n)
            .text(&line.key)
            .date(line.day)
            .i64(line.amount.tiyn())
            .text(&line.document)
            .text(&line.reference)
            .text(&line.payer)
            .text(&line.purpose)
            .text_or_null(line.purpose_code.as_deref());
        for bytes in [&line.details, &line.subject] {
            match bytes {
                Some(bytes) => rows.bytes(bytes),
                None => rows.null(),
            };
        }
        rows.text_array(&line.numbers.iter().map(String::as_str).collect::<Vec<_>>())
            .date_or_null(line.named)
            .i64_or_null(line.fee.map(Money::tiyn));
    }
    copy_in(
        tx.pg(),
        "COPY payments.statement_line (statement_id, n, key, day, amount, document, reference, payer, purpose, purpose_code, details, \
         subject, numbers, named, fee) FROM STDIN WITH (FORMAT binary)",
        rows,
    )
    .await?;
    Ok(())
}

pub async fn set_job(tx: &Tx, id: StatementId, job: JobId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.statement SET state = 'matching', job_id = $2, error = NULL WHERE id = $1",
        [id.0.into(), job.0.into()],
    )
    .await
}

/// Work on its lines, which does not look at them anew.
pub async fn note_job(tx: &Tx, id: StatementId, job: JobId) -> Result<u64> {
    sql::run(tx, "UPDATE payments.statement SET job_id = $2 WHERE id = $1", [id.0.into(), job.0.into()]).await
}

pub async fn fail(tx: &Tx, id: StatementId, error: &str) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.statement SET state = 'failed', error = $2 WHERE id = $1",
        [id.0.into(), error.into()],
    )
    .await
}

/// Agents by their БИН.
pub async fn agents(db: &impl ConnectionTrait) -> Result<Vec<(i64, String)>> {
    #[derive(FromQueryResult)]
    struct Agent {
        id: i64,
        bin: String,
    }
    let rows: Vec<Agent> =
        sql::all(db, "SELECT id, bin FROM payments.agent WHERE bin IS NOT NULL ORDER BY id", []).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.bin)).collect())
}

/// Says of every line that nobody has decided what it is. Agents are known by the blind index of their БИН.
pub async fn match_lines(tx: &Tx, id: StatementId, agents: &[(i64, Vec<u8>)]) -> Result<()> {
    tx.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan; ANALYZE payments.statement_line")
        .await?;
    let (ids, subjects): (Vec<i64>, Vec<Vec<u8>>) = agents.iter().cloned().unzip();
    sql::run(tx, include_str!("sql/match_lines.sql"), [id.0.into(), ids.into(), subjects.into()]).await?;
    sql::run(tx, "UPDATE payments.statement SET state = 'matched', error = NULL WHERE id = $1", [id.0.into()])
        .await
        .map(drop)
}

/// A line with its state.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Line {
    pub statement_id: i64,
    pub n: i32,
    pub key: String,
    pub day: NaiveDate,
    pub amount: i64,
    pub document: String,
    pub reference: String,
    pub payer: String,
    pub purpose: String,
    pub purpose_code: Option<String>,
    pub details: Option<Vec<u8>>,
    pub subject: Option<Vec<u8>>,
    pub named: Option<NaiveDate>,
    pub state: LineState,
    pub account_id: Option<i64>,
    pub channel_id: Option<i64>,
    pub business_date: Option<NaiveDate>,
    pub fee: Option<i64>,
    pub refund_id: Option<i64>,
    pub decision: Option<RowDecision>,
    pub payment_id: Option<i64>,
    pub note: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

impl Line {
    pub fn amount(&self) -> Money {
        Money::from_tiyn(self.amount)
    }
}

const LINE: &str = "l.statement_id, l.n, l.key, l.day, l.amount, l.document, l.reference, l.payer, l.purpose, l.purpose_code, l.details, \
     l.subject, l.named, l.state, l.account_id, l.channel_id, l.business_date, l.fee, l.refund_id, l.decision, l.payment_id, l.note, \
     l.decided_by, l.decided_at";

/// Which lines are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<LineState>,
    pub undecided: bool,
    /// Payer, purpose, number of the order.
    pub search: Option<String>,
}

pub async fn lines(
    db: &impl ConnectionTrait,
    id: StatementId,
    filter: &Filter,
    page: Page<i32>,
) -> Result<Slice<Line>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {LINE} FROM payments.statement_line l
             WHERE l.statement_id = $1 AND ($2::text IS NULL OR l.state = $2)
               AND (NOT $3 OR (l.decision IS NULL AND l.state NOT IN ('duplicate', 'out')))
               AND ($4::text IS NULL OR platform.fold(concat_ws(' ', l.payer, l.purpose, l.document)) LIKE '%' || platform.fold($4) || '%')
               AND ($5::int IS NULL OR l.n > $5)
             ORDER BY l.n LIMIT $6"
        ),
        [
            id.0.into(),
            filter.state.map(LineState::code).into(),
            filter.undecided.into(),
            filter.search.clone().into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// One line.
pub async fn line(db: &impl ConnectionTrait, id: StatementId, n: i32) -> Result<Option<Line>> {
    sql::one(
        db,
        &format!("SELECT {LINE} FROM payments.statement_line l WHERE l.statement_id = $1 AND l.n = $2"),
        [id.0.into(), n.into()],
    )
    .await
}

/// Lines under a lock: those named, or all undecided ones of a state after a number, so many at most.
pub async fn lock_lines(
    tx: &Tx,
    id: StatementId,
    lines: Option<Vec<i32>>,
    state: Option<LineState>,
    after: i32,
    most: i64,
) -> Result<Vec<Line>> {
    sql::all(
        tx,
        &format!(
            "SELECT {LINE} FROM payments.statement_line l
             WHERE l.statement_id = $1 AND l.decision IS NULL AND l.n > $4
               AND ($2::int[] IS NULL OR l.n = ANY ($2)) AND ($3::text IS NULL OR l.state = $3)
             ORDER BY l.n LIMIT $5 FOR UPDATE OF l"
        ),
        [id.0.into(), lines.into(), state.map(LineState::code).into(), after.into(), most.into()],
    )
    .await
}

/// How many lines of a statement are what, and their tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Counted {
    pub statement_id: i64,
    pub state: LineState,
    pub decision: Option<RowDecision>,
    pub count: i64,
    pub sum: i64,
}

/// One statement for any number of them.
pub async fn counted(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Counted>> {
    sql::all(
        db,
        "SELECT statement_id, state, decision, count(*) AS count, sum(amount)::bigint AS sum FROM payments.statement_line
         WHERE statement_id = ANY ($1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        [ids.into()],
    )
    .await
}

/// What a person says a line is, where the match said otherwise.
#[derive(Debug, Clone, Copy)]
pub enum Means {
    Payment(AccountId),
    Remittance(ChannelId, NaiveDate),
}

/// Of a line that was taken for a repetition the key is its own from now on: the other one has the key that both had.
pub async fn set_meaning(tx: &Tx, id: StatementId, n: i32, means: Means) -> Result<u64> {
    let (state, account, channel, business) = match means {
        Means::Payment(account) => (LineState::Payment, Some(account.0), None, None),
        Means::Remittance(channel, day) => (LineState::Remittance, None, Some(channel.0), Some(day)),
    };
    sql::run(
        tx,
        "UPDATE payments.statement_line SET state = $3, account_id = $4, channel_id = $5, business_date = $6,
                key = CASE WHEN state = 'duplicate' THEN concat_ws('/', key, statement_id) ELSE key END
         WHERE statement_id = $1 AND n = $2 AND decision IS NULL",
        [id.0.into(), n.into(), state.code().into(), account.into(), channel.into(), business.into()],
    )
    .await
}

/// What became of lines, with the payment each became.
pub async fn decide(
    tx: &Tx,
    id: StatementId,
    decision: RowDecision,
    note: Option<&str>,
    lines: &[(i32, Option<i64>)],
) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.statement_line l SET decision = $2, note = $3, decided_by = $4, decided_at = now(),
                payment_id = coalesce(nullif(d.payment, 0), l.payment_id)
         FROM unnest($5::int[], $6::bigint[]) AS d (n, payment) WHERE l.statement_id = $1 AND l.n = d.n",
        [
            id.0.into(),
            decision.code().into(),
            note.map(str::to_owned).into(),
            tx.actor().label.clone().into(),
            lines.iter().map(|line| line.0).collect::<Vec<_>>().into(),
            // An array is bound without gaps.
            lines.iter().map(|line| line.1.unwrap_or_default()).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

/// What the agent kept of the day, as it was posted.
pub async fn set_fee(tx: &Tx, id: StatementId, n: i32, fee: Money) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.statement_line SET fee = $3 WHERE statement_id = $1 AND n = $2",
        [id.0.into(), n.into(), fee.tiyn().into()],
    )
    .await
}
