//! Who bears how much of the difference of a house.

use super::*;

/// The difference of a house and what becomes of it. The order of the accounts does not matter.
pub fn distribute(house: &House, policy: &Policy) -> Distribution {
    let sum = |of: fn(&Own) -> Volume| house.flats.iter().map(|flat| of(&flat.own)).sum::<Volume>();
    let non_residential: Volume = house.non_residential.iter().map(|one| one.own.cold()).sum();
    let hot = sum(|own| own.hot) + house.non_residential.iter().map(|one| one.own.hot).sum::<Volume>();
    let silent = house.silent();
    let failed =
        matches!(silent, Some(HouseReason::Expired | HouseReason::Absent | HouseReason::BilledInBulk));
    let average = failed.then(|| house.average(policy.average_days)).flatten();
    let shown = average.unwrap_or_else(|| house.inlets.iter().filter_map(Inlet::volume).sum());
    let accounted = sum(Own::cold) + non_residential + hot + house.corrected;
    let gap = shown - accounted;
    let method = match policy.decision {
        Some(Decision::Distribute(method)) => method,
        _ => policy.method,
    };
    let mut result = Distribution {
        state: HouseState::Carried,
        reason: silent.filter(|_| average.is_none()),
        compared_by: match average {
            Some(_) => Some(ComparedBy::Average),
            None => (!failed).then_some(ComparedBy::Meter),
        },
        measured: (silent.is_none() || average.is_some()).then_some(shown),
        metered: sum(|own| own.metered),
        averaged: sum(|own| own.averaged),
        normed: sum(|own| own.normed + own.agreed),
        non_residential,
        hot,
        corrected: house.corrected,
        gap,
        carried_in: house.carried_in,
        total: gap + house.carried_in,
        distributed: Volume::ZERO,
        carried_out: gap + house.carried_in,
        dropped: Volume::ZERO,
        method,
        whole: Volume::ZERO,
        weights: 0,
        parts: Vec::new(),
    };
    match result.reason {
        // The reading to come shows this month too, so what was accounted for in it waits for that.
        Some(HouseReason::NoReading) => {
            if policy.decision == Some(Decision::Zero) {
                result.drop_only(house.carried_in, gap);
            }
        }
        // Nobody knows what came in: the month is compared with nothing, not even later. What was recalculated of months that
        // were is not lost.
        Some(_) => {
            result.gap = Volume::ZERO - house.corrected;
            result.total = result.gap + house.carried_in;
            result.carried_out = result.total;
            if result.total.is_zero() {
                result.state = HouseState::Nothing;
            } else if policy.decision == Some(Decision::Zero) {
                result.drop_only(result.total, Volume::ZERO);
            }
        }
        None => settle(&mut result, house, policy, shown),
    }
    result
}

fn settle(result: &mut Distribution, house: &House, policy: &Policy, shown: Volume) {
    let total = result.total;
    let above = i128::from(total.liters().abs()) * 100
        > i128::from(policy.hold_above_percent) * i128::from(shown.liters());
    match policy.decision {
        Some(Decision::Hold) => result.wait(HouseState::Held, HouseReason::Decided),
        Some(Decision::Carry) => result.wait(HouseState::Carried, HouseReason::Decided),
        Some(Decision::Zero) => result.drop_only(total, Volume::ZERO),
        _ if !house.unreckoned.is_empty() => result.wait(HouseState::Held, HouseReason::Unreckoned),
        _ if total.is_zero() => result.state = HouseState::Nothing,
        Some(Decision::Distribute(_)) => {
            result.reason = Some(HouseReason::Decided);
            share_out(result, house, policy.cap);
        }
        None if above => result.wait(HouseState::Held, HouseReason::AboveThreshold),
        None if total < Volume::ZERO => match policy.negative {
            NegativeImbalance::Credit => share_out(result, house, policy.cap),
            NegativeImbalance::Carry => result.wait(HouseState::Carried, HouseReason::Negative),
            NegativeImbalance::Ignore => {
                result.drop_only(total, Volume::ZERO);
                result.reason = Some(HouseReason::Negative);
            }
        },
        None => share_out(result, house, policy.cap),
    }
}

impl Distribution {
    fn wait(&mut self, state: HouseState, reason: HouseReason) {
        (self.state, self.reason) = (state, Some(reason));
    }

    fn drop_only(&mut self, dropped: Volume, left: Volume) {
        self.state = HouseState::Ignored;
        self.reason = Some(HouseReason::Decided);
        (self.dropped, self.carried_out) = (dropped, left);
    }
}

/// What each account weighs by a method, in the order of account ids; those that bear no share weigh nothing.
pub fn weights(house: &House, method: ImbalanceMethod) -> Vec<(AccountId, u64)> {
    let weight = |flat: &Flat| {
        let own = &flat.own;
        if !flat.bears() {
            return 0;
        }
        match method {
            ImbalanceMethod::ByRegistered => u64::from(own.people),
            ImbalanceMethod::ByVolume => u64::try_from(own.cold().liters()).unwrap_or_default(),
            ImbalanceMethod::Equal => 1,
            ImbalanceMethod::ByArea => flat.area_dm2.map_or(0, u64::from),
            ImbalanceMethod::UnmeteredOnly if own.valid_meter => 0,
            ImbalanceMethod::UnmeteredOnly => u64::from(own.people),
        }
    };
    let mut all: Vec<_> = house.accounts().map(|flat| (flat.account, weight(flat))).collect();
    all.sort_by_key(|(account, _)| *account);
    all
}

fn share_out(result: &mut Distribution, house: &House, cap: Option<Volume>) {
    // Without an area a flat would bear nothing, and the others its share: somebody has to measure first, whoever has decided.
    if result.method == ImbalanceMethod::ByArea && !house.without_area().is_empty() {
        return result.wait(HouseState::Held, HouseReason::AreaUnknown);
    }
    let weighed = weights(house, result.method);
    let sum: u64 = weighed.iter().map(|(_, weight)| weight).sum();
    if sum == 0 {
        return result.wait(HouseState::Carried, HouseReason::NoWeight);
    }
    let ws: Vec<u64> = weighed.iter().map(|(_, weight)| *weight).collect();
    let whole = result.total;
    let mut parts: Vec<Part> = weighed
        .iter()
        .zip(largest_remainder(whole.liters(), &ws))
        .map(|(&(account, weight), liters)| Part { account, weight, volume: Volume::from_liters(liters) })
        .filter(|part| part.weight > 0)
        .collect();
    let mut limited = false;
    for part in &mut parts {
        let Some(flat) = house.accounts().find(|flat| flat.account == part.account) else { continue };
        let most = limit(flat, whole, cap);
        let bounded = part.volume.liters().clamp(-most, most);
        limited |= bounded != part.volume.liters();
        part.volume = Volume::from_liters(bounded);
    }
    let distributed: Volume = parts.iter().map(|part| part.volume).sum();
    if distributed.is_zero() {
        return result.wait(HouseState::Carried, HouseReason::Capped);
    }
    (result.whole, result.weights) = (whole, sum);
    if limited {
        // What the limits left to each is now what it is a share of, so that a bill's line still adds up from its own figures.
        result.reason = Some(HouseReason::Capped);
        result.whole = distributed;
        result.weights = distributed.liters().unsigned_abs();
        parts.iter_mut().for_each(|part| part.weight = part.volume.liters().unsigned_abs());
    }
    result.state = HouseState::Distributed;
    result.distributed = distributed;
    result.carried_out = whole - distributed;
    result.parts = parts;
}

/// The most litres that a share may add or take: a bill is never less than nothing.
fn limit(flat: &Flat, whole: Volume, cap: Option<Volume>) -> i64 {
    if whole < Volume::ZERO {
        return flat.own.cold().liters().max(0);
    }
    cap.map_or(i64::MAX, |cap| cap.liters().saturating_mul(i64::from(flat.own.people)))
}
