//! Batches in the graph.

use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Permission;
use domain::amendments::{
    AmendmentAct, AmendmentFact, AmendmentOutcome, AmendmentRefusal, AmendmentState, BillStage,
};
use domain::billing::SecondPersonReason;
use domain::kernel::*;
use entities::amendments::batch;

use crate::archive::types::{Document, DocumentById};
use crate::billing::correction::Correction;
use crate::billing::loaders::CorrectionById;
use crate::platform::Refusal;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::jobs::graph::{Job, JobById};
use crate::platform::messages;
use crate::premises::types::{District, district};
use crate::wiring::account::{Account, account_by_id};

/// A batch that removes or changes facts of an open month on a document, looked at before it is saved (правка фактов).
pub struct Amendment(pub batch::Batch);

impl From<batch::Batch> for Amendment {
    fn from(row: batch::Batch) -> Self {
        Self(row)
    }
}

/// A batch that removes or changes facts of an open month on a document, looked at before it is saved (правка фактов).
#[Object]
impl Amendment {
    /// Node id.
    pub async fn id(&self) -> Gid<AmendmentId> {
        Gid(self.0.amendment_id())
    }

    /// Its number for people (номер).
    async fn number(&self) -> i64 {
        self.0.id
    }

    /// Where it stands (состояние).
    async fn state(&self) -> AmendmentState {
        self.0.state
    }

    /// The official document it is done on (основание).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        let found = cx.loader().load_one(DocumentById(DocumentId(self.0.document_id))).await?;
        Ok(found.map(Document::from))
    }

    /// Why, in words (причина).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Rows in all (строк).
    async fn row_count(&self) -> i64 {
        self.0.rows
    }

    /// Rows that go through (проходит строк).
    async fn ready(&self) -> i64 {
        self.0.ready
    }

    /// Rows that stay as they are, each with a reason (отклонено строк).
    async fn refused(&self) -> i64 {
        self.0.refused
    }

    /// Accounts whose bills or balances change (меняется счетов).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// Issued bills that change: a correction of them is prepared (выставленных счетов).
    async fn issued(&self) -> i64 {
        self.0.issued
    }

    /// Bills of runs that are not issued: these are reversed and repeated (счетов в невыставленных расчётах).
    async fn in_run(&self) -> i64 {
        self.0.in_run
    }

    /// Bills not made yet that will come out otherwise (будущих счетов).
    async fn ahead(&self) -> i64 {
        self.0.ahead
    }

    /// Entries of the ledger, those of the correction included (проводок).
    async fn entries(&self) -> i64 {
        self.0.entries
    }

    /// Warnings of debt to these accounts that still stand (сообщений).
    async fn messages(&self) -> i64 {
        self.0.messages
    }

    /// What is owed more (к доплате).
    async fn owed_more(&self) -> Money {
        Money::from_tiyn(self.0.owed_more)
    }

    /// What is owed less, as a positive sum (к снятию).
    async fn owed_less(&self) -> Money {
        Money::from_tiyn(self.0.owed_less)
    }

    /// Payments taken back, part of what is owed more (платежей снято).
    async fn paid_back(&self) -> Money {
        Money::from_tiyn(self.0.paid_back)
    }

    /// Fingerprint of what was looked at: saving names it, and is refused when facts have changed since (контрольная сумма).
    async fn hash(&self) -> Option<&str> {
        self.0.hash.as_deref()
    }

    /// Accounts of the utility's own people among those that change (счетов сотрудников).
    async fn staff(&self) -> i64 {
        self.0.staff
    }

    /// Why a second person decides; empty where one is enough or nobody asked yet (зачем второй сотрудник).
    async fn second(&self) -> Vec<SecondPersonReason> {
        self.0.second.iter().filter_map(|code| SecondPersonReason::from_code(code)).collect()
    }

    /// Who prepared it (кто подготовил).
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// When it was prepared (подготовлено).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }

    /// When its preview was done (рассчитано).
    async fn previewed_at(&self) -> Option<DateTime<Utc>> {
        self.0.previewed_at
    }

    /// Who sent it to be saved (кто отправил на сохранение).
    async fn asked_by(&self) -> Option<&str> {
        self.0.asked_by.as_deref()
    }

    /// The second person (кто подтвердил).
    async fn confirmed_by(&self) -> Option<&str> {
        self.0.confirmed_by.as_deref()
    }

    /// When it was saved (сохранено).
    async fn applied_at(&self) -> Option<DateTime<Utc>> {
        self.0.applied_at
    }

    /// The correction of issued bills that it prepared (подготовленное исправление).
    async fn correction(&self, cx: &Context<'_>) -> Result<Option<Correction>> {
        match self.0.correction_id {
            Some(id) => Ok(cx.loader().load_one(CorrectionById(CorrectionId(id))).await?.map(Correction)),
            None => Ok(None),
        }
    }

    /// Who took it back (кто отменил).
    async fn reversed_by(&self) -> Option<&str> {
        self.0.reversed_by.as_deref()
    }

    /// When it was taken back (отменено).
    async fn reversed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reversed_at
    }

    /// Its work in the background (задание).
    #[graphql(guard = "can(Permission::JobRead)")]
    async fn job(&self, cx: &Context<'_>) -> Result<Option<Job>> {
        match self.0.job_id {
            Some(id) => Ok(cx.loader().load_one(JobById(JobId(id))).await?.map(Into::into)),
            None => Ok(None),
        }
    }

    /// Why its last work came to nothing, in the language of `Accept-Language` (почему не выполнено).
    async fn error(&self, cx: &Context<'_>) -> Option<String> {
        let said = self.0.error.as_deref()?;
        let code = said.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        Some(if code { messages::text(cx.language(), said, &[]) } else { said.to_owned() })
    }

    /// What changes by district and sector (по районам и секторам).
    #[graphql(complexity = "20 + child_complexity")]
    async fn totals(&self, cx: &Context<'_>) -> Result<Vec<AmendmentTotal>> {
        let rows = batch::totals(cx.db(), self.0.amendment_id()).await?;
        let total = |row: batch::Total| {
            Some(AmendmentTotal {
                district: DistrictId(row.district_id),
                sector: Sector::from_code(&row.sector)?,
                accounts: row.accounts,
                bills: row.bills,
                owed_more: Money::from_tiyn(row.owed_more),
                owed_less: Money::from_tiyn(row.owed_less),
            })
        };
        Ok(rows.into_iter().filter_map(total).collect())
    }

    /// Bills and payments that change, the largest change first (последствия).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "20 + child_complexity")]
    async fn effects(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<AmendmentEffect>> {
        let page = page_of::<(i64, i64, NaiveDate)>(first, after)?;
        let slice = batch::effects(cx.db(), self.0.amendment_id(), page.clone()).await?;
        let key = |row: &batch::EffectRow| (row.size, row.account_id, row.period);
        Ok(connection(slice, page.after.is_some(), key, AmendmentEffect))
    }

    /// Its rows, in their order (строки).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "20 + child_complexity")]
    async fn rows(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only those with this outcome.")] outcome: Option<AmendmentOutcome>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<AmendmentRow>> {
        let page = page_of::<i64>(first, after)?;
        let slice = batch::page(cx.db(), self.0.amendment_id(), outcome, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| i64::from(row.n), AmendmentRow))
    }
}

/// What a batch changes in a district and sector (итог по району и сектору).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AmendmentTotal {
    #[graphql(skip)]
    district: DistrictId,
    /// Sector (сектор).
    pub sector: Sector,
    /// Accounts that change (счетов).
    pub accounts: i64,
    /// Bills that change (счетов на оплату).
    pub bills: i64,
    /// What is owed more (к доплате).
    pub owed_more: Money,
    /// What is owed less, as a positive sum (к снятию).
    pub owed_less: Money,
}

#[async_graphql::ComplexObject]
impl AmendmentTotal {
    /// District (район).
    async fn district(&self, cx: &Context<'_>) -> Result<District> {
        district(cx, self.district).await
    }
}

/// A bill or a payment that a batch changes (последствие правки).
pub struct AmendmentEffect(batch::EffectRow);

/// A bill or a payment that a batch changes (последствие правки).
#[Object]
impl AmendmentEffect {
    /// The account (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Month (период).
    async fn period(&self) -> Period {
        Period::of(self.0.period)
    }

    /// How far the bill is; nothing where it is payments that go (что со счётом).
    async fn stage(&self) -> Option<BillStage> {
        BillStage::from_code(&self.0.stage)
    }

    /// Before (было).
    async fn before(&self) -> Money {
        Money::from_tiyn(self.0.before)
    }

    /// After (станет).
    async fn after(&self) -> Money {
        Money::from_tiyn(self.0.after)
    }
}

/// A row of a batch (строка правки).
pub struct AmendmentRow(batch::Row);

/// A row of a batch (строка правки).
#[Object]
impl AmendmentRow {
    /// Its number in the batch (номер).
    async fn number(&self) -> i32 {
        self.0.n
    }

    /// Removed or changed (действие).
    async fn act(&self) -> AmendmentAct {
        self.0.act
    }

    /// What kind of fact (вид факта).
    async fn fact(&self) -> AmendmentFact {
        self.0.fact
    }

    /// The account; nothing where none was found (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Option<Account>> {
        match self.0.account_id {
            Some(id) => account_by_id(cx, AccountId(id)).await.map(Some),
            None => Ok(None),
        }
    }

    /// The account as the list named it (номер в списке).
    async fn named(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// What the fact says before (было).
    async fn was(&self) -> Option<&str> {
        self.0.was.as_deref()
    }

    /// What it says after; nothing where it is removed (станет).
    async fn value(&self) -> Option<&str> {
        self.0.value.as_deref()
    }

    /// The day it is about (дата).
    async fn day(&self) -> Option<Date> {
        self.0.day.map(Date)
    }

    /// What became of it (итог).
    async fn outcome(&self) -> AmendmentOutcome {
        self.0.outcome
    }

    /// Why it stays as it is (причина отказа).
    async fn refusal(&self) -> Option<AmendmentRefusal> {
        self.0.refusal.as_deref().and_then(AmendmentRefusal::from_code)
    }
}

/// What an operation answered, read again for the caller.
pub(super) async fn after(
    cx: &Context<'_>,
    done: std::result::Result<AmendmentId, Refusal>,
) -> Result<std::result::Result<batch::Batch, Refusal>> {
    Ok(match done {
        Ok(id) => Ok(batch::find(cx.db(), id).await?.ok_or_else(ApiError::not_found)?),
        Err(refusal) => Err(refusal),
    })
}
