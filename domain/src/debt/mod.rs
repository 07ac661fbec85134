//! Debt: penalty, ageing, limitation, campaigns, notices, instalments, claims.

mod ageing;
mod campaign;
mod certificate;
mod claim;
mod limitation;
mod penalty;
mod plan;
mod rates;

pub use ageing::AgeBucket;
pub use campaign::{CampaignState, fulfilled};
pub use certificate::{CertificateRequires, Clearance, OwedItem};
pub use claim::{
    ClaimChoice, ClaimCostKind, ClaimKind, ClaimStanding, ClaimState, ClaimStep, ClaimedPart, OpenDebt,
    Unclaimable, WrongClaim, WrongStep, choose, claimable, may_step, penalty_with, settled_as,
};
pub use limitation::{InterruptionKind, expires_on};
pub use penalty::{Move, OverdueItem, Parked, PenaltyMonth, PenaltySlice, Span, penalty};
pub use plan::{PlanPart, PlanState, WrongPlan, looked_at, missed, split_plan};
pub use rates::{AtRate, by_rates};

use crate::kernel::*;

codes! {
    /// Where an accrual of penalty stands (состояние начисления пени).
    AccrualState {
        /// Being reckoned; nothing is posted (рассчитывается).
        Reckoning = "reckoning",
        /// Reckoned: its sums can be looked at and posted (рассчитано).
        Ready = "ready",
        /// Being posted (проводится).
        Posting = "posting",
        /// Posted (проведено).
        Posted = "posted",
        /// Being taken back (сторнируется).
        Reversing = "reversing",
        /// Taken back (сторнировано).
        Reversed = "reversed",
        /// Put away before it was posted (отменено).
        Dropped = "dropped",
    }
}

codes! {
    /// Where a dispute stands (состояние спора).
    DisputeState {
        /// Being looked into; its sum rests (рассматривается).
        Open = "open",
        /// The subscriber was right: the sum was taken back (решён в пользу абонента).
        For = "for",
        /// The sum stands (решён в пользу предприятия).
        Against = "against",
    }
}

codes! {
    /// Where a notice of disconnection stands (состояние уведомления).
    NoticeState {
        /// Warned, the deadline runs (предупреждён).
        Warned = "warned",
        /// Paid in time or later (оплачено).
        Paid = "paid",
        /// Pays by instalments (рассрочка).
        Plan = "plan",
        /// The debt is disputed (спор).
        Disputed = "disputed",
        /// The debt is claimed by a court, a notary or a bailiff (взыскивается).
        Claimed = "claimed",
        /// Disconnected on an act (отключён).
        Disconnected = "disconnected",
        /// Connected again (подключён).
        Reconnected = "reconnected",
        /// Taken back (отозвано).
        Withdrawn = "withdrawn",
    }
}

codes! {
    /// Where an order of write-off stands (состояние приказа о списании).
    WriteOffState {
        /// Waits for a second person (ждёт второго лица).
        Proposed = "proposed",
        /// Posted; the sums are off-balance (проведён).
        Posted = "posted",
        /// Not agreed to (отклонён).
        Declined = "declined",
    }
}
