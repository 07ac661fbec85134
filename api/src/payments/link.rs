//! Links to pay on, as the cabinet and the office see them.

use async_graphql::{Context, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::PaymentLinkState;
use entities::payments::link;
use entities::payments::payment;

use super::ops;
use super::types::Payment;
use crate::payload;
use crate::platform::graphql::*;

/// A link on which a subscriber pays in a provider's application (ссылка на оплату).
pub struct PaymentLink(link::Link);

impl From<link::Link> for PaymentLink {
    fn from(row: link::Link) -> Self {
        Self(row)
    }
}

/// A link on which a subscriber pays in a provider's application (ссылка на оплату).
#[Object]
impl PaymentLink {
    /// Node id.
    async fn id(&self) -> Gid<PaymentLinkId> {
        Gid(PaymentLinkId(self.0.id))
    }

    /// The sum (сумма).
    async fn amount(&self) -> Money {
        Money::from_tiyn(self.0.amount)
    }

    /// What became of it (состояние).
    async fn state(&self) -> PaymentLinkState {
        self.0.state
    }

    /// Where to pay (ссылка).
    async fn url(&self) -> Option<&str> {
        self.0.url.as_deref()
    }

    /// The same as a QR code, for who pays by a telephone what he sees on a screen: SVG (QR-код).
    async fn qr(&self) -> Option<String> {
        // What is too long for a code is opened as it stands.
        self.0.url.as_deref().and_then(|url| ::documents::qr::svg(url).ok())
    }

    /// Until when it can be opened (действует до).
    async fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.0.expires_at
    }

    /// The payment, once the money is here (платёж).
    async fn payment(&self, cx: &Context<'_>) -> Result<Option<Payment>> {
        let Some(id) = self.0.payment_id else { return Ok(None) };
        Ok(payment::visible_to(cx.db(), cx.scope()?, PaymentId(id)).await?.map(Payment))
    }
}

/// A link that somebody wants to pay on.
#[derive(InputObject)]
pub struct PaymentLinkCreateInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// Sum in tenge, greater than zero.
    pub amount: Money,
    /// The same key gives the same link.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

payload!(
    /// What became of a wish for a link (итог запроса ссылки).
    PaymentLinkPayload {
        /// The link (ссылка).
        link: PaymentLink
    }
);

#[derive(Default)]
pub struct LinkQuery;

#[Object]
impl LinkQuery {
    /// Whether a link to pay on can be asked for now (можно ли оплатить по ссылке).
    #[graphql(guard = "can_any([Permission::PaymentRecord, Permission::OwnAccounts])")]
    async fn payment_link_offered(&self, cx: &Context<'_>) -> Result<bool> {
        Ok(ops::offers_links(cx.app()).await?)
    }

    /// A link to pay on, of the caller's accounts (ссылка на оплату).
    #[graphql(guard = "can_any([Permission::PaymentRead, Permission::OwnAccounts])")]
    async fn payment_link(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the link.")] id: Gid<PaymentLinkId>,
    ) -> Result<Option<PaymentLink>> {
        Ok(link::visible_to(cx.db(), cx.scope()?, id.0).await?.map(PaymentLink))
    }
}

#[derive(Default)]
pub struct LinkMutation;

#[Object]
impl LinkMutation {
    /// Asks the provider for a link on which the account can be paid (получить ссылку на оплату).
    #[graphql(guard = "can_any([Permission::PaymentRecord, Permission::OwnAccounts])")]
    async fn payment_link_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The account and the sum.")] input: PaymentLinkCreateInput,
    ) -> Result<PaymentLinkPayload> {
        let key = &input.idempotency_key;
        let done = ops::ask_link(cx.app(), cx.actor()?, input.account_id.0, input.amount, key).await?;
        Ok(PaymentLinkPayload::of(done, cx.language()))
    }
}
