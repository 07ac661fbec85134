use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::kernel::*;
use entities::premises::building::Filter;
use entities::premises::{building, district, premise, street};

use super::types::*;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct PremisesQuery;

#[Object]
impl PremisesQuery {
    /// Districts of the city (районы). Public.
    async fn districts(&self, cx: &Context<'_>) -> Result<Vec<District>> {
        Ok(district::all(cx.db()).await?.into_iter().map(District::from).collect())
    }

    /// Streets by a part of the name in either language, by code (улицы).
    #[graphql(guard = "can(Permission::PremisesRead)")]
    async fn streets(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "A part of the name, in any spelling.")] search: Option<String>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Street>> {
        let page = page_of::<String>(first, after)?;
        let slice = street::list(cx.db(), search, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.code.clone(), Street::from))
    }

    /// Buildings of the caller's districts (дома).
    #[graphql(guard = "can(Permission::PremisesRead)")]
    async fn buildings(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Street and house, in any spelling.")] search: Option<String>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Building>> {
        let page = page_of::<i64>(first, after)?;
        let filter = Filter { search, district: district.map(|d| d.0) };
        let slice = building::list(cx.db(), cx.scope()?, filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Building))
    }

    /// One premise of the caller's districts (помещение).
    #[graphql(guard = "can(Permission::PremisesRead)")]
    async fn premise(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<PremiseId>,
    ) -> Result<Option<Premise>> {
        let row = premise::find(cx.db(), cx.scope()?, id.0).await?.ok_or_else(ApiError::not_found)?;
        Ok(Some(Premise(row)))
    }
}
