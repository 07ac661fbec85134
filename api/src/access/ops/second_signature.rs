//! Acts that two people sign. One asks for it on a document; another one agrees, and the very act is done in the transaction of the
//! agreement. What an act is, its subsystem says (`Signed`); the list of them all is `wiring::signatures`.

use chrono::NaiveDate;
use domain::AccessEvent;
use domain::access::{Permission, SignatureState, SignedAct};
use domain::kernel::*;
use entities::access::signature::{self, New, Signature};
use entities::kernel::{Broken, Change, Tx};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::platform::graphql::NodeKind;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// An act that one person alone does not do. Its fields are kept as they were asked with.
#[async_trait::async_trait]
pub trait Signed: Serialize + DeserializeOwned + Send + Sync + 'static {
    const ACT: SignedAct;

    /// Kind:id of what it is done to ([`subject`]); of what there is not yet, what tells it from others.
    fn subject(&self) -> String;

    /// Does it, by whoever the transaction is of, and says what it came to.
    async fn perform(&self, app: &App, tx: &mut Tx, document: DocumentId) -> Outcome<Seen>;
}

/// What an act came to: who has the right to it, whose rows it is of, and what is shown of it.
pub struct Seen {
    /// The right to the act; one of the two has it.
    pub right: Permission,
    /// The least that the other one has.
    pub least: Permission,
    /// Neither sector nor district: it is of the whole city.
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
    pub account: Option<AccountId>,
    pub about: About,
}

/// What whoever decides reads of an act; kept as it was when it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// In Kazakh, Russian and English.
    pub title: Option<[String; 3]>,
    pub month: Option<Period>,
    pub from: Option<NaiveDate>,
    /// First day after.
    pub to: Option<NaiveDate>,
    pub group: Option<ConsumerGroup>,
    pub sum: Option<Money>,
    /// Accounts or rows that it changes.
    pub rows: Option<i64>,
    pub reason: Option<String>,
}

/// The subject of an act that is done to a thing with an id.
pub fn subject<T: NodeKind>(id: T) -> String {
    let row: i64 = id.into();
    format!("{}:{row}", T::KIND)
}

/// Asks for an act. The same request again is the same request.
pub async fn ask_second<A: Signed>(
    app: &App,
    tx: &mut Tx,
    act: &A,
    document: DocumentId,
) -> Outcome<Signature> {
    // Done and given up: what would be refused later is refused at once, by the very act.
    let mark = tx.mark().await?;
    let seen = allow!(act.perform(app, tx, document).await?);
    tx.back_to(mark).await?;
    let plain = |error: serde_json::Error| Broken::Json(error.to_string());
    let new = New {
        act: A::ACT,
        subject: act.subject(),
        input: serde_json::to_value(act).map_err(plain)?,
        permission: if tx.actor().may(seen.right) { seen.least } else { seen.right },
        sector: seen.sector,
        district: seen.district,
        account: seen.account,
        about: serde_json::to_value(&seen.about).map_err(plain)?,
        document,
    };
    if let Some(row) = allow!(unless(signature::ask(tx, &new).await, &[])?) {
        tx.audit(
            Change::new("second_signature", row.id, "asked").after(&row).document(Some(row.document_id)),
        );
        tx.emit(AccessEvent::SignatureChanged { signature: row.id });
        return Ok(Ok(row));
    }
    match signature::waiting(tx, A::ACT, &new.subject).await? {
        Some(same) if same.input == new.input && same.document_id == document.0 => {
            tx.nothing_new("the same was asked for and waits");
            Ok(Ok(same))
        }
        Some(_) => refuse!("SIGNATURE_WAITS"),
        None => refuse!("CONFLICT"),
    }
}

/// The kept act, done now.
pub async fn perform_kept<A: Signed>(app: &App, tx: &mut Tx, row: &Signature) -> Outcome<Seen> {
    let act: A =
        serde_json::from_value(row.input.clone()).map_err(|error| Broken::Json(error.to_string()))?;
    act.perform(app, tx, DocumentId(row.document_id)).await
}

/// Agrees to what somebody else asked for, and it is done; or declines it. What cannot be done any more is refused, and the request
/// waits on.
pub async fn decide_second(app: &App, tx: &mut Tx, id: SignatureId, agreed: bool) -> Outcome<Signature> {
    let before = allow!(waiting(tx, id).await?);
    if before.asked_by == tx.actor().label {
        refuse!("SAME_PERSON");
    }
    if agreed {
        allow!(crate::wiring::signatures::perform(app, tx, &before).await?);
    }
    let state = if agreed { SignatureState::Agreed } else { SignatureState::Declined };
    decided(tx, &before, state).await
}

/// Gives up what one asked for oneself.
pub async fn withdraw_second(tx: &mut Tx, id: SignatureId) -> Outcome<Signature> {
    let before = allow!(waiting(tx, id).await?);
    if before.asked_by != tx.actor().label {
        refuse!("FORBIDDEN");
    }
    decided(tx, &before, SignatureState::Withdrawn).await
}

async fn waiting(tx: &Tx, id: SignatureId) -> Outcome<Signature> {
    match signature::lock(tx, id).await? {
        None => refuse!(Refusal::new("NOT_FOUND").at("id")),
        Some(row) if row.state != SignatureState::Waiting => refuse!("SIGNATURE_DECIDED"),
        Some(row) => Ok(Ok(row)),
    }
}

async fn decided(tx: &mut Tx, before: &Signature, state: SignatureState) -> Outcome<Signature> {
    let row = signature::decide(tx, before.id, state).await?;
    // What people agree on with each other has a word of its own in the trail.
    let action = if state == SignatureState::Agreed { "second_signed" } else { state.code() };
    tx.audit(
        Change::new("second_signature", row.id, action)
            .before(before)
            .after(&row)
            .document(Some(row.document_id)),
    );
    tx.emit(AccessEvent::SignatureChanged { signature: row.id });
    Ok(Ok(row))
}
