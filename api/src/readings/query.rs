use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::kernel::*;
use domain::readings::{Reason, Verdict};
use entities::readings::{self, Filter, Waiting};

use crate::platform::graphql::*;
use crate::wiring::reading::Reading;

#[derive(Default)]
pub struct ReadingsQuery;

#[Object]
impl ReadingsQuery {
    /// Readings of the caller's accounts, newest first (показания).
    #[graphql(guard = "can(Permission::ReadingRead)")]
    async fn readings(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this month.")] period: Option<Period>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only with this verdict.")] verdict: Option<Verdict>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Reading>> {
        let page = page_of::<i64>(first, after)?;
        let filter = Filter { period, sector, verdict };
        let slice = readings::list(cx.db(), cx.scope()?, filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Reading::from))
    }

    /// Doubtful readings that wait for a person's decision, the longest wait first (показания под вопросом).
    #[graphql(guard = "can(Permission::ReadingRead)")]
    async fn waiting_readings(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Only doubtful for this reason.")] reason: Option<Reason>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Reading>> {
        let page = page_of::<i64>(first, after)?;
        let filter = Waiting { sector, district: district.map(|id| id.0), reason };
        let slice = readings::waiting(cx.db(), cx.scope()?, &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Reading::from))
    }

    /// How many doubtful readings wait in the caller's accounts (число показаний под вопросом).
    #[graphql(guard = "can(Permission::ReadingRead)")]
    async fn waiting_reading_count(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Only doubtful for this reason.")] reason: Option<Reason>,
    ) -> Result<i64> {
        let filter = Waiting { sector, district: district.map(|id| id.0), reason };
        Ok(readings::count_waiting(cx.db(), cx.scope()?, &filter).await?)
    }
}
