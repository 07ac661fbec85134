//! Refunds, as the office sees them.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use async_graphql::{Context, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::{Actor, Permission};
use domain::kernel::*;
use domain::payments::RefundState;
use entities::kernel::{Change, Tx};
use entities::payments::refund;
use futures_util::FutureExt;

use super::ops::{self, Refunding};
use super::types::{Payment, payment_by_id};
use crate::platform::Refusal;
use crate::platform::graphql::loaders::{LoadError, Loaders, Rows};
use crate::platform::graphql::*;
use crate::wiring::account::{Account, account_by_id};
use crate::{edge, payload};

/// Money given back to who paid it (возврат).
pub struct Refund(pub refund::Refund);

impl From<refund::Refund> for Refund {
    fn from(row: refund::Refund) -> Self {
        Self(row)
    }
}

/// Money given back to who paid it (возврат).
#[Object]
impl Refund {
    /// Node id.
    async fn id(&self) -> Gid<RefundId> {
        Gid(RefundId(self.0.id))
    }

    /// Its number: the bank's order names it (номер).
    async fn number(&self) -> i64 {
        self.0.id
    }

    /// Whose credit it is (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.account_id).await
    }

    /// The payment whose payer gets it (платёж).
    async fn payment(&self, cx: &Context<'_>) -> Result<Option<Payment>> {
        payment_by_id(cx, Some(self.0.payment_id.0)).await
    }

    /// Sum (сумма).
    async fn amount(&self) -> Money {
        self.0.amount()
    }

    /// The channel that the payment came by, and the money goes back by (способ).
    async fn means(&self) -> &str {
        &self.0.means
    }

    /// Where the bank sends it (реквизиты). Each look is recorded.
    #[graphql(guard = "can(Permission::PersonalDataRead)")]
    async fn requisites(&self, cx: &Context<'_>) -> Result<Option<String>> {
        let Some(sealed) = self.0.requisites.as_deref() else { return Ok(None) };
        let by = Arc::new(cx.actor()?.clone());
        cx.loader().load_one(RequisitesSeen { refund: RefundId(self.0.id), by }).await?;
        Ok(cx.app().vault.open(sealed))
    }

    /// Where it stands (состояние).
    async fn state(&self) -> RefundState {
        self.0.state
    }

    /// Why a second person decides: limit, staff; empty where one is enough (почему нужен второй сотрудник).
    async fn second(&self) -> &[String] {
        &self.0.second
    }

    /// The application (заявление).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(self.0.document_id)
    }

    /// Why (причина).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Who proposed it (подготовил).
    async fn proposed_by(&self) -> &str {
        &self.0.proposed_by
    }

    /// When (когда подготовлен).
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.proposed_at
    }

    /// Who confirmed or declined it (решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// When the bank paid it (выплачен).
    async fn paid_on(&self) -> Option<Date> {
        self.0.paid_on.map(Date)
    }

    /// Number of the bank's order (номер платёжного поручения).
    async fn paid_reference(&self) -> Option<&str> {
        self.0.paid_reference.as_deref()
    }
}

edge!(
    /// A refund by id.
    RefundById(RefundId) => refund::Refund, |app, ids| async {
        let rows = refund::by_ids(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (RefundId(row.id), row)).collect())
    }
);

/// A look at where money goes back to: one row of the trail for each refund of a list, written before anything is shown.
#[derive(Debug, Clone)]
pub struct RequisitesSeen {
    refund: RefundId,
    by: Arc<Actor>,
}

impl PartialEq for RequisitesSeen {
    fn eq(&self, other: &Self) -> bool {
        self.refund == other.refund
    }
}

impl Eq for RequisitesSeen {}

impl Hash for RequisitesSeen {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.refund.hash(state);
    }
}

#[async_trait::async_trait]
impl Loader<RequisitesSeen> for Rows {
    type Value = ();
    type Error = LoadError;

    async fn load(&self, keys: &[RequisitesSeen]) -> Result<HashMap<RequisitesSeen, ()>, LoadError> {
        let Some(first) = keys.first() else { return Ok(HashMap::new()) };
        let mut tx = Tx::begin(&self.app.db, (*first.by).clone()).await.map_err(Arc::new)?;
        for key in keys {
            tx.audit(Change::new("refund", key.refund, "personal_data_seen"));
        }
        tx.commit_silently("a look at personal data").await.map_err(Arc::new)?;
        Ok(keys.iter().map(|key| (key.clone(), ())).collect())
    }
}

/// Money to give back.
#[derive(InputObject)]
pub struct RefundCreateInput {
    /// The payment whose payer gets it (платёж).
    pub payment_id: Gid<PaymentId>,
    /// Sum; no more than is unapplied (сумма).
    pub amount: Money,
    /// The application (заявление).
    pub document_id: Gid<DocumentId>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub reason: String,
    /// The payer's bank account, where it does not go back the way it came (реквизиты).
    #[graphql(validator(max_length = 300))]
    pub requisites: Option<String>,
    /// The same key is the same refund, for ever.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// A decision about a refund.
#[derive(InputObject)]
pub struct RefundDecideInput {
    /// Node id of the refund.
    pub id: Gid<RefundId>,
    /// Confirm, or decline (подтвердить).
    pub agree: bool,
}

/// A refund that the bank paid.
#[derive(InputObject)]
pub struct RefundPayInput {
    /// Node id of the refund.
    pub id: Gid<RefundId>,
    /// The bank's day (дата).
    pub paid_on: Date,
    /// Number of the bank's order (номер платёжного поручения).
    #[graphql(validator(min_length = 1, max_length = 60))]
    pub reference: String,
}

/// A refund that came back.
#[derive(InputObject)]
pub struct RefundReturnInput {
    /// Node id of the refund.
    pub id: Gid<RefundId>,
}

payload!(
    /// What became of a refund.
    RefundPayload {
        /// The refund (возврат).
        refund: Refund
    }
);

#[derive(Default)]
pub struct RefundQuery;

#[Object]
impl RefundQuery {
    /// Refunds of the caller's accounts, newest first (возвраты).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn refunds(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<RefundState>,
        #[graphql(desc = "Only of this account.")] account_id: Option<Gid<AccountId>>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Refund>> {
        let page = page_of::<i64>(first, after)?;
        let account = account_id.map(|id| id.0);
        let slice = refund::list(cx.db(), cx.scope()?, state, account, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Refund))
    }
}

#[derive(Default)]
pub struct RefundMutation;

#[Object]
impl RefundMutation {
    /// Gives unapplied money back to who paid it, by the means it came by; above the setting another person decides (вернуть
    /// деньги плательщику).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn refund_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to give back.")] input: RefundCreateInput,
    ) -> Result<RefundPayload> {
        let app = cx.app().clone();
        let asked = Refunding {
            payment: input.payment_id.0,
            amount: input.amount,
            document: input.document_id.0,
            reason: input.reason,
            requisites: input.requisites,
            key: input.idempotency_key,
        };
        let done = cx
            .write(move |tx| async move { ops::refund(tx, &app.vault, asked, &app.clock).await }.boxed())
            .await?;
        Ok(RefundPayload::of(done, cx.language()))
    }

    /// Confirms or declines a refund that somebody else proposed (решить о возврате).
    #[graphql(guard = "can(Permission::ReconcileConfirm)")]
    async fn refund_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: RefundDecideInput,
    ) -> Result<RefundPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move { ops::decide_refund(tx, input.id.0, input.agree, &app.clock).await }.boxed()
            })
            .await?;
        Ok(RefundPayload::of(done, cx.language()))
    }

    /// The bank has paid a refund (отметить возврат выплаченным).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn refund_pay(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, when, by which order.")] input: RefundPayInput,
    ) -> Result<RefundPayload> {
        if input.paid_on.0 > cx.app().clock.today() {
            let refusal = Refusal::new("FUTURE_DAY").at("paidOn");
            return Ok(RefundPayload::of(Err::<Refund, _>(refusal), cx.language()));
        }
        let done = cx
            .write(move |tx| {
                async move { ops::pay_refund(tx, input.id.0, input.paid_on.0, &input.reference).await }
                    .boxed()
            })
            .await?;
        Ok(RefundPayload::of(done, cx.language()))
    }

    /// A refund came back from the bank: the money is the account's again (возврат вернулся).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn refund_return(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RefundReturnInput,
    ) -> Result<RefundPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| async move { ops::return_refund(tx, input.id.0, &app.clock).await }.boxed())
            .await?;
        Ok(RefundPayload::of(done, cx.language()))
    }
}
