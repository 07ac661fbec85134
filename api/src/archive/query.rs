use async_graphql::{Context, Object};
use domain::access::Permission;

use super::types::Document;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct ArchiveQuery;

#[Object]
impl ArchiveQuery {
    /// Registered documents, newest first (официальные документы).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn documents(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Part of the number, issuer or subject.")] search: Option<String>,
        #[graphql(desc = "Rows of the page, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor to start after.")] after: Option<String>,
    ) -> Result<Conn<Document>> {
        let had_after = after.is_some();
        let search = search.filter(|text| !text.trim().is_empty());
        let slice = entities::archive::list(cx.db(), search, page_of(first, after)?).await?;
        Ok(connection(slice, had_after, |row| row.id, Document::from))
    }
}
