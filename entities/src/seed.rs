//! The demo city's way in: whole tables through COPY with ids of the caller's own choice.

use sea_orm::sqlx::AssertSqlSafe;
use sea_orm::{ConnectionTrait, FromQueryResult, sqlx};

use crate::kernel::copy::{self, Rows};
use crate::kernel::tx::broken;
use crate::kernel::{Result, Tx, sql};

/// The tables of a city in the order in which they must be filled, each with the columns that are given; the others keep
/// their defaults.
pub const TABLES: &[(&str, &str)] = &[
    ("premises.building", "id, district_id, street_id, house, kind"),
    ("premises.premise", "id, building_id, number, kind, area_dm2"),
    ("premises.point", "id, building_id, premise_id, hot"),
    ("premises.point_service", "id, point_id, water, sewerage, amenity, valid, recorded_by"),
    (
        "subscribers.party",
        "id, kind, name, identification, identification_index, phone, phone_index, email, email_index, language, is_staff",
    ),
    (
        "subscribers.account",
        "id, number, sector, consumer_group, district_id, building_id, premise_id, status, opened_on, closed_on",
    ),
    ("subscribers.holder", "id, account_id, party_id, valid, recorded_by"),
    ("subscribers.residency", "id, account_id, residents, source, valid, recorded_by"),
    ("subscribers.account_point", "id, account_id, point_id, valid, recorded_by"),
    ("contracts.contract", "id, number, kind, account_id, party_id, signed_on, valid, recorded_by"),
    ("contracts.point_volume", "id, contract_id, point_id, liters, valid, recorded_by"),
    ("meters.meter", "id, model_id, serial, hot"),
    ("meters.installation", "id, meter_id, point_id, valid, recorded_by, seal"),
    ("meters.verification", "id, meter_id, verified_on, valid_until, recorded_by"),
    (
        "readings.reading",
        "id, period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, reasons, consumption, \
         rolled_over, previous_id, received_at, received_by, decided_by, act",
    ),
];

/// Position of a table in [`TABLES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    Building,
    Premise,
    Point,
    PointService,
    Party,
    Account,
    Holder,
    Residency,
    AccountPoint,
    Contract,
    PointVolume,
    Meter,
    Installation,
    Verification,
    Reading,
}

/// Rows of every table, gathered until they are worth a transaction.
pub struct Sheets {
    rows: Vec<Rows>,
}

impl Default for Sheets {
    fn default() -> Self {
        Self { rows: TABLES.iter().map(|_| Rows::default()).collect() }
    }
}

impl Sheets {
    /// A new row of the table; its fields follow in the order of [`TABLES`].
    pub fn row(&mut self, table: Table) -> &mut Rows {
        let fields = TABLES[table as usize].1.split(',').count();
        self.rows[table as usize].row(i16::try_from(fields).expect("a table has few columns"))
    }

    pub fn count(&self, table: Table) -> u64 {
        self.rows[table as usize].count
    }

    /// Writes everything and moves the tables' own numbering past the ids that were given.
    pub async fn write(self, tx: &mut Tx) -> Result<u64> {
        let mut written = 0;
        for (rows, (table, columns)) in self.rows.into_iter().zip(TABLES) {
            if rows.count == 0 {
                continue;
            }
            let sql = format!("COPY {table} ({columns}) FROM STDIN WITH (FORMAT binary)");
            written += copy::copy_in(tx.pg(), &sql, rows).await?;
        }
        Ok(written)
    }
}

/// Waits for every other transaction of a seed, and keeps them waiting until the end of this one. What a seed sent before it was
/// killed may still be on its way to a commit: who reads how far the city is must not read it before.
pub async fn alone(db: &impl ConnectionTrait) -> Result<()> {
    sql::run(db, "SELECT pg_advisory_xact_lock(hashtext('demo.city'))", []).await.map(drop)
}

/// The first id that no row of the table has, table by table; so a city is laid beside what is there already.
pub async fn first_ids(db: &impl ConnectionTrait) -> Result<Vec<i64>> {
    let mut ids = Vec::with_capacity(TABLES.len());
    for (table, _) in TABLES {
        let next = format!("SELECT coalesce(max(id), 0) + 1 FROM {table}");
        ids.push(sql::scalar(db, &next, []).await?.unwrap_or(1));
    }
    Ok(ids)
}

/// Moves the tables' own numbering past the ids that were given.
pub async fn settle_numbering(tx: &mut Tx) -> Result<()> {
    for (table, _) in TABLES {
        let sequence = match *table {
            "readings.reading" => "'readings.reading_id'".to_owned(),
            table => format!("pg_get_serial_sequence('{table}', 'id')"),
        };
        let settle = format!("SELECT setval({sequence}, (SELECT coalesce(max(id), 1) FROM {table}))");
        sqlx::query(AssertSqlSafe(settle)).execute(tx.pg()).await.map_err(broken)?;
    }
    Ok(())
}

/// Partitions of a month, before its rows can come in.
pub async fn ensure_partitions(db: &impl ConnectionTrait, month: chrono::NaiveDate) -> Result<()> {
    sql::run(db, "SELECT platform.ensure_partitions($1)", [month.into()]).await?;
    Ok(())
}

/// Fresh statistics of the whole database: the planner knows nothing of rows that came by the million a moment ago.
pub async fn analyze(db: &impl ConnectionTrait) -> Result<()> {
    db.execute_unprepared("ANALYZE").await.map(drop)
}

/// A district (район): id, code, names in Kazakh, Russian, English. Those that exist stay as they are.
pub async fn districts(tx: &mut Tx, rows: &[(i64, &str, &str, &str, &str)]) -> Result<()> {
    for &(id, code, kk, ru, en) in rows {
        sql::run(
            tx,
            "INSERT INTO premises.district (id, code, name_kk, name_ru, name_en) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT DO NOTHING",
            [id.into(), code.into(), kk.into(), ru.into(), en.into()],
        )
        .await?;
    }
    Ok(())
}

/// Ids of the districts by code.
pub async fn district_ids(db: &impl ConnectionTrait) -> Result<Vec<(String, i64)>> {
    pairs(db, "SELECT code, id FROM premises.district").await
}

/// Streets by code, names in Kazakh and Russian; answers their ids in the same order.
pub async fn streets(tx: &mut Tx, rows: &[(String, &str, &str)]) -> Result<Vec<i64>> {
    let mut ids = Vec::with_capacity(rows.len());
    for (code, kk, ru) in rows {
        let id = sql::scalar(
            tx,
            "INSERT INTO premises.street (code, name_kk, name_ru) VALUES ($1, $2, $3)
             ON CONFLICT (code) DO UPDATE SET name_kk = excluded.name_kk RETURNING id",
            [code.clone().into(), (*kk).into(), (*ru).into()],
        )
        .await?;
        ids.push(id.expect("the insert returns a row"));
    }
    Ok(ids)
}

/// A meter model as the seed gives it.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    pub name: &'static str,
    pub manufacturer: &'static str,
    pub digits: i32,
    pub diameter: i32,
    pub cold_months: i32,
    pub hot_months: i32,
}

/// Meter models; answers their ids in the same order.
pub async fn models(tx: &mut Tx, rows: &[Model]) -> Result<Vec<i64>> {
    let mut ids = Vec::with_capacity(rows.len());
    for m in rows {
        let id = sql::scalar(
            tx,
            "INSERT INTO meters.model (name, manufacturer, digits, diameter_mm, interval_cold_months, interval_hot_months)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (name) DO UPDATE SET manufacturer = excluded.manufacturer RETURNING id",
            [
                m.name.into(),
                m.manufacturer.into(),
                m.digits.into(),
                m.diameter.into(),
                m.cold_months.into(),
                m.hot_months.into(),
            ],
        )
        .await?;
        ids.push(id.expect("the insert returns a row"));
    }
    Ok(ids)
}

/// The price list of paid services of the demo: code, names in Kazakh, Russian and English, whose receivable, net tenge. Two people
/// agreed to it, as to everything that decides money.
pub async fn paid_services(
    tx: &mut Tx,
    rows: &[(&str, &str, &str, &str, &str, i64)],
    from: chrono::NaiveDate,
) -> Result<()> {
    for (code, kk, ru, en, service, net) in rows.iter().copied() {
        sql::run(
            tx,
            "INSERT INTO billing.paid_service (code, title_kk, title_ru, title_en, service, net, valid, source, document_id, state,
                 proposed_by, decided_by, decided_at)
             SELECT $1, $2, $3, $4, $5, $6, daterange($7, NULL), 'көрсетілім прейскуранты / прейскурант демонстрации', min(d.id), 'confirmed', 'demo', 'demo-chief', now()
             FROM archive.document d
             WHERE NOT EXISTS (SELECT FROM billing.paid_service WHERE code = $1) HAVING count(*) > 0",
            [code.into(), kk.into(), ru.into(), en.into(), service.into(), net.into(), from.into()],
        )
        .await?;
    }
    Ok(())
}

/// An official document: kind, number, day, issuer, subject. One that is registered already stays as it is.
pub async fn document(
    tx: &mut Tx,
    kind: &str,
    number: &str,
    issued_on: chrono::NaiveDate,
    issuer: &str,
    subject: &str,
) -> Result<()> {
    let by = tx.actor().label.clone();
    sql::run(
        tx,
        "INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        [kind.into(), number.into(), issued_on.into(), issuer.into(), subject.into(), by.into()],
    )
    .await?;
    Ok(())
}

async fn pairs(db: &impl ConnectionTrait, query: &str) -> Result<Vec<(String, i64)>> {
    let rows = db
        .query_all_raw(sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, query.to_owned()))
        .await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// An account with its sector.
#[derive(Debug, Clone, FromQueryResult)]
pub struct AccountRow {
    pub id: i64,
    pub sector: String,
}

/// Accounts in the order of their ids, a page at a time.
pub async fn accounts(db: &impl ConnectionTrait, after: i64, limit: i64) -> Result<Vec<AccountRow>> {
    sql::all(
        db,
        "SELECT id, sector FROM subscribers.account WHERE id > $1 ORDER BY id LIMIT $2",
        [after.into(), limit.into()],
    )
    .await
}

/// What an account owes at the moment, in tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Owing {
    pub account_id: i64,
    pub sector: String,
    pub owed: i64,
}

/// Accounts that owe something, in the order of their ids, a page at a time.
pub async fn owing(db: &impl ConnectionTrait, after: i64, limit: i64) -> Result<Vec<Owing>> {
    sql::all(
        db,
        "SELECT account_id, min(sector) AS sector, sum(amount - settled)::bigint AS owed FROM ledger.open_item
         WHERE account_id > $1 AND amount <> settled
         GROUP BY account_id HAVING sum(amount - settled) > 0
         ORDER BY account_id LIMIT $2",
        [after.into(), limit.into()],
    )
    .await
}

/// Torn seals, people away, watered plots, a house in bulk, a contract of five objects with limits: once the registers stand, by a few
/// statements over all of them. Cases lie in the month before the current one, so that a bill of the history tells of them.
pub async fn special_cases(
    tx: &mut Tx,
    first: chrono::NaiveDate,
    current: chrono::NaiveDate,
    before: chrono::NaiveDate,
) -> Result<()> {
    let day = |day: chrono::NaiveDate| format!("DATE '{day}'");
    let script = include_str!("seed/special.sql")
        .replace("{first}", &day(first))
        .replace("{current}", &day(current))
        .replace("{before}", &day(before));
    tx.execute_unprepared(&script).await.map(drop)
}
