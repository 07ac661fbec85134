use rust_decimal::Decimal;

use super::{Band, Bands};

/// Why a list of bands prices nothing, or some volume twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongBands {
    #[error("there are between one and twenty bands")]
    Count,
    #[error("bounds rise")]
    Order,
    #[error("the last band, and only that one, has no bound")]
    Last,
    #[error("a coefficient lies above 0 and not above 100")]
    Coefficient,
}

impl Bands {
    /// Every volume falls into exactly one band.
    pub fn checked(self) -> Result<Self, WrongBands> {
        let most = Decimal::ONE_HUNDRED;
        let Some((last, bounded)) = self.bands.split_last().filter(|_| self.bands.len() <= 20) else {
            return Err(WrongBands::Count);
        };
        if last.upto.is_some() || bounded.iter().any(|band| band.upto.is_none()) {
            return Err(WrongBands::Last);
        }
        let bounds = bounded.iter().filter_map(|band| band.upto);
        if !bounds.clone().zip(bounds.skip(1)).all(|(low, high)| low < high)
            || bounded.first().is_some_and(|band: &Band| band.upto.is_some_and(|upto| upto.liters() <= 0))
        {
            return Err(WrongBands::Order);
        }
        if self.bands.iter().any(|band| band.coefficient <= Decimal::ZERO || band.coefficient > most) {
            return Err(WrongBands::Coefficient);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Volume;
    use crate::tariffs::BandMode;

    #[test]
    fn every_volume_falls_into_exactly_one_band() {
        let check = |text: &str| {
            let band = |text: &str| {
                let (upto, coefficient) = text.split_once(':').unwrap();
                let upto = upto.parse().ok().map(Volume::from_liters);
                Band { upto, coefficient: coefficient.parse().unwrap() }
            };
            let bands = text.split_whitespace().map(band).collect();
            Bands { mode: BandMode::Whole, bands }.checked().err()
        };
        for (text, wrong) in [
            ("3000:1.0 5000:1.2 10000:1.5 -:2.0", None),
            ("-:1", None),
            ("", Some(WrongBands::Count)),
            (&"-:1 ".repeat(21), Some(WrongBands::Count)),
            ("3000:1 5000:2", Some(WrongBands::Last)),
            ("3000:1 -:2 -:3", Some(WrongBands::Last)),
            ("5000:1 3000:2 -:3", Some(WrongBands::Order)),
            ("3000:1 3000:2 -:3", Some(WrongBands::Order)),
            ("0:1 -:2", Some(WrongBands::Order)),
            ("3000:0 -:2", Some(WrongBands::Coefficient)),
            ("3000:1 -:101", Some(WrongBands::Coefficient)),
        ] {
            assert_eq!(check(text), wrong, "{text}");
        }
    }
}
