//! The price list of paid services, and what accounts were charged by it.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::billing::PaidServiceState;
use domain::kernel::*;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

/// A version of a line of the price list.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct PaidService {
    pub id: i64,
    pub code: String,
    pub title_kk: String,
    pub title_ru: String,
    pub title_en: String,
    pub service: String,
    pub net: Decimal,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub source: String,
    pub document_id: i64,
    pub state: String,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
}

const SERVICE: &str = "p.id, p.code, p.title_kk, p.title_ru, p.title_en, p.service, p.net, lower(p.valid) AS from, upper(p.valid) AS to, \
     p.source, p.document_id, p.state, p.proposed_by, p.proposed_at, p.decided_by, p.decided_at";

/// A new version; its days end when a later one is confirmed.
pub struct NewService<'a> {
    pub code: &'a str,
    pub titles: [&'a str; 3],
    pub service: Service,
    pub net: Decimal,
    pub from: NaiveDate,
    pub source: &'a str,
    pub document: DocumentId,
}

pub async fn service(db: &impl ConnectionTrait, id: PaidServiceId) -> Result<Option<PaidService>> {
    sql::one(db, &format!("SELECT {SERVICE} FROM billing.paid_service p WHERE p.id = $1"), [id.0.into()])
        .await
}

pub async fn lock_service(tx: &Tx, id: PaidServiceId) -> Result<Option<PaidService>> {
    let sql = format!("SELECT {SERVICE} FROM billing.paid_service p WHERE p.id = $1 FOR UPDATE");
    sql::one(tx, &sql, [id.0.into()]).await
}

/// Many at once, for edges.
pub async fn services(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<PaidService>> {
    sql::all(db, &format!("SELECT {SERVICE} FROM billing.paid_service p WHERE p.id = ANY ($1)"), [ids.into()])
        .await
}

/// The price list of a day by code, with what waits for a second person; with `all` every version there was. Two hundred at most.
pub async fn price_list(db: &impl ConnectionTrait, day: NaiveDate, all: bool) -> Result<Vec<PaidService>> {
    sql::all(
        db,
        &format!(
            "SELECT {SERVICE} FROM billing.paid_service p
             WHERE $2 OR p.state = 'proposed' OR (p.state = 'confirmed' AND p.valid @> $1)
             ORDER BY p.code, lower(p.valid) DESC, p.id DESC LIMIT 200"
        ),
        [day.into(), all.into()],
    )
    .await
}

/// `None` when a version of the code waits already.
pub async fn propose(tx: &Tx, new: &NewService<'_>) -> Result<Option<PaidServiceId>> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO billing.paid_service (code, title_kk, title_ru, title_en, service, net, valid, source, document_id, proposed_by)
         VALUES ($1, $2, $3, $4, $5, $6, daterange($7, NULL), $8, $9, $10)
         ON CONFLICT (code) WHERE state = 'proposed' DO NOTHING RETURNING id",
        [
            new.code.into(),
            new.titles[0].into(),
            new.titles[1].into(),
            new.titles[2].into(),
            new.service.code().into(),
            new.net.into(),
            new.from.into(),
            new.source.into(),
            new.document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    Ok(id.map(PaidServiceId))
}

/// Whether a confirmed version of the code begins on the day or later.
pub async fn later_version(tx: &Tx, row: &PaidService) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        tx,
        "SELECT EXISTS (SELECT FROM billing.paid_service WHERE code = $1 AND state = 'confirmed' AND lower(valid) >= $2)",
        [row.code.clone().into(), row.from.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// A confirmed version ends the one before it.
pub async fn decide_service(tx: &Tx, row: &PaidService, state: PaidServiceState) -> Result<()> {
    if state == PaidServiceState::Confirmed {
        sql::run(
            tx,
            "UPDATE billing.paid_service SET valid = daterange(lower(valid), $2)
             WHERE code = $1 AND state = 'confirmed' AND valid @> $2::date",
            [row.code.clone().into(), row.from.into()],
        )
        .await?;
    }
    sql::run(
        tx,
        "UPDATE billing.paid_service SET state = $2, decided_by = $3, decided_at = now() WHERE id = $1",
        [row.id.into(), state.code().into(), tx.actor().label.clone().into()],
    )
    .await
    .map(drop)
}

/// A one-off charge of an account.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct OneOff {
    pub id: i64,
    pub account_id: i64,
    pub paid_service_id: i64,
    pub performed_on: NaiveDate,
    pub quantity: i32,
    pub vat_rate: Decimal,
    pub net: i64,
    pub vat: i64,
    pub gross: i64,
    pub period: NaiveDate,
    pub due_on: NaiveDate,
    pub document_id: i64,
    pub state: String,
    pub recorded_by: String,
    pub recorded_at: DateTime<Utc>,
    pub reversed_by: Option<String>,
    pub reversed_at: Option<DateTime<Utc>>,
    pub reversed_in: Option<NaiveDate>,
    pub reversal_document_id: Option<i64>,
}

const CHARGE: &str = "o.id, o.account_id, o.paid_service_id, o.performed_on, o.quantity, o.vat_rate, o.net, o.vat, o.gross, o.period, o.due_on, \
     o.document_id, o.state, o.recorded_by, o.recorded_at, o.reversed_by, o.reversed_at, o.reversed_in, o.reversal_document_id";

pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: OneOffId) -> Result<Option<OneOff>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let sql = format!(
        "SELECT {CHARGE} FROM billing.one_off o JOIN subscribers.account a ON a.id = o.account_id WHERE {} AND o.id = $4",
        ScopeArgs::WHERE
    );
    sql::one(db, &sql, [sectors, districts, accounts, id.0.into()]).await
}

/// The same deed charged before on the same act.
pub async fn same(
    tx: &Tx,
    account: AccountId,
    service: PaidServiceId,
    document: DocumentId,
) -> Result<Option<OneOff>> {
    sql::one(
        tx,
        &format!(
            "SELECT {CHARGE} FROM billing.one_off o
             WHERE o.account_id = $1 AND o.paid_service_id = $2 AND o.document_id = $3 AND o.state = 'posted'"
        ),
        [account.0.into(), service.0.into(), document.0.into()],
    )
    .await
}

/// What is charged.
pub struct NewCharge {
    pub account: AccountId,
    pub service: PaidServiceId,
    pub performed_on: NaiveDate,
    pub quantity: u32,
    pub vat_rate: Decimal,
    pub net: Money,
    pub vat: Money,
    pub period: Period,
    pub due_on: NaiveDate,
    pub document: DocumentId,
}

pub async fn insert(tx: &Tx, new: &NewCharge) -> Result<OneOff> {
    let row = sql::one(
        tx,
        &format!(
            "INSERT INTO billing.one_off AS o (account_id, paid_service_id, performed_on, quantity, vat_rate, net, vat, gross, period,
                 due_on, document_id, recorded_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING {CHARGE}"
        ),
        [
            new.account.0.into(),
            new.service.0.into(),
            new.performed_on.into(),
            (new.quantity as i32).into(),
            new.vat_rate.into(),
            new.net.tiyn().into(),
            new.vat.tiyn().into(),
            (new.net + new.vat).tiyn().into(),
            new.period.first_day().into(),
            new.due_on.into(),
            new.document.0.into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await?;
    row.ok_or(Broken::RecordNotInserted)
}

/// `None` when it was taken back meanwhile.
pub async fn reverse(tx: &Tx, id: OneOffId, period: Period, document: DocumentId) -> Result<Option<OneOff>> {
    sql::one(
        tx,
        &format!(
            "UPDATE billing.one_off o SET state = 'reversed', reversed_by = $2, reversed_at = now(), reversed_in = $3,
                 reversal_document_id = $4
             WHERE o.id = $1 AND o.state = 'posted' RETURNING {CHARGE}"
        ),
        [id.0.into(), tx.actor().label.clone().into(), period.first_day().into(), document.0.into()],
    )
    .await
}

/// Of an account since a day, newest first.
pub async fn of_account(
    db: &impl ConnectionTrait,
    account: AccountId,
    since: Option<NaiveDate>,
    page: Page,
) -> Result<Slice<OneOff>> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {CHARGE} FROM billing.one_off o
             WHERE o.account_id = $1 AND ($2::date IS NULL OR o.performed_on >= $2) AND ($3::bigint IS NULL OR o.id < $3)
             ORDER BY o.id DESC LIMIT $4"
        ),
        [account.0.into(), since.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}
