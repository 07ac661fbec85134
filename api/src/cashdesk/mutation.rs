use async_graphql::{Context, InputObject, Object};
use domain::access::Permission;
use domain::cashdesk::{CashCountKind, Counted, DenominationKind, FiscalProviderCode, Means};
use domain::kernel::*;
use entities::cashdesk::denomination::NewDenomination;
use entities::cashdesk::desk::NewDesk;
use entities::cashdesk::{Desks, desk, operation, receipt};
use entities::kernel::Tx;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::Serialize;

use super::ops::{self, At, Movement, Wanted};
use super::types::*;
use crate::access;
use crate::app::App;
use crate::payload;
use crate::payments::target::PaymentTargetInput;
use crate::platform::graphql::*;
use crate::platform::{Outcome, Refusal};

/// A desk to set up or to change.
#[derive(InputObject)]
pub struct DeskSaveInput {
    /// Node id of the desk to change; a new one without (касса).
    pub id: Option<Gid<DeskId>>,
    /// The version that was seen, of a desk to change (версия).
    pub version: Option<i32>,
    /// Short, as it stands on papers (код).
    #[graphql(validator(min_length = 1, max_length = 12))]
    pub code: String,
    /// Name in Kazakh (наименование на казахском).
    #[graphql(validator(min_length = 1, max_length = 100))]
    pub name_kk: String,
    /// Name in Russian (наименование на русском).
    #[graphql(validator(min_length = 1, max_length = 100))]
    pub name_ru: String,
    /// Name in English (наименование на английском).
    #[graphql(validator(min_length = 1, max_length = 100))]
    pub name_en: String,
    /// Who registers its receipts (провайдер фискализации).
    pub provider: FiscalProviderCode,
    /// Number of its cash register (номер ККМ).
    #[graphql(validator(min_length = 3, max_length = 40))]
    pub cashbox: Option<String>,
    /// Logins of those who may sit here (кассиры).
    #[graphql(validator(max_items = 100))]
    pub cashiers: Vec<String>,
    /// Whether a shift may be opened (действует).
    #[graphql(default = true)]
    pub active: bool,
}

/// Where to sit down.
#[derive(InputObject)]
pub struct ShiftOpenInput {
    /// Node id of the desk (касса).
    pub desk_id: Gid<DeskId>,
}

/// A shift to close.
#[derive(InputObject)]
pub struct ShiftCloseInput {
    /// Node id of the shift (смена).
    pub id: Gid<ShiftId>,
    /// The count that it is closed with (пересчёт).
    pub count_id: Option<Gid<CashCountId>>,
    /// Why the count differs from the books, where it does (причина расхождения).
    #[graphql(validator(max_length = 300))]
    pub reason: Option<String>,
}

/// So many of one denomination.
#[derive(InputObject)]
pub struct CashPiecesInput {
    /// Node id of the banknote or coin (денежный знак).
    pub denomination_id: Gid<DenominationId>,
    /// How many (количество).
    #[graphql(validator(minimum = 0, maximum = 100000))]
    pub pieces: i32,
}

/// A second person who signs at the same screen.
#[derive(InputObject)]
pub struct WitnessInput {
    /// Login (логин).
    #[graphql(validator(min_length = 1, max_length = 100))]
    pub login: String,
    /// Password (пароль).
    #[graphql(validator(min_length = 1, max_length = 200))]
    pub password: String,
    /// Code of the second factor, where the person has one (код).
    pub code: Option<String>,
}

/// Money as it was counted.
#[derive(InputObject)]
pub struct CashCountInput {
    /// Node id of the shift (смена).
    pub shift_id: Gid<ShiftId>,
    /// Why (вид).
    pub kind: CashCountKind,
    /// Notes and coins; none when the drawer is empty (купюры и монеты).
    #[graphql(validator(max_items = 200))]
    pub rows: Vec<CashPiecesInput>,
    /// Who watched; without one the count waits for a signature (свидетель).
    pub witness: Option<WitnessInput>,
}

/// A count to sign.
#[derive(InputObject)]
pub struct CashCountSignInput {
    /// Node id of the count (пересчёт).
    pub id: Gid<CashCountId>,
}

/// An account of a receipt.
#[derive(InputObject, Serialize)]
pub struct CashLineInput {
    /// Node id of the account (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// What the payer wants credited, tenge (сумма).
    pub amount: Money,
    /// What it is for; by the policy of the sector when absent (назначение).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<PaymentTargetInput>,
}

fn wanted(line: &CashLineInput) -> Wanted {
    Wanted { account: line.account_id.0, sum: line.amount, target: line.target.map(Into::into) }
}

/// What a payer pays for, and how.
#[derive(InputObject, Serialize)]
pub struct CashPayInput {
    /// Node id of the desk (касса).
    pub desk_id: Gid<DeskId>,
    /// The shift in which the money was taken; refused when another one is open by now (смена).
    pub shift_id: Option<Gid<ShiftId>>,
    /// The day it is of; only today is taken (дата).
    pub day: Option<Date>,
    /// Accounts, twenty at most (лицевые счета).
    pub lines: Vec<CashLineInput>,
    /// Of the total, by card; the rest is cash (картой).
    pub card: Option<Money>,
    /// Cash that the payer gave (получено).
    pub given: Option<Money>,
    /// The same key gives the same answer, once: a lost answer is asked for again with it.
    #[graphql(validator(min_length = 8, max_length = 60))]
    pub idempotency_key: String,
}

/// What goes back of a line.
#[derive(InputObject, Serialize)]
pub struct CashRefundLineInput {
    /// Number of the line in the receipt (строка).
    pub n: i32,
    /// In cash (наличными).
    pub cash: Option<Money>,
    /// By card (картой).
    pub card: Option<Money>,
}

/// Money to be given back.
#[derive(InputObject, Serialize)]
pub struct CashRefundInput {
    /// Node id of the desk (касса).
    pub desk_id: Gid<DeskId>,
    /// The shift in which it is given back (смена).
    pub shift_id: Option<Gid<ShiftId>>,
    /// The day it is of; only today is taken (дата).
    pub day: Option<Date>,
    /// Node id of the sale (исходный чек).
    pub sale_id: Gid<CashOperationId>,
    /// What goes back, by line (строки).
    #[graphql(validator(max_items = 20))]
    pub lines: Vec<CashRefundLineInput>,
    /// On what: number and day of the payer's application (основание).
    #[graphql(validator(min_length = 3, max_length = 300))]
    pub basis: String,
    /// Who takes the money (получатель).
    #[graphql(validator(min_length = 2, max_length = 200))]
    pub person: String,
    /// The registered document behind it, where there is one (документ).
    pub document_id: Option<Gid<DocumentId>>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 60))]
    pub idempotency_key: String,
}

/// A sale to undo as if it never was.
#[derive(InputObject, Serialize)]
pub struct CashVoidInput {
    /// Node id of the desk (касса).
    pub desk_id: Gid<DeskId>,
    /// Node id of the sale (чек).
    pub sale_id: Gid<CashOperationId>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 300))]
    pub reason: String,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 60))]
    pub idempotency_key: String,
}

/// Cash that is no payment of a subscriber.
#[derive(InputObject, Serialize)]
pub struct CashMoveInput {
    /// Node id of the desk (касса).
    pub desk_id: Gid<DeskId>,
    /// The day it is of; only today is taken (дата).
    pub day: Option<Date>,
    /// How much, tenge (сумма).
    pub amount: Money,
    /// From whom or to whom (от кого, кому).
    #[graphql(validator(min_length = 2, max_length = 200))]
    pub person: String,
    /// Why (основание).
    #[graphql(validator(min_length = 3, max_length = 300))]
    pub basis: String,
    /// The registered document behind it, where there is one (документ).
    pub document_id: Option<Gid<DocumentId>>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 60))]
    pub idempotency_key: String,
}

/// Cash for the collectors.
#[derive(InputObject, Serialize)]
pub struct CashCollectInput {
    /// Node id of the desk (касса).
    pub desk_id: Gid<DeskId>,
    /// The day it is of; only today is taken (дата).
    pub day: Option<Date>,
    /// How much, tenge (сумма).
    pub amount: Money,
    /// Number of the bag (номер сумки).
    #[graphql(validator(min_length = 1, max_length = 40))]
    pub bag: String,
    /// Who takes it away (инкассатор).
    #[graphql(validator(min_length = 2, max_length = 200))]
    pub collector: String,
    /// Why (основание).
    #[graphql(validator(min_length = 3, max_length = 300))]
    pub basis: String,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 60))]
    pub idempotency_key: String,
}

/// Cash for another desk.
#[derive(InputObject, Serialize)]
pub struct CashHandOverInput {
    /// Node id of the desk that gives (касса).
    pub desk_id: Gid<DeskId>,
    /// Node id of the desk that takes (касса-получатель).
    pub to_desk_id: Gid<DeskId>,
    /// How much, tenge (сумма).
    pub amount: Money,
    /// Why (основание).
    #[graphql(validator(min_length = 3, max_length = 300))]
    pub basis: String,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 60))]
    pub idempotency_key: String,
}

/// Cash that another desk handed over.
#[derive(InputObject, Serialize)]
pub struct CashTakeOverInput {
    /// Node id of the desk that takes (касса).
    pub desk_id: Gid<DeskId>,
    /// Node id of what was handed over (передача).
    pub id: Gid<CashOperationId>,
    /// The same key gives the same answer, once.
    #[graphql(validator(min_length = 8, max_length = 60))]
    pub idempotency_key: String,
}

/// A banknote or coin to record.
#[derive(InputObject)]
pub struct DenominationAddInput {
    /// Note or coin (вид).
    pub kind: DenominationKind,
    /// Value in tenge (номинал).
    pub value: Money,
    /// Tells two designs apart while both are money (дизайн).
    #[graphql(default, validator(max_length = 60))]
    pub design: String,
    /// First day (с).
    pub from: Date,
    /// Last day, where it is known (по).
    pub to: Option<Date>,
    /// Where the days come from (источник).
    #[graphql(validator(min_length = 3, max_length = 200))]
    pub source: String,
}

/// A banknote or coin that ends.
#[derive(InputObject)]
pub struct DenominationEndInput {
    /// Node id of the banknote or coin (денежный знак).
    pub id: Gid<DenominationId>,
    /// Last day on which it is money (по).
    pub last: Date,
}

/// A fiscal document to try again.
#[derive(InputObject)]
pub struct FiscalRetryInput {
    /// Node id of the document (фискальный документ).
    pub id: Gid<FiscalReceiptId>,
}

payload!(
    /// What became of a desk (итог изменения кассы).
    CashDeskPayload {
        /// The desk (касса).
        desk: CashDesk
    }
);
payload!(
    /// What became of a shift (итог действия над сменой).
    CashShiftPayload {
        /// The shift (смена).
        shift: CashShift
    }
);
payload!(
    /// What became of a count (итог пересчёта).
    CashCountPayload {
        /// The count, with what the books expected (пересчёт).
        count: CashCount
    }
);
payload!(
    /// What was done at the desk (итог кассовой операции).
    CashOperationPayload {
        /// The operation (операция).
        operation: CashOperation
    }
);
payload!(
    /// What became of a banknote or coin (итог изменения справочника).
    DenominationPayload {
        /// The banknote or coin (денежный знак).
        denomination: Denomination
    }
);
payload!(
    /// What became of a fiscal document (итог повтора).
    FiscalReceiptPayload {
        /// The document (фискальный документ).
        receipt: FiscalReceipt
    }
);

#[derive(Default)]
pub struct CashdeskMutation;

/// Where and when an operation takes place.
fn at(cx: &Context<'_>, desk: Gid<DeskId>, shift: Option<Gid<ShiftId>>, day: Option<Date>, key: &str) -> At {
    let day = day.map_or_else(|| cx.app().clock.today(), |day| day.0);
    At { desk: desk.0, shift: shift.map(|id| id.0), day, key: key.to_owned() }
}

/// An operation under its key, then a word with the cash register: the money is in the books before anybody outside is called.
async fn moved<I, F>(
    cx: &Context<'_>,
    name: &'static str,
    key: &str,
    input: &I,
    act: F,
) -> Result<CashOperationPayload>
where
    I: Serialize + Sync,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome<operation::Operation>> + Send + 'static,
{
    let done = cx
        .write_once(name, key, input, move |tx| {
            async move { act(tx).await.map(|done| done.map(|row| row.operation_id())) }.boxed()
        })
        .await?;
    let done = match done {
        Ok(id) => Ok(settled(cx, id).await?),
        Err(refusal) => Err(refusal),
    };
    Ok(CashOperationPayload::of(done, cx.language()))
}

/// The operation as it stands once the register was asked.
async fn settled(cx: &Context<'_>, id: CashOperationId) -> Result<CashOperation> {
    let desks = Desks::of(cx.actor()?);
    let find = || operation::visible_to(cx.db(), &desks, id);
    let row = find().await?.ok_or_else(ApiError::not_found)?;
    register_goes_on(cx.app(), row.desk()).await?;
    Ok(CashOperation(find().await?.unwrap_or(row)))
}

async fn register_goes_on(app: &std::sync::Arc<App>, desk: DeskId) -> Result<()> {
    if let Some(desk) = desk::by_ids(&app.db, vec![desk.0]).await?.pop() {
        ops::fiscal::go_on(app, &desk).await;
    }
    Ok(())
}

#[Object]
impl CashdeskMutation {
    /// Sets up a cash desk, or changes it: its cash register, who may sit there (сохранить кассу).
    #[graphql(guard = "can(Permission::CashdeskOversee)")]
    async fn desk_save(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The desk as it should be.")] input: DeskSaveInput,
    ) -> Result<CashDeskPayload> {
        let app = cx.app().clone();
        let cmd = ops::SaveDesk {
            id: input.id.map(|id| (id.0, input.version.unwrap_or_default())),
            desk: NewDesk {
                code: input.code,
                names: [input.name_kk, input.name_ru, input.name_en],
                provider: input.provider,
                cashbox: input.cashbox,
                cashiers: input.cashiers,
                active: input.active,
            },
        };
        let done = cx.write(move |tx| async move { ops::save_desk(tx, &app, cmd).await }.boxed()).await?;
        Ok(CashDeskPayload::of(done, cx.language()))
    }

    /// Opens a shift at one of the caller's desks, with what the shift before left in the drawer (открыть смену).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn shift_open(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Where.")] input: ShiftOpenInput,
    ) -> Result<CashShiftPayload> {
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| async move { ops::open_shift(tx, &app, input.desk_id.0).await }.boxed())
            .await?;
        Ok(CashShiftPayload::of(done, cx.language()))
    }

    /// Keeps what was counted, then tells what was expected; the witness signs with own credentials here, or later in a session of his own
    /// (пересчитать кассу).
    #[graphql(guard = "can_any([Permission::CashdeskWork, Permission::CashdeskOversee])")]
    async fn cash_count(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What was counted.")] input: CashCountInput,
    ) -> Result<CashCountPayload> {
        let app = cx.app().clone();
        let witness = match &input.witness {
            None => None,
            Some(one) => {
                match access::ops::vouch(&app, &one.login, &one.password, one.code.as_deref()).await? {
                    Ok(staff) => Some(staff),
                    Err(refusal) => {
                        let refused: std::result::Result<CashCount, Refusal> = Err(refusal);
                        return Ok(CashCountPayload::of(refused, cx.language()));
                    }
                }
            }
        };
        let rows = input.rows.iter().map(|row| Counted {
            denomination: row.denomination_id.0,
            pieces: u32::try_from(row.pieces).unwrap_or_default(),
        });
        let cmd = ops::CountCash { shift: input.shift_id.0, kind: input.kind, rows: rows.collect(), witness };
        let done = cx.write(move |tx| async move { ops::count_cash(tx, &app, cmd).await }.boxed()).await?;
        Ok(CashCountPayload::of(done, cx.language()))
    }

    /// Signs a count that somebody else made, as its witness (подписать пересчёт).
    #[graphql(guard = "can_any([Permission::CashdeskWork, Permission::CashdeskOversee])")]
    async fn cash_count_sign(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] input: CashCountSignInput,
    ) -> Result<CashCountPayload> {
        let done = cx.write(move |tx| ops::sign_count(tx, input.id.0).boxed()).await?;
        Ok(CashCountPayload::of(done, cx.language()))
    }

    /// Closes a shift with a witnessed count: Z. Closing again answers with the same Z (закрыть смену).
    #[graphql(guard = "can_any([Permission::CashdeskWork, Permission::CashdeskOversee])")]
    async fn shift_close(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, with what.")] input: ShiftCloseInput,
    ) -> Result<CashShiftPayload> {
        let app = cx.app().clone();
        let (id, count, reason) = (input.id.0, input.count_id.map(|id| id.0), input.reason);
        let done = cx
            .write(move |tx| async move { ops::close_shift(tx, &app, id, count, reason).await }.boxed())
            .await?;
        if let Ok(row) = &done {
            register_goes_on(cx.app(), row.desk()).await?;
        }
        Ok(CashShiftPayload::of(done, cx.language()))
    }

    /// Takes money of a payer for one or several accounts, in cash, by card or both (принять платёж в кассе).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_pay(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "For what, and how.")] input: CashPayInput,
    ) -> Result<CashOperationPayload> {
        let app = cx.app().clone();
        let cmd = ops::Pay {
            at: at(cx, input.desk_id, input.shift_id, input.day, &input.idempotency_key),
            lines: input.lines.iter().map(wanted).collect(),
            card: input.card.unwrap_or_default(),
            given: input.given,
        };
        moved(cx, "cashPay", &input.idempotency_key, &input, move |tx| {
            async move { ops::pay(tx, &app, cmd).await }.boxed()
        })
        .await
    }

    /// Gives money of a sale back, by the same means and never more than was taken (вернуть деньги).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_refund(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Of what, and how much.")] input: CashRefundInput,
    ) -> Result<CashOperationPayload> {
        let app = cx.app().clone();
        let means = |line: &CashRefundLineInput| Means {
            cash: line.cash.unwrap_or_default(),
            card: line.card.unwrap_or_default(),
        };
        let cmd = ops::Refund {
            at: at(cx, input.desk_id, input.shift_id, input.day, &input.idempotency_key),
            sale: input.sale_id.0,
            lines: input.lines.iter().map(|line| (line.n, means(line))).collect(),
            basis: input.basis.clone(),
            person: input.person.clone(),
            document: input.document_id.map(|id| id.0),
        };
        moved(cx, "cashRefund", &input.idempotency_key, &input, move |tx| {
            async move { ops::refund(tx, &app, cmd).await }.boxed()
        })
        .await
    }

    /// Voids a sale of this very shift whose receipt is not final (аннулировать платёж).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_void(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and why.")] input: CashVoidInput,
    ) -> Result<CashOperationPayload> {
        let app = cx.app().clone();
        let cmd = ops::VoidSale {
            at: at(cx, input.desk_id, None, None, &input.idempotency_key),
            sale: input.sale_id.0,
            reason: input.reason.clone(),
        };
        moved(cx, "cashVoid", &input.idempotency_key, &input, move |tx| {
            async move { ops::void_sale(tx, &app, cmd).await }.boxed()
        })
        .await
    }

    /// Brings cash into the drawer, for change (внести деньги в кассу).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_pay_in(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "How much, from whom.")] input: CashMoveInput,
    ) -> Result<CashOperationPayload> {
        move_by(cx, "cashPayIn", input, Movement::PayIn).await
    }

    /// Takes cash out of the drawer (изъять деньги из кассы).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_pay_out(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "How much, to whom.")] input: CashMoveInput,
    ) -> Result<CashOperationPayload> {
        move_by(cx, "cashPayOut", input, Movement::PayOut).await
    }

    /// Hands cash to the collectors in a numbered bag (сдать выручку на инкассацию).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_collect(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "How much, in which bag.")] input: CashCollectInput,
    ) -> Result<CashOperationPayload> {
        let app = cx.app().clone();
        let cmd = ops::MoveCash {
            at: at(cx, input.desk_id, None, input.day, &input.idempotency_key),
            movement: Movement::Collection { bag: input.bag.clone() },
            amount: input.amount,
            person: input.collector.clone(),
            basis: input.basis.clone(),
            document: None,
        };
        moved(cx, "cashCollect", &input.idempotency_key, &input, move |tx| {
            async move { ops::move_cash(tx, &app, cmd).await }.boxed()
        })
        .await
    }

    /// Hands cash over to another desk: it is on its way until that desk takes it over (передать деньги в другую кассу).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_hand_over(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "How much, to which desk.")] input: CashHandOverInput,
    ) -> Result<CashOperationPayload> {
        let app = cx.app().clone();
        let cmd = ops::HandOver {
            at: at(cx, input.desk_id, None, None, &input.idempotency_key),
            to: input.to_desk_id.0,
            amount: input.amount,
            basis: input.basis.clone(),
        };
        moved(cx, "cashHandOver", &input.idempotency_key, &input, move |tx| {
            async move { ops::hand_over(tx, &app, cmd).await }.boxed()
        })
        .await
    }

    /// Takes over what another desk handed over, once and to the tiyn (принять деньги из другой кассы).
    #[graphql(guard = "can(Permission::CashdeskWork)")]
    async fn cash_take_over(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What.")] input: CashTakeOverInput,
    ) -> Result<CashOperationPayload> {
        let app = cx.app().clone();
        let cmd =
            ops::TakeOver { at: at(cx, input.desk_id, None, None, &input.idempotency_key), out: input.id.0 };
        moved(cx, "cashTakeOver", &input.idempotency_key, &input, move |tx| {
            async move { ops::take_over(tx, &app, cmd).await }.boxed()
        })
        .await
    }

    /// Records a banknote or coin that is money from a day on (записать денежный знак).
    #[graphql(guard = "can(Permission::CashdeskOversee)")]
    async fn denomination_add(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] input: DenominationAddInput,
    ) -> Result<DenominationPayload> {
        let new = NewDenomination {
            kind: input.kind,
            value: input.value,
            design: input.design.trim().to_owned(),
            from: input.from.0,
            to: input.to.and_then(Date::after),
            source: input.source,
        };
        let done = cx.write(move |tx| ops::add_denomination(tx, new).boxed()).await?;
        Ok(DenominationPayload::of(done, cx.language()))
    }

    /// Ends a banknote or coin (завершить хождение денежного знака).
    #[graphql(guard = "can(Permission::CashdeskOversee)")]
    async fn denomination_end(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and when.")] input: DenominationEndInput,
    ) -> Result<DenominationPayload> {
        let done = cx.write(move |tx| ops::end_denomination(tx, input.id.0, input.last.0).boxed()).await?;
        Ok(DenominationPayload::of(done, cx.language()))
    }

    /// Tries a fiscal document at once: one that waits, or one that was refused and has been looked into (повторить фискальный
    /// документ).
    #[graphql(guard = "can_any([Permission::CashdeskWork, Permission::CashdeskOversee])")]
    async fn fiscal_retry(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] input: FiscalRetryInput,
    ) -> Result<FiscalReceiptPayload> {
        let done = cx.write(move |tx| ops::fiscal::retry(tx, input.id.0).boxed()).await?;
        let done = match done {
            Ok(row) => {
                register_goes_on(cx.app(), DeskId(row.desk_id)).await?;
                Ok(receipt::find(cx.db(), row.receipt_id()).await?.unwrap_or(row))
            }
            Err(refusal) => Err(refusal),
        };
        Ok(FiscalReceiptPayload::of(done, cx.language()))
    }
}

async fn move_by(
    cx: &Context<'_>,
    name: &'static str,
    input: CashMoveInput,
    movement: Movement,
) -> Result<CashOperationPayload> {
    let app = cx.app().clone();
    let cmd = ops::MoveCash {
        at: at(cx, input.desk_id, None, input.day, &input.idempotency_key),
        movement,
        amount: input.amount,
        person: input.person.clone(),
        basis: input.basis.clone(),
        document: input.document_id.map(|id| id.0),
    };
    moved(cx, name, &input.idempotency_key, &input, move |tx| {
        async move { ops::move_cash(tx, &app, cmd).await }.boxed()
    })
    .await
}
