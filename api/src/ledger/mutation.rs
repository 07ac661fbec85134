use async_graphql::{Context, InputObject, Object};
use domain::access::Permission;
use domain::kernel::*;
use futures_util::FutureExt;

use super::ops;
use super::types::LedgerPeriod;
use crate::payload;
use crate::platform::graphql::*;

/// Which month of which sector.
#[derive(InputObject)]
pub struct PeriodInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
}

payload!(
    /// What became of a month (итог действия над периодом).
    PeriodPayload {
        /// The month (период).
        period: LedgerPeriod
    }
);

#[derive(Default)]
pub struct LedgerMutation;

#[Object]
impl LedgerMutation {
    /// Opens the next month of a sector (открыть период).
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn period_open(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PeriodInput,
    ) -> Result<PeriodPayload> {
        let today = cx.app().clock.today();
        let done =
            cx.write(move |tx| ops::open_period(tx, input.period, input.sector, today).boxed()).await?;
        Ok(PeriodPayload::of(done, cx.language()))
    }

    /// From now on only those who run the month write into it (предварительно закрыть). Other money goes to the next month, which
    /// is opened for it.
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn period_soft_close(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PeriodInput,
    ) -> Result<PeriodPayload> {
        let today = cx.app().clock.today();
        let done =
            cx.write(move |tx| ops::soft_close_period(tx, input.period, input.sector, today).boxed()).await?;
        Ok(PeriodPayload::of(done, cx.language()))
    }

    /// Takes a soft close back: everybody writes into the month again (отменить предварительное закрытие).
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn period_reopen(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PeriodInput,
    ) -> Result<PeriodPayload> {
        let done = cx.write(move |tx| ops::reopen_period(tx, input.period, input.sector).boxed()).await?;
        Ok(PeriodPayload::of(done, cx.language()))
    }

    /// Closes the month for ever, if every condition holds (закрыть период).
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn period_close(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PeriodInput,
    ) -> Result<PeriodPayload> {
        let done = cx.write(move |tx| ops::close_period(tx, input.period, input.sector).boxed()).await?;
        Ok(PeriodPayload::of(done, cx.language()))
    }
}
