use async_graphql::{Context, Object, SimpleObject};
use domain::access::Permission;
use domain::kernel::*;
use domain::ledger::PeriodStatus;
use entities::kernel::jobs;
use entities::ledger::period;
use entities::premises::building;
use futures_util::FutureExt;

use super::jobs::{LOOK, LookArgs};
use super::ops;
use super::types::*;
use crate::payload;
use crate::platform::Refusal;
use crate::platform::graphql::*;
use crate::platform::jobs::graph::Job;
use crate::premises::Building;

payload!(
    /// What became of a decision about a house (итог решения по небалансу).
    ImbalanceDecisionPayload {
        /// The decision after the act (решение).
        decision: ImbalanceDecision
    }
);

payload!(
    /// What became of what is known of a house (итог изменения дома).
    ImbalanceHousePayload {
        /// The house (дом).
        building: Building
    }
);

/// What became of a wish to reckon the houses of a month (итог запроса расчёта небаланса).
#[derive(SimpleObject)]
pub struct ImbalanceLookPayload {
    /// The work in the background: watch it by `jobProgress` (задание).
    pub job: Option<Job>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

async fn house(
    cx: &Context<'_>,
    done: std::result::Result<BuildingId, Refusal>,
) -> Result<ImbalanceHousePayload> {
    let done = match done {
        Ok(id) => Ok(building::by_ids(cx.db(), vec![id]).await?.pop().ok_or_else(ApiError::not_found)?),
        Err(refusal) => Err(refusal),
    };
    Ok(ImbalanceHousePayload::of(done, cx.language()))
}

#[derive(Default)]
pub struct ImbalanceMutation;

#[Object]
impl ImbalanceMutation {
    /// Reckons the houses of an open month from what is known now, in the background and without a bill; a second wish joins the
    /// first (рассчитать небаланс).
    #[graphql(guard = "can(Permission::ImbalanceWrite)")]
    async fn imbalance_look(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ImbalanceLookInput,
    ) -> Result<ImbalanceLookPayload> {
        if !cx.scope()?.has_sector(Sector::Multi) {
            return Err(ApiError::not_found());
        }
        let month = input.period;
        let done = cx
            .write(move |tx| {
                async move {
                    let open = period::find(tx, month, Sector::Multi).await?;
                    if open.is_none_or(|row| row.status() == PeriodStatus::Closed) {
                        return Ok(Err(Refusal::new("PERIOD_NOT_OPEN").at("period")));
                    }
                    Ok(Ok(jobs::enqueue(tx, LOOK, &LookArgs { period: month }, Some(&month.to_string()))
                        .await?))
                }
                .boxed()
            })
            .await?;
        Ok(match done {
            Ok(job) => {
                let job = jobs::find(cx.db(), job.0).await?.map(Into::into);
                ImbalanceLookPayload { job, errors: Vec::new() }
            }
            Err(refusal) => {
                ImbalanceLookPayload { job: None, errors: vec![UserError::of(&refusal, cx.language())] }
            }
        })
    }

    /// Proposes a decision about a house and month on an official document; another person confirms (предложить решение по
    /// небалансу).
    #[graphql(guard = "can(Permission::ImbalanceWrite)")]
    async fn imbalance_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: ImbalanceProposeInput,
    ) -> Result<ImbalanceDecisionPayload> {
        let wish = ops::Proposal {
            building: input.building_id.0,
            period: input.period,
            kind: input.kind,
            method: input.method,
            reason: input.reason,
            document: input.document_id.0,
        };
        let done = cx.write(move |tx| ops::propose(tx, wish).boxed()).await?;
        Ok(ImbalanceDecisionPayload::of(done, cx.language()))
    }

    /// Confirms a decision that somebody else proposed; from now on it decides the month of the house (подтвердить решение по
    /// небалансу).
    #[graphql(guard = "can(Permission::ImbalanceConfirm)")]
    async fn imbalance_confirm(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which decision.")] input: ImbalanceConfirmInput,
    ) -> Result<ImbalanceDecisionPayload> {
        let done = cx.write(move |tx| ops::confirm(tx, input.id.0).boxed()).await?;
        Ok(ImbalanceDecisionPayload::of(done, cx.language()))
    }

    /// Ends a proposed decision without effect: takes back the own one, declines one of somebody else (отозвать или отклонить
    /// решение по небалансу).
    #[graphql(guard = "can(Permission::ImbalanceWrite)")]
    async fn imbalance_decline(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which decision.")] input: ImbalanceDeclineInput,
    ) -> Result<ImbalanceDecisionPayload> {
        let done = cx.write(move |tx| ops::decline(tx, input.id.0, input.reason).boxed()).await?;
        Ok(ImbalanceDecisionPayload::of(done, cx.language()))
    }

    /// Records on a document that a house heats its own water, or does not, from a day on (свой подогрев воды в доме).
    #[graphql(guard = "can(Permission::ImbalanceWrite)")]
    async fn house_heating_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to record.")] input: HouseHeatingInput,
    ) -> Result<ImbalanceHousePayload> {
        let (id, own, from, document) = (input.building_id.0, input.own, input.from.0, input.document_id.0);
        let done = cx.write(move |tx| ops::record_heating(tx, id, own, from, document).boxed()).await?;
        house(cx, done).await
    }

    /// Records on a document that an account bears no share of its house (исключить счёт из распределения).
    #[graphql(guard = "can(Permission::ImbalanceWrite)")]
    async fn imbalance_exclude(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to record.")] input: ImbalanceExcludeInput,
    ) -> Result<ImbalanceHousePayload> {
        let (id, document) = (input.account_id.0, input.document_id.0);
        let days = (input.from.0, input.to.and_then(Date::after));
        let done = cx
            .write(move |tx| async move { ops::exclude(tx, id, days, &input.reason, document).await }.boxed())
            .await?;
        house(cx, done).await
    }

    /// Records on a document that an account bears its share again (вернуть счёт в распределение).
    #[graphql(guard = "can(Permission::ImbalanceWrite)")]
    async fn imbalance_include(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to record.")] input: ImbalanceIncludeInput,
    ) -> Result<ImbalanceHousePayload> {
        let (id, from, document) = (input.account_id.0, input.from.0, input.document_id.0);
        let done = cx.write(move |tx| ops::end_exclusion(tx, id, from, document).boxed()).await?;
        house(cx, done).await
    }

    /// Sets on a document the useful area of an account's premise, by which houses may be shared out (указать площадь помещения).
    #[graphql(guard = "can(Permission::PremisesWrite)")]
    async fn premise_area_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to record.")] input: PremiseAreaInput,
    ) -> Result<ImbalanceHousePayload> {
        let (id, document) = (input.account_id.0, input.document_id.0);
        let done = cx
            .write(move |tx| {
                async move { ops::set_area(tx, id, &input.square_meters, document).await }.boxed()
            })
            .await?;
        house(cx, done).await
    }

    /// Records on a document whether a legal entity stands on the list of its condominium and bears a share of the house (включить
    /// нежилое помещение в список кондоминиума).
    #[graphql(guard = "can(Permission::ImbalanceWrite)")]
    async fn imbalance_member_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to record.")] input: ImbalanceMemberInput,
    ) -> Result<ImbalanceHousePayload> {
        let (id, member, from) = (input.account_id.0, input.member, input.from.0);
        let document = input.document_id.0;
        let done = cx.write(move |tx| ops::set_member(tx, id, member, from, document).boxed()).await?;
        house(cx, done).await
    }
}
