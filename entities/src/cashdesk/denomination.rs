//! Banknotes and coins with the days on which they are money.

use chrono::NaiveDate;
use domain::cashdesk::{Denomination, DenominationKind};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Result, Tx, sql};

#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct Row {
    pub id: i64,
    pub kind: DenominationKind,
    pub value: i64,
    pub design: String,
    pub from_day: NaiveDate,
    /// First day on which it is no money any more.
    pub to_day: Option<NaiveDate>,
    pub source: String,
}

impl From<&Row> for Denomination {
    fn from(row: &Row) -> Self {
        Self {
            id: DenominationId(row.id),
            kind: row.kind,
            value: Money::from_tiyn(row.value),
            from: row.from_day,
            to: row.to_day,
        }
    }
}

const COLUMNS: &str =
    "d.id, d.kind, d.value, d.design, lower(d.valid) AS from_day, upper(d.valid) AS to_day, d.source";

/// All of them, notes before coins, large before small; a few dozen at most.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Row>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM cashdesk.denomination d ORDER BY d.kind DESC, d.value DESC, lower(d.valid) DESC LIMIT 200"
    );
    sql::all(db, &sql, []).await
}

/// A banknote or coin from a day on, until another.
#[derive(Debug, Clone)]
pub struct NewDenomination {
    pub kind: DenominationKind,
    pub value: Money,
    pub design: String,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub source: String,
}

pub async fn insert(tx: &Tx, new: NewDenomination) -> Result<Row> {
    let sql = format!(
        "INSERT INTO cashdesk.denomination AS d (kind, value, design, valid, source, recorded_by)
         VALUES ($1, $2, $3, daterange($4, $5), $6, $7) RETURNING {COLUMNS}"
    );
    let values = [
        new.kind.code().into(),
        new.value.tiyn().into(),
        new.design.into(),
        new.from.into(),
        new.to.into(),
        new.source.into(),
        tx.actor().label.clone().into(),
    ];
    sql::one(tx, &sql, values).await?.ok_or(Broken::RecordNotInserted)
}

/// Ends one: from that day on it is no money. `None` when there is no such one, or its days do not reach there.
pub async fn end(tx: &Tx, id: DenominationId, to: NaiveDate) -> Result<Option<Row>> {
    let sql = format!(
        "UPDATE cashdesk.denomination d SET valid = daterange(lower(d.valid), $2), recorded_by = $3
         WHERE d.id = $1 AND lower(d.valid) < $2 RETURNING {COLUMNS}"
    );
    sql::one(tx, &sql, [id.0.into(), to.into(), tx.actor().label.clone().into()]).await
}
