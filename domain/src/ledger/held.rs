//! What holds an open item where it is.

use crate::kernel::*;

codes! {
    /// What holds an open item on its account: until it is over, the item is neither moved to another account nor divided (что
    /// удерживает задолженность на счёте). The view `ledger.held_item` says which items are held; whatever else holds one joins both.
    HeldBy {
        /// Its sum is disputed (спор).
        Dispute = "dispute",
        /// It is paid by instalments (рассрочка).
        Plan = "plan",
        /// A notary, a court or a manager of a bankruptcy decides about it (взыскание).
        Claim = "claim",
    }
}
