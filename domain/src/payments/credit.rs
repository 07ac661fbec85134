//! What a credit lessens: a recalculation in the subscriber's favour, a debt given up.

use super::{Allocation, OpenItem};
use crate::kernel::*;

/// What the credit is for comes first, then the same service and component from the oldest month, then everything else from the
/// oldest month. What nothing owed takes up is the advance.
pub fn credit(
    open: &[OpenItem],
    service: Service,
    component: Component,
    origin: Period,
    amount: Money,
) -> Allocation {
    let mut owed: Vec<&OpenItem> = open.iter().filter(|item| item.amount.is_positive()).collect();
    owed.sort_by_key(|item| {
        let same = (item.service, item.component) == (service, component);
        (!(same && item.origin == origin), !same, item.origin, item.id)
    });
    let mut left = amount.max(Money::ZERO);
    let mut parts = Vec::new();
    for item in owed {
        let covered = left.min(item.amount);
        if covered.is_positive() {
            parts.push((item.id, covered));
            left -= covered;
        }
    }
    Allocation { parts, advance: left }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: i64, month: &str, service: Service, component: Component, amount: &str) -> OpenItem {
        let origin: Period = month.parse().unwrap();
        OpenItem {
            id: OpenItemId(id),
            service,
            component,
            origin,
            due: origin.next().first_day(),
            amount: amount.parse().unwrap(),
        }
    }

    #[test]
    fn a_credit_lessens_what_it_is_for_first() {
        let open = [
            item(1, "2026-01", Service::Water, Component::Charge, "100.00"),
            item(2, "2026-01", Service::SewerageCold, Component::Charge, "50.00"),
            item(3, "2026-02", Service::Water, Component::Charge, "100.00"),
            item(4, "2025-12", Service::Water, Component::Penalty, "7.00"),
        ];
        let take = |amount: &str| {
            let month = "2026-02".parse().unwrap();
            let got = credit(&open, Service::Water, Component::Charge, month, amount.parse().unwrap());
            let parts: Vec<String> = got.parts.iter().map(|(id, sum)| format!("{id}={sum}")).collect();
            (parts.join(" "), got.advance.to_string())
        };
        assert_eq!(take("30.00"), ("3=30.00".into(), "0.00".into()));
        assert_eq!(take("130.00"), ("3=100.00 1=30.00".into(), "0.00".into()));
        assert_eq!(take("300.00"), ("3=100.00 1=100.00 4=7.00 2=50.00".into(), "43.00".into()));
        assert_eq!(take("0.00"), ("".into(), "0.00".into()));
    }
}
