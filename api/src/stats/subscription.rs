use async_graphql::{Context, Subscription};
use domain::access::Permission;
use domain::kernel::Period;
use futures_util::{Stream, StreamExt};

use super::city::{City, CityOf};
use super::types::CityPicture;
use crate::platform::cache::infographic::watch;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct StatsSubscription;

#[Subscription]
impl StatsSubscription {
    /// The picture of the city now, and again within a second of a fact that changed it (живая картина города).
    #[graphql(guard = "can(Permission::StatsRead)")]
    async fn city_picture(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Month; the newest one that was opened when absent.")] period: Option<Period>,
    ) -> Result<impl Stream<Item = Result<CityPicture>> + use<>> {
        let of = CityOf::month(cx.app(), period).await?;
        let pictures = watch::<City>(cx.app(), cx.scope()?.clone(), of).await?;
        Ok(pictures.map(|drawn| Ok(CityPicture(drawn?))))
    }
}
