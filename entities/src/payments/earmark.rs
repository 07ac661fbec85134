//! Debts that money is tied to.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::payments::{EarmarkAct, EarmarkKind};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Result, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Earmark {
    pub id: i64,
    pub account_id: AccountId,
    pub kind: EarmarkKind,
    pub reference: String,
    pub document_id: DocumentId,
    /// The act above that ties it; none where a person does.
    pub act: Option<EarmarkAct>,
    pub act_id: Option<i64>,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub closed_on: Option<NaiveDate>,
    /// Tiyn still owed of its debts.
    pub owed: i64,
    /// Tiyn that its money left over, as a positive sum.
    pub held: i64,
}

const COLUMNS: &str = "e.id, e.account_id, e.kind, e.reference, e.document_id, e.act, e.act_id, e.recorded_by, e.recorded_at, e.closed_on,
     (SELECT coalesce(sum(least(i.amount, o.amount - o.settled)), 0)::bigint FROM payments.earmark_item i
      JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id WHERE i.earmark_id = e.id) AS owed,
     (SELECT coalesce(sum(o.settled - o.amount), 0)::bigint FROM ledger.open_item o
      WHERE o.account_id = e.account_id AND o.earmark_id = e.id) AS held";

pub async fn find(db: &impl ConnectionTrait, id: EarmarkId) -> Result<Option<Earmark>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM payments.earmark e WHERE e.id = $1"), [id.0.into()]).await
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Earmark>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM payments.earmark e WHERE e.id = ANY ($1)"), [ids.into()])
        .await
}

/// Under a lock: nobody unties it meanwhile.
pub async fn lock(tx: &Tx, id: EarmarkId) -> Result<Option<Earmark>> {
    sql::run(tx, "SELECT FROM payments.earmark e WHERE e.id = $1 FOR UPDATE", [id.0.into()]).await?;
    find(tx, id).await
}

/// Those of accounts, newest first; a hundred of each at most.
pub async fn of_accounts(db: &impl ConnectionTrait, accounts: Vec<i64>) -> Result<Vec<Earmark>> {
    sql::all(
        db,
        &format!(
            "SELECT x.* FROM unnest($1::bigint[]) AS a (id)
             CROSS JOIN LATERAL (SELECT {COLUMNS} FROM payments.earmark e WHERE e.account_id = a.id ORDER BY e.id DESC LIMIT 100) x"
        ),
        [accounts.into()],
    )
    .await
}

/// What an open earmark names on its account.
#[derive(Debug, Clone)]
pub struct Named {
    pub account: AccountId,
    pub debts: Debts,
}

#[derive(Debug, Clone)]
pub enum Debts {
    /// These items.
    Items(Vec<OpenItemId>),
    /// So much of these items: those of an act above.
    Parts(Vec<(OpenItemId, Money)>),
}

/// What open earmarks name, by the earmark; of closed ones nothing.
pub async fn items(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<HashMap<EarmarkId, Named>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        account_id: i64,
        in_parts: bool,
        items: Vec<i64>,
        sums: Vec<i64>,
    }
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT e.id, e.account_id, e.act IS NOT NULL AS in_parts,
                ARRAY(SELECT i.open_item_id FROM payments.earmark_item i WHERE i.earmark_id = e.id ORDER BY 1) AS items,
                ARRAY(SELECT coalesce(i.amount, 0) FROM payments.earmark_item i WHERE i.earmark_id = e.id ORDER BY i.open_item_id) AS sums
         FROM payments.earmark e WHERE e.id = ANY ($1) AND e.closed_on IS NULL",
        [ids.into()],
    )
    .await?;
    let of = |row: Row| {
        let items = row.items.into_iter().map(OpenItemId);
        let debts = if row.in_parts {
            Debts::Parts(items.zip(row.sums.into_iter().map(Money::from_tiyn)).collect())
        } else {
            Debts::Items(items.collect())
        };
        (EarmarkId(row.id), Named { account: AccountId(row.account_id), debts })
    };
    Ok(rows.into_iter().map(of).collect())
}

/// An earmark to be kept.
#[derive(Debug, Clone)]
pub struct NewEarmark {
    pub account: AccountId,
    pub kind: EarmarkKind,
    pub reference: String,
    pub document: DocumentId,
    pub items: Vec<OpenItemId>,
}

pub async fn insert(tx: &Tx, new: &NewEarmark) -> Result<EarmarkId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO payments.earmark (account_id, kind, reference, document_id, recorded_by) VALUES ($1, $2, $3, $4, $5)
         RETURNING id",
        [
            new.account.0.into(),
            new.kind.code().into(),
            new.reference.clone().into(),
            new.document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    let id = id.ok_or(Broken::RecordNotInserted)?;
    sql::run(
        tx,
        "INSERT INTO payments.earmark_item (earmark_id, account_id, open_item_id) SELECT $1, $2, * FROM unnest($3::bigint[])",
        [id.into(), new.account.0.into(), new.items.iter().map(|item| item.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(EarmarkId(id))
}

/// What an act above ties money to.
#[derive(Debug, Clone)]
pub struct NewTie {
    pub act: EarmarkAct,
    pub act_id: i64,
    pub account: AccountId,
    pub kind: EarmarkKind,
    pub reference: String,
    pub document: DocumentId,
    /// So much of each item.
    pub parts: Vec<(OpenItemId, Money)>,
}

/// The open earmark of an act.
pub async fn of_act(db: &impl ConnectionTrait, act: EarmarkAct, act_id: i64) -> Result<Option<Earmark>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.earmark e WHERE e.act = $1 AND e.act_id = $2 AND e.closed_on IS NULL"
        ),
        [act.code().into(), act_id.into()],
    )
    .await
}

/// Keeps the earmark of an act; one that stands names what the act names now.
pub async fn tie(tx: &Tx, new: &NewTie) -> Result<EarmarkId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO payments.earmark (account_id, kind, reference, document_id, act, act_id, recorded_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (act, act_id) WHERE act IS NOT NULL AND closed_on IS NULL
         DO UPDATE SET kind = excluded.kind, reference = excluded.reference RETURNING id",
        [
            new.account.0.into(),
            new.kind.code().into(),
            new.reference.clone().into(),
            new.document.0.into(),
            new.act.code().into(),
            new.act_id.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    let id = id.ok_or(Broken::RecordNotInserted)?;
    sql::run(tx, "DELETE FROM payments.earmark_item WHERE earmark_id = $1", [id.into()]).await?;
    sql::run(
        tx,
        "INSERT INTO payments.earmark_item (earmark_id, account_id, open_item_id, amount)
         SELECT $1, $2, * FROM unnest($3::bigint[], $4::bigint[])",
        [
            id.into(),
            new.account.0.into(),
            new.parts.iter().map(|part| part.0.0).collect::<Vec<_>>().into(),
            new.parts.iter().map(|part| part.1.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    Ok(EarmarkId(id))
}

/// From now on what it held is like any other money.
pub async fn close(tx: &Tx, id: EarmarkId, today: NaiveDate) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.earmark SET closed_on = $2, closed_by = $3 WHERE id = $1 AND closed_on IS NULL",
        [id.0.into(), today.into(), tx.actor().label.clone().into()],
    )
    .await
}
