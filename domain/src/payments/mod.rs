//! Payments and how they cover what is owed.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::*;

mod allocate;
mod credit;
mod intake;

pub use crate::tariffs::AllocationOrder;
pub use allocate::allocate;
pub use credit::credit;
pub use intake::{Bringer, IntakeRefusal, may_take};

codes! {
    /// How money came (канал платежа).
    PaymentChannel {
        /// Cash desk of the utility (касса).
        Cash = "cash",
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
