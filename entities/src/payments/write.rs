//! Writing payments as sets: one or fifty thousand, the same few statements.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::ledger::Entry;
use sea_orm::FromQueryResult;

use crate::kernel::copy::{Rows, copy_in};
use crate::kernel::{Broken, Result, Tx, sql};

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
    /// Whose clearing account it went through.
    pub agent: Option<AgentId>,
    pub import_batch: Option<ImportBatchId>,
    pub reverses: Option<PaymentId>,
    pub document: Option<DocumentId>,
    /// What it is for, as `PaymentTarget` spells it.
    pub target: Option<String>,
    /// The payer's moment, where the channel says it.
    pub paid_at: Option<DateTime<Utc>>,
}

/// Numbers for so many payments.
pub async fn reserve_ids(tx: &Tx, count: usize) -> Result<Vec<i64>> {
    reserve(tx, "payments.payment_id", count).await
}

/// Numbers for so many open items.
pub async fn reserve_item_ids(tx: &Tx, count: usize) -> Result<Vec<i64>> {
    reserve(tx, "ledger.open_item_id", count).await
}

pub(super) async fn reserve(tx: &Tx, sequence: &str, count: usize) -> Result<Vec<i64>> {
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
pub struct KnownKey {
    pub channel: String,
    pub external_id: String,
    /// None where it is that of money without an account.
    pub payment_id: Option<i64>,
    /// That money is not worked off yet; else it went back or was divided.
    pub held: bool,
    /// That payment was taken back.
    pub reversed: bool,
    /// What it stands for.
    pub input_hash: Vec<u8>,
}

/// Which of the keys (channel, external id) are used, and for what; takes none. Money without an account that is not worked off yet holds
/// its key too, but for `own`, which is being worked off.
pub async fn known_keys(
    tx: &Tx,
    keys: &[(String, String)],
    own: Option<SuspenseId>,
) -> Result<Vec<KnownKey>> {
    let (channels, externals): (Vec<String>, Vec<String>) = keys.iter().cloned().unzip();
    sql::all(
        tx,
        "SELECT k.channel, k.external_id, k.payment_id, false AS held, k.input_hash,
                EXISTS (SELECT FROM payments.payment r WHERE r.reverses = k.payment_id) AS reversed
         FROM unnest($1::text[], $2::text[]) AS n (channel, external_id)
         JOIN payments.payment_key k ON k.channel = n.channel AND k.external_id = n.external_id
         UNION ALL
         SELECT s.channel, s.external_id, NULL, true, ''::bytea, false
         FROM unnest($1::text[], $2::text[]) AS n (channel, external_id)
         JOIN payments.suspense s ON s.channel = n.channel AND s.external_id = n.external_id
         WHERE s.state IN ('open', 'returning') AND s.state <> 'split' AND s.id <> $3 AND NOT EXISTS (
             SELECT FROM payments.payment_key k WHERE k.channel = s.channel AND k.external_id = s.external_id)",
        [channels.into(), externals.into(), own.map_or(0, |id| id.0).into()],
    )
    .await
}

/// A key on its way in.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub key: (String, String),
    pub payment: PaymentId,
    pub input_hash: Vec<u8>,
}

/// Takes the keys, for ever; gives those that somebody else took meanwhile. Each once, in one order for everybody: who wants the same
/// ones waits, and not for one another.
pub async fn take_keys(tx: &Tx, keys: &[NewKey]) -> Result<Vec<KnownKey>> {
    let taken = sql::run(
        tx,
        "INSERT INTO payments.payment_key (channel, external_id, payment_id, input_hash)
         SELECT n.channel, n.external_id, n.payment_id, n.hash
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[]) AS n (channel, external_id, payment_id, hash)
         ORDER BY n.channel, n.external_id ON CONFLICT DO NOTHING",
        [
            keys.iter().map(|new| new.key.0.clone()).collect::<Vec<_>>().into(),
            keys.iter().map(|new| new.key.1.clone()).collect::<Vec<_>>().into(),
            keys.iter().map(|new| new.payment.0).collect::<Vec<_>>().into(),
            keys.iter().map(|new| new.input_hash.clone()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    if taken == keys.len() as u64 {
        return Ok(Vec::new());
    }
    let ours: HashSet<i64> = keys.iter().map(|new| new.payment.0).collect();
    let keys_of: Vec<_> = keys.iter().map(|new| new.key.clone()).collect();
    let mut lost = known_keys(tx, &keys_of, None).await?;
    // Those that were lost are in the table of keys.
    lost.retain(|known| !known.held && known.payment_id.is_none_or(|id| !ours.contains(&id)));
    if taken + lost.len() as u64 != keys.len() as u64 {
        return Err(Broken::Custom("a number was given up while it was asked for; try again".into()));
    }
    Ok(lost)
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
        rows.row(15)
            .i64(p.id.0)
            .i64(p.account.0)
            .text(p.sector.code())
            .date(p.period.first_day())
            .text(&p.channel)
            .text(&p.external_id)
            .i64(p.amount.tiyn())
            .date(p.paid_on)
            .text(&by)
            .i64_or_null(p.agent.map(|id| id.0))
            .i64_or_null(p.import_batch.map(|id| id.0))
            .i64_or_null(p.reverses.map(|id| id.0))
            .i64_or_null(p.document.map(|id| id.0))
            .text_or_null(p.target.as_deref());
        match p.paid_at {
            Some(at) => rows.timestamp(at),
            None => rows.null(),
        };
    }
    copy_in(
        tx.pg(),
        "COPY payments.payment (id, account_id, sector, period, channel, external_id, amount, paid_on, received_by, \
         agent_id, import_batch_id, reverses, document_id, target, paid_at) FROM STDIN WITH (FORMAT binary)",
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
    /// Of an advance that covers nothing but what this earmark names.
    pub earmark: Option<EarmarkId>,
}

pub async fn items(tx: &mut Tx, items: &[NewItem]) -> Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    let mut rows = Rows::default();
    for i in items {
        rows.row(11)
            .i64(i.id.0)
            .i64(i.account.0)
            .text(i.sector.code())
            .text_or_null(i.service.map(|s| s.code()))
            .text(i.component)
            .date(i.origin.first_day())
            .date(i.due_on)
            .i64(i.amount.tiyn())
            .text(i.source)
            .i64(i.source_id)
            .i64_or_null(i.earmark.map(|id| id.0));
    }
    copy_in(
        tx.pg(),
        "COPY ledger.open_item (id, account_id, sector, service, component, origin, due_on, amount, source, source_id, earmark_id) \
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
        rows.row(12)
            .date(at.period.first_day())
            .text(at.sector.code())
            .i64(at.account.0)
            .date(at.posted_on)
            .text(entry.debit.code())
            .text(entry.credit.code())
            .i64(entry.amount.tiyn())
            .text_or_null(entry.service.map(|s| s.code()))
            .text_or_null(entry.component.map(|c| c.code()))
            .i64_or_null(entry.agent.map(|id| id.0))
            .text(at.source)
            .i64(at.source_id);
    }
    copy_in(
        tx.pg(),
        "COPY ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, service, component, agent_id, source, source_id) \
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
