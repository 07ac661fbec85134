use async_graphql::{Context, Object};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::PaymentChannel;
use entities::kernel::Tx;
use entities::payments::payment;
use entities::subscribers::account;
use futures_util::FutureExt;

use super::loaders::PaymentsOf;
use super::ops;
use super::target::{Earmark, EarmarksOf, PaymentTargetInput};
use super::types::{Payment, PaymentPreview, PaymentReversePreview, PreviewedSettlement};
use crate::ledger::types::OpenItem;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::subscribers::types::own_since;

#[derive(Default)]
pub struct PaymentsQuery;

#[Object]
impl PaymentsQuery {
    /// Payments of the caller's accounts, newest first (платежи).
    #[graphql(guard = "can(Permission::PaymentRead)")]
    async fn payments(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only posted in this month.")] period: Option<Period>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this channel.")] channel: Option<String>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Payment>> {
        let page = page_of::<i64>(first, after)?;
        let slice = payment::list(cx.db(), cx.scope()?, period, sector, channel, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Payment))
    }

    /// What a payment of today would settle and what would be left of it; nothing is recorded (предварительное разнесение
    /// платежа).
    #[graphql(
        guard = "can_any([Permission::PaymentRecord, Permission::CashdeskWork, Permission::ReconcileWrite])",
        complexity = "10 + child_complexity"
    )]
    async fn payment_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the account.")] account_id: Gid<AccountId>,
        #[graphql(desc = "Sum in tenge, greater than zero.")] amount: Money,
        #[graphql(desc = "How it comes; over the desk by default.")] channel: Option<PaymentChannel>,
        #[graphql(desc = "What it is for; by the policy of the sector by default.")] target: Option<
            PaymentTargetInput,
        >,
    ) -> Result<PaymentPreview> {
        let clock = &cx.app().clock;
        let row = account::find(cx.db(), cx.scope()?, account_id.0).await?.ok_or_else(ApiError::not_found)?;
        let payment = ops::NewPayment {
            account: row.id,
            sector: row.sector,
            channel: channel.unwrap_or(PaymentChannel::Cash).code().to_owned(),
            external_id: String::new(),
            amount,
            paid_on: clock.today(),
            paid_at: None,
            import_batch: None,
            target: target.map(Into::into),
        };
        // The rule itself, under its own locks; the transaction ends without a trace.
        let tx = Tx::begin(cx.db(), cx.actor()?.clone()).await?;
        let seen = ops::preview_payment(&tx, &payment, clock.today(), clock.now()).await?;
        tx.rollback().await?;
        Ok(match seen {
            Ok(seen) => PaymentPreview {
                period: Some(seen.period),
                allocations: settlements(seen.parts),
                advance: Some(seen.advance),
                balance: Some(seen.balance),
                errors: Vec::new(),
            },
            Err(refusal) => PaymentPreview {
                period: None,
                allocations: Vec::new(),
                advance: None,
                balance: None,
                errors: vec![UserError::of(&refusal, cx.language())],
            },
        })
    }

    /// What taking a payment back today would make of its account; nothing is recorded (предварительное сторно платежа).
    #[graphql(guard = "can(Permission::PaymentReverse)", complexity = "10 + child_complexity")]
    async fn payment_reverse_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the payment.")] id: Gid<PaymentId>,
    ) -> Result<PaymentReversePreview> {
        let (id, today) = (id.0, cx.app().clock.today());
        let seen = cx.rehearse(move |tx| ops::preview_reversal(tx, id, today).boxed()).await?;
        Ok(match seen {
            Ok(seen) => PaymentReversePreview {
                period: Some(seen.period),
                owed_again: settlements(seen.parts),
                advance: Some(seen.advance),
                balance: Some(seen.balance),
                errors: Vec::new(),
            },
            Err(refusal) => PaymentReversePreview {
                period: None,
                owed_again: Vec::new(),
                advance: None,
                balance: None,
                errors: vec![UserError::of(&refusal, cx.language())],
            },
        })
    }
}

/// What was said of the items of a preview.
fn settlements(parts: Vec<(entities::ledger::item::Item, Money)>) -> Vec<PreviewedSettlement> {
    parts
        .into_iter()
        .map(|(item, amount)| PreviewedSettlement { open_item: OpenItem(item), amount })
        .collect()
}

/// The part of an account that payments add.
pub struct AccountPayments(AccountId);

impl From<&account::Model> for AccountPayments {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl AccountPayments {
    /// Debts that its money is tied to, newest first (целевые назначения).
    #[graphql(guard = "can(Permission::PaymentRead)")]
    async fn earmarks(&self, cx: &Context<'_>) -> Result<Vec<Earmark>> {
        let rows = cx.loader().load_one(EarmarksOf(self.0)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Earmark).collect())
    }

    /// Payments, newest first (платежи).
    #[graphql(guard = "can_any([Permission::PaymentRead, Permission::OwnAccounts])")]
    async fn payments(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Payment>> {
        let page = page_of::<i64>(first, after)?;
        let since = own_since(cx, self.0).await?;
        let key = PaymentsOf { account: self.0, since, first: page.first, after: page.after };
        let slice = cx.loader().load_one(key).await?.ok_or_else(ApiError::not_found)?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Payment))
    }
}
