//! Certificates of no debt.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::debt::{CertificateRequires, Clearance, OwedItem};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Certificate {
    pub id: i64,
    pub year: i32,
    pub number: i32,
    pub account_id: i64,
    #[serde(skip)]
    pub holder: String,
    pub on_day: NaiveDate,
    pub requires: String,
    pub not_due: i64,
    pub disputed: i64,
    pub advance: i64,
    #[serde(skip)]
    pub paper: serde_json::Value,
    #[serde(skip)]
    pub code: String,
    pub issued_by: String,
    pub issued_at: DateTime<Utc>,
    pub withdrawn_by: Option<String>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawal_document_id: Option<i64>,
}

const COLUMNS: &str = "c.id, c.year, c.number, c.account_id, c.holder, c.on_day, c.requires, c.not_due, c.disputed, c.advance, c.paper, \
     c.code, c.issued_by, c.issued_at, c.withdrawn_by, c.withdrawn_at, c.withdrawal_document_id";

impl Certificate {
    /// "2026-000123".
    pub fn full_number(&self) -> String {
        full_number(self.year, self.number)
    }
}

fn full_number(year: i32, number: i32) -> String {
    format!("{year}-{number:06}")
}

/// Whom and what a certificate is about: read when it is issued, kept with it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Subject {
    pub number: String,
    pub sector: String,
    pub party_id: Option<i64>,
    pub holder: Option<String>,
    pub organisation: Option<bool>,
    pub identification: Option<Vec<u8>>,
    pub street_kk: String,
    pub street_ru: String,
    pub house: String,
    pub flat: String,
    pub contract: Option<String>,
    pub contract_signed_on: Option<NaiveDate>,
}

pub async fn subject(
    db: &impl ConnectionTrait,
    account: AccountId,
    day: NaiveDate,
) -> Result<Option<Subject>> {
    sql::one(db, include_str!("sql/certificate_subject.sql"), [account.0.into(), day.into()]).await
}

/// What is owed and paid ahead, item by item, with what of it is disputed. Locked, so that no payment comes in between.
pub async fn owed(tx: &Tx, account: AccountId) -> Result<Vec<OwedItem>> {
    #[derive(FromQueryResult)]
    struct Row {
        due_on: NaiveDate,
        rest: i64,
        disputed: i64,
    }
    crate::ledger::item::lock_all_of(tx, &[account.0]).await?;
    let rows: Vec<Row> = sql::all(tx, include_str!("sql/certificate_owed.sql"), [account.0.into()]).await?;
    let sum = Money::from_tiyn;
    Ok(rows
        .into_iter()
        .map(|row| OwedItem { due_on: row.due_on, rest: sum(row.rest), disputed: sum(row.disputed) })
        .collect())
}

/// A certificate that says the same, given on the same day.
pub async fn same(
    tx: &Tx,
    account: AccountId,
    day: NaiveDate,
    of: &Clearance,
) -> Result<Option<Certificate>> {
    sql::one(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM debt.certificate c
             WHERE c.account_id = $1 AND c.on_day = $2 AND c.withdrawn_at IS NULL AND (c.not_due, c.disputed, c.advance) = ($3, $4, $5)
             ORDER BY c.id DESC LIMIT 1"
        ),
        [
            account.0.into(),
            day.into(),
            of.not_due.tiyn().into(),
            of.disputed.tiyn().into(),
            of.advance.tiyn().into(),
        ],
    )
    .await
}

pub struct NewCertificate {
    pub account: AccountId,
    pub party: Option<i64>,
    pub holder: String,
    pub on_day: NaiveDate,
    pub requires: CertificateRequires,
    pub clearance: Clearance,
    pub paper: serde_json::Value,
    pub code: String,
}

/// The next number of the year: whoever takes one holds the year until the end of the transaction, so there are no gaps.
pub async fn issue(tx: &Tx, new: NewCertificate) -> Result<Certificate> {
    let year = chrono::Datelike::year(&new.on_day);
    sql::run(tx, "SELECT pg_advisory_xact_lock(hashtext('debt.certificate'), $1)", [year.into()]).await?;
    let row = sql::one(
        tx,
        &format!(
            "INSERT INTO debt.certificate AS c (year, number, account_id, party_id, holder, on_day, requires, not_due, disputed, advance,
                 paper, code, issued_by)
             SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
             FROM debt.certificate WHERE year = $1
             RETURNING {COLUMNS}"
        ),
        [
            year.into(),
            new.account.0.into(),
            new.party.into(),
            new.holder.into(),
            new.on_day.into(),
            new.requires.code().into(),
            new.clearance.not_due.tiyn().into(),
            new.clearance.disputed.tiyn().into(),
            new.clearance.advance.tiyn().into(),
            new.paper.into(),
            new.code.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    row.ok_or(Broken::RecordNotInserted)
}

pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    id: CertificateId,
) -> Result<Option<Certificate>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let sql = format!(
        "SELECT {COLUMNS} FROM debt.certificate c JOIN subscribers.account a ON a.id = c.account_id WHERE {} AND c.id = $4",
        ScopeArgs::WHERE
    );
    sql::one(db, &sql, [sectors, districts, accounts, id.0.into()]).await
}

/// By what stands on the paper; both must be right.
pub async fn check(db: &impl ConnectionTrait, number: &str, code: &str) -> Result<Option<Certificate>> {
    let row: Option<Certificate> =
        sql::one(db, &format!("SELECT {COLUMNS} FROM debt.certificate c WHERE c.code = $1"), [code.into()])
            .await?;
    Ok(row.filter(|row| row.full_number() == number))
}

/// `None` when it was withdrawn before.
pub async fn withdraw(tx: &Tx, id: CertificateId, document: DocumentId) -> Result<Option<Certificate>> {
    sql::one(
        tx,
        &format!(
            "UPDATE debt.certificate c SET withdrawn_by = $2, withdrawn_at = now(), withdrawal_document_id = $3
             WHERE c.id = $1 AND c.withdrawn_at IS NULL RETURNING {COLUMNS}"
        ),
        [id.0.into(), tx.actor().label.clone().into(), document.0.into()],
    )
    .await
}

/// Of an account since a day, newest first.
pub async fn of_account(
    db: &impl ConnectionTrait,
    account: AccountId,
    since: Option<NaiveDate>,
    page: Page,
) -> Result<Slice<Certificate>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.certificate c
             WHERE c.account_id = $1 AND ($2::date IS NULL OR c.on_day >= $2) AND ($3::bigint IS NULL OR c.id < $3)
             ORDER BY c.id DESC LIMIT $4"
        ),
        [account.0.into(), since.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
