use std::sync::Arc;

use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::kernel::Period;

use super::city::CityOf;
use super::types::CityPicture;
use crate::platform::cache::infographic::picture;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct StatsQuery;

#[Object]
impl StatsQuery {
    /// Charged, paid and owed by district and sector, and readings of the day, within the caller's scope (картина города).
    #[graphql(guard = "can(Permission::StatsRead)", complexity = "30 + child_complexity")]
    async fn city_picture(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Month; the newest one that was opened when absent.")] period: Option<Period>,
    ) -> Result<CityPicture> {
        let of = CityOf::month(cx.app(), period).await?;
        Ok(CityPicture(Arc::new(picture(cx.app(), cx.scope()?, &of).await?)))
    }
}
