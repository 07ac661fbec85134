//! The facts that a month's charge is made of: taken once per run, kept as its proof, read back for every explanation.

use chrono::{DateTime, NaiveDate, Utc};
use domain::billing::{GroupDays, Inputs};
use domain::consumption::{
    Away, Held, Limit, Metering, Plot, PointInputs, ReadingRef, Residency, Sharing, Special, SpecialKind,
    Supply,
};
use domain::imbalance::Share;
use domain::kernel::*;
use domain::tariffs::Amenity;
use sea_orm::ConnectionTrait;
use sea_orm::sqlx::{AssertSqlSafe, PgConnection, raw_sql};

use crate::kernel::copy::{Fields, copy_out};
use crate::kernel::tx::broken;
use crate::kernel::{Broken, Db, Result, Tx, sql, statistics};

pub(crate) mod earlier;
mod houses;

pub use earlier::{Earlier, earlier};
pub use houses::of_accounts;

/// An account's inputs with what its bill carries besides charges.
#[derive(Debug, Clone)]
pub struct Case {
    pub inputs: Inputs,
    /// As known when the case was read; zero in a preview.
    pub moved: Moved,
}

/// What moved the balance in the month besides charges.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moved {
    /// Balance brought in.
    pub opening: Money,
    /// Money received.
    pub paid: Money,
    pub penalty: Money,
    /// Recalculations, one-off charges, write-offs, transfers.
    pub corrected: Money,
}

pub(crate) const COLUMNS: &str = "period, account_id, point_id, run_id, consumer_group, active_from, active_to, hot, water, sewerage, \
     amenity, supply_from, supply_to, supply_water, supply_sewerage, supply_amenity, contract_liters, residency_id, residency_from, residency_to, residency_count, meter_id, meter_digits, \
     meter_from, meter_to, meter_verified_until, meter_lapsed_from, meter_lapsed_to, prev_id, prev_day, prev_liters, last_id, last_day, last_liters, \
     away_from, away_to, history, \
     history_period, months_without_reading, provisional, special_id, special_kind, special_from, special_to, special_people, \
     special_diameter, special_upto, special_billed, special_unread, plot_id, plot_from, plot_to, plot_area, in_bulk, bulk_from, bulk_to, \
     limit_id, limit_service, limit_month, limit_year, limit_used, share_meter_point, share_by_residents, \
     share_weights, share_at, group_code, group_from, group_to";

/// The SELECT of `inputs.sql` with its literals. Everything put in is a number, a date or a word of a closed list. Accounts with
/// a final bill of the month are left out.
pub(crate) fn select(
    period: Period,
    sector: Sector,
    run: RunId,
    known_at: DateTime<Utc>,
    accounts: Option<&[AccountId]>,
) -> String {
    select_with(false, period, sector, run, known_at, accounts)
}

/// The same, `finals` with accounts that got their final bill in the month.
pub(crate) fn select_with(
    finals: bool,
    period: Period,
    sector: Sector,
    run: RunId,
    known_at: DateTime<Utc>,
    accounts: Option<&[AccountId]>,
) -> String {
    let narrowed = accounts.map_or_else(
        || "true".to_owned(),
        |ids| {
            format!(
                "a.id = ANY ('{{{}}}')",
                ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
            )
        },
    );
    include_str!("sql/inputs.sql")
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("{days}", &format!("'[{}, {})'::daterange", period.first_day(), period.next().first_day()))
        .replace(
            "{eve}",
            &format!("'[{}, {})'::daterange", period.prev().last_day(), period.next().first_day()),
        )
        .replace("{last}", &format!("'{}'::date", period.last_day()))
        .replace("{past}", &format!("daterange(NULL, '{}')", period.next().first_day()))
        .replace("{period}", &format!("'{}'", period.first_day()))
        .replace("{sector}", &format!("'{sector}'"))
        .replace("{run}", &run.to_string())
        .replace("{known_at}", &format!("'{}'", known_at.to_rfc3339()))
        .replace("{finals}", if finals { "true" } else { "false" })
        .replace("{accounts}", &narrowed)
}

/// The share of its house that a point's row bears, behind the columns of the inputs.
pub(super) const SHARE: &str = "h.building_id, h.meter_id, h.reading_prev, h.reading_last, h.from_day, h.to_day, h.liters, h.whole, h.weight, \
     h.weights";

/// The join that gives [`SHARE`]; without a reckoning every share is NULL.
pub(super) fn shares(period: Period, reckoning: &str) -> String {
    format!(
        "LEFT JOIN imbalance.share h ON h.account_id = i.account_id AND h.point_id = i.point_id
             AND h.period = '{}' AND h.reckoning_id = {reckoning}",
        period.first_day()
    )
}

/// The reckoning of a run's houses.
pub(super) fn of_run(run: RunId) -> String {
    format!(
        "(SELECT id FROM imbalance.reckoning WHERE purpose = 'run' AND purpose_id = {run} AND done_at IS NOT NULL)"
    )
}

/// The reckoning of houses that counts for a month as things stand: its run's, else the last preview's. Houses are reckoned with
/// the flats; legal entities bear what comes out there.
pub(super) fn latest_reckoning(period: Period, sector: Sector) -> String {
    let sector = if sector == Sector::Legal { Sector::Multi } else { sector };
    format!(
        "(SELECT id FROM imbalance.reckoning
          WHERE period = '{}' AND sector = '{sector}' AND purpose IN ('run', 'preview') AND done_at IS NOT NULL
          ORDER BY purpose = 'run' DESC, id DESC LIMIT 1)",
        period.first_day()
    )
}

/// Tables that `inputs.sql` and the reckoning of houses read, and the bills that a preview compares with.
const FACTS: &[&str] = &[
    "subscribers.account",
    "subscribers.account_point",
    "subscribers.residency",
    "subscribers.consumer_group",
    "premises.point",
    "premises.point_service",
    "contracts.point_volume",
    "contracts.consumption_limit",
    "meters.installation",
    "meters.meter",
    "meters.verification",
    "readings.reading",
    "readings.taken_back",
    "consumption.special",
    "consumption.sharing",
    "premises.plot",
    "premises.bulk_billing",
    "consumption.month",
    "billing.bill",
    "billing.run",
    "imbalance.reckoning",
    "imbalance.inlet",
    "imbalance.house",
];

/// Lets the planner know how large the city is before its facts are taken.
pub async fn know_facts(db: &Db) -> Result<usize> {
    statistics::refresh(db, FACTS).await
}

/// The same for what a snapshot has just kept, and for what is read beside it.
pub async fn know_snapshot(db: &Db) -> Result<usize> {
    statistics::refresh(db, &["billing.run_input", "ledger.account_total"]).await
}

/// What each sort and each hash of a whole city's facts may hold in memory: what is written to temporary files and read again grows
/// faster than the city. Nothing is taken that a smaller city does not need. And nothing that was looked up is kept for a second look:
/// every point has a meter of its own.
const CITY_SETTINGS: [&str; 2] = ["work_mem = '512MB'", "enable_memoize = off"];

/// Sets them for a session, or for a transaction where `set` says LOCAL.
fn city_settings(set: &str) -> String {
    CITY_SETTINGS.map(|setting| format!("{set} {setting}")).join("; ")
}

/// Takes the facts of every account of the sector and keeps them; how many rows.
pub async fn snapshot(
    tx: &mut Tx,
    period: Period,
    sector: Sector,
    run: RunId,
    known_at: DateTime<Utc>,
) -> Result<u64> {
    tx.execute_unprepared(&city_settings("SET LOCAL")).await?;
    keep(tx, &select(period, sector, run, known_at, None)).await
}

async fn keep(tx: &mut Tx, select: &str) -> Result<u64> {
    let sql = format!("INSERT INTO billing.run_input ({COLUMNS}) {select}");
    let done = sea_orm::sqlx::query(AssertSqlSafe(sql)).execute(tx.pg()).await.map_err(broken)?;
    Ok(done.rows_affected())
}

/// Takes the facts of one account that gets its final bill.
pub async fn snapshot_one(
    tx: &mut Tx,
    period: Period,
    sector: Sector,
    run: RunId,
    known_at: DateTime<Utc>,
    account: AccountId,
) -> Result<u64> {
    keep(tx, &select_with(true, period, sector, run, known_at, Some(&[account]))).await
}

/// Takes the facts of accounts that came after the bills of their month were issued.
pub async fn snapshot_late(
    tx: &mut Tx,
    period: Period,
    sector: Sector,
    run: RunId,
    known_at: DateTime<Utc>,
    accounts: &[AccountId],
) -> Result<u64> {
    keep(tx, &select(period, sector, run, known_at, Some(accounts))).await
}

/// Where facts are read: the pool, or a transaction that has changed some of them.
#[async_trait::async_trait]
pub trait Facts: ConnectionTrait + Send + Sync {
    /// The facts of a few accounts as they stand here, kept nowhere; `finals` with accounts that got their final bill in the month:
    /// what was billed can be reckoned anew.
    async fn inputs(
        &mut self,
        finals: bool,
        period: Period,
        sector: Sector,
        known_at: DateTime<Utc>,
        accounts: &[AccountId],
    ) -> Result<Vec<Inputs>>;
}

#[async_trait::async_trait]
impl Facts for Db {
    async fn inputs(
        &mut self,
        finals: bool,
        period: Period,
        sector: Sector,
        known_at: DateTime<Utc>,
        accounts: &[AccountId],
    ) -> Result<Vec<Inputs>> {
        let mut all = {
            let mut pg = self.get_postgres_connection_pool().acquire().await.map_err(broken)?;
            gather(&mut pg, finals, period, sector, known_at, accounts).await?
        };
        bridge(self, period, known_at, accounts, &mut all).await?;
        Ok(all)
    }
}

#[async_trait::async_trait]
impl Facts for Tx {
    async fn inputs(
        &mut self,
        finals: bool,
        period: Period,
        sector: Sector,
        known_at: DateTime<Utc>,
        accounts: &[AccountId],
    ) -> Result<Vec<Inputs>> {
        let mut all = gather(self.pg(), finals, period, sector, known_at, accounts).await?;
        bridge(self, period, known_at, accounts, &mut all).await?;
        Ok(all)
    }
}

/// The facts of a few accounts as they stand now, kept nowhere; none of one with a final bill of the month.
pub async fn preview(
    db: &Db,
    period: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
    accounts: &[AccountId],
) -> Result<Vec<Inputs>> {
    preview_with(false, db, period, sector, known_at, accounts).await
}

/// The same, `finals` with accounts that got their final bill in the month: what was billed can be reckoned anew.
pub async fn preview_with(
    finals: bool,
    db: &Db,
    period: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
    accounts: &[AccountId],
) -> Result<Vec<Inputs>> {
    db.clone().inputs(finals, period, sector, known_at, accounts).await
}

async fn gather(
    pg: &mut PgConnection,
    finals: bool,
    period: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
    accounts: &[AccountId],
) -> Result<Vec<Inputs>> {
    let inner = select_with(finals, period, sector, RunId(0), known_at, Some(accounts));
    // The houses are not reckoned anew for one account: it bears what was found last.
    let joined = shares(period, &latest_reckoning(period, sector));
    let sql = format!(
        "COPY (SELECT i.*, {SHARE} FROM ({inner}) i {joined} ORDER BY 2, 3) TO STDOUT WITH (FORMAT binary)"
    );
    let mut all = Vec::new();
    stream(
        pg,
        &sql,
        sector,
        |_| (),
        |inputs, ()| {
            all.push(inputs);
            Ok(())
        },
    )
    .await?;
    Ok(all)
}

/// Where a month before was not run yet, the chain ends too early: what is asked for the month is then the use since the last
/// accepted reading before it, not since the meter was put in. A run never meets this: it waits for the month before.
async fn bridge(
    db: &impl ConnectionTrait,
    period: Period,
    known_at: DateTime<Utc>,
    accounts: &[AccountId],
    all: &mut [Inputs],
) -> Result<()> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        account_id: i64,
        point_id: i64,
        meter_id: i64,
        id: i64,
        taken_on: NaiveDate,
        liters: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT DISTINCT ON (r.account_id, r.point_id, r.meter_id)
                r.account_id, r.point_id, r.meter_id, r.id, r.taken_on, r.liters
         FROM readings.reading r
         WHERE r.account_id = ANY ($1) AND r.period < $2 AND r.verdict = 'accepted' AND r.meter_id IS NOT NULL
           AND r.received_at <= $3
           AND EXISTS (SELECT FROM consumption.month c WHERE c.account_id = r.account_id AND c.period < $2)
           AND NOT EXISTS (SELECT FROM consumption.month c WHERE c.account_id = r.account_id AND c.period = $4)
         ORDER BY r.account_id, r.point_id, r.meter_id, r.taken_on DESC, r.id DESC",
        [
            accounts.iter().map(|account| account.0).collect::<Vec<_>>().into(),
            period.first_day().into(),
            known_at.into(),
            period.prev().first_day().into(),
        ],
    )
    .await?;
    for row in rows {
        let points = all.iter_mut().filter(|inputs| inputs.account.0 == row.account_id);
        let meters = points
            .flat_map(|inputs| &mut inputs.points)
            .filter(|point| point.point.0 == row.point_id)
            .flat_map(|point| &mut point.metering)
            .filter(|metering| metering.meter.0 == row.meter_id);
        for metering in meters {
            metering.prev = Some(ReadingRef {
                id: ReadingId(row.id),
                day: row.taken_on,
                value: Volume::from_liters(row.liters),
            });
        }
    }
    Ok(())
}

/// How many accounts a run of the month would take.
pub async fn count(db: &impl ConnectionTrait, period: Period, sector: Sector) -> Result<i64> {
    let count = sql::scalar(
        db,
        "SELECT count(*) FROM subscribers.account a WHERE a.sector = $2
           AND a.opened_on < ($1::date + interval '1 month') AND (a.closed_on IS NULL OR a.closed_on > $1)
           AND (a.final_upto > $1 AND a.final_upto <= ($1::date + interval '1 month')) IS NOT TRUE",
        [period.first_day().into(), sector.code().into()],
    )
    .await?;
    Ok(count.unwrap_or_default())
}

/// Streams the facts that a run would take now, account by account in the order of their ids, each with what the run
/// `before` charged it and what a reckoning of the houses gave it; kept nowhere. When `on_case` fails the stream ends there.
pub async fn survey(
    db: &Db,
    period: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
    before: Option<RunId>,
    reckoning: Option<i64>,
    on_case: impl FnMut(Inputs, Money) -> Result<()> + Send,
) -> Result<u64> {
    let sql = format!(
        "COPY ({}) TO STDOUT WITH (FORMAT binary)",
        survey_select(period, sector, known_at, before, reckoning)
    );
    let mut pg = db.get_postgres_connection_pool().acquire().await.map_err(broken)?;
    // With it end its memory for sorts and whatever the server still wanted to send to somebody who went away.
    pg.close_on_drop();
    raw_sql(AssertSqlSafe(city_settings("SET"))).execute(&mut *pg).await.map_err(broken)?;
    stream(&mut pg, &sql, sector, |row| Money::from_tiyn(row.i64()), on_case).await
}

/// The facts that a run saw of one account.
pub async fn kept(
    db: &Db,
    sector: Sector,
    period: Period,
    run: RunId,
    account: AccountId,
) -> Result<Option<Inputs>> {
    let sql = out_sql(period, run, account.0, account.0 + 1);
    let mut pg = db.get_postgres_connection_pool().acquire().await.map_err(broken)?;
    let mut kept = None;
    stream(&mut pg, &sql, sector, moved, |inputs, _| {
        kept = Some(inputs);
        Ok(())
    })
    .await?;
    Ok(kept)
}

/// Streams a shard's accounts, in the order of their ids, to `on_case`.
pub async fn shard(
    tx: &mut Tx,
    sector: Sector,
    period: Period,
    run: RunId,
    range: std::ops::Range<i64>,
    mut on_case: impl FnMut(Case) -> Result<()> + Send,
) -> Result<u64> {
    let sql = out_sql(period, run, range.start, range.end);
    stream(tx.pg(), &sql, sector, moved, |inputs, moved| on_case(Case { inputs, moved })).await
}

/// Totals of an account that its bill carries besides charges, in the order of [`moved`].
const KINDS: [&str; 4] = ["opening", "payment", "penalty", "correction"];

/// The columns that follow the inputs in a shard.
fn moved(row: &mut Fields<'_>) -> Moved {
    let mut sum = || Money::from_tiyn(row.i64());
    Moved { opening: sum(), paid: -sum(), penalty: sum(), corrected: sum() }
}

/// Reads rows of [`COLUMNS`] in the order of accounts and hands them over account by account, with what `tail` made of the
/// columns behind them.
pub(crate) async fn stream<T: Send>(
    pg: &mut PgConnection,
    sql: &str,
    sector: Sector,
    mut tail: impl FnMut(&mut Fields<'_>) -> T + Send,
    mut on_case: impl FnMut(Inputs, T) -> Result<()> + Send,
) -> Result<u64> {
    let mut current: Option<(Inputs, T)> = None;
    let count = copy_out(pg, sql, |row| {
        let (mut inputs, point) = account_row(row, sector)?;
        let share = share(row, &point);
        let tail = tail(row);
        match &mut current {
            Some((known, _)) if known.account == inputs.account => {
                // Each row has the days of its point; the account's are all of them.
                known.active_from = known.active_from.min(inputs.active_from);
                known.active_to = known.active_to.zip(inputs.active_to).map(|(one, other)| one.max(other));
                known.points.extend(point);
                known.shares.extend(share);
            }
            _ => {
                inputs.points.extend(point);
                inputs.shares.extend(share);
                if let Some((inputs, tail)) = current.replace((inputs, tail)) {
                    on_case(inputs, tail)?;
                }
            }
        }
        Ok(())
    })
    .await?;
    if let Some((inputs, tail)) = current {
        on_case(inputs, tail)?;
    }
    Ok(count)
}

/// The facts that a run would take now, each with what the run `before` charged the account.
pub(crate) fn survey_select(
    period: Period,
    sector: Sector,
    known_at: DateTime<Utc>,
    before: Option<RunId>,
    reckoning: Option<i64>,
) -> String {
    let inner = select(period, sector, RunId(0), known_at, None);
    let latest = || match sector {
        Sector::Legal => latest_reckoning(period, sector),
        _ => "NULL".to_owned(),
    };
    let joined = shares(period, &reckoning.map_or_else(latest, |id| id.to_string()));
    let (month, run) = (period.prev().first_day(), before.unwrap_or(RunId(0)));
    format!(
        "SELECT i.*, {SHARE}, coalesce(b.charged, 0) FROM ({inner}) i
         {joined}
         LEFT JOIN billing.bill b ON b.account_id = i.account_id AND b.period = '{month}' AND b.run_id = {run}
         ORDER BY 2, 3"
    )
}

fn out_sql(period: Period, run: RunId, from: i64, to: i64) -> String {
    format!("COPY ({}) TO STDOUT WITH (FORMAT binary)", shard_select(period, run, from, to))
}

/// The kept facts of the accounts from..to with what their bills carry besides charges. Each table is narrowed to the accounts by
/// itself: the planner takes no range over from a table that is joined, and would read the whole city's rows for every shard.
pub(crate) fn shard_select(period: Period, run: RunId, from: i64, to: i64) -> String {
    let day = period.first_day();
    let columns = COLUMNS.split(", ").map(|c| format!("i.{}", c.trim())).collect::<Vec<_>>().join(", ");
    let sum =
        |kind: &str| format!("coalesce(sum(amount) FILTER (WHERE kind = '{kind}'), 0)::bigint AS {kind}");
    let sums = KINDS.map(sum).join(", ");
    let moved = KINDS.map(|kind| format!("coalesce(t.{kind}, 0)")).join(", ");
    let shares = shares(period, &of_run(run));
    format!(
        "SELECT {columns}, {SHARE}, {moved}
         FROM billing.run_input i
         {shares} AND h.account_id >= {from} AND h.account_id < {to}
         LEFT JOIN (
             SELECT account_id, {sums} FROM ledger.account_total
             WHERE period = '{day}' AND account_id >= {from} AND account_id < {to}
             GROUP BY account_id
         ) t ON t.account_id = i.account_id
         WHERE i.period = '{day}' AND i.run_id = {run} AND i.account_id >= {from} AND i.account_id < {to}
         ORDER BY i.account_id, i.point_id"
    )
}

/// One row: an account without its points, and the point that the row is about.
fn account_row(row: &mut Fields<'_>, sector: Sector) -> Result<(Inputs, Option<PointInputs>)> {
    let period = Period::of(row.date());
    let account = AccountId(row.i64());
    let point = row.i64();
    row.i64(); // run
    let group = code(row.text(), ConsumerGroup::from_code)?;
    let active_from = row.date();
    let active_to = row.date_or_null();
    let (hot, water, sewerage) = (row.bool(), row.bool(), row.bool());
    let amenity = code(row.text(), Amenity::from_code)?;
    let supplies = supplies(row)?;
    let contract_volume = row.i64_or_null().map(Volume::from_liters);
    let residents = residents(row);
    let metering = metering(row);
    let away = away(row);
    let liters = row.i64_array();
    let history = row
        .date_array()
        .into_iter()
        .zip(liters)
        .filter_map(|(day, liters)| Some((Period::of(day?), Volume::from_liters(liters?))))
        .collect();
    let months_without_reading = row.i32().unsigned_abs();
    let provisional = Volume::from_liters(row.i64());
    let specials = specials(row)?;
    let plots = plots(row);
    let billed_in_bulk = row.bool();
    let bulk = row.date_or_null().zip(row.date_or_null());
    let limits = limits(row)?;
    let sharing = sharing(row);
    let groups = groups(row)?;
    let inputs = Inputs {
        account,
        period,
        sector,
        group,
        groups,
        residents,
        points: Vec::new(),
        shares: Vec::new(),
        billed_in_bulk,
        active_from,
        active_to,
    };
    let point = (point != 0).then_some(PointInputs {
        point: PointId(point),
        held: Some(Held { from: active_from, to: active_to }),
        hot,
        water,
        sewerage,
        amenity,
        supplies,
        contract_volume,
        metering,
        away,
        history,
        months_without_reading,
        plots,
        specials,
        limits,
        sharing,
        provisional,
        bulk,
    });
    Ok((inputs, point))
}

/// The columns of [`SHARE`].
fn share(row: &mut Fields<'_>, point: &Option<PointInputs>) -> Option<Share> {
    let building = row.i64_or_null();
    let (meter, prev, last) = (row.i64_or_null(), row.i64_or_null(), row.i64_or_null());
    let (from, to) = (row.date(), row.date());
    let (volume, whole) = (Volume::from_liters(row.i64()), Volume::from_liters(row.i64()));
    let (weight, weights) = (row.i64().unsigned_abs(), row.i64().unsigned_abs());
    Some(Share {
        building: BuildingId(building?),
        point: point.as_ref()?.point,
        meter: meter.map(MeterId),
        reading_prev: prev.map(ReadingId),
        reading_last: last.map(ReadingId),
        from,
        to,
        volume,
        whole,
        weight,
        weights,
    })
}

fn code<T>(text: &str, from_code: impl Fn(&str) -> Option<T>) -> Result<T> {
    from_code(text).ok_or_else(|| Broken::Custom(format!("{text:?} is not a known code")))
}

fn residents(row: &mut Fields<'_>) -> Vec<Residency> {
    let (ids, froms, tos, counts) = (row.i64_array(), row.date_array(), row.date_array(), row.i32_array());
    let each = ids.into_iter().zip(froms).zip(tos).zip(counts);
    each.filter_map(|(((id, from), to), count)| {
        Some(Residency { id: ResidencyId(id?), from: from?, to, count: count?.unsigned_abs() })
    })
    .collect()
}

fn specials(row: &mut Fields<'_>) -> Result<Vec<Special>> {
    let (ids, kinds) = (row.i64_array(), row.text_array());
    let (froms, tos) = (row.date_array(), row.date_array());
    let (people, diameters) = (row.i32_array(), row.i32_array());
    let (uptos, billed, unread) = (row.date_array(), row.i64_array(), row.i64_array());
    let special = |at: usize| {
        let gone = || Broken::Custom("a special case lacks a field".to_owned());
        Ok(Special {
            id: SpecialId(ids[at].ok_or_else(gone)?),
            kind: code(kinds[at].ok_or_else(gone)?, SpecialKind::from_code)?,
            from: froms[at].ok_or_else(gone)?,
            to: tos[at],
            people: people[at].unwrap_or_default().unsigned_abs(),
            diameter_mm: diameters[at].unwrap_or_default().unsigned_abs(),
            billed_upto: uptos[at],
            billed: Volume::from_liters(billed[at].unwrap_or_default()),
            // A snapshot of before this was told apart has none.
            unread: Volume::from_liters(unread.get(at).copied().flatten().unwrap_or_default()),
        })
    };
    (0..ids.len()).map(special).collect()
}

fn sharing(row: &mut Fields<'_>) -> Option<Sharing> {
    let (meter_point, by_residents) = (row.i64_or_null(), row.bool());
    let weights = row.i64_array().into_iter().flatten().map(i64::unsigned_abs).collect();
    let at = row.i32_or_null();
    Some(Sharing {
        meter_point: PointId(meter_point?),
        by_residents,
        weights,
        at: usize::try_from(at?).ok()?,
    })
}

fn groups(row: &mut Fields<'_>) -> Result<Vec<GroupDays>> {
    let (codes, froms, tos) = (row.text_array(), row.date_array(), row.date_array());
    let days = |at: usize| {
        let gone = || Broken::Custom("a group of consumers lacks its code".to_owned());
        Ok(GroupDays {
            group: code(codes[at].ok_or_else(gone)?, ConsumerGroup::from_code)?,
            from: froms[at],
            to: tos[at],
        })
    };
    (0..codes.len()).map(days).collect()
}

fn limits(row: &mut Fields<'_>) -> Result<Vec<Limit>> {
    let (ids, services) = (row.i64_array(), row.text_array());
    let (months, years, used) = (row.i64_array(), row.i64_array(), row.i64_array());
    let limit = |at: usize| {
        let gone = || Broken::Custom("a limit lacks a field".to_owned());
        Ok(Limit {
            id: LimitId(ids[at].ok_or_else(gone)?),
            service: code(services[at].ok_or_else(gone)?, Service::from_code)?,
            monthly: months[at].map(Volume::from_liters),
            yearly: years[at].map(Volume::from_liters),
            used: Volume::from_liters(used[at].unwrap_or_default()),
        })
    };
    (0..ids.len()).map(limit).collect()
}

fn plots(row: &mut Fields<'_>) -> Vec<Plot> {
    let (ids, froms, tos, areas) = (row.i64_array(), row.date_array(), row.date_array(), row.i32_array());
    let each = ids.into_iter().zip(froms).zip(tos).zip(areas);
    each.filter_map(|(((id, from), to), area)| {
        Some(Plot { id: PlotId(id?), from: from?, to, area_dm2: area?.unsigned_abs() })
    })
    .collect()
}

fn supplies(row: &mut Fields<'_>) -> Result<Vec<Supply>> {
    let (froms, tos) = (row.date_array(), row.date_array());
    let (water, sewerage, amenities) = (row.bool_array(), row.bool_array(), row.text_array());
    let supply = |at: usize| {
        let gone = || Broken::Custom("a version of what is supplied lacks a field".to_owned());
        Ok(Supply {
            from: froms[at].ok_or_else(gone)?,
            to: tos[at],
            water: water[at].ok_or_else(gone)?,
            sewerage: sewerage[at].ok_or_else(gone)?,
            amenity: code(amenities[at].ok_or_else(gone)?, Amenity::from_code)?,
        })
    };
    (0..froms.len()).map(supply).collect()
}

fn away(row: &mut Fields<'_>) -> Vec<Away> {
    let (froms, tos) = (row.date_array(), row.date_array());
    froms.into_iter().zip(tos).filter_map(|(from, to)| Some(Away { from: from?, to })).collect()
}

fn metering(row: &mut Fields<'_>) -> Vec<Metering> {
    let (meters, digits) = (row.i64_array(), row.i32_array());
    let (froms, tos, verified) = (row.date_array(), row.date_array(), row.date_array());
    let lapsed: Vec<_> =
        row.date_array().into_iter().zip(row.date_array()).map(|(from, to)| from.zip(to)).collect();
    let prev = readings(row);
    let last = readings(row);
    (0..meters.len())
        .filter_map(|at| {
            Some(Metering {
                meter: MeterId(meters[at]?),
                digits: u8::try_from(digits[at]?).ok()?,
                from: froms[at]?,
                to: tos[at],
                verified_until: verified[at]?,
                lapsed: lapsed.get(at).copied().flatten(),
                prev: prev[at],
                last: last[at],
            })
        })
        .collect()
}

fn readings(row: &mut Fields<'_>) -> Vec<Option<ReadingRef>> {
    let (ids, days, liters) = (row.i64_array(), row.date_array(), row.i64_array());
    let each = ids.into_iter().zip(days).zip(liters);
    each.map(|((id, day), liters): ((Option<i64>, Option<NaiveDate>), Option<i64>)| {
        Some(ReadingRef { id: ReadingId(id?), day: day?, value: Volume::from_liters(liters?) })
    })
    .collect()
}
