use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::amendments::AmendmentState;
use domain::kernel::*;
use entities::amendments::batch;

use super::types::Amendment;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct AmendmentsQuery;

#[Object]
impl AmendmentsQuery {
    /// A batch of amendments whose accounts the caller all reaches (правка фактов).
    #[graphql(guard = "can(Permission::BillRead)")]
    async fn amendment(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the batch.")] id: Gid<AmendmentId>,
    ) -> Result<Option<Amendment>> {
        Ok(batch::visible_to(cx.db(), cx.scope()?, id.0).await?.map(Amendment))
    }

    /// Batches of amendments whose accounts the caller all reaches, newest first (правки фактов).
    #[graphql(guard = "can(Permission::BillRead)")]
    async fn amendments(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<AmendmentState>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Amendment>> {
        let page = page_of::<i64>(first, after)?;
        let slice = batch::list(cx.db(), cx.scope()?, state, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Amendment))
    }
}
