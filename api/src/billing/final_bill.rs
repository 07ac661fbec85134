//! Moving out with a final bill: what it is asked with and what comes of it.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, SimpleObject};
use domain::access::Permission;
use domain::kernel::*;
use domain::readings::Verdict;
use futures_util::FutureExt;
use serde::Serialize;

use super::ops::{self, Leaving, Left};
use super::types::{Bill, ChargeLine};
use crate::payload;
use crate::platform::graphql::*;
use crate::subscribers::inputs::AccountOpenInput;
use crate::wiring::account::Account;

/// What a meter of the account shows on the last day (конечное показание).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct ClosingReadingInput {
    /// The point of supply (точка подключения).
    pub point_id: Gid<PointId>,
    /// What the register shows, m³ (показание).
    pub value: Volume,
}

/// Who leaves and what the meters show then (выезд с окончательным расчётом).
#[derive(Debug, Clone, InputObject, Serialize)]
pub struct FinalBillInput {
    /// The account (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// The version that the caller saw.
    pub expected_version: i32,
    /// First day without the holder; not charged any more (первый день без абонента).
    pub date: Date,
    /// The document behind it (основание).
    pub document_id: Gid<DocumentId>,
    /// Closing readings of the day before, one for each meter of the account (конечные показания).
    #[graphql(default)]
    pub readings: Vec<ClosingReadingInput>,
    /// The other meters could not be read: their days are charged by the average or the norm (показания не сняты).
    #[graphql(default)]
    pub unread: bool,
    /// Readings that stand out were looked at and are right (необычные показания проверены).
    #[graphql(default)]
    pub doubtful_seen: bool,
}

impl From<FinalBillInput> for Leaving {
    fn from(input: FinalBillInput) -> Self {
        Self {
            account: input.account_id.0,
            version: input.expected_version,
            day: input.date.0,
            document: input.document_id.0,
            readings: input.readings.into_iter().map(|reading| (reading.point_id.0, reading.value)).collect(),
            unread: input.unread,
            seen: input.doubtful_seen,
        }
    }
}

/// What a final bill comes to (итог окончательного расчёта).
#[derive(SimpleObject)]
pub struct FinalBill {
    /// Charged for the days that were not billed yet (начислено).
    pub charged: Money,
    /// Owed on the account with it; negative is money to be given back (задолженность с учётом расчёта).
    pub balance: Money,
    /// Its lines (строки начислений).
    pub lines: Vec<ChargeLine>,
    /// Closing readings that count (принятые конечные показания).
    pub readings: i32,
    /// The month of the last day was issued before: nothing is charged now, what was charged beyond that day is taken back by a
    /// correction (месяц уже выставлен, нужен перерасчёт).
    pub month_was_issued: bool,
}

impl TryFrom<&Left> for FinalBill {
    type Error = ApiError;

    fn try_from(left: &Left) -> Result<Self> {
        let lines = left.lines.iter().map(|row| Ok(<ChargeLine as From<_>>::from(&row.to_line()?)));
        let accepted = left.readings.iter().filter(|reading| reading.verdict == Verdict::Accepted);
        Ok(Self {
            charged: left.bill.as_ref().map_or(Money::ZERO, |bill| Money::from_tiyn(bill.charged)),
            balance: left.balance,
            lines: lines.collect::<Result<_>>()?,
            readings: i32::try_from(accepted.count()).unwrap_or(i32::MAX),
            month_was_issued: left.bill.is_none(),
        })
    }
}

payload!(
    /// What a final bill would come to; nothing is kept (предварительный окончательный расчёт).
    FinalBillPreviewPayload {
        /// The bill as it would be.
        preview: FinalBill
    }
);

/// Who left, and the bill.
#[derive(SimpleObject)]
pub struct FinalBillDone {
    /// The closed account (закрытый лицевой счёт).
    pub account: Account,
    /// The final bill; nothing where the month was issued before (окончательный счёт).
    pub bill: Option<Bill>,
    /// What it came to.
    pub result: FinalBill,
}

payload!(
    /// What became of moving out (итог выезда).
    FinalBillPayload {
        /// Who left, and the bill.
        done: FinalBillDone
    }
);

payload!(
    /// What became of opening an account after somebody (итог открытия счёта).
    AccountTakeOverPayload {
        /// The new account.
        account: Account
    }
);

#[derive(Default)]
pub struct FinalBillQuery;

#[Object]
impl FinalBillQuery {
    /// What the final bill of who moves out would come to, by the act that would make it (предварительный окончательный расчёт).
    #[graphql(guard = "can(Permission::AccountWrite)", complexity = "60 + child_complexity")]
    async fn final_bill_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who leaves and when.")] input: FinalBillInput,
    ) -> Result<FinalBillPreviewPayload> {
        let app = cx.app().clone();
        let seen = cx
            .rehearse(move |tx| async move { ops::make_final_bill(tx, &app, input.into()).await }.boxed())
            .await?;
        let seen = match seen {
            Ok(left) => Ok(FinalBill::try_from(&left)?),
            Err(refusal) => Err(refusal),
        };
        Ok(FinalBillPreviewPayload::of(seen, cx.language()))
    }
}

#[derive(Default)]
pub struct FinalBillMutation;

#[Object]
impl FinalBillMutation {
    /// Closes the account of who moves out and bills the days up to then at once (выезд с окончательным расчётом).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn final_bill_make(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Who leaves and when.")] input: FinalBillInput,
    ) -> Result<FinalBillPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| async move { ops::make_final_bill(tx, &app, input.into()).await }.boxed())
            .await?;
        let done = match done {
            Ok(left) => {
                let result = FinalBill::try_from(&left)?;
                Ok(FinalBillDone { account: left.account.into(), bill: left.bill.map(Bill), result })
            }
            Err(refusal) => Err(refusal),
        };
        Ok(FinalBillPayload::of(done, cx.language()))
    }

    /// Opens an account for whoever comes after somebody; its meters go on from the closing readings (открыть счёт после выезда).
    #[graphql(guard = "can(Permission::AccountWrite)")]
    async fn account_take_over(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The new account.")] input: AccountOpenInput,
    ) -> Result<AccountTakeOverPayload> {
        let app = Arc::clone(cx.app());
        let done = cx.write(move |tx| ops::take_over(tx, app, input).boxed()).await?;
        Ok(AccountTakeOverPayload::of(done, cx.language()))
    }
}
