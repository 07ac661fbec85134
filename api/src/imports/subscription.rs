use async_graphql::{Context, Subscription};
use domain::access::Permission;
use domain::imports::ImportState;
use domain::kernel::ImportBatchId;
use entities::imports::batch;
use entities::kernel::outbox::Sent;
use futures_util::{Stream, StreamExt};

use super::types::ImportBatch;
use crate::platform::graphql::*;
use crate::platform::outbox;

#[derive(Default)]
pub struct ImportsSubscription;

#[Subscription]
impl ImportsSubscription {
    /// A file as it goes on: as it is now, then at every step, until nothing is under way (ход загрузки).
    #[graphql(guard = "can(Permission::ImportWrite)")]
    async fn import_progress(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<ImportBatchId>,
    ) -> Result<impl Stream<Item = ImportBatch>> {
        let (app, actor) = (cx.app().clone(), cx.actor()?.clone());
        let wanted = move |fact: &Sent| fact.topic == "imports" && fact.event["fact"]["batch"] == id.0.0;
        // Listen first, look then: what changes between is in the stream.
        let facts = outbox::follow(&app, wanted).await?;
        let first = batch::find(&app.db, &actor.scope, &actor.label, id.0).await?;
        let first = first.ok_or_else(ApiError::not_found)?;
        Ok(async_stream::stream! {
            let mut now = first;
            let mut facts = std::pin::pin!(facts);
            loop {
                let over = !is_under_way(now.state);
                yield ImportBatch(now);
                if over || facts.next().await.is_none() {
                    return;
                }
                match batch::find(&app.db, &actor.scope, &actor.label, id.0).await {
                    Ok(Some(row)) => now = row,
                    _ => return,
                }
            }
        })
    }
}

fn is_under_way(state: ImportState) -> bool {
    matches!(
        state,
        ImportState::Uploaded | ImportState::Checking | ImportState::Committing | ImportState::Undoing
    )
}
