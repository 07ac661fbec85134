//! How the lines of a channel's registry are laid out. Agents' own formats are not public, so it is a setting of the channel.

use serde::{Deserialize, Serialize};

use crate::kernel::*;

codes! {
    /// What a column of a registry holds (столбец реестра).
    RegistryColumn {
        /// The agent's number of the payment (номер операции).
        Number = "number",
        /// The day by the agent's clock (дата).
        Date = "date",
        /// The time by the agent's clock (время).
        Time = "time",
        /// Day and time together (дата и время).
        Moment = "moment",
        /// The account as the payer typed it (лицевой счёт).
        Account = "account",
        /// What is credited (сумма).
        Amount = "amount",
        /// What the agent keeps (комиссия).
        Commission = "commission",
        /// A service of the price list (услуга).
        Service = "service",
        /// Nothing that counts (не читать).
        Skip = "skip",
    }
}

/// Lines of fields, and a closing line `word;count;sum` where the channel sends one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryLayout {
    pub separator: char,
    /// The first line names the columns.
    pub header: bool,
    /// What the closing line begins with; a file without it is refused. None where the channel closes with nothing.
    pub total: Option<String>,
    pub columns: Vec<RegistryColumn>,
}

/// Why a layout can't be read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongLayout {
    Separator,
    /// This column is missing.
    Missing(RegistryColumn),
    /// This one stands twice.
    Twice(RegistryColumn),
    /// The closing word is empty, or holds the separator.
    Total,
}

impl RegistryLayout {
    /// `txn_id ⇥ date ⇥ time ⇥ account ⇥ sum`, closed by `Total: ⇥ count ⇥ sum`: QIWI, rules of settlement.
    pub fn qiwi() -> Self {
        use RegistryColumn::*;
        let columns = vec![Number, Date, Time, Account, Amount];
        Self { separator: '\t', header: false, total: Some("Total:".into()), columns }
    }

    /// Our published daily file: `number;moment;account;amount;commission;service`, with a header and `TOTAL;count;sum`.
    pub fn published() -> Self {
        use RegistryColumn::*;
        let columns = vec![Number, Moment, Account, Amount, Commission, Service];
        Self { separator: ';', header: true, total: Some("TOTAL".into()), columns }
    }

    pub fn check(&self) -> Result<(), WrongLayout> {
        use RegistryColumn::*;
        if !matches!(self.separator, '\t' | ';' | ',' | '|') {
            return Err(WrongLayout::Separator);
        }
        let wrong_word = |word: &String| word.trim().is_empty() || word.contains(self.separator);
        if self.total.as_ref().is_some_and(wrong_word) {
            return Err(WrongLayout::Total);
        }
        let count = |column| self.columns.iter().filter(|one| **one == column).count();
        let twice = RegistryColumn::ALL.iter().find(|column| **column != Skip && count(**column) > 1);
        if let Some(column) = twice {
            return Err(WrongLayout::Twice(*column));
        }
        if count(Moment) + count(Date) > 1 {
            return Err(WrongLayout::Twice(Moment));
        }
        if count(Moment) + count(Date) == 0 {
            return Err(WrongLayout::Missing(Date));
        }
        match [Number, Account, Amount].into_iter().find(|column| count(*column) == 0) {
            Some(column) => Err(WrongLayout::Missing(column)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_names_what_a_payment_needs_once() {
        use RegistryColumn::*;
        assert_eq!(RegistryLayout::qiwi().check(), Ok(()));
        assert_eq!(RegistryLayout::published().check(), Ok(()));
        let of = |columns: &[RegistryColumn]| {
            RegistryLayout { columns: columns.to_vec(), ..RegistryLayout::published() }.check()
        };
        assert_eq!(of(&[Number, Date, Skip, Skip, Account, Amount]), Ok(()));
        assert_eq!(of(&[Number, Account, Amount]), Err(WrongLayout::Missing(Date)));
        assert_eq!(of(&[Date, Account, Amount]), Err(WrongLayout::Missing(Number)));
        assert_eq!(of(&[Number, Number, Date, Account, Amount]), Err(WrongLayout::Twice(Number)));
        assert_eq!(of(&[Number, Date, Moment, Account, Amount]), Err(WrongLayout::Twice(Moment)));
        let with = |separator, total: &str| {
            RegistryLayout { separator, total: Some(total.into()), ..RegistryLayout::published() }.check()
        };
        assert_eq!(with('x', "TOTAL"), Err(WrongLayout::Separator));
        assert_eq!(with(';', " "), Err(WrongLayout::Total));
        assert_eq!(with(';', "a;b"), Err(WrongLayout::Total));
    }
}
