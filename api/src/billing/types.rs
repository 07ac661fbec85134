use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::billing::{self, RunState};
use domain::consumption::Basis;
use domain::kernel::*;
use entities::billing::limit_use::LimitMonth as LimitRow;
use entities::billing::{bill, newer, run};

use super::correction::BillCorrection;
use super::explanation::{BillExplanation, ExplainedLine};
use super::loaders::{CorrectionsOn, LinesOf};
use super::ops;
use crate::imbalance::loaders::ToldOf;
use crate::imbalance::told::ImbalanceExplanation;
use crate::ledger::loaders::LeftOf;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::messages;
use crate::subscribers::types::own_since;
use crate::wiring::account::{Account, account_by_id};

/// One line of a bill: one point, one service, one version of everything, rounded once (строка начисления).
#[derive(Debug, Clone, SimpleObject)]
pub struct ChargeLine {
    /// What for (услуга).
    pub service: Service,
    /// Charge, imbalance share, penalty… (составляющая).
    pub component: Component,
    /// Why the volume is what it is (основание объёма).
    pub basis: Basis,
    /// First day of the interval (с).
    pub from: Date,
    /// Last day of the interval, included (по).
    pub to: Date,
    /// Volume, m³ (объём).
    pub volume: Volume,
    /// Net price, tenge per m³, before the coefficient (цена без НДС).
    pub price: String,
    /// Coefficient of the band; 1 without bands (коэффициент).
    pub coefficient: String,
    /// VAT rate: 0.16 stands for 16 % (ставка НДС).
    pub vat_rate: String,
    /// People counted, where people were counted (проживающие).
    pub residents: Option<i32>,
    /// Billed for want of a reading: the next one settles it (уточнится по показанию).
    pub provisional: bool,
    /// Without VAT (без НДС).
    pub net: Money,
    /// VAT (НДС).
    pub vat: Money,
    /// To pay (к оплате).
    pub gross: Money,
}

impl From<&billing::ChargeLine> for ChargeLine {
    fn from(line: &billing::ChargeLine) -> Self {
        Self {
            service: line.service,
            component: line.component,
            basis: line.basis,
            from: line.from.into(),
            to: (line.to - chrono::Days::new(1)).into(),
            volume: line.volume,
            price: line.price.normalize().to_string(),
            coefficient: line.coefficient.normalize().to_string(),
            vat_rate: line.vat_rate.normalize().to_string(),
            residents: line.residents.and_then(|n| i32::try_from(n).ok()),
            provisional: line.is_provisional(),
            net: line.net,
            vat: line.vat_amount,
            gross: line.gross,
        }
    }
}

/// What of a limit was used in a year (использование лимита).
#[derive(Debug, Clone, SimpleObject)]
pub struct LimitUse {
    /// Whose annex it is (договор).
    pub contract_id: Gid<ContractId>,
    /// What for (услуга).
    pub service: Service,
    /// The object; nothing for a limit of a point or of the contract (объект).
    pub premise_id: Option<Gid<PremiseId>>,
    /// The point of supply; nothing for a limit of an object or of the contract (точка подключения).
    pub point_id: Option<Gid<PointId>>,
    /// m³ per calendar month, as the last version of the year says (на месяц).
    pub monthly: Option<Volume>,
    /// m³ per calendar year (на год).
    pub yearly: Option<Volume>,
    /// Issued in the year, m³ (использовано).
    pub used: Volume,
    /// Of it above the limit, m³ (сверх лимита).
    pub above: Volume,
    /// The months that were issued (по месяцам).
    pub months: Vec<LimitMonth>,
}

/// A month of a limit (месяц лимита).
#[derive(Debug, Clone, SimpleObject)]
pub struct LimitMonth {
    /// Month (период).
    pub period: Period,
    /// Issued, m³ (использовано).
    pub volume: Volume,
    /// Of it above the limit, m³ (сверх лимита).
    pub above: Volume,
}

impl LimitUse {
    /// Rows of one limit stand together.
    pub fn gather(rows: Vec<LimitRow>) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for row in rows {
            let Some(service) = Service::from_code(&row.service) else { continue };
            let (premise, point) =
                (row.premise_id.map(|id| Gid(PremiseId(id))), row.point_id.map(|id| Gid(PointId(id))));
            let contract = Gid(row.contract_id);
            let same = |one: &Self| {
                (one.contract_id, one.service, one.premise_id, one.point_id)
                    == (contract, service, premise, point)
            };
            if !all.last().is_some_and(same) {
                all.push(Self {
                    contract_id: contract,
                    service,
                    premise_id: premise,
                    point_id: point,
                    monthly: row.month_liters.map(Volume::from_liters),
                    yearly: row.year_liters.map(Volume::from_liters),
                    used: Volume::ZERO,
                    above: Volume::ZERO,
                    months: Vec::new(),
                });
            }
            if let Some((period, one)) = row.period.zip(all.last_mut()) {
                let (volume, above) = (Volume::from_liters(row.liters), Volume::from_liters(row.above));
                one.used += volume;
                one.above += above;
                one.months.push(LimitMonth { period: Period::of(period), volume, above });
            }
        }
        all
    }
}

/// A bill of a month (счёт, квитанция). closing = opening + charged + penalty + corrected − paid, at the moment it was made.
pub struct Bill(pub bill::Bill);

/// A bill of a month (счёт, квитанция). closing = opening + charged + penalty + corrected − paid, at the moment it was made.
#[Object]
impl Bill {
    /// Node id.
    pub async fn id(&self) -> Gid<BillId> {
        Gid(BillId(self.0.id))
    }

    /// Whose bill it is (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Month (период).
    async fn period(&self) -> Period {
        self.0.period()
    }

    /// Balance brought in; positive is a debt (входящее сальдо).
    async fn opening(&self) -> Money {
        Money::from_tiyn(self.0.opening)
    }

    /// Charged for the month (начислено).
    async fn charged(&self) -> Money {
        Money::from_tiyn(self.0.charged)
    }

    /// Penalty for delay accrued in the month before the bill was made (пеня).
    async fn penalty(&self) -> Money {
        Money::from_tiyn(self.0.penalty)
    }

    /// Recalculations, one-off charges, write-offs and transfers of the month before the bill was made; negative lessens the debt
    /// (перерасчёты и разовые начисления).
    async fn corrected(&self) -> Money {
        Money::from_tiyn(self.0.corrected)
    }

    /// Received in the month before the bill was made (оплачено).
    async fn paid(&self) -> Money {
        Money::from_tiyn(self.0.paid)
    }

    /// Balance carried out (исходящее сальдо).
    async fn closing(&self) -> Money {
        Money::from_tiyn(self.0.closing)
    }

    /// What is still to be paid now of all that was owed when the bill was made: `closing` stays as it was printed, this goes
    /// down with every payment (осталось оплатить).
    async fn left(&self, cx: &Context<'_>) -> Result<Money> {
        let account = AccountId(self.0.account_id);
        let key = LeftOf((account, self.0.period(), own_since(cx, account).await?));
        Ok(Money::from_tiyn(cx.loader().load_one(key).await?.unwrap_or_default()))
    }

    /// Last day to pay without delay (срок оплаты).
    async fn due_on(&self) -> Date {
        self.0.due_on.into()
    }

    /// Whether it is the last bill of who moved out (окончательный счёт).
    async fn is_final(&self) -> bool {
        self.0.is_final
    }

    /// When it was shown to the subscriber; null before (выставлен).
    async fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.0.issued_at
    }

    /// Why there are no lines, in the language of the request (причина отсутствия начисления).
    async fn excuse(&self, cx: &Context<'_>) -> Option<String> {
        let code = self.0.excuse.as_deref()?;
        Some(messages::text(cx.language(), &format!("EXCUSE_{}", code.to_uppercase()), &[]))
    }

    /// Where the bill is got as a page of PDF in Kazakh and Russian, with the same access token (счёт в PDF).
    async fn pdf(&self) -> String {
        super::http::path_of(BillId(self.0.id))
    }

    /// Charge lines (строки начислений).
    async fn lines(&self, cx: &Context<'_>) -> Result<Vec<ChargeLine>> {
        let lines = cx.loader().load_one(self.key()).await?.unwrap_or_default();
        Ok(lines.iter().map(Into::into).collect())
    }

    /// The recalculations and paid services in `corrected`, each with its document and reason (перерасчёты и платные услуги).
    async fn corrections(&self, cx: &Context<'_>) -> Result<Vec<BillCorrection>> {
        let rows = cx.loader().load_one(CorrectionsOn(self.key())).await?.unwrap_or_default();
        Ok(rows.iter().map(Into::into).collect())
    }

    /// The lines as corrections of the month stood at a moment, now unless said: `lines` stay as they were issued (счёт с учётом
    /// перерасчётов).
    #[graphql(guard = "can(Permission::BillRead)", complexity = "20 + child_complexity")]
    async fn standing(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "As it was known at this moment.")] known_at: Option<DateTime<Utc>>,
    ) -> Result<Vec<ChargeLine>> {
        let lines = ops::standing_lines(cx.db(), &self.0, known_at).await?;
        Ok(lines.iter().map(Into::into).collect())
    }

    /// Why the bill bears a part of the house's difference; null where it bears none (доля общедомовой разницы).
    async fn imbalance(&self, cx: &Context<'_>) -> Result<Option<ImbalanceExplanation>> {
        let key = ToldOf {
            account: AccountId(self.0.account_id),
            period: self.0.period(),
            run: RunId(self.0.run_id),
        };
        let told = cx.loader().load_one(key).await?;
        Ok(told.map(|told| ImbalanceExplanation::of(&told, cx.language())))
    }

    /// Every amount opened into rule, tariff, readings, residents and rounding, by running the rule again (объяснение).
    #[graphql(complexity = "40 + child_complexity")]
    async fn explanation(&self, cx: &Context<'_>) -> Result<BillExplanation> {
        let explained = ops::explain_bill(cx.db(), &self.0).await?;
        BillExplanation::of(cx, explained).await
    }
}

impl Bill {
    fn key(&self) -> LinesOf {
        LinesOf { account: AccountId(self.0.account_id), period: self.0.period(), run: RunId(self.0.run_id) }
    }
}

/// What an account would be charged if the month were run now; kept nowhere (предварительный расчёт).
#[derive(SimpleObject)]
pub struct BillPreview {
    /// Whose it is (лицевой счёт).
    pub account: Account,
    /// Month (период).
    pub period: Period,
    /// To pay for the month (к начислению).
    pub gross: Money,
    /// Lines with their trees (строки с объяснением).
    pub lines: Vec<ExplainedLine>,
    /// Why there are no lines (причина отсутствия начисления).
    pub excuse: Option<String>,
}

/// Sum of a run by service (итог по услуге).
#[derive(SimpleObject)]
pub struct RunServiceTotal {
    /// Service (услуга).
    pub service: Service,
    /// Volume, m³ (объём).
    pub volume: Volume,
    /// With VAT (с НДС).
    pub gross: Money,
}

/// Sum of a run by the basis of the volume (итог по основанию).
#[derive(SimpleObject)]
pub struct RunBasisTotal {
    /// Basis (основание).
    pub basis: Basis,
    /// Number of lines (число строк).
    pub lines: i64,
    /// Volume, m³ (объём).
    pub volume: Volume,
    /// With VAT (с НДС).
    pub gross: Money,
}

/// A billing run of a month and sector (расчёт).
#[derive(Clone)]
pub struct Run(pub run::Run);

impl From<run::Run> for Run {
    fn from(row: run::Run) -> Self {
        Self(row)
    }
}

/// A billing run of a month and sector (расчёт).
#[Object]
impl Run {
    /// Node id.
    pub async fn id(&self) -> Gid<RunId> {
        Gid(self.0.run_id())
    }

    /// Month (период).
    async fn period(&self) -> Period {
        self.0.period()
    }

    /// Sector (сектор).
    async fn sector(&self) -> Sector {
        self.0.sector()
    }

    /// Where it stands (состояние).
    async fn state(&self) -> RunState {
        RunState::from_code(&self.0.state).unwrap_or(RunState::Failed)
    }

    /// Of accounts that came after the bills of the month were issued, not the run of the month (доначисление опоздавших счетов).
    async fn late(&self) -> bool {
        self.0.late
    }

    /// Accounts to charge (счетов всего).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// Accounts charged so far (счетов рассчитано).
    async fn accounts_done(&self) -> i64 {
        self.0.accounts_done
    }

    /// Accounts without a charge for a reason (без начисления по причине).
    async fn excused(&self) -> i64 {
        self.0.excused
    }

    /// Accounts that the registers did not let be charged (не рассчитано).
    async fn failures(&self) -> i64 {
        self.0.failures
    }

    /// Charge lines (строк начислений).
    async fn lines(&self) -> i64 {
        self.0.lines
    }

    /// Without VAT (без НДС).
    async fn net(&self) -> Money {
        Money::from_tiyn(self.0.net)
    }

    /// VAT (НДС).
    async fn vat(&self) -> Money {
        Money::from_tiyn(self.0.vat)
    }

    /// With VAT (с НДС).
    async fn gross(&self) -> Money {
        Money::from_tiyn(self.0.gross)
    }

    /// Fingerprint of all lines: the same for any number of shards (контрольная сумма).
    async fn hash(&self) -> Option<&str> {
        self.0.hash.as_deref()
    }

    /// Last day to pay its bills (срок оплаты).
    async fn due_on(&self) -> Date {
        self.0.due_on.into()
    }

    /// Who started it (кто начал).
    async fn started_by(&self) -> &str {
        &self.0.started_by
    }

    /// When it was started (начат).
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// When everything was posted (рассчитан).
    async fn posted_at(&self) -> Option<DateTime<Utc>> {
        self.0.posted_at
    }

    /// When its bills were issued (выставлен).
    async fn issued_at(&self) -> Option<DateTime<Utc>> {
        self.0.issued_at
    }

    /// When it was taken back (сторнирован).
    async fn reversed_at(&self) -> Option<DateTime<Utc>> {
        self.0.reversed_at
    }

    /// Why it stands still (ошибка).
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// Accounts whose facts changed after the run had looked, a change of prices or methods counted as one; while there are any,
    /// its bills are not issued: reverse it and run again. 0 once it is issued or reversed (данные новее расчёта, счетов).
    #[graphql(complexity = 20)]
    async fn newer_count(&self, cx: &Context<'_>) -> Result<i64> {
        match self.0.state.as_str() {
            "posted" => Ok(newer::count(cx.db(), &self.0).await?),
            _ => Ok(0),
        }
    }

    /// These facts, by account and kind (данные новее расчёта).
    #[graphql(complexity = "20 + child_complexity")]
    async fn newer(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<NewerFact>> {
        let page = page_of::<(i64, String)>(first, after)?;
        if self.0.state != "posted" {
            return Ok(Conn::new(false, false));
        }
        let slice = newer::list(cx.db(), &self.0, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| (row.account_id, row.kind.clone()), NewerFact))
    }

    /// Sums by service (по услугам).
    #[graphql(complexity = "20 + child_complexity")]
    async fn by_service(&self, cx: &Context<'_>) -> Result<Vec<RunServiceTotal>> {
        let rows = run::by_service(cx.db(), &self.0).await?;
        let total = |row: run::ByService| {
            Some(RunServiceTotal {
                service: Service::from_code(&row.service)?,
                volume: Volume::from_liters(row.liters),
                gross: Money::from_tiyn(row.gross),
            })
        };
        Ok(rows.into_iter().filter_map(total).collect())
    }

    /// Sums by basis of the volume (по основаниям).
    #[graphql(complexity = "20 + child_complexity")]
    async fn by_basis(&self, cx: &Context<'_>) -> Result<Vec<RunBasisTotal>> {
        let rows = run::by_basis(cx.db(), &self.0).await?;
        let total = |row: run::ByBasis| {
            Some(RunBasisTotal {
                basis: Basis::from_code(&row.basis)?,
                lines: row.lines,
                volume: Volume::from_liters(row.liters),
                gross: Money::from_tiyn(row.gross),
            })
        };
        Ok(rows.into_iter().filter_map(total).collect())
    }
}

/// Something that changed after a run had looked at it (изменение после расчёта).
pub struct NewerFact(newer::NewerFact);

/// Something that changed after a run had looked at it (изменение после расчёта).
#[Object]
impl NewerFact {
    /// What changed (что изменилось).
    async fn kind(&self) -> Option<billing::NewerFactKind> {
        billing::NewerFactKind::from_code(&self.0.kind)
    }

    /// Whose bill it would change; null when it is every account's, or one that the caller may not see (лицевой счёт).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn account(&self, cx: &Context<'_>) -> Result<Option<Account>> {
        if self.0.account_id == 0 {
            return Ok(None);
        }
        match account_by_id(cx, AccountId(self.0.account_id)).await {
            Ok(account) => Ok(Some(account)),
            Err(error) if error.code == Code::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// When it was last recorded, where that is kept (когда записано).
    async fn at(&self) -> Option<DateTime<Utc>> {
        self.0.at
    }
}

/// Whether the caller is a subscriber and sees only what is issued.
pub(super) fn is_own(cx: &Context<'_>) -> bool {
    !cx.may(Permission::BillRead)
}
