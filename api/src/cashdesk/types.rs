use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::cashdesk::{
    CashCountKind, CashOperationKind, CashOrderKind, DenominationKind, FiscalKind, FiscalProviderCode,
    FiscalState, Tendered, Turnover, is_told,
};
use domain::kernel::*;
use entities::cashdesk::count::{Count, CountLine};
use entities::cashdesk::operation::{Line, Operation};
use entities::cashdesk::order::CashOrder as Order;
use entities::cashdesk::receipt::Receipt;
use entities::cashdesk::report::Sums;
use entities::cashdesk::shift::Shift;
use entities::cashdesk::{Desks, denomination, desk};
use entities::kernel::Slice;
use entities::tariffs;

use super::http;
use super::loaders::*;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::wiring::account::{Account, account_by_id};

/// Whether somebody looks at all desks, and so before the count too.
fn oversees(cx: &Context<'_>) -> bool {
    cx.may(Permission::CashdeskRead) || cx.may(Permission::CashdeskOversee)
}

/// Whether the caller is told what belongs to a desk. Of others a cashier hears what stands on a hand-over: code and name. Roots ask the
/// same of the database (`Desks::WHERE`); every edge that leads from one desk to another asks here.
async fn sees(cx: &Context<'_>, desk: DeskId) -> Result<bool> {
    let seen = Desks::of(cx.actor()?);
    if seen == Desks::All {
        return Ok(true);
    }
    Ok(cx.loader().load_one(DeskById(desk)).await?.is_some_and(|desk| seen.sees(&desk)))
}

async fn desk_by_id(cx: &Context<'_>, id: DeskId) -> Result<CashDesk> {
    cx.loader().load_one(DeskById(id)).await?.map(CashDesk).ok_or_else(ApiError::not_found)
}

/// A cash desk (касса).
pub struct CashDesk(pub desk::Desk);

impl From<desk::Desk> for CashDesk {
    fn from(row: desk::Desk) -> Self {
        Self(row)
    }
}

/// A cash desk (касса).
#[Object]
impl CashDesk {
    /// Node id.
    async fn id(&self) -> Gid<DeskId> {
        Gid(self.0.desk_id())
    }

    /// Short, as it stands on papers (код).
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Name (наименование).
    async fn name(&self) -> LocalName {
        LocalName { kk: self.0.name_kk.clone(), ru: self.0.name_ru.clone(), en: self.0.name_en.clone() }
    }

    /// Who registers its receipts (провайдер фискализации).
    async fn provider(&self) -> FiscalProviderCode {
        self.0.provider
    }

    /// Number of its cash register (номер ККМ).
    async fn cashbox(&self) -> Option<&str> {
        self.0.cashbox.as_deref()
    }

    /// Logins of those who may sit here (кассиры).
    #[graphql(guard = "can_any([Permission::CashdeskRead, Permission::CashdeskOversee])")]
    async fn cashiers(&self) -> &[String] {
        &self.0.cashiers
    }

    /// Whether the caller may sit here (доступна мне).
    async fn mine(&self, cx: &Context<'_>) -> Result<bool> {
        Ok(self.0.cashiers.contains(&cx.actor()?.label))
    }

    /// Whether a shift may be opened (действует).
    async fn active(&self) -> bool {
        self.0.active
    }

    /// Grows with each change; what is changed names the version that was seen (версия).
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// The shift that is open here; null at a desk that is not the caller's (открытая смена).
    async fn open_shift(&self, cx: &Context<'_>) -> Result<Option<CashShift>> {
        if !sees(cx, self.0.desk_id()).await? {
            return Ok(None);
        }
        Ok(cx.loader().load_one(OpenShiftOf(self.0.desk_id())).await?.map(CashShift))
    }

    /// How its cash register stands; null without one, and at a desk that is not the caller's (состояние ККМ).
    async fn register(&self, cx: &Context<'_>) -> Result<Option<CashRegister>> {
        if self.0.provider == FiscalProviderCode::None || !sees(cx, self.0.desk_id()).await? {
            return Ok(None);
        }
        let queue = cx.loader().load_one(QueueOf(self.0.desk_id())).await?.unwrap_or_default();
        let count = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
        Ok(Some(CashRegister {
            waiting: count(queue.waiting),
            refused: count(queue.refused),
            waiting_since: queue.since,
            wants_z: queue.wants_z,
            autonomous: queue.autonomous,
        }))
    }

    /// Handed over to this desk or from it, and not taken over yet; a hundred at most, none at a desk that is not the caller's (переводы в
    /// пути).
    #[graphql(complexity = "20 + child_complexity")]
    async fn on_the_way(&self, cx: &Context<'_>) -> Result<Vec<CashOperation>> {
        if !sees(cx, self.0.desk_id()).await? {
            return Ok(Vec::new());
        }
        let rows = cx.loader().load_one(OnTheWayOf(self.0.desk_id())).await?.unwrap_or_default();
        Ok(rows.into_iter().map(CashOperation).collect())
    }
}

/// How a cash register stands (состояние ККМ).
#[derive(SimpleObject)]
pub struct CashRegister {
    /// Documents that are not registered yet (ждут регистрации).
    pub waiting: i32,
    /// Documents that it refused: somebody must look (отклонено).
    pub refused: i32,
    /// Since when the oldest one waits (ждёт с).
    pub waiting_since: Option<DateTime<Utc>>,
    /// It takes nothing more before Z (требуется Z-отчёт).
    pub wants_z: bool,
    /// It works without a line to the tax service (автономный режим).
    pub autonomous: bool,
}

/// A shift of a cash desk, from opening to Z (кассовая смена).
pub struct CashShift(pub Shift);

impl From<Shift> for CashShift {
    fn from(row: Shift) -> Self {
        Self(row)
    }
}

impl CashShift {
    /// Z of a closed shift, else what went through it so far.
    async fn sums(&self, cx: &Context<'_>) -> Result<Turnover> {
        match self.0.z()? {
            Some(z) => Ok(z),
            None => {
                let found = cx.loader().load_one(TurnoverOf(self.0.shift_id())).await?;
                Ok(found.unwrap_or_else(|| Turnover::begin(Money::from_tiyn(self.0.opening))))
            }
        }
    }

    /// What must lie in the drawer is told to who sits there only after it was counted, and nothing has moved since.
    async fn counted(&self, cx: &Context<'_>) -> Result<bool> {
        if self.0.is_closed() || oversees(cx) {
            return Ok(true);
        }
        let Some(counts) = cx.loader().load_one(CountsOf(self.0.shift_id())).await? else { return Ok(false) };
        let last = cx.loader().load_one(LastOf(self.0.shift_id())).await?.unwrap_or_default();
        let told = |count: &Count| count.upto == last && is_told(count.kind, count.witness.is_some());
        Ok(counts.iter().any(told))
    }
}

/// A shift of a cash desk, from opening to Z (кассовая смена).
#[Object]
impl CashShift {
    /// Node id.
    async fn id(&self) -> Gid<ShiftId> {
        Gid(self.0.shift_id())
    }

    /// Where (касса).
    async fn desk(&self, cx: &Context<'_>) -> Result<CashDesk> {
        desk_by_id(cx, self.0.desk()).await
    }

    /// Number of the shift, and of its Z, at its desk (номер).
    async fn number(&self) -> i32 {
        self.0.number
    }

    /// Login of who sits there (кассир).
    async fn cashier(&self) -> &str {
        &self.0.cashier
    }

    /// Whether the caller sits there (моя смена).
    async fn mine(&self, cx: &Context<'_>) -> Result<bool> {
        Ok(self.0.cashier == cx.actor()?.label)
    }

    /// Business date of the opening (дата открытия).
    async fn opened_on(&self) -> Date {
        self.0.opened_on.into()
    }

    /// Moment of the opening (открыта).
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// In the drawer at the opening, carried from the shift before (остаток на начало).
    async fn opening(&self) -> Money {
        Money::from_tiyn(self.0.opening)
    }

    /// Moment of Z; null while it is open (закрыта).
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// Who closed it (кто закрыл).
    async fn closed_by(&self) -> Option<&str> {
        self.0.closed_by.as_deref()
    }

    /// Why the count differed (причина расхождения).
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// What went through it: X while it is open, Z once it is closed. Cash is null to who sits there before the count (обороты: X или
    /// Z).
    async fn turnover(&self, cx: &Context<'_>) -> Result<CashTurnover> {
        let (sums, counted) = (self.sums(cx).await?, self.counted(cx).await?);
        let of = |sums: Tendered| CashSum {
            count: i32::try_from(sums.count).unwrap_or(i32::MAX),
            cash: counted.then_some(sums.cash),
            card: sums.card,
        };
        Ok(CashTurnover {
            sales: of(sums.sales),
            voids: of(sums.voids),
            refunds: of(sums.refunds),
            pay_ins: of(sums.pay_ins),
            pay_outs: of(sums.pay_outs),
            collections: of(sums.collections),
            taken_over: of(sums.taken_over),
            handed_over: of(sums.handed_over),
            shortages: of(sums.shortages),
            surpluses: of(sums.surpluses),
            expected: counted.then(|| sums.expected()),
        })
    }

    /// What cash is rounded to today, once for the total of a receipt; null where nobody has settled it (единица округления).
    async fn cash_unit(&self, cx: &Context<'_>) -> Result<Option<Money>> {
        let clock = &cx.app().clock;
        let today = clock.today();
        let book = tariffs::book(cx.db(), today, today.succ_opt().unwrap_or(today), clock.now()).await?;
        Ok(book.methods.cash_unit(today).ok().map(|unit| unit.value))
    }

    /// Its counts, newest first (пересчёты).
    async fn counts(&self, cx: &Context<'_>) -> Result<Vec<CashCount>> {
        let rows = cx.loader().load_one(CountsOf(self.0.shift_id())).await?.unwrap_or_default();
        Ok(rows.into_iter().map(CashCount).collect())
    }

    /// What moved money in it, newest first (журнал смены).
    #[graphql(complexity = "10 + 20 * child_complexity")]
    async fn operations(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<CashOperation>> {
        let page = page_of::<i64>(first, after)?;
        let key = OperationsOf { shift: self.0.shift_id(), first: page.first, after: page.after };
        let slice = cx.loader().load_one(key).await?.unwrap_or_else(|| Slice::of(Vec::new(), page.first));
        Ok(connection(slice, page.after.is_some(), |row| row.id, CashOperation))
    }

    /// Orders written in it, newest first; a hundred at most (ордера смены).
    #[graphql(complexity = "20 + child_complexity")]
    async fn orders(&self, cx: &Context<'_>) -> Result<Vec<CashOrder>> {
        let rows = cx.loader().load_one(OrdersOf(self.0.shift_id())).await?.unwrap_or_default();
        Ok(rows.into_iter().map(CashOrder).collect())
    }

    /// Its Z at the cash register (Z-отчёт ККМ).
    async fn fiscal_z(&self, cx: &Context<'_>) -> Result<Option<FiscalReceipt>> {
        Ok(cx.loader().load_one(ZReceiptOf(self.0.shift_id())).await?.map(FiscalReceipt))
    }

    /// Where its Z is got as a file; null while it is open (файл).
    async fn paper_path(&self) -> Option<String> {
        self.0.is_closed().then(|| http::path_of("shifts", self.0.shift_id()))
    }
}

/// Operations of one kind (сумма операций).
#[derive(SimpleObject)]
pub struct CashSum {
    /// How many (количество).
    pub count: i32,
    /// In cash; null to who sits at the desk before the count (наличными).
    pub cash: Option<Money>,
    /// By card (картой).
    pub card: Money,
}

/// What went through a shift (обороты смены).
#[derive(SimpleObject)]
pub struct CashTurnover {
    /// Payments of subscribers (приём платежей).
    pub sales: CashSum,
    /// Undone at once (аннулирование).
    pub voids: CashSum,
    /// Given back (возвраты).
    pub refunds: CashSum,
    /// Brought in (внесение).
    pub pay_ins: CashSum,
    /// Taken out (изъятие).
    pub pay_outs: CashSum,
    /// Handed to the collectors (инкассация).
    pub collections: CashSum,
    /// From other desks (принято из других касс).
    pub taken_over: CashSum,
    /// To other desks (передано в другие кассы).
    pub handed_over: CashSum,
    /// Less than expected (недостача).
    pub shortages: CashSum,
    /// More than expected (излишек).
    pub surpluses: CashSum,
    /// What must lie in the drawer; null to who sits at the desk before the count (должно быть в кассе).
    pub expected: Option<Money>,
}

/// What moved money at a desk (кассовая операция).
pub struct CashOperation(pub Operation);

impl From<Operation> for CashOperation {
    fn from(row: Operation) -> Self {
        Self(row)
    }
}

/// What moved money at a desk (кассовая операция).
#[Object]
impl CashOperation {
    /// Node id.
    async fn id(&self) -> Gid<CashOperationId> {
        Gid(self.0.operation_id())
    }

    /// Number on the payer's slip (номер).
    async fn number(&self) -> i64 {
        self.0.id
    }

    /// What was done (вид).
    async fn kind(&self) -> CashOperationKind {
        self.0.kind
    }

    /// Where (касса).
    async fn desk(&self, cx: &Context<'_>) -> Result<CashDesk> {
        desk_by_id(cx, self.0.desk()).await
    }

    /// When; FORBIDDEN where it is no desk of the caller (смена).
    async fn shift(&self, cx: &Context<'_>) -> Result<CashShift> {
        if !sees(cx, self.0.desk()).await? {
            return Err(ApiError::new(Code::Forbidden));
        }
        cx.loader().load_one(ShiftById(self.0.shift())).await?.map(CashShift).ok_or_else(ApiError::not_found)
    }

    /// Business date (дата).
    async fn day(&self) -> Date {
        self.0.on_day.into()
    }

    /// Moment (время).
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// Login of who did it (кто выполнил).
    async fn by(&self) -> &str {
        &self.0.by
    }

    /// What the drawer has more; negative what it has less (наличными).
    async fn cash(&self) -> Money {
        Money::from_tiyn(self.0.cash)
    }

    /// The same by card (картой).
    async fn card(&self) -> Money {
        Money::from_tiyn(self.0.card)
    }

    /// Taken less asked for (округление).
    async fn rounding(&self) -> Money {
        Money::from_tiyn(self.0.rounding)
    }

    /// Cash that the payer gave (получено).
    async fn given(&self) -> Option<Money> {
        self.0.given.map(Money::from_tiyn)
    }

    /// Given back of it (сдача).
    async fn change(&self) -> Money {
        Money::from_tiyn(self.0.change)
    }

    /// Of a sale, voided; of what was handed over, taken over (отменена или принята).
    async fn undone(&self) -> bool {
        self.0.undone
    }

    /// Of a sale: what went back of it in cash (возвращено наличными).
    async fn returned_cash(&self) -> Money {
        Money::from_tiyn(self.0.returned_cash)
    }

    /// Of a sale: what went back of it by card (возвращено на карту).
    async fn returned_card(&self) -> Money {
        Money::from_tiyn(self.0.returned_card)
    }

    /// From whom or to whom (от кого, кому).
    async fn person(&self) -> Option<&str> {
        self.0.person.as_deref()
    }

    /// Why (основание).
    async fn basis(&self) -> Option<&str> {
        self.0.basis.as_deref()
    }

    /// Number of the collectors' bag (номер сумки).
    async fn bag(&self) -> Option<&str> {
        self.0.bag.as_deref()
    }

    /// The desk that it was handed over to (касса-получатель).
    async fn to_desk(&self, cx: &Context<'_>) -> Result<Option<CashDesk>> {
        match self.0.to_desk_id {
            Some(id) => Ok(Some(desk_by_id(cx, DeskId(id)).await?)),
            None => Ok(None),
        }
    }

    /// The sale that it undoes, or what it took over (исходная операция).
    async fn of_id(&self) -> Option<Gid<CashOperationId>> {
        self.0.of_id.map(|id| Gid(CashOperationId(id)))
    }

    /// Its accounts (строки).
    async fn lines(&self, cx: &Context<'_>) -> Result<Vec<CashLine>> {
        let rows = cx.loader().load_one(LinesOf(self.0.operation_id())).await?.unwrap_or_default();
        Ok(rows.into_iter().map(CashLine).collect())
    }

    /// Its cash order; null for a sale that the order of the shift holds (кассовый ордер).
    async fn order(&self, cx: &Context<'_>) -> Result<Option<CashOrder>> {
        if !sees(cx, self.0.desk()).await? {
            return Ok(None);
        }
        Ok(cx.loader().load_one(OrderOf(self.0.operation_id())).await?.map(CashOrder))
    }

    /// Its fiscal document; null at a desk without a register (фискальный чек).
    async fn receipt(&self, cx: &Context<'_>) -> Result<Option<FiscalReceipt>> {
        if !sees(cx, self.0.desk()).await? {
            return Ok(None);
        }
        Ok(cx.loader().load_one(ReceiptOf(self.0.operation_id())).await?.map(FiscalReceipt))
    }

    /// Where the payer's slip is got; null for what is no sale or return (квитанция).
    async fn slip_path(&self) -> Option<String> {
        matches!(self.0.kind, CashOperationKind::Sale | CashOperationKind::Refund)
            .then(|| http::path_of("slips", self.0.operation_id()))
    }
}

/// An account of a sale, a void or a return (строка чека).
pub struct CashLine(Line);

/// An account of a sale, a void or a return (строка чека).
#[Object]
impl CashLine {
    /// Place in the receipt, from one (номер строки).
    async fn n(&self) -> i32 {
        self.0.n
    }

    /// Whose (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// What the payer wanted credited (запрошено).
    async fn asked(&self) -> Money {
        Money::from_tiyn(self.0.asked)
    }

    /// Credited in cash, or given back (наличными).
    async fn cash(&self) -> Money {
        Money::from_tiyn(self.0.cash)
    }

    /// Credited by card, or given back (картой).
    async fn card(&self) -> Money {
        Money::from_tiyn(self.0.card)
    }

    /// The line of the sale that it is about (строка исходного чека).
    async fn of_n(&self) -> Option<i32> {
        self.0.of_n
    }
}

/// Money counted (пересчёт).
pub struct CashCount(pub Count);

impl From<Count> for CashCount {
    fn from(row: Count) -> Self {
        Self(row)
    }
}

impl CashCount {
    fn is_told(&self, cx: &Context<'_>) -> bool {
        oversees(cx) || is_told(self.0.kind, self.0.witness.is_some())
    }
}

/// Money counted (пересчёт).
#[Object]
impl CashCount {
    /// Node id.
    async fn id(&self) -> Gid<CashCountId> {
        Gid(CashCountId(self.0.id))
    }

    /// Why (вид).
    async fn kind(&self) -> CashCountKind {
        self.0.kind
    }

    /// What was counted (пересчитано).
    async fn total(&self) -> Money {
        Money::from_tiyn(self.0.total)
    }

    /// What the books expected at that moment; of a check that nobody signed, null to who sits at the desk (ожидалось).
    async fn expected(&self, cx: &Context<'_>) -> Option<Money> {
        self.is_told(cx).then(|| Money::from_tiyn(self.0.expected))
    }

    /// Counted less expected: negative is a shortage; null where what was expected is (расхождение).
    async fn difference(&self, cx: &Context<'_>) -> Option<Money> {
        self.is_told(cx).then(|| Money::from_tiyn(self.0.total - self.0.expected))
    }

    /// Who counted (кто считал).
    async fn counted_by(&self) -> &str {
        &self.0.counted_by
    }

    /// When (время).
    async fn counted_at(&self) -> DateTime<Utc> {
        self.0.counted_at
    }

    /// Who watched; null until that person signs (свидетель).
    async fn witness(&self) -> Option<&str> {
        self.0.witness.as_deref()
    }

    /// Notes and coins (купюры и монеты).
    async fn rows(&self, cx: &Context<'_>) -> Result<Vec<CashPieces>> {
        let rows = cx.loader().load_one(PiecesOf(CashCountId(self.0.id))).await?.unwrap_or_default();
        Ok(rows.into_iter().map(CashPieces::from).collect())
    }
}

/// So many of one denomination (количество знаков).
#[derive(SimpleObject)]
pub struct CashPieces {
    /// Note or coin (вид).
    pub kind: DenominationKind,
    /// Value in tenge (номинал).
    pub value: Money,
    /// Tells two designs apart; empty otherwise (дизайн).
    pub design: String,
    /// How many (количество).
    pub pieces: i32,
}

impl From<CountLine> for CashPieces {
    fn from(row: CountLine) -> Self {
        Self {
            kind: DenominationKind::from_code(&row.kind).unwrap_or(DenominationKind::Note),
            value: Money::from_tiyn(row.value),
            design: row.design,
            pieces: row.pieces,
        }
    }
}

/// A banknote or coin with the days on which it is money (денежный знак).
#[derive(SimpleObject)]
pub struct Denomination {
    /// Node id.
    pub id: Gid<DenominationId>,
    /// Note or coin (вид).
    pub kind: DenominationKind,
    /// Value in tenge (номинал).
    pub value: Money,
    /// Tells two designs apart; empty otherwise (дизайн).
    pub design: String,
    /// First day (с).
    pub from: Date,
    /// Last day; null while no end is known (по).
    pub to: Option<Date>,
    /// Where the days come from (источник).
    pub source: String,
}

impl From<denomination::Row> for Denomination {
    fn from(row: denomination::Row) -> Self {
        Self {
            id: Gid(DenominationId(row.id)),
            kind: row.kind,
            value: Money::from_tiyn(row.value),
            design: row.design,
            from: row.from_day.into(),
            to: Date::last(row.to_day),
            source: row.source,
        }
    }
}

/// A cash order, KO-1 or KO-2 (кассовый ордер).
pub struct CashOrder(pub Order);

/// A cash order, KO-1 or KO-2 (кассовый ордер).
#[Object]
impl CashOrder {
    /// Node id.
    async fn id(&self) -> Gid<CashOrderId> {
        Gid(CashOrderId(self.0.id))
    }

    /// Receipt or payout (вид).
    async fn kind(&self) -> CashOrderKind {
        self.0.kind
    }

    /// Year and number, without gaps: "2026-000012" (номер).
    async fn number(&self) -> String {
        self.0.full_number()
    }

    /// Where (касса).
    async fn desk(&self, cx: &Context<'_>) -> Result<CashDesk> {
        desk_by_id(cx, DeskId(self.0.desk_id)).await
    }

    /// Of which day (дата).
    async fn on(&self) -> Date {
        self.0.on_day.into()
    }

    /// How much (сумма).
    async fn amount(&self) -> Money {
        Money::from_tiyn(self.0.amount)
    }

    /// What it is about; null for the sales of a shift (операция).
    async fn operation(&self) -> Option<CashOperationKind> {
        self.0.operation.as_deref().and_then(CashOperationKind::from_code)
    }

    /// From whom or to whom; empty for the sales of a shift (от кого, кому).
    async fn person(&self) -> &str {
        &self.0.person
    }

    /// Why; empty for the sales of a shift (основание).
    async fn basis(&self) -> &str {
        &self.0.basis
    }

    /// Who wrote it (кто выписал).
    async fn made_by(&self) -> &str {
        &self.0.made_by
    }

    /// Where its paper is got (файл).
    async fn paper_path(&self) -> String {
        http::path_of("orders", CashOrderId(self.0.id))
    }
}

/// A fiscal document (фискальный документ).
pub struct FiscalReceipt(pub Receipt);

impl From<Receipt> for FiscalReceipt {
    fn from(row: Receipt) -> Self {
        Self(row)
    }
}

/// A fiscal document (фискальный документ).
#[Object]
impl FiscalReceipt {
    /// Node id.
    async fn id(&self) -> Gid<FiscalReceiptId> {
        Gid(self.0.receipt_id())
    }

    /// What it is (вид).
    async fn kind(&self) -> FiscalKind {
        self.0.kind
    }

    /// Where it stands (состояние).
    async fn state(&self) -> FiscalState {
        self.0.state
    }

    /// Where (касса).
    async fn desk(&self, cx: &Context<'_>) -> Result<CashDesk> {
        desk_by_id(cx, DeskId(self.0.desk_id)).await
    }

    /// Our number of it at the provider (внешний номер).
    async fn external_number(&self) -> &str {
        &self.0.external_number
    }

    /// Fiscal sign (фискальный признак).
    async fn check_number(&self) -> Option<&str> {
        self.0.check_number.as_deref()
    }

    /// Of the register, at the tax service (РНМ).
    async fn registration_number(&self) -> Option<&str> {
        self.0.registration_number.as_deref()
    }

    /// When it was registered, as the provider writes it (время регистрации).
    async fn registered(&self) -> Option<&str> {
        self.0.registered.as_deref()
    }

    /// Where the payer can look at it (ссылка).
    async fn ticket_url(&self) -> Option<&str> {
        self.0.ticket_url.as_deref()
    }

    /// Calls so far (попыток).
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When it is tried next; null when it is final (следующая попытка).
    async fn next_at(&self) -> Option<DateTime<Utc>> {
        (!self.0.state.is_final()).then_some(self.0.next_at)
    }

    /// Code of the provider's last error (код ошибки).
    async fn error_code(&self) -> Option<i32> {
        self.0.error_code
    }

    /// The same in the provider's words (ошибка).
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// When it was kept (создан).
    async fn created_at(&self) -> DateTime<Utc> {
        self.0.created_at
    }
}

/// By what sums of desks are told apart (группировка).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum CashReportBy {
    /// By desk (по кассам).
    Desk,
    /// By cashier (по кассирам).
    Cashier,
    /// By sector (по секторам).
    Sector,
    /// By day (по дням).
    Day,
}

/// Money of subscribers over the counter (кассовый отчёт).
#[derive(SimpleObject)]
pub struct CashReport {
    /// One for each desk, cashier, sector or day; a thousand at most (строки).
    pub rows: Vec<CashReportRow>,
    /// All of them (итого).
    pub total: CashReportRow,
}

/// A line of the report (строка кассового отчёта).
#[derive(SimpleObject, Default)]
pub struct CashReportRow {
    /// Code of the desk, login, code of the sector, or day; empty for all (признак).
    pub of: String,
    /// Payments, voids taken off (платежей).
    pub sales: i32,
    /// Taken in cash (наличными).
    pub cash: Money,
    /// Taken by card (картой).
    pub card: Money,
    /// Returns (возвратов).
    pub refunds: i32,
    /// Given back in cash (возвращено наличными).
    pub refunded_cash: Money,
    /// Given back by card (возвращено на карту).
    pub refunded_card: Money,
}

impl From<Sums> for CashReportRow {
    fn from(row: Sums) -> Self {
        let count = |n: i64| i32::try_from(n).unwrap_or(i32::MAX);
        Self {
            of: row.of,
            sales: count(row.sales),
            cash: Money::from_tiyn(row.cash),
            card: Money::from_tiyn(row.card),
            refunds: count(row.refunds),
            refunded_cash: Money::from_tiyn(row.refunded_cash),
            refunded_card: Money::from_tiyn(row.refunded_card),
        }
    }
}

impl CashReport {
    /// A receipt of two sectors is one sale of each, so the number of all is given by the caller.
    pub fn of(rows: Vec<Sums>) -> Self {
        let rows: Vec<CashReportRow> = rows.into_iter().map(CashReportRow::from).collect();
        let sum = |pick: fn(&CashReportRow) -> Money| -> Money { rows.iter().map(pick).sum() };
        let total = CashReportRow {
            of: String::new(),
            sales: rows.iter().map(|row| row.sales).sum(),
            cash: sum(|row| row.cash),
            card: sum(|row| row.card),
            refunds: rows.iter().map(|row| row.refunds).sum(),
            refunded_cash: sum(|row| row.refunded_cash),
            refunded_card: sum(|row| row.refunded_card),
        };
        Self { rows, total }
    }
}

/// A day of the cash book (лист кассовой книги).
#[derive(SimpleObject)]
pub struct CashBook {
    /// Of which day (дата).
    pub on: Date,
    /// In the drawer before it (остаток на начало).
    pub opening: Money,
    /// Orders of the day, as they were written; five thousand at most (ордера).
    pub orders: Vec<CashOrder>,
    /// In the drawer after it (остаток на конец).
    pub closing: Money,
    /// Where its paper is got (файл).
    pub paper_path: String,
    /// Where the register of its month is got (файл журнала регистрации).
    pub register_path: String,
}
