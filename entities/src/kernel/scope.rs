//! The row scope as three arrays that any SQL can take; NULL means "no limit of this kind".

use domain::access::Scope;
use sea_orm::Value;

/// Bind as `$1, $2, $3` and filter an account row `a` by [`ScopeArgs::WHERE`].
#[derive(Debug, Clone)]
pub struct ScopeArgs {
    pub sectors: Option<Vec<String>>,
    pub districts: Option<Vec<i64>>,
    pub accounts: Option<Vec<i64>>,
}

impl ScopeArgs {
    /// The condition over `subscribers.account a`.
    pub const WHERE: &'static str = "($1::text[] IS NULL OR a.sector = ANY ($1)) \
         AND ($2::bigint[] IS NULL OR a.district_id = ANY ($2)) \
         AND ($3::bigint[] IS NULL OR a.id = ANY ($3))";

    pub fn values(&self) -> [Value; 3] {
        [self.sectors.clone().into(), self.districts.clone().into(), self.accounts.clone().into()]
    }
}

impl From<&Scope> for ScopeArgs {
    fn from(scope: &Scope) -> Self {
        match scope {
            Scope::City => Self { sectors: None, districts: None, accounts: None },
            Scope::Part { sectors, districts } => Self {
                sectors: (!sectors.is_empty()).then(|| sectors.iter().map(|s| s.code().to_owned()).collect()),
                districts: (!districts.is_empty()).then(|| districts.iter().map(|d| d.0).collect()),
                accounts: None,
            },
            Scope::Own(accounts) => Self {
                sectors: None,
                districts: None,
                accounts: Some(accounts.iter().map(|a| a.0).collect()),
            },
        }
    }
}
