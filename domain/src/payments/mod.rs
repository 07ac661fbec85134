//! Payments and how they cover what is owed.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::*;

mod allocate;
pub mod channel;
mod credit;
mod intake;
mod layout;
mod reconcile;
mod refund;
mod registry;
mod suspense;
mod target;
mod transfer;

pub use crate::tariffs::{AllocationOrder, AllocationPolicy};
pub use allocate::{Target, allocate};
pub use credit::credit;
pub use intake::{Bringer, IntakeRefusal, may_take};
pub use layout::{RegistryColumn, RegistryLayout, WrongLayout};
pub use reconcile::{
    Day, DayState, LineState, MatchState, RegistryState, Remittance, RowDecision, SerialRule, StatementState,
    Terms, remittance,
};
pub use refund::{RefundRefusal, RefundState, Refundable, may_refund, most_refundable};
pub use registry::{
    Counterparty, FileErrorCode, Gap, Neighbours, Registry, RegistryRow, Statement, StatementFormat,
    StatementLine, Totals, WrongFile, day, sum,
};
pub use suspense::{SuspenseAge, SuspenseReason, SuspenseState, WrongSplit, may_split, suspense_deadline};
pub use target::{EarmarkAct, EarmarkKind, PaymentTarget};
pub use transfer::{Carried, Open, carry_over};

codes! {
    /// How money came (канал платежа).
    PaymentChannel {
        /// Cash desk of the utility (касса).
        Cash = "cash",
        /// Card at a cash desk (карта в кассе).
        Card = "card",
        /// Bank statement (банковская выписка).
        Bank = "bank",
        /// Registry file of an agent (реестр агента).
        Registry = "registry",
        /// Online payment (онлайн).
        Online = "online",
    }
}

codes! {
    /// State of a payment (состояние платежа).
    PaymentStatus {
        /// Counts (проведён).
        Recorded = "recorded",
        /// Taken back (сторнирован).
        Reversed = "reversed",
    }
}

codes! {
    /// Why balances move between accounts (вид переноса).
    TransferKind {
        /// On a document: credited to the wrong account, an heir's, an owner's (перенос сальдо).
        Balance = "balance",
        /// An account was divided, or several were joined (раздел или объединение счетов).
        Division = "division",
        /// A payment that was credited to the wrong account (ошибочно зачисленный платёж).
        Payment = "payment",
    }
}

codes! {
    /// State of a transfer (состояние переноса).
    TransferState {
        /// A second person decides (ждёт второго сотрудника).
        Waiting = "waiting",
        /// In the books (проведён).
        Posted = "posted",
        /// Declined (отклонён).
        Declined = "declined",
        /// Taken back as a whole (сторнирован).
        Reversed = "reversed",
    }
}

codes! {
    /// State of a link to pay on (состояние ссылки на оплату).
    PaymentLinkState {
        /// The provider has been asked for it (запрошена).
        Asked = "asked",
        /// Nobody has opened it (ждёт).
        Waiting = "waiting",
        /// The payer sees it (открыта).
        Opened = "opened",
        /// The money is here (оплачена).
        Paid = "paid",
        /// It will not be paid (не состоялась).
        Failed = "failed",
        /// Nobody paid in time (истекла).
        Expired = "expired",
    }
}

/// A sum still owed (открытая позиция).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenItem {
    pub id: OpenItemId,
    pub service: Service,
    pub component: Component,
    /// Month of origin: the age of the debt.
    pub origin: Period,
    pub due: NaiveDate,
    /// What is left of it.
    pub amount: Money,
}

/// Where a payment went. The parts and the advance add up to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    pub parts: Vec<(OpenItemId, Money)>,
    pub advance: Money,
}
