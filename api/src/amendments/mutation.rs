use async_graphql::{Context, InputObject, Object};
use domain::access::Permission;
use domain::amendments::AmendmentFact;
use domain::kernel::*;
use entities::amendments::Filter;
use futures_util::FutureExt;
use serde::Serialize;

use super::ops;
use super::types::{Amendment, after};
use crate::payload;
use crate::platform::graphql::*;

/// Which facts to remove or change, and on what.
#[derive(InputObject, Serialize)]
pub struct AmendmentCreateInput {
    /// The official document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// Why, in words; removed readings carry them.
    #[graphql(validator(max_length = 300))]
    pub reason: String,
    /// Readings to remove.
    #[graphql(default, validator(max_items = 1000))]
    pub readings: Vec<Gid<ReadingId>>,
    /// Payments to remove, also ones that settled something.
    #[graphql(default, validator(max_items = 1000))]
    pub payments: Vec<Gid<PaymentId>>,
    /// Counts of residents to remove; what they had replaced counts again.
    #[graphql(default, validator(max_items = 1000))]
    pub residencies: Vec<Gid<ResidencyId>>,
    /// Meters whose last verification is to be removed.
    #[graphql(default, validator(max_items = 1000))]
    pub verifications: Vec<Gid<MeterId>>,
    /// Meters whose last installation is to be removed, with the readings that stand on it; also meters of houses.
    #[graphql(default, validator(max_items = 1000))]
    pub installations: Vec<Gid<MeterId>>,
    /// Everything of open months that a filter finds is to be removed.
    pub filter: Option<AmendmentFilterInput>,
    /// Everything that still counts of an import is to be removed.
    pub import_id: Option<Gid<ImportBatchId>>,
    /// Changes, one a line: account; fact (residents, amenity, reading); new value; day; serial number of the meter where there are
    /// several.
    #[graphql(validator(max_length = 1_000_000))]
    pub changes: Option<String>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// What a filter finds; what is left out is not a limit.
#[derive(InputObject, Serialize)]
pub struct AmendmentFilterInput {
    /// What kind of fact (вид факта).
    pub fact: AmendmentFact,
    /// Sector (сектор).
    pub sector: Option<Sector>,
    /// District (район).
    pub district: Option<Gid<DistrictId>>,
    /// Building (дом).
    pub building: Option<Gid<BuildingId>>,
    /// How it came: the code of a channel, or the source of a count of residents.
    #[graphql(validator(max_length = 40))]
    pub channel: Option<String>,
    /// Who entered it.
    #[graphql(validator(max_length = 200))]
    pub entered_by: Option<String>,
    /// First day on which it was entered.
    pub from: Option<Date>,
    /// Last day on which it was entered.
    pub to: Option<Date>,
}

/// Which batch, as it was looked at.
#[derive(InputObject, Serialize)]
pub struct AmendmentSaveInput {
    /// Node id of the batch.
    pub id: Gid<AmendmentId>,
    /// The fingerprint of the preview that was looked at.
    pub hash: String,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// Which batch.
#[derive(InputObject)]
pub struct AmendmentInput {
    /// Node id of the batch.
    pub id: Gid<AmendmentId>,
}

/// Which batch to take back.
#[derive(InputObject, Serialize)]
pub struct AmendmentReverseInput {
    /// Node id of the batch.
    pub id: Gid<AmendmentId>,
    /// The official document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

payload!(
    /// What became of a batch of amendments (итог действия над правкой).
    AmendmentPayload {
        /// The batch (правка).
        amendment: Amendment
    }
);

#[derive(Default)]
pub struct AmendmentsMutation;

#[Object]
impl AmendmentsMutation {
    /// Registers facts of open months to be removed or changed on a document and reckons what that would change; changes nothing
    /// (подготовить правку).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn amendment_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: AmendmentCreateInput,
    ) -> Result<AmendmentPayload> {
        let mut picked = Vec::new();
        picked.extend(input.readings.iter().map(|id| (AmendmentFact::Reading, id.0.0)));
        picked.extend(input.payments.iter().map(|id| (AmendmentFact::Payment, id.0.0)));
        picked.extend(input.residencies.iter().map(|id| (AmendmentFact::Residents, id.0.0)));
        picked.extend(input.verifications.iter().map(|id| (AmendmentFact::Verification, id.0.0)));
        picked.extend(input.installations.iter().map(|id| (AmendmentFact::Installation, id.0.0)));
        let filter = input.filter.as_ref().map(|filter| Filter {
            fact: filter.fact,
            sector: filter.sector,
            district: filter.district.map(|id| id.0),
            building: filter.building.map(|id| id.0),
            channel: filter.channel.clone(),
            entered_by: filter.entered_by.clone(),
            from: filter.from.map(|day| day.0),
            to: filter.to.map(|day| day.0),
        });
        let wish = ops::Wish {
            document: input.document_id.0,
            reason: input.reason.clone(),
            picked,
            filter,
            import: input.import_id.map(|id| id.0),
            changes: input.changes.clone(),
        };
        let done = cx
            .write_once("amendmentCreate", &input.idempotency_key, &input, move |tx| {
                ops::prepare(tx, wish).boxed()
            })
            .await?;
        Ok(AmendmentPayload::of(after(cx, done).await?, cx.language()))
    }

    /// Saves a batch as it was looked at; where one person is not enough it waits for a second (сохранить правку).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn amendment_save(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AmendmentSaveInput,
    ) -> Result<AmendmentPayload> {
        let (app, id, hash) = (cx.app().clone(), input.id.0, input.hash.clone());
        let done = cx
            .write_once("amendmentSave", &input.idempotency_key, &input, move |tx| {
                async move { ops::save(tx, id, &hash, &app.clock).await }.boxed()
            })
            .await?;
        Ok(AmendmentPayload::of(after(cx, done).await?, cx.language()))
    }

    /// Confirms a batch that somebody else prepared; it is saved (подтвердить правку).
    #[graphql(guard = "can(Permission::CorrectionConfirm)")]
    async fn amendment_confirm(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AmendmentSaveInput,
    ) -> Result<AmendmentPayload> {
        let (id, hash) = (input.id.0, input.hash.clone());
        let done = cx
            .write_once("amendmentConfirm", &input.idempotency_key, &input, move |tx| {
                async move { ops::confirm(tx, id, &hash).await }.boxed()
            })
            .await?;
        Ok(AmendmentPayload::of(after(cx, done).await?, cx.language()))
    }

    /// Takes a saved batch back as a whole: every fact is as it was before (отменить правку).
    #[graphql(guard = "can(Permission::CorrectionConfirm)")]
    async fn amendment_reverse(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AmendmentReverseInput,
    ) -> Result<AmendmentPayload> {
        let (id, document) = (input.id.0, input.document_id.0);
        let done = cx
            .write_once("amendmentReverse", &input.idempotency_key, &input, move |tx| {
                ops::reverse(tx, id, document).boxed()
            })
            .await?;
        Ok(AmendmentPayload::of(after(cx, done).await?, cx.language()))
    }

    /// Gives a batch up before it was saved (отозвать правку).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn amendment_withdraw(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: AmendmentInput,
    ) -> Result<AmendmentPayload> {
        let done = cx.write(move |tx| ops::give_up(tx, input.id.0).boxed()).await?;
        Ok(AmendmentPayload::of(after(cx, done).await?, cx.language()))
    }
}
