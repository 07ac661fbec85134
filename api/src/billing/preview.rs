//! Previews of a run as the graph shows them.

use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::billing::{ChangeCause, RunPreviewExceptionKind, RunPreviewStatus};
use domain::consumption::Basis;
use domain::kernel::*;
use entities::billing::preview;

use super::loaders::{PartsOf, PreviewParts, RunById};
use super::types::Run;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::jobs::graph::{Job, JobById};
use crate::platform::messages;
use crate::subscribers::loaders::AccountById;
use crate::wiring::account::Account;

/// What the run of a month and sector would come to, reckoned without writing a bill and kept (предварительный расчёт города).
#[derive(Clone)]
pub struct RunPreview(preview::RunPreview);

impl From<preview::RunPreview> for RunPreview {
    fn from(row: preview::RunPreview) -> Self {
        Self(row)
    }
}

/// A total beside that of the month before (итог).
#[derive(SimpleObject)]
pub struct RunPreviewTotal {
    /// Service, in totals by service (услуга).
    pub service: Option<Service>,
    /// Basis of the volume, in totals by basis (основание).
    pub basis: Option<Basis>,
    /// Accounts with at least one such line (счетов).
    pub accounts: i64,
    /// Charge lines (строк).
    pub lines: i64,
    /// Volume, m³ (объём).
    pub volume: Volume,
    /// Without VAT (без НДС).
    pub net: Money,
    /// VAT (НДС).
    pub vat: Money,
    /// With VAT (с НДС).
    pub gross: Money,
    /// Volume of the month before, m³; null where that month was not run (объём прошлого месяца).
    pub previous_volume: Option<Volume>,
    /// The month before with VAT; null where it was not run (прошлый месяц с НДС).
    pub previous_gross: Option<Money>,
}

impl RunPreviewTotal {
    fn of(row: &preview::Total) -> Self {
        let is = |by: &str| row.by == by;
        Self {
            service: Service::from_code(&row.code).filter(|_| is("service")),
            basis: Basis::from_code(&row.code).filter(|_| is("basis")),
            accounts: row.accounts,
            lines: row.lines,
            volume: Volume::from_liters(row.liters),
            net: Money::from_tiyn(row.net),
            vat: Money::from_tiyn(row.vat),
            gross: Money::from_tiyn(row.gross),
            previous_volume: row.previous_liters.map(Volume::from_liters),
            previous_gross: row.previous_gross.map(Money::from_tiyn),
        }
    }
}

/// Something that stands out before the run (особенность).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RunPreviewException {
    /// What it is about (вид).
    pub kind: RunPreviewExceptionKind,
    /// A stable code in UPPER_SNAKE_CASE (код).
    pub code: String,
    /// In the language of the request (описание).
    pub message: String,
    /// How many accounts; 0 where it is about the month as a whole (счетов).
    pub accounts: i64,
    #[graphql(skip)]
    sample: Vec<i64>,
}

#[ComplexObject]
impl RunPreviewException {
    /// The first of these accounts, 20 at most, as far as the caller may see them (примеры счетов).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "20 + child_complexity")]
    async fn sample(&self, cx: &Context<'_>) -> Result<Vec<Account>> {
        accounts(cx, &self.sample).await.map(|found| found.into_iter().map(|(_, account)| account).collect())
    }
}

/// An account whose charge differs much from the month before (изменение начисления).
#[derive(SimpleObject)]
pub struct RunPreviewChange {
    /// The account (лицевой счёт).
    pub account: Account,
    /// To be charged now (к начислению).
    pub gross: Money,
    /// Charged in the month before (начислено в прошлом месяце).
    pub previous_gross: Money,
    /// gross − previousGross (изменение).
    pub difference: Money,
    /// What is different (причины).
    pub causes: Vec<ChangeCause>,
}

/// What the run of a month and sector would come to, reckoned without writing a bill and kept (предварительный расчёт города).
#[Object]
impl RunPreview {
    /// Node id.
    pub async fn id(&self) -> Gid<RunPreviewId> {
        Gid(self.0.preview_id())
    }

    /// Month (период).
    async fn period(&self) -> Period {
        self.0.period()
    }

    /// Sector (сектор).
    async fn sector(&self) -> Sector {
        self.0.sector()
    }

    /// Where it stands (состояние).
    async fn status(&self) -> RunPreviewStatus {
        RunPreviewStatus::from_code(&self.0.status).unwrap_or(RunPreviewStatus::Failed)
    }

    /// Its work in the background (задание).
    #[graphql(guard = "can(Permission::JobRead)")]
    async fn job(&self, cx: &Context<'_>) -> Result<Option<Job>> {
        match self.0.job_id {
            Some(id) => Ok(cx.loader().load_one(JobById(JobId(id))).await?.map(Job::from)),
            None => Ok(None),
        }
    }

    /// Accounts of the month (счетов всего).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// Accounts reckoned so far (счетов рассчитано).
    async fn accounts_done(&self) -> i64 {
        self.0.accounts_done
    }

    /// Accounts with charge lines (счетов с начислением).
    async fn billed(&self) -> i64 {
        self.0.billed
    }

    /// Accounts without a charge for a reason (без начисления по причине).
    async fn excused(&self) -> i64 {
        self.0.excused
    }

    /// Accounts that the registers do not let be charged (не рассчитано).
    async fn failures(&self) -> i64 {
        self.0.failures
    }

    /// Charge lines (строк начислений).
    async fn lines(&self) -> i64 {
        self.0.lines
    }

    /// Without VAT (без НДС).
    async fn net(&self) -> Money {
        Money::from_tiyn(self.0.net)
    }

    /// VAT (НДС).
    async fn vat(&self) -> Money {
        Money::from_tiyn(self.0.vat)
    }

    /// With VAT (с НДС).
    async fn gross(&self) -> Money {
        Money::from_tiyn(self.0.gross)
    }

    /// Fingerprint of all lines: equal to the run's when the run writes the same lines (контрольная сумма).
    async fn hash(&self) -> Option<&str> {
        self.0.hash.as_deref()
    }

    /// Facts recorded up to this moment were used (известно на момент).
    async fn known_at(&self) -> DateTime<Utc> {
        self.0.known_at
    }

    /// Who asked for it (кто запросил).
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// When it was asked for (начат).
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// When it ended (закончен).
    async fn finished_at(&self) -> Option<DateTime<Utc>> {
        self.0.finished_at
    }

    /// Why it stands still (ошибка).
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// The run of the month before that it is compared with (расчёт прошлого месяца).
    async fn previous_run(&self, cx: &Context<'_>) -> Result<Option<Run>> {
        match self.0.previous_run_id {
            Some(id) => Ok(cx.loader().load_one(RunById(RunId(id))).await?.map(Run)),
            None => Ok(None),
        }
    }

    /// Totals by service, each beside the month before (по услугам).
    #[graphql(complexity = "5 + child_complexity")]
    async fn by_service(&self, cx: &Context<'_>) -> Result<Vec<RunPreviewTotal>> {
        self.totals(cx, "service").await
    }

    /// Totals by basis of the volume, each beside the month before (по основаниям).
    #[graphql(complexity = "5 + child_complexity")]
    async fn by_basis(&self, cx: &Context<'_>) -> Result<Vec<RunPreviewTotal>> {
        self.totals(cx, "basis").await
    }

    /// What stands against the run, who is not charged and why, what nobody decided (особенности).
    #[graphql(complexity = "5 + child_complexity")]
    async fn exceptions(&self, cx: &Context<'_>) -> Result<Vec<RunPreviewException>> {
        let language = cx.language();
        let told = self.parts(cx).await?.exceptions.into_iter().filter_map(|row| {
            let args: Vec<(&str, String)> = row.args.as_object().map_or_else(Vec::new, |args| {
                let said =
                    |value: &serde_json::Value| serde_json::from_value::<messages::Value>(value.clone()).ok();
                let text = |value| said(value).map(|value| value.worded(language)).unwrap_or_default();
                args.iter().map(|(name, value)| (name.as_str(), text(value))).collect()
            });
            Some(RunPreviewException {
                kind: RunPreviewExceptionKind::from_code(&row.kind)?,
                message: messages::text(language, &row.code, &args),
                code: row.code,
                accounts: row.accounts,
                sample: row.sample,
            })
        });
        Ok(told.collect())
    }

    /// Accounts whose charge differs most from the month before, 20 at most, the largest first, as far as the caller may see them
    /// (наибольшие изменения).
    #[graphql(guard = "can(Permission::BillRead)", complexity = "20 + child_complexity")]
    async fn largest_changes(&self, cx: &Context<'_>) -> Result<Vec<RunPreviewChange>> {
        let rows = self.parts(cx).await?.changes;
        let ids: Vec<i64> = rows.iter().map(|row| row.account_id).collect();
        let mut found: std::collections::HashMap<i64, Account> =
            accounts(cx, &ids).await?.into_iter().collect();
        let shown = rows.into_iter().filter_map(|row| {
            let (gross, previous) = (Money::from_tiyn(row.gross), Money::from_tiyn(row.previous));
            Some(RunPreviewChange {
                account: found.remove(&row.account_id)?,
                gross,
                previous_gross: previous,
                difference: gross - previous,
                causes: row.causes.iter().filter_map(|code| ChangeCause::from_code(code)).collect(),
            })
        });
        Ok(shown.collect())
    }
}

impl RunPreview {
    async fn parts(&self, cx: &Context<'_>) -> Result<PreviewParts> {
        Ok(cx.loader().load_one(PartsOf(self.0.preview_id())).await?.unwrap_or_default())
    }

    async fn totals(&self, cx: &Context<'_>, by: &str) -> Result<Vec<RunPreviewTotal>> {
        let rows = self.parts(cx).await?.totals;
        Ok(rows.iter().filter(|row| row.by == by).map(RunPreviewTotal::of).collect())
    }
}

/// Those of the accounts that the caller may see, in the order asked.
async fn accounts(cx: &Context<'_>, ids: &[i64]) -> Result<Vec<(i64, Account)>> {
    let scope = cx.scope()?;
    let mut rows = cx.loader().load_many(ids.iter().map(|id| AccountById(AccountId(*id)))).await?;
    let found = ids.iter().filter_map(|id| {
        let row = rows.remove(&AccountById(AccountId(*id)))?;
        row.in_scope(scope).then(|| (*id, Account::from(row)))
    });
    Ok(found.collect())
}
