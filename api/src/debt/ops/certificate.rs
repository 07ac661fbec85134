//! Certificates of no debt: given, printed again, withdrawn.

use chrono::{DateTime, NaiveDate, Utc};
use documents::{CertificateDocument, Words};
use domain::DebtEvent;
use domain::debt::{CertificateRequires, Clearance};
use domain::kernel::*;
use entities::debt::certificate::{self, Certificate, NewCertificate, Subject};
use entities::kernel::{Broken, Change, Result, Tx};
use entities::subscribers::account;
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{missing, settings};
use crate::app::App;
use crate::billing::paper::{Letterhead, letterhead};
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Letters and digits that nobody takes for another; ten of them are 49 random bits.
const LETTERS: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// What stands on the paper besides names and sums, as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub account: String,
    pub identification: Option<String>,
    pub contract: Option<String>,
    pub address_kk: String,
    pub address_ru: String,
}

/// Certifies that an account owes nothing today, as the setting asks. What was certified today already is answered with the same paper.
pub async fn issue_certificate(
    tx: &mut Tx,
    app: &App,
    account: AccountId,
    today: NaiveDate,
    known_at: DateTime<Utc>,
) -> Outcome<Certificate> {
    let scope = tx.scope().clone();
    let Some(owner) = account::find(tx, &scope, account).await? else { refuse!("NOT_FOUND") };
    account::lock(tx, owner.id).await?;
    let book = settings(tx, today, known_at).await?;
    let requires = allow!(book.methods.debt.certificate_requires(today).map_err(missing));
    let clearance = Clearance::of(&certificate::owed(tx, owner.id).await?, today);
    let in_the_way = clearance.in_the_way(requires);
    if in_the_way.is_positive() {
        refuse!(Refusal::new("CERTIFICATE_DEBT").with("amount", in_the_way));
    }
    if let Some(same) = certificate::same(tx, owner.id, today, &clearance).await? {
        tx.nothing_new("certified today with the same sums");
        return Ok(Ok(same));
    }
    let subject = certificate::subject(tx, owner.id, today).await?;
    let subject = subject.ok_or_else(|| Broken::RecordNotFound(format!("the subject of {account}")))?;
    let paper = serde_json::to_value(kept(app, &subject)).expect("plain data");
    let new = NewCertificate {
        account: owner.id,
        party: subject.party_id,
        holder: subject.holder.unwrap_or_else(|| "—".to_owned()),
        on_day: today,
        requires,
        clearance,
        paper,
        code: code(),
    };
    let row = certificate::issue(tx, new).await?;
    let id = CertificateId(row.id);
    tx.audit(Change::new("certificate", id, "issued").after(&row));
    tx.emit(DebtEvent::CertificateIssued { certificate: id, account: owner.id });
    Ok(Ok(row))
}

fn code() -> String {
    let mut random = rand::rng();
    (0..10).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect()
}

pub(super) fn kept(app: &App, of: &Subject) -> Kept {
    let place = |street: &str| match of.flat.as_str() {
        "" => format!("{street}, {}", of.house),
        flat => format!("{street}, {}, {flat}", of.house),
    };
    Kept {
        account: of.number.clone(),
        identification: (of.organisation == Some(true))
            .then(|| of.identification.as_deref().and_then(|sealed| app.vault.open(sealed)))
            .flatten(),
        contract: of.contract.clone().map(|number| match of.contract_signed_on {
            Some(day) => format!("№ {number}, {}", day.format("%d.%m.%Y")),
            None => format!("№ {number}"),
        }),
        address_kk: place(&of.street_kk),
        address_ru: place(&of.street_ru),
    }
}

/// Takes a certificate back that should not have been given; whoever checks it is told so.
pub async fn withdraw_certificate(
    tx: &mut Tx,
    id: CertificateId,
    document: DocumentId,
) -> Outcome<Certificate> {
    let scope = tx.scope().clone();
    let Some(before) = certificate::find(tx, &scope, id).await? else { refuse!("NOT_FOUND") };
    let done = allow!(unless(certificate::withdraw(tx, id, document).await, &[])?);
    let Some(row) = done else { refuse!("ALREADY_WITHDRAWN") };
    tx.audit(
        Change::new("certificate", id, "withdrawn").before(&before).after(&row).document(Some(document.0)),
    );
    tx.emit(DebtEvent::CertificateIssued { certificate: id, account: AccountId(row.account_id) });
    Ok(Ok(row))
}

/// The paper of a certificate, with the requisites of its day: the same bytes every time.
pub async fn certificate_paper(
    app: &App,
    row: &Certificate,
) -> Result<std::result::Result<CertificateDocument, Refusal>> {
    let head: Letterhead = match letterhead(&app.db, row.on_day).await? {
        Ok(head) => head,
        Err(gap) => return Ok(Err(Refusal::new("MISSING_SETTING").with("code", gap.0))),
    };
    let kept: Kept =
        serde_json::from_value(row.paper.clone()).map_err(|error| Broken::Custom(error.to_string()))?;
    let sum = Money::from_tiyn;
    Ok(Ok(CertificateDocument {
        number: row.full_number(),
        code: row.code.clone(),
        on: row.on_day,
        account: kept.account,
        holder: row.holder.clone(),
        identification: kept.identification,
        contract: kept.contract,
        address: Words::new(kept.address_kk, kept.address_ru),
        requires: CertificateRequires::from_code(&row.requires)
            .unwrap_or(CertificateRequires::NothingOverdue),
        not_due: sum(row.not_due),
        disputed: sum(row.disputed),
        advance: sum(row.advance),
        withdrawn: row.withdrawn_at.is_some(),
        issuer: head.issuer().clone(),
    }))
}
