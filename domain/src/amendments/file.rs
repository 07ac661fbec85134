//! A file or pasted list of changes: account; fact; new value; day; serial number of the meter.

use chrono::NaiveDate;

use super::AmendmentFact;
use crate::kernel::*;
use crate::tariffs::Amenity;

/// A line that says something: what becomes true of an account from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Of the account, present or old.
    pub number: String,
    pub said: Said,
    /// From which day on; of a reading, on which day it was taken.
    pub day: NaiveDate,
    /// Which meter, where an account has several.
    pub serial: Option<String>,
}

/// What a change says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Residents(u8),
    Amenity(Amenity),
    Reading(Volume),
}

impl Said {
    pub fn fact(self) -> AmendmentFact {
        match self {
            Self::Residents(_) => AmendmentFact::Residents,
            Self::Amenity(_) => AmendmentFact::Amenity,
            Self::Reading(_) => AmendmentFact::Reading,
        }
    }

    /// As it is kept and shown.
    pub fn text(self) -> String {
        match self {
            Self::Residents(count) => count.to_string(),
            Self::Amenity(amenity) => amenity.code().to_owned(),
            Self::Reading(value) => value.to_string(),
        }
    }

    /// What was kept by [`Said::text`].
    pub fn read(fact: AmendmentFact, text: &str) -> Option<Self> {
        match fact {
            AmendmentFact::Residents => {
                text.parse().ok().filter(|count| *count <= MOST_RESIDENTS).map(Self::Residents)
            }
            // Watering is a norm of plots, no amenity of a dwelling.
            AmendmentFact::Amenity => {
                Amenity::from_code(text).filter(|one| *one != Amenity::Watering).map(Self::Amenity)
            }
            AmendmentFact::Reading => text.replace(',', ".").parse().ok().map(Self::Reading),
            AmendmentFact::Payment | AmendmentFact::Verification | AmendmentFact::Installation => None,
        }
    }
}

/// Of a dwelling, as the register keeps them.
const MOST_RESIDENTS: u8 = 99;

/// What is wrong with a line, and with which: lines count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFault {
    pub line: usize,
    pub column: &'static str,
}

/// Lines of a list; cells are parted by semicolons or tabs. A first line that names its columns is passed over, blank ones too.
pub fn parse(text: &str) -> Result<Vec<Change>, FileFault> {
    let mut found = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let fault = |column| FileFault { line: at + 1, column };
        let cells: Vec<&str> = line.split([';', '\t']).map(str::trim).collect();
        let cell = |n: usize| cells.get(n).copied().unwrap_or_default();
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let fact = AmendmentFact::from_code(&cell(1).to_lowercase());
        let Some(fact) = fact else {
            if at == 0 && !cell(0).chars().any(|c| c.is_ascii_digit()) {
                continue;
            }
            return Err(fault("fact"));
        };
        if cell(0).is_empty() {
            return Err(fault("account"));
        }
        let said = Said::read(fact, cell(2)).ok_or(fault("value"))?;
        let day = ["%Y-%m-%d", "%d.%m.%Y"].iter().find_map(|f| NaiveDate::parse_from_str(cell(3), f).ok());
        found.push(Change {
            number: cell(0).to_owned(),
            said,
            day: day.ok_or(fault("day"))?,
            serial: Some(cell(4)).filter(|serial| !serial.is_empty()).map(str::to_owned),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_as_it_is_pasted() {
        let text = "\u{feff}account;fact;value;day;meter\n\n1000001;residents;3;2026-03-01\n1000002\treading\t123,456\t20.03.2026\tS-7\n\
                    1000003; amenity ; household ;2026-03-10;\n";
        let found = parse(text).unwrap();
        let said: Vec<_> = found.iter().map(|one| (one.said.fact(), one.said.text())).collect();
        assert_eq!(
            said,
            [
                (AmendmentFact::Residents, "3".into()),
                (AmendmentFact::Reading, "123.456".into()),
                (AmendmentFact::Amenity, "household".into())
            ]
        );
        assert_eq!(found[1].serial.as_deref(), Some("S-7"));
        assert_eq!(
            (found[0].day, found[2].serial.as_deref()),
            (NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(), None)
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line_and_column() {
        for (text, line, column) in [
            ("1;residents;3;2026-03-01\n2;resident;3;2026-03-01", 2, "fact"),
            ("1;residents;;2026-03-01", 1, "value"),
            ("1;residents;300;2026-03-01", 1, "value"),
            ("1;payment;3;2026-03-01", 1, "value"),
            (";residents;3;2026-03-01", 1, "account"),
            ("1;residents;3;2026-13-01", 1, "day"),
            ("1;residents;3", 1, "day"),
        ] {
            assert_eq!(parse(text), Err(FileFault { line, column }), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_again(residents in 0_u8..=99, liters in 0_i64..99_999_000) {
            for said in [Said::Residents(residents), Said::Reading(Volume::from_liters(liters))] {
                prop_assert_eq!(Said::read(said.fact(), &said.text()), Some(said));
            }
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,80}") {
            let _ = parse(&text);
        }
    }
}
