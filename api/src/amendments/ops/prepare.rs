//! Registers a batch on its document and sends it to be reckoned.

use domain::amendments::{AmendmentAct, AmendmentFact, AmendmentState, parse};
use domain::kernel::*;
use entities::amendments::batch::{self, NewRow};
use entities::amendments::{self as found, Filter, Pick};
use entities::kernel::{Change, Result, Tx, jobs};
use serde_json::json;

use crate::amendments::jobs::{AMENDMENT, AmendmentArgs};
use crate::platform::jobs::Behalf;
use crate::platform::{Outcome, Refusal};
use crate::refuse;
use domain::access::Permission;

/// Rows of one batch: what one transaction may hold back from others for. A larger file is taken back by its own undoing.
pub const MOST: usize = 10_000;

/// What a batch is to be about.
#[derive(Debug, Clone)]
pub struct Wish {
    pub document: DocumentId,
    pub reason: String,
    /// What was picked by hand.
    pub picked: Vec<(AmendmentFact, i64)>,
    pub filter: Option<Filter>,
    pub import: Option<ImportBatchId>,
    /// Lines of changes.
    pub changes: Option<String>,
}

/// Nothing is changed by this.
pub async fn prepare(tx: &mut Tx, wish: Wish) -> Outcome<AmendmentId> {
    let reason = wish.reason.trim().to_owned();
    if reason.is_empty() {
        refuse!(Refusal::new("EMPTY").at("reason"));
    }
    if entities::archive::find(tx, wish.document.0).await?.is_none() {
        refuse!(Refusal::new("NO_SUCH_DOCUMENT").at("documentId"));
    }
    let mut picked = wish.picked;
    let add = |picked: &mut Vec<_>, more: Vec<Pick>| {
        picked.extend(more.into_iter().map(|one| (one.fact, one.id)));
    };
    if let Some(filter) = &wish.filter {
        if filter.fact == AmendmentFact::Amenity {
            refuse!(Refusal::new("AMENDMENT_FACT").at("filter"));
        }
        add(&mut picked, found::of_filter(tx, filter, MOST as i64).await?);
    }
    if let Some(import) = wish.import {
        add(&mut picked, found::of_import(tx, import, MOST as i64).await?);
    }
    let removed = picked.into_iter().map(|(fact, id)| NewRow {
        act: AmendmentAct::Remove,
        fact,
        fact_id: Some(id),
        number: None,
        value: None,
        day: None,
        serial: None,
    });
    let mut rows: Vec<NewRow> = removed.collect();
    match parse(wish.changes.as_deref().unwrap_or_default()) {
        Ok(changes) => rows.extend(changes.into_iter().map(|change| NewRow {
            act: AmendmentAct::Change,
            fact: change.said.fact(),
            fact_id: None,
            value: Some(change.said.text()),
            number: Some(change.number),
            day: Some(change.day),
            serial: change.serial,
        })),
        Err(fault) => refuse!(
            Refusal::new("AMENDMENT_LINE")
                .at("changes")
                .with("line", fault.line.to_string())
                .with("column", fault.column)
        ),
    }
    if rows.is_empty() {
        refuse!("AMENDMENT_EMPTY");
    }
    if rows.len() > MOST {
        refuse!(Refusal::new("AMENDMENT_TOO_LARGE").with("most", MOST));
    }
    // Whoever edits charges never touches money: payments want their own right besides.
    let money = rows.iter().any(|row| row.fact == AmendmentFact::Payment);
    if money && !tx.actor().may(Permission::PaymentReverse) {
        refuse!("AMENDMENT_MONEY");
    }
    let id = batch::create(tx, wish.document, &reason).await?;
    batch::add_rows(tx, id, &rows).await?;
    enqueue(tx, id, AmendmentState::Reckoning).await?;
    tx.audit(
        Change::new("amendment", id, "created")
            .after(json!({ "reason": reason, "rows": rows.len() }))
            .document(Some(wish.document.0)),
    );
    Ok(Ok(id))
}

/// A job for each thing to do, on behalf of whoever asked: it reaches no more rows. What writes is not stopped half way.
pub(super) async fn enqueue(tx: &mut Tx, id: AmendmentId, what: AmendmentState) -> Result<()> {
    let args = AmendmentArgs { amendment: id.0, behalf: Behalf::of(tx.actor()) };
    let key = format!("{id} {what}");
    let job = match what {
        AmendmentState::Reckoning => jobs::enqueue(tx, AMENDMENT, &args, Some(&key)).await?,
        _ => jobs::enqueue_lasting(tx, AMENDMENT, &args, &key).await?,
    };
    batch::set_job(tx, id, job).await.map(drop)
}
