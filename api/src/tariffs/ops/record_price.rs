use domain::TariffsEvent;
use domain::kernel::TariffId;
use entities::kernel::{Broken, Change, Tx, bitemporal};
use entities::tariffs::setting;
use entities::tariffs::version::{self, PRICES, Price};
use rust_decimal::Decimal;

use super::dated;
use crate::platform::refusal::unless;
use crate::platform::{Outcome, Refusal};
use crate::tariffs::inputs::PriceRecordInput;
use crate::{allow, refuse};

/// Records a price for some days; what was in force on them before ends or gives way, and stays readable as it was known.
pub async fn record_price(tx: &mut Tx, input: PriceRecordInput) -> Outcome<Price> {
    let net = match Decimal::from_str_exact(input.net.trim()) {
        Ok(net)
            if !net.is_sign_negative() && net.normalize().scale() <= 4 && net < Decimal::from(10_000_000) =>
        {
            net
        }
        _ => refuse!(Refusal::new("PRICE_WRONG").at("net")),
    };
    let (from, to) = allow!(dated(tx, input.from, input.to, &input.source).await?);
    setting::lock(tx).await?;
    let at = bitemporal::moment(tx).await?;
    let key = || [input.service.code().into(), input.consumer_group.code().into()];
    PRICES.make_room(tx, key(), from, to, at).await?;
    let said = [
        input.service.code().into(),
        input.consumer_group.code().into(),
        net.into(),
        input.source.trim().into(),
        input.document_id.0.0.into(),
        false.into(),
        tx.actor().label.clone().into(),
    ];
    let id = TariffId(allow!(unless(PRICES.record(tx, said, from, to, at).await, &[])?));
    let price = version::price(tx, id).await?.ok_or(Broken::RecordNotInserted)?;
    tx.audit(Change::new("price", id, "recorded").after(&price).document(Some(input.document_id.0.0)));
    tx.emit(TariffsEvent::TariffRecorded { tariff: id });
    Ok(Ok(price))
}
