//! Accounts, the people and organisations behind them, and registered residents.

mod nearly;
mod shares;

pub use nearly::nearness;
pub use shares::{Fraction, MOST_PARTS, make_up, parts};

use crate::kernel::*;

codes! {
    /// Who a party is (вид лица).
    PartyKind {
        /// A person, identified by ИИН (физическое лицо).
        Person = "person",
        /// An organisation, identified by БИН (юридическое лицо).
        Organisation = "organisation",
    }
}

codes! {
    /// State of an account (состояние лицевого счёта).
    AccountStatus {
        /// Charged every month (действующий).
        Active = "active",
        /// Moved out: no charges, a debt stays payable (закрытый).
        Closed = "closed",
    }
}

codes! {
    /// Where a count of residents was taken from (источник числа проживающих).
    ResidencySource {
        /// Certificate or service of eGov (справка eGov).
        Egov = "egov",
        /// A paper of the subscriber (документ абонента).
        Document = "document",
        /// A visit of an inspector (акт обследования).
        Inspection = "inspection",
        /// Taken over from an imported register (загрузка).
        Import = "import",
    }
}
