//! From text to lines and from fields to values. Knows no registers.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chrono::{Datelike, NaiveDate};
use domain::imports::{ImportKind, RowError};
use domain::kernel::{Identification, IdentificationKind, Money, Period, Volume};
use entities::imports::NewRow;
use entities::imports::stage::{Problem, Value};
use entities::kernel::crypto::Vault;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::kinds::{Column, Type, columns};
use super::spool::Text;
use crate::subscribers::phone;

/// Before a sealed field of a kept row.
const SEALED: char = '\u{1}';
/// What a reader without the right sees of personal data.
pub const MASK: &str = "•••";

/// The longest line, and how far a quoted field may go on: what is quoted longer than this was never closed.
const LONGEST: usize = 64 * 1024;

/// Why a file can't be read as lines.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("line {0} is too long")]
    LineTooLong(i32),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A file as lines, read on demand.
pub struct Sheet {
    pub header: Vec<String>,
    pub delimiter: char,
    /// Rows of a workbook: before the fields of each stands its number in the sheet.
    numbered: bool,
    /// Count and sum (tiyn) of the closing line `TOTAL;count;sum` of a file of money; known after the last line.
    pub control: Option<(i64, i64)>,
    kind: ImportKind,
    records: Records,
}

impl Sheet {
    /// Reads the header; `;` or `,` (or a tab) is whatever it has more of.
    pub fn open(kind: ImportKind, mut text: Text) -> Result<Self, ReadError> {
        let numbered = text.numbered;
        let head = text.head()?;
        let count = |of: char| head.chars().filter(|c| *c == of).count();
        let most = [';', ',', '\t'].into_iter().max_by_key(|of| (count(*of), *of == ';')).unwrap_or(';');
        // What a workbook is unrolled to is ours; what goes back of it as text looks like everybody's.
        let delimiter = if numbered { ';' } else { most };
        let records = Records::new(text, if numbered { b',' } else { delimiter as u8 });
        let mut sheet = Self { header: Vec::new(), delimiter, numbered, control: None, kind, records };
        if let Some((_, names)) = sheet.next()? {
            sheet.header = names.into_iter().map(|name| name.to_lowercase()).collect();
        }
        Ok(sheet)
    }

    /// The next lines with their numbers in the file, so many at most; none at its end.
    pub fn lines(&mut self, most: usize) -> Result<Vec<(i32, Vec<String>)>, ReadError> {
        let mut lines = Vec::new();
        while lines.len() < most
            && let Some((line, fields)) = self.next()?
        {
            if self.kind.needs_totals() && fields[0].eq_ignore_ascii_case("total") {
                let count = fields.get(1).and_then(|count| count.parse().ok());
                let sum = fields.get(2).and_then(|sum| Money::tenge(&number(sum)).ok());
                self.control = count.zip(sum.map(Money::tiyn));
            } else if fields.iter().any(|field| !field.is_empty()) {
                lines.push((line, fields));
            }
        }
        Ok(lines)
    }

    fn next(&mut self) -> Result<Option<(i32, Vec<String>)>, ReadError> {
        let Some((mut line, mut fields)) = self.records.next()? else {
            return Ok(None);
        };
        if self.numbered && !fields.is_empty() {
            line = fields.remove(0).parse().map_err(|_| ReadError::LineTooLong(line))?;
        }
        fields.iter_mut().for_each(|field| *field = field.trim().replace('\0', ""));
        Ok(Some((line, fields)))
    }
}

/// The lines of a text put together to records. A quoted field may go on over several lines; a quote that is never closed is a
/// letter like others and its line stands alone, so that one wrong row takes no right ones with it.
struct Records {
    text: BufReader<Text>,
    delimiter: u8,
    /// Lines looked at and given back.
    ahead: VecDeque<Vec<u8>>,
    /// Lines taken so far: the number of the last one.
    taken: i32,
    quoted: csv_core::Reader,
    plain: csv_core::Reader,
}

impl Records {
    fn new(text: Text, delimiter: u8) -> Self {
        let reader = |quoting| csv_core::ReaderBuilder::new().delimiter(delimiter).quoting(quoting).build();
        let (quoted, plain) = (reader(true), reader(false));
        Self { text: BufReader::new(text), delimiter, ahead: VecDeque::new(), taken: 0, quoted, plain }
    }

    /// The next record that is not an empty line, and the number of its first line.
    fn next(&mut self) -> Result<Option<(i32, Vec<String>)>, ReadError> {
        let mut record = loop {
            match self.line()? {
                Some(line) if line == b"\n" => {}
                Some(line) => break line,
                None => return Ok(None),
            }
        };
        let (began, alone) = (self.taken, record.len());
        let mut quoting = Quoting::Plain.after(&record, self.delimiter);
        while quoting == Quoting::Open
            && record.len() <= LONGEST
            && let Some(line) = self.line()?
        {
            quoting = quoting.after(&line, self.delimiter);
            record.extend(line);
        }
        if quoting == Quoting::Plain {
            return Ok(Some((began, split(&mut self.quoted, &record))));
        }
        for line in record.split_off(alone).split_inclusive(|byte| *byte == b'\n').rev() {
            self.ahead.push_front(line.to_vec());
        }
        self.taken = began;
        Ok(Some((began, split(&mut self.plain, &record))))
    }

    /// The next line with its end.
    fn line(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        let mut line = self.ahead.pop_front().unwrap_or_default();
        if line.is_empty() {
            (&mut self.text).take(LONGEST as u64).read_until(b'\n', &mut line)?;
        }
        if line.is_empty() {
            return Ok(None);
        }
        self.taken += 1;
        if line.ends_with(b"\n") { Ok(Some(line)) } else { Err(ReadError::LineTooLong(self.taken)) }
    }
}

/// Where the quotes stand at the end of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quoting {
    /// Every quoted field is closed.
    Plain,
    /// A quoted field goes on.
    Open,
    /// After a closed field comes neither a delimiter nor the end: what opened it was a letter.
    Stray,
}

impl Quoting {
    fn after(self, line: &[u8], delimiter: u8) -> Self {
        let mut open = self == Self::Open;
        let mut begins = !open;
        let mut bytes = line.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            if open {
                // A doubled quote is one of the text.
                if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                    open = false;
                    if bytes.peek().is_some_and(|after| *after != delimiter && *after != b'\n') {
                        return Self::Stray;
                    }
                }
            } else {
                open = begins && byte == b'"';
                begins = byte == delimiter;
            }
        }
        if open { Self::Open } else { Self::Plain }
    }
}

/// The fields of one whole record.
fn split(reader: &mut csv_core::Reader, record: &[u8]) -> Vec<String> {
    reader.reset();
    let (mut fields, mut ends) = (vec![0; record.len()], vec![0; record.len() + 1]);
    let (_, _, _, count) = reader.read_record(record, &mut fields, &mut ends);
    let mut from = 0;
    let field =
        |to: &usize| String::from_utf8_lossy(&fields[std::mem::replace(&mut from, *to)..*to]).into_owned();
    ends[..count].iter().map(field).collect()
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

    /// A line as it is kept: personal data sealed, and whom it is about.
    pub fn kept(&self, vault: &Vault, line: i32, mut fields: Vec<String>) -> NewRow {
        let subjects = self.personal().next().map(|_| self.subjects(vault, &fields));
        self.seal(vault, &mut fields);
        NewRow { line, fields, subjects }
    }

    /// Blind indexes of whom a line is about. A number of identification that can be read says it alone: whoever has another one
    /// is somebody else, though the account or the phone be the same.
    fn subjects(&self, vault: &Vault, fields: &[String]) -> Vec<Vec<u8>> {
        let text = |name: &str| {
            let (_, place) = self.places.iter().find(|(column, _)| column.name == name)?;
            place.and_then(|at| fields.get(at)).map(String::as_str).filter(|text| !text.is_empty())
        };
        if let Some(number) = text("identification").and_then(|text| Identification::parse(text).ok()) {
            return vec![vault.blind(number.as_str())];
        }
        let account = text("number").map(|number| vault.blind_account(number));
        let phone = text("phone").and_then(phone::normal).map(|phone| vault.blind(&phone));
        let email = text("email").map(|email| vault.blind(email));
        [account, phone, email].into_iter().flatten().collect()
    }

    /// Seals the fields of personal data before they are kept.
    fn seal(&self, vault: &Vault, fields: &mut [String]) {
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
        if fields.iter().any(|field| field.starts_with('"') && field.matches('"').count() % 2 == 1) {
            problems.push(Problem::new(line, RowError::OpenQuote, ""));
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
    if is_error(text) {
        return Err(RowError::CellError);
    }
    let sealed = |text: &str| Value::Sealed { sealed: vault.seal(text), index: vault.blind(text) };
    Ok(match kind {
        Type::Text => Value::Text(text.to_owned()),
        Type::Date => Value::Date(date(text).ok_or(RowError::BadDate)?),
        Type::Month => {
            let month = text.parse::<Period>().ok().or_else(|| date(text).map(Period::of));
            let day = month.map(Period::first_day).filter(|day| is_of_our_time(*day));
            Value::Date(day.ok_or(RowError::BadDate)?)
        }
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
        Type::Phone => sealed(&phone::normal(text).ok_or(RowError::BadPhone)?),
        Type::Email => {
            let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
            parts.filter(|_| !text.contains(char::is_whitespace)).ok_or(RowError::BadEmail)?;
            sealed(text)
        }
    })
}

fn date(text: &str) -> Option<NaiveDate> {
    let day = text.parse().ok().or_else(|| NaiveDate::parse_from_str(text, "%d.%m.%Y").ok())?;
    Some(day).filter(|day| is_of_our_time(*day))
}

/// Slips of the hand like 0226-03-25 are dates, too.
fn is_of_our_time(day: NaiveDate) -> bool {
    (1950..2100).contains(&day.year())
}

/// What a spreadsheet writes where it could not reckon, or a formula that it did not reckon: also a name would be read so.
fn is_error(text: &str) -> bool {
    const ERRORS: [&str; 8] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#DATA!"];
    text.starts_with('=') || ERRORS.contains(&text)
}

fn flag(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "yes" | "true" | "да" | "иә" => Some(true),
        "0" | "no" | "false" | "нет" | "жоқ" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::spool::Spooled;

    async fn sheet(kind: ImportKind, text: &str) -> Sheet {
        Sheet::open(kind, Spooled::of(text.as_bytes()).await.unwrap().text()).unwrap()
    }

    #[tokio::test]
    async fn the_delimiter_is_found_and_lines_keep_their_numbers() {
        let text = "\n\r\nAccount,Residents,from,source\r\n\n9900001, 3 ,2026-01-01,egov\n9900002,\"1\n2\",,\n\n,,,\n9900003,4,,";
        let mut sheet = sheet(ImportKind::Residents, text).await;
        assert_eq!((sheet.delimiter, sheet.header[0].as_str()), (',', "account"));
        assert_eq!(missing(ImportKind::Residents, &sheet.header), [""; 0]);
        assert_eq!(missing(ImportKind::Residents, &["account".to_owned()]), ["residents", "from", "source"]);
        let first = sheet.lines(1).unwrap();
        assert_eq!(first, [(5, ["9900001", "3", "2026-01-01", "egov"].map(str::to_owned).to_vec())]);
        let rest: Vec<_> =
            sheet.lines(9).unwrap().into_iter().map(|(line, fields)| (line, fields[1].clone())).collect();
        assert_eq!(
            rest,
            [(6, "1\n2".to_owned()), (10, "4".to_owned())],
            "a field of two lines, an empty line, an empty row"
        );
        assert_eq!(sheet.lines(9).unwrap(), []);
    }

    #[tokio::test]
    async fn an_unclosed_quote_takes_no_other_row_with_it() {
        let (head, many) = ("account;residents;from;source\n", "2;3;2026-01-01;egov\n".repeat(20_000));
        let wrong = "1;\"3;2026-01-01;egov\n";
        for (before, after) in
            [("", ""), ("", many.as_str()), (&many, ""), (&many, "4;5;;\"a\nb\"\n\n5;5;;\"\"\"c\"\"\"\n")]
        {
            let mut sheet = sheet(ImportKind::Residents, &[head, before, wrong, after].concat()).await;
            let rows = sheet.lines(100_000).unwrap();
            let at = before.lines().count();
            let row = |fields: [&str; 4]| fields.map(str::to_owned).to_vec();
            assert_eq!(rows[at], (at as i32 + 2, row(["1", "\"3", "2026-01-01", "egov"])));
            assert!(
                rows.iter()
                    .enumerate()
                    .all(|(i, (line, fields))| i > at || *line == i as i32 + 2 && fields.len() == 4)
            );
            match after.len() {
                0 => assert_eq!(rows.len(), at + 1),
                1..100 => assert_eq!(
                    rows[at + 1..],
                    [
                        (at as i32 + 3, row(["4", "5", "", "a\nb"])),
                        (at as i32 + 6, row(["5", "5", "", "\"c\""]))
                    ]
                ),
                _ => assert_eq!(rows.last().unwrap(), &(20_002, row(["2", "3", "2026-01-01", "egov"]))),
            }
            let layout = Layout::new(ImportKind::Residents, &sheet.header);
            let wrong = |fields: &[String]| {
                let (_, problems) = layout.values(&Vault::new(b"key"), 1, fields);
                problems.iter().any(|problem| problem.code == RowError::OpenQuote.code())
            };
            assert!(wrong(&rows[at].1));
            assert!(!rows[at + 1..].iter().any(|(_, fields)| wrong(fields)));
        }
    }

    #[tokio::test]
    async fn a_line_without_end_is_no_table() {
        let text = format!("account;residents;from;source\n1;{};;\n", "3".repeat(LONGEST));
        let error = sheet(ImportKind::Residents, &text).await.lines(10).unwrap_err();
        assert!(matches!(error, ReadError::LineTooLong(2)), "{error}");
    }

    #[tokio::test]
    async fn a_file_of_money_closes_with_its_totals() {
        let text = "account;amount;paid_on;channel;external_id\n1;10,50;2026-03-01;bank;a\nTOTAL;1;10.50\n";
        let mut sheet = sheet(ImportKind::Payments, text).await;
        assert_eq!((sheet.lines(9).unwrap().len(), sheet.control), (1, Some((1, 1050))));
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
        for error in ["#N/A", "#VALUE!", "=A1*2"] {
            assert_eq!(read(Type::Text, error), Err(RowError::CellError), "{error} is nobody's name");
        }
        let month = Ok(Value::Date(NaiveDate::from_ymd_opt(2025, 12, 1).unwrap()));
        assert_eq!((read(Type::Month, "2025-12"), read(Type::Month, "31.12.2025")), (month.clone(), month));
        assert_eq!(read(Type::Month, "2025-13"), Err(RowError::BadDate));
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
