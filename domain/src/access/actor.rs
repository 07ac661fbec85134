use std::collections::BTreeSet;

use uuid::Uuid;

use super::Permission;
use crate::kernel::{AccountId, ClientId, DistrictId, Sector, UserId};

/// Who is behind a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// A member of the staff.
    User(UserId),
    /// A subscriber signed in with the number of this account.
    Subscriber(AccountId),
    /// An outside program.
    Client(ClientId),
    /// The program itself: jobs, seed, command line.
    System,
}

/// Which rows the principal may touch. Finders take it; rows outside simply do not exist for the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole city.
    City,
    /// Accounts of these sectors in these districts; an empty set means all of that kind.
    Part { sectors: BTreeSet<Sector>, districts: BTreeSet<DistrictId> },
    /// Only these accounts.
    Own(BTreeSet<AccountId>),
}

impl Scope {
    /// Whether rows of the sector may be among them at all: months and runs are of sectors, not of districts.
    pub fn has_sector(&self, sector: Sector) -> bool {
        match self {
            Self::City => true,
            Self::Part { sectors, .. } => sectors.is_empty() || sectors.contains(&sector),
            Self::Own(_) => false,
        }
    }
}

/// The caller with rights and rows, made once per request from the access token.
#[derive(Debug, Clone)]
pub struct Actor {
    pub principal: Principal,
    /// What the audit trail shows: login, account number or client name.
    pub label: String,
    pub session: Option<Uuid>,
    pub permissions: BTreeSet<Permission>,
    pub scope: Scope,
    /// Signed in with a password that an administrator knows: may do nothing but choose another one.
    pub password_due: bool,
}

impl Actor {
    /// The program itself, with every right over the whole city.
    pub fn system(label: &str) -> Self {
        Self {
            principal: Principal::System,
            label: label.to_owned(),
            session: None,
            permissions: Permission::ALL.iter().copied().filter(|p| *p != Permission::OwnAccounts).collect(),
            scope: Scope::City,
            password_due: false,
        }
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.contains(&permission)
    }
}
