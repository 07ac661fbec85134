//! A closed month is opened again by two people: one asks on a document, another one confirms. Never after its declaration was
//! handed in. While it is open only those who run it write into it; the next close checks everything anew.

use domain::LedgerEvent;
use domain::kernel::{DocumentId, Money, Period, Sector};
use domain::ledger::{PeriodStatus, ReopeningState, may_reopen};
use entities::kernel::{Change, Result, Tx};
use entities::ledger::period::{self, PeriodRow};
use entities::ledger::reopening;
use serde_json::json;

use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// The month alone, if nothing stands against opening it again.
async fn reopenable(tx: &Tx, month: Period, sector: Sector) -> Outcome<PeriodRow> {
    let Some(row) = super::lock(tx, month, sector).await? else { refuse!("NO_SUCH_PERIOD") };
    match may_reopen(&reopening::facts(tx, &row).await?) {
        Some(why) => refuse!(Refusal::new(why)),
        None => Ok(Ok(row)),
    }
}

/// Asks for it; one wish of a month waits at a time.
pub async fn request_reopening(
    tx: &mut Tx,
    month: Period,
    sector: Sector,
    reason: &str,
    document: DocumentId,
) -> Outcome<PeriodRow> {
    if reason.trim().is_empty() || reason.chars().count() > 2_000 {
        refuse!(Refusal::new("REOPENING_REASON").at("reason"));
    }
    let row = allow!(reopenable(tx, month, sector).await?);
    if reopening::waiting(tx, month, sector).await?.is_some() {
        refuse!("REOPENING_WAITS");
    }
    let asked = reopening::request(tx, month, sector, reason, document).await;
    let asked = allow!(unless(asked, &[])?);
    tx.audit(
        Change::bulk(
            "period",
            "reopening_requested",
            json!({ "period": month, "sector": sector, "reason": asked.reason }),
        )
        .document(Some(document.0)),
    );
    tx.emit(LedgerEvent::ReopeningRequested { period: month, sector });
    Ok(Ok(row))
}

/// Confirms it by another person, or declines it by anybody with the right.
pub async fn decide_reopening(
    tx: &mut Tx,
    month: Period,
    sector: Sector,
    confirm: bool,
) -> Outcome<PeriodRow> {
    let Some(row) = super::lock(tx, month, sector).await? else { refuse!("NO_SUCH_PERIOD") };
    let Some(asked) = reopening::waiting(tx, month, sector).await? else { refuse!("REOPENING_NOT_ASKED") };
    let said = json!({ "period": month, "sector": sector, "requested_by": asked.requested_by, "reason": asked.reason });
    if !confirm {
        reopening::decide(tx, asked.id, ReopeningState::Declined).await?;
        tx.audit(Change::bulk("period", "reopening_declined", said).document(Some(asked.document_id)));
        tx.nothing_new("the month stays as it is");
        return Ok(Ok(row));
    }
    if asked.requested_by == tx.actor().label {
        refuse!("REOPENING_SECOND_PERSON");
    }
    allow!(reopenable(tx, month, sector).await?);
    reopening::decide(tx, asked.id, ReopeningState::Confirmed).await?;
    reopening::reopen(tx, month, sector, asked.id).await?;
    tx.audit(Change::bulk("period", "reopened", said).document(Some(asked.document_id)));
    tx.emit(LedgerEvent::PeriodReopened { period: month, sector });
    found(tx, month, sector).await.map(Ok)
}

/// Says that the declaration of a closed month was handed in: it is never opened again. What it bears of VAT is put beside the ledger.
pub async fn file_period(
    tx: &mut Tx,
    month: Period,
    sector: Sector,
    document: DocumentId,
    vat: Option<Money>,
) -> Outcome<PeriodRow> {
    let Some(row) = super::lock(tx, month, sector).await? else { refuse!("NO_SUCH_PERIOD") };
    if row.status() != PeriodStatus::Closed {
        refuse!("PERIOD_NOT_CLOSED");
    }
    let filed = reopening::file(tx, month, sector, document, vat).await;
    if allow!(unless(filed, &[])?) == 0 {
        tx.nothing_new("filed already");
        return Ok(Ok(row));
    }
    tx.audit(
        Change::bulk("period", "filed", json!({ "period": month, "sector": sector, "vat": vat }))
            .document(Some(document.0)),
    );
    tx.emit(LedgerEvent::PeriodFiled { period: month, sector });
    Ok(Ok(row))
}

async fn found(tx: &Tx, month: Period, sector: Sector) -> Result<PeriodRow> {
    let row = period::find(tx, month, sector).await?;
    row.ok_or_else(|| entities::kernel::Broken::RecordNotFound("the month".to_owned()))
}
