use chrono::NaiveDate;
use domain::ArchiveEvent;
use domain::archive::DocumentKind;
use domain::kernel::DocumentId;
use entities::archive::{self, Document};
use entities::kernel::{Change, Tx};

use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// A document that others will refer to.
#[derive(Debug, Clone)]
pub struct RegisterDocument {
    pub kind: DocumentKind,
    pub number: String,
    pub issued_on: NaiveDate,
    pub issuer: String,
    pub subject: String,
    pub today: NaiveDate,
}

/// Registers a document; the same one twice is refused, one from tomorrow too.
pub async fn register_document(tx: &mut Tx, cmd: RegisterDocument) -> Outcome<Document> {
    for (field, value) in [("number", &cmd.number), ("issuer", &cmd.issuer), ("subject", &cmd.subject)] {
        if value.trim().is_empty() {
            refuse!(Refusal::new("EMPTY").at(field));
        }
    }
    if cmd.issued_on > cmd.today {
        refuse!(Refusal::new("DATE_IN_FUTURE").at("issuedOn"));
    }
    let new = archive::New {
        kind: cmd.kind,
        number: cmd.number.trim(),
        issued_on: cmd.issued_on,
        issuer: cmd.issuer.trim(),
        subject: cmd.subject.trim(),
    };
    let Some(id) = archive::insert(tx, new).await? else {
        refuse!(Refusal::new("DOCUMENT_EXISTS").at("number"))
    };
    let Some(document) = archive::find(tx, id).await? else { refuse!("NOT_FOUND") };
    let after = serde_json::json!({
        "kind": document.kind, "number": document.number, "issuedOn": document.issued_on,
        "issuer": document.issuer, "subject": document.subject,
    });
    tx.audit(Change::new("document", id, "registered").after(after));
    tx.emit(ArchiveEvent::DocumentRegistered { document: DocumentId(id) });
    Ok(Ok(document))
}
