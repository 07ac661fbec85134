use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::cashdesk::CashOrderKind;
use domain::kernel::*;
use entities::cashdesk::report::{self, By};
use entities::cashdesk::{Desks, denomination, desk, operation, order, receipt, shift};

use super::http;
use super::types::*;
use crate::platform::graphql::*;
use crate::platform::messages;

#[derive(Default)]
pub struct CashdeskQuery;

fn seen(cx: &Context<'_>) -> Result<Desks> {
    Ok(Desks::of(cx.actor()?))
}

#[Object]
impl CashdeskQuery {
    /// Cash desks that the caller sees, by code: own ones, or all (кассы).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskWork, Permission::CashdeskOversee])"
    )]
    async fn cash_desks(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<CashDesk>> {
        let page = page_of::<String>(first, after)?;
        let slice = desk::list(cx.db(), &seen(cx)?, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.code.clone(), CashDesk))
    }

    /// A shift with its turnover, counts and journal: X or Z (кассовая смена).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskWork, Permission::CashdeskOversee])"
    )]
    async fn cash_shift(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<ShiftId>,
    ) -> Result<Option<CashShift>> {
        Ok(shift::visible_to(cx.db(), &seen(cx)?, id.0).await?.map(CashShift))
    }

    /// Shifts of the caller's desks, newest first (кассовые смены).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskWork, Permission::CashdeskOversee])"
    )]
    #[allow(clippy::too_many_arguments)] // each is a filter of the list
    async fn cash_shifts(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this desk.")] desk_id: Option<Gid<DeskId>>,
        #[graphql(desc = "Only of this cashier, by login.")] cashier: Option<String>,
        #[graphql(desc = "Only opened on this day or later.")] from: Option<Date>,
        #[graphql(desc = "Only opened on this day or before.")] to: Option<Date>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<CashShift>> {
        let page = page_of::<i64>(first, after)?;
        let filter = shift::Filter {
            desk: desk_id.map(|id| id.0),
            cashier,
            from: from.map(|day| day.0),
            to: to.map(|day| day.0),
        };
        let slice = shift::list(cx.db(), &seen(cx)?, filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, CashShift))
    }

    /// What moved money at one of the caller's desks (кассовая операция).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskWork, Permission::CashdeskOversee])"
    )]
    async fn cash_operation(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<CashOperationId>,
    ) -> Result<Option<CashOperation>> {
        Ok(operation::visible_to(cx.db(), &seen(cx)?, id.0).await?.map(CashOperation))
    }

    /// What stands under a key of the caller at a desk; null when nothing was done under it. For who lost the answer (операция по
    /// ключу).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_operation_by_key(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the desk.")] desk_id: Gid<DeskId>,
        #[graphql(desc = "The key that it was sent with.")] key: String,
    ) -> Result<Option<CashOperation>> {
        if desk::visible_to(cx.db(), &seen(cx)?, desk_id.0).await?.is_none() {
            return Err(ApiError::not_found());
        }
        Ok(operation::by_key(cx.db(), desk_id.0, &key).await?.map(CashOperation))
    }

    /// Receipts of an account at the caller's desks, newest first: what may be given back (чеки лицевого счёта).
    #[graphql(guard = "can_any([Permission::CashdeskRead, Permission::CashdeskWork])")]
    async fn cash_sales(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the account.")] account_id: Gid<AccountId>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<CashOperation>> {
        let page = page_of::<i64>(first, after)?;
        let slice = operation::sales_of(cx.db(), &seen(cx)?, cx.scope()?, account_id.0, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, CashOperation))
    }

    /// Cash orders, newest first: the register KO-3 (кассовые ордера).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskWork, Permission::CashdeskOversee])"
    )]
    #[allow(clippy::too_many_arguments)] // each is a filter of the list
    async fn cash_orders(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this desk.")] desk_id: Option<Gid<DeskId>>,
        #[graphql(desc = "Only of this kind.")] kind: Option<CashOrderKind>,
        #[graphql(desc = "Only of this day or later.")] from: Option<Date>,
        #[graphql(desc = "Only of this day or before.")] to: Option<Date>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<CashOrder>> {
        let page = page_of::<i64>(first, after)?;
        let filter = order::Filter {
            desk: desk_id.map(|id| id.0),
            kind,
            from: from.map(|day| day.0),
            to: to.map(|day| day.0),
        };
        let slice = order::list(cx.db(), &seen(cx)?, filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, CashOrder))
    }

    /// A day of a desk's cash book, KO-4 (кассовая книга).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskOversee])",
        complexity = "30 + child_complexity"
    )]
    async fn cash_book(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the desk.")] desk_id: Gid<DeskId>,
        #[graphql(desc = "Which day.")] on: Date,
    ) -> Result<CashBook> {
        let found = desk::visible_to(cx.db(), &seen(cx)?, desk_id.0).await?;
        let found = found.ok_or_else(ApiError::not_found)?;
        let opening = order::book_before(cx.db(), found.desk_id(), on.0).await?;
        let orders = order::of_days(cx.db(), found.desk_id(), on.0, on.0).await?;
        let moved: Money = orders
            .iter()
            .map(|row| match row.kind {
                CashOrderKind::Receipt => Money::from_tiyn(row.amount),
                CashOrderKind::Payout => -Money::from_tiyn(row.amount),
            })
            .sum();
        let month = Period::of(on.0);
        let paths = (http::path_of("book", found.desk_id()), http::path_of("register", found.desk_id()));
        Ok(CashBook {
            on,
            opening,
            orders: orders.into_iter().map(CashOrder).collect(),
            closing: opening + moved,
            paper_path: format!("{}?from={}", paths.0, on.0),
            register_path: format!("{}?from={}&to={}", paths.1, month.first_day(), month.last_day()),
        })
    }

    /// Money of subscribers over the counter on some days, by desk, cashier, sector or day (кассовый отчёт).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskOversee])",
        complexity = "50 + child_complexity"
    )]
    async fn cash_report(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "By what.")] by: CashReportBy,
        #[graphql(desc = "First day.")] from: Date,
        #[graphql(desc = "Last day.")] to: Date,
    ) -> Result<CashReport> {
        let by = match by {
            CashReportBy::Desk => By::Desk,
            CashReportBy::Cashier => By::Cashier,
            CashReportBy::Sector => By::Sector,
            CashReportBy::Day => By::Day,
        };
        Ok(CashReport::of(report::sums(cx.db(), &seen(cx)?, by, from.0, to.0).await?))
    }

    /// Banknotes and coins with the days on which they are money; some dozens (денежные знаки).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskWork, Permission::CashdeskOversee])"
    )]
    async fn denominations(&self, cx: &Context<'_>) -> Result<Vec<Denomination>> {
        let worded = |row: denomination::Row| Denomination {
            source: messages::said(cx.language(), &row.source),
            ..<Denomination as From<denomination::Row>>::from(row)
        };
        Ok(denomination::all(cx.db()).await?.into_iter().map(worded).collect())
    }

    /// Fiscal documents of the caller's desks, newest first (фискальные документы).
    #[graphql(
        guard = "can_any([Permission::CashdeskRead, Permission::CashdeskWork, Permission::CashdeskOversee])"
    )]
    async fn fiscal_receipts(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this desk.")] desk_id: Option<Gid<DeskId>>,
        #[graphql(desc = "Only what is not registered.", default)] open: bool,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<FiscalReceipt>> {
        let page = page_of::<i64>(first, after)?;
        let slice = receipt::list(cx.db(), &seen(cx)?, desk_id.map(|id| id.0), open, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, FiscalReceipt))
    }
}
