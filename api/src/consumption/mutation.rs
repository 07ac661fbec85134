use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::inputs::*;
use super::ops;
use super::signed::SpecialTakingBack;
use super::types::Special;
use crate::access::{SecondSignaturePayload, ask_second};
use crate::payload;
use crate::platform::graphql::*;
use crate::wiring::account::Account;

payload!(
    /// What became of an act on a special case.
    SpecialPayload {
        /// The case after it.
        special: Special
    }
);

payload!(
    /// What became of an act on what an account is charged by.
    ConsumptionPayload {
        /// The account after it.
        account: Account
    }
);

#[derive(Default)]
pub struct ConsumptionMutation;

#[Object]
impl ConsumptionMutation {
    /// Records what happened at a point: a torn seal, an emergency, days without service or people (записать особый случай).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn special_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The case.")] input: SpecialRecordInput,
    ) -> Result<SpecialPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx.write(move |tx| ops::record_special(tx, input, today, now).boxed()).await?;
        Ok(SpecialPayload::of(done, cx.language()))
    }

    /// Says when a case ended that goes on (окончить особый случай).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn special_end(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one and when.")] input: SpecialEndInput,
    ) -> Result<SpecialPayload> {
        let now = cx.app().clock.now();
        let done = cx.write(move |tx| ops::end_special(tx, input, now).boxed()).await?;
        Ok(SpecialPayload::of(done, cx.language()))
    }

    /// Takes a case back that was recorded wrongly and charged nowhere (отменить особый случай).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn special_withdraw(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one and why.")] input: SpecialWithdrawInput,
    ) -> Result<SpecialPayload> {
        let done = cx.write(move |tx| ops::withdraw_special(tx, input).boxed()).await?;
        Ok(SpecialPayload::of(done, cx.language()))
    }

    /// Asks to take back a case that bills have charged, or its days after one, on a document; done once a second person agrees. What was
    /// billed is corrected by a recalculation of its months (отменить или сократить начисленный особый случай).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn special_take_back(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one, which days and why.")] input: SpecialTakeBackInput,
    ) -> Result<SecondSignaturePayload> {
        let act = SpecialTakingBack { special: input.id.0, on: input.on.map(|day| day.0) };
        ask_second(cx, act, input.document_id.0).await
    }

    /// Records the area of a plot that is watered from a point (записать площадь полива).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn plot_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The plot.")] input: PlotSetInput,
    ) -> Result<ConsumptionPayload> {
        let done = cx.write(move |tx| ops::set_plot(tx, input).boxed()).await?;
        Ok(ConsumptionPayload::of(done, cx.language()))
    }

    /// Records what a point is supplied with from a day on (записать услуги и благоустройство точки): every day is charged as it was.
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn supply_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Services and amenity.")] input: SupplySetInput,
    ) -> Result<ConsumptionPayload> {
        let done = cx.write(move |tx| ops::set_supply(tx, input).boxed()).await?;
        Ok(ConsumptionPayload::of(done, cx.language()))
    }

    /// Says whether one contract with the condominium pays for a house (записать порядок оплаты дома).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn bulk_billing_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The house and its months.")] input: BulkBillingSetInput,
    ) -> Result<ConsumptionPayload> {
        let done = cx.write(move |tx| ops::set_bulk_billing(tx, input).boxed()).await?;
        Ok(ConsumptionPayload::of(done, cx.language()))
    }

    /// Says who pays for a meter together, and in which parts (записать общий прибор); the answer is the account where it stands.
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn sharing_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The meter and its parts.")] input: SharingSetInput,
    ) -> Result<ConsumptionPayload> {
        let done = cx.write(move |tx| ops::set_sharing(tx, input).boxed()).await?;
        Ok(ConsumptionPayload::of(done, cx.language()))
    }
}
