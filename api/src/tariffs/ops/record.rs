//! Versions of prices, norms, VAT and bands: recorded on a document, each in one step.

use domain::TariffsEvent;
use domain::tariffs::{Band, Bands, WrongBands};
use entities::kernel::{Change, Tx, bitemporal};
use entities::tariffs::setting;
use entities::tariffs::version::{self, BandSet, Basis, Norm, Price, Vat, Version, stored_bands};
use rust_decimal::Decimal;
use sea_orm::Value;

use super::dated;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::tariffs::inputs::*;
use crate::{allow, refuse};

/// Records a version for some days; what was in force on them before ends or gives way, and stays readable as it was known.
async fn record<V: Version>(
    tx: &mut Tx,
    key: Vec<Value>,
    value: Vec<Value>,
    basis: BasisInput,
) -> Outcome<V> {
    let (from, to) = allow!(dated(tx, basis.from, basis.to, &basis.source).await?);
    let document = basis.document_id.0;
    let source = basis.source.trim().to_owned();
    let basis = Basis { from, to, source, demo: false, document_id: Some(document) };
    setting::lock(tx).await?;
    let at = bitemporal::moment(tx).await?;
    let (id, version) = allow!(unless(version::record::<V>(tx, key, value, basis, at).await, &[])?);
    tx.audit(Change::new(V::NAME, id, "recorded").after(&version).document(Some(document.0)));
    tx.emit(TariffsEvent::TariffRecorded { tariff: id });
    Ok(Ok(version))
}

/// A number with four decimals at most, below a bound.
fn decimal(text: &str, below: i64) -> Option<Decimal> {
    let number = Decimal::from_str_exact(text.trim()).ok()?;
    let fits = !number.is_sign_negative() && number.normalize().scale() <= 4 && number < below.into();
    fits.then_some(number)
}

pub async fn record_price(tx: &mut Tx, input: PriceRecordInput) -> Outcome<Price> {
    let Some(net) = decimal(&input.net, 10_000_000) else { refuse!(Refusal::new("PRICE_WRONG").at("net")) };
    let key = vec![input.service.code().into(), input.consumer_group.code().into()];
    record(tx, key, vec![net.into()], input.basis).await
}

pub async fn record_norm(tx: &mut Tx, input: NormRecordInput) -> Outcome<Norm> {
    let liters = input.volume.liters();
    if !(0..=1_000_000).contains(&liters) {
        refuse!(Refusal::new("VOLUME_WRONG").at("volume"));
    }
    let key = vec![input.amenity.code().into(), input.service.code().into()];
    record(tx, key, vec![liters.into()], input.basis).await
}

pub async fn record_vat(tx: &mut Tx, input: VatRecordInput) -> Outcome<Vat> {
    let Some(rate) = decimal(&input.rate, 1) else { refuse!(Refusal::new("RATE_WRONG").at("rate")) };
    record(tx, Vec::new(), vec![rate.into()], input.basis).await
}

pub async fn record_bands(tx: &mut Tx, input: BandsRecordInput) -> Outcome<BandSet> {
    let mut bands = Vec::new();
    for band in input.bands {
        let Some(coefficient) = decimal(&band.coefficient, 1_000) else {
            refuse!(refused(WrongBands::Coefficient))
        };
        bands.push(Band { upto: band.upto, coefficient });
    }
    let bands = allow!(Bands { mode: input.mode, bands }.checked().map_err(refused));
    let value = vec![bands.mode.code().into(), stored_bands(&bands).into(), false.into()];
    record(tx, Vec::new(), value, input.basis).await
}

/// States that no bands apply on some days: a fact with a source like any other.
pub async fn suspend_bands(tx: &mut Tx, input: BandsSuspendInput) -> Outcome<BandSet> {
    let none = serde_json::json!([]);
    let mode = domain::tariffs::BandMode::Whole.code();
    record(tx, Vec::new(), vec![mode.into(), none.into(), true.into()], input.basis).await
}

fn refused(wrong: WrongBands) -> Refusal {
    let code = match wrong {
        WrongBands::Count => "BANDS_COUNT",
        WrongBands::Order => "BANDS_ORDER",
        WrongBands::Last => "BANDS_LAST",
        WrongBands::Coefficient => "BANDS_COEFFICIENT",
    };
    Refusal::new(code).at("bands")
}
