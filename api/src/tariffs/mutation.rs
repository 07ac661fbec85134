use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::inputs::*;
use super::ops;
use super::types::*;
use crate::payload;
use crate::platform::graphql::*;

payload!(
    /// What became of a price.
    PricePayload {
        /// The price as recorded.
        price: Price
    }
);

payload!(
    /// What became of a norm.
    NormPayload {
        /// The norm as recorded.
        norm: Norm
    }
);

payload!(
    /// What became of a setting.
    SettingPayload {
        /// The setting after the act.
        setting: Setting
    }
);

#[derive(Default)]
pub struct TariffsMutation;

#[Object]
impl TariffsMutation {
    /// Records a price on an official document (записать цену).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn price_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The price.")] input: PriceRecordInput,
    ) -> Result<PricePayload> {
        let done = cx.write(move |tx| ops::record_price(tx, input).boxed()).await?;
        Ok(PricePayload::of(done, cx.language()))
    }

    /// Records a norm on an official document (записать норматив).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn norm_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The norm.")] input: NormRecordInput,
    ) -> Result<NormPayload> {
        let done = cx.write(move |tx| ops::record_norm(tx, input).boxed()).await?;
        Ok(NormPayload::of(done, cx.language()))
    }

    /// Proposes a setting that decides money, on an official document (предложить настройку).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn setting_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The setting.")] input: SettingProposeInput,
    ) -> Result<SettingPayload> {
        let done = cx.write(move |tx| ops::propose_setting(tx, input).boxed()).await?;
        Ok(SettingPayload::of(done, cx.language()))
    }

    /// Confirms a setting that somebody else proposed (подтвердить настройку).
    #[graphql(guard = "can(Permission::SettingConfirm)")]
    async fn setting_confirm(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which setting.")] input: SettingConfirmInput,
    ) -> Result<SettingPayload> {
        let done = cx.write(move |tx| ops::confirm_setting(tx, input).boxed()).await?;
        Ok(SettingPayload::of(done, cx.language()))
    }
}
