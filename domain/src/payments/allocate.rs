//! One payment over what is owed.

use super::{Allocation, AllocationOrder, OpenItem};
use crate::kernel::*;

/// Covers items in the order of the setting, oldest month first; items of one rank and month share what is left pro rata to
/// the tiyn, the largest remainders get one more. What covers nothing is the advance.
pub fn allocate(open: &[OpenItem], amount: Money, order: AllocationOrder) -> Allocation {
    let mut owed: Vec<&OpenItem> = open.iter().filter(|item| item.amount.is_positive()).collect();
    owed.sort_by_key(|item| (rank(item.component, order), item.origin, item.id));

    let mut left = amount.max(Money::ZERO);
    let mut parts = Vec::new();
    for peers in
        owed.chunk_by(|a, b| rank(a.component, order) == rank(b.component, order) && a.origin == b.origin)
    {
        let owed: Money = peers.iter().map(|item| item.amount).sum();
        let covered = left.min(owed);
        let weights: Vec<u64> = peers.iter().map(|item| item.amount.tiyn().unsigned_abs()).collect();
        for (item, tiyn) in peers.iter().zip(largest_remainder(covered.tiyn(), &weights)) {
            if tiyn > 0 {
                parts.push((item.id, Money::from_tiyn(tiyn)));
            }
        }
        left -= covered;
    }
    Allocation { parts, advance: left }
}

/// The place of a component in the order.
fn rank(component: Component, order: AllocationOrder) -> u8 {
    let penalty_first = order == AllocationOrder::CostPenaltyPrincipal;
    match component {
        Component::Cost => 0,
        Component::Penalty if penalty_first => 1,
        Component::Penalty => 3,
        Component::Charge | Component::Imbalance | Component::OneOff => 2,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::table::for_each_row;

    /// Items like "2026-01:water:charge:100.00", numbered from 1.
    fn items(text: &str) -> Vec<OpenItem> {
        let item = |(at, text): (usize, &str)| {
            let [origin, service, component, amount] = text.split(':').collect::<Vec<_>>()[..] else {
                panic!("an item is month:service:component:tenge, not {text}")
            };
            let origin: Period = origin.parse().unwrap();
            OpenItem {
                id: OpenItemId(at as i64 + 1),
                service: Service::from_code(service).unwrap(),
                component: Component::from_code(component).unwrap(),
                origin,
                due: crate::billing::due_date(origin, 25),
                amount: amount.parse().unwrap(),
            }
        };
        text.split(',').filter(|text| *text != "-").enumerate().map(item).collect()
    }

    #[test]
    fn allocation_vectors() {
        for_each_row(include_str!("vectors/allocation.txt"), |row| {
            let order = AllocationOrder::from_code(row.text("order")).expect("a known order");
            let got = allocate(&items(row.text("open")), row.get("paid"), order);
            let parts: Vec<String> = got.parts.iter().map(|(id, money)| format!("{id}={money}")).collect();
            let parts = if parts.is_empty() { "-".to_owned() } else { parts.join(",") };
            row.expect("parts", parts);
            row.expect("advance", got.advance);
        });
    }

    fn some_item() -> impl Strategy<Value = (usize, usize, u32, i64)> {
        (0..3_usize, 0..Component::ALL.len(), 1..13_u32, 0..500_000_i64)
    }

    proptest! {
        #[test]
        fn sums_are_exact_and_no_item_is_overpaid(
            items in prop::collection::vec(some_item(), 0..12),
            paid in 1..2_000_000_i64,
            order in prop::sample::select(AllocationOrder::ALL),
        ) {
            let open: Vec<OpenItem> = items.iter().enumerate().map(|(at, (service, component, month, tiyn))| {
                let origin = Period::new(2025, *month).unwrap();
                OpenItem {
                    id: OpenItemId(at as i64),
                    service: Service::ALL[*service],
                    component: Component::ALL[*component],
                    origin,
                    due: origin.last_day(),
                    amount: Money::from_tiyn(*tiyn),
                }
            }).collect();
            let got = allocate(&open, Money::from_tiyn(paid), order);
            let covered: Money = got.parts.iter().map(|(_, money)| *money).sum();
            let owed: Money = open.iter().map(|item| item.amount).sum();
            prop_assert_eq!((covered + got.advance).tiyn(), paid);
            prop_assert_eq!(covered, owed.min(Money::from_tiyn(paid)));
            for (id, money) in &got.parts {
                let item = open.iter().find(|item| item.id == *id).unwrap();
                prop_assert!(money.is_positive() && *money <= item.amount);
            }
        }
    }
}
