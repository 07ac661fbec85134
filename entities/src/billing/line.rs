//! A charge line on its way in: the columns that say what was charged, the same in bills and in corrections.

use domain::billing::ChargeLine;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::kernel::copy::Rows;
use crate::kernel::{Broken, Result};

/// In the order of [`put`].
pub(super) const COLUMNS: &str = "point_id, service, component, basis, from_day, to_day, liters, price, coefficient, vat_rate, tariff_id, \
     vat_id, band_id, norm_id, residency_id, residents, meter_id, reading_prev, reading_last, net, vat, gross, special_id, building_id, \
     limit_id";

/// How many they are.
pub(super) const FIELDS: i16 = 25;

/// A decimal as a whole number of ten-thousandths; what does not fit is an error, never a rounding.
fn scaled(value: Decimal) -> Result<i64> {
    let whole = value * Decimal::from(10_000);
    let fits = whole.fract().is_zero().then(|| whole.to_i64()).flatten();
    fits.ok_or_else(|| Broken::Custom(format!("{value} does not fit into ten-thousandths")))
}

/// The fields of a row behind those that say whose it is.
pub(super) fn put(row: &mut Rows, line: &ChargeLine) -> Result<()> {
    row.i64(line.point.0)
        .text(line.service.code())
        .text(line.component.code())
        .text(line.basis.code())
        .date(line.from)
        .date(line.to)
        .i64(line.volume.liters())
        .i64(scaled(line.price)?)
        .i64(scaled(line.coefficient)?)
        .i32(scaled(line.vat_rate)? as i32)
        .i64(line.tariff.0)
        .i64(line.vat.0)
        .i64_or_null(line.band.map(|id| id.0))
        .i64_or_null(line.norm.map(|id| id.0))
        .i64_or_null(line.residency.map(|id| id.0))
        .i32_or_null(line.residents.map(|n| n as i32))
        .i64_or_null(line.meter.map(|id| id.0))
        .i64_or_null(line.reading_prev.map(|id| id.0))
        .i64_or_null(line.reading_last.map(|id| id.0))
        .i64(line.net.tiyn())
        .i64(line.vat_amount.tiyn())
        .i64(line.gross.tiyn())
        .i64_or_null(line.special.map(|id| id.0))
        .i64_or_null(line.building.map(|id| id.0))
        .i64_or_null(line.limit.map(|id| id.0));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_columns_as_fields() {
        assert_eq!(COLUMNS.split(',').count(), FIELDS as usize);
    }
}
