//! A registry as lines of fields.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use domain::kernel::{Money, Service};
use domain::payments::{
    FileErrorCode, Registry, RegistryColumn, RegistryLayout, RegistryRow, Totals, WrongFile, day, sum,
};

use super::MOST_ROWS;

pub fn read(text: &str, layout: &RegistryLayout) -> Result<Registry, WrongFile> {
    // The reader stops between the two signs of such an end, and would number the next line like this one.
    let text = text.replace("\r\n", "\n");
    let mut lines = csv::ReaderBuilder::new()
        .delimiter(layout.separator as u8)
        .quoting(layout.separator != '\t')
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut registry = Registry::default();
    let mut headed = !layout.header;
    let mut fields = csv::StringRecord::new();
    while lines.read_record(&mut fields).map_err(|error| WrongFile {
        detail: error.to_string(),
        ..WrongFile::new(FileErrorCode::Unreadable)
    })? {
        let line = fields.position().map_or(0, |at| u32::try_from(at.line()).unwrap_or(u32::MAX));
        if fields.iter().all(str::is_empty) {
            continue;
        }
        if registry.said.is_some() {
            return Err(WrongFile::at(FileErrorCode::AfterTotals, line, &fields[0]));
        }
        if is_total(&fields[0], layout) {
            registry.said = Some(totals(&fields, line)?);
        } else if !headed {
            headed = true;
        } else if registry.rows.len() == MOST_ROWS {
            return Err(WrongFile::at(FileErrorCode::TooLong, line, ""));
        } else {
            registry.rows.push(row(&fields, line, layout)?);
        }
    }
    if registry.rows.is_empty() && registry.said.is_none() {
        return Err(WrongFile::new(FileErrorCode::Empty));
    }
    Ok(registry)
}

fn is_total(first: &str, layout: &RegistryLayout) -> bool {
    let word = |text: &str| text.trim_end_matches(':').to_lowercase();
    layout.total.as_ref().is_some_and(|total| word(first) == word(total.trim()))
}

/// An agent who took nothing closes with `0;0.00`.
fn totals(fields: &csv::StringRecord, line: u32) -> Result<Totals, WrongFile> {
    let wrong = |code, at| WrongFile::at(code, line, fields.get(at).unwrap_or_default());
    let count = fields.get(1).and_then(|count| count.parse().ok());
    let said = fields.get(2).and_then(sum);
    Ok(Totals {
        count: count.ok_or_else(|| wrong(FileErrorCode::Fields, 1))?,
        sum: said.ok_or_else(|| wrong(FileErrorCode::BadSum, 2))?,
    })
}

fn row(fields: &csv::StringRecord, line: u32, layout: &RegistryLayout) -> Result<RegistryRow, WrongFile> {
    // A separator after the last field is no field.
    let count = if fields.len() == layout.columns.len() + 1 && fields[fields.len() - 1].is_empty() {
        fields.len() - 1
    } else {
        fields.len()
    };
    if count != layout.columns.len() {
        let detail = format!("{count} ≠ {}", layout.columns.len());
        return Err(WrongFile { detail, ..WrongFile::at(FileErrorCode::Fields, line, "") });
    }
    let mut row = RegistryRow {
        line,
        external_id: String::new(),
        account: String::new(),
        amount: Money::ZERO,
        commission: Money::ZERO,
        paid_at: NaiveDateTime::default(),
        service: None,
    };
    let (mut on, mut at): (Option<NaiveDate>, Option<NaiveTime>) = (None, None);
    for (column, text) in layout.columns.iter().zip(fields) {
        let wrong = |code| WrongFile::at(code, line, text);
        match column {
            RegistryColumn::Number if is_number(text) => row.external_id = text.to_owned(),
            RegistryColumn::Number => return Err(wrong(FileErrorCode::BadNumber)),
            RegistryColumn::Account => row.account = text.chars().take(200).collect(),
            RegistryColumn::Amount => {
                let sum = sum(text).filter(|sum| sum.is_positive());
                row.amount = sum.ok_or_else(|| wrong(FileErrorCode::BadSum))?;
            }
            RegistryColumn::Commission if text.is_empty() => {}
            RegistryColumn::Commission => {
                row.commission = sum(text).ok_or_else(|| wrong(FileErrorCode::BadSum))?;
            }
            RegistryColumn::Date => on = Some(day(text).ok_or_else(|| wrong(FileErrorCode::BadDate))?),
            RegistryColumn::Time => at = Some(time(text).ok_or_else(|| wrong(FileErrorCode::BadDate))?),
            RegistryColumn::Moment => {
                let (date, clock) = text.split_once(['T', ' ']).unwrap_or((text, "00:00:00"));
                let both = day(date).zip(time(clock));
                let (date, clock) = both.ok_or_else(|| wrong(FileErrorCode::BadDate))?;
                (on, at) = (Some(date), Some(clock));
            }
            RegistryColumn::Service if text.is_empty() => {}
            RegistryColumn::Service => {
                let service = Service::from_code(&text.to_lowercase());
                row.service = Some(service.ok_or_else(|| wrong(FileErrorCode::BadService))?);
            }
            RegistryColumn::Skip => {}
        }
    }
    let on = on.ok_or_else(|| WrongFile::at(FileErrorCode::BadDate, line, ""))?;
    row.paid_at = on.and_time(at.unwrap_or_default());
    Ok(row)
}

/// As the keys of payments are kept: digits of any length, for no number of an agent fits into an integer for sure.
fn is_number(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `14:30:59`, `14:30`, `143059`; fractions and a zone are left out.
fn time(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    let plain = text.split_once('.').map_or(text, |(whole, _)| whole);
    let form = match plain.len() {
        8 => "%H:%M:%S",
        6 => "%H%M%S",
        5 => "%H:%M",
        _ => return None,
    };
    NaiveTime::parse_from_str(plain, form).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const QIWI: &str = include_str!("../../../../tests/samples/registries/QIWI_10244_202603251.csv");
    const PUBLISHED: &str = include_str!("../../../../tests/samples/registries/KASPI_20260325_1.csv");

    fn said(registry: &Registry) -> Vec<String> {
        let of = |row: &RegistryRow| {
            let service = row.service.map_or("-", |service| service.code());
            let RegistryRow { line, external_id, account, amount, commission, paid_at, .. } = row;
            format!("{line} {external_id} {account} {amount} {commission} {paid_at} {service}")
        };
        registry.rows.iter().map(of).collect()
    }

    /// Acceptance case 57.
    #[test]
    fn the_file_of_qiwi_is_read_with_any_end_of_lines() {
        let layout = RegistryLayout::qiwi();
        let read_as = |text: &str| super::super::read(text.as_bytes(), &layout).unwrap();
        let unix = read_as(QIWI);
        assert_eq!(
            said(&unix)[..2],
            [
                "1 90210000000000017 1000001 1250.45 0.00 2026-03-25 09:14:07 -",
                "2 00090210000000000018 1000002 300.00 0.00 2026-03-25 12:00:00 -"
            ],
            "zeros of a number stay"
        );
        assert_eq!(unix.said, Some(Totals { count: 5, sum: Money::tenge("6300.45").unwrap() }));
        assert_eq!(read_as(&QIWI.replace('\n', "\r\n")), unix);
        assert_eq!(read_as(&QIWI.replace("Total:", "TOTAL")), unix);
        assert_eq!(read_as(&QIWI.replace('\n', "\t\n")).rows, unix.rows, "a tab after the last field");
    }

    /// Acceptance case 58.
    #[test]
    fn a_file_whose_totals_differ_is_refused_whole() {
        let code =
            |text: String| super::super::read(text.as_bytes(), &RegistryLayout::qiwi()).unwrap_err().code;
        use FileErrorCode::*;
        assert_eq!(code(QIWI.replace("\t6300.45", "\t6300.46")), TotalsDiffer);
        assert_eq!(code(QIWI.replace("Total:\t5", "Total:\t4")), TotalsDiffer);
        assert_eq!(code(QIWI.replace("Total:\t5\t6300.45\n", "")), NoTotals);
        assert_eq!(code(QIWI.replace("1250.45", "1250.455")), BadSum);
        assert_eq!(code(QIWI.replace("25.03.2026\t09", "31.02.2026\t09")), BadDate);
        assert_eq!(code(QIWI.replace("90210000000000017", "")), BadNumber);
        assert_eq!(code(QIWI.replace("09:14:07", "09:14:07\t1")), Fields);
        assert_eq!(code(format!("{QIWI}{QIWI}")), AfterTotals);
        assert_eq!(code(String::new()), Empty);
    }

    #[test]
    fn the_published_file_is_read_and_a_layout_is_a_setting() {
        let published = super::super::read(PUBLISHED.as_bytes(), &RegistryLayout::published()).unwrap();
        assert_eq!(
            said(&published)[..2],
            [
                "2 700100200300 1000001 3410.20 27.28 2026-03-25 10:15:00 -",
                "3 700100200301 1000002 2100.00 16.80 2026-03-25 18:02:11 water"
            ]
        );
        use RegistryColumn::*;
        let other = RegistryLayout {
            separator: ',',
            header: false,
            total: None,
            columns: vec![Skip, Date, Time, Number, Account, Skip, Amount],
        };
        let text = "1,2026-03-25,14:30,77120045,\"1000003\",\"Иванов, И.\",\"1 250,45\"\n";
        let got = super::super::read(text.as_bytes(), &other).unwrap();
        assert_eq!(said(&got), ["1 77120045 1000003 1250.45 0.00 2026-03-25 14:30:00 -"]);
    }

    #[test]
    fn a_day_without_payments_is_a_file_too() {
        let nothing = super::super::read(b"Total:\t0\t0.00\r\n", &RegistryLayout::qiwi()).unwrap();
        assert!(nothing.rows.is_empty());
    }

    fn written(rows: &[(u64, u32, i64)], layout: &RegistryLayout) -> String {
        let mut text = String::new();
        for (number, account, tiyn) in rows {
            let sum = Money::from_tiyn(*tiyn);
            text += &format!("{number}\t25.03.2026\t10:00:00\t{account}\t{sum}\n");
        }
        let sum: Money = rows.iter().map(|(.., tiyn)| Money::from_tiyn(*tiyn)).sum();
        text + &format!("{}\t{}\t{sum}\n", layout.total.as_deref().unwrap_or_default(), rows.len())
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            for layout in [RegistryLayout::qiwi(), RegistryLayout::published()] {
                let _ = super::super::read(&bytes, &layout);
            }
        }

        #[test]
        fn what_looks_like_a_file_is_too(text in "([0-9a-zA-Z.:T\\- ]{0,12}[\t;\n]){0,40}") {
            for layout in [RegistryLayout::qiwi(), RegistryLayout::published()] {
                let _ = super::super::read(text.as_bytes(), &layout);
            }
        }

        #[test]
        fn one_tiyn_or_one_line_too_many_refuses_the_file(
            rows in prop::collection::vec((any::<u64>(), any::<u32>(), 1..1_000_000_000_i64), 1..20),
            at in any::<prop::sample::Index>(),
        ) {
            let layout = RegistryLayout::qiwi();
            let right = written(&rows, &layout);
            prop_assert_eq!(super::super::read(right.as_bytes(), &layout).unwrap().rows.len(), rows.len());
            let mut more = rows.clone();
            let at = at.index(more.len());
            more[at].2 += 1;
            let total = right.lines().last().unwrap();
            let lines = written(&more, &layout);
            let wrong = lines.lines().take(rows.len()).chain([total]).collect::<Vec<_>>().join("\n");
            let refused = super::super::read(wrong.as_bytes(), &layout).unwrap_err();
            prop_assert_eq!(refused.code, FileErrorCode::TotalsDiffer);
            let fewer = right.lines().skip(1).collect::<Vec<_>>().join("\n");
            let refused = super::super::read(fewer.as_bytes(), &layout).unwrap_err();
            prop_assert_eq!(refused.code, FileErrorCode::TotalsDiffer);
        }
    }
}
