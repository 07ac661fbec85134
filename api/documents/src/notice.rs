//! A warning of disconnection (уведомление об отключении) as a page.

use chrono::NaiveDate;
use domain::kernel::*;
use serde_json::{Value as Json, json};

use crate::bill::{Issuer, Words};
use crate::cash::made;
use crate::face::words;
use crate::sentence::{day, money};

/// What a warning says, in the product's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeDocument {
    pub number: String,
    pub on: NaiveDate,
    pub account: String,
    pub holder: String,
    /// БИН of an organisation; a person's ИИН never stands on paper.
    pub identification: Option<String>,
    pub contract: Option<String>,
    pub address: Words,
    pub debt: Money,
    /// Unpaid months.
    pub months: i32,
    /// Last day to pay.
    pub deadline: NaiveDate,
    /// What was told in words on the day of the warning.
    pub text: Words,
    pub withdrawn: bool,
    pub issuer: Issuer,
}

/// As the template reads it.
pub(crate) fn face(one: &NoticeDocument) -> Json {
    json!({
        "number": one.number,
        "on": day(one.on),
        "made": made(one.on),
        "account": one.account,
        "holder": one.holder,
        "identification": one.identification,
        "contract": one.contract,
        "address": words(&one.address),
        "debt": money(one.debt),
        "months": one.months.to_string(),
        "deadline": day(one.deadline),
        "words": words(&one.text),
        "withdrawn": one.withdrawn,
        "issuer": {
            "name": words(&one.issuer.name),
            "bin": one.issuer.bin,
            "iban": one.issuer.iban,
            "bic": one.issuer.bic,
            "bank": words(&one.issuer.bank),
            "phone": one.issuer.phone,
            "site": one.issuer.site,
            "demo": one.issuer.demo,
        },
    })
}
