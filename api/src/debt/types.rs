use async_graphql::{Context, Object, SimpleObject};
use chrono::{DateTime, NaiveDate, Utc};
use domain::debt::*;
use domain::kernel::*;
use entities::debt::{accrual, ageing, campaign, dispute, limitation, notice, penalty, plan, write_off};
use entities::kernel::ScopeArgs;

use super::http;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::premises::District;
use crate::premises::loaders::DistrictById;
use crate::wiring::account::{Account, account_by_id};

fn money(tiyn: i64) -> Money {
    Money::from_tiyn(tiyn)
}

/// Whether sums of a sector and district are of the caller's part of the city.
fn in_sight(scope: &ScopeArgs, sector: &str, district: i64) -> bool {
    scope.sectors.as_ref().is_none_or(|all| all.iter().any(|one| one == sector))
        && scope.districts.as_ref().is_none_or(|all| all.contains(&district))
}

async fn district(cx: &Context<'_>, id: i64) -> Result<District> {
    let found = cx.loader().load_one(DistrictById(DistrictId(id))).await?;
    found.map(District::from).ok_or_else(ApiError::not_found)
}

/// Penalty of a month of a sector, reckoned, posted or taken back as one act (начисление пени).
pub struct PenaltyAccrual(pub accrual::Accrual);

impl From<accrual::Accrual> for PenaltyAccrual {
    fn from(row: accrual::Accrual) -> Self {
        Self(row)
    }
}

/// Penalty of a month of a sector, reckoned, posted or taken back as one act (начисление пени).
#[Object]
impl PenaltyAccrual {
    /// Node id.
    async fn id(&self) -> Gid<AccrualId> {
        Gid(self.0.accrual_id())
    }

    /// Month it is for; earlier months are mended with it (месяц).
    async fn month(&self) -> Period {
        self.0.month()
    }

    /// Sector (сектор).
    async fn sector(&self) -> Sector {
        self.0.sector()
    }

    /// Last day that is reckoned (по день).
    async fn up_to(&self) -> Date {
        self.0.up_to.into()
    }

    /// Where it stands (состояние).
    async fn state(&self) -> AccrualState {
        self.0.state()
    }

    /// Month it is posted in (период проводки).
    async fn period(&self) -> Option<Period> {
        self.0.period.map(Period::of)
    }

    /// Accounts that change (счетов).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// Items that change (позиций).
    async fn items(&self) -> i64 {
        self.0.items
    }

    /// What is owed more by it (доначислено).
    async fn added(&self) -> Money {
        money(self.0.added)
    }

    /// What is taken back by it, as a positive sum (снято).
    async fn taken_back(&self) -> Money {
        money(self.0.taken_back)
    }

    /// Why it did not get on, if it did not (ошибка).
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// Who had it reckoned (кто рассчитал).
    async fn started_by(&self) -> &str {
        &self.0.started_by
    }

    /// When (когда рассчитано).
    async fn started_at(&self) -> DateTime<Utc> {
        self.0.started_at
    }

    /// Who had it posted (кто провёл).
    async fn posted_by(&self) -> Option<&str> {
        self.0.posted_by.as_deref()
    }

    /// When (когда проведено).
    async fn posted_at(&self) -> Option<DateTime<Utc>> {
        self.0.posted_at
    }

    /// Who had it taken back (кто сторнировал).
    async fn reversed_by(&self) -> Option<&str> {
        self.0.reversed_by.as_deref()
    }
}

/// Days with one overdue sum at one rate (дни с одной суммой и ставкой).
#[derive(SimpleObject)]
pub struct PenaltyDays {
    /// First day (с).
    pub from: Date,
    /// Last day (по).
    pub to: Date,
    /// How many days (дней).
    pub days: i32,
    /// What was overdue (просроченная сумма).
    pub overdue: Money,
    /// Base rate of the National Bank, percent a year (базовая ставка).
    pub base_rate: String,
    /// How many times the base rate (кратность).
    pub multiplier: String,
    /// Days of the year (дней в году).
    pub year_days: i32,
    /// Penalty of these days before rounding, in tenge (пеня до округления).
    pub exact: String,
}

/// Penalty of an item for a month, with what it was reckoned from (пеня за месяц).
#[derive(SimpleObject)]
pub struct PenaltyOfMonth {
    /// Month of the delay (месяц просрочки).
    pub month: Period,
    /// Month of the debt (месяц долга).
    pub origin: Period,
    /// Service (услуга).
    pub service: Option<Service>,
    /// The last day to pay without delay (срок оплаты).
    pub due_on: Date,
    /// Penalty (пеня).
    pub amount: Money,
    /// Days × sum × rate (дни × сумма × ставка).
    pub days: Vec<PenaltyDays>,
}

impl From<penalty::Standing> for PenaltyOfMonth {
    fn from(row: penalty::Standing) -> Self {
        let slices: Vec<PenaltySlice> = serde_json::from_value(row.slices).unwrap_or_default();
        let days = |slice: PenaltySlice| PenaltyDays {
            from: slice.from.into(),
            to: Date(slice.to.pred_opt().unwrap_or(slice.to)),
            days: slice.days as i32,
            overdue: slice.overdue,
            base_rate: slice.rate.base_rate.normalize().to_string(),
            multiplier: slice.rate.multiplier.normalize().to_string(),
            year_days: slice.rate.year_days as i32,
            exact: slice.exact().round_dp(6).normalize().to_string(),
        };
        Self {
            month: Period::of(row.month),
            origin: Period::of(row.origin),
            service: Service::from_code(&row.service),
            due_on: row.due_on.into(),
            amount: money(row.amount),
            days: slices.into_iter().map(days).collect(),
        }
    }
}

/// Days without penalty (мораторий на пеню).
pub struct Moratorium(pub penalty::Moratorium);

impl From<penalty::Moratorium> for Moratorium {
    fn from(row: penalty::Moratorium) -> Self {
        Self(row)
    }
}

/// Days without penalty (мораторий на пеню).
#[Object]
impl Moratorium {
    /// Node id.
    async fn id(&self) -> Gid<MoratoriumId> {
        Gid(MoratoriumId(self.0.id))
    }

    /// Only of this sector (сектор).
    async fn sector(&self) -> Option<Sector> {
        self.0.sector.as_deref().and_then(Sector::from_code)
    }

    /// Only of this group (группа).
    async fn consumer_group(&self) -> Option<ConsumerGroup> {
        self.0.consumer_group.as_deref().and_then(ConsumerGroup::from_code)
    }

    /// Only of this account (лицевой счёт).
    async fn account_id(&self) -> Option<Gid<AccountId>> {
        self.0.account_id.map(|id| Gid(AccountId(id)))
    }

    /// First day (с).
    async fn from(&self) -> Date {
        self.0.from.into()
    }

    /// Last day; null while no end is known (по).
    async fn to(&self) -> Option<Date> {
        Date::last(self.0.to)
    }

    /// Why (причина).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The document it is on (основание).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(DocumentId(self.0.document_id))
    }

    /// Who recorded it (кто внёс).
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }

    /// Taken out of force (отозван).
    async fn withdrawn(&self) -> bool {
        self.0.withdrawn_by.is_some()
    }
}

/// A disputed sum: no penalty, no warning, no disconnection for it while it is open (спор).
pub struct Dispute(pub dispute::Dispute);

impl From<dispute::Dispute> for Dispute {
    fn from(row: dispute::Dispute) -> Self {
        Self(row)
    }
}

/// A disputed sum: no penalty, no warning, no disconnection for it while it is open (спор).
#[Object]
impl Dispute {
    /// Node id.
    async fn id(&self) -> Gid<DisputeId> {
        Gid(DisputeId(self.0.id))
    }

    /// Whose debt (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// The disputed item (позиция).
    async fn open_item_id(&self) -> Gid<OpenItemId> {
        Gid(OpenItemId(self.0.open_item_id))
    }

    /// The disputed sum (сумма).
    async fn amount(&self) -> Money {
        money(self.0.amount)
    }

    /// What the subscriber says (доводы).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where it stands (состояние).
    async fn state(&self) -> DisputeState {
        DisputeState::from_code(&self.0.state).unwrap_or(DisputeState::Open)
    }

    /// When it was opened (открыт).
    async fn opened_on(&self) -> Date {
        self.0.opened_on.into()
    }

    /// By when it is to be decided (срок решения).
    async fn answer_by(&self) -> Date {
        self.0.answer_by.into()
    }

    /// Who opened it (кто открыл).
    async fn opened_by(&self) -> &str {
        &self.0.opened_by
    }

    /// When it was decided (решён).
    async fn decided_on(&self) -> Option<Date> {
        self.0.decided_on.map(Date::from)
    }

    /// Who decided it (кто решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// What was decided (решение).
    async fn decision(&self) -> Option<&str> {
        self.0.decision.as_deref()
    }
}

/// What is owed of one age in a district and sector (задолженность по срокам).
pub struct DebtAge(pub ageing::Age);

/// What is owed of one age in a district and sector (задолженность по срокам).
#[Object]
impl DebtAge {
    /// Sector (сектор).
    async fn sector(&self) -> Option<Sector> {
        Sector::from_code(&self.0.sector)
    }

    /// District (район).
    async fn district(&self, cx: &Context<'_>) -> Result<District> {
        district(cx, self.0.district_id).await
    }

    /// Age (срок).
    async fn bucket(&self) -> AgeBucket {
        let place = usize::try_from(self.0.bucket).unwrap_or(0);
        AgeBucket::ALL.get(place).copied().unwrap_or(AgeBucket::Older)
    }

    /// Accounts that owe something of this age (счетов).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// Owed (задолженность).
    async fn owed(&self) -> Money {
        money(self.0.owed)
    }

    /// Of it charges and shares of imbalance (основной долг).
    async fn principal(&self) -> Money {
        money(self.0.principal)
    }

    /// Of it penalty (пеня).
    async fn penalty(&self) -> Money {
        money(self.0.penalty)
    }

    /// Of it disputed (оспорено).
    async fn disputed(&self) -> Money {
        money(self.0.disputed)
    }

    /// Of it claimed by a court, a notary or a bailiff (взыскивается).
    async fn claimed(&self) -> Money {
        money(self.0.claimed)
    }
}

/// An account that owes (должник).
pub struct Debtor(pub ageing::Debtor);

/// An account that owes (должник).
#[Object]
impl Debtor {
    /// The account (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// District (район).
    async fn district(&self, cx: &Context<'_>) -> Result<District> {
        district(cx, self.0.district_id).await
    }

    /// Owed of the ages asked for (задолженность).
    async fn owed(&self) -> Money {
        money(self.0.owed)
    }

    /// Of it penalty (пеня).
    async fn penalty(&self) -> Money {
        money(self.0.penalty)
    }

    /// Of it disputed (оспорено).
    async fn disputed(&self) -> Money {
        money(self.0.disputed)
    }

    /// Of it claimed by a court, a notary or a bailiff (взыскивается).
    async fn claimed(&self) -> Money {
        money(self.0.claimed)
    }

    /// The oldest due day (старейший срок).
    async fn oldest(&self) -> Date {
        self.0.oldest.into()
    }
}

/// A debt with the day on which it can no longer be claimed (долг с истекающей исковой давностью).
pub struct ExpiringDebt {
    pub row: limitation::Running,
    pub expires_on: NaiveDate,
}

/// A debt with the day on which it can no longer be claimed (долг с истекающей исковой давностью).
#[Object]
impl ExpiringDebt {
    /// The item (позиция).
    async fn open_item_id(&self) -> Gid<OpenItemId> {
        Gid(OpenItemId(self.row.id))
    }

    /// Whose debt (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.row.account_id)).await
    }

    /// Service (услуга).
    async fn service(&self) -> Option<Service> {
        self.row.service.as_deref().and_then(Service::from_code)
    }

    /// Charge, penalty… (составляющая).
    async fn component(&self) -> Option<Component> {
        Component::from_code(&self.row.component)
    }

    /// Month it comes from (месяц возникновения).
    async fn origin(&self) -> Period {
        Period::of(self.row.origin)
    }

    /// Last day to pay without delay (срок).
    async fn due_on(&self) -> Date {
        self.row.due_on.into()
    }

    /// What is left of it (остаток).
    async fn rest(&self) -> Money {
        money(self.row.rest)
    }

    /// When its time runs out, or did (давность истекает).
    async fn expires_on(&self) -> Date {
        self.expires_on.into()
    }

    /// How often the time began anew (перерывов давности).
    async fn interruptions(&self) -> i32 {
        self.row.interruptions.len() as i32
    }
}

/// What made the time of limitation begin anew (перерыв исковой давности).
#[derive(SimpleObject)]
pub struct Interruption {
    /// What (основание).
    pub kind: Option<InterruptionKind>,
    /// When (дата).
    pub on_day: Date,
    /// The item; null for all of them (позиция).
    pub open_item_id: Option<Gid<OpenItemId>>,
    /// The document (документ).
    pub document_id: Gid<DocumentId>,
    /// Who recorded it (кто внёс).
    pub recorded_by: String,
}

impl From<limitation::Interruption> for Interruption {
    fn from(row: limitation::Interruption) -> Self {
        Self {
            kind: InterruptionKind::from_code(&row.kind),
            on_day: row.on_day.into(),
            open_item_id: row.open_item_id.map(|id| Gid(OpenItemId(id))),
            document_id: Gid(DocumentId(row.document_id)),
            recorded_by: row.recorded_by,
        }
    }
}

/// An order of write-off (приказ о списании).
pub struct WriteOff(pub write_off::WriteOff);

impl From<write_off::WriteOff> for WriteOff {
    fn from(row: write_off::WriteOff) -> Self {
        Self(row)
    }
}

/// An order of write-off (приказ о списании).
#[Object]
impl WriteOff {
    /// Node id.
    async fn id(&self) -> Gid<WriteOffId> {
        Gid(WriteOffId(self.0.id))
    }

    /// The order's document (документ).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(DocumentId(self.0.document_id))
    }

    /// Why (причина).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// Where it stands (состояние).
    async fn state(&self) -> WriteOffState {
        WriteOffState::from_code(&self.0.state).unwrap_or(WriteOffState::Proposed)
    }

    /// Accounts in it (счетов).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// The whole sum (сумма).
    async fn amount(&self) -> Money {
        money(self.0.amount)
    }

    /// Who proposed it (кто предложил).
    async fn proposed_by(&self) -> &str {
        &self.0.proposed_by
    }

    /// When (когда предложен).
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.proposed_at
    }

    /// Who decided (кто решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }
}

/// A written-off sum that is still claimed (списанная сумма за балансом).
pub struct OffBalance(pub write_off::OffBalance);

/// A written-off sum that is still claimed (списанная сумма за балансом).
#[Object]
impl OffBalance {
    /// The order (приказ).
    async fn write_off_id(&self) -> Gid<WriteOffId> {
        Gid(WriteOffId(self.0.write_off_id))
    }

    /// Whose debt it was (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Service (услуга).
    async fn service(&self) -> Option<Service> {
        Service::from_code(&self.0.service)
    }

    /// Charge, penalty… (составляющая).
    async fn component(&self) -> Option<Component> {
        Component::from_code(&self.0.component)
    }

    /// Month it comes from (месяц возникновения).
    async fn origin(&self) -> Period {
        Period::of(self.0.origin)
    }

    /// Sum (сумма).
    async fn amount(&self) -> Money {
        money(self.0.amount)
    }

    /// When it was given up (списано).
    async fn posted_on(&self) -> Date {
        self.0.posted_on.into()
    }

    /// When it was owed again (восстановлено).
    async fn revived_on(&self) -> Option<Date> {
        self.0.revived_on.map(Date::from)
    }
}

/// Whom the settings of today would have warned (кого предупредить).
#[derive(SimpleObject)]
pub struct NoticeForecast {
    /// Accounts (счетов).
    pub accounts: i64,
    /// What they owe (задолженность).
    pub debt: Option<Money>,
    /// From so many unpaid months on (от числа месяцев).
    pub months: Option<i32>,
    /// From this sum on (от суммы).
    pub least: Option<Money>,
    /// The deadline they would be given (срок).
    pub deadline: Option<Date>,
    /// Why nobody can be warned; empty when somebody can.
    pub errors: Vec<UserError>,
}

/// An account to be warned (кандидат на предупреждение).
pub struct NoticeCandidate(pub notice::Candidate);

/// An account to be warned (кандидат на предупреждение).
#[Object]
impl NoticeCandidate {
    /// The account (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Overdue, neither disputed nor claimed (просрочено).
    async fn debt(&self) -> Money {
        money(self.0.debt)
    }

    /// Unpaid months (неоплаченных месяцев).
    async fn months(&self) -> i64 {
        self.0.months
    }
}

/// A warning of disconnection and what became of it (уведомление об отключении).
pub struct Notice(pub notice::Notice);

impl From<notice::Notice> for Notice {
    fn from(row: notice::Notice) -> Self {
        Self(row)
    }
}

/// A warning of disconnection and what became of it (уведомление об отключении).
#[Object]
impl Notice {
    /// Node id.
    async fn id(&self) -> Gid<NoticeId> {
        Gid(NoticeId(self.0.id))
    }

    /// Whose debt (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Where it stands (состояние).
    async fn state(&self) -> NoticeState {
        NoticeState::from_code(&self.0.state).unwrap_or(NoticeState::Warned)
    }

    /// Overdue on the day of the warning (просрочено на дату).
    async fn debt(&self) -> Money {
        money(self.0.debt)
    }

    /// Overdue now, without what is claimed or disputed (просрочено сейчас).
    async fn overdue(&self) -> Money {
        money(self.0.overdue)
    }

    /// Unpaid months (неоплаченных месяцев).
    async fn months(&self) -> i32 {
        self.0.months
    }

    /// Day of the warning (дата).
    async fn issued_on(&self) -> Date {
        self.0.issued_on.into()
    }

    /// Last day to pay (срок).
    async fn deadline(&self) -> Date {
        self.0.deadline.into()
    }

    /// What it says (текст).
    async fn text(&self) -> NoticeText {
        NoticeText { kk: self.0.text_kk.clone(), ru: self.0.text_ru.clone() }
    }

    /// Whether it was sent: to_send, sent, failed (отправка).
    async fn delivery(&self) -> &str {
        &self.0.delivery
    }

    /// Since when it stands so (с какого дня).
    async fn state_on(&self) -> Date {
        self.0.state_on.into()
    }

    /// When it was disconnected (отключён).
    async fn disconnected_on(&self) -> Option<Date> {
        self.0.disconnected_on.map(Date::from)
    }

    /// When it was connected again (подключён).
    async fn reconnected_on(&self) -> Option<Date> {
        self.0.reconnected_on.map(Date::from)
    }

    /// What reconnecting cost (плата за подключение).
    async fn fee(&self) -> Option<Money> {
        self.0.fee.map(money)
    }

    /// Where its paper is got (файл).
    async fn paper_path(&self) -> String {
        http::path_of_notice(NoticeId(self.0.id))
    }
}

/// The words of a warning (текст уведомления).
#[derive(SimpleObject)]
pub struct NoticeText {
    /// In Kazakh.
    pub kk: String,
    /// In Russian.
    pub ru: String,
}

/// An instalment plan (рассрочка).
pub struct Plan(pub plan::Plan);

impl From<plan::Plan> for Plan {
    fn from(row: plan::Plan) -> Self {
        Self(row)
    }
}

/// A dated part of a plan (платёж по рассрочке).
#[derive(SimpleObject)]
pub struct Instalment {
    /// By when (срок).
    pub due_on: Date,
    /// Sum (сумма).
    pub amount: Money,
    /// Covered by what was paid (оплачено).
    pub covered: bool,
}

/// An instalment plan (рассрочка).
#[Object]
impl Plan {
    /// Node id.
    async fn id(&self) -> Gid<PlanId> {
        Gid(PlanId(self.0.id))
    }

    /// Whose debt (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Where it stands (состояние).
    async fn state(&self) -> PlanState {
        self.0.state()
    }

    /// The debt that was parted (сумма).
    async fn amount(&self) -> Money {
        money(self.0.amount)
    }

    /// Paid of it (оплачено).
    async fn paid(&self) -> Money {
        money(self.0.paid)
    }

    /// When it was agreed on (дата соглашения).
    async fn agreed_on(&self) -> Date {
        self.0.agreed_on.into()
    }

    /// When it was over (завершена).
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date::from)
    }

    /// No penalty on it while it is kept (пеня приостановлена).
    async fn stops_penalty(&self) -> bool {
        self.0.stops_penalty
    }

    /// The agreement (соглашение).
    async fn document_id(&self) -> Gid<DocumentId> {
        Gid(DocumentId(self.0.document_id))
    }

    /// Its parts (график).
    async fn parts(&self) -> Vec<Instalment> {
        let (paid, mut due) = (money(self.0.paid), Money::ZERO);
        let parts = self.0.parts().into_iter().map(|part| {
            due += part.amount;
            Instalment { due_on: part.due_on.into(), amount: part.amount, covered: paid >= due }
        });
        parts.collect()
    }
}

/// The debt is paid by a day, the penalty is given up (акция).
pub struct Campaign(pub campaign::Campaign);

impl From<campaign::Campaign> for Campaign {
    fn from(row: campaign::Campaign) -> Self {
        Self(row)
    }
}

/// The debt is paid by a day, the penalty is given up (акция).
#[Object]
impl Campaign {
    /// Node id.
    async fn id(&self) -> Gid<CampaignId> {
        Gid(CampaignId(self.0.id))
    }

    /// Name in Kazakh (название на казахском).
    async fn name_kk(&self) -> &str {
        &self.0.name_kk
    }

    /// Name in Russian (название на русском).
    async fn name_ru(&self) -> &str {
        &self.0.name_ru
    }

    /// Only of these sectors; empty is all (секторы).
    async fn sectors(&self) -> Vec<Sector> {
        self.0.sectors.iter().filter_map(|code| Sector::from_code(code)).collect()
    }

    /// Only of these groups; empty is all (группы).
    async fn groups(&self) -> Vec<ConsumerGroup> {
        self.0.groups.iter().filter_map(|code| ConsumerGroup::from_code(code)).collect()
    }

    /// First month whose debt counts (долг с).
    async fn debt_from(&self) -> Period {
        Period::of(self.0.debt_from)
    }

    /// Last month whose debt counts (долг по).
    async fn debt_to(&self) -> Period {
        Period::of(self.0.debt_to)
    }

    /// First day (начало).
    async fn starts_on(&self) -> Date {
        self.0.starts_on.into()
    }

    /// Last day to pay (оплатить до).
    async fn pay_by(&self) -> Date {
        self.0.pay_by.into()
    }

    /// Percent of the penalty that is given up (доля списания).
    async fn percent(&self) -> String {
        self.0.percent.normalize().to_string()
    }

    /// Only for those who applied (по заявлению).
    async fn by_application(&self) -> bool {
        self.0.by_application
    }

    /// Where it stands (состояние).
    async fn state(&self) -> CampaignState {
        CampaignState::from_code(&self.0.state).unwrap_or(CampaignState::Proposed)
    }

    /// Who proposed it (кто предложил).
    async fn proposed_by(&self) -> &str {
        &self.0.proposed_by
    }

    /// Who started or declined it (кто решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// What is at stake if it started today, by district and sector; what is expected if so many percent take part (прогноз).
    #[graphql(complexity = "40 + child_complexity")]
    async fn forecast(
        &self,
        cx: &Context<'_>,
        #[graphql(
            desc = "How many percent of the accounts are expected to pay; 100 by default.",
            validator(minimum = 0, maximum = 100)
        )]
        take_up: Option<i32>,
    ) -> Result<Vec<CampaignStake>> {
        let today = cx.app().clock.today();
        let rows = campaign::forecast(cx.db(), CampaignId(self.0.id), today).await?;
        let (take_up, percent) = (rust_decimal::Decimal::from(take_up.unwrap_or(100)), self.0.percent);
        let of = |sum: Money, percents: &[rust_decimal::Decimal]| {
            let hundred = rust_decimal::Decimal::ONE_HUNDRED;
            let exact = percents.iter().fold(sum.to_decimal(), |sum, percent| sum * percent / hundred);
            Money::rounded(exact, Rounding::Down)
        };
        let scope = ScopeArgs::from(cx.scope()?);
        Ok(rows
            .into_iter()
            .filter(|row| in_sight(&scope, &row.sector, row.district_id))
            .map(|row| CampaignStake {
                district_id: row.district_id,
                sector: Sector::from_code(&row.sector),
                accounts: row.accounts,
                debt: money(row.debt),
                penalty: money(row.penalty),
                expected_paid: of(money(row.debt), &[take_up]),
                expected_given: of(money(row.penalty), &[take_up, percent]),
            })
            .collect())
    }

    /// What became of it so far, by district and sector (результаты).
    #[graphql(complexity = "40 + child_complexity")]
    async fn outcome(&self, cx: &Context<'_>) -> Result<Vec<CampaignOutcome>> {
        let rows = campaign::outcome(cx.db(), CampaignId(self.0.id)).await?;
        let scope = ScopeArgs::from(cx.scope()?);
        let mine = rows.into_iter().filter(|row| in_sight(&scope, &row.sector, row.district_id));
        Ok(mine.map(CampaignOutcome).collect())
    }
}

/// What is at stake in a district and sector (ставка акции по району).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct CampaignStake {
    #[graphql(skip)]
    pub district_id: i64,
    /// Sector (сектор).
    pub sector: Option<Sector>,
    /// Accounts that may take part (счетов).
    pub accounts: i64,
    /// Their debt of the campaign's months (долг).
    pub debt: Money,
    /// Their penalty (пеня).
    pub penalty: Money,
    /// Expected to be paid (ожидаемая оплата).
    pub expected_paid: Money,
    /// Expected to be given up (ожидаемое списание).
    pub expected_given: Money,
}

#[async_graphql::ComplexObject]
impl CampaignStake {
    /// District (район).
    async fn district(&self, cx: &Context<'_>) -> Result<District> {
        district(cx, self.district_id).await
    }
}

/// What became of a campaign in a district and sector (результат акции по району).
pub struct CampaignOutcome(campaign::Outcome);

/// What became of a campaign in a district and sector (результат акции по району).
#[Object]
impl CampaignOutcome {
    /// District (район).
    async fn district(&self, cx: &Context<'_>) -> Result<District> {
        district(cx, self.0.district_id).await
    }

    /// Sector (сектор).
    async fn sector(&self) -> Option<Sector> {
        Sector::from_code(&self.0.sector)
    }

    /// Accounts that take part (счетов).
    async fn accounts(&self) -> i64 {
        self.0.accounts
    }

    /// Their debt at the start (долг на начало).
    async fn debt(&self) -> Money {
        money(self.0.debt)
    }

    /// Their penalty at the start (пеня на начало).
    async fn penalty(&self) -> Money {
        money(self.0.penalty)
    }

    /// Who applied (заявлений).
    async fn applied(&self) -> i64 {
        self.0.applied
    }

    /// Who paid and was given (выполнили условия).
    async fn fulfilled(&self) -> i64 {
        self.0.fulfilled
    }

    /// Given up (списано).
    async fn given(&self) -> Money {
        money(self.0.given)
    }
}

/// An account in a campaign (участие в акции).
pub struct CampaignMember(pub campaign::Member);

impl From<campaign::Member> for CampaignMember {
    fn from(row: campaign::Member) -> Self {
        Self(row)
    }
}

/// An account in a campaign (участие в акции).
#[Object]
impl CampaignMember {
    /// The campaign (акция).
    async fn campaign_id(&self) -> Gid<CampaignId> {
        Gid(CampaignId(self.0.campaign_id))
    }

    /// Debt at the start, all of it to be paid (долг на начало).
    async fn debt(&self) -> Money {
        money(self.0.debt)
    }

    /// Penalty at the start (пеня на начало).
    async fn penalty(&self) -> Money {
        money(self.0.penalty)
    }

    /// When it applied (заявление).
    async fn applied_on(&self) -> Option<Date> {
        self.0.applied_on.map(Date::from)
    }

    /// What was given up (списано).
    async fn given(&self) -> Option<Money> {
        self.0.given.map(money)
    }

    /// When (когда списано).
    async fn given_on(&self) -> Option<Date> {
        self.0.given_on.map(Date::from)
    }
}
