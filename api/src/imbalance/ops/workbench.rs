//! One house of a reckoning, opened: its flats, what each method would make of it and what may be behind it.

use std::collections::HashMap;

use domain::access::Scope;
use domain::imbalance::{Cause, Decision, Distribution, Flat, Policy, diagnose, distribute};
use domain::kernel::*;
use domain::tariffs::{ImbalanceMethod, TariffBook};
use entities::imbalance::facts;
use entities::imbalance::house::{self, HouseRow};
use entities::imbalance::reckoning::Reckoning;
use entities::kernel::{Db, Result};
use rust_decimal::Decimal;

use super::reckon::{Facts, Purpose};

/// Weight and volume of each account by one method.
type Parts = HashMap<AccountId, (u64, Volume)>;

/// A house as its workbench shows it.
#[derive(Debug, Clone)]
pub struct Bench {
    pub row: HouseRow,
    pub flats: Vec<Bencher>,
    pub causes: Vec<Cause>,
    /// Who would bear a share by area, and has none that is known.
    pub without_area: Vec<AccountId>,
    /// What each method would carry on.
    pub carried: Vec<(ImbalanceMethod, Volume)>,
}

/// A flat with its share by each method.
#[derive(Debug, Clone)]
pub struct Bencher {
    pub flat: Flat,
    /// By method: weight, litres, tenge for water and sewerage at the prices of the month's first day.
    pub shares: Vec<(ImbalanceMethod, u64, Volume, Money)>,
}

/// Nothing for a house outside of the scope or of the reckoning. Made from the facts of the reckoning by the rule of the
/// reckoning, so it shows the same figures.
pub async fn workbench(
    db: &Db,
    scope: &Scope,
    reckoning: &Reckoning,
    building: BuildingId,
) -> Result<Option<Bench>> {
    let Some(row) = house::find(db, scope, reckoning.id, building).await? else { return Ok(None) };
    let (month, known_at) = (reckoning.period(), reckoning.known_at);
    let purpose = match (reckoning.run(), reckoning.purpose.as_str()) {
        (Some(run), _) => Purpose::Run(run),
        (None, "look") => Purpose::Look,
        _ => Purpose::Scenario(reckoning.purpose_id),
    };
    let facts = Facts::new(db, month, known_at, purpose).await?;
    let found = facts::houses(db, month, known_at, Some(vec![building.0])).await?;
    let mut houses = facts.of(&found).await?;
    let Some((of_house, opened)) = houses.pop() else { return Ok(None) };

    let plain = facts.rules.policy(of_house);
    let made: Vec<(ImbalanceMethod, Distribution)> = ImbalanceMethod::ALL
        .iter()
        .map(|&method| {
            let policy = Policy { decision: Some(Decision::Distribute(method)), ..plain };
            (method, distribute(&opened, &policy))
        })
        .collect();
    let parts: Vec<(ImbalanceMethod, Parts)> = made
        .iter()
        .map(|(method, made)| {
            (*method, made.parts.iter().map(|part| (part.account, (part.weight, part.volume))).collect())
        })
        .collect();
    let price = price(&facts.book, month);
    let rounding =
        facts.book.methods.rounding(Sector::Multi, month.first_day()).ok().map(|setting| setting.value);
    let flats = opened
        .flats
        .iter()
        .map(|flat| {
            let share = |(method, parts): &(ImbalanceMethod, HashMap<AccountId, (u64, Volume)>)| {
                let (weight, volume) = parts.get(&flat.account).copied().unwrap_or_default();
                let money = rounding.map_or(Money::ZERO, |rounding| {
                    price.iter().map(|price| Money::rounded(volume.to_decimal() * price, rounding)).sum()
                });
                (*method, weight, volume, money)
            };
            Bencher { flat: flat.clone(), shares: parts.iter().map(share).collect() }
        })
        .collect();
    let carried = made.iter().map(|(method, made)| (*method, made.carried_out)).collect();
    let causes = if row.measured.is_some() { diagnose(&opened, row.gap) } else { Vec::new() };
    let without_area = opened.without_area();
    Ok(Some(Bench { row, flats, causes, without_area, carried }))
}

/// Tenge per m³ with VAT for water and for its sewerage, as the population pays them; what has no price costs nothing here.
fn price(book: &TariffBook, month: Period) -> Vec<Decimal> {
    let day = month.first_day();
    let vat = book.vat(day).map_or(Decimal::ZERO, |vat| vat.value);
    [Service::Water, Service::SewerageCold]
        .into_iter()
        .filter_map(|service| book.price(service, ConsumerGroup::Population, day).ok())
        .map(|price| price.value * (Decimal::ONE + vat))
        .collect()
}
