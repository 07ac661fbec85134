//! Corrections in the graph: a batch, its accounts, the pairs of lines, and the acts on it.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::billing::{
    ChangeCause, CorrectionOutcome, CorrectionSkip, CorrectionState, SecondPersonReason, Side,
};
use domain::kernel::*;
use entities::billing::bill::LineRow;
use entities::billing::correction::{self, NewCorrection, Part, Selection};
use entities::subscribers;
use futures_util::FutureExt;
use serde::Serialize;

use super::explanation::BillExplanation;
use super::loaders::{CorrectionById, PairsOf};
use super::ops;
use super::types::ChargeLine;
use crate::archive::types::{Document, DocumentById};
use crate::payload;
use crate::platform::Refusal;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::jobs::graph::{Job, JobById};
use crate::premises::types::{District, district};
use crate::wiring::account::{Account, account_by_id};

/// A batch of corrections: accounts × months on a document, looked at before it is posted (исправление, перерасчёт).
#[derive(Clone)]
pub struct Correction(pub correction::Correction);

impl From<correction::Correction> for Correction {
    fn from(row: correction::Correction) -> Self {
        Self(row)
    }
}

/// What a batch changes in a district and sector (итог по району и сектору).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CorrectionTotal {
    #[graphql(skip)]
    district: DistrictId,
    /// Sector (сектор).
    pub sector: Sector,
    /// Accounts that change (счетов).
    pub accounts: i64,
    /// Bills of months that change (счетов на оплату).
    pub bills: i64,
    /// What is owed more (доначислено).
    pub owed_more: Money,
    /// What is owed less, as a positive sum (снято).
    pub owed_less: Money,
}

#[async_graphql::ComplexObject]
impl CorrectionTotal {
    /// District (район).
    async fn district(&self, cx: &Context<'_>) -> Result<District> {
        district(cx, self.district).await
    }
}

/// A batch of corrections: accounts × months on a document, looked at before it is posted (исправление, перерасчёт).
#[Object]
impl Correction {
    /// Node id.
    pub async fn id(&self) -> Gid<CorrectionId> {
        Gid(self.0.correction_id())
    }

    /// Its number for people (номер).
    async fn number(&self) -> i64 {
        self.0.id
    }

    /// Where it stands (состояние).
    async fn state(&self) -> CorrectionState {
        self.0.state()
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

    /// First month (с периода).
    async fn from(&self) -> Period {
        self.0.months().0
    }

    /// Last month (по период).
    async fn to(&self) -> Period {
        self.0.months().1
    }

    /// Over how many months credits are spread (на сколько месяцев распределено).
    async fn stages(&self) -> i32 {
        self.0.stages
    }

    /// How many of these parts are posted (проведено частей).
    async fn stages_done(&self) -> i32 {
        self.0.stages_done
    }

    /// Facts recorded up to this moment were used (известно на момент).
    async fn known_at(&self) -> DateTime<Utc> {
        self.0.known_at
    }

    /// Accounts of the batch (счетов всего).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// Accounts reckoned so far (счетов рассчитано).
    async fn accounts_done(&self) -> i64 {
        self.0.accounts_done
    }

    /// Accounts that change: so many balances and messages (меняется счетов).
    async fn changed(&self) -> i64 {
        self.0.changed
    }

    /// Accounts without a change (без изменений).
    async fn unchanged(&self) -> i64 {
        self.0.unchanged
    }

    /// Accounts left out, each with a reason (пропущено).
    async fn skipped(&self) -> i64 {
        self.0.skipped
    }

    /// Bills of months that change (счетов на оплату).
    async fn bills(&self) -> i64 {
        self.0.bills
    }

    /// Of these, bills of legal entities: so many invoices (счетов-фактур).
    async fn invoices(&self) -> i64 {
        self.0.invoices
    }

    /// Entries of the ledger that it makes, movements of advances not counted (проводок).
    async fn entries(&self) -> i64 {
        self.0.entries
    }

    /// What is owed more (доначислено).
    async fn owed_more(&self) -> Money {
        Money::from_tiyn(self.0.owed_more)
    }

    /// What is owed less, as a positive sum (снято).
    async fn owed_less(&self) -> Money {
        Money::from_tiyn(self.0.owed_less)
    }

    /// Both together without VAT (без НДС).
    async fn net(&self) -> Money {
        Money::from_tiyn(self.0.net)
    }

    /// VAT of both together (НДС).
    async fn vat(&self) -> Money {
        Money::from_tiyn(self.0.vat)
    }

    /// Both together with VAT (с НДС).
    async fn gross(&self) -> Money {
        Money::from_tiyn(self.0.gross)
    }

    /// Fingerprint of what was looked at: posting names it, and is refused when facts have changed since (контрольная сумма).
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

    /// Who sent it to be posted (кто отправил на проведение).
    async fn asked_by(&self) -> Option<&str> {
        self.0.asked_by.as_deref()
    }

    /// Who confirmed it (кто подтвердил).
    async fn confirmed_by(&self) -> Option<&str> {
        self.0.confirmed_by.as_deref()
    }

    /// When it was posted (проведено).
    async fn posted_at(&self) -> Option<DateTime<Utc>> {
        self.0.posted_at
    }

    /// Who took it back (кто сторнировал).
    async fn reversed_by(&self) -> Option<&str> {
        self.0.reversed_by.as_deref()
    }

    /// When it was taken back (сторнировано).
    async fn reversed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reversed_at
    }

    /// Why it stands still (ошибка).
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// Its work in the background (задание).
    #[graphql(guard = "can(Permission::JobRead)")]
    async fn job(&self, cx: &Context<'_>) -> Result<Option<Job>> {
        match self.0.job_id {
            Some(id) => Ok(cx.loader().load_one(JobById(JobId(id))).await?.map(Job::from)),
            None => Ok(None),
        }
    }

    /// What changes by district and sector (по районам и секторам).
    #[graphql(complexity = "20 + child_complexity")]
    async fn totals(&self, cx: &Context<'_>) -> Result<Vec<CorrectionTotal>> {
        let rows = correction::totals(cx.db(), self.0.correction_id()).await?;
        let total = |row: correction::Total| {
            Some(CorrectionTotal {
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

    /// Its accounts, the largest change first (счета).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "20 + child_complexity")]
    async fn rows(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only those with this outcome.")] outcome: Option<CorrectionOutcome>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<CorrectionRow>> {
        let page = page_of::<(i64, i64)>(first, after)?;
        let slice = correction::accounts(cx.db(), self.0.correction_id(), outcome, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| (row.gross.abs(), row.account_id), CorrectionRow))
    }

    /// A month that it changes for one of its accounts; null where it changes nothing there (месяц счёта).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "20 + child_complexity")]
    async fn month(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the account.")] account: Gid<AccountId>,
        #[graphql(desc = "Month that was billed.")] period: Period,
    ) -> Result<Option<CorrectionMonth>> {
        // A batch is reached from any one of its accounts too; of the others whoever reaches them is told.
        if subscribers::account::find(cx.db(), cx.scope()?, account.0).await?.is_none() {
            return Ok(None);
        }
        let kept = correction::month(cx.db(), self.0.correction_id(), account.0, period).await?;
        let batch = self.0.clone();
        Ok(kept.map(|kept| CorrectionMonth {
            batch,
            account: account.0,
            period,
            before: kept.before,
            after: kept.after,
        }))
    }
}

/// A month that a batch changes for an account (месяц в исправлении).
pub struct CorrectionMonth {
    batch: correction::Correction,
    account: AccountId,
    period: Period,
    before: Money,
    after: Money,
}

/// A month that a batch changes for an account (месяц в исправлении).
#[Object]
impl CorrectionMonth {
    /// The month that was billed (период).
    async fn period(&self) -> Period {
        self.period
    }

    /// What it came to (было).
    async fn before(&self) -> Money {
        self.before
    }

    /// What it comes to now (стало).
    async fn after(&self) -> Money {
        self.after
    }

    /// Every line that is charged instead opened into rule, tariff, readings, residents and rounding, by running the rule again on the
    /// facts that the batch kept; equal, where that gives the kept lines and the whole month to the tiyn (объяснение).
    #[graphql(complexity = "40 + child_complexity")]
    async fn explanation(&self, cx: &Context<'_>) -> Result<BillExplanation> {
        let explained = ops::explain_correction(cx.db(), &self.batch, self.account, self.period).await?;
        BillExplanation::of(cx, explained.ok_or_else(ApiError::not_found)?).await
    }
}

/// An account of a batch with what becomes of it (счёт в исправлении).
pub struct CorrectionRow(pub correction::AccountRow);

/// An account of a batch with what becomes of it (счёт в исправлении).
#[Object]
impl CorrectionRow {
    /// The account (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// What became of it (итог).
    async fn outcome(&self) -> CorrectionOutcome {
        CorrectionOutcome::from_code(&self.0.outcome).unwrap_or(CorrectionOutcome::Queued)
    }

    /// Why it was left out (причина пропуска).
    async fn skip(&self) -> Option<CorrectionSkip> {
        self.0.skip.as_deref().and_then(CorrectionSkip::from_code)
    }

    /// More about it (подробности).
    async fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// An account of the utility's own people (счёт сотрудника).
    async fn staff(&self) -> bool {
        self.0.staff
    }

    /// Months that change (месяцев).
    async fn bills(&self) -> i32 {
        self.0.bills
    }

    /// What these months came to (было).
    async fn before(&self) -> Money {
        Money::from_tiyn(self.0.before)
    }

    /// What they come to now (стало).
    async fn after(&self) -> Money {
        Money::from_tiyn(self.0.after)
    }

    /// after − before (разница).
    async fn gross(&self) -> Money {
        Money::from_tiyn(self.0.gross)
    }

    /// What is different (причины).
    async fn causes(&self) -> Vec<ChangeCause> {
        self.0.causes.iter().filter_map(|code| ChangeCause::from_code(code)).collect()
    }

    /// The pairs: what is taken back as it was charged, what is charged instead (пары строк).
    async fn lines(&self, cx: &Context<'_>) -> Result<Vec<CorrectionLine>> {
        let key = (CorrectionId(self.0.correction_id), AccountId(self.0.account_id));
        let rows = cx.loader().load_one(PairsOf(key)).await?.unwrap_or_default();
        let line = |(side, row): &(Side, LineRow)| {
            Ok(CorrectionLine { period: Period::of(row.period), side: *side, line: (&row.to_line()?).into() })
        };
        rows.iter().map(line).collect()
    }
}

/// One side of a pair (строка перерасчёта).
#[derive(SimpleObject)]
pub struct CorrectionLine {
    /// The month that was billed (период).
    pub period: Period,
    /// Taken back or charged instead (сторона).
    pub side: Side,
    /// The line, its sums positive on either side (строка начисления).
    pub line: ChargeLine,
}

/// A correction on a bill: posted in its month before it was made (перерасчёт в счёте).
#[derive(Clone, SimpleObject)]
#[graphql(complex)]
pub struct BillCorrection {
    /// Number of the correction (номер).
    pub number: i64,
    /// Why, in words (причина).
    pub reason: String,
    /// First month that it looked at (с периода).
    pub from: Period,
    /// Last month that it looked at (по период).
    pub to: Period,
    /// What the month owes more by it; negative lessens the debt (сумма).
    pub gross: Money,
    #[graphql(skip)]
    document: DocumentId,
}

#[async_graphql::ComplexObject]
impl BillCorrection {
    /// What it was done on, in words: number, date and issuer of the document (основание).
    async fn basis(&self, cx: &Context<'_>) -> Result<String> {
        let found = cx.loader().load_one(DocumentById(self.document)).await?;
        Ok(found.map_or_else(String::new, |row| {
            format!("№ {}, {}, {}", row.number, row.issued_on.format("%d.%m.%Y"), row.issuer)
        }))
    }
}

impl From<&correction::OnBill> for BillCorrection {
    fn from(row: &correction::OnBill) -> Self {
        Self {
            number: row.id,
            reason: row.reason.clone(),
            from: Period::of(row.from_period),
            to: Period::of(row.to_period),
            gross: Money::from_tiyn(row.gross),
            document: DocumentId(row.document_id),
        }
    }
}

/// What a batch did in a month to an account (исправление в месяце).
#[derive(SimpleObject)]
pub struct AccountCorrection {
    /// The batch (исправление).
    pub correction: Correction,
    /// What became of the account (счёт в исправлении).
    pub row: CorrectionRow,
}

/// Which accounts and months to reckon anew.
#[derive(InputObject, Serialize)]
pub struct CorrectionCreateInput {
    /// The official document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// Why, in words.
    #[graphql(validator(max_length = 500))]
    pub reason: String,
    /// First month (с периода).
    pub from: Period,
    /// Last month (по период).
    pub to: Period,
    /// Accounts by their node ids.
    #[graphql(default, validator(max_items = 100))]
    pub accounts: Vec<Gid<AccountId>>,
    /// Accounts by their numbers, present or old, as a file lists them: one a line.
    #[graphql(validator(max_length = 1_000_000))]
    pub numbers: Option<String>,
    /// All accounts of a part of the city.
    pub part: Option<CorrectionPartInput>,
    /// Over how many months credits are spread; at once unless said.
    #[graphql(validator(minimum = 1, maximum = 36))]
    pub stages: Option<i32>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// A part of the city: what is left out is not a limit.
#[derive(InputObject, Serialize)]
pub struct CorrectionPartInput {
    /// Sector (сектор).
    pub sector: Option<Sector>,
    /// District (район).
    pub district: Option<Gid<DistrictId>>,
    /// Building (дом).
    pub building: Option<Gid<BuildingId>>,
}

/// Which batch, as it was looked at.
#[derive(InputObject, Serialize)]
pub struct CorrectionPostInput {
    /// Node id of the batch.
    pub id: Gid<CorrectionId>,
    /// The fingerprint of the preview that was looked at.
    pub hash: String,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

/// Which batch.
#[derive(InputObject)]
pub struct CorrectionInput {
    /// Node id of the batch.
    pub id: Gid<CorrectionId>,
}

/// Which batch to take back.
#[derive(InputObject, Serialize)]
pub struct CorrectionReverseInput {
    /// Node id of the batch.
    pub id: Gid<CorrectionId>,
    /// The official document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 100))]
    pub idempotency_key: String,
}

payload!(
    /// What became of a correction (итог действия над исправлением).
    CorrectionPayload {
        /// The batch (исправление).
        correction: Correction
    }
);

#[derive(Default)]
pub struct CorrectionQuery;

#[Object]
impl CorrectionQuery {
    /// A correction whose accounts the caller all reaches (исправление).
    #[graphql(guard = "can(Permission::BillRead)")]
    async fn correction(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the batch.")] id: Gid<CorrectionId>,
    ) -> Result<Option<Correction>> {
        Ok(correction::visible_to(cx.db(), cx.scope()?, id.0).await?.map(Correction))
    }

    /// Corrections whose accounts the caller all reaches, newest first (исправления).
    #[graphql(guard = "can(Permission::BillRead)")]
    async fn corrections(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only in this state.")] state: Option<CorrectionState>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Correction>> {
        let page = page_of::<i64>(first, after)?;
        let slice = correction::list(cx.db(), cx.scope()?, state, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Correction))
    }
}

#[derive(Default)]
pub struct CorrectionMutation;

#[Object]
impl CorrectionMutation {
    /// Registers a correction of accounts × months on a document and reckons what it would change; posts nothing (подготовить
    /// исправление).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn correction_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to do.")] input: CorrectionCreateInput,
    ) -> Result<CorrectionPayload> {
        let clock = &cx.app().clock;
        let today = clock.today();
        let new = NewCorrection {
            document: input.document_id.0,
            reason: input.reason.trim().to_owned(),
            from: input.from,
            to: input.to,
            stages: input.stages.unwrap_or(1).unsigned_abs(),
            known_at: clock.now(),
        };
        let numbers = input.numbers.as_deref().unwrap_or_default();
        let apart = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
        let selection = Selection {
            accounts: input.accounts.iter().map(|id| id.0.0).collect(),
            numbers: numbers.split(apart).filter(|n| !n.is_empty()).map(str::to_owned).collect(),
            part: input.part.as_ref().map(|part| Part {
                sector: part.sector.map(|sector| sector.code().to_owned()),
                district: part.district.map(|id| id.0.0),
                building: part.building.map(|id| id.0.0),
            }),
        };
        let done = cx
            .write_once("correctionCreate", &input.idempotency_key, &input, move |tx| {
                ops::create_correction(tx, new, selection, today).boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Posts a correction as it was looked at; where one person is not enough it waits for a second (провести исправление).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn correction_post(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CorrectionPostInput,
    ) -> Result<CorrectionPayload> {
        let (app, id, hash) = (cx.app().clone(), input.id.0, input.hash.clone());
        let done = cx
            .write_once("correctionPost", &input.idempotency_key, &input, move |tx| {
                async move { ops::post_correction(tx, id, &hash, &app.clock).await }.boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Confirms a correction that somebody else prepared; it is posted (подтвердить исправление).
    #[graphql(guard = "can(Permission::CorrectionConfirm)")]
    async fn correction_confirm(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CorrectionPostInput,
    ) -> Result<CorrectionPayload> {
        let (id, hash) = (input.id.0, input.hash.clone());
        let done = cx
            .write_once("correctionConfirm", &input.idempotency_key, &input, move |tx| {
                async move { ops::confirm_correction(tx, id, &hash).await }.boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Posts the next part of credits that are spread over months (провести следующую часть).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn correction_stage(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CorrectionInput,
    ) -> Result<CorrectionPayload> {
        let today = cx.app().clock.today();
        let done = cx.write(move |tx| ops::stage_correction(tx, input.id.0, today).boxed()).await?;
        answer(cx, done).await
    }

    /// Takes a posted correction back as a whole: the same sums the other way round, into the open month (сторнировать исправление).
    #[graphql(guard = "can(Permission::CorrectionConfirm)")]
    async fn correction_reverse(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CorrectionReverseInput,
    ) -> Result<CorrectionPayload> {
        let (id, document) = (input.id.0, input.document_id.0);
        let done = cx
            .write_once("correctionReverse", &input.idempotency_key, &input, move |tx| {
                ops::reverse_correction(tx, id, document).boxed()
            })
            .await?;
        answer(cx, done).await
    }

    /// Gives a correction up before it was posted (отозвать исправление).
    #[graphql(guard = "can(Permission::CorrectionWrite)")]
    async fn correction_withdraw(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CorrectionInput,
    ) -> Result<CorrectionPayload> {
        let done = cx.write(move |tx| ops::withdraw_correction(tx, input.id.0).boxed()).await?;
        answer(cx, done).await
    }
}

async fn answer(
    cx: &Context<'_>,
    done: std::result::Result<CorrectionId, Refusal>,
) -> Result<CorrectionPayload> {
    let row = match done {
        Ok(id) => Ok(cx.loader().load_one(CorrectionById(id)).await?.ok_or_else(ApiError::not_found)?),
        Err(refusal) => Err(refusal),
    };
    Ok(CorrectionPayload::of(row, cx.language()))
}
