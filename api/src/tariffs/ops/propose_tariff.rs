//! Versions of prices, norms, VAT and bands: proposed on a document by one person; they decide nothing until another confirms.

use domain::TariffsEvent;
use domain::tariffs::{Band, Bands, WrongBands};
use entities::kernel::{Broken, Change, Tx};
use entities::tariffs::proposal::{self, Proposal, Proposed};
use entities::tariffs::setting;
use entities::tariffs::version::{BandSet, Norm, Price, Vat, Version, stored_bands};
use rust_decimal::Decimal;
use sea_orm::Value;

use super::dated;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::tariffs::inputs::*;
use crate::{allow, refuse};

/// Proposes a version for some days. The same proposal again is the one that waits.
async fn propose<V: Version>(tx: &mut Tx, values: Vec<Value>, basis: BasisInput) -> Outcome<Proposal> {
    let days = allow!(dated(basis.from, basis.to, &basis.source));
    let document = basis.document_id.0;
    setting::lock(tx).await?;
    let proposed = proposal::propose::<V>(tx, values, days, basis.source.trim(), document.0).await;
    let (id, new) = match allow!(unless(proposed, &[])?) {
        Proposed::New(id) => (id, true),
        Proposed::Again(id) => (id, false),
        Proposed::Waits => refuse!(Refusal::new("TARIFF_WAITS").at("from")),
    };
    let proposal = proposal::find(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    if new {
        tx.audit(Change::new(V::NAME, id, "proposed").after(&proposal).document(Some(document.0)));
        tx.emit(TariffsEvent::TariffProposed { tariff: id });
    } else {
        tx.nothing_new("the same proposal waits already");
    }
    Ok(Ok(proposal))
}

/// A number with four decimals at most, below a bound.
fn decimal(text: &str, below: i64) -> Option<Decimal> {
    let number = Decimal::from_str_exact(text.trim()).ok()?;
    let fits = !number.is_sign_negative() && number.normalize().scale() <= 4 && number < below.into();
    fits.then_some(number)
}

pub async fn propose_price(tx: &mut Tx, input: PriceProposeInput) -> Outcome<Proposal> {
    let Some(net) = decimal(&input.net, 10_000_000) else { refuse!(Refusal::new("PRICE_WRONG").at("net")) };
    let values = vec![input.service.code().into(), input.consumer_group.code().into(), net.into()];
    propose::<Price>(tx, values, input.basis).await
}

pub async fn propose_norm(tx: &mut Tx, input: NormProposeInput) -> Outcome<Proposal> {
    let liters = input.volume.liters();
    if !(0..=1_000_000).contains(&liters) {
        refuse!(Refusal::new("VOLUME_WRONG").at("volume"));
    }
    let values = vec![input.amenity.code().into(), input.service.code().into(), liters.into()];
    propose::<Norm>(tx, values, input.basis).await
}

pub async fn propose_vat(tx: &mut Tx, input: VatProposeInput) -> Outcome<Proposal> {
    let Some(rate) = decimal(&input.rate, 1) else { refuse!(Refusal::new("RATE_WRONG").at("rate")) };
    propose::<Vat>(tx, vec![rate.into()], input.basis).await
}

pub async fn propose_bands(tx: &mut Tx, input: BandsProposeInput) -> Outcome<Proposal> {
    let mut bands = Vec::new();
    for band in input.bands {
        let Some(coefficient) = decimal(&band.coefficient, 1_000) else {
            refuse!(refused(WrongBands::Coefficient))
        };
        bands.push(Band { upto: band.upto, coefficient });
    }
    let bands = allow!(Bands { mode: input.mode, bands }.checked().map_err(refused));
    let values = vec![bands.mode.code().into(), stored_bands(&bands).into(), false.into()];
    propose::<BandSet>(tx, values, input.basis).await
}

/// Proposes that no bands apply on some days: a fact with a source like any other.
pub async fn propose_suspension(tx: &mut Tx, input: SuspensionProposeInput) -> Outcome<Proposal> {
    let none = serde_json::json!([]);
    let mode = domain::tariffs::BandMode::Whole.code();
    propose::<BandSet>(tx, vec![mode.into(), none.into(), true.into()], input.basis).await
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
