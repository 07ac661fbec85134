//! Cash desks: who may sit where, shifts, what moved in them, counts, orders, fiscal receipts.

pub mod count;
pub mod denomination;
pub mod desk;
pub mod operation;
pub mod order;
pub mod receipt;
pub mod report;
pub mod shift;

use desk::Desk;
use domain::access::{Actor, Permission};

/// Which desks somebody sees: all, or those where the person may sit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Desks {
    All,
    Of(String),
}

impl Desks {
    /// Over a desk `d`; bind the value at `$1`.
    pub(crate) const WHERE: &'static str = "($1::text IS NULL OR $1 = ANY (d.cashiers))";

    pub fn of(actor: &Actor) -> Self {
        if actor.may(Permission::CashdeskRead) || actor.may(Permission::CashdeskOversee) {
            return Self::All;
        }
        Self::Of(actor.label.clone())
    }

    /// The same of a desk that was read already.
    pub fn sees(&self, desk: &Desk) -> bool {
        match self {
            Self::All => true,
            Self::Of(login) => desk.cashiers.contains(login),
        }
    }

    pub(crate) fn value(&self) -> sea_orm::Value {
        match self {
            Self::All => None::<String>.into(),
            Self::Of(login) => Some(login.clone()).into(),
        }
    }
}
