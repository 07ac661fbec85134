//! A fingerprint of lines: the same for every order and sharding of a run, different for every other tiyn.

use sha2::{Digest, Sha256};

use super::{Carried, ChargeLine};
use crate::kernel::*;

/// The account's share of a run's hash. A run's hash is the wrapping sum over its accounts.
pub fn line_hash(account: AccountId, lines: &[ChargeLine]) -> u128 {
    fn id<T: std::fmt::Display>(id: Option<T>) -> String {
        id.map_or_else(|| "-".to_owned(), |id| id.to_string())
    }
    let mut hasher = Sha256::new();
    hasher.update(format!("{account}\n"));
    for l in lines {
        // Decimals are written without trailing zeros: 66 and 66.00 are one price.
        hasher.update(format!(
            "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}\n",
            l.point,
            l.service,
            l.component,
            l.basis,
            l.from,
            l.to,
            l.volume.liters(),
            l.price.normalize(),
            l.coefficient.normalize(),
            l.tariff,
            l.vat,
            l.vat_rate.normalize(),
            id(l.band),
            id(l.norm),
            id(l.special),
            id(l.building),
            id(l.residency),
            id(l.residents),
            id(l.meter),
            id(l.reading_prev),
            id(l.reading_last),
            l.net.tiyn(),
            l.vat_amount.tiyn(),
            l.gross.tiyn(),
        ));
        // Lines without a limit say what they said before there were any.
        if let Some(limit) = l.limit {
            hasher.update(format!("limit {limit}\n"));
        }
    }
    let digest = hasher.finalize();
    u128::from_be_bytes(digest[..16].try_into().expect("a digest of 32 bytes"))
}

/// The same of what a month of a point hands over to the next one.
pub fn carried_hash(month: Period, point: PointId, carried: &Carried) -> u128 {
    let reading = carried.reading.map(|reading| (reading.id, reading.day, reading.value));
    let mut hasher = Sha256::new();
    hasher.update(format!(
        "{month}|{point}|{}|{}|{:?}|{reading:?}|{}|{}|{:?}",
        carried.volume.liters(),
        carried.basis,
        carried.meter,
        carried.months_without_reading,
        carried.provisional.liters(),
        carried.history,
    ));
    let digest = hasher.finalize();
    u128::from_be_bytes(digest[..16].try_into().expect("a digest of 32 bytes"))
}
