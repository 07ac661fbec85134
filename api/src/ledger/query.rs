use async_graphql::{Context, Object};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::ledger::LedgerAccount;
use domain::subscribers::{Fraction, parts};
use entities::kernel::ScopeArgs;
use entities::ledger::item::{self, Balance};
use entities::ledger::{as_of, calendar, close, period};
use entities::subscribers::account;

use super::loaders::BalanceOf;
use super::types::*;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::subscribers::loaders::OwnersOf;
use crate::subscribers::types::own_since;

#[derive(Default)]
pub struct LedgerQuery;

#[Object]
impl LedgerQuery {
    /// Billing months of the caller's sectors, newest first (периоды).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn periods(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<LedgerPeriod>> {
        let page = page_of::<(NaiveDate, String)>(first, after)?;
        let sectors = ScopeArgs::from(cx.scope()?).sectors;
        let slice = period::list(cx.db(), sectors, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| (row.period, row.sector.clone()), LedgerPeriod))
    }

    /// A billing month of a sector with its cockpit (период).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn period(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Month.")] period: Period,
        #[graphql(desc = "Sector.")] sector: Sector,
    ) -> Result<Option<LedgerPeriod>> {
        if !cx.scope()?.has_sector(sector) {
            return Ok(None);
        }
        Ok(period::find(cx.db(), period, sector).await?.map(LedgerPeriod))
    }

    /// Days of a year that are worked on, or not, against their weekday (производственный календарь).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn calendar_days(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which year.", validator(minimum = 1990, maximum = 2100))] year: i32,
    ) -> Result<Vec<CalendarDay>> {
        let ends = NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31));
        let Some((from, to)) = ends else { return Ok(Vec::new()) };
        Ok(calendar::between(cx.db(), from, to).await?.into_iter().map(CalendarDay).collect())
    }

    /// Turnover of the general ledger in a month, of the caller's sectors (оборотно-сальдовая ведомость).
    #[graphql(guard = "can(Permission::LedgerRead)", complexity = "40 + child_complexity")]
    async fn trial_balance(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Month.")] period: Period,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
    ) -> Result<TrialBalance> {
        let scope = cx.scope()?;
        let asked = Sector::ALL.iter().copied().filter(|one| sector.is_none_or(|wanted| *one == wanted));
        let sectors: Vec<Sector> = asked.filter(|one| scope.has_sector(*one)).collect();
        let rows = close::trial_balance(cx.db(), period, &sectors).await?;
        let difference = rows.iter().map(|row| Money::from_tiyn(row.debit - row.credit)).sum();
        let row = |row: close::TrialRow| {
            Some(TrialBalanceRow {
                sector: Sector::from_code(&row.sector)?,
                account: LedgerAccount::from_code(&row.account)?,
                debit: Money::from_tiyn(row.debit),
                credit: Money::from_tiyn(row.credit),
            })
        };
        let mut sub_ledger_difference = Money::ZERO;
        for one in sectors {
            sub_ledger_difference += close::sub_ledger_difference(cx.db(), Some(one)).await?;
        }
        Ok(TrialBalance {
            period,
            difference,
            sub_ledger_difference,
            rows: rows.into_iter().filter_map(row).collect(),
        })
    }
}

/// The part of an account that the ledger adds.
pub struct AccountLedger(AccountId);

impl From<&account::Model> for AccountLedger {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

impl AccountLedger {
    async fn totals(&self, cx: &Context<'_>) -> Result<Balance> {
        let since = own_since(cx, self.0).await?;
        Ok(cx.loader().load_one(BalanceOf((self.0, since))).await?.unwrap_or_default())
    }
}

#[Object]
impl AccountLedger {
    /// What the account owes (positive) or is owed (negative) now (сальдо).
    #[graphql(guard = "can_any([Permission::AccountRead, Permission::OwnAccounts])")]
    async fn balance(&self, cx: &Context<'_>) -> Result<Money> {
        Ok(Money::from_tiyn(self.totals(cx).await?.balance))
    }

    /// What the account owed on a day as known at a moment, told by the entries of the ledger (сальдо на дату).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "20 + child_complexity")]
    async fn balance_as_of(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The day it was so.")] valid_on: Date,
        #[graphql(desc = "What was recorded up to this moment counts; everything by default.")]
        known_at: Option<DateTime<Utc>>,
    ) -> Result<BalanceAsOf> {
        let known_at = known_at.unwrap_or_else(|| cx.app().clock.now());
        let parts = as_of::balance(cx.db(), self.0, valid_on.0, known_at).await?;
        Ok(BalanceAsOf::of(valid_on, known_at, parts))
    }

    /// Sum of items not paid (к оплате).
    #[graphql(guard = "can_any([Permission::AccountRead, Permission::OwnAccounts])")]
    async fn owed(&self, cx: &Context<'_>) -> Result<Money> {
        Ok(Money::from_tiyn(self.totals(cx).await?.owed))
    }

    /// Paid ahead and not used yet (аванс).
    #[graphql(guard = "can_any([Permission::AccountRead, Permission::OwnAccounts])")]
    async fn advance(&self, cx: &Context<'_>) -> Result<Money> {
        Ok(Money::from_tiyn(self.totals(cx).await?.advance))
    }

    /// The earliest day by which something must be paid (срок оплаты).
    #[graphql(guard = "can_any([Permission::AccountRead, Permission::OwnAccounts])")]
    async fn due_on(&self, cx: &Context<'_>) -> Result<Option<Date>> {
        Ok(self.totals(cx).await?.due_on.map(Date::from))
    }

    /// Joint owners with their shares and what each owns of the balance, to the tiyn; empty where one person holds all (сособственники).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "5 + child_complexity")]
    async fn owners(&self, cx: &Context<'_>) -> Result<Vec<OwnerPart>> {
        let owners = cx.loader().load_one(OwnersOf(self.0)).await?.unwrap_or_default();
        let shares: Vec<Fraction> = owners.iter().map(|owner| owner.share()).collect();
        let balance = Money::from_tiyn(self.totals(cx).await?.balance);
        let parts = parts(balance, &shares);
        Ok(owners.into_iter().zip(parts).map(|(owner, part)| OwnerPart { owner, part }).collect())
    }

    /// Items not settled, oldest first (открытые позиции).
    #[graphql(guard = "can_any([Permission::BillRead, Permission::OwnAccounts])")]
    async fn open_items(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<OpenItem>> {
        let page = page_of::<i64>(first, after)?;
        let slice = item::open_of(cx.db(), self.0, own_since(cx, self.0).await?, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, OpenItem))
    }
}
