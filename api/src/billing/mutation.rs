use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::access::Permission;
use domain::kernel::*;
use entities::billing::{preview, run, scenario};
use entities::kernel::{Tx, jobs};
use futures_util::FutureExt;
use serde::Serialize;

use super::jobs::{PreviewArgs, RUN_CYCLE, RUN_PREVIEW, RunArgs, SCENARIO, ScenarioArgs};
use super::ops;
use super::preview::RunPreview;
use super::print::{BillsRenderInput, BillsRenderPayload, start_print};
use super::scenario::{
    self as what_if, ScenarioCreateInput, ScenarioDeleteInput, ScenarioDeletePayload, ScenarioPayload,
    ScenarioRepeatInput,
};
use super::types::Run;
use crate::payload;
use crate::platform::Refusal;
use crate::platform::graphql::*;
use crate::platform::jobs::graph::Job;

/// Which month to run.
#[derive(InputObject, Serialize)]
pub struct RunStartInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// Into how many transactions the accounts are cut; the result does not depend on it.
    #[graphql(validator(minimum = 1, maximum = 1024))]
    pub shards: Option<i32>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// Which month to preview.
#[derive(InputObject)]
pub struct RunPreviewInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
}

/// What became of a wish for a preview (итог запроса предварительного расчёта).
#[derive(SimpleObject)]
pub struct RunPreviewPayload {
    /// The preview, queued or already at work (предварительный расчёт).
    pub preview: Option<RunPreview>,
    /// Its work in the background: watch it by `jobProgress` (задание).
    pub job: Option<Job>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

/// Which run to issue.
#[derive(InputObject, Serialize)]
pub struct RunIssueInput {
    /// Node id of the run.
    pub id: Gid<RunId>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// Whose bills to make after those of the month were issued.
#[derive(InputObject, Serialize)]
pub struct LateBillsMakeInput {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// Only these accounts; all that have no bill of the month by default (лицевые счета).
    #[graphql(validator(max_items = 1000))]
    pub account_ids: Option<Vec<Gid<AccountId>>>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// Which run to take back.
#[derive(InputObject, Serialize)]
pub struct RunReverseInput {
    /// Node id of the run.
    pub id: Gid<RunId>,
    /// The document it is done on (основание).
    pub document_id: Option<Gid<DocumentId>>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

payload!(
    /// What became of a run (итог действия над расчётом).
    RunPayload {
        /// The run (расчёт).
        run: Run
    }
);

#[derive(Default)]
pub struct BillingMutation;

#[Object]
impl BillingMutation {
    /// Starts the run of a month and sector in the background; a second start joins the first (начать расчёт).
    #[graphql(guard = "can(Permission::BillingRun)")]
    async fn run_start(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RunStartInput,
    ) -> Result<RunPayload> {
        let app = cx.app().clone();
        let (month, sector, shards) = (input.period, input.sector, input.shards);
        let done = cx
            .write_once("runStart", &input.idempotency_key, &input, move |tx| {
                async move {
                    let run = match ops::start_run(tx, month, sector, shards, &app.clock).await? {
                        Ok(run) => run,
                        Err(refusal) => return Ok(Err(refusal)),
                    };
                    if matches!(run.state.as_str(), "snapshot" | "running") {
                        jobs::enqueue(tx, RUN_CYCLE, &RunArgs { run: run.id }, Some(&run.id.to_string()))
                            .await?;
                    }
                    // A start that joined another one changes nothing but must still be answered.
                    tx.emit(domain::BillingEvent::RunAdvanced {
                        run: run.run_id(),
                        done: run.accounts_done,
                        total: run.accounts,
                    });
                    Ok(Ok(run.run_id()))
                }
                .boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Reckons what the run of a month would come to, in the background and without writing a bill; a second wish joins the first
    /// (предварительный расчёт города).
    #[graphql(guard = "can(Permission::BillingRun)")]
    async fn run_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RunPreviewInput,
    ) -> Result<RunPreviewPayload> {
        let RunPreviewInput { period, sector } = input;
        if !cx.scope()?.has_sector(sector) {
            return Err(ApiError::not_found());
        }
        let known_at = cx.app().clock.now();
        let done = cx
            .write(move |tx| {
                async move {
                    let row = match ops::start_preview(tx, period, sector, known_at).await? {
                        Ok(row) => row,
                        Err(refusal) => return Ok(Err(refusal)),
                    };
                    let (id, args) = (row.preview_id(), PreviewArgs { preview: row.id });
                    let job = jobs::enqueue(tx, RUN_PREVIEW, &args, Some(&row.id.to_string())).await?;
                    preview::set_job(tx, id, job).await?;
                    Ok(Ok((id, job)))
                }
                .boxed()
            })
            .await?;
        let (id, job) = match done {
            Ok(ids) => ids,
            Err(refusal) => {
                let errors = vec![UserError::of(&refusal, cx.language())];
                return Ok(RunPreviewPayload { preview: None, job: None, errors });
            }
        };
        Ok(RunPreviewPayload {
            preview: preview::find(cx.db(), id).await?.map(Into::into),
            job: jobs::find(cx.db(), job.0).await?.map(Into::into),
            errors: Vec::new(),
        })
    }

    /// Prints the bills of a month and sector, as far as the caller sees them, into one file or a package with a file per
    /// district; in the background (печать счетов).
    #[graphql(guard = "can(Permission::BillRead)")]
    async fn bills_render(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to print.")] input: BillsRenderInput,
    ) -> Result<BillsRenderPayload> {
        let app = cx.app().clone();
        let done = cx.write(move |tx| async move { start_print(tx, &app, input).await }.boxed()).await?;
        Ok(BillsRenderPayload::of(done, cx.language()))
    }

    /// Issues the bills of a posted run: subscribers see them, and the run can't be reversed any more (выставить счета).
    #[graphql(guard = "can(Permission::BillingIssue)")]
    async fn run_issue(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RunIssueInput,
    ) -> Result<RunPayload> {
        let (app, id) = (cx.app().clone(), input.id.0);
        let done = cx
            .write_once("runIssue", &input.idempotency_key, &input, move |tx| {
                async move { Ok(ops::issue_run(tx, id, &app.clock).await?.map(|run| run.run_id())) }.boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Charges accounts that came after the bills of an open month were issued, and issues their bills at once; 5000 by one call
    /// (доначислить опоздавшие счета).
    #[graphql(guard = "can(Permission::BillingIssue)")]
    async fn late_bills_make(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: LateBillsMakeInput,
    ) -> Result<RunPayload> {
        let (app, month) = (cx.app().clone(), (input.period, input.sector));
        let only = input.account_ids.as_ref().map(|ids| ids.iter().map(|id| id.0).collect::<Vec<_>>());
        let done = cx
            .write_once("lateBillsMake", &input.idempotency_key, &input, move |tx| {
                async move { Ok(ops::make_late_bills(tx, &app, month, only).await?.map(|run| run.run_id())) }
                    .boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Takes a posted run back as a whole, before anything of it was issued; a run whose work failed before its end is given up, once
    /// nobody works on it (сторно расчёта).
    #[graphql(guard = "can(Permission::BillingRun)")]
    async fn run_reverse(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: RunReverseInput,
    ) -> Result<RunPayload> {
        let (today, id, document) = (cx.app().clock.today(), input.id.0, input.document_id.map(|id| id.0));
        let done = cx
            .write_once("runReverse", &input.idempotency_key, &input, move |tx| {
                async move { Ok(ops::reverse_run(tx, id, document, today).await?.map(|run| run.run_id())) }
                    .boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Keeps changes of the tariff book under a name and reckons in the background what the month would come to with them; no bill
    /// and no entry comes from it (создать сценарий).
    #[graphql(guard = "can(Permission::ScenarioWrite)")]
    async fn scenario_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ScenarioCreateInput,
    ) -> Result<ScenarioPayload> {
        let known_at = cx.app().clock.now();
        let scope = cx.scope()?;
        let mut sectors: Vec<Sector> = match &input.sectors {
            Some(sectors) => sectors.clone(),
            None => Sector::ALL.iter().copied().filter(|sector| scope.has_sector(*sector)).collect(),
        };
        sectors.sort_unstable();
        sectors.dedup();
        if !sectors.iter().all(|sector| scope.has_sector(*sector)) {
            return Err(ApiError::not_found());
        }
        let changes = match what_if::read(input.changes.clone()) {
            Ok(changes) => changes,
            Err(refusal) => {
                return Ok(ScenarioPayload::of(Err::<what_if::Scenario, _>(refusal), cx.language()));
            }
        };
        let new = scenario::New {
            name: input.name.clone(),
            note: input.note.clone().unwrap_or_default(),
            period: input.period,
            sectors,
            changes,
            keeps_accounts: input.keep_accounts,
        };
        let done = cx
            .write_once("scenarioCreate", &input.idempotency_key, &input, move |tx| {
                async move {
                    let row = match ops::create_scenario(tx, new, known_at).await? {
                        Ok(row) => row,
                        Err(refusal) => return Ok(Err(refusal)),
                    };
                    queue(tx, row.id).await?;
                    Ok(Ok(row.id))
                }
                .boxed()
            })
            .await?;
        scenario_after(cx, done).await
    }

    /// Reckons a scenario again with the facts as known now; one of somebody else by a right of its own (пересчитать сценарий).
    #[graphql(guard = "can(Permission::ScenarioWrite)")]
    async fn scenario_repeat(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ScenarioRepeatInput,
    ) -> Result<ScenarioPayload> {
        let known_at = cx.app().clock.now();
        let done = cx
            .write(move |tx| {
                async move {
                    let row =
                        match ops::repeat_scenario(tx, input.id.0, input.keep_accounts, known_at).await? {
                            Ok(row) => row,
                            Err(refusal) => return Ok(Err(refusal)),
                        };
                    queue(tx, row.id).await?;
                    Ok(Ok(row.id))
                }
                .boxed()
            })
            .await?;
        scenario_after(cx, done).await
    }

    /// Deletes a scenario with everything kept of it; one of somebody else by a right of its own (удалить сценарий).
    #[graphql(guard = "can(Permission::ScenarioWrite)")]
    async fn scenario_delete(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ScenarioDeleteInput,
    ) -> Result<ScenarioDeletePayload> {
        let done = cx.write(move |tx| ops::delete_scenario(tx, input.id.0).boxed()).await?;
        Ok(match done {
            Ok(id) => ScenarioDeletePayload { deleted: Some(Gid(id)), errors: Vec::new() },
            Err(refusal) => {
                ScenarioDeletePayload { deleted: None, errors: vec![UserError::of(&refusal, cx.language())] }
            }
        })
    }
}

async fn queue(tx: &mut Tx, id: ScenarioId) -> entities::kernel::Result<()> {
    let job = jobs::enqueue(tx, SCENARIO, &ScenarioArgs { scenario: id.0 }, Some(&id.to_string())).await?;
    scenario::set_job(tx, id, job).await.map(drop)
}

async fn scenario_after(
    cx: &Context<'_>,
    done: std::result::Result<ScenarioId, Refusal>,
) -> Result<ScenarioPayload> {
    let row = match done {
        Ok(id) => Ok(scenario::find(cx.db(), cx.scope()?, id).await?.ok_or_else(ApiError::not_found)?),
        Err(refusal) => Err(refusal),
    };
    Ok(ScenarioPayload::of(row, cx.language()))
}

async fn answer(cx: &Context<'_>, done: std::result::Result<RunId, Refusal>) -> Result<RunPayload> {
    let run = match done {
        Ok(id) => Ok(run::find(cx.db(), id).await?.ok_or_else(ApiError::not_found)?),
        Err(refusal) => Err(refusal),
    };
    Ok(RunPayload::of(run, cx.language()))
}
