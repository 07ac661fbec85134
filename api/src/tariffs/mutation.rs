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
    /// What became of a rate of value added tax.
    VatPayload {
        /// The rate as recorded.
        vat_rate: VatRate
    }
);

payload!(
    /// What became of bands or of their suspension.
    BandsPayload {
        /// The bands as recorded.
        band_set: BandSet
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

    /// Records a rate of value added tax on an official document (записать ставку НДС).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn vat_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The rate.")] input: VatRecordInput,
    ) -> Result<VatPayload> {
        let done = cx.write(move |tx| ops::record_vat(tx, input).boxed()).await?;
        Ok(VatPayload::of(done, cx.language()))
    }

    /// Records bands of the population's water price on an official document (записать дифференциацию).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn bands_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The bands.")] input: BandsRecordInput,
    ) -> Result<BandsPayload> {
        let done = cx.write(move |tx| ops::record_bands(tx, input).boxed()).await?;
        Ok(BandsPayload::of(done, cx.language()))
    }

    /// Suspends the bands for some days on an official document (приостановить дифференциацию).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn bands_suspend(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The days.")] input: BandsSuspendInput,
    ) -> Result<BandsPayload> {
        let done = cx.write(move |tx| ops::suspend_bands(tx, input).boxed()).await?;
        Ok(BandsPayload::of(done, cx.language()))
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
