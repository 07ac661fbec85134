use chrono::Datelike;
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::{Cell, TooManyRows};

/// Rows of a sheet, the header among them.
const ROWS: u32 = 1_048_576;

/// A workbook of one sheet; rows go to a file of the system as they come.
pub struct Xlsx {
    book: Workbook,
    next: u32,
    columns: u16,
    formats: Formats,
}

struct Formats {
    money: Format,
    volume: Format,
    day: Format,
    number: Format,
}

impl Xlsx {
    pub fn new(header: &[String]) -> anyhow::Result<Self> {
        let mut book = Workbook::new();
        let bold = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_freeze_panes(1, 0)?;
        for (at, words) in header.iter().enumerate() {
            let at = at as u16;
            sheet.set_column_width(at, (words.chars().count() as f64 + 2.0).clamp(12.0, 40.0))?;
            sheet.write_string_with_format(0, at, words, &bold)?;
        }
        let formats = Formats {
            money: Format::new().set_num_format("#,##0.00"),
            volume: Format::new().set_num_format("#,##0.000"),
            day: Format::new().set_num_format("dd.mm.yyyy"),
            number: Format::new().set_num_format("0"),
        };
        Ok(Self { book, next: 1, columns: header.len() as u16, formats })
    }

    pub fn row(&mut self, cells: &[Cell]) -> anyhow::Result<()> {
        if self.next >= ROWS {
            return Err(TooManyRows(ROWS - 1).into());
        }
        let (row, formats) = (self.next, &self.formats);
        let sheet = self.book.worksheet_from_index(0)?;
        for (at, cell) in cells.iter().enumerate() {
            write(sheet, row, at as u16, cell, formats)?;
        }
        self.next += 1;
        Ok(())
    }

    pub fn finish(mut self) -> anyhow::Result<Vec<u8>> {
        let last = (self.next - 1).max(1);
        self.book.worksheet_from_index(0)?.autofilter(0, 0, last, self.columns.max(1) - 1)?;
        Ok(self.book.save_to_buffer()?)
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    formats: &Formats,
) -> Result<(), XlsxError> {
    // Excel holds fifteen digits exactly: sums and volumes below ten trillion are the same to the last digit.
    let number =
        |value: rust_decimal::Decimal| rust_decimal::prelude::ToPrimitive::to_f64(&value).unwrap_or(f64::NAN);
    match cell {
        // A string is a string here: no program runs it as a formula.
        Cell::Text(text) => sheet.write_string(row, column, text).map(drop),
        Cell::Money(sum) => {
            sheet.write_number_with_format(row, column, number(sum.to_decimal()), &formats.money).map(drop)
        }
        Cell::Volume(volume) => sheet
            .write_number_with_format(row, column, number(volume.to_decimal()), &formats.volume)
            .map(drop),
        Cell::Day(day) => {
            let year = u16::try_from(day.year()).unwrap_or_default();
            let date = ExcelDateTime::from_ymd(year, day.month() as u8, day.day() as u8)?;
            sheet.write_datetime_with_format(row, column, &date, &formats.day).map(drop)
        }
        Cell::Number(value) => {
            sheet.write_number_with_format(row, column, *value as f64, &formats.number).map(drop)
        }
        Cell::Empty => Ok(()),
    }
}
