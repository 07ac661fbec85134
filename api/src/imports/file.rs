//! From bytes to lines and from texts to values. Knows no registers.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::NaiveDate;
use domain::imports::{ImportKind, RowError};
use domain::kernel::{Identification, IdentificationKind, Money, Volume};
use entities::imports::stage::{Problem, Value};
use entities::kernel::crypto::Vault;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::kinds::{Column, Type, columns};

/// Before a sealed field of a kept row.
const SEALED: char = '\u{1}';
/// What a reader without the right sees of personal data.
pub const MASK: &str = "•••";

/// The text of a file; `true` when it came in windows-1251, as old programs still write.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => (encoding_rs::WINDOWS_1251.decode_without_bom_handling(bytes).0, true),
    }
}

/// A file as lines.
#[derive(Debug)]
pub struct Sheet {
    pub header: Vec<String>,
    pub delimiter: char,
    /// Number of the line in the file, and its fields.
    pub lines: Vec<(i32, Vec<String>)>,
    /// Count and sum (tiyn) of the closing line `TOTAL;count;sum` of a file of money.
    pub control: Option<(i64, i64)>,
}

/// Reads the lines; `;` or `,` (or a tab) is whatever the header has more of.
pub fn read(kind: ImportKind, text: &str) -> Result<Sheet, csv::Error> {
    let head = text.lines().next().unwrap_or_default();
    let count = |of: char| head.chars().filter(|c| *c == of).count();
    let delimiter = [';', ',', '\t'].into_iter().max_by_key(|of| (count(*of), *of == ';')).unwrap_or(';');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter as u8)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut sheet = Sheet { header: Vec::new(), delimiter, lines: Vec::new(), control: None };
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, |at| first_line(text, at));
        let fields: Vec<String> = record.iter().map(|field| field.replace('\0', "")).collect();
        if sheet.header.is_empty() {
            sheet.header = fields.into_iter().map(|name| name.to_lowercase()).collect();
        } else if kind.needs_totals() && fields[0].eq_ignore_ascii_case("total") {
            let count = fields.get(1).and_then(|count| count.parse().ok());
            let sum = fields.get(2).and_then(|sum| Money::tenge(&number(sum)).ok());
            sheet.control = count.zip(sum.map(Money::tiyn));
        } else if fields.iter().any(|field| !field.is_empty()) {
            sheet.lines.push((i32::try_from(line).unwrap_or(i32::MAX), fields));
        }
    }
    Ok(sheet)
}

/// The line a record stands on: its position begins before the empty lines that the reader skips.
fn first_line(text: &str, at: &csv::Position) -> u64 {
    let start = usize::try_from(at.byte()).unwrap_or(0);
    let skipped = text.as_bytes().iter().skip(start).take_while(|byte| matches!(byte, b'\n' | b'\r'));
    at.line() + skipped.filter(|byte| **byte == b'\n').count() as u64
}

/// Required columns that the header lacks.
pub fn missing(kind: ImportKind, header: &[String]) -> Vec<&'static str> {
    let required = columns(kind).iter().filter(|column| column.required);
    required.map(|column| column.name).filter(|name| !header.iter().any(|have| have == name)).collect()
}

/// Where each column of the kind stands in a header.
pub struct Layout {
    width: usize,
    places: Vec<(Column, Option<usize>)>,
}

impl Layout {
    pub fn new(kind: ImportKind, header: &[String]) -> Self {
        let place = |column: &Column| header.iter().position(|name| name == column.name);
        Self { width: header.len(), places: columns(kind).iter().map(|c| (*c, place(c))).collect() }
    }

    /// Seals the fields of personal data before they are kept.
    pub fn seal(&self, vault: &Vault, fields: &mut [String]) {
        for at in self.personal() {
            if let Some(field) = fields.get_mut(at).filter(|field| !field.is_empty()) {
                *field = format!("{SEALED}{}", STANDARD_NO_PAD.encode(vault.seal(field)));
            }
        }
    }

    /// The fields as they came; without a vault personal data is masked.
    pub fn show(&self, vault: Option<&Vault>, fields: &mut [String]) {
        for at in self.personal() {
            if let Some(field) = fields.get_mut(at).filter(|field| !field.is_empty()) {
                *field = vault.and_then(|vault| open(vault, field)).unwrap_or_else(|| MASK.to_owned());
            }
        }
    }

    fn personal(&self) -> impl Iterator<Item = usize> {
        self.places.iter().filter(|(column, _)| column.kind.is_personal()).filter_map(|(_, place)| *place)
    }

    /// Values of a line in the order of the kind's columns, with what is wrong with their texts.
    pub fn values(&self, vault: &Vault, line: i32, fields: &[String]) -> (Vec<Value>, Vec<Problem>) {
        let mut problems = Vec::new();
        if fields.len() != self.width {
            problems.push(Problem::new(line, RowError::FieldCount, ""));
        }
        let mut text_of = |column: &Column, place: Option<usize>| {
            let field = place.and_then(|at| fields.get(at)).map_or("", String::as_str);
            let text = if column.kind.is_personal() {
                open(vault, field).map_or(Cow::Borrowed(field), Cow::Owned)
            } else {
                Cow::Borrowed(field)
            };
            if text.is_empty() && column.required && !matches!(column.kind, Type::Flag) {
                problems.push(Problem::new(line, RowError::Required, column.name));
            }
            text
        };
        let texts: Vec<_> =
            self.places.iter().map(|(column, place)| (column, text_of(column, *place))).collect();
        let organisation =
            texts.iter().any(|(column, text)| column.name == "holder_kind" && text == "organisation");
        let values = texts
            .iter()
            .map(|(column, text)| {
                value(column.kind, text, vault, organisation).unwrap_or_else(|error| {
                    problems.push(Problem::new(line, error, column.name));
                    Value::Null
                })
            })
            .collect();
        (values, problems)
    }
}

fn open(vault: &Vault, field: &str) -> Option<String> {
    let sealed = STANDARD_NO_PAD.decode(field.strip_prefix(SEALED)?).ok()?;
    vault.open(&sealed)
}

/// A decimal comma and blanks between thousands are how people write.
fn number(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == ',' { '.' } else { c }).collect()
}

fn value(kind: Type, text: &str, vault: &Vault, organisation: bool) -> Result<Value, RowError> {
    if text.is_empty() {
        return Ok(if matches!(kind, Type::Flag) { Value::Bool(false) } else { Value::Null });
    }
    let sealed = |text: &str| Value::Sealed { sealed: vault.seal(text), index: vault.blind(text) };
    Ok(match kind {
        Type::Text => Value::Text(text.to_owned()),
        Type::Date => Value::Date(date(text).ok_or(RowError::BadDate)?),
        Type::Count => Value::Number(i64::from(text.parse::<i32>().map_err(|_| RowError::BadNumber)?)),
        Type::Volume => {
            Value::Number(Volume::cubic_meters(&number(text)).map_err(|_| RowError::BadVolume)?.liters())
        }
        Type::Money => Value::Number(Money::tenge(&number(text)).map_err(|_| RowError::BadMoney)?.tiyn()),
        Type::Area => {
            let area = Decimal::from_str_exact(&number(text)).ok().map(|area| area * Decimal::ONE_HUNDRED);
            let fits = area.filter(|area| area.fract().is_zero()).and_then(|area| area.to_i32());
            Value::Number(i64::from(fits.filter(|area| *area > 0).ok_or(RowError::BadNumber)?))
        }
        Type::Flag => Value::Bool(flag(text).ok_or(RowError::BadCode)?),
        Type::Code(known) => {
            let code = text.to_lowercase();
            if !known(&code) {
                return Err(RowError::BadCode);
            }
            Value::Text(code)
        }
        Type::Identification => {
            let number = Identification::parse(text).map_err(|_| RowError::BadIdentification)?;
            if (number.kind() == IdentificationKind::Organisation) != organisation {
                return Err(RowError::BadIdentification);
            }
            sealed(number.as_str())
        }
        Type::Phone => sealed(&phone(text).ok_or(RowError::BadPhone)?),
        Type::Email => {
            let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
            parts.filter(|_| !text.contains(char::is_whitespace)).ok_or(RowError::BadEmail)?;
            sealed(text)
        }
    })
}

fn date(text: &str) -> Option<NaiveDate> {
    let day = text.parse().ok().or_else(|| NaiveDate::parse_from_str(text, "%d.%m.%Y").ok())?;
    // Slips of the hand like 0226-03-25 are dates, too.
    (NaiveDate::from_ymd_opt(1950, 1, 1)? <= day && day < NaiveDate::from_ymd_opt(2100, 1, 1)?).then_some(day)
}

fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "yes" | "true" | "да" | "иә" => Some(true),
        "0" | "no" | "false" | "нет" | "жоқ" => Some(false),
        _ => None,
    }
}

/// +77XXXXXXXXX, however it was written.
fn phone(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let known = text.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c));
    let rest = digits.strip_prefix(['7', '8']).filter(|rest| known && rest.len() == 10)?;
    Some(format!("+7{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_old_program_is_read() {
        let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode("account;residents\nулица;3\n");
        let (text, legacy) = decode(&bytes);
        assert!(legacy);
        assert!(text.contains("улица"));
        assert_eq!(decode("\u{feff}a;b".as_bytes()), (Cow::Borrowed("a;b"), false));
    }

    #[test]
    fn the_delimiter_is_found_and_lines_keep_their_numbers() {
        let sheet =
            read(ImportKind::Residents, "Account,Residents,from,source\n\n9900001,3,2026-01-01,egov\n")
                .unwrap();
        assert_eq!((sheet.delimiter, sheet.header[0].as_str()), (',', "account"));
        assert_eq!(sheet.lines, [(3, ["9900001", "3", "2026-01-01", "egov"].map(str::to_owned).to_vec())]);
        assert_eq!(missing(ImportKind::Residents, &sheet.header), [""; 0]);
        assert_eq!(missing(ImportKind::Residents, &["account".to_owned()]), ["residents", "from", "source"]);
    }

    #[test]
    fn a_file_of_money_closes_with_its_totals() {
        let text = "account;amount;paid_on;channel;external_id\n1;10,50;2026-03-01;bank;a\nTOTAL;1;10.50\n";
        let sheet = read(ImportKind::Payments, text).unwrap();
        assert_eq!((sheet.control, sheet.lines.len()), (Some((1, 1050)), 1));
    }

    #[test]
    fn texts_become_values_or_say_why_not() {
        let vault = Vault::new(b"key");
        let read = |kind, text: &str| value(kind, text, &vault, true);
        assert_eq!(
            read(Type::Date, "25.03.2026"),
            Ok(Value::Date(NaiveDate::from_ymd_opt(2026, 3, 25).unwrap()))
        );
        assert_eq!(read(Type::Date, "0226-03-25"), Err(RowError::BadDate));
        assert_eq!(read(Type::Volume, "1 234,5"), Ok(Value::Number(1_234_500)));
        assert_eq!(read(Type::Volume, "1.2345"), Err(RowError::BadVolume));
        assert_eq!(read(Type::Area, "52.30"), Ok(Value::Number(5_230)));
        assert_eq!(read(Type::Flag, "иә"), Ok(Value::Bool(true)));
        assert!(read(Type::Phone, "8 (701) 000-00-01").is_ok());
        assert_eq!(read(Type::Phone, "12345"), Err(RowError::BadPhone));
        let person = Identification::complete("90010135000").unwrap();
        assert_eq!(
            read(Type::Identification, person.as_str()),
            Err(RowError::BadIdentification),
            "a person's number"
        );
    }

    #[test]
    fn personal_data_is_kept_sealed_and_shown_only_to_whoever_may() {
        let vault = Vault::new(b"key");
        let header = ["number".to_owned(), "phone".to_owned()];
        let layout = Layout::new(ImportKind::Accounts, &header);
        let mut fields = ["9900001".to_owned(), "+77010000001".to_owned()];
        layout.seal(&vault, &mut fields);
        assert!(!fields[1].contains("7701"));
        let mut masked = fields.clone();
        layout.show(None, &mut masked);
        assert_eq!(masked[1], MASK);
        layout.show(Some(&vault), &mut fields);
        assert_eq!(fields[1], "+77010000001");
    }
}
