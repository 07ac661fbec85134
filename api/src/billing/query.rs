use async_graphql::{Context, Object};
use chrono::{Datelike, NaiveDate};
use domain::access::Permission;
use domain::kernel::*;
use entities::billing::{bill, correction, limit_use, preview, run, scenario};
use entities::kernel::ScopeArgs;
use entities::subscribers::account;

use super::correction::{AccountCorrection, Correction, CorrectionRow};
use super::explanation::lines_of;
use super::loaders::BillsOf;
use super::ops;
use super::preview::RunPreview;
use super::scenario::{self as what_if, Scenario, ScenarioChangeInput, ScenarioOfAccountPayload};
use super::types::*;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::messages;
use crate::subscribers::types::own_since;
use crate::wiring::account::Account;

#[derive(Default)]
pub struct BillingQuery;

#[Object]
impl BillingQuery {
    /// A bill of an account in scope (счёт). Subscribers see issued ones only.
    #[graphql(guard = "can_any([Permission::BillRead, Permission::OwnAccounts])")]
    async fn bill(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the bill.")] id: Gid<BillId>,
    ) -> Result<Option<Bill>> {
        let Some(row) = bill::visible_to(cx.db(), cx.scope()?, id.0).await? else { return Ok(None) };
        // A bill of the holder before does not exist for the present one.
        let since = own_since(cx, AccountId(row.account_id)).await?;
        Ok(since.is_none_or(|day| Period::of(day) <= row.period()).then_some(Bill(row)))
    }

    /// What an account would be charged if the month were run now (предварительный расчёт).
    #[graphql(guard = "can(Permission::BillingRun)", complexity = "40 + child_complexity")]
    async fn bill_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the account.")] account: Gid<AccountId>,
        #[graphql(desc = "Month; the current one by default.")] period: Option<Period>,
    ) -> Result<BillPreview> {
        let row = account::find(cx.db(), cx.scope()?, account.0).await?.ok_or_else(ApiError::not_found)?;
        let clock = &cx.app().clock;
        let month = period.unwrap_or_else(|| Period::of(clock.today()));
        let preview = ops::preview_bill(cx.db(), row.id, row.sector, month, clock.now()).await?;
        let explanation = match preview {
            Some(Ok(explanation)) => explanation,
            Some(Err(missing)) => return Err(ApiError::bad_input(missing)),
            None => return Err(ApiError::not_found()),
        };
        let say = |code: &str| messages::text(cx.language(), &format!("EXCUSE_{}", code.to_uppercase()), &[]);
        Ok(BillPreview {
            account: Account::from(row),
            period: month,
            gross: explanation.charges.gross(),
            excuse: explanation.charges.excuse.map(|excuse| say(excuse.code())),
            lines: lines_of(cx, &explanation).await?,
        })
    }

    /// A billing run of the caller's sectors (расчёт).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn run(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the run.")] id: Gid<RunId>,
    ) -> Result<Option<Run>> {
        let scope = cx.scope()?;
        Ok(run::find(cx.db(), id.0).await?.filter(|row| scope.has_sector(row.sector())).map(Run))
    }

    /// Billing runs of the caller's sectors, newest first (расчёты).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn runs(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this month.")] period: Option<Period>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Run>> {
        let page = page_of::<i64>(first, after)?;
        let sectors = ScopeArgs::from(cx.scope()?).sectors;
        let slice = run::list(cx.db(), sectors, period, sector, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Run))
    }

    /// A preview of a run (предварительный расчёт города).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn run_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the preview.")] id: Gid<RunPreviewId>,
    ) -> Result<Option<RunPreview>> {
        let scope = cx.scope()?;
        let found = preview::find(cx.db(), id.0).await?.filter(|row| scope.has_sector(row.sector()));
        Ok(found.map(Into::into))
    }

    /// Previews of runs in the caller's sectors, newest first (предварительные расчёты города).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn run_previews(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this month.")] period: Option<Period>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<RunPreview>> {
        let page = page_of::<i64>(first, after)?;
        let sectors = ScopeArgs::from(cx.scope()?).sectors;
        let slice = preview::list(cx.db(), sectors, period, sector, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, RunPreview::from))
    }

    /// A scenario of the caller's sectors (сценарий).
    #[graphql(guard = "can(Permission::ScenarioRead)")]
    async fn scenario(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the scenario.")] id: Gid<ScenarioId>,
    ) -> Result<Option<Scenario>> {
        Ok(scenario::find(cx.db(), cx.scope()?, id.0).await?.map(Scenario))
    }

    /// Scenarios of the caller's sectors, newest first (сценарии).
    #[graphql(guard = "can(Permission::ScenarioRead)")]
    async fn scenarios(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this month.")] period: Option<Period>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Scenario>> {
        let page = page_of::<i64>(first, after)?;
        let slice = scenario::list(cx.db(), cx.scope()?, period, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Scenario))
    }

    /// What an account's month would come to with changes of the tariff book, at once and kept nowhere (сценарий по одному счёту).
    #[graphql(guard = "can(Permission::ScenarioRead)", complexity = "40 + child_complexity")]
    async fn scenario_of_account(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the account.")] account: Gid<AccountId>,
        #[graphql(desc = "Month; the current one by default.")] period: Option<Period>,
        #[graphql(desc = "What is different.")] changes: Vec<ScenarioChangeInput>,
    ) -> Result<ScenarioOfAccountPayload> {
        if !cx.may(Permission::BillRead) {
            return Err(ApiError::new(Code::Forbidden));
        }
        let month = period.unwrap_or_else(|| Period::of(cx.app().clock.today()));
        let done = match what_if::read(changes) {
            Ok(changes) => what_if::of_account(cx, account.0, month, &changes).await?,
            Err(refusal) => Err(refusal),
        };
        Ok(ScenarioOfAccountPayload::of(done, cx.language()))
    }
}

/// The part of an account that billing adds.
pub struct AccountBilling(AccountId);

impl From<&account::Model> for AccountBilling {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl AccountBilling {
    /// Bills, newest first (счета). Subscribers see issued ones only.
    #[graphql(guard = "can_any([Permission::BillRead, Permission::OwnAccounts])")]
    async fn bills(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Bill>> {
        let page = page_of::<NaiveDate>(first, after)?;
        let since = own_since(cx, self.0).await?;
        let key = BillsOf { account: self.0, own: is_own(cx), since, first: page.first, after: page.after };
        let slice = cx.loader().load_one(key).await?.ok_or_else(ApiError::not_found)?;
        Ok(connection(slice, page.after.is_some(), |row| row.period, Bill))
    }

    /// Limits of the account's contract in a year, with what the issued bills used of them (использование лимитов).
    #[graphql(guard = "can(Permission::BillRead)", complexity = "20 + child_complexity")]
    async fn limit_use(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Calendar year; the one of the business date by default.")] year: Option<i32>,
    ) -> Result<Vec<LimitUse>> {
        let year = year.unwrap_or_else(|| cx.app().clock.today().year());
        if !(2000..=2100).contains(&year) {
            return Err(ApiError::bad_input("year"));
        }
        Ok(LimitUse::gather(limit_use::of_year(cx.db(), self.0, year).await?))
    }

    /// Corrections of what was billed, in the books or taken back, newest first (исправления).
    #[graphql(guard = "can(Permission::BillRead)", complexity = "20 + child_complexity")]
    async fn corrections(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<AccountCorrection>> {
        let page = page_of::<i64>(first, after)?;
        let slice = correction::of_account(cx.db(), self.0, page.clone()).await?;
        Ok(connection(
            slice,
            page.after.is_some(),
            |(batch, _)| batch.id,
            |(batch, row)| AccountCorrection { correction: Correction(batch), row: CorrectionRow(row) },
        ))
    }
}
