use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::imbalance::HouseState;
use domain::kernel::*;
use domain::tariffs::ProposalState;
use entities::imbalance::house::{self, Filter};
use entities::imbalance::reckoning::{self, Reckoning};
use entities::imbalance::{decision, facts};
use entities::kernel::Slice;

use super::ops::workbench;
use super::types::*;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct ImbalanceQuery;

/// The reckoning that shows a month; none for those who do not see flats.
async fn shown(cx: &Context<'_>, period: Period) -> Result<Option<Reckoning>> {
    if !cx.scope()?.has_sector(Sector::Multi) {
        return Ok(None);
    }
    Ok(reckoning::shown(cx.db(), period).await?)
}

#[Object]
impl ImbalanceQuery {
    /// The reckoning that shows the houses of a month: that of its run, else the newest look; null before the first one
    /// (расчёт небаланса месяца).
    #[graphql(guard = "can(Permission::ImbalanceRead)")]
    async fn imbalance_reckoning(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Month; the newest one that was reckoned by default.")] period: Option<Period>,
    ) -> Result<Option<ImbalanceReckoning>> {
        let period = match period {
            Some(period) => Some(period),
            None => reckoning::newest(cx.db()).await?,
        };
        Ok(match period {
            Some(period) => shown(cx, period).await?.map(ImbalanceReckoning),
            None => None,
        })
    }

    /// Houses of a month in the caller's districts with their differences (небаланс домов).
    #[graphql(guard = "can(Permission::ImbalanceRead)")]
    #[allow(clippy::too_many_arguments)] // a list with filters, an order and a page
    async fn imbalance_houses(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Month.")] period: Period,
        #[graphql(desc = "Only in this state.")] state: Option<HouseState>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Words of the address, in any spelling.")] search: Option<String>,
        #[graphql(desc = "What comes first; the largest volume by default.")] order: Option<ImbalanceOrder>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<ImbalanceHouse>> {
        let page = page_of::<(i64, i64)>(first, after)?;
        let order = order.unwrap_or(ImbalanceOrder::Volume).into();
        let filter = Filter { state, district: district.map(|id| id.0), search, order };
        let slice = match shown(cx, period).await? {
            Some(reckoning) => house::list(cx.db(), cx.scope()?, reckoning.id, &filter, page.clone()).await?,
            None => Slice { rows: Vec::new(), has_next: false },
        };
        Ok(connection(slice, page.after.is_some(), |row| order.of(row), ImbalanceHouse))
    }

    /// A house of a month, opened: reckoned again from the same facts (небаланс дома крупно).
    #[graphql(guard = "can(Permission::ImbalanceRead)", complexity = "60 + child_complexity")]
    async fn imbalance_house(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the building.")] building: Gid<BuildingId>,
        #[graphql(desc = "Month.")] period: Period,
    ) -> Result<Option<ImbalanceBench>> {
        let Some(reckoning) = shown(cx, period).await? else { return Ok(None) };
        let Some(bench) = workbench(cx.db(), cx.scope()?, &reckoning, building.0).await? else {
            return Ok(None);
        };
        let now = cx.app().clock.now();
        let known = facts::houses(cx.db(), period, now, Some(vec![building.0.0])).await?;
        let heats = known.first().is_some_and(|row| row.heats);
        Ok(Some(ImbalanceBench { bench, reckoning: reckoning.id, heats }))
    }

    /// Decisions about houses in the caller's districts, newest first (решения по небалансу).
    #[graphql(guard = "can(Permission::ImbalanceRead)")]
    async fn imbalance_decisions(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<ProposalState>,
        #[graphql(desc = "Only of this building.")] building: Option<Gid<BuildingId>>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<ImbalanceDecision>> {
        let page = page_of::<i64>(first, after)?;
        let scope = cx.scope()?;
        let slice = if scope.has_sector(Sector::Multi) {
            decision::list(cx.db(), scope, state, building.map(|id| id.0), page.clone()).await?
        } else {
            Slice { rows: Vec::new(), has_next: false }
        };
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, ImbalanceDecision))
    }
}
