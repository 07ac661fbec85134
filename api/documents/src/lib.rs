//! Papers of the product. [`Press`] typesets a [`BillDocument`] into one accessible page; [`binder`] joins files of many pages
//! into one without holding them all.
//!
//! Knows the words of the product and nothing of its database: what stands on a paper is handed in.

mod bill;
pub mod binder;
mod cash;
mod certificate;
mod face;
mod in_words;
mod notice;
mod press;
pub mod qr;
pub mod sentence;

pub use bill::{
    Balance, BillDocument, Charge, Issuer, MeterReading, MonthUse, Reading, Recalculation, Unbalanced,
    Verification, Words,
};
pub use cash::{
    CashBookDocument, CashOrderDocument, CashRegisterDocument, CashRow, CashSlipDocument, FiscalMark, Pieces,
    ZDocument,
};
pub use certificate::CertificateDocument;
pub use in_words::in_words;
pub use notice::NoticeDocument;
pub use press::{PRESS, Press, PrintError};
