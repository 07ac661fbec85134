use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::inputs::*;
use super::ops;
use super::types::Contract;
use crate::payload;
use crate::platform::graphql::*;

payload!(
    /// What became of an act on a contract.
    ContractPayload {
        /// The contract after it.
        contract: Contract
    }
);

#[derive(Default)]
pub struct ContractsMutation;

#[Object]
impl ContractsMutation {
    /// Records a contract with the holder of an account (заключить договор).
    #[graphql(guard = "can(Permission::ContractWrite)")]
    async fn contract_sign(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The contract.")] input: ContractSignInput,
    ) -> Result<ContractPayload> {
        let done = cx.write(move |tx| ops::sign(tx, input).boxed()).await?;
        Ok(ContractPayload::of(done, cx.language()))
    }

    /// Ends a contract after a day (расторгнуть договор).
    #[graphql(guard = "can(Permission::ContractWrite)")]
    async fn contract_terminate(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which contract and when.")] input: ContractTerminateInput,
    ) -> Result<ContractPayload> {
        let done = cx.write(move |tx| ops::terminate(tx, input).boxed()).await?;
        Ok(ContractPayload::of(done, cx.language()))
    }

    /// Records a monthly volume agreed for a point that nothing measures (согласовать объём).
    #[graphql(guard = "can(Permission::ContractWrite)")]
    async fn volume_agree(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The volume.")] input: VolumeAgreeInput,
    ) -> Result<ContractPayload> {
        let done = cx.write(move |tx| ops::agree_volume(tx, input).boxed()).await?;
        Ok(ContractPayload::of(done, cx.language()))
    }

    /// Records how much a legal entity may use by an annex of its contract (установить лимит).
    #[graphql(guard = "can(Permission::ContractWrite)")]
    async fn limit_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The limit.")] input: LimitSetInput,
    ) -> Result<ContractPayload> {
        let done = cx.write(move |tx| ops::set_limit(tx, input).boxed()).await?;
        Ok(ContractPayload::of(done, cx.language()))
    }
}
