use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::inputs::*;
use super::ops;
use super::types::*;
use crate::payload;
use crate::platform::graphql::*;

payload!(
    /// What became of a proposal of a tariff.
    TariffProposalPayload {
        /// The proposal after the act.
        proposal: TariffProposal
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
    /// Proposes a price on an official document; another person confirms (предложить цену).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn price_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The price.")] input: PriceProposeInput,
    ) -> Result<TariffProposalPayload> {
        let done = cx.write(move |tx| ops::propose_price(tx, input).boxed()).await?;
        Ok(TariffProposalPayload::of(done, cx.language()))
    }

    /// Proposes a norm on an official document; another person confirms (предложить норматив).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn norm_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The norm.")] input: NormProposeInput,
    ) -> Result<TariffProposalPayload> {
        let done = cx.write(move |tx| ops::propose_norm(tx, input).boxed()).await?;
        Ok(TariffProposalPayload::of(done, cx.language()))
    }

    /// Proposes a rate of value added tax on an official document; another person confirms (предложить ставку НДС).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn vat_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The rate.")] input: VatProposeInput,
    ) -> Result<TariffProposalPayload> {
        let done = cx.write(move |tx| ops::propose_vat(tx, input).boxed()).await?;
        Ok(TariffProposalPayload::of(done, cx.language()))
    }

    /// Proposes bands of the population's water price on an official document; another person confirms (предложить дифференциацию).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn bands_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The bands.")] input: BandsProposeInput,
    ) -> Result<TariffProposalPayload> {
        let done = cx.write(move |tx| ops::propose_bands(tx, input).boxed()).await?;
        Ok(TariffProposalPayload::of(done, cx.language()))
    }

    /// Proposes days without bands on an official document; another person confirms (предложить приостановление дифференциации).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn suspension_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The days.")] input: SuspensionProposeInput,
    ) -> Result<TariffProposalPayload> {
        let done = cx.write(move |tx| ops::propose_suspension(tx, input).boxed()).await?;
        Ok(TariffProposalPayload::of(done, cx.language()))
    }

    /// Ends a proposal without effect: takes back the own one, declines one of somebody else (отозвать или отклонить предложение).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn tariff_decline(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: TariffDeclineInput,
    ) -> Result<TariffProposalPayload> {
        let done = cx.write(move |tx| ops::decline_tariff(tx, input).boxed()).await?;
        Ok(TariffProposalPayload::of(done, cx.language()))
    }

    /// Confirms a tariff that somebody else proposed; from now on it decides money on its days (подтвердить тариф).
    #[graphql(guard = "can(Permission::SettingConfirm)")]
    async fn tariff_confirm(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: TariffConfirmInput,
    ) -> Result<TariffProposalPayload> {
        let done = cx.write(move |tx| ops::confirm_tariff(tx, input.id.0).boxed()).await?;
        Ok(TariffProposalPayload::of(done, cx.language()))
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

    /// Ends a proposed value without effect: takes back the own one, declines one of somebody else (отозвать или отклонить
    /// настройку).
    #[graphql(guard = "can(Permission::TariffWrite)")]
    async fn setting_decline(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: SettingDeclineInput,
    ) -> Result<SettingPayload> {
        let done = cx.write(move |tx| ops::decline_setting(tx, input).boxed()).await?;
        Ok(SettingPayload::of(done, cx.language()))
    }
}
