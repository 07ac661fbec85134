use async_graphql::{Context, Object};
use chrono::NaiveDate;
use domain::access::Permission;
use domain::debt::*;
use domain::kernel::*;
use entities::debt::{
    accrual, ageing, campaign, claim, dispute, limitation, notice, penalty, plan, write_off,
};
use entities::kernel::{Page, Tx};
use entities::subscribers::account;

use super::claim::Claim;
use super::ops;
use super::types::*;
use crate::platform::graphql::*;
use crate::subscribers::types::own_since;

#[derive(Default)]
pub struct DebtQuery;

#[Object]
impl DebtQuery {
    /// What is owed by age, district and sector, on a past day as it was then (задолженность по срокам).
    #[graphql(guard = "can(Permission::DebtRead)", complexity = "40 + child_complexity")]
    async fn debt_ages(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "On this day; today by default.")] on: Option<Date>,
    ) -> Result<Vec<DebtAge>> {
        let today = cx.app().clock.today();
        let day = on.map_or(today, |day| day.0);
        let ages = match day < today {
            true => ageing::ages_of_past(cx.db(), cx.scope()?, day).await?,
            false => ageing::ages(cx.db(), cx.scope()?, day).await?,
        };
        Ok(ages.into_iter().map(DebtAge).collect())
    }

    /// Accounts that owe, largest sums first (должники).
    #[graphql(guard = "can(Permission::DebtRead)", complexity = "20 + child_complexity")]
    #[allow(clippy::too_many_arguments)]
    async fn debtors(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Only what is of this age.")] bucket: Option<AgeBucket>,
        #[graphql(desc = "Only from this sum on.")] least: Option<Money>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Debtor>> {
        let page = page_of::<(i64, i64)>(first, after)?;
        let filter = ageing::Filter { sector, district: district.map(|d| d.0), bucket, least };
        let day = cx.app().clock.today();
        let slice = ageing::debtors(cx.db(), cx.scope()?, day, &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| (row.owed, row.account_id), Debtor))
    }

    /// Accruals of penalty, newest first (начисления пени).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn penalty_accruals(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<PenaltyAccrual>> {
        let page = page_of::<i64>(first, after)?;
        let slice = accrual::list(cx.db(), cx.scope()?, sector, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, PenaltyAccrual))
    }

    /// Moratoria on penalty, newest first (моратории на пеню).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn moratoria(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The withdrawn ones too.")] all: Option<bool>,
    ) -> Result<Vec<Moratorium>> {
        let rows = penalty::moratoria(cx.db(), all.unwrap_or(false)).await?;
        let scope = cx.scope()?;
        let mine = |row: &penalty::Moratorium| {
            let sector = row.sector.as_deref().and_then(Sector::from_code);
            row.account_id.is_none() && sector.is_none_or(|sector| scope.has_sector(sector))
                || *scope == domain::access::Scope::City
        };
        Ok(rows.into_iter().filter(mine).take(500).map(Moratorium).collect())
    }

    /// Disputes, newest first (споры).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn disputes(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<DisputeState>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Dispute>> {
        let page = page_of::<i64>(first, after)?;
        let slice = dispute::list(cx.db(), cx.scope()?, state, None, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Dispute))
    }

    /// Debts whose time of limitation may run out within some days, oldest first; those whose time was interrupted say when it
    /// runs out now (истекающая исковая давность).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn debts_expiring(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Within so many days; 90 by default.", validator(minimum = 0, maximum = 1100))]
        within: Option<i32>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<ExpiringDebt>> {
        let page = page_of::<(NaiveDate, i64)>(first, after)?;
        let (before, years) = ops::runs_out(cx.db(), &cx.app().clock, within).await?;
        let slice = limitation::due_before(cx.db(), cx.scope()?, before, sector, page.clone()).await?;
        Ok(connection(
            slice,
            page.after.is_some(),
            |row| (row.due_on, row.id),
            |row| {
                let expires_on = expires_on(row.due_on, &row.interruptions, years);
                ExpiringDebt { row, expires_on }
            },
        ))
    }

    /// Orders of write-off, newest first (приказы о списании).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn write_offs(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<WriteOffState>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<WriteOff>> {
        let page = page_of::<i64>(first, after)?;
        let slice = write_off::list(cx.db(), cx.scope()?, state, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, WriteOff))
    }

    /// Written-off sums that are still claimed, newest first (задолженность за балансом).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn off_balance(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<OffBalance>> {
        let page = page_of::<i64>(first, after)?;
        let slice = write_off::off_balance(cx.db(), cx.scope()?, None, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, OffBalance))
    }

    /// How many accounts the settings of today would have warned; nothing is recorded (прогноз уведомлений).
    #[graphql(guard = "can(Permission::DebtRead)", complexity = "40 + child_complexity")]
    async fn notice_forecast(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
    ) -> Result<NoticeForecast> {
        let tx = Tx::begin(cx.db(), cx.actor()?.clone()).await?;
        let clock = &cx.app().clock;
        let found = ops::notice_terms(&tx, sector, district.map(|d| d.0), clock.today(), clock.now()).await?;
        let answer = match found {
            Ok((terms, deadline)) => {
                let totals = notice::totals(&tx, cx.scope()?, &terms).await?;
                NoticeForecast {
                    accounts: totals.accounts,
                    debt: Some(Money::from_tiyn(totals.debt)),
                    months: Some(terms.months as i32),
                    least: Some(terms.least),
                    deadline: Some(deadline.into()),
                    errors: Vec::new(),
                }
            }
            Err(refusal) => NoticeForecast {
                accounts: 0,
                debt: None,
                months: None,
                least: None,
                deadline: None,
                errors: vec![UserError::of(&refusal, cx.language())],
            },
        };
        tx.rollback().await?;
        Ok(answer)
    }

    /// Accounts that the settings of today would have warned, largest debts first (кандидаты на уведомление).
    #[graphql(guard = "can(Permission::DebtRead)", complexity = "20 + child_complexity")]
    async fn notice_candidates(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<NoticeCandidate>> {
        let page = page_of::<(i64, i64)>(first, after)?;
        let tx = Tx::begin(cx.db(), cx.actor()?.clone()).await?;
        let clock = &cx.app().clock;
        let found = ops::notice_terms(&tx, sector, district.map(|d| d.0), clock.today(), clock.now()).await?;
        let slice = match found {
            Ok((terms, _)) => notice::candidates(&tx, cx.scope()?, &terms, page.clone()).await?,
            Err(_) => entities::kernel::Slice { rows: Vec::new(), has_next: false },
        };
        tx.rollback().await?;
        Ok(connection(slice, page.after.is_some(), |row| (row.debt, row.account_id), NoticeCandidate))
    }

    /// Warnings of disconnection: the last day's first, of one day the largest debts first (уведомления об отключении).
    #[graphql(guard = "can(Permission::DebtRead)")]
    #[allow(clippy::too_many_arguments)]
    async fn notices(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<NoticeState>,
        #[graphql(desc = "Only those whose deadline is over.")] due: Option<bool>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Notice>> {
        let page = page_of::<notice::Key>(first, after)?;
        let district = district.map(|d| d.0);
        let filter = notice::Filter { state, due: due.unwrap_or(false), sector, district, account: None };
        let today = cx.app().clock.today();
        let slice = notice::list(cx.db(), cx.scope()?, today, &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| (row.issued_on, row.debt, row.id), Notice))
    }

    /// Instalment plans, newest first (рассрочки).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn plans(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<PlanState>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Plan>> {
        let page = page_of::<i64>(first, after)?;
        let slice = plan::list(cx.db(), cx.scope()?, state, None, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Plan))
    }

    /// Campaigns, newest first (акции).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn campaigns(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Campaign>> {
        let page = page_of::<i64>(first, after)?;
        let slice = campaign::list(cx.db(), page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Campaign))
    }

    /// A campaign with its forecast and results (акция).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn campaign(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<CampaignId>,
    ) -> Result<Option<Campaign>> {
        Ok(campaign::find(cx.db(), id.0).await?.map(Campaign))
    }
}

/// The part of an account that collection adds.
pub struct DebtPart(AccountId);

impl From<&account::Model> for DebtPart {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl DebtPart {
    /// Penalty, disputes, warnings, instalments, claims of the account (взыскание).
    #[graphql(guard = "can_any([Permission::DebtRead, Permission::OwnAccounts])")]
    async fn debt(&self) -> AccountDebt {
        AccountDebt(self.0)
    }
}

/// What collection knows of an account (взыскание по счёту).
pub struct AccountDebt(AccountId);

/// Rows of an account are few: one page of them is all.
const ALL: u64 = 100;

/// What collection knows of an account (взыскание по счёту).
#[Object]
impl AccountDebt {
    /// Penalty that stands, by item and month, with what it was reckoned from (пеня с расчётом).
    #[graphql(complexity = "5 + child_complexity")]
    async fn penalty(&self, cx: &Context<'_>) -> Result<Vec<PenaltyOfMonth>> {
        let since = own_since(cx, self.0).await?;
        let rows = penalty::standing(cx.db(), self.0, since).await?;
        Ok(rows.into_iter().map(PenaltyOfMonth::from).collect())
    }

    /// Disputes, newest first (споры).
    async fn disputes(&self, cx: &Context<'_>) -> Result<Vec<Dispute>> {
        let since = own_since(cx, self.0).await?;
        let page = Page { first: ALL, after: None };
        let rows = dispute::list(cx.db(), cx.scope()?, None, Some(self.0), page).await?.rows;
        let own = rows.into_iter().filter(|row| since.is_none_or(|since| row.opened_on >= since));
        Ok(own.map(Dispute).collect())
    }

    /// Warnings of disconnection, newest first (уведомления).
    async fn notices(&self, cx: &Context<'_>) -> Result<Vec<Notice>> {
        let since = own_since(cx, self.0).await?;
        let filter = notice::Filter { account: Some(self.0), ..Default::default() };
        let page = Page { first: ALL, after: None };
        let rows = notice::list(cx.db(), cx.scope()?, cx.app().clock.today(), &filter, page).await?.rows;
        let own = rows.into_iter().filter(|row| since.is_none_or(|since| row.issued_on >= since));
        Ok(own.map(Notice).collect())
    }

    /// Instalment plans, newest first (рассрочки).
    async fn plans(&self, cx: &Context<'_>) -> Result<Vec<Plan>> {
        let since = own_since(cx, self.0).await?;
        let page = Page { first: ALL, after: None };
        let rows = plan::list(cx.db(), cx.scope()?, None, Some(self.0), page).await?.rows;
        let own = rows.into_iter().filter(|row| since.is_none_or(|since| row.agreed_on >= since));
        Ok(own.map(Plan).collect())
    }

    /// Written-off sums, newest first (списано за баланс).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn off_balance(&self, cx: &Context<'_>) -> Result<Vec<OffBalance>> {
        let page = Page { first: ALL, after: None };
        let rows = write_off::off_balance(cx.db(), cx.scope()?, Some(self.0), page).await?.rows;
        Ok(rows.into_iter().map(OffBalance).collect())
    }

    /// What made the time of limitation begin anew (перерывы исковой давности).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn interruptions(&self, cx: &Context<'_>) -> Result<Vec<Interruption>> {
        let rows = limitation::of_account(cx.db(), self.0).await?;
        Ok(rows.into_iter().map(Interruption::from).collect())
    }

    /// Claims of a notary, a court or in a bankruptcy, newest first (взыскания).
    #[graphql(guard = "can(Permission::DebtRead)", complexity = "5 + child_complexity")]
    async fn claims(&self, cx: &Context<'_>) -> Result<Vec<Claim>> {
        let filter = claim::Filter { account: Some(self.0), ..Default::default() };
        let page = Page { first: ALL, after: None };
        let rows = claim::list(cx.db(), cx.scope()?, &filter, page).await?.rows;
        Ok(rows.into_iter().map(Claim).collect())
    }

    /// Campaigns that the account takes part in (участие в акциях).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn campaigns(&self, cx: &Context<'_>) -> Result<Vec<CampaignMember>> {
        let rows = campaign::of_account(cx.db(), self.0).await?;
        Ok(rows.into_iter().map(CampaignMember).collect())
    }
}
