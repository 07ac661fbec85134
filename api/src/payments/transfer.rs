//! Transfers of balances between accounts, as the office sees them.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::{TransferKind, TransferState};
use entities::payments::transfer::{self, Part};
use futures_util::FutureExt;
use serde::Serialize;

use super::loaders::PartsOfTransfer;
use super::ops::{self, Moving};
use super::types::{Payment, payment_by_id};
use crate::payload;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::wiring::account::{Account, account_by_id};

/// A transfer of balances between accounts (перенос сальдо).
pub struct Transfer(pub transfer::Transfer);

impl From<transfer::Transfer> for Transfer {
    fn from(row: transfer::Transfer) -> Self {
        Self(row)
    }
}

/// A transfer of balances between accounts (перенос сальдо).
#[Object]
impl Transfer {
    /// Node id.
    async fn id(&self) -> Gid<TransferId> {
        Gid(TransferId(self.0.id))
    }

    /// Its number (номер).
    async fn number(&self) -> i64 {
        self.0.id
    }

    /// On a document alone, or with a division of accounts (вид).
    async fn kind(&self) -> TransferKind {
        self.0.kind
    }

    /// What became of it (состояние).
    async fn state(&self) -> TransferState {
        self.0.state
    }

    /// Why (причина).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The document behind it (основание).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(DocumentId(self.0.document_id))
    }

    /// Debts that move (переносимая задолженность).
    async fn debt(&self) -> Money {
        Money::from_tiyn(self.0.debt)
    }

    /// Money paid ahead that moves (переносимый аванс).
    async fn advance(&self) -> Money {
        Money::from_tiyn(self.0.advance)
    }

    /// Why a second person decides: limit, staff, division, payment; empty where one is enough (почему нужен второй сотрудник).
    async fn second(&self) -> &[String] {
        &self.0.second
    }

    /// Who proposed it (подготовил).
    async fn proposed_by(&self) -> &str {
        &self.0.proposed_by
    }

    /// Who confirmed or declined it (решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// Who took it back (сторнировал).
    async fn reversed_by(&self) -> Option<&str> {
        self.0.reversed_by.as_deref()
    }

    /// The payment that moves as a whole (платёж).
    async fn payment(&self, cx: &Context<'_>) -> Result<Option<Payment>> {
        payment_by_id(cx, self.0.payment_id).await
    }

    /// The account that a payment moves to (куда переносится платёж).
    async fn to(&self, cx: &Context<'_>) -> Result<Option<Account>> {
        match self.0.to_account {
            Some(id) => Ok(Some(account_by_id(cx, AccountId(id)).await?)),
            None => Ok(None),
        }
    }

    /// What moves from where to where, item by item; two hundred at most (строки переноса).
    #[graphql(complexity = "20 + child_complexity")]
    async fn parts(&self, cx: &Context<'_>) -> Result<Vec<TransferPart>> {
        let parts = cx.loader().load_one(PartsOfTransfer(TransferId(self.0.id))).await?;
        Ok(parts.unwrap_or_default().into_iter().take(200).map(TransferPart).collect())
    }
}

/// A part of one open item on its way between accounts (строка переноса).
pub struct TransferPart(Part);

/// A part of one open item on its way between accounts (строка переноса).
#[Object]
impl TransferPart {
    /// The account that gives (откуда).
    async fn from(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.from_account).await
    }

    /// The account that takes over (куда).
    async fn to(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.to_account).await
    }

    /// What for; null for an advance (услуга).
    async fn service(&self) -> Option<Service> {
        Service::from_code(self.0.service.as_deref()?)
    }

    /// Charge, imbalance, penalty; null for an advance (составляющая).
    async fn component(&self) -> Option<Component> {
        self.0.service.as_ref().and_then(|_| Component::from_code(&self.0.component))
    }

    /// Month of origin (период).
    async fn origin(&self) -> Period {
        Period::of(self.0.origin)
    }

    /// Owed when positive, paid ahead when negative (сумма).
    async fn amount(&self) -> Money {
        Money::from_tiyn(self.0.amount)
    }
}

/// What to move between accounts (перенос сальдо).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct TransferInput {
    /// The account that gives (откуда).
    pub from_id: Gid<AccountId>,
    /// The account that takes over (куда).
    pub to_id: Gid<AccountId>,
    /// Debts, by their items; all of them where neither items nor an advance are named (позиции).
    #[graphql(default)]
    pub items: Vec<Gid<OpenItemId>>,
    /// So much of what is paid ahead (аванс).
    pub advance: Option<Money>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

impl From<TransferInput> for Moving {
    fn from(input: TransferInput) -> Self {
        Self {
            from: input.from_id.0,
            to: input.to_id.0,
            items: input.items.into_iter().map(|id| id.0).collect(),
            advance: input.advance,
            document: input.document_id.0,
            reason: input.reason,
        }
    }
}

/// A decision about a transfer (решение о переносе).
#[derive(InputObject)]
pub struct TransferDecideInput {
    /// Node id of the transfer.
    pub id: Gid<TransferId>,
    /// Confirm, or decline (подтвердить).
    pub agree: bool,
}

/// A transfer to take back (сторно переноса).
#[derive(InputObject)]
pub struct TransferReverseInput {
    /// Node id of the transfer.
    pub id: Gid<TransferId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
}

/// What a transfer would do (предварительный перенос).
#[derive(SimpleObject)]
pub struct TransferSeen {
    /// Debts that would move (задолженность).
    pub debt: Money,
    /// Money paid ahead that would move (аванс).
    pub advance: Money,
    /// Why a second person would decide; empty where one is enough (почему нужен второй сотрудник).
    pub second: Vec<String>,
    /// What the giving account would owe then (сальдо отдающего счёта).
    pub from_balance: Money,
    /// What the receiving account would owe then (сальдо принимающего счёта).
    pub to_balance: Money,
}

payload!(
    /// What a transfer would do; nothing is kept.
    TransferPreviewPayload {
        /// The transfer as it would be.
        preview: TransferSeen
    }
);

payload!(
    /// What became of a transfer (итог переноса).
    TransferPayload {
        /// The transfer (перенос).
        transfer: Transfer
    }
);

#[derive(Default)]
pub struct TransferQuery;

#[Object]
impl TransferQuery {
    /// Transfers between the caller's accounts, newest first (переносы сальдо).
    #[graphql(guard = "can(Permission::LedgerRead)")]
    async fn transfers(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<TransferState>,
        #[graphql(desc = "Only of this account.")] account_id: Option<Gid<AccountId>>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Transfer>> {
        let page = page_of::<i64>(first, after)?;
        let account = account_id.map(|id| id.0);
        let slice = transfer::list(cx.db(), cx.scope()?, state, account, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Transfer))
    }

    /// What a transfer would do, by the act that would do it (предварительный перенос сальдо).
    #[graphql(guard = "can(Permission::CorrectionWrite)", complexity = "30 + child_complexity")]
    async fn transfer_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to move.")] input: TransferInput,
    ) -> Result<TransferPreviewPayload> {
        let clock = cx.app().clone();
        let (from, to) = (input.from_id.0, input.to_id.0);
        let done = cx
            .rehearse(move |tx| {
                async move {
                    let row = match ops::create_transfer(tx, input.into(), &clock.clock).await? {
                        Ok(row) => row,
                        Err(refusal) => return Ok(Err(refusal)),
                    };
                    let balances = entities::ledger::item::balances(tx, &[(from, None), (to, None)]).await?;
                    let of = |id: AccountId| {
                        balances.iter().find(|b| b.account_id == id.0).map_or(0, |b| b.balance)
                    };
                    // What waits for a second person is not posted yet: it is said as if it were.
                    let moves = if row.state == TransferState::Waiting { row.debt - row.advance } else { 0 };
                    Ok(Ok(TransferSeen {
                        debt: Money::from_tiyn(row.debt),
                        advance: Money::from_tiyn(row.advance),
                        second: row.second,
                        from_balance: Money::from_tiyn(of(from) - moves),
                        to_balance: Money::from_tiyn(of(to) + moves),
                    }))
                }
                .boxed()
            })
            .await?;
        Ok(TransferPreviewPayload::of(done, cx.language()))
    }
}

#[derive(Default)]
pub struct TransferMutation;

#[Object]
impl TransferMutation {
    /// Moves debts or an advance to another account on a document; what is more than one person may, waits for another (перенести
    /// сальдо).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn transfer_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to move.")] input: TransferInput,
    ) -> Result<TransferPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| async move { ops::create_transfer(tx, input.into(), &app.clock).await }.boxed())
            .await?;
        Ok(TransferPayload::of(done, cx.language()))
    }

    /// Confirms or declines a transfer that somebody else proposed (решить о переносе).
    #[graphql(guard = "can(Permission::CorrectionConfirm)")]
    async fn transfer_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: TransferDecideInput,
    ) -> Result<TransferPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move { ops::decide_transfer(tx, input.id.0, input.agree, &app.clock).await }.boxed()
            })
            .await?;
        Ok(TransferPayload::of(done, cx.language()))
    }

    /// Takes a transfer back as a whole; never by who proposed it (сторнировать перенос).
    #[graphql(guard = "can(Permission::CorrectionConfirm)")]
    async fn transfer_reverse(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, on which document.")] input: TransferReverseInput,
    ) -> Result<TransferPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move { ops::reverse_transfer(tx, input.id.0, input.document_id.0, &app.clock).await }
                    .boxed()
            })
            .await?;
        Ok(TransferPayload::of(done, cx.language()))
    }
}
