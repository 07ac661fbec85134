use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::kernel::*;
use entities::payments::payment;

use super::loaders::SettledBy;
use crate::ledger::loaders::ItemByKey;
use crate::ledger::types::OpenItem;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
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

    /// What it settled; the rest of it is an advance (разнесение).
    async fn allocations(&self, cx: &Context<'_>) -> Result<Vec<Settlement>> {
        let rows = cx.loader().load_one(SettledBy(PaymentId(self.0.id))).await?.unwrap_or_default();
        Ok(rows.into_iter().map(Settlement).collect())
    }
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

/// A part of an open item that a payment would settle (предполагаемое погашение).
#[derive(SimpleObject)]
pub struct PreviewedSettlement {
    /// The item (позиция).
    pub open_item: OpenItem,
    /// How much of it (сумма).
    pub amount: Money,
}
