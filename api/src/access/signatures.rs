//! Second signatures in the graph: what waits, what became of it, and the second person's word.

use async_graphql::{Context, ID, InputObject, Object};
use chrono::{DateTime, Utc};
use domain::access::{Permission, SignatureState, SignedAct};
use domain::kernel::*;
use entities::access::signature::{self, Filter, Signature};
use futures_util::FutureExt;

use super::ops::{self, About, Signed};
use crate::archive::types::{Document, DocumentById};
use crate::payload;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::wiring::account::{Account, account_by_id};

/// Whoever takes part in any of the acts; which request somebody sees and decides, its own right and its rows say.
const SIGNING: [Permission; 5] = [
    Permission::DebtAccrue,
    Permission::CorrectionWrite,
    Permission::CorrectionConfirm,
    Permission::ImportCommit,
    Permission::ImportMoney,
];

/// An act that one person asked for and another one has to agree to (запрос второй подписи).
pub struct SecondSignature {
    row: Signature,
    about: About,
}

impl From<Signature> for SecondSignature {
    fn from(row: Signature) -> Self {
        Self { about: serde_json::from_value(row.about.clone()).unwrap_or_default(), row }
    }
}

/// An act that one person asked for and another one has to agree to (запрос второй подписи).
#[Object]
impl SecondSignature {
    /// Node id.
    async fn id(&self) -> Gid<SignatureId> {
        Gid(self.row.id)
    }

    /// What is asked for (действие).
    async fn act(&self) -> SignedAct {
        self.row.act
    }

    /// Node id of what it is done to; null for what there is not yet (объект).
    async fn subject(&self) -> Option<ID> {
        let (kind, id) = self.row.subject.split_once(':')?;
        Some(ID(id::encode(kind, id.parse().ok()?)))
    }

    /// The account it is about, when it is about one (лицевой счёт).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn account(&self, cx: &Context<'_>) -> Result<Option<Account>> {
        match self.row.account_id {
            Some(id) => account_by_id(cx, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Of this sector; null for what is of all (сектор).
    async fn sector(&self) -> Option<Sector> {
        self.row.sector
    }

    /// Only of this group (группа).
    async fn consumer_group(&self) -> Option<ConsumerGroup> {
        self.about.group
    }

    /// What people call it: a paid service, a file (название).
    async fn title(&self) -> Option<LocalName> {
        let [kk, ru, en] = self.about.title.clone()?;
        Some(LocalName { kk, ru, en })
    }

    /// Month it is of (месяц).
    async fn month(&self) -> Option<Period> {
        self.about.month
    }

    /// First day it is of (с).
    async fn from(&self) -> Option<Date> {
        self.about.from.map(Date::from)
    }

    /// Last day it is of (по).
    async fn to(&self) -> Option<Date> {
        Date::last(self.about.to)
    }

    /// The sum it is about when it was asked for (сумма).
    async fn sum(&self) -> Option<Money> {
        self.about.sum
    }

    /// Accounts or rows that it changes (счетов, строк).
    async fn rows(&self) -> Option<i64> {
        self.about.rows
    }

    /// Why, where the act says it (причина).
    async fn reason(&self) -> Option<&str> {
        self.about.reason.as_deref()
    }

    /// The document it is asked for on (основание).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        let found = cx.loader().load_one(DocumentById(DocumentId(self.row.document_id))).await?;
        Ok(found.map(Document::from))
    }

    /// Where it stands (состояние).
    async fn state(&self) -> SignatureState {
        self.row.state
    }

    /// Who asked for it (кто запросил).
    async fn asked_by(&self) -> &str {
        &self.row.asked_by
    }

    /// When (когда запрошено).
    async fn asked_at(&self) -> DateTime<Utc> {
        self.row.asked_at
    }

    /// Who agreed, declined or withdrew it (кто решил).
    async fn decided_by(&self) -> Option<&str> {
        self.row.decided_by.as_deref()
    }

    /// When (когда решено).
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.row.decided_at
    }

    /// The caller asked for it: it is hers to withdraw and never hers to decide (мой запрос).
    async fn mine(&self, cx: &Context<'_>) -> Result<bool> {
        Ok(self.row.asked_by == cx.actor()?.label)
    }

    /// It waits, and the caller may decide (можно решить).
    async fn may_decide(&self, cx: &Context<'_>) -> Result<bool> {
        let actor = cx.actor()?;
        let waits = self.row.state == SignatureState::Waiting;
        Ok(waits && self.row.asked_by != actor.label && actor.may(self.row.permission))
    }
}

/// The second person's word.
#[derive(InputObject)]
pub struct SecondSignatureDecideInput {
    /// Node id of the request.
    pub id: Gid<SignatureId>,
    /// Agreed to: it is done (согласовано).
    pub agreed: bool,
}

/// Which request to give up.
#[derive(InputObject)]
pub struct SecondSignatureWithdrawInput {
    /// Node id of the request.
    pub id: Gid<SignatureId>,
}

payload!(
    /// What became of a request for a second signature (итог запроса второй подписи).
    SecondSignaturePayload {
        /// The request; of an act that was asked for nothing is done while it waits (запрос).
        signature: SecondSignature
    }
);

/// A mutation that asks for an act of two people, and does nothing more.
pub async fn ask_second<A: Signed>(
    cx: &Context<'_>,
    act: A,
    document: DocumentId,
) -> Result<SecondSignaturePayload> {
    let app = cx.app().clone();
    let done =
        cx.write(move |tx| async move { ops::ask_second(&app, tx, &act, document).await }.boxed()).await?;
    Ok(SecondSignaturePayload::of(done, cx.language()))
}

#[derive(Default)]
pub struct SignatureQuery;

#[Object]
impl SignatureQuery {
    /// Acts that two people sign, newest first: those that the caller has the right to within her rows, and her own requests
    /// (вторые подписи).
    #[graphql(guard = "can_any(SIGNING)")]
    #[allow(clippy::too_many_arguments)]
    async fn second_signatures(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<SignatureState>,
        #[graphql(desc = "Only these acts.")] acts: Option<Vec<SignedAct>>,
        #[graphql(desc = "Only of the thing with this node id.")] subject: Option<ID>,
        #[graphql(desc = "Only of the account with this node id.")] account: Option<Gid<AccountId>>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<SecondSignature>> {
        let page = page_of::<i64>(first, after)?;
        let subject = match subject.map(|id| id::decode(&id)) {
            Some(None) => return Err(ApiError::bad_input("subject")),
            Some(Some((kind, row))) => Some(format!("{kind}:{row}")),
            None => None,
        };
        let filter = Filter { state, acts, subject, account: account.map(|id| id.0) };
        let slice = signature::list(cx.db(), cx.actor()?, &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Into::into))
    }

    /// How many requests wait for the caller's word (сколько ждёт второй подписи).
    #[graphql(guard = "can_any(SIGNING)")]
    async fn waiting_signature_count(&self, cx: &Context<'_>) -> Result<i64> {
        Ok(signature::waiting_for(cx.db(), cx.actor()?).await?)
    }
}

#[derive(Default)]
pub struct SignatureMutation;

#[Object]
impl SignatureMutation {
    /// Agrees to an act that somebody else asked for, and it is done; or declines it (поставить вторую подпись).
    #[graphql(guard = "can_any(SIGNING)")]
    async fn second_signature_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The decision.")] input: SecondSignatureDecideInput,
    ) -> Result<SecondSignaturePayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move { ops::decide_second(&app, tx, input.id.0, input.agreed).await }.boxed()
            })
            .await?;
        Ok(SecondSignaturePayload::of(done, cx.language()))
    }

    /// Gives up an act that one asked for oneself (отозвать запрос второй подписи).
    #[graphql(guard = "can_any(SIGNING)")]
    async fn second_signature_withdraw(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: SecondSignatureWithdrawInput,
    ) -> Result<SecondSignaturePayload> {
        let done = cx.write(move |tx| ops::withdraw_second(tx, input.id.0).boxed()).await?;
        Ok(SecondSignaturePayload::of(done, cx.language()))
    }
}
