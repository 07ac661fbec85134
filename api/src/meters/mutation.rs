use async_graphql::{Context, Object};
use domain::access::Permission;
use futures_util::FutureExt;

use super::inputs::*;
use super::ops;
use super::types::Meter;
use crate::payload;
use crate::platform::graphql::*;

payload!(
    /// What became of an act on a meter.
    MeterPayload {
        /// The meter after it.
        meter: Meter
    }
);

#[derive(Default)]
pub struct MetersMutation;

#[Object]
impl MetersMutation {
    /// Puts a meter at a point of supply (установить прибор).
    #[graphql(guard = "can(Permission::MeterWrite)")]
    async fn meter_install(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The installation.")] input: MeterInstallInput,
    ) -> Result<MeterPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| ops::install(tx, app, input).boxed()).await?;
        Ok(MeterPayload::of(done, cx.language()))
    }

    /// Takes a meter away from its point (снять прибор).
    #[graphql(guard = "can(Permission::MeterWrite)")]
    async fn meter_remove(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The removal.")] input: MeterRemoveInput,
    ) -> Result<MeterPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| ops::remove(tx, app, input).boxed()).await?;
        Ok(MeterPayload::of(done, cx.language()))
    }

    /// Puts another meter in the place of the one at a point (заменить прибор); the answer is the new one.
    #[graphql(guard = "can(Permission::MeterWrite)")]
    async fn meter_replace(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The replacement.")] input: MeterReplaceInput,
    ) -> Result<MeterPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| ops::replace(tx, app, input).boxed()).await?;
        Ok(MeterPayload::of(done, cx.language()))
    }

    /// Records a verification of a meter (записать поверку).
    #[graphql(guard = "can(Permission::MeterWrite)")]
    async fn meter_verify(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The verification.")] input: MeterVerifyInput,
    ) -> Result<MeterPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| ops::verify(tx, app, input).boxed()).await?;
        Ok(MeterPayload::of(done, cx.language()))
    }
}
