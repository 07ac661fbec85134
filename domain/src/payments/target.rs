//! What a payment is for, where its payer, a court or an agreement says so.

use std::fmt;
use std::str::FromStr;

use crate::kernel::*;

codes! {
    /// Who tied money to a debt (вид целевого назначения).
    EarmarkKind {
        /// A judgement: money of its execution covers what was adjudged (решение суда).
        Court = "court",
        /// A bailiff collects it (судебный исполнитель).
        Bailiff = "bailiff",
        /// An agreement on instalments (рассрочка).
        Instalment = "instalment",
    }
}

codes! {
    /// An act that ties money by itself, and unties it with its own end (чем установлено целевое назначение).
    EarmarkAct {
        /// A plan of instalments (соглашение о рассрочке).
        Plan = "plan",
        /// A claim (взыскание).
        Claim = "claim",
    }
}

/// What a payment names (назначение платежа).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentTarget {
    /// This service first.
    Service(Service),
    /// What was charged for this month first.
    Bill(Period),
    /// Debts that a judgement, a bailiff or an agreement names, and nothing else.
    Earmark(EarmarkId),
}

impl fmt::Display for PaymentTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(service) => write!(f, "service:{service}"),
            Self::Bill(month) => write!(f, "bill:{month}"),
            Self::Earmark(id) => write!(f, "earmark:{id}"),
        }
    }
}

impl FromStr for PaymentTarget {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, what) = text.split_once(':').ok_or(())?;
        match kind {
            "service" => Service::from_code(what).map(Self::Service).ok_or(()),
            "bill" => what.parse().map(Self::Bill).map_err(drop),
            "earmark" => what.parse().map(|id| Self::Earmark(EarmarkId(id))).map_err(drop),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_kept_as_a_text() {
        for text in ["service:water", "bill:2026-02", "earmark:12"] {
            assert_eq!(text.parse::<PaymentTarget>().unwrap().to_string(), text);
        }
        for wrong in ["", "water", "service:gas", "bill:2026-13", "earmark:x", "all:1"] {
            assert_eq!(wrong.parse::<PaymentTarget>(), Err(()), "{wrong}");
        }
    }
}
