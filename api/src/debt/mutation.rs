use async_graphql::{Context, InputObject, Object};
use domain::access::Permission;
use domain::debt::*;
use domain::kernel::*;
use entities::debt::accrual::Accrual;
use entities::debt::campaign::Terms;
use entities::debt::penalty::NewMoratorium;
use entities::kernel::{Tx, jobs as queue};
use futures_util::FutureExt;
use rust_decimal::Decimal;

use super::jobs::{NOTICES, NoticesArgs, PENALTY, PenaltyArgs};
use super::ops;
use super::signed::{MoratoriumWithdrawal, PenaltyReversal};
use super::types::*;
use crate::access::{SecondSignaturePayload, ask_second};
use crate::payload;
use crate::platform::graphql::*;
use crate::platform::jobs::Behalf;
use crate::platform::jobs::graph::Job;
use crate::platform::{Outcome, Refusal};
use crate::subscribers::PersonPayload;
use crate::{allow, refuse};

/// Which penalty to reckon.
#[derive(InputObject)]
pub struct PenaltyReckonInput {
    /// Month (месяц).
    pub month: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// Last day of it that counts; by default the last day of the month, or today (по день).
    pub up_to: Option<Date>,
}

/// Which accrual to take back.
#[derive(InputObject)]
pub struct PenaltyReverseInput {
    /// Node id of the accrual.
    pub id: Gid<AccrualId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
}

/// A moratorium to record.
#[derive(InputObject)]
pub struct MoratoriumRecordInput {
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
    /// Only of this group (группа).
    pub consumer_group: Option<ConsumerGroup>,
    /// Only of this account (лицевой счёт).
    pub account_id: Option<Gid<AccountId>>,
    /// First day (с).
    pub from: Date,
    /// Last day; none while no end is known (по).
    pub to: Option<Date>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub reason: String,
    /// The document it is on (основание).
    pub document_id: Gid<DocumentId>,
}

/// A death to register (регистрация смерти).
#[derive(InputObject)]
pub struct DeathRegisterInput {
    /// Who died (абонент).
    pub person_id: Gid<PartyId>,
    /// The day of death (дата смерти).
    pub date: Date,
    /// The certificate (свидетельство о смерти).
    pub document_id: Gid<DocumentId>,
}

/// A sum to dispute.
#[derive(InputObject)]
pub struct DisputeOpenInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// Node id of the item: a service of a bill (позиция).
    pub open_item_id: Gid<OpenItemId>,
    /// The disputed sum, at most what is owed of the item (сумма).
    pub amount: Money,
    /// What the subscriber says (доводы).
    #[graphql(validator(min_length = 3, max_length = 1000))]
    pub reason: String,
}

/// How a dispute ends.
#[derive(InputObject)]
pub struct DisputeDecideInput {
    /// Node id of the dispute.
    pub id: Gid<DisputeId>,
    /// The subscriber was right: the sum is taken back (в пользу абонента).
    pub for_subscriber: bool,
    /// Why (решение).
    #[graphql(validator(min_length = 3, max_length = 1000))]
    pub decision: String,
    /// The document it is on (основание).
    pub document_id: Gid<DocumentId>,
}

/// What made the time of limitation begin anew.
#[derive(InputObject)]
pub struct LimitationInterruptInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// Only of this item; of all debts without it (позиция).
    pub open_item_id: Option<Gid<OpenItemId>>,
    /// What (основание).
    pub kind: InterruptionKind,
    /// When (дата).
    pub on_day: Date,
    /// The document (документ).
    pub document_id: Gid<DocumentId>,
}

/// An item to give up.
#[derive(InputObject)]
pub struct WriteOffItemInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// Node id of the item (позиция).
    pub open_item_id: Gid<OpenItemId>,
}

/// An order of write-off to propose.
#[derive(InputObject)]
pub struct WriteOffProposeInput {
    /// Items with all that is owed of them, a thousand at most (позиции).
    pub items: Vec<WriteOffItemInput>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub reason: String,
    /// The order's document (документ).
    pub document_id: Gid<DocumentId>,
}

/// How an order ends.
#[derive(InputObject)]
pub struct WriteOffDecideInput {
    /// Node id of the order.
    pub id: Gid<WriteOffId>,
    /// Agreed to: it is posted (согласовано).
    pub agreed: bool,
}

/// A written-off debt that comes back.
#[derive(InputObject)]
pub struct WriteOffReviveInput {
    /// Node id of the order.
    pub id: Gid<WriteOffId>,
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// The document it is on (основание).
    pub document_id: Gid<DocumentId>,
}

/// Whom to warn.
#[derive(InputObject)]
pub struct NoticesIssueInput {
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
    /// Only of this district (район).
    pub district_id: Option<Gid<DistrictId>>,
}

/// An act on a warned account.
#[derive(InputObject)]
pub struct NoticeActInput {
    /// Node id of the warning.
    pub id: Gid<NoticeId>,
    /// Day of the act (дата).
    pub on: Date,
    /// The act (акт).
    pub act_id: Gid<DocumentId>,
}

/// An agreement of instalments.
#[derive(InputObject)]
pub struct PlanAgreeInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// Into how many equal parts, a month apart (частей).
    #[graphql(validator(minimum = 1, maximum = 36))]
    pub parts: i32,
    /// By when the first one is paid (первый срок).
    pub first: Date,
    /// The agreement (соглашение).
    pub document_id: Gid<DocumentId>,
}

/// Terms of a campaign.
#[derive(InputObject)]
pub struct CampaignProposeInput {
    /// Name in Kazakh (название на казахском).
    #[graphql(validator(max_length = 200))]
    pub name_kk: String,
    /// Name in Russian (название на русском).
    #[graphql(validator(max_length = 200))]
    pub name_ru: String,
    /// Only of these sectors; empty is all (секторы).
    pub sectors: Vec<Sector>,
    /// Only of these groups; empty is all (группы).
    pub groups: Vec<ConsumerGroup>,
    /// First month whose debt counts (долг с).
    pub debt_from: Period,
    /// Last month whose debt counts (долг по).
    pub debt_to: Period,
    /// First day (начало).
    pub starts_on: Date,
    /// Last day to pay (оплатить до).
    pub pay_by: Date,
    /// Percent of the penalty that is given up, up to 100 (доля списания).
    pub percent: String,
    /// Only for those who apply (по заявлению).
    pub by_application: bool,
    /// The document (основание).
    pub document_id: Gid<DocumentId>,
}

/// How a proposed campaign goes on.
#[derive(InputObject)]
pub struct CampaignDecideInput {
    /// Node id of the campaign.
    pub id: Gid<CampaignId>,
    /// Agreed to: it starts (согласовано).
    pub agreed: bool,
}

/// An application for a campaign.
#[derive(InputObject)]
pub struct CampaignApplyInput {
    /// Node id of the campaign.
    pub id: Gid<CampaignId>,
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
}

/// Which accrual to post.
#[derive(InputObject)]
pub struct PenaltyPostInput {
    /// Node id of the accrual.
    pub id: Gid<AccrualId>,
}

/// Which accrual to put away.
#[derive(InputObject)]
pub struct PenaltyDropInput {
    /// Node id of the accrual.
    pub id: Gid<AccrualId>,
}

/// Which moratorium to take out of force.
#[derive(InputObject)]
pub struct MoratoriumWithdrawInput {
    /// Node id of the moratorium.
    pub id: Gid<MoratoriumId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
}

/// Which warning to take back.
#[derive(InputObject)]
pub struct NoticeWithdrawInput {
    /// Node id of the warning.
    pub id: Gid<NoticeId>,
}

/// Which plan to end.
#[derive(InputObject)]
pub struct PlanCancelInput {
    /// Node id of the plan.
    pub id: Gid<PlanId>,
}

/// Which campaign to end.
#[derive(InputObject)]
pub struct CampaignEndInput {
    /// Node id of the campaign.
    pub id: Gid<CampaignId>,
}

payload!(
    /// What became of an accrual (итог действия над начислением пени).
    PenaltyAccrualPayload {
        /// The accrual (начисление).
        accrual: PenaltyAccrual
    }
);
payload!(
    /// What became of a dispute (итог действия над спором).
    DisputePayload {
        /// The dispute (спор).
        dispute: Dispute
    }
);
payload!(
    /// What became of an order of write-off (итог действия над приказом).
    WriteOffPayload {
        /// The order (приказ).
        write_off: WriteOff
    }
);
payload!(
    /// What became of a warning (итог действия над уведомлением).
    NoticePayload {
        /// The warning (уведомление).
        notice: Notice
    }
);
payload!(
    /// What became of a plan (итог действия над рассрочкой).
    PlanPayload {
        /// The plan (рассрочка).
        plan: Plan
    }
);
payload!(
    /// What became of a campaign (итог действия над акцией).
    CampaignPayload {
        /// The campaign (акция).
        campaign: Campaign
    }
);
payload!(
    /// What became of an application (итог заявления).
    CampaignMemberPayload {
        /// The account in the campaign (участие).
        member: CampaignMember
    }
);
payload!(
    /// What was recorded of limitation (итог записи о давности).
    LimitationPayload {
        /// Node id of the account (лицевой счёт).
        account_id: Gid<AccountId>
    }
);
payload!(
    /// Work in the background (фоновое задание взыскания).
    DebtJobPayload {
        /// Watch it by `jobProgress` (задание).
        job: Job
    }
);

#[derive(Default)]
pub struct DebtMutation;

#[Object]
impl DebtMutation {
    /// Reckons penalty of a month of a sector up to a day; nothing is posted before `penaltyPost` (рассчитать пеню).
    #[graphql(guard = "can(Permission::DebtAccrue)")]
    async fn penalty_reckon(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PenaltyReckonInput,
    ) -> Result<PenaltyAccrualPayload> {
        let app = cx.app().clone();
        let up_to = input.up_to.map(|day| day.0);
        let done = cx
            .write(move |tx| {
                async move {
                    let row = allow!(ops::reckon(tx, input.month, input.sector, up_to, &app.clock).await?);
                    queued(tx, row).await
                }
                .boxed()
            })
            .await?;
        Ok(PenaltyAccrualPayload::of(done, cx.language()))
    }

    /// Posts penalty that was reckoned: what differs from the books then (провести пеню).
    #[graphql(guard = "can(Permission::DebtAccrue)")]
    async fn penalty_post(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PenaltyPostInput,
    ) -> Result<PenaltyAccrualPayload> {
        let done = cx
            .write(move |tx| {
                async move {
                    let row = allow!(ops::post(tx, input.id.0).await?);
                    queued(tx, row).await
                }
                .boxed()
            })
            .await?;
        Ok(PenaltyAccrualPayload::of(done, cx.language()))
    }

    /// Asks to take a posted accrual back as a whole, on a document; done once a second person agrees (сторнировать пеню).
    #[graphql(guard = "can(Permission::DebtAccrue)")]
    async fn penalty_reverse(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PenaltyReverseInput,
    ) -> Result<SecondSignaturePayload> {
        let act = PenaltyReversal { accrual: input.id.0 };
        ask_second(cx, act, input.document_id.0).await
    }

    /// Puts penalty that was reckoned away without posting it (отменить расчёт пени).
    #[graphql(guard = "can(Permission::DebtAccrue)")]
    async fn penalty_drop(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PenaltyDropInput,
    ) -> Result<PenaltyAccrualPayload> {
        let done = cx.write(move |tx| ops::drop_accrual(tx, input.id.0).boxed()).await?;
        Ok(PenaltyAccrualPayload::of(done, cx.language()))
    }

    /// Asks for days without penalty, on a document; once a second person agrees, the next accrual takes back what was accrued for
    /// them (внести мораторий).
    #[graphql(guard = "can(Permission::DebtAccrue)")]
    async fn moratorium_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The moratorium.")] input: MoratoriumRecordInput,
    ) -> Result<SecondSignaturePayload> {
        let new = NewMoratorium {
            sector: input.sector,
            group: input.consumer_group,
            account: input.account_id.map(|id| id.0),
            from: input.from.0,
            to: input.to.and_then(Date::after),
            reason: input.reason,
            document: input.document_id.0,
        };
        ask_second(cx, new, input.document_id.0).await
    }

    /// Registers a death: the person's accounts go on in the name of the estate, and penalty rests (зарегистрировать смерть).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn death_register(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who, when, on which document.")] input: DeathRegisterInput,
    ) -> Result<PersonPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move {
                    let (person, document) = (input.person_id.0, input.document_id.0);
                    ops::register_death(tx, person, input.date.0, document, &app.clock).await
                }
                .boxed()
            })
            .await?;
        Ok(PersonPayload::of(done, cx.language()))
    }

    /// Asks to take a moratorium out of force for all of its days, on a document; done once a second person agrees
    /// (отозвать мораторий).
    #[graphql(guard = "can(Permission::DebtAccrue)")]
    async fn moratorium_withdraw(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: MoratoriumWithdrawInput,
    ) -> Result<SecondSignaturePayload> {
        let act = MoratoriumWithdrawal { moratorium: input.id.0 };
        ask_second(cx, act, input.document_id.0).await
    }

    /// Opens a dispute over a sum of an item: only that sum rests (открыть спор).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn dispute_open(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The dispute.")] input: DisputeOpenInput,
    ) -> Result<DisputePayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| {
                async move {
                    let DisputeOpenInput { account_id, open_item_id, amount, reason } = input;
                    ops::open_dispute(tx, account_id.0, open_item_id.0, amount, &reason, today, now).await
                }
                .boxed()
            })
            .await?;
        Ok(DisputePayload::of(done, cx.language()))
    }

    /// Decides a dispute on a document; never by who opened it (решить спор).
    #[graphql(guard = "can(Permission::DebtDecide)")]
    async fn dispute_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: DisputeDecideInput,
    ) -> Result<DisputePayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| {
                async move {
                    let DisputeDecideInput { id, for_subscriber, decision, document_id } = input;
                    ops::decide_dispute(tx, id.0, for_subscriber, &decision, document_id.0, today, now).await
                }
                .boxed()
            })
            .await?;
        Ok(DisputePayload::of(done, cx.language()))
    }

    /// Records what made the time of limitation begin anew (записать перерыв исковой давности).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn limitation_interrupt(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What happened.")] input: LimitationInterruptInput,
    ) -> Result<LimitationPayload> {
        let today = cx.app().clock.today();
        let done = cx
            .write(move |tx| {
                let item = input.open_item_id.map(|id| id.0);
                let (account, document) = (input.account_id.0, input.document_id.0);
                ops::interrupt(tx, account, item, input.kind, input.on_day.0, document, today).boxed()
            })
            .await?;
        Ok(LimitationPayload::of(done.map(Gid), cx.language()))
    }

    /// Proposes to give up debts on an order; a second person agrees (предложить списание).
    #[graphql(guard = "can(Permission::DebtAccrue)")]
    async fn write_off_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The order.")] input: WriteOffProposeInput,
    ) -> Result<WriteOffPayload> {
        let done = cx
            .write(move |tx| {
                async move {
                    let items: Vec<_> =
                        input.items.iter().map(|item| (item.account_id.0, item.open_item_id.0)).collect();
                    ops::propose_write_off(tx, &items, &input.reason, input.document_id.0).await
                }
                .boxed()
            })
            .await?;
        Ok(WriteOffPayload::of(done, cx.language()))
    }

    /// Agrees to an order of write-off, which posts it, or declines it; never by who proposed it (согласовать списание).
    #[graphql(guard = "can(Permission::DebtDecide)")]
    async fn write_off_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: WriteOffDecideInput,
    ) -> Result<WriteOffPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| ops::decide_write_off(tx, input.id.0, input.agreed, today, now).boxed())
            .await?;
        Ok(WriteOffPayload::of(done, cx.language()))
    }

    /// Makes what an order gave up of an account owed again (восстановить списанное).
    #[graphql(guard = "can(Permission::DebtDecide)")]
    async fn write_off_revive(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: WriteOffReviveInput,
    ) -> Result<WriteOffPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let (id, account, document) = (input.id.0, input.account_id.0, input.document_id.0);
        let done = cx.write(move |tx| ops::revive(tx, id, account, document, today, now).boxed()).await?;
        Ok(WriteOffPayload::of(done, cx.language()))
    }

    /// Warns everybody whom the settings of today want warned, in the background (выдать уведомления).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn notices_issue(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Whom to warn.")] input: NoticesIssueInput,
    ) -> Result<DebtJobPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| {
                async move {
                    let (sector, district) = (input.sector, input.district_id.map(|id| id.0));
                    allow!(ops::notice_terms(tx, sector, district, today, now).await?);
                    let args = NoticesArgs { behalf: Behalf::of(tx.actor()), sector, district };
                    let job = queue::enqueue(tx, NOTICES, &args, Some("all")).await?;
                    ops::begin_watch(tx).await?;
                    tx.nothing_new("the job tells of its warnings");
                    job_of(tx, job).await
                }
                .boxed()
            })
            .await?;
        Ok(DebtJobPayload::of(done, cx.language()))
    }

    /// Records a disconnection on its act, after the deadline; days without service begin on the same act (отключить).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn notice_disconnect(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The act.")] input: NoticeActInput,
    ) -> Result<NoticePayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| ops::disconnect(tx, input.id.0, input.on.0, input.act_id.0, today, now).boxed())
            .await?;
        Ok(NoticePayload::of(done, cx.language()))
    }

    /// Records that an account is connected again, with the charge of the settings; its days without service end (подключить).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn notice_reconnect(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The act.")] input: NoticeActInput,
    ) -> Result<NoticePayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| ops::reconnect(tx, input.id.0, input.on.0, input.act_id.0, today, now).boxed())
            .await?;
        Ok(NoticePayload::of(done, cx.language()))
    }

    /// Takes a warning back (отозвать уведомление).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn notice_withdraw(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: NoticeWithdrawInput,
    ) -> Result<NoticePayload> {
        let today = cx.app().clock.today();
        let done = cx.write(move |tx| ops::withdraw_notice(tx, input.id.0, today).boxed()).await?;
        Ok(NoticePayload::of(done, cx.language()))
    }

    /// Puts everything overdue of an account into equal parts a month apart, on an agreement (оформить рассрочку).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn plan_agree(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The agreement.")] input: PlanAgreeInput,
    ) -> Result<PlanPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| {
                async move {
                    let (account, parts) = (input.account_id.0, input.parts.unsigned_abs());
                    let (first, document) = (input.first.0, input.document_id.0);
                    let row = allow!(ops::agree_plan(tx, account, parts, first, document, today, now).await?);
                    ops::begin_watch(tx).await?;
                    Ok(Ok(row))
                }
                .boxed()
            })
            .await?;
        Ok(PlanPayload::of(done, cx.language()))
    }

    /// Ends a plan by agreement (расторгнуть рассрочку).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn plan_cancel(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PlanCancelInput,
    ) -> Result<PlanPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx.write(move |tx| ops::cancel_plan(tx, input.id.0, today, now).boxed()).await?;
        Ok(PlanPayload::of(done, cx.language()))
    }

    /// Proposes a campaign on a document; a second person starts it (предложить акцию).
    #[graphql(guard = "can(Permission::DebtAccrue)")]
    async fn campaign_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The terms.")] input: CampaignProposeInput,
    ) -> Result<CampaignPayload> {
        let today = cx.app().clock.today();
        let done = cx
            .write(move |tx| {
                async move {
                    let Ok(percent) = Decimal::from_str_exact(input.percent.trim()) else {
                        refuse!(Refusal::new("PERCENT_WRONG").at("percent"))
                    };
                    let terms = Terms {
                        name_kk: input.name_kk.trim().to_owned(),
                        name_ru: input.name_ru.trim().to_owned(),
                        sectors: input.sectors,
                        groups: input.groups,
                        debt_from: input.debt_from,
                        debt_to: input.debt_to,
                        starts_on: input.starts_on.0,
                        pay_by: input.pay_by.0,
                        percent,
                        by_application: input.by_application,
                        document: input.document_id.0,
                    };
                    ops::propose_campaign(tx, terms, today).await
                }
                .boxed()
            })
            .await?;
        Ok(CampaignPayload::of(done, cx.language()))
    }

    /// Starts a proposed campaign or declines it; never by who proposed it (начать акцию).
    #[graphql(guard = "can(Permission::DebtDecide)")]
    async fn campaign_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: CampaignDecideInput,
    ) -> Result<CampaignPayload> {
        let today = cx.app().clock.today();
        let done = cx
            .write(move |tx| {
                async move {
                    let row = allow!(ops::decide_campaign(tx, input.id.0, input.agreed, today).await?);
                    if input.agreed {
                        ops::begin_watch(tx).await?;
                    }
                    Ok(Ok(row))
                }
                .boxed()
            })
            .await?;
        Ok(CampaignPayload::of(done, cx.language()))
    }

    /// Ends a campaign after its last day (завершить акцию).
    #[graphql(guard = "can(Permission::DebtDecide)")]
    async fn campaign_end(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CampaignEndInput,
    ) -> Result<CampaignPayload> {
        let today = cx.app().clock.today();
        let done = cx.write(move |tx| ops::end_campaign(tx, input.id.0, today).boxed()).await?;
        Ok(CampaignPayload::of(done, cx.language()))
    }

    /// Records the application of an account for a campaign (принять заявление на акцию).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn campaign_apply(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The application.")] input: CampaignApplyInput,
    ) -> Result<CampaignMemberPayload> {
        let today = cx.app().clock.today();
        let done =
            cx.write(move |tx| ops::apply_for(tx, input.id.0, input.account_id.0, today).boxed()).await?;
        Ok(CampaignMemberPayload::of(done, cx.language()))
    }

    /// Looks at once what payments and time brought about: warnings, plans, campaigns; else it is looked at every hour
    /// (обновить взыскание).
    #[graphql(guard = "can(Permission::DebtWrite)")]
    async fn debt_refresh(&self, cx: &Context<'_>) -> Result<DebtJobPayload> {
        let done = cx
            .write(move |tx| {
                async move {
                    let job = ops::begin_watch(tx).await?;
                    tx.nothing_new("the job tells of what it changed");
                    job_of(tx, job).await
                }
                .boxed()
            })
            .await?;
        Ok(DebtJobPayload::of(done, cx.language()))
    }
}

/// The work of an accrual goes on in the background.
pub(super) async fn queued(tx: &mut Tx, row: Accrual) -> Outcome<Accrual> {
    let args = PenaltyArgs { accrual: row.id, behalf: Behalf::of(tx.actor()) };
    let key = format!("{}-{}", row.id, row.state);
    queue::enqueue(tx, PENALTY, &args, Some(&key)).await?;
    Ok(Ok(row))
}

async fn job_of(tx: &Tx, id: JobId) -> Outcome<queue::Job> {
    match queue::find(tx, id.0).await? {
        Some(row) => Ok(Ok(row)),
        None => refuse!("CONFLICT"),
    }
}
