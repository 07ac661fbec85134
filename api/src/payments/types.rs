use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::channel::PaymentNote;
use entities::payments::payment;

use super::channel::graph::AgentById;
use super::loaders::{PaymentById, SettledBy};
use super::target::{Reallocation, ReallocationsOf, TargetOfPayment};
use crate::ledger::loaders::ItemByKey;
use crate::ledger::types::OpenItem;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::subscribers::loaders::AccountById;
use crate::wiring::account::{Account, account_by_id};

/// A payment (платёж).
pub struct Payment(pub payment::Payment);

impl From<payment::Payment> for Payment {
    fn from(row: payment::Payment) -> Self {
        Self(row)
    }
}

/// A payment (платёж).
#[Object]
impl Payment {
    /// Node id.
    pub async fn id(&self) -> Gid<PaymentId> {
        Gid(PaymentId(self.0.id))
    }

    /// Whose payment it is (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Sum; negative for the row that reverses another (сумма).
    async fn amount(&self) -> Money {
        let amount = Money::from_tiyn(self.0.amount);
        if self.0.reverses.is_some() { -amount } else { amount }
    }

    /// The payer's date: the debtor is discharged on it (дата платежа).
    async fn paid_on(&self) -> Date {
        self.0.paid_on.into()
    }

    /// When it reached us (получен).
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// Who recorded it (кто провёл).
    async fn received_by(&self) -> &str {
        &self.0.received_by
    }

    /// How it came (канал).
    async fn channel(&self) -> &str {
        &self.0.channel
    }

    /// Who took it for the utility; null where that was the utility itself or its bank (через кого).
    async fn through(&self, cx: &Context<'_>) -> Result<Option<LocalName>> {
        let Some(agent) = self.0.agent_id else { return Ok(None) };
        let found = cx.loader().load_one(AgentById(AgentId(agent))).await?;
        Ok(found.map(|row| LocalName { kk: row.name_kk, ru: row.name_ru, en: row.name_en }))
    }

    /// What is remarkable about it (пометки).
    async fn notes(&self) -> Vec<PaymentNote> {
        self.0.notes.iter().filter_map(|code| PaymentNote::from_code(code)).collect()
    }

    /// The channel's own number; with the channel the key for ever (номер в канале).
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Month it is posted in (период).
    async fn period(&self) -> Period {
        Period::of(self.0.period)
    }

    /// Taken back by another row (сторнирован).
    async fn reversed(&self) -> bool {
        self.0.reversed
    }

    /// Taken over the counter: only its cash desk gives it back (принят в кассе).
    async fn at_desk(&self) -> bool {
        self.0.at_desk
    }

    /// What it is for, where its payer, a court or an agreement says so; else it is by the policy of the sector (назначение).
    #[graphql(guard = "can(Permission::PaymentRead)")]
    async fn target(&self, cx: &Context<'_>) -> Result<Option<TargetOfPayment>> {
        TargetOfPayment::of(cx, self.0.target.as_deref()).await
    }

    /// How often it was allocated anew (повторные разнесения).
    #[graphql(guard = "can(Permission::PaymentRead)")]
    async fn reallocations(&self, cx: &Context<'_>) -> Result<Vec<Reallocation>> {
        let rows = cx.loader().load_one(ReallocationsOf(PaymentId(self.0.id))).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Reallocation).collect())
    }

    /// What it settled; the rest of it is an advance (разнесение).
    async fn allocations(&self, cx: &Context<'_>) -> Result<Vec<Settlement>> {
        let rows = cx.loader().load_one(SettledBy(PaymentId(self.0.id))).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Settlement).collect())
    }
}

/// A payment as the edge of another row; none where its account is not the caller's.
pub async fn payment_by_id(cx: &Context<'_>, id: Option<i64>) -> Result<Option<Payment>> {
    let Some(id) = id else { return Ok(None) };
    let Some(row) = cx.loader().load_one(PaymentById(PaymentId(id))).await? else { return Ok(None) };
    let of = cx.loader().load_one(AccountById(AccountId(row.account_id))).await?;
    let scope = cx.scope()?;
    Ok(of.filter(|account| account.in_scope(scope)).map(|_| Payment(row)))
}

/// A part of an open item that a payment settled (погашение).
pub struct Settlement(payment::Settled);

/// A part of an open item that a payment settled (погашение).
#[Object]
impl Settlement {
    /// The item (позиция).
    async fn open_item(&self, cx: &Context<'_>) -> Result<OpenItem> {
        let key = ItemByKey((AccountId(self.0.account_id), OpenItemId(self.0.open_item_id)));
        cx.loader().load_one(key).await?.map(OpenItem).ok_or_else(ApiError::not_found)
    }

    /// How much of it (сумма).
    async fn amount(&self) -> Money {
        Money::from_tiyn(self.0.amount)
    }
}

/// What a payment would do, before it is recorded (предварительное разнесение платежа).
#[derive(SimpleObject)]
pub struct PaymentPreview {
    /// Month it would be posted in (период).
    pub period: Option<Period>,
    /// What it would settle (разнесение).
    pub allocations: Vec<PreviewedSettlement>,
    /// What would be left of it (аванс).
    pub advance: Option<Money>,
    /// What the account would owe then; negative when it would be owed (сальдо после платежа).
    pub balance: Option<Money>,
    /// Why it would not be taken; empty when it would.
    pub errors: Vec<UserError>,
}

/// What taking a payment back would make of its account (предварительное сторно платежа).
#[derive(SimpleObject)]
pub struct PaymentReversePreview {
    /// Month it would be posted in (период).
    pub period: Option<Period>,
    /// What would be owed again: settled by the payment, or by its advance since (снова к оплате).
    pub owed_again: Vec<PreviewedSettlement>,
    /// What of it lies ahead and would be gone (аванс).
    pub advance: Option<Money>,
    /// What the account would owe then; negative when it would be owed (сальдо после сторно).
    pub balance: Option<Money>,
    /// Why it can't be taken back; empty when it can.
    pub errors: Vec<UserError>,
}

/// A part of an open item that a payment would settle, or no longer (предполагаемое погашение).
#[derive(SimpleObject)]
pub struct PreviewedSettlement {
    /// The item (позиция).
    pub open_item: OpenItem,
    /// How much of it (сумма).
    pub amount: Money,
}
