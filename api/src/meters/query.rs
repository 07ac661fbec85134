use async_graphql::{Context, Object};
use domain::access::Permission;
use entities::meters::{meter, model};

use super::types::*;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct MetersQuery;

#[Object]
impl MetersQuery {
    /// Meters of the caller's accounts by the beginning of the serial number (приборы учёта).
    #[graphql(guard = "can(Permission::MeterRead)")]
    async fn meters(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Beginning of the serial number.")] serial: Option<String>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Meter>> {
        let page = page_of::<i64>(first, after)?;
        let slice = meter::list(cx.db(), cx.scope()?, serial, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Meter))
    }

    /// Meter models by name (модели приборов).
    #[graphql(guard = "can(Permission::MeterRead)")]
    async fn meter_models(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<MeterModel>> {
        let page = page_of::<String>(first, after)?;
        let slice = model::list(cx.db(), page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.name.clone(), MeterModel::from))
    }
}
