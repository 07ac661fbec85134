//! Division and joining of accounts, as the office sees it.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::access::Permission;
use domain::billing::DivisionState;
use domain::kernel::*;
use entities::billing::division::{self, Giver, Plan, Taker};
use futures_util::FutureExt;

use super::final_bill::ClosingReadingInput;
use super::ops;
use crate::payload;
use crate::platform::graphql::*;
use crate::wiring::account::{Account, accounts_by_ids};

/// Accounts divided or joined (раздел или объединение счетов).
pub struct Division(pub division::Division);

impl From<division::Division> for Division {
    fn from(row: division::Division) -> Self {
        Self(row)
    }
}

/// Accounts divided or joined (раздел или объединение счетов).
#[Object]
impl Division {
    /// Node id.
    async fn id(&self) -> Gid<DivisionId> {
        Gid(DivisionId(self.0.id))
    }

    /// What became of it (состояние).
    async fn state(&self) -> DivisionState {
        self.0.state
    }

    /// First day of the accounts that take over (с).
    async fn date(&self) -> Date {
        Date(self.0.on_day)
    }

    /// Why (причина).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The document behind it (основание).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(DocumentId(self.0.document_id))
    }

    /// Accounts that are closed by it (закрываемые счета).
    async fn from(&self, cx: &Context<'_>) -> Result<Vec<Account>> {
        accounts_by_ids(cx, self.0.plan()?.from.into_iter().map(|one| one.account).collect()).await
    }

    /// Accounts that take over (принимающие счета).
    async fn to(&self, cx: &Context<'_>) -> Result<Vec<DivisionShare>> {
        let takers = self.0.plan()?.to;
        // All of them are in the scope of who sees the division.
        let accounts = accounts_by_ids(cx, takers.iter().map(|one| one.account).collect()).await?;
        let share = |(account, one): (Account, Taker)| DivisionShare {
            account,
            share: format!("{}/{}", one.numerator, one.denominator),
            points: i32::try_from(one.points.len()).unwrap_or(i32::MAX),
        };
        Ok(accounts.into_iter().zip(takers).map(share).collect())
    }

    /// The transfer that carried the balances over; it can be taken back (перенос сальдо).
    async fn transfer_id(&self) -> Option<Gid<TransferId>> {
        self.0.transfer_id.map(|id| Gid(TransferId(id)))
    }

    /// Who proposed it (подготовил).
    async fn proposed_by(&self) -> &str {
        &self.0.proposed_by
    }

    /// Who confirmed or declined it (решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// Why it is to be taken back (причина отмены).
    async fn back_reason(&self) -> Option<&str> {
        self.0.back_reason.as_deref()
    }

    /// Who asked to take it back (запросил отмену).
    async fn back_asked_by(&self) -> Option<&str> {
        self.0.back_asked_by.as_deref()
    }

    /// Who confirmed or declined that (решил об отмене).
    async fn back_decided_by(&self) -> Option<&str> {
        self.0.back_decided_by.as_deref()
    }

    /// Of a division taken back inside a month: once that month is issued, a correction charges the days that the final bills left
    /// (месяц, остаток которого начислит исправление).
    async fn rest_month(&self) -> Option<Period> {
        let month = Period::of(self.0.on_day);
        (self.0.state == DivisionState::Returned && self.0.on_day > month.first_day()).then_some(month)
    }
}

/// A division to take back (отмена раздела).
#[derive(InputObject)]
pub struct DivisionBackInput {
    /// Node id of the division.
    pub id: Gid<DivisionId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub reason: String,
}

/// An account that takes over (принимающий счёт).
#[derive(SimpleObject)]
pub struct DivisionShare {
    /// The account (лицевой счёт).
    pub account: Account,
    /// Its share: 1/2 (доля).
    pub share: String,
    /// How many points it takes over (точек подключения).
    pub points: i32,
}

/// An account to be closed (закрываемый счёт).
#[derive(Debug, Clone, InputObject)]
pub struct DivisionGiverInput {
    /// The account (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// Closing readings of its meters (конечные показания).
    #[graphql(default)]
    pub readings: Vec<ClosingReadingInput>,
    /// The other meters could not be read (показания не сняты).
    #[graphql(default)]
    pub unread: bool,
}

/// An account to take over: open, with the points that it had before kept (принимающий счёт).
#[derive(Debug, Clone, InputObject)]
pub struct DivisionTakerInput {
    /// The account (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// 1 of 1/2: its share of what is open (числитель).
    #[graphql(validator(minimum = 1, maximum = 10000))]
    pub numerator: i32,
    /// 2 of 1/2 (знаменатель).
    #[graphql(validator(minimum = 1, maximum = 10000))]
    pub denominator: i32,
    /// Points that it takes over (точки подключения).
    #[graphql(default)]
    pub point_ids: Vec<Gid<PointId>>,
}

/// How accounts are divided or joined (раздел или объединение счетов).
#[derive(Debug, Clone, InputObject)]
pub struct DivisionInput {
    /// Accounts that are closed (закрываемые счета).
    pub from: Vec<DivisionGiverInput>,
    /// Accounts that take over, by shares that make up the whole (принимающие счета).
    pub to: Vec<DivisionTakerInput>,
    /// First day of the accounts that take over (с).
    pub date: Date,
    /// The document behind it (основание).
    pub document_id: Gid<DocumentId>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub reason: String,
    /// Readings that stand out were looked at and are right (необычные показания проверены).
    #[graphql(default)]
    pub doubtful_seen: bool,
}

impl DivisionInput {
    fn plan(&self) -> Plan {
        let from = self.from.iter().map(|one| Giver {
            account: one.account_id.0,
            version: one.expected_version,
            readings: one
                .readings
                .iter()
                .map(|reading| (reading.point_id.0, reading.value.liters()))
                .collect(),
            unread: one.unread,
        });
        let to = self.to.iter().map(|one| Taker {
            account: one.account_id.0,
            numerator: one.numerator.unsigned_abs(),
            denominator: one.denominator.unsigned_abs(),
            points: one.point_ids.iter().map(|id| id.0).collect(),
        });
        Plan { from: from.collect(), to: to.collect(), seen: self.doubtful_seen }
    }
}

/// A decision about a division (решение о разделе).
#[derive(InputObject)]
pub struct DivisionDecideInput {
    /// Node id of the division.
    pub id: Gid<DivisionId>,
    /// Confirm, or decline (подтвердить).
    pub agree: bool,
}

/// What an account that takes over would owe (сальдо принимающего счёта).
#[derive(SimpleObject)]
pub struct DivisionBalance {
    /// The account (лицевой счёт).
    pub account: Account,
    /// What it would owe (сальдо).
    pub balance: Money,
}

/// What a division comes to (предварительный раздел).
#[derive(SimpleObject)]
pub struct DivisionSeen {
    /// Charged by the final bills (начислено окончательными расчётами).
    pub charged: Money,
    /// Carried over, final bills included (переносится).
    pub carried: Money,
    /// The accounts that take over (принимающие счета).
    pub balances: Vec<DivisionBalance>,
}

payload!(
    /// What a division would do; nothing is kept.
    DivisionPreviewPayload {
        /// The division as it would be.
        preview: DivisionSeen
    }
);

payload!(
    /// What became of a division (итог раздела).
    DivisionPayload {
        /// The division (раздел).
        division: Division
    }
);

#[derive(Default)]
pub struct DivisionQuery;

#[Object]
impl DivisionQuery {
    /// Divisions of the caller's accounts, newest first (разделы и объединения счетов).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn divisions(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<DivisionState>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Division>> {
        let page = page_of::<i64>(first, after)?;
        let slice = division::list(cx.db(), cx.scope()?, state, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Division))
    }

    /// What a division would do, by the act that would do it (предварительный раздел или объединение).
    #[graphql(guard = "can(Permission::AccountWrite)", complexity = "60 + child_complexity")]
    async fn division_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which accounts, and how.")] input: DivisionInput,
    ) -> Result<DivisionPreviewPayload> {
        let app = cx.app().clone();
        let tried = cx
            .rehearse(move |tx| {
                async move {
                    let terms = (input.date.0, input.document_id.0, input.reason.as_str());
                    ops::divide(tx, &app, terms, &input.plan(), None).await
                }
                .boxed()
            })
            .await?;
        let seen = match tried {
            Ok(done) => {
                let (ids, balances): (Vec<_>, Vec<_>) = done.balances.into_iter().unzip();
                let accounts = accounts_by_ids(cx, ids).await?;
                let pair = |(account, balance)| DivisionBalance { account, balance };
                let balances = accounts.into_iter().zip(balances).map(pair).collect();
                Ok(DivisionSeen { charged: done.charged, carried: done.carried, balances })
            }
            Err(refusal) => Err(refusal),
        };
        Ok(DivisionPreviewPayload::of(seen, cx.language()))
    }
}

#[derive(Default)]
pub struct DivisionMutation;

#[Object]
impl DivisionMutation {
    /// Proposes to divide an account or to join several; another person confirms it (предложить раздел или объединение счетов).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn division_propose(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which accounts, and how.")] input: DivisionInput,
    ) -> Result<DivisionPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move {
                    let (day, document) = (input.date.0, input.document_id.0);
                    ops::propose_division(tx, &app, day, document, &input.reason, &input.plan()).await
                }
                .boxed()
            })
            .await?;
        Ok(DivisionPayload::of(done, cx.language()))
    }

    /// Asks to take a division back as a whole while nothing was billed after it; another person confirms it (отменить раздел или
    /// объединение счетов).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn division_take_back(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and on which document.")] input: DivisionBackInput,
    ) -> Result<DivisionPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move {
                    ops::ask_division_back(tx, &app, input.id.0, input.document_id.0, &input.reason).await
                }
                .boxed()
            })
            .await?;
        Ok(DivisionPayload::of(done, cx.language()))
    }

    /// Does a division that somebody else proposed, or takes it back where somebody else asked for that, as a whole; or declines it
    /// (решить о разделе или объединении).
    #[graphql(guard = "can(Permission::CorrectionConfirm)")]
    async fn division_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: DivisionDecideInput,
    ) -> Result<DivisionPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move { ops::decide_division(tx, &app, input.id.0, input.agree).await }.boxed()
            })
            .await?;
        Ok(DivisionPayload::of(done, cx.language()))
    }
}
