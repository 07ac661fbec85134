//! The policy by which a payment covers debts: steps in an order, signed by two people for each sector.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::AllocationOrder;
use crate::kernel::*;

/// Steps, the first one covered first. Components of one step count as one: oldest month first, then pro rata. Every component
/// stands in one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationPolicy(Vec<Vec<Component>>);

/// What stands for the three components of the debt itself.
const PRINCIPAL: [Component; 3] = [Component::Charge, Component::Imbalance, Component::OneOff];

impl AllocationPolicy {
    /// The place of a component in the order.
    pub fn rank(&self, component: Component) -> usize {
        self.0.iter().position(|step| step.contains(&component)).unwrap_or(self.0.len())
    }

    pub fn steps(&self) -> impl Iterator<Item = &[Component]> {
        self.0.iter().map(Vec::as_slice)
    }
}

impl From<AllocationOrder> for AllocationPolicy {
    fn from(order: AllocationOrder) -> Self {
        let (cost, penalty) = (vec![Component::Cost], vec![Component::Penalty]);
        Self(match order {
            AllocationOrder::CostPenaltyPrincipal => vec![cost, penalty, PRINCIPAL.to_vec()],
            AllocationOrder::CostPrincipalPenalty => vec![cost, PRINCIPAL.to_vec(), penalty],
        })
    }
}

impl FromStr for AllocationPolicy {
    type Err = ();

    /// A code of [`AllocationOrder`], or steps like `cost,charge+imbalance,penalty,one_off`; `principal` is charge, imbalance and
    /// one_off together.
    fn from_str(text: &str) -> Result<Self, ()> {
        if let Some(order) = AllocationOrder::from_code(text.trim()) {
            return Ok(order.into());
        }
        let component = |word: &str| match word.trim() {
            "principal" => Ok(PRINCIPAL.to_vec()),
            code => Component::from_code(code).map(|one| vec![one]).ok_or(()),
        };
        let step = |step: &str| {
            let parts: Vec<Vec<Component>> = step.split('+').map(component).collect::<Result<_, _>>()?;
            Ok(parts.concat())
        };
        let steps: Vec<Vec<Component>> = text.split(',').map(step).collect::<Result<_, _>>()?;
        let all = steps.concat();
        let once = |of: &Component| all.iter().filter(|one| *one == of).count() == 1;
        if Component::ALL.iter().all(once) { Ok(Self(steps)) } else { Err(()) }
    }
}

impl fmt::Display for AllocationPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = |step: &Vec<Component>| {
            let mut words: Vec<&str> = step.iter().map(|one| one.code()).collect();
            if PRINCIPAL.iter().all(|one| step.contains(one)) {
                words = step.iter().filter(|one| !PRINCIPAL.contains(one)).map(|one| one.code()).collect();
                words.push("principal");
            }
            words.join("+")
        };
        f.write_str(&self.0.iter().map(step).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_component_stands_once() {
        let read = |text: &str| text.parse::<AllocationPolicy>();
        for (text, said) in [
            ("cost_penalty_principal", "cost,penalty,principal"),
            ("cost,principal,penalty", "cost,principal,penalty"),
            ("cost, charge+imbalance, penalty, one_off", "cost,charge+imbalance,penalty,one_off"),
            ("principal+penalty+cost", "penalty+cost+principal"),
        ] {
            assert_eq!(read(text).unwrap().to_string(), said);
            assert_eq!(read(said).unwrap().to_string(), said);
        }
        for wrong in
            ["", "cost", "cost,penalty", "cost,penalty,principal,charge", "cost,penalty,principal,", "all"]
        {
            assert_eq!(read(wrong), Err(()), "{wrong}");
        }
        assert_eq!(read("cost,principal,penalty").unwrap(), AllocationOrder::CostPrincipalPenalty.into());
    }
}
