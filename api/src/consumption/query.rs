use async_graphql::{Context, Object};
use domain::access::Permission;
use entities::kernel::Tx;

use super::inputs::SharingSetInput;
use super::ops;
use super::types::SharingPreview;
use crate::platform::graphql::*;

#[derive(Default)]
pub struct ConsumptionQuery;

#[Object]
impl ConsumptionQuery {
    /// What everybody would get of what a meter showed last, were it shared so; nothing is written (проверить общий прибор).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn sharing_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The meter and its parts.")] input: SharingSetInput,
    ) -> Result<SharingPreview> {
        let tx = Tx::begin(cx.db(), cx.actor()?.clone()).await?;
        let seen = ops::preview_sharing(&tx, &input).await?;
        tx.rollback().await?;
        Ok(match seen {
            Ok(look) => SharingPreview::of(look),
            Err(refusal) => SharingPreview {
                volume: None,
                parts: Vec::new(),
                errors: vec![UserError::of(&refusal, cx.language())],
            },
        })
    }
}
