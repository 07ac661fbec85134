//! Writing payments as sets: one or fifty thousand, the same few statements.

use chrono::NaiveDate;
use domain::kernel::*;
use domain::ledger::Entry;
use sea_orm::FromQueryResult;

use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Result, Tx, sql};

/// A payment ready to be kept.
#[derive(Debug, Clone)]
pub struct NewPayment {
    pub id: PaymentId,
    pub account: AccountId,
    pub sector: Sector,
    pub period: Period,
    pub channel: String,
    pub external_id: String,
    pub amount: Money,
    pub paid_on: NaiveDate,
    pub import_batch: Option<ImportBatchId>,
    pub reverses: Option<PaymentId>,
    pub document: Option<DocumentId>,
}

/// Numbers for so many payments.
pub async fn reserve_ids(tx: &Tx, count: usize) -> Result<Vec<i64>> {
    reserve(tx, "payments.payment_id", count).await
}

/// Numbers for so many open items.
pub async fn reserve_item_ids(tx: &Tx, count: usize) -> Result<Vec<i64>> {
    reserve(tx, "ledger.open_item_id", count).await
}

async fn reserve(tx: &Tx, sequence: &str, count: usize) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
    }
    let rows: Vec<Row> = sql::all(
        tx,
        &format!("SELECT nextval('{sequence}') AS id FROM generate_series(1, $1)"),
        [(count as i64).into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Somebody already used the key (channel, external id).
#[derive(Debug, Clone, FromQueryResult)]
pub struct TakenKey {
    pub channel: String,
    pub external_id: String,
    pub payment_id: i64,
    pub same_input: bool,
}

/// Takes the keys, for ever; gives those that were taken before, with the payment that holds them.
pub async fn take_keys(tx: &Tx, keys: &[(String, String, i64, Vec<u8>)]) -> Result<Vec<TakenKey>> {
    let channels: Vec<String> = keys.iter().map(|k| k.0.clone()).collect();
    let externals: Vec<String> = keys.iter().map(|k| k.1.clone()).collect();
    let ids: Vec<i64> = keys.iter().map(|k| k.2).collect();
    let hashes: Vec<Vec<u8>> = keys.iter().map(|k| k.3.clone()).collect();
    sql::run(
        tx,
        "INSERT INTO payments.payment_key (channel, external_id, payment_id, input_hash)
         SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[]) ON CONFLICT DO NOTHING",
        [channels.clone().into(), externals.clone().into(), ids.clone().into(), hashes.clone().into()],
    )
    .await?;
    sql::all(
        tx,
        "SELECT k.channel, k.external_id, k.payment_id, k.input_hash = n.hash AS same_input
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[]) AS n (channel, external_id, payment_id, hash)
         JOIN payments.payment_key k ON k.channel = n.channel AND k.external_id = n.external_id AND k.payment_id <> n.payment_id",
        [channels.into(), externals.into(), ids.into(), hashes.into()],
    )
    .await
}

/// Frees the keys of payments of a file that was taken back as a whole: mended, it may come again.
pub async fn release_keys(tx: &Tx, payments: &[i64]) -> Result<u64> {
    sql::run(
        tx,
        "DELETE FROM payments.payment_key k USING payments.payment p
         WHERE p.id = ANY ($1) AND k.channel = p.channel AND k.external_id = p.external_id AND k.payment_id = p.id",
        [payments.to_vec().into()],
    )
    .await
}

pub async fn payments(tx: &mut Tx, payments: &[NewPayment]) -> Result<()> {
    let by = tx.actor().label.clone();
    let mut rows = Rows::default();
    for p in payments {
        rows.row(12)
            .i64(p.id.0)
            .i64(p.account.0)
            .text(p.sector.code())
            .date(p.period.first_day())
            .text(&p.channel)
            .text(&p.external_id)
            .i64(p.amount.tiyn())
            .date(p.paid_on)
            .text(&by)
            .i64_or_null(p.import_batch.map(|id| id.0))
            .i64_or_null(p.reverses.map(|id| id.0))
            .i64_or_null(p.document.map(|id| id.0));
    }
    copy_in(
        tx.pg(),
        "COPY payments.payment (id, account_id, sector, period, channel, external_id, amount, paid_on, received_by, \
         import_batch_id, reverses, document_id) FROM STDIN WITH (FORMAT binary)",
        rows,
    )
    .await?;
    Ok(())
}

/// A part of an open item that a source settles; negative takes a settlement back.
#[derive(Debug, Clone, Copy)]
pub struct Settlement {
    pub account: AccountId,
    pub item: OpenItemId,
    pub period: Period,
    /// The day on which it is true: the payer's of a payment.
    pub valid_on: NaiveDate,
    pub amount: Money,
    pub source: &'static str,
    pub source_id: i64,
}

/// Keeps the settlements and moves the items.
pub async fn settlements(tx: &mut Tx, settlements: &[Settlement]) -> Result<()> {
    if settlements.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    for s in settlements {
        rows.row(7)
            .i64(s.account.0)
            .i64(s.item.0)
            .date(s.period.first_day())
            .date(s.valid_on)
            .i64(s.amount.tiyn())
            .text(s.source)
            .i64(s.source_id);
    }
    copy_in(
        tx.pg(),
        "COPY ledger.settlement (account_id, open_item_id, period, valid_on, amount, source, source_id) FROM STDIN WITH (FORMAT binary)",
        rows,
    )
    .await?;
    sql::run(
        tx,
        "UPDATE ledger.open_item o SET settled = o.settled + s.amount
         FROM (SELECT account_id, item_id, sum(amount)::bigint AS amount
               FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS s (account_id, item_id, amount) GROUP BY 1, 2) s
         WHERE o.account_id = s.account_id AND o.id = s.item_id",
        [
            settlements.iter().map(|s| s.account.0).collect::<Vec<_>>().into(),
            settlements.iter().map(|s| s.item.0).collect::<Vec<_>>().into(),
            settlements.iter().map(|s| s.amount.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    Ok(())
}

/// Money paid ahead, or a balance taken over: an open item of its own.
#[derive(Debug, Clone, Copy)]
pub struct NewItem {
    pub id: OpenItemId,
    pub account: AccountId,
    pub sector: Sector,
    pub service: Option<Service>,
    pub component: &'static str,
    pub origin: Period,
    pub due_on: NaiveDate,
    /// Negative for an advance.
    pub amount: Money,
    pub source: &'static str,
    pub source_id: i64,
}

pub async fn items(tx: &mut Tx, items: &[NewItem]) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    for i in items {
        rows.row(10)
            .i64(i.id.0)
            .i64(i.account.0)
            .text(i.sector.code())
            .text_or_null(i.service.map(|s| s.code()))
            .text(i.component)
            .date(i.origin.first_day())
            .date(i.due_on)
            .i64(i.amount.tiyn())
            .text(i.source)
            .i64(i.source_id);
    }
    copy_in(
        tx.pg(),
        "COPY ledger.open_item (id, account_id, sector, service, component, origin, due_on, amount, source, source_id) \
         FROM STDIN WITH (FORMAT binary)",
        rows,
    )
    .await?;
    Ok(())
}

/// Where a set of entries belongs.
#[derive(Debug, Clone, Copy)]
pub struct Posting {
    pub period: Period,
    pub sector: Sector,
    pub account: AccountId,
    pub posted_on: NaiveDate,
    pub source: &'static str,
    pub source_id: i64,
}

pub async fn entries(tx: &mut Tx, entries: &[(Posting, Entry)]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    for (at, entry) in entries {
        rows.row(11)
            .date(at.period.first_day())
            .text(at.sector.code())
            .i64(at.account.0)
            .date(at.posted_on)
            .text(entry.debit.code())
            .text(entry.credit.code())
            .i64(entry.amount.tiyn())
            .text_or_null(entry.service.map(|s| s.code()))
            .text_or_null(entry.component.map(|c| c.code()))
            .text(at.source)
            .i64(at.source_id);
    }
    copy_in(
        tx.pg(),
        "COPY ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, service, component, source, source_id) \
         FROM STDIN WITH (FORMAT binary)",
        rows,
    )
    .await?;
    Ok(())
}

/// Adds to the accounts' totals of a kind (`payment` or `opening`); positive is what the subscriber owes more.
pub async fn add_totals(tx: &Tx, kind: &str, totals: &[(AccountId, Period, Sector, Money)]) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO ledger.account_total (account_id, period, sector, kind, amount)
         SELECT account_id, period, sector, $5, sum(amount)
         FROM unnest($1::bigint[], $2::date[], $3::text[], $4::bigint[]) AS t (account_id, period, sector, amount)
         GROUP BY 1, 2, 3 ORDER BY 1
         ON CONFLICT (account_id, period, kind) DO UPDATE SET amount = account_total.amount + excluded.amount",
        [
            totals.iter().map(|t| t.0.0).collect::<Vec<_>>().into(),
            totals.iter().map(|t| t.1.first_day()).collect::<Vec<_>>().into(),
            totals.iter().map(|t| t.2.code().to_owned()).collect::<Vec<_>>().into(),
            totals.iter().map(|t| t.3.tiyn()).collect::<Vec<_>>().into(),
            kind.into(),
        ],
    )
    .await?;
    Ok(())
}
