#![doc = include_str!("README.md")]

mod count;
mod fiscal;
mod order;
mod post;
mod refund;
mod shift;
mod tender;

use crate::kernel::codes;

pub use count::{CountRefusal, Counted, Denomination, Difference, count, difference, is_told};
pub use fiscal::{Heard, Next, next, pause};
pub use order::{OrderNumber, numbered};
pub use post::{CashEntry, post};
pub use refund::{Means, ReturnRefusal, Sold, may_refund, may_void};
pub use shift::{
    CloseRefusal, Closing, ShiftFacts, ShiftRefusal, Tendered, Turnover, may_close, may_pay_out, may_work,
};
pub use tender::{Part, Tender, TenderRefusal, round_cash, tender};

codes! {
    /// What was done at a cash desk (кассовая операция).
    CashOperationKind {
        /// Money of subscribers (приём платежа).
        Sale = "sale",
        /// Money given back in a later moment, on an application (возврат).
        Refund = "refund",
        /// A sale undone at once: same shift, no final receipt (аннулирование).
        Void = "void",
        /// Money brought into the desk, for change (внесение).
        PayIn = "pay_in",
        /// Money taken out of the desk (изъятие).
        PayOut = "pay_out",
        /// Handed to the collectors in a bag (инкассация).
        Collection = "collection",
        /// Given to another desk (передано в другую кассу).
        HandoverOut = "handover_out",
        /// Taken over from another desk (принято из другой кассы).
        HandoverIn = "handover_in",
        /// Less than expected at the count (недостача).
        Shortage = "shortage",
        /// More than expected at the count (излишек).
        Surplus = "surplus",
    }
}

codes! {
    /// Account of the desk's own books (счёт кассового учёта).
    CashAccount {
        /// Money in the drawer of a desk (денежные средства в кассе).
        Cash = "cash",
        /// In a bag on its way to the bank (денежные средства в пути).
        InTransit = "in_transit",
        /// Taken by card, owed by the bank (расчёты с банком по картам).
        Card = "card",
        /// Against the ledger: what subscribers paid (расчёты с абонентами через кассу).
        Subscribers = "subscribers",
        /// Change and other money between the desk and the main cash office (расчёты с главной кассой).
        Office = "office",
        /// On its way from desk to desk (переводы между кассами).
        Handover = "handover",
        /// A shortage is owed by the cashier (недостача за кассиром).
        Cashier = "cashier",
        /// Found too much (излишек, прочие доходы).
        Surplus = "surplus",
    }
}

codes! {
    /// Why money was counted (вид пересчёта).
    CashCountKind {
        /// In between, to check (внезапная проверка).
        Check = "check",
        /// Before the shift is closed (при закрытии смены).
        Closing = "closing",
    }
}

codes! {
    /// Cash order (кассовый ордер).
    CashOrderKind {
        /// KO-1, money came in (приходный кассовый ордер).
        Receipt = "receipt",
        /// KO-2, money went out (расходный кассовый ордер).
        Payout = "payout",
    }
}

codes! {
    /// For what a receipt order is written (на что выписывается приходный ордер).
    OrdersOfSales {
        /// One for all sales of a shift: payers have their fiscal receipts (один на смену).
        Shift = "shift",
        /// One for each sale (на каждый платёж).
        Each = "each",
    }
}

codes! {
    /// Banknote or coin (вид денежного знака).
    DenominationKind {
        /// Banknote (банкнота).
        Note = "note",
        /// Coin (монета).
        Coin = "coin",
    }
}

codes! {
    /// Who registers the receipts of a desk (провайдер фискализации).
    FiscalProviderCode {
        /// Nobody: the desk has no cash register (без ККМ).
        None = "none",
        /// WebKassa.
        Webkassa = "webkassa",
    }
}

codes! {
    /// What is registered (вид фискального документа).
    FiscalKind {
        /// A sale (продажа).
        Sell = "sell",
        /// A return of a sale (возврат продажи).
        Refund = "refund",
        /// Money brought in (внесение).
        MoneyIn = "money_in",
        /// Money taken out (изъятие).
        MoneyOut = "money_out",
        /// The report that ends a shift (Z-отчёт).
        Z = "z",
    }
}

codes! {
    /// Where a fiscal document stands (состояние фискального документа).
    FiscalState {
        /// Not sent yet (ждёт отправки).
        Waiting = "waiting",
        /// Sent, the answer is not known: it will be asked for (результат неизвестен).
        Asking = "asking",
        /// Registered (зарегистрирован).
        Done = "done",
        /// Registered with an autonomous sign, while the register has no line (автономно).
        Offline = "offline",
        /// Refused for good: somebody must look (отклонён).
        Refused = "refused",
        /// The sale was undone before it was sent (отменён).
        Cancelled = "cancelled",
    }
}

impl CashOperationKind {
    /// The order that is written for the movement at once; sales and their voids may share one per shift.
    pub const fn order(self) -> CashOrderKind {
        match self {
            Self::Sale | Self::PayIn | Self::HandoverIn | Self::Surplus => CashOrderKind::Receipt,
            Self::Refund
            | Self::Void
            | Self::PayOut
            | Self::Collection
            | Self::HandoverOut
            | Self::Shortage => CashOrderKind::Payout,
        }
    }

    /// Whether it is a payment of a subscriber or its undoing: it waits for the order of the shift.
    pub const fn is_of_sales(self) -> bool {
        matches!(self, Self::Sale | Self::Void)
    }

    /// What the cash register must know of it; a void leaves no trace there. A return is one only of what the register saw sold; of
    /// an older sale it is just money that leaves the drawer.
    pub const fn fiscal(self, registered: bool) -> Option<FiscalKind> {
        match self {
            Self::Sale => Some(FiscalKind::Sell),
            Self::Refund if registered => Some(FiscalKind::Refund),
            Self::Refund => Some(FiscalKind::MoneyOut),
            Self::Void => None,
            Self::PayIn | Self::HandoverIn | Self::Surplus => Some(FiscalKind::MoneyIn),
            Self::PayOut | Self::Collection | Self::HandoverOut | Self::Shortage => {
                Some(FiscalKind::MoneyOut)
            }
        }
    }
}

impl FiscalKind {
    /// Money that is no payment: only its sum is told.
    pub const fn is_of_money(self) -> bool {
        matches!(self, Self::MoneyIn | Self::MoneyOut)
    }
}

impl FiscalState {
    /// Nothing more will come of it by itself.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Asking)
    }

    /// The register has it.
    pub const fn is_registered(self) -> bool {
        matches!(self, Self::Done | Self::Offline)
    }
}
