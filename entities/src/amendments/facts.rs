//! The registers' side of a batch: what is known of its facts, and putting them away and back, always as sets.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::readings::Verdict;
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use crate::kernel::{Result, ScopeArgs, Tx, sql};

/// A reading that is to be removed.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Reading {
    pub id: i64,
    pub account_id: i64,
    pub point_id: i64,
    pub taken_on: NaiveDate,
    pub liters: Volume,
    pub verdict: Verdict,
    pub act: bool,
    pub closed: bool,
}

pub async fn readings(tx: &Tx, ids: Vec<i64>) -> Result<Vec<Reading>> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    sql::all(
        tx,
        &format!(
            "SELECT r.id, r.account_id, r.point_id, r.taken_on, r.liters, r.verdict, r.act IS NOT NULL AS act,
                    NOT EXISTS (SELECT FROM ledger.period p WHERE p.period >= r.period AND p.sector = a.sector AND p.status <> 'closed')
                    OR EXISTS (SELECT FROM ledger.period p WHERE p.period = r.period AND p.sector = a.sector AND p.status = 'closed')
                    AS closed
             FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
             WHERE {} AND r.id = ANY ($4)",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, ids.into()],
    )
    .await
}

/// Takes readings away; where no other counts for the month, what the last of them had replaced counts again. Gives those: point and
/// reading.
pub async fn remove_readings(
    tx: &Tx,
    batch: AmendmentId,
    ids: Vec<i64>,
    why: &str,
    restore: bool,
) -> Result<Vec<(i64, i64)>> {
    #[derive(FromQueryResult)]
    struct Again {
        point_id: i64,
        id: i64,
    }
    sql::run(
        tx,
        "UPDATE readings.reading SET verdict = 'withdrawn', decided_by = $2, decided_why = $3, amendment_id = $4 WHERE id = ANY ($1)",
        [ids.clone().into(), tx.actor().label.clone().into(), why.into(), batch.0.into()],
    )
    .await?;
    if !restore {
        return Ok(Vec::new());
    }
    let again: Vec<Again> = sql::all(tx, include_str!("sql/readings_again.sql"), [ids.into()]).await?;
    Ok(again.into_iter().map(|row| (row.point_id, row.id)).collect())
}

/// Readings that stand in the way of putting removed ones back: others count for their months by now.
pub async fn readings_since(tx: &Tx, ids: Vec<i64>, restored: Vec<i64>) -> Result<Option<i64>> {
    sql::scalar(
        tx,
        "SELECT s.id FROM readings.reading r
         JOIN subscribers.account a ON a.id = r.account_id
         JOIN readings.reading s ON s.account_id = r.account_id AND s.period = r.period AND s.point_id = r.point_id
              AND s.act IS NULL AND s.id <> r.id
         WHERE r.id = ANY ($1) AND (s.verdict = 'accepted' AND s.id <> ALL ($2) OR s.verdict <> 'accepted' AND s.id = ANY ($2)) LIMIT 1",
        [ids.into(), restored.into()],
    )
    .await
}

/// A removed reading with what it was: (reading, verdict, what counted instead).
pub type Removed = (i64, String, Option<i64>);

/// Puts removed readings back as they were.
pub async fn readings_back(tx: &Tx, removed: &[Removed]) -> Result<()> {
    sql::run(
        tx,
        "UPDATE readings.reading r SET verdict = w.verdict, decided_by = NULL, decided_why = NULL, amendment_id = NULL
         FROM unnest($1::bigint[], $2::text[]) AS w (id, verdict) WHERE r.id = w.id",
        [
            removed.iter().map(|r| r.0).collect::<Vec<_>>().into(),
            removed.iter().map(|r| r.1.clone()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    let instead: Vec<(i64, i64)> = removed.iter().filter_map(|r| Some((r.2?, r.0))).collect();
    sql::run(
        tx,
        "UPDATE readings.reading r SET verdict = 'superseded', superseded_by = w.by
         FROM unnest($1::bigint[], $2::bigint[]) AS w (id, by) WHERE r.id = w.id",
        [
            instead.iter().map(|r| r.0).collect::<Vec<_>>().into(),
            instead.iter().map(|r| r.1).collect::<Vec<_>>().into(),
        ],
    )
    .await
    .map(drop)
}

/// A row of a register that is to be removed, with what it says.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Said {
    /// The row, or the meter whose last verification it is.
    pub id: i64,
    pub row_id: i64,
    pub account_id: i64,
    /// What the register excludes versions by: the account, the meter.
    pub key: i64,
    pub was: String,
    pub known: bool,
    /// A closed month knew it.
    pub closed: bool,
}

/// Counts of residents by their ids.
pub async fn residencies(tx: &Tx, ids: Vec<i64>) -> Result<Vec<Said>> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    sql::all(
        tx,
        &format!(
            "SELECT s.id, s.id AS row_id, s.account_id, s.account_id AS key, s.residents::text AS was, upper_inf(s.recorded) AS known,
                    coalesce(lower(s.recorded) <= c.closed_at AND lower(s.valid) < c.open_from, false) AS closed
             FROM subscribers.residency s JOIN subscribers.account a ON a.id = s.account_id
             LEFT JOIN LATERAL (SELECT max(p.closed_at) AS closed_at, (max(p.period) + interval '1 month')::date AS open_from
                                FROM ledger.period p WHERE p.sector = a.sector AND p.status = 'closed') c ON true
             WHERE {} AND s.id = ANY ($4)",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, ids.into()],
    )
    .await
}

/// The last verifications of meters that stand at points of accounts.
pub async fn verifications(tx: &Tx, meters: Vec<i64>) -> Result<Vec<Said>> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    sql::all(
        tx,
        &format!(
            "SELECT DISTINCT ON (v.meter_id) v.meter_id AS id, v.id AS row_id, a.id AS account_id, v.meter_id AS key,
                    v.verified_on || ' – ' || v.valid_until AS was, true AS known,
                    coalesce(lower(v.recorded) <= c.closed_at AND v.verified_on < c.open_from, false) AS closed
             FROM meters.verification v
             JOIN meters.installation i ON i.meter_id = v.meter_id AND upper_inf(i.recorded) AND upper_inf(i.valid)
             JOIN subscribers.account_point ap ON ap.point_id = i.point_id AND upper_inf(ap.recorded) AND upper_inf(ap.valid)
             JOIN subscribers.account a ON a.id = ap.account_id
             LEFT JOIN LATERAL (SELECT max(p.closed_at) AS closed_at, (max(p.period) + interval '1 month')::date AS open_from
                                FROM ledger.period p WHERE p.sector = a.sector AND p.status = 'closed') c ON true
             WHERE {} AND v.meter_id = ANY ($4) AND upper_inf(v.recorded) ORDER BY v.meter_id, v.valid_until DESC, v.id DESC",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, meters.into()],
    )
    .await
}

/// The last installation of a meter, with the readings that stand on it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Stay {
    pub meter_id: i64,
    pub row_id: i64,
    pub point_id: i64,
    /// Nobody's at the inlet of a house.
    pub account_id: Option<i64>,
    pub day: NaiveDate,
    pub was: String,
    pub stands: bool,
    pub closed: bool,
    pub reckoned: bool,
    /// A list of `{ id, verdict }`.
    pub readings: Json,
}

/// The last installations of meters at points of accounts and of houses.
pub async fn installations(tx: &Tx, meters: Vec<i64>) -> Result<Vec<Stay>> {
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    sql::all(
        tx,
        &include_str!("sql/installations.sql").replace("{scope}", ScopeArgs::WHERE),
        [sectors, districts, accounts, meters.into()],
    )
    .await
}

/// Whether another meter stands at one of the points on the days of installations that were removed.
pub async fn points_taken(tx: &Tx, rows: Vec<i64>) -> Result<bool> {
    let found = sql::scalar(
        tx,
        "SELECT EXISTS (SELECT FROM meters.installation gone
                        JOIN meters.installation i ON i.point_id = gone.point_id AND upper_inf(i.recorded) AND i.valid && gone.valid
                        WHERE gone.id = ANY ($1))",
        [rows.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// Locks accounts, in one order for everybody: of two writers of their registers the second waits.
pub async fn lock_accounts(tx: &Tx, accounts: &[i64]) -> Result<u64> {
    sql::run(
        tx,
        "SELECT FROM subscribers.account WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE",
        [accounts.to_vec().into()],
    )
    .await
}

/// A register in two times as a batch meets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Register {
    Residents,
    Verifications,
    Amenities,
    Installations,
}

impl Register {
    /// Table, the column that versions exclude each other by, and what a version says.
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Residents => (
                "subscribers.residency",
                "account_id",
                "account_id, residents, source, recorded_by, document_id, import_batch_id, valid",
            ),
            Self::Verifications => (
                "meters.verification",
                "meter_id",
                "meter_id, verified_on, valid_until, recorded_by, document_id, import_batch_id, unfit, unfit_document_id",
            ),
            Self::Amenities => (
                "premises.point_service",
                "point_id",
                "point_id, water, sewerage, amenity, recorded_by, document_id, valid",
            ),
            Self::Installations => (
                "meters.installation",
                "meter_id",
                "meter_id, point_id, recorded_by, seal, document_id, import_batch_id, removal, valid",
            ),
        }
    }
}

/// Closes what rows say; what a count of residents had replaced on its days counts again.
pub async fn remove(tx: &Tx, register: Register, rows: Vec<i64>, at: DateTime<Utc>) -> Result<()> {
    let (table, key, says) = register.parts();
    sql::run(
        tx,
        &format!("UPDATE {table} SET recorded = tstzrange(lower(recorded), $2) WHERE id = ANY ($1) AND upper_inf(recorded)"),
        [rows.clone().into(), at.into()],
    )
    .await?;
    if register == Register::Verifications {
        // What a finding of unfitness ended holds again.
        let said = says.split(", ").map(|c| format!("o.{c}")).collect::<Vec<_>>().join(", ");
        return sql::run(
            tx,
            &format!(
                "INSERT INTO {table} ({says}, recorded)
                 SELECT {said}, tstzrange($2, NULL)
                 FROM {table} g JOIN {table} o ON o.{key} = g.{key} AND o.verified_on = g.verified_on AND upper(o.recorded) = lower(g.recorded)
                 WHERE g.id = ANY ($1) AND g.unfit"
            ),
            [rows.into(), at.into()],
        )
        .await
        .map(drop);
    }
    // A stay replaces none.
    let Some(says) = says.strip_suffix(", valid").filter(|_| register != Register::Installations) else {
        return Ok(());
    };
    let said = says.split(", ").map(|c| format!("o.{c}")).collect::<Vec<_>>().join(", ");
    sql::run(
        tx,
        &format!(
            "INSERT INTO {table} ({says}, valid, recorded)
             SELECT {said}, o.valid * g.valid, tstzrange($2, NULL)
             FROM {table} g JOIN {table} o ON o.{key} = g.{key} AND upper(o.recorded) = lower(g.recorded) AND o.valid && g.valid
             WHERE g.id = ANY ($1)"
        ),
        [rows.into(), at.into()],
    )
    .await
    .map(drop)
}

/// A new version from a day on.
#[derive(Debug, Clone)]
pub struct Version {
    /// The account of residents, the point of an amenity.
    pub key: i64,
    pub since: NaiveDate,
    pub value: String,
}

/// Records versions from their days on: what was known of these days is closed, the days before say what they said. No key twice.
pub async fn change(
    tx: &Tx,
    register: Register,
    versions: &[Version],
    document: DocumentId,
    at: DateTime<Utc>,
) -> Result<()> {
    let (table, key, says) = register.parts();
    let list: Vec<Json> = versions
        .iter()
        .map(|one| json!({ "key": one.key, "since": one.since, "value": one.value }))
        .collect();
    let wanted = "jsonb_to_recordset($1::jsonb) AS w (key bigint, since date, value text)";
    let list: sea_orm::Value = Json::Array(list).into();
    sql::run(
        tx,
        &format!(
            "UPDATE {table} r SET recorded = tstzrange(lower(r.recorded), $2) FROM {wanted}
             WHERE r.{key} = w.key AND upper_inf(r.recorded) AND r.valid && daterange(w.since, NULL)"
        ),
        [list.clone(), at.into()],
    )
    .await?;
    let of_days = says.trim_end_matches(", valid");
    let said = of_days.split(", ").map(|c| format!("r.{c}")).collect::<Vec<_>>().join(", ");
    sql::run(
        tx,
        &format!(
            "INSERT INTO {table} ({of_days}, valid, recorded)
             SELECT {said}, daterange(lower(r.valid), w.since), tstzrange($2, NULL)
             FROM {wanted} JOIN {table} r ON r.{key} = w.key AND upper(r.recorded) = $2 AND lower(r.valid) < w.since"
        ),
        [list.clone(), at.into()],
    )
    .await?;
    let new = match register {
        Register::Residents => {
            "INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded, recorded_by, document_id)
             SELECT w.key, w.value::int, 'document', daterange(w.since, NULL), tstzrange($2, NULL), $3, $4"
        }
        // A point of supply keeps what is supplied there.
        _ => {
            "INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded, recorded_by, document_id)
             SELECT DISTINCT ON (w.key) w.key, o.water, o.sewerage, w.value, daterange(w.since, NULL), tstzrange($2, NULL), $3, $4"
        }
    };
    let from = match register {
        Register::Residents => String::new(),
        _ => format!(
            " JOIN {table} o ON o.{key} = w.key AND upper(o.recorded) = $2 AND o.valid && daterange(w.since, NULL)
              ORDER BY w.key, lower(o.valid) DESC"
        ),
    };
    sql::run(
        tx,
        &format!("{new} FROM {wanted}{from}"),
        [list, at.into(), tx.actor().label.clone().into(), document.0.into()],
    )
    .await
    .map(drop)
}

/// Whether something was recorded for the keys after the moment.
pub async fn recorded_since(tx: &Tx, register: Register, keys: Vec<i64>, at: DateTime<Utc>) -> Result<bool> {
    let (table, key, _) = register.parts();
    let found = sql::scalar(
        tx,
        &format!(
            "SELECT EXISTS (SELECT FROM {table} WHERE {key} = ANY ($1) AND (lower(recorded) > $2 OR upper(recorded) > $2))"
        ),
        [keys.into(), at.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// What was recorded for the keys at the moment goes, what was closed then counts again.
pub async fn back(
    tx: &Tx,
    register: Register,
    keys: Vec<i64>,
    recorded: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<()> {
    let (table, key, says) = register.parts();
    sql::run(
        tx,
        &format!(
            "UPDATE {table} SET recorded = tstzrange(lower(recorded), $3)
             WHERE {key} = ANY ($1) AND lower(recorded) = $2 AND upper_inf(recorded)"
        ),
        [keys.clone().into(), recorded.into(), now.into()],
    )
    .await?;
    sql::run(
        tx,
        &format!(
            "INSERT INTO {table} ({says}, recorded)
             SELECT {says}, tstzrange($3, NULL) FROM {table} WHERE {key} = ANY ($1) AND upper(recorded) = $2"
        ),
        [keys.into(), recorded.into(), now.into()],
    )
    .await
    .map(drop)
}

/// What an account says on a day, and whether it is an account of the day.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Subject {
    pub n: i32,
    pub account_id: i64,
    pub sector: String,
    pub gone: bool,
    pub closed: bool,
    pub residents: Option<i32>,
}

/// Of rows (number of the row, account, day): the account on that day.
pub async fn subjects(tx: &Tx, asked: &[(i32, i64, NaiveDate)]) -> Result<Vec<Subject>> {
    sql::all(
        tx,
        include_str!("sql/subjects.sql"),
        [
            asked.iter().map(|a| a.0).collect::<Vec<_>>().into(),
            asked.iter().map(|a| a.1).collect::<Vec<_>>().into(),
            asked.iter().map(|a| a.2).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

/// A point of an account on a day.
#[derive(Debug, Clone, FromQueryResult)]
pub struct PointOn {
    pub n: i32,
    pub point_id: i64,
    pub amenity: Option<String>,
    /// Of the meter that stands there.
    pub serial: Option<String>,
    /// The reading that counts for the month of the day.
    pub standing_id: Option<i64>,
    pub standing_verdict: Option<String>,
    pub standing: Option<Volume>,
}

pub async fn points(tx: &Tx, asked: &[(i32, i64, NaiveDate)]) -> Result<Vec<PointOn>> {
    sql::all(
        tx,
        include_str!("sql/points.sql"),
        [
            asked.iter().map(|a| a.0).collect::<Vec<_>>().into(),
            asked.iter().map(|a| a.1).collect::<Vec<_>>().into(),
            asked.iter().map(|a| a.2).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

/// Accounts with their sector, and whether the utility's own people hold them.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Whose {
    pub account_id: i64,
    pub sector: String,
    pub staff: bool,
}

pub async fn whose(tx: &Tx, accounts: Vec<i64>, today: NaiveDate) -> Result<Vec<Whose>> {
    sql::all(
        tx,
        "SELECT a.id AS account_id, a.sector, coalesce(bool_or(p.is_staff), false) AS staff
         FROM subscribers.account a
         LEFT JOIN subscribers.holder h ON h.account_id = a.id AND upper_inf(h.recorded) AND h.valid @> $2::date
         LEFT JOIN subscribers.party p ON p.id = h.party_id
         WHERE a.id = ANY ($1) GROUP BY a.id ORDER BY a.id",
        [accounts.into(), today.into()],
    )
    .await
}

/// Months that are not closed, with how far their bills are.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OpenMonth {
    pub period: NaiveDate,
    pub sector: String,
    pub stage: String,
}

pub async fn open_months(tx: &Tx, last: Period) -> Result<Vec<OpenMonth>> {
    sql::all(
        tx,
        "SELECT p.period, p.sector,
                coalesce((SELECT CASE r.state WHEN 'issued' THEN 'issued' ELSE 'in_run' END FROM billing.run r
                          WHERE r.period = p.period AND r.sector = p.sector
                            AND r.state IN ('snapshot', 'running', 'posted', 'issued') LIMIT 1), 'ahead') AS stage
         FROM ledger.period p WHERE p.status <> 'closed' AND p.period <= $1 ORDER BY p.sector, p.period",
        [last.first_day().into()],
    )
    .await
}

/// Entries that sources of a kind made.
pub async fn entries_of(tx: &Tx, source: &str, ids: Vec<i64>) -> Result<i64> {
    let count = sql::scalar(
        tx,
        "SELECT count(*) FROM ledger.entry WHERE source = $1 AND source_id = ANY ($2)",
        [source.into(), ids.into()],
    )
    .await?;
    Ok(count.unwrap_or_default())
}

/// Warnings of debt to accounts that still stand.
pub async fn messages_of(tx: &Tx, accounts: Vec<i64>) -> Result<i64> {
    let count = sql::scalar(
        tx,
        "SELECT count(*) FROM debt.notice WHERE account_id = ANY ($1) AND state = 'warned'",
        [accounts.into()],
    )
    .await?;
    Ok(count.unwrap_or_default())
}
