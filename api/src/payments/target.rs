//! What payments are for: named by a payer, tied by a court, changed by a person; payments that moved.

use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::{EarmarkAct, EarmarkKind, PaymentTarget};
use entities::payments::earmark::{self, NewEarmark};
use entities::payments::reallocation;
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::ops::{self, MovingPayment, Reallocating};
use super::transfer::TransferPayload;
use crate::archive::Document;
use crate::archive::types::DocumentById;
use crate::platform::graphql::loaders::{Loaders, gather};
use crate::platform::graphql::*;
use crate::wiring::account::{Account, account_by_id};
use crate::{edge, payload};

/// What a payment is for; nothing of it is by the policy of the sector (назначение платежа).
#[derive(Debug, Clone, Copy, OneofObject, Serialize, Deserialize)]
pub enum PaymentTargetInput {
    /// This service first (услуга).
    Service(Service),
    /// What was charged for this month first (счёт за месяц).
    Bill(Period),
    /// Debts that a judgement, a bailiff or an agreement names, and nothing else (целевое назначение).
    Earmark(Gid<EarmarkId>),
}

impl From<PaymentTargetInput> for PaymentTarget {
    fn from(input: PaymentTargetInput) -> Self {
        match input {
            PaymentTargetInput::Service(service) => Self::Service(service),
            PaymentTargetInput::Bill(month) => Self::Bill(month),
            PaymentTargetInput::Earmark(id) => Self::Earmark(id.0),
        }
    }
}

/// What a payment is for (назначение платежа).
#[derive(SimpleObject)]
pub struct TargetOfPayment {
    /// This service first (услуга).
    pub service: Option<Service>,
    /// What was charged for this month first (счёт за месяц).
    pub bill: Option<Period>,
    /// Debts of a judgement, a bailiff or an agreement, and nothing else (целевое назначение).
    pub earmark: Option<Earmark>,
}

impl TargetOfPayment {
    /// None where nobody said.
    pub async fn of(cx: &Context<'_>, kept: Option<&str>) -> Result<Option<Self>> {
        let target: Option<PaymentTarget> = kept.and_then(|text| text.parse().ok());
        let Some(target) = target else { return Ok(None) };
        let mut of = Self { service: None, bill: None, earmark: None };
        match target {
            PaymentTarget::Service(service) => of.service = Some(service),
            PaymentTarget::Bill(month) => of.bill = Some(month),
            PaymentTarget::Earmark(id) => {
                of.earmark = cx.loader().load_one(EarmarkById(id)).await?.map(Earmark);
            }
        }
        Ok(Some(of))
    }
}

/// Debts that money is tied to (целевое назначение).
pub struct Earmark(pub earmark::Earmark);

impl From<earmark::Earmark> for Earmark {
    fn from(row: earmark::Earmark) -> Self {
        Self(row)
    }
}

/// Debts that money is tied to (целевое назначение).
#[Object]
impl Earmark {
    /// Node id.
    async fn id(&self) -> Gid<EarmarkId> {
        Gid(EarmarkId(self.0.id))
    }

    /// Who tied it: a court, a bailiff, an agreement (вид).
    async fn kind(&self) -> EarmarkKind {
        self.0.kind
    }

    /// Number of the case, the execution, the agreement (номер).
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// The plan of instalments or the claim that ties it and unties it with its own end; none where a person did (чем
    /// установлено).
    async fn act(&self) -> Option<EarmarkAct> {
        self.0.act
    }

    /// Whose debts they are (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.account_id).await
    }

    /// What is still owed of them (остаток долга).
    async fn owed(&self) -> Money {
        Money::from_tiyn(self.0.owed)
    }

    /// Money that came for them and covers nothing else (удержано под назначение).
    async fn held(&self) -> Money {
        Money::from_tiyn(self.0.held)
    }

    /// The document behind it (основание).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        Ok(cx.loader().load_one(DocumentById(self.0.document_id)).await?.map(Document::from))
    }

    /// Who recorded it (кто внёс).
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }

    /// From this day on what is left of its money is like any other (снято).
    async fn closed_on(&self) -> Option<Date> {
        self.0.closed_on.map(Date)
    }
}

edge!(
    /// An earmark by id.
    EarmarkById(EarmarkId) => earmark::Earmark, |app, ids| async {
        let rows = earmark::by_ids(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (EarmarkId(row.id), row)).collect())
    }
);

edge!(
    /// What an account's money is tied to.
    EarmarksOf(AccountId) => Vec<earmark::Earmark>, |app, accounts| async {
        let rows = earmark::of_accounts(&app.db, accounts.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (row.account_id, row))))
    }
);

edge!(
    /// How often a payment was allocated anew.
    ReallocationsOf(PaymentId) => Vec<reallocation::Reallocation>, |app, payments| async {
        let rows = reallocation::of_payments(&app.db, payments.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (row.payment_id, row))))
    }
);

/// A payment allocated anew (повторное разнесение).
pub struct Reallocation(pub reallocation::Reallocation);

impl From<reallocation::Reallocation> for Reallocation {
    fn from(row: reallocation::Reallocation) -> Self {
        Self(row)
    }
}

/// A payment allocated anew (повторное разнесение).
#[Object]
impl Reallocation {
    /// How much covers something else than before (перенесено).
    async fn moved(&self) -> Money {
        Money::from_tiyn(self.0.moved)
    }

    /// Why (причина).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The document behind it (основание).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(self.0.document_id)
    }

    /// Who did it (кто разнёс).
    async fn done_by(&self) -> &str {
        &self.0.done_by
    }

    /// When (когда).
    async fn done_at(&self) -> DateTime<Utc> {
        self.0.done_at
    }
}

/// A payment to allocate anew.
#[derive(InputObject)]
pub struct PaymentReallocateInput {
    /// Node id of the payment.
    pub id: Gid<PaymentId>,
    /// What it is for from now on; by the policy of the sector when absent (назначение).
    pub target: Option<PaymentTargetInput>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// A payment that was credited to the wrong account.
#[derive(InputObject)]
pub struct PaymentMoveInput {
    /// Node id of the payment.
    pub id: Gid<PaymentId>,
    /// The account it belongs to (куда).
    pub to_id: Gid<AccountId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// Debts to tie money to.
#[derive(InputObject)]
pub struct EarmarkCreateInput {
    /// Whose debts they are (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// Who tied it (вид).
    pub kind: EarmarkKind,
    /// Number of the case, the execution, the agreement (номер).
    #[graphql(validator(min_length = 1, max_length = 100))]
    pub reference: String,
    /// The document behind it (основание).
    pub document_id: Gid<DocumentId>,
    /// The debts, by their items (позиции).
    #[graphql(validator(min_items = 1, max_items = 500))]
    pub items: Vec<Gid<OpenItemId>>,
}

/// An earmark to end.
#[derive(InputObject)]
pub struct EarmarkCloseInput {
    /// Node id of the earmark.
    pub id: Gid<EarmarkId>,
}

payload!(
    /// What became of a re-allocation.
    ReallocationPayload {
        /// What was done (повторное разнесение).
        reallocation: Reallocation
    }
);

payload!(
    /// What became of an earmark.
    EarmarkPayload {
        /// The earmark (целевое назначение).
        earmark: Earmark
    }
);

#[derive(Default)]
pub struct TargetMutation;

#[Object]
impl TargetMutation {
    /// Allocates a payment anew, as new entries; what it covered before is owed again (разнести платёж заново).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn payment_reallocate(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and what for.")] input: PaymentReallocateInput,
    ) -> Result<ReallocationPayload> {
        let app = cx.app().clone();
        let asked = Reallocating {
            payment: input.id.0,
            target: input.target.map(PaymentTarget::from),
            document: input.document_id.0,
            reason: input.reason,
        };
        let done =
            cx.write(move |tx| async move { ops::reallocate(tx, asked, &app.clock).await }.boxed()).await?;
        Ok(ReallocationPayload::of(done, cx.language()))
    }

    /// Proposes to move a payment to the account it belongs to; another person decides by `transferDecide` (перенести ошибочно
    /// зачисленный платёж).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn payment_move(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and where to.")] input: PaymentMoveInput,
    ) -> Result<TransferPayload> {
        let app = cx.app().clone();
        let moving = MovingPayment {
            payment: input.id.0,
            to: input.to_id.0,
            document: input.document_id.0,
            reason: input.reason,
        };
        let done = cx
            .write(move |tx| async move { ops::propose_move(tx, moving, &app.clock).await }.boxed())
            .await?;
        Ok(TransferPayload::of(done, cx.language()))
    }

    /// Ties money that will come to debts of a judgement, a bailiff or an agreement: it covers nothing else (внести целевое
    /// назначение).
    #[graphql(guard = "can_any([Permission::ReconcileWrite, Permission::DebtWrite])")]
    async fn earmark_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which debts, on what.")] input: EarmarkCreateInput,
    ) -> Result<EarmarkPayload> {
        let new = NewEarmark {
            account: input.account_id.0,
            kind: input.kind,
            reference: input.reference,
            document: input.document_id.0,
            items: input.items.into_iter().map(|id| id.0).collect(),
        };
        let done = cx.write(move |tx| ops::tie(tx, new).boxed()).await?;
        Ok(EarmarkPayload::of(done, cx.language()))
    }

    /// Unties them: what is left of the money is like any other from now on (снять целевое назначение).
    #[graphql(guard = "can_any([Permission::ReconcileWrite, Permission::DebtWrite])")]
    async fn earmark_close(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] input: EarmarkCloseInput,
    ) -> Result<EarmarkPayload> {
        let app = cx.app().clone();
        let done =
            cx.write(move |tx| async move { ops::untie(tx, input.id.0, &app.clock).await }.boxed()).await?;
        Ok(EarmarkPayload::of(done, cx.language()))
    }
}
