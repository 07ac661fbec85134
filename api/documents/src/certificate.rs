//! A certificate of no debt (справка об отсутствии задолженности) as a page.

use chrono::NaiveDate;
use domain::debt::CertificateRequires;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use crate::bill::{Issuer, Words};
use crate::face::words;
use crate::sentence::{day, money};

/// What a certificate says, in the product's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateDocument {
    /// "2026-000123".
    pub number: String,
    /// What it can be checked with, beside the number.
    pub code: String,
    pub on: NaiveDate,
    pub account: String,
    pub holder: String,
    /// БИН of an organisation; a person's ИИН never stands on paper.
    pub identification: Option<String>,
    pub contract: Option<String>,
    pub address: Words,
    pub requires: CertificateRequires,
    pub not_due: Money,
    pub disputed: Money,
    pub advance: Money,
    pub withdrawn: bool,
    pub issuer: Issuer,
}

/// As the template reads it.
pub(crate) fn face(one: &CertificateDocument) -> Json {
    let shown = |sum: Money| sum.is_positive().then(|| money(sum));
    json!({
        "number": one.number,
        "code": one.code,
        "on": day(one.on),
        "made": { "year": one.on.format("%Y").to_string(), "month": one.on.format("%m").to_string(), "day": one.on.format("%d").to_string() },
        "account": one.account,
        "holder": one.holder,
        "identification": one.identification,
        "contract": one.contract,
        "address": words(&one.address),
        "nothing_owed": one.requires == CertificateRequires::NothingOwed || one.not_due.is_zero(),
        "not_due": shown(one.not_due),
        "disputed": shown(one.disputed),
        "advance": shown(one.advance),
        "withdrawn": one.withdrawn,
        "issuer": {
            "name": words(&one.issuer.name),
            "bin": one.issuer.bin,
            "phone": one.issuer.phone,
            "site": one.issuer.site,
            "demo": one.issuer.demo,
        },
    })
}
