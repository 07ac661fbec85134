use async_graphql::{Context, InputObject, Object};
use domain::access::Permission;
use domain::kernel::*;
use domain::ledger::CutOffStep;
use futures_util::FutureExt;

use super::ops;
use super::types::{CalendarDaySetInput, CalendarOfDay, LedgerPeriod, WaterProduced};
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

/// A closed month to open again.
#[derive(InputObject)]
pub struct ReopeningRequestInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// Why (причина).
    #[graphql(validator(max_length = 2000))]
    pub reason: String,
    /// The official document it is done on (основание).
    pub document_id: Gid<DocumentId>,
}

/// A decision on a wish to open a closed month again.
#[derive(InputObject)]
pub struct ReopeningDecideInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// Whether it is opened (вскрыть).
    pub confirm: bool,
}

/// A month whose declaration was handed in.
#[derive(InputObject)]
pub struct PeriodFileInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// The declaration (декларация).
    pub document_id: Gid<DocumentId>,
    /// VAT of the sector's turnover that it bears: the month then says how the ledger differs (НДС по декларации).
    pub declared_vat: Option<Money>,
}

/// How much water the city produced in a month.
#[derive(InputObject)]
pub struct WaterProducedRecordInput {
    /// Month (период).
    pub period: Period,
    /// Given into the network by the whole city, in m³ (объём).
    pub volume: Volume,
    /// The document that says so (основание).
    pub document_id: Gid<DocumentId>,
}

/// Another day of closing a month.
#[derive(InputObject)]
pub struct CutOffSetInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// Which step (шаг).
    pub step: CutOffStep,
    /// By when (срок).
    pub due_on: Date,
    /// Why (причина).
    #[graphql(validator(max_length = 500))]
    pub reason: String,
}

payload!(
    /// What became of a month (итог действия над периодом).
    PeriodPayload {
        /// The month (период).
        period: LedgerPeriod
    }
);

payload!(
    /// What became of a record of water (итог записи воды).
    WaterProducedPayload {
        /// What is known now (подано воды).
        produced: WaterProduced
    }
);

payload!(
    /// What became of a day of the calendar (итог изменения календаря).
    CalendarDayPayload {
        /// The day (день).
        calendar: CalendarOfDay
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

    /// Asks that a closed month is opened again, on a document; another person confirms (запросить вскрытие закрытого периода).
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn period_reopening_request(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ReopeningRequestInput,
    ) -> Result<PeriodPayload> {
        let done = cx
            .write(move |tx| {
                async move {
                    let ReopeningRequestInput { period, sector, reason, document_id } = input;
                    ops::request_reopening(tx, period, sector, &reason, document_id.0).await
                }
                .boxed()
            })
            .await?;
        Ok(PeriodPayload::of(done, cx.language()))
    }

    /// Opens a closed month again as the second person, for those who run the month, or declines it (решить о вскрытии периода).
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn period_reopening_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ReopeningDecideInput,
    ) -> Result<PeriodPayload> {
        let done = cx
            .write(move |tx| ops::decide_reopening(tx, input.period, input.sector, input.confirm).boxed())
            .await?;
        Ok(PeriodPayload::of(done, cx.language()))
    }

    /// Moves the day of a step of closing a month, with a reason (изменить срок закрытия). That of the readings is also the last one on
    /// which those that come from now on count for the month.
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn cut_off_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CutOffSetInput,
    ) -> Result<PeriodPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move {
                    let CutOffSetInput { period, sector, step, due_on, reason } = input;
                    ops::set_cut_off(tx, (period, sector), step, due_on.0, &reason, &app.clock).await
                }
                .boxed()
            })
            .await?;
        Ok(PeriodPayload::of(done, cx.language()))
    }

    /// Records a day off or a working one, against its weekday, on the act that says so (изменить производственный календарь).
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn calendar_day_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CalendarDaySetInput,
    ) -> Result<CalendarDayPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move {
                    let CalendarDaySetInput { day, kind, name, source, document_id } = input;
                    let new = ops::NewDay { day: day.0, kind, name, source, document: document_id.0 };
                    ops::set_calendar_day(tx, new, &app.clock).await
                }
                .boxed()
            })
            .await?;
        Ok(CalendarDayPayload::of(done, cx.language()))
    }

    /// Says that the declaration of a closed month was handed in: it is never opened again (отчётность за период сдана).
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn period_file(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PeriodFileInput,
    ) -> Result<PeriodPayload> {
        let done = cx
            .write(move |tx| {
                async move {
                    let PeriodFileInput { period, sector, document_id, declared_vat } = input;
                    ops::file_period(tx, period, sector, document_id.0, declared_vat).await
                }
                .boxed()
            })
            .await?;
        Ok(PeriodPayload::of(done, cx.language()))
    }

    /// Records how much water the city produced in a month, on a document (записать поданную воду). The report of water says what was
    /// lost of it; recorded anew it takes the place of what was known.
    #[graphql(guard = "can(Permission::PeriodClose)")]
    async fn water_produced_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: WaterProducedRecordInput,
    ) -> Result<WaterProducedPayload> {
        let done = cx
            .write(move |tx| {
                async move {
                    let WaterProducedRecordInput { period, volume, document_id } = input;
                    ops::record_produced(tx, period, volume, document_id.0).await
                }
                .boxed()
            })
            .await?;
        Ok(WaterProducedPayload::of(done, cx.language()))
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
