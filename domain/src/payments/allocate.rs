//! One payment over what is owed.

use super::{Allocation, AllocationPolicy, OpenItem};
use crate::kernel::*;

/// What of the open items a payment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// Nobody said: everything, by the policy.
    Any,
    /// This service first, then the rest by the policy.
    Service(Service),
    /// What arose in this month first, then the rest by the policy.
    Bill(Period),
    /// These items and no others: money of a court, a bailiff, an instalment. What they leave is an advance.
    Only(&'a [OpenItemId]),
    /// So much of these items and nothing else, costs first, then month by month, whatever the policy says: a claim, the parts of a
    /// plan as they fall due.
    Parts(&'a [(OpenItemId, Money)]),
}

impl Target<'_> {
    fn names(self, item: &OpenItem) -> bool {
        match self {
            Self::Any => true,
            Self::Service(service) => item.service == service,
            Self::Bill(month) => item.origin == month,
            Self::Only(items) => items.contains(&item.id),
            Self::Parts(parts) => parts.iter().any(|(id, _)| *id == item.id),
        }
    }

    /// What of an item it may cover.
    fn of(self, item: &OpenItem) -> Money {
        match self {
            Self::Parts(parts) => {
                let named: Money = parts.iter().filter(|(id, _)| *id == item.id).map(|(_, sum)| *sum).sum();
                named.min(item.amount)
            }
            _ => item.amount,
        }
    }

    /// The step that an item stands in; all of one are covered pro rata.
    fn step(self, item: &OpenItem, policy: &AllocationPolicy) -> (usize, Period) {
        match self {
            Self::Parts(_) => (usize::from(item.component != Component::Cost), item.origin),
            _ => (policy.rank(item.component), item.origin),
        }
    }
}

/// Covers what the payment names, then everything else: each in the order of the policy, oldest month first; items of one step and
/// month share what is left pro rata to the tiyn, the largest remainders get one more. What covers nothing is the advance.
pub fn allocate(
    open: &[OpenItem],
    amount: Money,
    policy: &AllocationPolicy,
    target: Target<'_>,
) -> Allocation {
    let owed = open.iter().filter(|item| item.amount.is_positive());
    let (mut named, mut others): (Vec<&OpenItem>, Vec<&OpenItem>) = owed.partition(|item| target.names(item));
    if matches!(target, Target::Only(_) | Target::Parts(_)) {
        others.clear();
    }
    let mut left = amount.max(Money::ZERO);
    let mut parts = Vec::new();
    for owed in [&mut named, &mut others] {
        let step = |item: &OpenItem| target.step(item, policy);
        owed.sort_by_key(|item| (step(item), item.id));
        for peers in owed.chunk_by(|a, b| step(a) == step(b)) {
            let weights: Vec<u64> = peers.iter().map(|item| target.of(item).tiyn().unsigned_abs()).collect();
            let owed: Money = peers.iter().map(|item| target.of(item)).sum();
            let covered = left.min(owed);
            for (item, tiyn) in peers.iter().zip(largest_remainder(covered.tiyn(), &weights)) {
                if tiyn > 0 {
                    parts.push((item.id, Money::from_tiyn(tiyn)));
                }
            }
            left -= covered;
        }
    }
    Allocation { parts, advance: left }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::kernel::table::for_each_row;
    use crate::payments::{AllocationOrder, PaymentTarget};

    /// Items like "1+3".
    fn numbers(text: &str) -> Vec<OpenItemId> {
        text.split('+').map(|id| OpenItemId(id.parse().expect("the number of an item"))).collect()
    }

    /// Sums of items like "1=60.00+3=5.00".
    fn sums(text: &str) -> Vec<(OpenItemId, Money)> {
        let part = |part: &str| {
            let (id, sum) = part.split_once('=').expect("an item and a sum");
            (OpenItemId(id.parse().expect("the number of an item")), Money::tenge(sum).expect("a sum"))
        };
        text.split('+').map(part).collect()
    }

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
            let policy: AllocationPolicy = row.text("policy").parse().expect("a policy");
            let only = row.text("target").strip_prefix("only:").map(numbers).unwrap_or_default();
            let parts = row.text("target").strip_prefix("parts:").map(sums).unwrap_or_default();
            let target = match row.text("target") {
                "-" => Target::Any,
                text if text.starts_with("only:") => Target::Only(&only),
                text if text.starts_with("parts:") => Target::Parts(&parts),
                text => match text.parse().expect("a target") {
                    PaymentTarget::Service(service) => Target::Service(service),
                    PaymentTarget::Bill(month) => Target::Bill(month),
                    PaymentTarget::Earmark(_) => panic!("items of an earmark are listed by only:"),
                },
            };
            let got = allocate(&items(row.text("open")), row.get("paid"), &policy, target);
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
            which in 0..5_u32,
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
            let only: Vec<OpenItemId> = open.iter().map(|item| item.id).filter(|id| id.0 % 2 == 0).collect();
            // More than the item, less than it, and the whole.
            let share = |item: &OpenItem| Money::from_tiyn(item.amount.tiyn() * (item.id.0 % 3 + 1) / 2).max(Money::from_tiyn(1));
            let parts: Vec<(OpenItemId, Money)> =
                open.iter().filter(|item| only.contains(&item.id)).map(|item| (item.id, share(item))).collect();
            let target = match which {
                0 => Target::Any,
                1 => Target::Service(Service::Water),
                2 => Target::Bill(Period::new(2025, 3).unwrap()),
                3 => Target::Only(&only),
                _ => Target::Parts(&parts),
            };
            let got = allocate(&open, Money::from_tiyn(paid), &order.into(), target);
            let covered: Money = got.parts.iter().map(|(_, money)| *money).sum();
            let meant = |item: &&OpenItem| which < 3 || only.contains(&item.id);
            let owed: Money = open.iter().filter(meant).map(|item| target.of(item)).sum();
            prop_assert_eq!((covered + got.advance).tiyn(), paid);
            prop_assert_eq!(covered, owed.min(Money::from_tiyn(paid)));
            for (id, money) in &got.parts {
                let item = open.iter().find(|item| item.id == *id).unwrap();
                prop_assert!(money.is_positive() && *money <= target.of(item));
                prop_assert!(meant(&item), "money of a target goes to nothing else");
            }
            // What is named is covered before anything else has a tiyn.
            let of = |named: bool| {
                let parts = got.parts.iter().filter(|(id, _)| {
                    target.names(open.iter().find(|item| item.id == *id).unwrap()) == named
                });
                parts.map(|(_, money)| *money).sum::<Money>()
            };
            let named: Money = open.iter().filter(|item| target.names(item)).map(|item| target.of(item)).sum();
            prop_assert!(of(false).is_zero() || of(true) == named);
        }
    }
}
