use super::Cell;
use crate::platform::messages::Language;

/// UTF-8 with the mark that Excel wants, semicolons, and numbers as the reader's Excel reads them.
pub struct Csv {
    writer: csv::Writer<Vec<u8>>,
    language: Language,
}

impl Csv {
    pub fn new(header: &[String], language: Language) -> anyhow::Result<Self> {
        let mut writer = writer(vec![0xEF, 0xBB, 0xBF]);
        writer.write_record(header)?;
        Ok(Self { writer, language })
    }

    pub fn row(&mut self, cells: &[Cell]) -> anyhow::Result<()> {
        self.writer.write_record(cells.iter().map(|cell| self.spelled(cell)).collect::<Vec<_>>())?;
        Ok(())
    }

    pub fn take(&mut self) -> Vec<u8> {
        let full = std::mem::replace(&mut self.writer, writer(Vec::new()));
        full.into_inner().expect("memory takes every byte")
    }

    fn spelled(&self, cell: &Cell) -> String {
        let english = self.language == Language::En;
        let decimal = |text: String| if english { text } else { text.replace('.', ",") };
        match cell {
            Cell::Text(text) => harmless(text),
            Cell::Money(sum) => decimal(sum.to_string()),
            Cell::Volume(volume) => decimal(volume.to_string()),
            Cell::Day(day) if english => day.to_string(),
            Cell::Day(day) => day.format("%d.%m.%Y").to_string(),
            Cell::Number(number) => number.to_string(),
            Cell::Empty => String::new(),
        }
    }
}

fn writer(start: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(start)
}

/// Whoever can write a name could otherwise make a clerk's Excel run it.
fn harmless(text: &str) -> String {
    let formula = text.trim_start().starts_with(['=', '+', '-', '@']);
    if formula || text.starts_with(['\t', '\r', '\n']) { format!("'{text}") } else { text.to_owned() }
}
