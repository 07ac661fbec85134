use async_graphql::{Context, InputObject, Object};
use domain::access::{Permission, Principal};
use domain::kernel::*;
use domain::readings::Channel;
use futures_util::FutureExt;

use super::ops::{Decide, Submit, decide, submit, submit_many, withdraw};
use crate::payload;
use crate::platform::graphql::*;
use crate::wiring::reading::Reading;

/// A reading to hand in.
#[derive(InputObject)]
pub struct ReadingSubmitInput {
    /// The account, to be sure that the point is its own.
    pub account_id: Option<Gid<AccountId>>,
    /// The point of supply whose meter was read.
    pub point_id: Gid<PointId>,
    /// What the register shows, in m³.
    pub value: Volume,
    /// The day on which it was read; the business date when absent.
    pub taken_on: Option<Date>,
    /// How it came; a subscriber's is always PORTAL, staff's OPERATOR when absent.
    pub channel: Option<Channel>,
    /// The sender's own key, a UUID: sent again, it gives the same reading.
    pub client_ref: Option<String>,
}

/// Readings to hand in together.
#[derive(InputObject)]
pub struct ReadingSubmitManyInput {
    /// 500 at most, judged in this order.
    pub readings: Vec<ReadingSubmitInput>,
}

/// A reading to take back.
#[derive(InputObject)]
pub struct ReadingWithdrawInput {
    /// The reading.
    pub id: Gid<ReadingId>,
    /// The official document that says it was wrong: staff need it after the cut-off of its month (документ-основание).
    pub document_id: Option<Gid<DocumentId>>,
}

/// A person's word on a doubtful reading.
#[derive(InputObject)]
pub struct ReadingDecideInput {
    /// The reading.
    pub id: Gid<ReadingId>,
    /// Accept it, or reject it.
    pub accept: bool,
    /// The official document behind the decision; in a closed month it is needed.
    pub document_id: Option<Gid<DocumentId>>,
    /// Why, in words that the subscriber may read; a rejection wants them. 300 characters at most.
    pub why: Option<String>,
}

payload!(
    /// What became of a reading.
    ReadingPayload {
        /// The reading as it is now.
        reading: Reading
    }
);

payload!(
    /// What became of the readings of one call.
    ReadingSubmitManyPayload {
        /// One answer to each, in the order they were sent; some may be refused while others are kept.
        readings: Vec<ReadingPayload>
    }
);

impl ReadingSubmitInput {
    /// A subscriber's readings are the cabinet's, whatever they say.
    fn cmd(self, today: chrono::NaiveDate, own: bool) -> Result<Submit> {
        let client_ref = self.client_ref.as_deref().map(str::parse).transpose();
        Ok(Submit {
            account: self.account_id.map(|id| id.0),
            point: self.point_id.0,
            value: self.value,
            day: self.taken_on.map_or(today, |day| day.0),
            channel: if own { Channel::Portal } else { self.channel.unwrap_or(Channel::Operator) },
            client_ref: client_ref.map_err(|_| ApiError::bad_input("clientRef: not a UUID"))?,
            closing: false,
        })
    }
}

#[derive(Default)]
pub struct ReadingsMutation;

#[Object]
impl ReadingsMutation {
    /// Hands in a reading and answers at once with its verdict; a rejected one is kept too (передать показание).
    #[graphql(guard = "can_any([Permission::ReadingWrite, Permission::OwnAccounts])")]
    async fn reading_submit(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ReadingSubmitInput,
    ) -> Result<ReadingPayload> {
        let today = cx.app().clock.today();
        let own = matches!(cx.actor()?.principal, Principal::Subscriber(_));
        let cmd = input.cmd(today, own)?;
        let done = cx.write(move |tx| submit(tx, today, cmd).boxed()).await?;
        Ok(ReadingPayload::of(done, cx.language()))
    }

    /// Hands in up to 500 readings in one call, judged in their order as if they came one by one; each has its own answer. For
    /// programs that collect readings: gateways, bots, call centres (передать показания).
    #[graphql(guard = "can(Permission::ReadingWrite)")]
    async fn reading_submit_many(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ReadingSubmitManyInput,
    ) -> Result<ReadingSubmitManyPayload> {
        let today = cx.app().clock.today();
        let cmds = input.readings.into_iter().map(|one| one.cmd(today, false)).collect::<Result<Vec<_>>>()?;
        let done = cx.write(move |tx| submit_many(tx, today, cmds).boxed()).await?;
        let language = cx.language();
        let answers = done.map(|all| {
            all.into_iter().map(|answer| ReadingPayload::of(answer, language)).collect::<Vec<_>>()
        });
        Ok(ReadingSubmitManyPayload::of(answers, language))
    }

    /// Takes a reading back until the cut-off of its month; staff on a document afterwards too, out of a closed month as well: what was
    /// billed by it stands until a correction (отозвать показание).
    #[graphql(guard = "can_any([Permission::ReadingWrite, Permission::OwnAccounts])")]
    async fn reading_withdraw(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ReadingWithdrawInput,
    ) -> Result<ReadingPayload> {
        let today = cx.app().clock.today();
        let document = input.document_id.map(|id| id.0);
        let done = cx.write(move |tx| withdraw(tx, today, input.id.0, document).boxed()).await?;
        Ok(ReadingPayload::of(done, cx.language()))
    }

    /// Accepts or rejects a doubtful reading (решить по показанию).
    #[graphql(guard = "can(Permission::ReadingWrite)")]
    async fn reading_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: ReadingDecideInput,
    ) -> Result<ReadingPayload> {
        let document = input.document_id.map(|id| id.0);
        let cmd = Decide { id: input.id.0, accept: input.accept, document, why: input.why };
        let done = cx.write(move |tx| decide(tx, cmd).boxed()).await?;
        Ok(ReadingPayload::of(done, cx.language()))
    }
}
