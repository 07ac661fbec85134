//! Contracts: public ones for residents, individual ones for legal entities.

use crate::kernel::*;

codes! {
    /// What kind of contract it is (вид договора).
    ContractKind {
        /// The public contract, accepted by using the service (публичный договор).
        Public = "public",
        /// Signed with one subscriber (индивидуальный договор).
        Individual = "individual",
    }
}

codes! {
    /// State of a contract (состояние договора).
    ContractStatus {
        /// In force (действует).
        Active = "active",
        /// Ended (расторгнут).
        Terminated = "terminated",
    }
}
