//! Registers in two times: `valid` says when something was so, `recorded` when we knew. Nothing is overwritten: what is known
//! better is recorded anew, and what was known before stays readable as of any moment.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::Sector;
use sea_orm::{ConnectionTrait, DbErr, RuntimeErr, Value};

use super::{Result, Tx, sql};

/// A table with `valid` and `recorded`.
pub struct Register {
    pub table: &'static str,
    /// The condition over `$4…` that names the versions which exclude each other: `account_id = $4`.
    pub key: &'static str,
    /// Everything but the id, `valid` and `recorded`: what a version says.
    pub says: &'static str,
}

impl Register {
    /// Records one version on the days from..to; `values` in the order of `says`. Its id.
    pub async fn record(
        &self,
        tx: &Tx,
        values: impl IntoIterator<Item = Value>,
        from: NaiveDate,
        to: Option<NaiveDate>,
        at: DateTime<Utc>,
    ) -> Result<i64> {
        let Self { table, says, .. } = self;
        let values: Vec<Value> = [from.into(), to.into(), at.into()].into_iter().chain(values).collect();
        let places: Vec<String> = (4..=values.len()).map(|n| format!("${n}")).collect();
        let id = sql::scalar(
            tx,
            &format!(
                "INSERT INTO {table} ({says}, valid, recorded)
                 VALUES ({}, daterange($1, $2), tstzrange($3, NULL)) RETURNING id",
                places.join(", ")
            ),
            values,
        )
        .await?;
        id.ok_or(DbErr::RecordNotInserted)
    }

    /// Ends what is known to hold on a day or later at that day. How many versions it touched.
    pub async fn end(
        &self,
        tx: &Tx,
        key: impl IntoIterator<Item = Value>,
        day: NaiveDate,
        at: DateTime<Utc>,
    ) -> Result<u64> {
        self.make_room(tx, key, day, None, at).await
    }

    /// Takes back what was recorded of a key at a moment: it is known no more from `at` on, and what was closed then is known again.
    /// The caller has seen that nothing was recorded since.
    pub async fn take_back(
        &self,
        tx: &Tx,
        key: impl IntoIterator<Item = Value>,
        moment: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let Self { table, says, .. } = self;
        let condition = self.key.replace("$4", "$3");
        let values: Vec<Value> = [moment.into(), at.into()].into_iter().chain(key).collect();
        for statement in [
            format!(
                "UPDATE {table} SET recorded = tstzrange(lower(recorded), $2)
                 WHERE {condition} AND lower(recorded) = $1 AND upper_inf(recorded)"
            ),
            format!(
                "INSERT INTO {table} ({says}, valid, recorded)
                 SELECT {says}, valid, tstzrange($2, NULL) FROM {table} WHERE {condition} AND upper(recorded) = $1"
            ),
        ] {
            sql::run(tx, &statement, values.clone()).await?;
        }
        Ok(())
    }

    /// Makes room on the days from..to: what was known of them is closed at the moment `at`, and what it said about the days
    /// around is recorded anew. How many versions it touched.
    pub async fn make_room(
        &self,
        tx: &Tx,
        key: impl IntoIterator<Item = Value>,
        from: NaiveDate,
        to: Option<NaiveDate>,
        at: DateTime<Utc>,
    ) -> Result<u64> {
        let Self { table, key: condition, says } = self;
        let values: Vec<Value> = [from.into(), to.into(), at.into()].into_iter().chain(key).collect();
        let closed = sql::run(
            tx,
            &format!(
                "UPDATE {table} SET recorded = tstzrange(lower(recorded), $3)
                 WHERE {condition} AND upper_inf(recorded) AND valid && daterange($1, $2)"
            ),
            values.clone(),
        )
        .await?;
        if closed > 0 {
            sql::run(
                tx,
                &format!(
                    "INSERT INTO {table} ({says}, valid, recorded)
                     SELECT {says}, rest, tstzrange($3, NULL) FROM {table}
                     CROSS JOIN LATERAL (VALUES
                         (CASE WHEN lower(valid) < $1 THEN daterange(lower(valid), $1) END),
                         (CASE WHEN $2::date IS NOT NULL AND (upper_inf(valid) OR upper(valid) > $2)
                               THEN daterange($2, upper(valid)) END)) AS around (rest)
                     WHERE {condition} AND upper(recorded) = $3 AND valid && daterange($1, $2) AND rest IS NOT NULL"
                ),
                values,
            )
            .await?;
        }
        Ok(closed)
    }
}

/// The moment of a recording. Taken after the lock on what the fact is about: of two writers, who comes later records later.
pub async fn moment(tx: &Tx) -> Result<DateTime<Utc>> {
    let at = sql::scalar(tx, "SELECT clock_timestamp()", []).await?;
    at.ok_or_else(|| DbErr::RecordNotFound("clock_timestamp".into()))
}

/// The first day that no closed period covers; none while nothing is closed. Of one sector, or of any. Registers below the
/// ledger may not call it, but what they say about closed days must not change.
pub async fn first_open_day(db: &impl ConnectionTrait, sector: Option<Sector>) -> Result<Option<NaiveDate>> {
    let day: Option<Option<NaiveDate>> = sql::scalar(
        db,
        "SELECT (max(period) + interval '1 month')::date FROM ledger.period
         WHERE status = 'closed' AND ($1::text IS NULL OR sector = $1)",
        [sector.map(Sector::code).into()],
    )
    .await?;
    Ok(day.flatten())
}

/// The constraint that a statement ran into, if that is what happened.
pub fn violated(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return None;
    };
    inner.as_database_error().and_then(|e| e.constraint()).map(str::to_owned)
}
