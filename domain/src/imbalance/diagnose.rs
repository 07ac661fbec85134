//! Why a house's meter shows something else than its flats account for: causes with litres and the accounts behind them.

use super::*;

/// A possible cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub kind: CauseKind,
    /// Litres of the gap that it may explain, signed like the gap; none where nothing tells.
    pub estimate: Option<Volume>,
    /// Litres that are billed without a measurement because of it.
    pub at_stake: Volume,
    pub accounts: Vec<AccountId>,
}

/// The causes found in a house, those that explain most first; what nothing explains is the last. Estimates compare what is
/// billed without a reading with what the account usually uses or, where that is not known, with what the metered neighbours use
/// per person.
pub fn diagnose(house: &House, gap: Volume) -> Vec<Cause> {
    let neighbours = per_person(house);
    let mut causes: Vec<Cause> = [
        CauseKind::MissingReadings,
        CauseKind::ExpiredMeters,
        CauseKind::NobodyRegistered,
        CauseKind::Occupancy,
    ]
    .into_iter()
    .filter_map(|kind| {
        let flats = house.flats.iter().filter(|flat| kind_of(flat) == Some(kind));
        unmeasured(kind, flats, neighbours)
    })
    .collect();
    causes.extend(clock_skew(house));
    let agreed: Vec<_> = house.non_residential.iter().filter(|one| one.own.agreed > Volume::ZERO).collect();
    if !agreed.is_empty() {
        causes.push(Cause {
            kind: CauseKind::NonResidential,
            estimate: None,
            at_stake: agreed.iter().map(|one| one.own.agreed).sum(),
            accounts: agreed.iter().map(|one| one.account).collect(),
        });
    }
    causes.sort_by_key(|cause| {
        let size = |volume: Volume| std::cmp::Reverse(volume.liters().abs());
        (size(cause.estimate.unwrap_or_default()), size(cause.at_stake))
    });
    let explained: Volume = causes.iter().filter_map(|cause| cause.estimate).sum();
    let rest = gap - explained;
    if !rest.is_zero() {
        causes.push(Cause {
            kind: CauseKind::Rest,
            estimate: Some(rest),
            at_stake: Volume::ZERO,
            accounts: Vec::new(),
        });
    }
    causes
}

/// Why a flat's water is billed without a reading; none where it is measured.
fn kind_of(flat: &Flat) -> Option<CauseKind> {
    let own = &flat.own;
    if own.expired_meter && !own.valid_meter {
        Some(CauseKind::ExpiredMeters)
    } else if own.valid_meter {
        (own.averaged + own.normed > Volume::ZERO).then_some(CauseKind::MissingReadings)
    } else if own.point.is_none() {
        None
    } else if own.registered == 0 {
        Some(CauseKind::NobodyRegistered)
    } else {
        Some(CauseKind::Occupancy)
    }
}

fn unmeasured<'a>(
    kind: CauseKind,
    flats: impl Iterator<Item = &'a Flat>,
    neighbours: Option<(i64, i64)>,
) -> Option<Cause> {
    let mut cause = Cause { kind, estimate: None, at_stake: Volume::ZERO, accounts: Vec::new() };
    let mut estimate = None;
    for flat in flats {
        let billed = flat.own.averaged + flat.own.normed;
        cause.accounts.push(flat.account);
        cause.at_stake += billed;
        let likely = flat.own.usual.or_else(|| {
            let (liters, people) = neighbours?;
            // Nobody registered is at least somebody, or there would be nothing to explain.
            Some(Volume::from_liters(liters * i64::from(flat.own.people.max(1)) / people))
        });
        if let Some(likely) = likely {
            *estimate.get_or_insert(Volume::ZERO) += likely - billed;
        }
    }
    cause.accounts.sort_unstable();
    cause.estimate = estimate;
    (!cause.accounts.is_empty()).then_some(cause)
}

/// Litres and people of the flats that are measured whole.
fn per_person(house: &House) -> Option<(i64, i64)> {
    let measured = house
        .flats
        .iter()
        .filter(|flat| flat.own.metered > Volume::ZERO && (flat.own.averaged + flat.own.normed).is_zero());
    let (liters, people) = measured.fold((0, 0), |(liters, people), flat| {
        (liters + flat.own.metered.liters(), people + i64::from(flat.own.people))
    });
    (people > 0).then_some((liters, people))
}

/// What the measured flats use on the days by which their reading intervals are shorter or longer than the house's.
fn clock_skew(house: &House) -> Option<Cause> {
    house.silent().is_none().then_some(())?;
    let (from, to) = house.days();
    let days = (to - from).num_days();
    let (mut liters, mut accounts) = (0, Vec::new());
    for flat in &house.flats {
        let Some((begun, ended)) = flat.own.read else { continue };
        let own_days = (ended - begun).num_days();
        if own_days > 0 && own_days != days {
            liters += flat.own.metered.liters() * (days - own_days) / own_days;
            accounts.push(flat.account);
        }
    }
    accounts.sort_unstable();
    (!accounts.is_empty()).then(|| Cause {
        kind: CauseKind::ClockSkew,
        estimate: Some(Volume::from_liters(liters)),
        at_stake: Volume::ZERO,
        accounts,
    })
}
