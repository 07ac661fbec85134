//! Every fact of a saved batch is put back as it was.

use chrono::{DateTime, Utc};
use domain::amendments::{AmendmentAct as Act, AmendmentFact as Fact, AmendmentOutcome};
use domain::kernel::*;
use entities::amendments::batch::{self, Batch, Row};
use entities::amendments::facts::{self, Register};
use entities::kernel::{Tx, bitemporal};
use entities::payments::payment;

use super::perform::readings_of;
use crate::payments::ops::{NewPayment, record_many, still_meant};
use crate::platform::clock::Clock;
use crate::platform::{Outcome, Refusal};
use crate::{allow, refuse};

/// Refused as a whole when something was said of the same facts since.
pub async fn put_back(
    tx: &mut Tx,
    clock: &Clock,
    found: &Batch,
    applied: DateTime<Utc>,
) -> Outcome<Vec<Row>> {
    let mut rows = batch::rows(tx, found.amendment_id()).await?;
    rows.retain(|row| row.outcome == AmendmentOutcome::Applied);
    let accounts: std::collections::BTreeSet<i64> = rows.iter().filter_map(|row| row.account_id).collect();
    facts::lock_accounts(tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
    let now = bitemporal::moment(tx).await?;
    allow!(readings_back(tx, found, &rows).await?);
    for (fact, register) in [
        (Fact::Residents, Register::Residents),
        (Fact::Verification, Register::Verifications),
        (Fact::Amenity, Register::Amenities),
        (Fact::Installation, Register::Installations),
    ] {
        let keys: Vec<i64> = rows.iter().filter(|row| row.fact == fact).flat_map(keys).collect();
        if keys.is_empty() {
            continue;
        }
        let stays: Vec<i64> =
            rows.iter().filter(|row| row.fact == Fact::Installation).filter_map(stay).collect();
        let taken = register == Register::Installations && facts::points_taken(tx, stays).await?;
        if taken || facts::recorded_since(tx, register, keys.clone(), applied).await? {
            refuse!("AMENDED_SINCE");
        }
        facts::back(tx, register, keys, applied, now).await?;
    }
    allow!(payments_back(tx, clock, &rows).await?);
    for row in &mut rows {
        row.outcome = AmendmentOutcome::Reversed;
    }
    Ok(Ok(rows))
}

/// What its register tells versions apart by.
fn keys(row: &Row) -> Vec<i64> {
    let Some(before) = &row.before else { return Vec::new() };
    let many = before["keys"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_i64);
    before["key"].as_i64().into_iter().chain(many).collect()
}

/// The row of the register that a removed installation was.
fn stay(row: &Row) -> Option<i64> {
    row.before.as_ref()?["row"].as_i64()
}

async fn readings_back(tx: &Tx, found: &Batch, rows: &[Row]) -> Outcome<()> {
    let of_stays: Vec<facts::Removed> = rows
        .iter()
        .filter(|row| row.fact == Fact::Installation)
        .flat_map(readings_of)
        .map(|(id, verdict)| (id, verdict, None))
        .collect();
    facts::readings_back(tx, &of_stays).await?;
    let of_readings: Vec<&Row> = rows.iter().filter(|row| row.fact == Fact::Reading).collect();
    if of_readings.is_empty() {
        return Ok(Ok(()));
    }
    let removed: Vec<facts::Removed> = of_readings
        .iter()
        .filter_map(|row| {
            let before = row.before.as_ref()?;
            Some((row.fact_id?, before["verdict"].as_str()?.to_owned(), before["restored"].as_i64()))
        })
        .collect();
    let made: Vec<i64> = of_readings.iter().filter_map(|row| row.made_id).collect();
    let gone: Vec<i64> = removed.iter().map(|one| one.0).chain(made.iter().copied()).collect();
    let instead: Vec<i64> = removed.iter().filter_map(|one| one.2).chain(made.iter().copied()).collect();
    if facts::readings_since(tx, gone, instead).await?.is_some() {
        refuse!("AMENDED_SINCE");
    }
    facts::readings_back(tx, &removed).await?;
    if !made.is_empty() {
        facts::remove_readings(tx, found.amendment_id(), made, &found.reason, true).await?;
    }
    Ok(Ok(()))
}

/// A payment that was reversed stays so: the same money is recorded anew, on the payer's day.
async fn payments_back(tx: &mut Tx, clock: &Clock, rows: &[Row]) -> Outcome<()> {
    let of_payments = rows.iter().filter(|row| row.act == Act::Remove && row.fact == Fact::Payment);
    let ids: Vec<i64> = of_payments.filter_map(|row| row.fact_id).collect();
    if ids.is_empty() {
        return Ok(Ok(()));
    }
    let mut again = Vec::with_capacity(ids.len());
    for old in payment::lock_visible(tx, ids).await? {
        let Some(sector) = Sector::from_code(&old.sector) else {
            refuse!(Refusal::new("NOT_FOUND"));
        };
        again.push(NewPayment {
            account: AccountId(old.account_id),
            sector,
            channel: old.channel,
            external_id: format!("{} restored {}", old.external_id, old.id),
            amount: Money::from_tiyn(old.amount),
            paid_on: old.paid_on,
            import_batch: None,
            paid_at: old.paid_at,
            target: still_meant(tx, old.target.as_deref()).await?,
        });
    }
    allow!(record_many(tx, &again, clock.now()).await?);
    Ok(Ok(()))
}
