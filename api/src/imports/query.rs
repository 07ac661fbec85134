use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::kernel::ImportBatchId;
use entities::imports::batch;

use super::types::ImportBatch;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct ImportsQuery;

#[Object]
impl ImportsQuery {
    /// One file; of others only for whoever sees the whole city (загрузка).
    #[graphql(guard = "can_any([Permission::ImportRead, Permission::ImportWrite])")]
    async fn import_batch(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<ImportBatchId>,
    ) -> Result<Option<ImportBatch>> {
        let actor = cx.actor()?;
        let found = batch::find(cx.db(), &actor.scope, &actor.label, id.0).await?;
        found.map(|row| Some(row.into())).ok_or_else(ApiError::not_found)
    }

    /// Files, newest first (загрузки).
    #[graphql(guard = "can_any([Permission::ImportRead, Permission::ImportWrite])")]
    async fn import_batches(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<ImportBatch>> {
        let page = page_of::<i64>(first, after)?;
        let actor = cx.actor()?;
        let slice = batch::list(cx.db(), &actor.scope, &actor.label, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, ImportBatch))
    }
}
