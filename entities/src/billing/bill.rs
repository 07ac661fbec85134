//! Bills and their lines. A subscriber sees a bill once its run is issued; the staff see posted ones too.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::billing::ChargeLine;
use domain::consumption::Basis;
use domain::kernel::*;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Db, Page, Result, ScopeArgs, sql};

/// A bill. Sums are in tiyn; closing = opening + charged + penalty + corrected − paid.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Bill {
    pub id: i64,
    pub period: NaiveDate,
    pub account_id: i64,
    pub run_id: i64,
    pub sector: String,
    pub opening: i64,
    pub charged: i64,
    pub penalty: i64,
    pub corrected: i64,
    pub paid: i64,
    pub closing: i64,
    pub due_on: NaiveDate,
    pub excuse: Option<String>,
    pub reversed: bool,
    pub issued_at: Option<DateTime<Utc>>,
}

impl Bill {
    pub fn period(&self) -> Period {
        Period::of(self.period)
    }
}

const SELECT: &str = "SELECT b.id, b.period, b.account_id, b.run_id, r.sector, b.opening, b.charged, b.penalty, b.corrected, b.paid, b.closing, b.due_on, \
     b.excuse, b.reversed, r.issued_at FROM billing.bill b JOIN billing.run r ON r.id = b.run_id";

/// `own` hides what is not issued.
fn visible(scope: &Scope) -> &'static str {
    match scope {
        Scope::Own(_) => "r.state = 'issued'",
        _ => "r.state IN ('posted', 'issued')",
    }
}

/// One bill, if the scope reaches its account.
pub async fn visible_to(db: &impl ConnectionTrait, scope: &Scope, id: BillId) -> Result<Option<Bill>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let sql = format!(
        "{SELECT} JOIN subscribers.account a ON a.id = b.account_id WHERE {} AND b.id = $4 AND NOT b.reversed AND {}",
        ScopeArgs::WHERE,
        visible(scope)
    );
    sql::one(db, &sql, [sectors, districts, accounts, id.0.into()]).await
}

/// The newest bills of each account, `page.first` of each: one statement for any number of accounts. The key is the month;
/// months before that of `since` are left out.
pub async fn of_accounts(
    db: &Db,
    scope: &Scope,
    accounts: Vec<i64>,
    since: Option<NaiveDate>,
    page: &Page<NaiveDate>,
) -> Result<Vec<Bill>> {
    let (keys, accounts) = sql::keys("$1", accounts);
    let sql = format!(
        "SELECT x.* FROM {keys} AS a (id)
         CROSS JOIN LATERAL (
             {SELECT} WHERE b.account_id = a.id AND NOT b.reversed AND {} AND ($2::date IS NULL OR b.period < $2)
               AND ($4::date IS NULL OR b.period >= date_trunc('month', $4::timestamp)::date)
             ORDER BY b.period DESC LIMIT $3) x
         ORDER BY x.account_id, x.period DESC",
        visible(scope)
    );
    sql::all(db, &sql, [accounts, page.after.into(), page.limit().into(), since.into()]).await
}

/// A charge line as it is stored.
#[derive(Debug, Clone, FromQueryResult)]
pub struct LineRow {
    pub account_id: i64,
    pub run_id: i64,
    pub period: NaiveDate,
    pub line: i32,
    pub point_id: i64,
    pub service: String,
    pub component: String,
    pub basis: String,
    pub from_day: NaiveDate,
    pub to_day: NaiveDate,
    pub liters: i64,
    pub price: i64,
    pub coefficient: i64,
    pub vat_rate: i32,
    pub tariff_id: i64,
    pub vat_id: i64,
    pub band_id: Option<i64>,
    pub norm_id: Option<i64>,
    pub residency_id: Option<i64>,
    pub residents: Option<i32>,
    pub meter_id: Option<i64>,
    pub reading_prev: Option<i64>,
    pub reading_last: Option<i64>,
    pub net: i64,
    pub vat: i64,
    pub gross: i64,
    pub special_id: Option<i64>,
    pub building_id: Option<i64>,
}

impl LineRow {
    /// As the rule knows it.
    pub fn to_line(&self) -> Result<ChargeLine> {
        fn known<T>(code: &str, value: Option<T>) -> Result<T> {
            value.ok_or_else(|| Broken::Custom(format!("{code:?} is not a known code")))
        }
        Ok(ChargeLine {
            point: PointId(self.point_id),
            service: known(&self.service, Service::from_code(&self.service))?,
            component: known(&self.component, Component::from_code(&self.component))?,
            basis: known(&self.basis, Basis::from_code(&self.basis))?,
            from: self.from_day,
            to: self.to_day,
            volume: Volume::from_liters(self.liters),
            price: Decimal::new(self.price, 4),
            coefficient: Decimal::new(self.coefficient, 4),
            tariff: TariffId(self.tariff_id),
            vat: TariffId(self.vat_id),
            vat_rate: Decimal::new(i64::from(self.vat_rate), 4),
            band: self.band_id.map(TariffId),
            norm: self.norm_id.map(TariffId),
            special: self.special_id.map(SpecialId),
            building: self.building_id.map(BuildingId),
            residency: self.residency_id.map(ResidencyId),
            residents: self.residents.map(i32::unsigned_abs),
            meter: self.meter_id.map(MeterId),
            reading_prev: self.reading_prev.map(ReadingId),
            reading_last: self.reading_last.map(ReadingId),
            net: Money::from_tiyn(self.net),
            vat_amount: Money::from_tiyn(self.vat),
            gross: Money::from_tiyn(self.gross),
        })
    }
}

/// The lines of bills, each named by its account, month and run; one statement for any number of bills.
pub async fn lines(db: &impl ConnectionTrait, bills: &[(AccountId, Period, RunId)]) -> Result<Vec<LineRow>> {
    sql::all(
        db,
        "SELECT l.* FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS b (account_id, period, run_id)
         JOIN billing.charge_line l ON l.account_id = b.account_id AND l.period = b.period AND l.run_id = b.run_id
         ORDER BY l.account_id, l.period, l.line",
        [
            bills.iter().map(|b| b.0.0).collect::<Vec<_>>().into(),
            bills.iter().map(|b| b.1.first_day()).collect::<Vec<_>>().into(),
            bills.iter().map(|b| b.2.0).collect::<Vec<_>>().into(),
        ],
    )
    .await
}
