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

/// Whether an account may take a point of supply beyond those it was opened with: a legal entity whatever its contract names, a household
/// an inlet of its own house, as one in the garden. The inlet of a whole house of flats is no single household's.
pub fn may_take(sector: Sector, own_house: bool, whole_house: bool) -> bool {
    match sector {
        Sector::Legal => true,
        Sector::Private => own_house,
        Sector::Multi => own_house && !whole_house,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn households_take_inlets_of_their_own_house_only() {
        let cases = [
            (Sector::Legal, [true, true, true, true]),
            (Sector::Private, [true, true, false, false]),
            (Sector::Multi, [true, false, false, false]),
        ];
        for (sector, expected) in cases {
            let asked = [(true, false), (true, true), (false, false), (false, true)];
            assert_eq!(asked.map(|(own, whole)| may_take(sector, own, whole)), expected, "{sector:?}");
        }
    }
}
