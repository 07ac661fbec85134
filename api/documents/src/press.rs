//! Typst as a library: no files, no network, no clock; the same bill gives the same bytes.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value as Json, json};
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt, comemo};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use crate::bill::{BillDocument, Unbalanced};
use crate::cash::{CashBookDocument, CashOrderDocument, CashRegisterDocument, CashSlipDocument, ZDocument};
use crate::certificate::{self, CertificateDocument};
use crate::face::{self, Density};
use crate::notice::{self, NoticeDocument};

/// Why a paper was not printed.
#[derive(Debug, thiserror::Error)]
pub enum PrintError {
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    #[error("bill {0} does not fit on one page")]
    TooLong(String),
    #[error("the payment link cannot become a code: {0}")]
    Link(String),
    /// A mistake of the template, not of the bill.
    #[error("typesetting: {0}")]
    Typesetting(String),
}

const FONTS: [&[u8]; 3] = [
    include_bytes!("../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../fonts/NotoSans-SemiBold.ttf"),
    include_bytes!("../fonts/NotoSans-Bold.ttf"),
];

/// Results that Typst remembers are let go after so many papers: they grow without end otherwise.
const REMEMBERED: usize = 10;

/// The typesetter: made once, shared by all threads.
pub struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    main: Source,
    template: Source,
    certificate: Source,
    notice: Source,
    cash: Source,
    data: FileId,
    printed: AtomicUsize,
}

/// The one press of the process.
pub static PRESS: LazyLock<Press> = LazyLock::new(Press::new);

fn file(path: &str) -> FileId {
    FileId::new(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).expect("a plain name")))
}

impl Press {
    fn new() -> Self {
        let fonts: Vec<Font> = FONTS.into_iter().flat_map(|font| Font::iter(Bytes::new(font))).collect();
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            main: Source::new(file("main.typ"), include_str!("../templates/main.typ").to_owned()),
            template: Source::new(file("bill.typ"), include_str!("../templates/bill.typ").to_owned()),
            certificate: Source::new(
                file("certificate.typ"),
                include_str!("../templates/certificate.typ").to_owned(),
            ),
            notice: Source::new(file("notice.typ"), include_str!("../templates/notice.typ").to_owned()),
            cash: Source::new(file("cash.typ"), include_str!("../templates/cash.typ").to_owned()),
            data: file("bills.json"),
            printed: AtomicUsize::new(0),
        }
    }

    /// One bill as one page: PDF/UA-1, tagged, with language and title.
    pub fn bill(&self, bill: &BillDocument) -> Result<Vec<u8>, PrintError> {
        let document = self.page(bill)?;
        self.pdf(&document, &bill.number, true)
    }

    /// A certificate of no debt: PDF/UA-1, as a bill for a reader.
    pub fn certificate(&self, one: &CertificateDocument) -> Result<Vec<u8>, PrintError> {
        let mut face = certificate::face(one);
        self.printable(&mut face);
        let document = self.set(&self.certificate, vec![face])?;
        self.pdf(&document, &format!("certificate {}", one.number), true)
    }

    /// A warning of disconnection, for a reader too.
    pub fn notice(&self, one: &NoticeDocument) -> Result<Vec<u8>, PrintError> {
        let mut face = notice::face(one);
        self.printable(&mut face);
        let document = self.set(&self.notice, vec![face])?;
        self.pdf(&document, &format!("notice {}", one.number), true)
    }

    /// An order of a cash desk, KO-1 or KO-2.
    pub fn cash_order(&self, one: &CashOrderDocument) -> Result<Vec<u8>, PrintError> {
        self.cash_paper(one.face(), &format!("order {}", one.number))
    }

    /// The register of orders, KO-3.
    pub fn cash_register(&self, one: &CashRegisterDocument) -> Result<Vec<u8>, PrintError> {
        self.cash_paper(one.face(), &format!("register {}", one.to))
    }

    /// A day of the cash book, KO-4.
    pub fn cash_book(&self, one: &CashBookDocument) -> Result<Vec<u8>, PrintError> {
        self.cash_paper(one.face(), &format!("book {}", one.on))
    }

    /// The end of a shift.
    pub fn z(&self, one: &ZDocument) -> Result<Vec<u8>, PrintError> {
        self.cash_paper(one.face(), &format!("z {}", one.number))
    }

    /// What the payer takes home, on a roll of 80 mm.
    pub fn cash_slip(&self, one: &CashSlipDocument) -> Result<Vec<u8>, PrintError> {
        self.cash_paper(one.face()?, &format!("slip {}", one.number))
    }

    fn cash_paper(&self, mut face: Json, ident: &str) -> Result<Vec<u8>, PrintError> {
        self.printable(&mut face);
        let document = self.set(&self.cash, vec![face])?;
        self.pdf(&document, ident, true)
    }

    /// Many bills as one file of as many pages, for paper: in the order given, without tags.
    pub fn sheaf(&self, bills: &[BillDocument]) -> Result<Vec<u8>, PrintError> {
        let pages: Vec<Json> =
            bills.iter().map(|bill| self.face(bill, Density::of(bill))).collect::<Result<_, _>>()?;
        let mut document = self.set(&self.main, pages)?;
        if document.pages().len() != bills.len() {
            // Somebody did not fit: each page finds its own density, then all are set again.
            let pages = bills.iter().map(|bill| self.fitting(bill).map(|(_, face)| face));
            document = self.set(&self.main, pages.collect::<Result<_, _>>()?)?;
        }
        self.pdf(&document, "", false)
    }

    /// The page of a bill, as tests look at it.
    pub fn page(&self, bill: &BillDocument) -> Result<PagedDocument, PrintError> {
        self.fitting(bill).map(|(document, _)| document)
    }

    /// The loosest setting in which everything stands on one page.
    fn fitting(&self, bill: &BillDocument) -> Result<(PagedDocument, Json), PrintError> {
        let mut density = Density::of(bill);
        loop {
            let face = self.face(bill, density)?;
            let document = self.set(&self.main, vec![face.clone()])?;
            if document.pages().len() == 1 {
                return Ok((document, face));
            }
            density = density.tighter().ok_or_else(|| PrintError::TooLong(bill.number.clone()))?;
        }
    }

    fn face(&self, bill: &BillDocument, density: Density) -> Result<Json, PrintError> {
        bill.check()?;
        let mut face = face::of(bill, density)?;
        self.printable(&mut face);
        Ok(face)
    }

    /// A letter that the font does not have would stop the whole file; a mark stands in its place.
    fn printable(&self, json: &mut Json) {
        match json {
            Json::String(text) => {
                let has = |c: char| self.fonts.iter().all(|f| f.info().coverage.contains(c as u32));
                if text.chars().any(|c| !has(c)) {
                    let shown = |c: char| if c.is_whitespace() || c.is_control() { ' ' } else { '?' };
                    *text = text.chars().map(|c| if has(c) { c } else { shown(c) }).collect();
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.printable(item)),
            Json::Object(fields) => fields.values_mut().for_each(|field| self.printable(field)),
            _ => {}
        }
    }

    fn set(&self, main: &Source, papers: Vec<Json>) -> Result<PagedDocument, PrintError> {
        let data = Bytes::from_string(json!(papers).to_string());
        let sheet = Sheet { press: self, main: main.id(), data };
        let result = typst::compile::<PagedDocument>(&sheet).output;
        if self.printed.fetch_add(1, Ordering::Relaxed) % REMEMBERED == REMEMBERED - 1 {
            comemo::evict(0);
        }
        result.map_err(|errors| told(&sheet, &errors))
    }

    fn pdf(&self, document: &PagedDocument, number: &str, accessible: bool) -> Result<Vec<u8>, PrintError> {
        let standard = if accessible { PdfStandard::Ua_1 } else { PdfStandard::V_1_7 };
        let options = PdfOptions {
            ident: if number.is_empty() { Smart::Auto } else { Smart::Custom(number.to_owned()) },
            creator: Smart::Custom(None),
            standards: PdfStandards::new(&[standard]).expect("one standard fits itself"),
            tagged: accessible,
            ..PdfOptions::default()
        };
        let sheet = Sheet { press: self, main: self.main.id(), data: Bytes::from_string("[]") };
        typst_pdf::pdf(document, &options).map_err(|errors| told(&sheet, &errors))
    }
}

/// Each message with its line of the template.
fn told(sheet: &Sheet<'_>, errors: &[SourceDiagnostic]) -> PrintError {
    let line = |error: &SourceDiagnostic| {
        let at = sheet.range(error.span)?.start;
        let source = sheet.source(error.span.id()?).ok()?;
        source.lines().byte_to_line(at).map(|line| format!("line {}: ", line + 1))
    };
    let told = errors.iter().map(|e| format!("{}{}", line(e).unwrap_or_default(), e.message));
    PrintError::Typesetting(told.collect::<Vec<_>>().join("; "))
}

/// What one compilation sees of the world.
struct Sheet<'a> {
    press: &'a Press,
    main: FileId,
    data: Bytes,
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        let Press { main, template, certificate, notice, cash, .. } = self.press;
        [main, template, certificate, notice, cash]
            .into_iter()
            .find(|source| source.id() == id)
            .cloned()
            .ok_or_else(|| FileError::NotFound(id.get().vpath().get_without_slash().into()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.press.data {
            return Ok(self.data.clone());
        }
        Err(FileError::NotFound(id.get().vpath().get_without_slash().into()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
