use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::{Permission, Principal};
use domain::kernel::*;
use domain::readings::{Channel, Reason, Verdict, WithdrawCase, withdrawable_until};
use entities::premises::point;
use entities::readings;
use entities::subscribers::account;

use super::loaders::{LastReadingOf, ReadingsOf, RulesNow, WaitingOf};
use crate::meters::loaders::MeterById;
use crate::meters::types::Meter;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::messages::{self, Language};
use crate::premises::types::present;
use crate::subscribers::loaders::AccountById;
use crate::subscribers::types::own_since;
use crate::wiring::account::{Account, account_by_id};
use crate::wiring::reading::Reading;

/// A reason of a verdict in the reader's language (причина).
#[derive(SimpleObject)]
pub struct ReasonText {
    /// Stable code.
    pub code: Reason,
    /// The reason in the language of `Accept-Language`.
    pub message: String,
}

impl ReasonText {
    pub fn of(reason: Reason, language: Language) -> Self {
        Self { code: reason, message: messages::text(language, &format!("reason.{}", reason.code()), &[]) }
    }
}

/// The intake's part of a reading.
pub struct ReadingCore(readings::Reading);

impl From<&readings::Reading> for ReadingCore {
    fn from(row: &readings::Reading) -> Self {
        Self(row.clone())
    }
}

#[Object]
impl ReadingCore {
    /// Node id.
    pub async fn id(&self) -> Gid<ReadingId> {
        Gid(self.0.id)
    }

    /// The account that it counts for (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.account_id).await
    }

    /// Node id of the point of supply (точка подключения).
    async fn point(&self) -> Gid<PointId> {
        Gid(self.0.point_id)
    }

    /// The meter that was read; nothing where none stood (прибор учёта).
    async fn meter(&self, cx: &Context<'_>) -> Result<Option<Meter>> {
        match self.0.meter_id {
            Some(id) => Ok(Some(Meter(present(cx.loader().load_one(MeterById(id)).await?)?))),
            None => Ok(None),
        }
    }

    /// The month that it counts for: after the cut-off day the next one (расчётный период).
    async fn period(&self) -> Period {
        self.0.period()
    }

    /// The day on which the meter was read (дата снятия).
    async fn taken_on(&self) -> Date {
        Date(self.0.taken_on)
    }

    /// What the register showed, in m³ (показание).
    async fn value(&self) -> Volume {
        self.0.liters
    }

    /// How it came (канал).
    async fn channel(&self) -> Channel {
        self.0.channel
    }

    /// What became of it (вердикт).
    async fn verdict(&self) -> Verdict {
        self.0.verdict
    }

    /// Why; also remarks that did not change the verdict (причины).
    async fn reasons(&self, cx: &Context<'_>) -> Vec<ReasonText> {
        let language = cx.language();
        let known = self.0.reasons.iter().filter_map(|code| Reason::from_code(code));
        known.map(|reason| ReasonText::of(reason, language)).collect()
    }

    /// Used since the reading before, in m³; nothing where that can't be told (расход).
    async fn consumption(&self) -> Option<Volume> {
        self.0.consumption
    }

    /// The register passed its end since the reading before (переход через ноль).
    async fn rolled_over(&self) -> bool {
        self.0.rolled_over
    }

    /// When it came in (получено).
    async fn received_at(&self) -> DateTime<Utc> {
        self.0.received_at
    }

    /// Who sent it or took it down (кем передано).
    async fn received_by(&self) -> &str {
        &self.0.received_by
    }

    /// Who decided on it when it was doubtful (кем решено).
    #[graphql(guard = "can(Permission::ReadingRead)")]
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// Why it was rejected, in the words of who decided (причина отклонения).
    async fn decided_why(&self) -> Option<&str> {
        self.0.decided_why.as_deref()
    }

    /// The last day on which whoever asks may take it back; nothing when it stays (отозвать до).
    async fn withdrawable_until(&self, cx: &Context<'_>) -> Result<Option<Date>> {
        let by_subscriber = matches!(cx.actor()?.principal, Principal::Subscriber(_));
        if !by_subscriber && !cx.may(Permission::ReadingWrite) {
            return Ok(None);
        }
        let account = cx.loader().load_one(AccountById(self.0.account_id)).await?;
        let rules = present(cx.loader().load_one(RulesNow(())).await?)?;
        let period = self.0.period();
        let sector = account.map(|account| account.sector);
        let case = WithdrawCase {
            period,
            sector,
            closed: sector.is_some_and(|sector| rules.closed.contains(&(sector, period))),
            verdict: self.0.verdict,
            channel: self.0.channel,
            act: self.0.act.is_some(),
            by_subscriber,
            today: cx.app().clock.today(),
        };
        // Without the setting nothing can be taken back, and the mutation says which one is missing.
        Ok(withdrawable_until(&case, &rules.methods, &rules.moved).ok().and_then(Result::ok).map(Date))
    }
}

/// The readings' part of an account.
pub struct AccountReadings(AccountId);

impl From<&account::Model> for AccountReadings {
    fn from(row: &account::Model) -> Self {
        Self(row.id)
    }
}

#[Object]
impl AccountReadings {
    /// Readings, newest first; a subscriber sees those of his own time (показания).
    #[graphql(guard = "can_any([Permission::ReadingRead, Permission::OwnAccounts])")]
    async fn readings(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Reading>> {
        let page = page_of::<(NaiveDate, i64)>(first, after)?;
        let since = own_since(cx, self.0).await?;
        let key = ReadingsOf { account: self.0, since, first: page.first, after: page.after };
        let slice = present(cx.loader().load_one(key).await?)?;
        Ok(connection(slice, page.after.is_some(), |row| (row.taken_on, row.id.0), Reading::from))
    }
}

/// The readings' part of a point of supply.
pub struct PointReading(PointId);

impl From<&point::Point> for PointReading {
    fn from(row: &point::Point) -> Self {
        Self(row.id)
    }
}

#[Object]
impl PointReading {
    /// The last accepted reading (последнее показание).
    #[graphql(guard = "can_any([Permission::ReadingRead, Permission::OwnAccounts])")]
    async fn last_reading(&self, cx: &Context<'_>) -> Result<Option<Reading>> {
        Ok(cx.loader().load_one(LastReadingOf(self.0)).await?.map(Reading::from))
    }

    /// The newest reading that is doubtful and waits for a person's decision (показание под вопросом).
    #[graphql(guard = "can_any([Permission::ReadingRead, Permission::OwnAccounts])")]
    async fn waiting_reading(&self, cx: &Context<'_>) -> Result<Option<Reading>> {
        Ok(cx.loader().load_one(WaitingOf(self.0)).await?.map(Reading::from))
    }
}
