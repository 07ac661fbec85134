use async_graphql::{Context, Subscription};
use domain::access::Permission;
use domain::kernel::*;
use entities::billing::run;
use entities::kernel::outbox::Sent;
use futures_util::{Stream, StreamExt};

use super::types::Run;
use crate::platform::graphql::*;
use crate::platform::outbox;

#[derive(Default)]
pub struct BillingSubscription;

#[Subscription]
impl BillingSubscription {
    /// A run as it goes on: the state now, then every change (ход расчёта).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn run_progress(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the run.")] id: Gid<RunId>,
    ) -> Result<impl Stream<Item = Result<Run>> + use<>> {
        let (app, scope) = (cx.app().clone(), cx.scope()?.clone());
        let wanted = move |fact: &Sent| fact.topic == "billing" && fact.event["fact"]["run"] == id.0.0;
        let mut facts = outbox::follow(&app, wanted).await?;
        Ok(async_stream::stream! {
            loop {
                let found = run::find(&app.db, id.0).await;
                match found.map(|row| row.filter(|row| scope.has_sector(row.sector()))) {
                    Ok(Some(row)) => {
                        let over = matches!(row.state.as_str(), "issued" | "reversed" | "failed");
                        yield Ok(Run(row));
                        if over {
                            break;
                        }
                    }
                    Ok(None) => {
                        yield Err(ApiError::not_found());
                        break;
                    }
                    Err(error) => {
                        yield Err(error.into());
                        break;
                    }
                }
                if facts.next().await.is_none() {
                    break;
                }
            }
        })
    }
}
