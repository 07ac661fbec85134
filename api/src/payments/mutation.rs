use async_graphql::{Context, InputObject, Object};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::PaymentChannel;
use entities::payments::payment;
use entities::subscribers::account;
use futures_util::FutureExt;
use serde::Serialize;

use super::ops;
use super::target::PaymentTargetInput;
use super::types::Payment;
use crate::payload;
use crate::platform::Refusal;
use crate::platform::graphql::*;

/// A payment to record.
#[derive(InputObject, Serialize)]
pub struct PaymentRecordInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// Sum in tenge, greater than zero.
    pub amount: Money,
    /// The payer's date; today by default.
    pub paid_on: Option<Date>,
    /// How it came.
    pub channel: PaymentChannel,
    /// What it is for; by the policy of the sector when absent (назначение).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<PaymentTargetInput>,
    /// The channel's own number; the idempotency key when absent.
    #[graphql(validator(min_length = 1, max_length = 100))]
    pub external_id: Option<String>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// A payment to take back.
#[derive(InputObject, Serialize)]
pub struct PaymentReverseInput {
    /// Node id of the payment.
    pub id: Gid<PaymentId>,
    /// Why, for the trail (причина).
    #[graphql(validator(min_length = 3, max_length = 300))]
    pub reason: String,
    /// The document it is done on (основание).
    pub document_id: Option<Gid<DocumentId>>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

payload!(
    /// What became of a payment (итог действия над платежом).
    PaymentPayload {
        /// The payment (платёж).
        payment: Payment
    }
);

#[derive(Default)]
pub struct PaymentsMutation;

#[Object]
impl PaymentsMutation {
    /// Records a payment and allocates it over what is owed (провести платёж): for programs. Cash and cards that people of the staff
    /// take go through an open shift of a cash desk.
    #[graphql(guard = "can(Permission::PaymentRecord)")]
    async fn payment_record(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PaymentRecordInput,
    ) -> Result<PaymentPayload> {
        let clock = &cx.app().clock;
        let (today, known_at) = (clock.today(), clock.now());
        let paid_on = input.paid_on.map_or(today, |day| day.0);
        if paid_on > today {
            let refusal = Refusal::new("FUTURE_DAY").at("paidOn");
            return Ok(PaymentPayload::of(Err::<Payment, _>(refusal), cx.language()));
        }
        let row =
            account::find(cx.db(), cx.scope()?, input.account_id.0).await?.ok_or_else(ApiError::not_found)?;
        let payment = ops::NewPayment {
            account: row.id,
            sector: row.sector,
            channel: input.channel.code().to_owned(),
            external_id: input.external_id.clone().unwrap_or_else(|| input.idempotency_key.clone()),
            amount: input.amount,
            paid_on,
            paid_at: None,
            import_batch: None,
            target: input.target.map(Into::into),
        };
        let done = cx
            .write_once("paymentRecord", &input.idempotency_key, &input, move |tx| {
                async move {
                    let done = ops::record(tx, payment, today, known_at).await?;
                    Ok(done)
                }
                .boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Takes a payment back: what it settled is owed again, both rows stay (сторно платежа).
    #[graphql(guard = "can(Permission::PaymentReverse)")]
    async fn payment_reverse(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: PaymentReverseInput,
    ) -> Result<PaymentPayload> {
        let (today, id, document) = (cx.app().clock.today(), input.id.0, input.document_id.map(|id| id.0));
        let reason = input.reason.clone();
        let done = cx
            .write_once("paymentReverse", &input.idempotency_key, &input, move |tx| {
                async move {
                    Ok(ops::reverse_payment(tx, id, &reason, document, today)
                        .await?
                        .map(|row| PaymentId(row.id)))
                }
                .boxed()
            })
            .await?;
        answer(cx, done).await
    }
}

async fn answer(cx: &Context<'_>, done: std::result::Result<PaymentId, Refusal>) -> Result<PaymentPayload> {
    let payment = match done {
        Ok(id) => Ok(payment::visible_to(cx.db(), cx.scope()?, id).await?.ok_or_else(ApiError::not_found)?),
        Err(refusal) => Err(refusal),
    };
    Ok(PaymentPayload::of(payment, cx.language()))
}
