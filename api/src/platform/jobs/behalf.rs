use domain::access::{Actor, Permission, Principal, Scope};
use domain::kernel::*;
use serde::{Deserialize, Serialize};

/// On whose behalf a job works: it has no more rights and rows than the person who asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Behalf {
    label: String,
    user: Option<UserId>,
    permissions: Vec<Permission>,
    rows: Rows,
}

/// A [`Scope`] as it is kept with a job.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Rows {
    City,
    Part(Vec<Sector>, Vec<DistrictId>),
    Own(Vec<AccountId>),
}

impl Behalf {
    pub fn of(actor: &Actor) -> Self {
        Self {
            label: actor.label.clone(),
            user: match actor.principal {
                Principal::User(id) => Some(id),
                _ => None,
            },
            permissions: actor.permissions.iter().copied().collect(),
            rows: match &actor.scope {
                Scope::City => Rows::City,
                Scope::Part { sectors, districts } => {
                    Rows::Part(sectors.iter().copied().collect(), districts.iter().copied().collect())
                }
                Scope::Own(accounts) => Rows::Own(accounts.iter().copied().collect()),
            },
        }
    }

    pub fn actor(&self) -> Actor {
        Actor {
            principal: self.user.map_or(Principal::System, Principal::User),
            label: self.label.clone(),
            session: None,
            permissions: self.permissions.iter().copied().collect(),
            scope: match &self.rows {
                Rows::City => Scope::City,
                Rows::Part(sectors, districts) => Scope::Part {
                    sectors: sectors.iter().copied().collect(),
                    districts: districts.iter().copied().collect(),
                },
                Rows::Own(accounts) => Scope::Own(accounts.iter().copied().collect()),
            },
            password_due: false,
        }
    }
}
