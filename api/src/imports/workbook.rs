//! A workbook of Excel as the text that the same table would be: one record a row, before it the row's number in the sheet.
//!
//! Nothing that the file claims about itself is believed: it is unpacked once for its size alone, before anything is kept of it.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Style, Xlsx, XlsxError};
use rust_decimal::Decimal;
use tokio::sync::Semaphore;
use zip::ZipArchive;
use zip::result::ZipError;

use crate::platform::Refusal;

/// How a file of Zip begins, and how one of the older Office or of an encrypted workbook does.
const ZIP: &[u8] = b"PK\x03\x04";
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Unpacked bytes of a whole file; a sheet of a million rows has some hundreds of MiB, and is read a cell at a time.
const UNPACKED: u64 = 1 << 30;
/// Unpacked bytes of what is held in memory: texts, styles, the list of sheets.
const HELD: u64 = 64 << 20;
/// Parts of a file.
const PARTS: usize = 4_096;
/// Rows of a sheet and columns of a row, as Excel has them.
const ROWS: u32 = 1_048_576;
const COLUMNS: u32 = 16_384;
/// Cells of a sheet, and bytes of text in them; one text may stand in many cells.
const CELLS: usize = 16_000_000;
const TEXT: usize = 512 << 20;

/// Workbooks unrolled at a time: each may hold `HELD`.
static ROOM: Semaphore = Semaphore::const_new(2);

/// Digits of ИИН and БИН, whose leading zeros a cell of numbers loses.
const IDENTIFICATION: usize = 12;

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Damaged, or a file of Zip that is no workbook.
    #[error("the workbook is broken: {0}")]
    Broken(String),
    #[error("the workbook is encrypted")]
    Encrypted,
    /// A workbook of Excel before 2007, or another document of that time.
    #[error("the workbook is of an old format")]
    Old,
    #[error("the workbook is too large unpacked")]
    TooLarge,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Unreadable {
    /// The answer to a person; none when it is ours.
    pub fn refusal(&self) -> Option<Refusal> {
        Some(Refusal::new(match self {
            Self::Broken(_) => "IMPORT_WORKBOOK_BROKEN",
            Self::Encrypted => "IMPORT_WORKBOOK_ENCRYPTED",
            Self::Old => "IMPORT_WORKBOOK_OLD",
            Self::TooLarge => "IMPORT_WORKBOOK_TOO_LARGE",
            Self::Io(_) => return None,
        }))
    }
}

impl From<XlsxError> for Unreadable {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::Password => Self::Encrypted,
            XlsxError::Zip(error) => error.into(),
            error => Self::Broken(error.to_string()),
        }
    }
}

impl From<ZipError> for Unreadable {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
                Self::Encrypted
            }
            error => Self::Broken(error.to_string()),
        }
    }
}

/// Whether a file that begins so is a workbook, readable or not.
pub fn looks_like(head: &[u8]) -> bool {
    head.starts_with(ZIP) || head.starts_with(OLE)
}

/// The first visible sheet as records; the file is read from its beginning.
pub async fn unroll(file: File) -> Result<File, Unreadable> {
    let _room = ROOM.acquire().await;
    let work = tokio::task::spawn_blocking(move || unrolled(file));
    // A reader that stumbles over a file made for it stumbles alone.
    work.await.unwrap_or_else(|error| Err(Unreadable::Broken(error.to_string())))
}

fn unrolled(mut file: File) -> Result<File, Unreadable> {
    let mut head = [0; OLE.len()];
    let count = file.read(&mut head)?;
    file.rewind()?;
    if head[..count] == *OLE {
        return Err(if is_encrypted(&file)? { Unreadable::Encrypted } else { Unreadable::Old });
    }
    weigh(&file)?;
    file.rewind()?;

    let mut book = Xlsx::new(BufReader::new(file))?;
    let sheets = book.sheets_metadata().iter();
    let mut seen = sheets.filter(|s| s.typ == SheetType::WorkSheet && s.visible == SheetVisible::Visible);
    let name = seen.next().map(|sheet| sheet.name.clone());
    let name = name.ok_or_else(|| Unreadable::Broken("no sheet to be seen".into()))?;

    let mut table = Table::new(BufWriter::new(tempfile::tempfile()?));
    copy(&mut book, &name, &mut table)?;
    table.finish()
}

/// An encrypted workbook lies as a stream of this name inside of a file of the older format.
fn is_encrypted(mut file: &File) -> io::Result<bool> {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut kept = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(false);
        }
        kept.extend_from_slice(&buffer[..count]);
        if kept.windows(name.len()).any(|window| window == name) {
            return Ok(true);
        }
        kept.drain(..kept.len().saturating_sub(name.len()));
    }
}

/// Unpacks everything into nothing, and stops where it grows too large: sizes that a file claims may be lies.
fn weigh(file: &File) -> Result<(), Unreadable> {
    let mut zip = ZipArchive::new(BufReader::new(file))?;
    if zip.len() > PARTS {
        return Err(Unreadable::TooLarge);
    }
    let (mut all, mut held) = (0, 0);
    for at in 0..zip.len() {
        let part = zip.by_index(at)?;
        let name = part.name()?.to_lowercase();
        let streamed = name.contains("worksheets/") || name.contains("media/");
        let room = if streamed { UNPACKED - all } else { (UNPACKED - all).min(HELD - held) };
        let mut part = part.take(room + 1);
        let bytes = if name.ends_with("sharedstrings.xml") {
            let mut text = Vec::new();
            part.read_to_end(&mut text).map_err(damaged)?;
            if claims_too_much(&text) {
                return Err(Unreadable::Broken("more texts than bytes".into()));
            }
            text.len() as u64
        } else {
            io::copy(&mut part, &mut io::sink()).map_err(damaged)?
        };
        if bytes > room {
            return Err(Unreadable::TooLarge);
        }
        all += bytes;
        held += if streamed { 0 } else { bytes };
    }
    Ok(())
}

fn damaged(error: io::Error) -> Unreadable {
    Unreadable::Broken(error.to_string())
}

/// The reader makes room for as many texts as the list says it has: not for more than it can have. Letters of two bytes would
/// hide the number from this look.
fn claims_too_much(text: &[u8]) -> bool {
    const COUNT: &[u8] = b"uniqueCount";
    let claim = |at: usize| {
        let rest = text[at + COUNT.len()..].iter().take(64);
        let digits = rest.skip_while(|byte| !byte.is_ascii_digit()).take_while(|byte| byte.is_ascii_digit());
        digits.fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    };
    let claims = text.windows(COUNT.len()).enumerate().filter(|(_, window)| *window == COUNT);
    text.contains(&0) || claims.map(|(at, _)| claim(at)).any(|count| count > text.len() as u64)
}

fn copy(book: &mut Xlsx<BufReader<File>>, sheet: &str, table: &mut Table) -> Result<(), Unreadable> {
    let mut unreckoned = unreckoned(book, sheet)?;
    let mut reader = book.worksheet_cells_reader(sheet)?;
    let zeros: Vec<usize> = reader.styles().iter().map(zeros).collect();
    while let Some((cell, style)) = reader.next_cell_with_style_id()? {
        let place = cell.get_position();
        let (row, column) = place;
        table.go_to(row, column)?;
        if unreckoned.front() == Some(&place) {
            unreckoned.pop_front();
            table.put(column, "=".to_owned());
            continue;
        }
        let text = match cell.get_value() {
            DataRef::Int(number) => table.padded(column, number.to_string(), 0),
            DataRef::Float(value) => {
                table.padded(column, number(*value), zeros.get(style).copied().unwrap_or_default())
            }
            DataRef::String(text) => text.clone(),
            DataRef::SharedString(text) => (*text).to_owned(),
            DataRef::Bool(yes) => u8::from(*yes).to_string(),
            DataRef::DateTime(moment) => moment_of(*moment),
            DataRef::DateTimeIso(moment) => iso(moment),
            DataRef::DurationIso(text) => text.clone(),
            DataRef::Error(error) => error.to_string(),
            DataRef::Empty => continue,
        };
        table.put(column, text);
    }
    Ok(())
}

/// Where formulas stand that no program has reckoned yet: they would look empty. In the order of the sheet.
fn unreckoned(book: &mut Xlsx<BufReader<File>>, sheet: &str) -> Result<VecDeque<(u32, u32)>, Unreadable> {
    let mut found = VecDeque::new();
    let mut reader = book.worksheet_cells_reader(sheet)?;
    while let Some(cell) = reader.next_cell_with_formula_metadata()? {
        if cell.formula.is_some() && matches!(cell.value, DataRef::Empty) {
            found.push_back(cell.pos);
            if found.len() > CELLS {
                return Err(Unreadable::TooLarge);
            }
        }
    }
    Ok(found)
}

/// The record of a row under way, and the rows before.
struct Table {
    out: csv::Writer<BufWriter<File>>,
    row: Option<u32>,
    fields: Vec<String>,
    /// Of the first row that has anything: how many columns, and which holds ИИН or БИН.
    header: Option<(usize, Option<usize>)>,
    cells: usize,
    text: usize,
}

impl Table {
    fn new(out: BufWriter<File>) -> Self {
        let out = csv::WriterBuilder::new().flexible(true).from_writer(out);
        Self { out, row: None, fields: Vec::new(), header: None, cells: 0, text: 0 }
    }

    /// To the next cell; rows follow each other downwards.
    fn go_to(&mut self, row: u32, column: u32) -> Result<(), Unreadable> {
        if row >= ROWS || column >= COLUMNS {
            return Err(Unreadable::Broken(format!("a cell at {row}, {column}")));
        }
        if self.row == Some(row) {
            return Ok(());
        }
        if self.row.is_some_and(|before| before > row) {
            return Err(Unreadable::Broken(format!("row {row} comes too late")));
        }
        self.write()?;
        self.row = Some(row);
        Ok(())
    }

    fn put(&mut self, column: u32, text: String) {
        let at = column as usize;
        if text.trim().is_empty() {
            return;
        }
        if self.fields.len() <= at {
            self.fields.resize(at + 1, String::new());
        }
        self.fields[at] = text;
    }

    /// A whole number with the zeros that its format shows, or that its column must have.
    fn padded(&self, column: u32, text: String, zeros: usize) -> String {
        let at = column as usize;
        let identifies = self.header.is_some_and(|(_, identification)| identification == Some(at));
        let width = if identifies { zeros.max(IDENTIFICATION) } else { zeros };
        if text.bytes().all(|byte| byte.is_ascii_digit()) { format!("{text:0>width$}") } else { text }
    }

    fn write(&mut self) -> Result<(), Unreadable> {
        let mut fields = std::mem::take(&mut self.fields);
        let Some(row) = self.row.filter(|_| !fields.is_empty()) else { return Ok(()) };
        let (width, _) = *self.header.get_or_insert_with(|| {
            let name = |field: &String| field.trim().eq_ignore_ascii_case("identification");
            (fields.len(), fields.iter().position(name))
        });
        if fields.len() < width {
            fields.resize(width, String::new());
        }
        self.cells += fields.len();
        self.text += fields.iter().map(String::len).sum::<usize>();
        if self.cells > CELLS || self.text > TEXT {
            return Err(Unreadable::TooLarge);
        }
        let line = (row + 1).to_string();
        let record = std::iter::once(line.as_str()).chain(fields.iter().map(String::as_str));
        self.out.write_record(record).map_err(io::Error::other)?;
        Ok(())
    }

    fn finish(mut self) -> Result<File, Unreadable> {
        self.write()?;
        let out = self.out.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        let mut file = out.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        file.rewind()?;
        Ok(file)
    }
}

/// As Excel shows it: fifteen digits, of which any is the same after the detour over binary. What lies behind them is residue.
fn number(value: f64) -> String {
    let text = format!("{value:.14e}");
    Decimal::from_scientific(&text).map_or(text, |number| number.normalize().to_string())
}

/// How many digits a format of nothing but zeros shows at least.
fn zeros(style: &Style) -> usize {
    let format = style.number_format.as_ref().map_or("", |format| format.format_code.as_str());
    let shown = format.split(';').next().unwrap_or_default();
    if shown.bytes().all(|byte| byte == b'0') { shown.len().min(32) } else { 0 }
}

/// A day as 2026-03-25; with a time of the day the time follows, for a column of days to refuse it.
fn moment_of(moment: ExcelDateTime) -> String {
    if !moment.is_datetime() {
        return number(moment.as_f64());
    }
    let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second, milli) == (0, 0, 0, 0) {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    }
}

fn iso(moment: &str) -> String {
    match moment.split_once('T') {
        Some((date, time)) if time.chars().all(|c| "0:.Z".contains(c)) => date.to_owned(),
        Some((date, time)) => format!("{date} {time}"),
        None => moment.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_what_excel_shows() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (12.5, "12.5"),
            (0.1 + 0.2, "0.3"),
            (1.1 * 1.1, "1.21"),
            (1_234_567_890.12, "1234567890.12"),
            (9_999_999_999_999.99, "9999999999999.99"),
            (900_101_300_811.0, "900101300811"),
            (77_010_000_001.0, "77010000001"),
            (-2_500.0, "-2500"),
            (1e300, "1.00000000000000e300"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn every_sum_of_tiyn_survives_the_detour() {
        for tiyn in (0_i64..10_000_000).step_by(97).chain([999_999_999_999_999, 123_456_789_012_345]) {
            let sum = Decimal::new(tiyn, 2);
            let value: f64 = sum.to_string().parse().unwrap();
            assert_eq!(number(value).parse::<Decimal>().unwrap(), sum);
        }
    }

    #[test]
    fn a_list_of_texts_cannot_ask_for_more_room_than_it_has() {
        assert!(!claims_too_much(b"<sst count=\"9\" uniqueCount=\"2\"><si/><si/></sst>"));
        assert!(!claims_too_much("<sst><si><t>uniqueCount</t></si></sst>".as_bytes()));
        assert!(claims_too_much(b"<sst uniqueCount = '99999999999'></sst>"));
        assert!(claims_too_much(b"<\0s\0s\0t\0"), "UTF-16");
    }

    #[test]
    fn days_are_days_and_moments_are_told_apart() {
        use calamine::ExcelDateTimeType::{DateTime, TimeDelta};
        for (moment, text) in [
            (ExcelDateTime::new(46_106.0, DateTime, false), "2026-03-25"),
            (ExcelDateTime::new(46_106.0 - 1_462.0, DateTime, true), "2026-03-25"),
            (ExcelDateTime::new(46_106.5, DateTime, false), "2026-03-25 12:00:00"),
            (ExcelDateTime::new(1.5, TimeDelta, false), "1.5"),
        ] {
            assert_eq!(moment_of(moment), text);
        }
        assert_eq!(iso("2026-03-25T00:00:00.000Z"), "2026-03-25");
        assert_eq!(iso("2026-03-25T10:30:00"), "2026-03-25 10:30:00");
    }
}
